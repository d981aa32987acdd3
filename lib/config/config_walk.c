/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk goes where the schema goes, so its depth is the schema's, whatever aliases make of the
 * document: a list that contains itself is met as a list in the place of an item, and refused.
 */
#include "config_walk.h"

#include "config_suggest.h"
#include "config_text.h"
#include "config_value.h"
#include "config_words.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 128

struct walk {
	yaml_document_t *document;
	struct config *config;
	struct config_places *places;
	struct config_errors *errors;
};

/* What the keys of one mapping belong to. */
struct level {
	const char *parent; /* in the schema: "ports[]" */
	const char *shown; /* in errors: "ports[0]"; "" at the top */
	void *base;
	struct config_marks *marks;
};

static void walk_mapping(struct walk *walk, const struct level *level, const yaml_node_t *node);

static const char *node_text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static bool is_null(const yaml_node_t *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < BASE_COUNT_OF(nulls); i++)
		if (strcmp(node_text(node), nulls[i]) == 0)
			return true;
	return false;
}

/* What a node is, for errors; the text of a scalar in quotes. */
static const char *describe_node(const yaml_node_t *node, char out[CONFIG_QUOTE_BYTES])
{
	if (node->type == YAML_SEQUENCE_NODE)
		return node->data.sequence.items.top == node->data.sequence.items.start
				? "an empty list"
				: "a list";
	if (node->type == YAML_MAPPING_NODE)
		return "keys with values";
	if (is_null(node))
		return "nothing";
	return config_quote(node_text(node), node->data.scalar.length, out);
}

/* "ports[0]" and "name" to "ports[0].name". */
static const char *join(const struct level *level, const char *name, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%s%s%s", level->shown, level->shown[0] ? "." : "", name);
	return out;
}

/* Adds "what `node` is; expected ..." with the end made by `expect`. */
static void refuse_node(struct walk *walk, const yaml_node_t *node, const char *path,
		const struct config_key *key,
		void (*expect)(const struct config_key *key, struct base_strbuf *out))
{
	struct base_strbuf expected = BASE_STRBUF_EMPTY;
	char quoted[CONFIG_QUOTE_BYTES];

	expect(key, &expected);
	config_errors_add(walk->errors, config_text_mark(node->start_mark), path, "%s; expected %s",
			describe_node(node, quoted), expected.text ? expected.text : "another");
	base_strbuf_fini(&expected);
}

static void expect_keys(const struct config_key *key, struct base_strbuf *out)
{
	base_strbuf_puts(out, "keys with values, such as ");
	config_words_keys(key ? key->path : "", out);
}

static void expect_items(const struct config_key *key, struct base_strbuf *out)
{
	base_strbuf_printf(out, "a list, each item like \"- %s\"", key->list->example);
}

static void expect_item(const struct config_key *key, struct base_strbuf *out)
{
	base_strbuf_printf(out, "keys with values, such as \"%s\"", key->list->example);
}

/* Tags change how a value is read; only the ones that say what is so anyway are let through. */
static bool refuse_tag(struct walk *walk, const yaml_node_t *node, const char *path)
{
	static const char standard[] = "tag:yaml.org,2002:";
	const char *tag = (const char *)node->tag;
	char quoted[CONFIG_QUOTE_BYTES];

	if (!tag || strncmp(tag, standard, strlen(standard)) == 0)
		return false;
	config_errors_add(walk->errors, config_text_mark(node->start_mark), path,
			"the tag %s; expected a value without a tag",
			config_quote(tag, strlen(tag), quoted));
	return true;
}

/* Reads one scalar. 0, or -EINVAL with an error added. */
static int walk_scalar(struct walk *walk, const struct level *level, const struct config_key *key,
		const yaml_node_t *node, const char *path)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	int rc;

	if (node->type != YAML_SCALAR_NODE || is_null(node)) {
		refuse_node(walk, node, path, key, config_words_expect);
		return -1;
	}
	rc = config_value_parse(key, node_text(node), node->data.scalar.length, level->base, &why);
	if (rc < 0)
		config_errors_add(walk->errors, config_text_mark(node->start_mark), path, "%s",
				why.text ? why.text : "cannot be read");
	base_strbuf_fini(&why);
	return rc;
}

static void walk_section(struct walk *walk, const struct level *level, const struct config_key *key,
		const yaml_node_t *node, const char *path)
{
	struct level below = *level;

	below.parent = key->path;
	below.shown = path;
	if (is_null(node))
		return;
	if (node->type == YAML_MAPPING_NODE) {
		walk_mapping(walk, &below, node);
		return;
	}
	if (!(key->flags & CONFIG_FLAG_SPREAD) || node->type != YAML_SCALAR_NODE) {
		refuse_node(walk, node, path, key, expect_keys);
		return;
	}
	for (size_t i = 0; i < config_key_count; i++)
		if (config_key_is_child(&config_keys[i], key->path)
				&& walk_scalar(walk, level, &config_keys[i], node, path) < 0)
			return;
}

/* A key without which an item means nothing. */
static void check_required(struct walk *walk, const struct level *level)
{
	struct base_strbuf expected = BASE_STRBUF_EMPTY;
	char path[PATH_BYTES];

	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		if (!(key->flags & CONFIG_FLAG_REQUIRED) || !config_key_is_child(key, level->parent)
				|| level->marks->at[i].line)
			continue;
		base_strbuf_reset(&expected);
		config_words_expect(key, &expected);
		config_errors_add(walk->errors, level->marks->item,
				join(level, config_key_name(key), path), "missing; expected %s",
				expected.text ? expected.text : "a value");
	}
	base_strbuf_fini(&expected);
}

static struct config_marks *marks_of_list(
		struct config_places *places, const struct config_key *key)
{
	if (key == config_key_get("ports"))
		return places->ports;
	return key == config_key_get("outputs") ? places->outputs : places->tunnel_ports;
}

static void walk_item(struct walk *walk, const struct config_key *key, size_t index,
		const yaml_node_t *node)
{
	const struct config_list *list = key->list;
	struct config_marks *marks = marks_of_list(walk->places, key);
	char parent[PATH_BYTES], shown[PATH_BYTES];
	struct level level = {
			.parent = parent,
			.shown = shown,
			.base = (char *)walk->config + list->items_offset
					+ index * list->item_bytes,
			.marks = &marks[index],
	};

	snprintf(parent, sizeof(parent), "%s[]", key->path);
	snprintf(shown, sizeof(shown), "%s[%zu]", key->path, index);
	config_key_set_defaults(parent, level.base);
	if (refuse_tag(walk, node, shown))
		return;
	if (node->type != YAML_MAPPING_NODE) {
		refuse_node(walk, node, shown, key, expect_item);
		return;
	}
	level.marks->item = config_text_mark(node->start_mark);
	walk_mapping(walk, &level, node);
	check_required(walk, &level);
}

static void walk_list(struct walk *walk, const struct config_key *key, const yaml_node_t *node,
		const char *path)
{
	size_t *count = (size_t *)((char *)walk->config + key->list->count_offset);

	if (is_null(node))
		return;
	if (node->type != YAML_SEQUENCE_NODE) {
		refuse_node(walk, node, path, key, expect_items);
		return;
	}
	yaml_node_item_t *items = node->data.sequence.items.start;
	size_t given = (size_t)(node->data.sequence.items.top - items);
	for (*count = 0; *count < given && *count < key->list->max; (*count)++)
		walk_item(walk, key, *count, yaml_document_get_node(walk->document, items[*count]));
	if (given > key->list->max)
		config_errors_add(walk->errors, config_text_mark(node->start_mark), path,
				"%zu items; expected at most %zu", given, key->list->max);
}

static void walk_cpu(struct walk *walk, const struct level *level, const struct config_key *key,
		const yaml_node_t *node, const char *path)
{
	if (refuse_tag(walk, node, path))
		return;
	if (node->type == YAML_SCALAR_NODE && strcmp(node_text(node), key->word) == 0)
		config_errors_add(walk->errors, config_text_mark(node->start_mark), path,
				"\"%s\" in a list; expected a CPU, or CPUs such as 2-5", key->word);
	else
		(void)walk_scalar(walk, level, key, node, path);
}

static void walk_cpus(struct walk *walk, const struct level *level, const struct config_key *key,
		const yaml_node_t *node, const char *path)
{
	char shown[PATH_BYTES + 24];

	yaml_node_item_t *items = node->data.sequence.items.start;
	size_t given = node->type == YAML_SEQUENCE_NODE
			? (size_t)(node->data.sequence.items.top - items)
			: 0;
	if (given == 0)
		(void)walk_scalar(walk, level, key, node, path);
	for (size_t i = 0; i < given; i++) {
		snprintf(shown, sizeof(shown), "%s[%zu]", path, i);
		walk_cpu(walk, level, key, yaml_document_get_node(walk->document, items[i]), shown);
	}
}

static void walk_value(struct walk *walk, const struct level *level, const struct config_key *key,
		const yaml_node_t *node)
{
	char path[PATH_BYTES];

	join(level, config_key_name(key), path);
	if (refuse_tag(walk, node, path))
		return;
	switch (key->type) {
	case CONFIG_TYPE_SECTION:
		walk_section(walk, level, key, node, path);
		break;
	case CONFIG_TYPE_LIST:
		walk_list(walk, key, node, path);
		break;
	case CONFIG_TYPE_CPUS:
		walk_cpus(walk, level, key, node, path);
		break;
	default:
		(void)walk_scalar(walk, level, key, node, path);
	}
}

static void refuse_unknown(struct walk *walk, const struct level *level, const yaml_node_t *node)
{
	struct base_strbuf meant = BASE_STRBUF_EMPTY;
	char quoted[CONFIG_QUOTE_BYTES], path[PATH_BYTES];
	const char *name = node_text(node);
	size_t len = node->data.scalar.length;

	if (!config_errors_full(walk->errors))
		config_suggest(level->parent, name, len, &meant);
	config_quote(name, len, quoted);
	/* The path has it without quotes, unless there is nothing between them. */
	if (len > 0)
		quoted[strlen(quoted) - 1] = '\0';
	config_errors_add(walk->errors, config_text_mark(node->start_mark),
			join(level, quoted + (len > 0), path), "unknown key; %s",
			meant.text ? meant.text : "");
	base_strbuf_fini(&meant);
}

static void walk_pair(struct walk *walk, const struct level *level, const yaml_node_t *name,
		const yaml_node_t *value)
{
	struct config_mark mark = config_text_mark(name->start_mark);
	char quoted[CONFIG_QUOTE_BYTES], path[PATH_BYTES];

	if (name->type != YAML_SCALAR_NODE) {
		config_errors_add(walk->errors, mark, level->shown[0] ? level->shown : "document",
				"%s as a key; expected a word", describe_node(name, quoted));
		return;
	}
	const struct config_key *key =
			config_key_find(level->parent, node_text(name), name->data.scalar.length);
	if (!key) {
		refuse_unknown(walk, level, name);
		return;
	}
	int *seen_line = &level->marks->key_line[config_key_index(key)];
	if (*seen_line) {
		config_errors_add(walk->errors, mark, join(level, config_key_name(key), path),
				"a second time, first in line %d; expected each key once",
				*seen_line);
		return;
	}
	*seen_line = mark.line;
	level->marks->at[config_key_index(key)] = config_text_mark(value->start_mark);
	walk_value(walk, level, key, value);
}

static void walk_mapping(struct walk *walk, const struct level *level, const yaml_node_t *node)
{
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
			pair < node->data.mapping.pairs.top; pair++)
		walk_pair(walk, level, yaml_document_get_node(walk->document, pair->key),
				yaml_document_get_node(walk->document, pair->value));
}

void config_walk(yaml_document_t *document, struct config *config, struct config_places *places,
		struct config_errors *errors)
{
	struct walk walk = {
			.document = document,
			.config = config,
			.places = places,
			.errors = errors,
	};
	struct level top = {.parent = "", .shown = "", .base = config, .marks = &places->top};
	const yaml_node_t *root = yaml_document_get_root_node(document);

	if (!root || is_null(root) || refuse_tag(&walk, root, "document"))
		return;
	if (root->type == YAML_MAPPING_NODE)
		walk_mapping(&walk, &top, root);
	else
		refuse_node(&walk, root, "document", NULL, expect_keys);
}
