/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_schema.h"
#include "config_words.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const char introduction[] =
	"<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
	"<!-- Made by: weir reference configuration -->\n"
	"# Configuration\n"
	"\n"
	"One YAML file, read by `weir run -c FILE` and `weir replay -c FILE`, says what weir measures and "
	"where the records go. Every key has a default: an empty file is good, and a file need only name "
	"what differs. `config/weir.yaml` shows all keys with their defaults, `config/examples` has whole "
	"files for common cases.\n"
	"\n"
	"`weir check FILE` reads a file, starts nothing, and shows every error at once, with its place, "
	"what was found and what was expected:\n"
	"\n"
	"```\n"
	"edge.yaml:4:19: flows.active_timeout: \"15 sec\" is not a duration; expected 1s to 1d, for "
	"example 60s\n"
	"edge.yaml:9:1: exporters: unknown key; did you mean \"outputs\"?\n"
	"```\n"
	"\n"
	"## Values\n"
	"\n"
	"| type | is written as |\n"
	"|---|---|\n"
	"| duration | a number and ns, us, ms, s, min, h or d: `100ms`, `15s`, `1.5h` |\n"
	"| size | octets, or a number and KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers "
	"of 1000): `64KiB`, `4GiB` |\n"
	"| count | a number, also with k, M or G (powers of 1000): `100k`, `1M` |\n"
	"| number | decimal, or hexadecimal after `0x` |\n"
	"| truth value | `true` or `false`; `yes`, `no`, `on` and `off` are read too |\n"
	"| word | one of the words under *range* |\n"
	"| list of CPUs | a number, a range, several with commas, or a YAML list of them: `2`, `2-5`, "
	"`2-5,8`, `[2, 3, 8]` |\n"
	"| text | as it is; in quotes where YAML would read it otherwise; no control characters |\n"
	"\n"
	"The file is UTF-8, at most 1 MiB, and one YAML document. Unknown keys, keys that are given "
	"twice and tags (`!name`) are errors. Anchors and aliases work; merge keys (`<<`) do not. A "
	"section without keys is the same as none.\n";
/* clang-format on */

static void write_row(const struct config_key *key, struct base_strbuf *out)
{
	base_strbuf_printf(out, "| `%s` | %s | ", key->path, config_words_type(key));
	if (key->flags & CONFIG_FLAG_REQUIRED)
		base_strbuf_puts(out, "*required*");
	else if (key->fallback_note)
		base_strbuf_puts(out, key->fallback_note);
	else if (key->fallback)
		base_strbuf_printf(out, "`%s`", key->fallback);
	else
		base_strbuf_puts(out, "none");
	base_strbuf_puts(out, " | ");
	config_words_range(key, out);
	base_strbuf_printf(out, " | %s |\n", key->help);
}

static bool is_below(const struct config_key *key, const struct config_key *section)
{
	size_t len = strlen(section->path);

	return strncmp(key->path, section->path, len) == 0
			&& (key->path[len] == '.' || key->path[len] == '[');
}

static bool is_value(const struct config_key *key)
{
	return key->type != CONFIG_TYPE_SECTION && key->type != CONFIG_TYPE_LIST;
}

static void write_notes(const struct config_key *section, struct base_strbuf *out)
{
	if (section->type != CONFIG_TYPE_LIST)
		return;
	base_strbuf_printf(out, "A list of at most %zu items", section->list->max);
	base_strbuf_printf(out, "; `%s[].` below stands for an item. ", section->path);
	base_strbuf_printf(out, "%s The smallest: `- %s`.\n\n", section->list->rule,
			section->list->example);
}

void config_write_reference(struct base_strbuf *out)
{
	base_strbuf_puts(out, introduction);
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *section = &config_keys[i];
		if (!config_key_is_child(section, ""))
			continue;
		base_strbuf_printf(out, "\n## %s\n\n%s.\n\n", section->path, section->help);
		write_notes(section, out);
		base_strbuf_puts(out,
				"| key | type | default | range | what it is "
				"|\n|---|---|---|---|---|\n");
		for (size_t k = 0; k < config_key_count; k++)
			if (is_below(&config_keys[k], section)
					|| (&config_keys[k] == section && is_value(section)))
				write_row(&config_keys[k], out);
	}
}

static void write_keys(
		const char *parent, const void *base, const char *indent, struct base_strbuf *out);

static void write_items(
		const struct config_key *key, const struct config *config, struct base_strbuf *out)
{
	const struct config_list *list = key->list;
	const char *base = (const char *)config;
	size_t count = *(const size_t *)(base + list->count_offset);
	char parent[64];

	base_strbuf_printf(out, "%s:%s\n", key->path, count ? "" : " []");
	snprintf(parent, sizeof(parent), "%s[]", key->path);
	for (size_t i = 0; i < count; i++) {
		size_t start = out->len;
		write_keys(parent, base + list->items_offset + i * list->item_bytes, "    ", out);
		if (!out->failed)
			out->text[start + 2] = '-';
	}
}

static void write_keys(
		const char *parent, const void *base, const char *indent, struct base_strbuf *out)
{
	char deeper[16];

	snprintf(deeper, sizeof(deeper), "%s    ", indent);
	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++) {
		if (!config_key_is_child(key, parent) || !config_key_applies(key, base))
			continue;
		if (key->type == CONFIG_TYPE_LIST) {
			write_items(key, base, out);
			continue;
		}
		base_strbuf_printf(out, "%s%s:", indent, config_key_name(key));
		if (key->type == CONFIG_TYPE_SECTION) {
			base_strbuf_putc(out, '\n');
			write_keys(key->path, base, deeper, out);
			continue;
		}
		base_strbuf_putc(out, ' ');
		config_words_value(key, base, out);
		base_strbuf_putc(out, '\n');
	}
}

void config_write_yaml(const struct config *config, struct base_strbuf *out)
{
	write_keys("", config, "", out);
}
