/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_words.h"

#include "config_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts below this are clearer with all their digits: 16384, 1500. */
#define PLAIN_COUNT_BELOW 100000

const char *config_words_type(const struct config_key *key)
{
	static const char *const names[] = {
			[CONFIG_TYPE_SECTION] = "section",
			[CONFIG_TYPE_LIST] = "list",
			[CONFIG_TYPE_BOOL] = "truth value",
			[CONFIG_TYPE_COUNT] = "count",
			[CONFIG_TYPE_BYTES] = "size",
			[CONFIG_TYPE_DURATION] = "duration",
			[CONFIG_TYPE_CHOICE] = "word",
			[CONFIG_TYPE_CPU] = "CPU",
			[CONFIG_TYPE_CPUS] = "list of CPUs",
			[CONFIG_TYPE_SEED] = "number",
			[CONFIG_TYPE_TEXT] = "text",
			[CONFIG_TYPE_INTERFACE] = "interface",
			[CONFIG_TYPE_PCI] = "PCI address",
			[CONFIG_TYPE_VDEV] = "virtual device",
	};

	return names[key->type];
}

size_t config_words_text_low(const struct config_key *key)
{
	return key->low ? strtoul(key->low, NULL, 10) : 0;
}

size_t config_words_text_high(const struct config_key *key)
{
	return key->high ? strtoul(key->high, NULL, 10) : key->bytes - 1;
}

static void describe_choices(const struct config_choice *choice, struct base_strbuf *out)
{
	for (; choice->name; choice++) {
		base_strbuf_puts(out, choice->name);
		if (!choice[1].name)
			return;
		base_strbuf_puts(out, choice[2].name ? ", " : " or ");
	}
}

static void describe_octets(const struct config_key *key, struct base_strbuf *out)
{
	size_t low = config_words_text_low(key);

	if (low == 0)
		base_strbuf_puts(out, "at most");
	else
		base_strbuf_printf(out, "%zu to", low);
	base_strbuf_printf(out, " %zu octets", config_words_text_high(key));
}

void config_words_range(const struct config_key *key, struct base_strbuf *out)
{
	if (key->word)
		base_strbuf_printf(out, "%s, or ", key->word);
	switch (key->type) {
	case CONFIG_TYPE_SECTION:
		base_strbuf_puts(out, "keys with values");
		break;
	case CONFIG_TYPE_LIST:
		base_strbuf_printf(out, "at most %zu items", key->list->max);
		break;
	case CONFIG_TYPE_BOOL:
		base_strbuf_puts(out, "true or false");
		break;
	case CONFIG_TYPE_CHOICE:
		describe_choices(key->choices, out);
		break;
	case CONFIG_TYPE_CPUS:
		base_strbuf_printf(out, "CPUs from %s to %s, each once, such as 2-5 or [2, 3, 8]",
				key->low, key->high);
		break;
	case CONFIG_TYPE_TEXT:
	case CONFIG_TYPE_INTERFACE:
		describe_octets(key, out);
		break;
	case CONFIG_TYPE_PCI:
		base_strbuf_puts(out, "an address such as 0000:3b:00.0");
		break;
	case CONFIG_TYPE_VDEV:
		base_strbuf_puts(out, "a driver with arguments, such as net_tap0,iface=tap0");
		break;
	default:
		if (key->flags & CONFIG_FLAG_POWER_OF_TWO)
			base_strbuf_puts(out, "a power of two from ");
		base_strbuf_printf(out, "%s to %s", key->low, key->high);
	}
}

void config_words_expect(const struct config_key *key, struct base_strbuf *out)
{
	if (key->type == CONFIG_TYPE_INTERFACE) {
		base_strbuf_puts(out, "the name of a kernel interface, such as eth1");
		return;
	}
	if (key->type == CONFIG_TYPE_TEXT)
		base_strbuf_puts(out, "a text of ");
	config_words_range(key, out);
	if (key->type == CONFIG_TYPE_DURATION || key->type == CONFIG_TYPE_BYTES)
		base_strbuf_printf(out, ", for example %s",
				key->word || !key->fallback ? key->low : key->fallback);
}

/* The next row below `parent` from `key` on, or NULL. */
static const struct config_key *next_child(const struct config_key *key, const char *parent)
{
	for (; key < config_keys + config_key_count; key++)
		if (config_key_is_child(key, parent))
			return key;
	return NULL;
}

void config_words_keys(const char *parent, struct base_strbuf *out)
{
	const struct config_key *key = next_child(config_keys, parent);

	while (key) {
		const struct config_key *next = next_child(key + 1, parent);
		base_strbuf_puts(out, config_key_name(key));
		if (next)
			base_strbuf_puts(out, next_child(next + 1, parent) ? ", " : " or ");
		key = next;
	}
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit duration_units[] = {
		{"d", UINT64_C(86400000000000)},
		{"h", UINT64_C(3600000000000)},
		{"min", UINT64_C(60000000000)},
		{"s", 1000000000},
		{"ms", 1000000},
		{"us", 1000},
		{"ns", 1},
		{NULL, 0},
};

static const struct unit count_units[] = {
		{"G", 1000000000},
		{"M", 1000000},
		{"k", 1000},
		{"", 1},
		{NULL, 0},
};

static const struct unit iec_units[] = {
		{"TiB", UINT64_C(1) << 40},
		{"GiB", UINT64_C(1) << 30},
		{"MiB", UINT64_C(1) << 20},
		{"KiB", UINT64_C(1) << 10},
		{"B", 1},
		{NULL, 0},
};

static const struct unit si_units[] = {
		{"TB", UINT64_C(1000000000000)},
		{"GB", 1000000000},
		{"MB", 1000000},
		{"kB", 1000},
		{"B", 1},
		{NULL, 0},
};

/* In the first unit that divides the value; the last one is 1. */
static int print_exact(uint64_t value, const struct unit *unit, char out[32])
{
	while (value % unit->factor != 0)
		unit++;
	return snprintf(out, 32, "%llu%s", (unsigned long long)(value / unit->factor), unit->name);
}

static void write_bytes(uint64_t value, struct base_strbuf *out)
{
	char iec[32], si[32];

	base_strbuf_puts(out,
			print_exact(value, si_units, si) < print_exact(value, iec_units, iec)
					? si
					: iec);
}

static void write_number(const struct config_key *key, uint64_t value, struct base_strbuf *out)
{
	char text[32];

	switch (key->type) {
	case CONFIG_TYPE_BYTES:
		write_bytes(value, out);
		return;
	case CONFIG_TYPE_DURATION:
		if (value == 0)
			base_strbuf_puts(out, "0s");
		else if (print_exact(value, duration_units, text) > 0)
			base_strbuf_puts(out, text);
		return;
	case CONFIG_TYPE_SEED:
		base_strbuf_printf(out, "0x%llx", (unsigned long long)value);
		return;
	default:
		if (value < PLAIN_COUNT_BELOW)
			base_strbuf_u64(out, value);
		else if (print_exact(value, count_units, text) > 0)
			base_strbuf_puts(out, text);
	}
}

/* Plain only where no reader of YAML could take it for anything but a text. */
static bool is_plain(const char *text)
{
	static const char *const reserved[] = {
			"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
	size_t len = strlen(text);

	if (len == 0 || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/", text[0]))
		return false;
	for (size_t i = 0; i < BASE_COUNT_OF(reserved); i++)
		if (strcasecmp(text, reserved[i]) == 0)
			return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-")
			== len;
}

/* Texts hold no control characters: only these two need an escape. */
static void write_text(const char *text, struct base_strbuf *out)
{
	if (is_plain(text)) {
		base_strbuf_puts(out, text);
		return;
	}
	base_strbuf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			base_strbuf_putc(out, '\\');
		base_strbuf_putc(out, *text);
	}
	base_strbuf_putc(out, '"');
}

static void write_cpus(const struct config *config, struct base_strbuf *out)
{
	base_strbuf_putc(out, '[');
	for (size_t i = 0; i < config->workers.cpu_count; i++)
		base_strbuf_printf(out, "%s%u", i ? ", " : "", config->workers.cpus[i]);
	base_strbuf_putc(out, ']');
}

static const char *choice_name(const struct config_key *key, uint64_t value)
{
	for (const struct config_choice *choice = key->choices; choice->name; choice++)
		if (choice->value == value)
			return choice->name;
	return key->fallback;
}

static bool is_word(const struct config_key *key, const void *base, uint64_t value)
{
	if (key->type == CONFIG_TYPE_CPUS)
		return ((const struct config *)base)->workers.cpu_count == 0;
	if (!key->word)
		return false;
	return key->bytes == sizeof(uint32_t) ? (uint32_t)key->word_value == (uint32_t)value
					      : (uint64_t)key->word_value == value;
}

static bool is_fallback(const struct config_key *key, uint64_t value)
{
	uint64_t fallback;

	return key->fallback && config_value_number(key->type, key->fallback, &fallback) == 0
			&& fallback == value;
}

void config_words_value(const struct config_key *key, const void *base, struct base_strbuf *out)
{
	const char *field = (const char *)base + key->offset;
	bool is_number = config_value_is_number(key->type) || key->type == CONFIG_TYPE_CHOICE;
	uint64_t value = is_number ? config_value_load(key, base) : 0;

	if (is_word(key, base, value))
		base_strbuf_puts(out, key->word);
	else if (key->type == CONFIG_TYPE_CPUS)
		write_cpus(base, out);
	else if (key->type == CONFIG_TYPE_BOOL)
		base_strbuf_puts(out, *(const bool *)field ? "true" : "false");
	else if (key->type == CONFIG_TYPE_CHOICE)
		base_strbuf_puts(out, choice_name(key, value));
	else if (!is_number)
		write_text(field, out);
	else if (is_fallback(key, value))
		base_strbuf_puts(out, key->fallback);
	else
		write_number(key, value, out);
}
