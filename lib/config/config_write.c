/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"
#include "config_schema.h"
#include "config_words.h"

#include <string.h>

static void write_default(const struct config_key *key, struct base_strbuf *out)
{
	if (key->fallback && *key->fallback)
		base_strbuf_printf(out, "`%s`", key->fallback);
	else if (key->fallback_note)
		base_strbuf_puts(out, key->fallback_note);
	else if (key->flags & CONFIG_FLAG_REQUIRED)
		base_strbuf_puts(out, "must be given");
	else
		base_strbuf_puts(out, "none");
}

static bool is_heading(const struct config_key *key)
{
	return key->type == CONFIG_TYPE_LIST
			|| (key->type == CONFIG_TYPE_SECTION && config_key_is_child(key, ""));
}

void config_write_reference(struct base_strbuf *out)
{
	base_strbuf_puts(out,
			"<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
			"<!-- Made by: weir reference configuration -->\n"
			"# Configuration\n\n"
			"One YAML file, read by `weir run -c FILE` and `weir replay -c FILE`; "
			"every key has a\n"
			"default, and an empty file is good. `weir check FILE` prints all errors "
			"with their line\n"
			"and column. A start to copy from is config/weir.yaml; config/examples/ "
			"has whole files.\n\n"
			"Durations are written as 100ms, 15s, 2min, 1h or 1d; sizes as 64KiB, "
			"16MiB, 4GiB or\n"
			"100MB; counts as 64, 100k or 1M (powers of 1000).\n");
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		if (is_heading(key)) {
			base_strbuf_printf(out, "\n## %s\n\n%s.\n\n", key->path, key->help);
			base_strbuf_puts(out,
					"| key | type | default | takes | meaning |\n"
					"|---|---|---|---|---|\n");
			continue;
		}
		base_strbuf_printf(out, "| `%s` | %s | ", key->path, config_words_type(key));
		write_default(key, out);
		base_strbuf_puts(out, " | ");
		config_words_range(key, out);
		base_strbuf_printf(out, " | %s |\n", key->help);
	}
}

static void indent(struct base_strbuf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		base_strbuf_puts(out, "  ");
}

static void write_keys(const char *parent, const void *base, int depth, bool item,
		struct base_strbuf *out);

static void write_list(
		const struct config_key *key, const struct config *config, struct base_strbuf *out)
{
	const char *base = (const char *)config;
	const size_t *count = (const size_t *)(const void *)(base + key->list->count_offset);
	char parent[32];
	size_t len = strlen(key->path);

	if (*count == 0) {
		base_strbuf_printf(out, "%s: []\n", key->path);
		return;
	}
	base_strbuf_printf(out, "%s:\n", key->path);
	memcpy(parent, key->path, len);
	memcpy(parent + len, "[]", 3);
	for (size_t i = 0; i < *count; i++)
		write_keys(parent, base + key->list->items_offset + i * key->list->item_bytes, 1,
				true, out);
}

/* All keys below `parent`; the first of an item carries the dash. */
static void write_keys(
		const char *parent, const void *base, int depth, bool item, struct base_strbuf *out)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		if (!config_key_is_child(key, parent))
			continue;
		if (key->type == CONFIG_TYPE_LIST) {
			write_list(key, base, out);
			continue;
		}
		if (strncmp(parent, "ports[]", 7) == 0 && !config_key_applies(key, base))
			continue;
		indent(out, depth);
		if (depth > 0 && strstr(parent, "[]"))
			base_strbuf_puts(out, item ? "- " : "  ");
		item = false;
		base_strbuf_printf(out, "%s:", config_key_name(key));
		if (key->type == CONFIG_TYPE_SECTION) {
			base_strbuf_putc(out, '\n');
			write_keys(key->path, base, depth + 1, false, out);
			continue;
		}
		base_strbuf_putc(out, ' ');
		config_words_value(key, base, out);
		base_strbuf_putc(out, '\n');
	}
}

void config_write_yaml(const struct config *config, struct base_strbuf *out)
{
	write_keys("", config, 0, false, out);
}
