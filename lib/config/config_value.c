/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_value.h"

#include "base_clock.h"
#include "base_units.h"
#include "config_device.h"
#include "config_error.h"
#include "config_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* One text on its way to its field. */
struct attempt {
	const struct config_key *key;
	const char *text;
	size_t len;
	void *field;
	struct base_strbuf *why; /* may be NULL */
};

/* Says what was found, by printf's rules, then what `key` expects. */
static int refuse(const struct attempt *attempt, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static int refuse(const struct attempt *attempt, const char *format, ...)
{
	va_list args;

	if (!attempt->why)
		return -EINVAL;
	va_start(args, format);
	base_strbuf_vprintf(attempt->why, format, args);
	va_end(args);
	base_strbuf_puts(attempt->why, "; expected ");
	config_words_expect(attempt->key, attempt->why);
	return -EINVAL;
}

static int refuse_quoted(const struct attempt *attempt, const char *verdict)
{
	char quoted[CONFIG_QUOTE_BYTES];

	return refuse(attempt, "%s %s", config_quote(attempt->text, attempt->len, quoted), verdict);
}

bool config_value_is_number(enum config_type type)
{
	return type == CONFIG_TYPE_COUNT || type == CONFIG_TYPE_BYTES
			|| type == CONFIG_TYPE_DURATION || type == CONFIG_TYPE_CPU
			|| type == CONFIG_TYPE_SEED;
}

static int parse_seed(const char *text, uint64_t *value)
{
	char *end;

	if (strncmp(text, "0x", 2) != 0)
		return base_units_parse_count(text, value);
	if (text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] != '\0' || text[2] == '\0')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 16);
	return errno ? -ERANGE : 0;
}

int config_value_number(enum config_type type, const char *text, uint64_t *value)
{
	int64_t ns;
	int rc;

	switch (type) {
	case CONFIG_TYPE_COUNT:
	case CONFIG_TYPE_CPU:
	case CONFIG_TYPE_CPUS:
		return base_units_parse_count(text, value);
	case CONFIG_TYPE_BYTES:
		return base_units_parse_bytes(text, value);
	case CONFIG_TYPE_SEED:
		return parse_seed(text, value);
	case CONFIG_TYPE_DURATION:
		rc = base_units_parse_duration(strcmp(text, "0") == 0 ? "0s" : text, &ns);
		*value = rc == 0 ? (uint64_t)ns : 0;
		return rc;
	default:
		return -EINVAL;
	}
}

uint64_t config_value_load(const struct config_key *key, const void *base)
{
	const char *field = (const char *)base + key->offset;
	uint32_t narrow;
	uint64_t wide;

	if (key->bytes == sizeof(wide)) {
		memcpy(&wide, field, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, field, sizeof(narrow));
	return narrow;
}

static void store_number(const struct attempt *attempt, uint64_t value)
{
	uint32_t narrow = (uint32_t)value;

	if (attempt->key->bytes == sizeof(narrow))
		memcpy(attempt->field, &narrow, sizeof(narrow));
	else
		memcpy(attempt->field, &value, sizeof(value));
}

/* The table's own texts are checked by a test of every row. */
static uint64_t limit(const struct config_key *key, const char *text)
{
	uint64_t value;

	if (config_value_number(key->type, text, &value) < 0)
		abort();
	return value;
}

static int refuse_between_powers(const struct attempt *attempt, uint64_t value)
{
	char quoted[CONFIG_QUOTE_BYTES];
	uint64_t below = UINT64_C(1) << (63 - __builtin_clzll(value));

	if (attempt->why)
		base_strbuf_printf(attempt->why, "%s is not a power of two; expected %llu or %llu",
				config_quote(attempt->text, attempt->len, quoted),
				(unsigned long long)below, (unsigned long long)below * 2);
	return -EINVAL;
}

static int parse_number(const struct attempt *attempt)
{
	const struct config_key *key = attempt->key;
	uint64_t value, plain;
	int rc = config_value_number(key->type, attempt->text, &value);

	if (rc == -EINVAL && key->type == CONFIG_TYPE_DURATION
			&& base_units_parse_count(attempt->text, &plain) == 0)
		return refuse_quoted(attempt, "has no unit");
	if (rc == -EINVAL && key->type == CONFIG_TYPE_DURATION)
		return refuse_quoted(attempt, "is not a duration");
	if (rc == -EINVAL && key->type == CONFIG_TYPE_BYTES)
		return refuse_quoted(attempt, "is not a size");
	if (rc == -EINVAL)
		return refuse_quoted(attempt, "is not a whole number");
	if (rc == -ERANGE || value > limit(key, key->high))
		return refuse_quoted(attempt, "is too large");
	if (value < limit(key, key->low))
		return refuse_quoted(attempt, "is too small");
	if (key->flags & CONFIG_FLAG_POWER_OF_TWO && value & (value - 1))
		return refuse_between_powers(attempt, value);
	store_number(attempt, value);
	return 0;
}

static int parse_bool(const struct attempt *attempt)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {
			{"true", true},
			{"false", false},
			{"yes", true},
			{"no", false},
			{"on", true},
			{"off", false},
	};

	for (size_t i = 0; i < BASE_COUNT_OF(words); i++) {
		if (strcasecmp(attempt->text, words[i].text) != 0)
			continue;
		memcpy(attempt->field, &words[i].value, sizeof(bool));
		return 0;
	}
	return refuse_quoted(attempt, "is neither");
}

static int parse_choice(const struct attempt *attempt)
{
	for (const struct config_choice *choice = attempt->key->choices; choice->name; choice++) {
		if (strcmp(attempt->text, choice->name) != 0)
			continue;
		store_number(attempt, choice->value);
		return 0;
	}
	return refuse_quoted(attempt, "is unknown");
}

/*
 * Control characters of ASCII and Latin-1, the line separators U+2028 and U+2029, the byte order
 * mark: none belongs in a name or path, and several would not survive a round through YAML.
 */
static bool has_control_character(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			return true;
		if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9))
			return true;
		if (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf)
			return true;
	}
	return false;
}

static int parse_text(const struct attempt *attempt)
{
	if (has_control_character(attempt->text))
		return refuse_quoted(attempt, "has a control character");
	if (attempt->len < config_words_text_low(attempt->key)
			|| attempt->len > config_words_text_high(attempt->key))
		return refuse(attempt, "a text of %zu octets", attempt->len);
	memset(attempt->field, 0, attempt->key->bytes);
	memcpy(attempt->field, attempt->text, attempt->len);
	return 0;
}

static int parse_device(const struct attempt *attempt)
{
	char pci[CONFIG_PCI_BYTES];
	struct attempt long_form = *attempt;

	switch (attempt->key->type) {
	case CONFIG_TYPE_INTERFACE:
		if (!config_device_is_interface(attempt->text))
			return refuse_quoted(attempt, "cannot be an interface");
		break;
	case CONFIG_TYPE_VDEV:
		if (!config_device_is_vdev(attempt->text))
			return refuse_quoted(attempt, "cannot be a virtual device");
		break;
	default:
		if (config_device_parse_pci(attempt->text, pci) < 0)
			return refuse_quoted(attempt, "is not a PCI address");
		long_form.text = pci;
		long_form.len = strlen(pci);
	}
	return parse_text(&long_form);
}

/* Adds the CPUs of "2" or "2-5" to the end of a list; `part` is a copy and is cut. */
static int add_cpus(const struct attempt *attempt, char *part, uint32_t *cpus, size_t *count)
{
	uint64_t first, last, high = limit(attempt->key, attempt->key->high);
	char *dash = strchr(part, '-');

	if (dash)
		*dash = '\0';
	if (base_units_parse_count(part, &first) < 0)
		return refuse_quoted(attempt, "is not a CPU");
	last = first;
	if (dash && base_units_parse_count(dash + 1, &last) < 0)
		return refuse_quoted(attempt, "is not a CPU");
	if (last > high || first > high)
		return refuse_quoted(attempt, "is too large");
	if (last < first)
		return refuse_quoted(attempt, "ends before it begins");
	for (uint64_t cpu = first; cpu <= last; cpu++) {
		for (size_t i = 0; i < *count; i++)
			if (cpus[i] == cpu)
				return refuse(attempt, "CPU %u a second time", cpus[i]);
		if (*count == CONFIG_MAX_WORKERS)
			return refuse(attempt, "more than %d CPUs", CONFIG_MAX_WORKERS);
		cpus[(*count)++] = (uint32_t)cpu;
	}
	return 0;
}

static int parse_cpus(const struct attempt *attempt, struct config *config)
{
	uint32_t cpus[CONFIG_MAX_WORKERS] = {0};
	size_t count = config->workers.cpu_count;
	char copy[512];
	int rc = 0;

	if (attempt->len >= sizeof(copy))
		return refuse(attempt, "a text of %zu octets", attempt->len);
	memcpy(copy, attempt->text, attempt->len + 1);
	memcpy(cpus, config->workers.cpus, sizeof(cpus));
	for (char *rest = copy; rest && rc == 0;) {
		char *part = strsep(&rest, ",");
		part += strspn(part, " ");
		rc = add_cpus(attempt, part, cpus, &count);
	}
	if (rc < 0)
		return rc;
	memcpy(config->workers.cpus, cpus, sizeof(cpus));
	config->workers.cpu_count = count;
	return 0;
}

static int parse_by_type(const struct attempt *attempt, void *base)
{
	switch (attempt->key->type) {
	case CONFIG_TYPE_BOOL:
		return parse_bool(attempt);
	case CONFIG_TYPE_CHOICE:
		return parse_choice(attempt);
	case CONFIG_TYPE_CPUS:
		return parse_cpus(attempt, base);
	case CONFIG_TYPE_TEXT:
		return parse_text(attempt);
	case CONFIG_TYPE_INTERFACE:
	case CONFIG_TYPE_PCI:
	case CONFIG_TYPE_VDEV:
		return parse_device(attempt);
	case CONFIG_TYPE_SECTION:
	case CONFIG_TYPE_LIST:
		abort();
	default:
		return parse_number(attempt);
	}
}

int config_value_parse(const struct config_key *key, const char *text, size_t len, void *base,
		struct base_strbuf *why)
{
	struct attempt attempt = {
			.key = key,
			.text = text,
			.len = len,
			.field = (char *)base + key->offset,
			.why = why,
	};

	if (strlen(text) != len)
		return refuse_quoted(&attempt, "has a control character");
	if (len == 0 && key->type != CONFIG_TYPE_TEXT)
		return refuse(&attempt, "nothing");
	if (!key->word || strcmp(text, key->word) != 0)
		return parse_by_type(&attempt, base);
	if (key->type == CONFIG_TYPE_CPUS)
		((struct config *)base)->workers.cpu_count = 0;
	else
		store_number(&attempt, (uint64_t)key->word_value);
	return 0;
}
