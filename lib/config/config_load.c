/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * YAML to struct config: libyaml makes a tree of nodes with their places, and the tree is walked
 * along the schema. What the schema does not know is not descended into, and lists are bounded, so
 * neither nesting nor aliases can make the walk long.
 */
#include "config.h"
#include "config_check.h"
#include "config_device.h"
#include "config_error.h"
#include "config_schema.h"
#include "config_suggest.h"
#include "config_value.h"
#include "config_words.h"

#include <yaml.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define PATH_BYTES 80
#define DEPTH_MAX 64

struct load {
	yaml_document_t document;
	struct config config; /* becomes the caller's when all is well */
	struct config_errors errors;
	struct config_mark workers; /* where that section stands */
};

/* Where in the file and in the configuration the walk is. */
struct place {
	const char *parent; /* in the schema: "ports[]" */
	const char *path; /* for people: "ports[2]" */
	void *base; /* what the keys' offsets count from */
	struct config_mark *seen; /* by key index: where it was given; of one mapping */
};

static struct config_mark mark_of(const yaml_node_t *node)
{
	return (struct config_mark){
			(int)node->start_mark.line + 1, (int)node->start_mark.column + 1};
}

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* "key:" with nothing behind it, or null written out. */
static bool is_null(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	const char *text = text_of(node);
	return *text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static const char *kind_of(const yaml_node_t *node)
{
	return node->type == YAML_MAPPING_NODE             ? "a mapping"
			: node->type == YAML_SEQUENCE_NODE ? "a list"
			: is_null(node)                    ? "nothing"
							   : "a single value";
}

static void join_path(char out[PATH_BYTES], const char *path, const char *name)
{
	snprintf(out, PATH_BYTES, "%s%s%s", path, *path ? "." : "", name);
}

static void load_mapping(struct load *load, const yaml_node_t *node, const struct place *place);

static void load_scalar(struct load *load, const struct config_key *key, const yaml_node_t *node,
		const char *path, void *base)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;

	if (node->type != YAML_SCALAR_NODE) {
		config_words_expect(key, &why);
		config_errors_add(&load->errors, mark_of(node), path, "%s; expected %s",
				kind_of(node), why.text ? why.text : "a value");
	} else if (config_value_parse(key, text_of(node), node->data.scalar.length, base, &why)
			< 0) {
		config_errors_add(&load->errors, mark_of(node), path, "%s",
				why.text ? why.text : "not understood");
	}
	base_strbuf_fini(&why);
}

/* A list of CPUs may be one text or a list of texts. */
static void load_cpus(struct load *load, const struct config_key *key, yaml_node_t *node,
		const char *path, void *base)
{
	load->config.workers.cpu_count = 0;
	if (node->type != YAML_SEQUENCE_NODE) {
		load_scalar(load, key, node, path, base);
		return;
	}
	for (yaml_node_item_t *item = node->data.sequence.items.start;
			item < node->data.sequence.items.top && !config_errors_full(&load->errors);
			item++)
		load_scalar(load, key, yaml_document_get_node(&load->document, *item), path, base);
}

static void load_section(struct load *load, const struct config_key *key, const yaml_node_t *node,
		const char *path, void *base)
{
	struct config_mark seen[CONFIG_MAX_KEYS] = {{0}};
	struct place place = {.parent = key->path, .path = path, .base = base, .seen = seen};

	if (strcmp(key->path, "workers") == 0)
		load->workers = mark_of(node);
	if (node->type == YAML_MAPPING_NODE) {
		load_mapping(load, node, &place);
	} else if (node->type == YAML_SCALAR_NODE && key->flags & CONFIG_FLAG_SPREAD
			&& !is_null(node)) {
		unsigned int before = load->errors.count;
		for (size_t i = 0; i < config_key_count && load->errors.count == before; i++) {
			if (config_key_is_child(&config_keys[i], key->path))
				load_scalar(load, &config_keys[i], node, path, base);
		}
	} else if (!is_null(node)) {
		config_errors_add(&load->errors, mark_of(node), path,
				"%s; expected keys with values below it", kind_of(node));
	}
}

/* A port is one device; which key names it says what kind it is. */
static void finish_port(struct load *load, struct config_port *port, const struct place *place,
		struct config_mark mark)
{
	static const struct {
		const char *path;
		enum config_port_kind kind;
	} kinds[] = {{"ports[].interface", CONFIG_PORT_INTERFACE}, {"ports[].pci", CONFIG_PORT_PCI},
			{"ports[].vdev", CONFIG_PORT_VDEV}};
	int given = 0;

	port->line = mark.line;
	port->column = mark.column;
	for (size_t i = 0; i < BASE_COUNT_OF(kinds); i++) {
		if (place->seen[config_key_index(config_key_get(kinds[i].path))].line > 0) {
			port->kind = kinds[i].kind;
			given++;
		}
	}
	if (given != 1)
		config_errors_add(&load->errors, mark, place->path,
				"%s device; expected exactly one of interface, pci and vdev",
				given == 0 ? "no" : "more than one");
	if (port->name[0] == '\0')
		snprintf(port->name, sizeof(port->name), "%.*s",
				(int)config_device_name_len(port->device), port->device);
}

static void finish_output(struct load *load, struct config_output *output,
		const struct place *place, struct config_mark mark)
{
	const struct config_key *path = config_key_get("outputs[].path");

	output->line = mark.line;
	output->column = mark.column;
	if (place->seen[config_key_index(path)].line == 0) {
		config_errors_add(&load->errors, mark, place->path,
				"no path; expected path: FILE, or path: - for standard output");
		return;
	}
	if (output->name[0] == '\0') {
		size_t len = strlen(output->path);
		size_t skip = len < sizeof(output->name) ? 0 : len - sizeof(output->name) + 1;
		strcpy(output->name, output->path + skip);
	}
}

static void load_item(struct load *load, const struct config_key *key, const yaml_node_t *node,
		size_t index)
{
	struct config_mark seen[CONFIG_MAX_KEYS] = {{0}};
	char parent[PATH_BYTES], path[PATH_BYTES];
	char *base = (char *)&load->config + key->list->items_offset
			+ index * key->list->item_bytes;

	snprintf(parent, sizeof(parent), "%s[]", key->path);
	snprintf(path, sizeof(path), "%s[%zu]", key->path, index);
	memset(base, 0, key->list->item_bytes);
	config_key_set_defaults(parent, base);
	if (node->type != YAML_MAPPING_NODE) {
		config_errors_add(&load->errors, mark_of(node), path,
				"%s; expected keys with values, such as %s", kind_of(node),
				key->list->example);
		return;
	}
	struct place place = {.parent = parent, .path = path, .base = base, .seen = seen};
	load_mapping(load, node, &place);
	if (strcmp(key->path, "ports") == 0)
		finish_port(load, (struct config_port *)(void *)base, &place, mark_of(node));
	else
		finish_output(load, (struct config_output *)(void *)base, &place, mark_of(node));
}

static void load_list(struct load *load, const struct config_key *key, const yaml_node_t *node,
		const char *path)
{
	size_t *count = (size_t *)(void *)((char *)&load->config + key->list->count_offset);

	*count = 0;
	if (node->type != YAML_SEQUENCE_NODE) {
		if (!is_null(node))
			config_errors_add(&load->errors, mark_of(node), path,
					"%s; expected a list: \"- %s\" on a line of its own",
					kind_of(node), key->list->example);
		return;
	}
	for (yaml_node_item_t *item = node->data.sequence.items.start;
			item < node->data.sequence.items.top; item++) {
		const yaml_node_t *child = yaml_document_get_node(&load->document, *item);
		if (*count == key->list->max) {
			config_errors_add(&load->errors, mark_of(child), path,
					"more than %zu items; expected at most as many",
					key->list->max);
			return;
		}
		load_item(load, key, child, *count);
		(*count)++;
	}
}

static void load_key(struct load *load, const struct config_key *key, yaml_node_t *node,
		const struct place *place)
{
	char path[PATH_BYTES];

	join_path(path, place->path, config_key_name(key));
	switch (key->type) {
	case CONFIG_TYPE_SECTION:
		load_section(load, key, node, path, place->base);
		break;
	case CONFIG_TYPE_LIST:
		load_list(load, key, node, path);
		break;
	case CONFIG_TYPE_CPUS:
		load_cpus(load, key, node, path, place->base);
		break;
	default:
		load_scalar(load, key, node, path, place->base);
	}
}

static void refuse_unknown(struct load *load, const yaml_node_t *name, const struct place *place)
{
	struct base_strbuf hint = BASE_STRBUF_EMPTY;
	char quoted[CONFIG_QUOTE_BYTES], path[PATH_BYTES];

	config_quote(text_of(name), name->data.scalar.length, quoted);
	config_suggest(place->parent, text_of(name), name->data.scalar.length, &hint);
	join_path(path, place->path, "");
	size_t len = strlen(path);
	if (len > 0 && path[len - 1] == '.')
		path[len - 1] = '\0';
	config_errors_add(&load->errors, mark_of(name), *path ? path : "top level",
			"unknown key %s; %s", quoted, hint.text ? hint.text : "");
	base_strbuf_fini(&hint);
}

static void load_mapping(struct load *load, const yaml_node_t *node, const struct place *place)
{
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
			pair < node->data.mapping.pairs.top && !config_errors_full(&load->errors);
			pair++) {
		yaml_node_t *name = yaml_document_get_node(&load->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&load->document, pair->value);
		if (name->type != YAML_SCALAR_NODE) {
			config_errors_add(&load->errors, mark_of(name),
					*place->path ? place->path : "top level",
					"%s as a key; expected a word", kind_of(name));
			continue;
		}
		const struct config_key *key = config_key_find(
				place->parent, text_of(name), name->data.scalar.length);
		if (!key) {
			refuse_unknown(load, name, place);
			continue;
		}
		struct config_mark *seen = &place->seen[config_key_index(key)];
		if (seen->line > 0) {
			char path[PATH_BYTES];
			join_path(path, place->path, config_key_name(key));
			config_errors_add(&load->errors, mark_of(name), path,
					"given twice; it stands in line %d already", seen->line);
			continue;
		}
		*seen = mark_of(name);
		load_key(load, key, value, place);
	}
}

/*
 * libyaml's time grows with the square of the depth of brackets. No configuration is this deep, so
 * brackets are counted first, wherever they stand. True when there are too many.
 */
static bool refuse_deep(struct load *load, const char *text, size_t len)
{
	struct config_mark mark = {1, 0};
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		mark.column++;
		if (text[i] == '\n')
			mark = (struct config_mark){mark.line + 1, 0};
		else if (text[i] == '[' || text[i] == '{')
			depth++;
		else if (text[i] == ']' || text[i] == '}')
			depth--;
		if (depth > DEPTH_MAX) {
			config_errors_add(&load->errors, mark, "syntax",
					"brackets more than %d deep; expected YAML", DEPTH_MAX);
			return true;
		}
	}
	return false;
}

/* libyaml's own complaint. Errors of the reader have an offset instead of a place. */
static void refuse_syntax(
		struct load *load, const yaml_parser_t *parser, const char *text, size_t len)
{
	struct config_mark mark = {
			(int)parser->problem_mark.line + 1, (int)parser->problem_mark.column + 1};

	if (parser->error == YAML_READER_ERROR) {
		mark = (struct config_mark){1, 1};
		for (size_t i = 0; i < parser->problem_offset && i < len; i++) {
			mark.column++;
			if (text[i] == '\n')
				mark = (struct config_mark){mark.line + 1, 1};
		}
	}
	config_errors_add(&load->errors, mark, "syntax", "%s%s%s; expected YAML",
			parser->problem ? parser->problem : "unreadable",
			parser->context ? " " : "", parser->context ? parser->context : "");
}

static void load_root(struct load *load)
{
	const yaml_node_t *root = yaml_document_get_root_node(&load->document);
	struct config_mark seen[CONFIG_MAX_KEYS] = {{0}};
	struct place place = {.parent = "", .path = "", .base = &load->config, .seen = seen};

	if (!root || is_null(root))
		return; /* an empty file: all defaults */
	if (root->type != YAML_MAPPING_NODE) {
		config_errors_add(&load->errors, mark_of(root), "document",
				"%s; expected keys with values", kind_of(root));
		return;
	}
	load_mapping(load, root, &place);
	config_check(&load->config, load->workers, &load->errors);
}

/* A second document would be ignored by the walk: better to say so. */
static void refuse_more(struct load *load, yaml_parser_t *parser, const char *text, size_t len)
{
	yaml_document_t more;

	if (!yaml_parser_load(parser, &more)) {
		refuse_syntax(load, parser, text, len);
		return;
	}
	const yaml_node_t *root = yaml_document_get_root_node(&more);
	if (root)
		config_errors_add(&load->errors, mark_of(root), "document",
				"a second document; expected one a file");
	yaml_document_delete(&more);
}

static void load_text(struct load *load, const char *text, size_t len)
{
	yaml_parser_t parser;

	if (refuse_deep(load, text, len))
		return;
	if (!yaml_parser_initialize(&parser)) {
		config_errors_add(&load->errors, (struct config_mark){1, 1}, "document",
				"out of memory; expected some");
		return;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	if (!yaml_parser_load(&parser, &load->document)) {
		refuse_syntax(load, &parser, text, len);
	} else {
		bool any = yaml_document_get_root_node(&load->document) != NULL;
		load_root(load);
		if (any)
			refuse_more(load, &parser, text, len);
		yaml_document_delete(&load->document);
	}
	yaml_parser_delete(&parser);
}

int config_parse(struct config *config, const char *text, size_t len, const char *name,
		struct base_strbuf *errors, unsigned int *error_count)
{
	struct load *load = calloc(1, sizeof(*load));

	*error_count = 0;
	if (!load)
		return -ENOMEM;
	config_errors_init(&load->errors);
	load->config = *config;
	load_text(load, text, len);
	*error_count = load->errors.count;
	if (load->errors.count == 0) {
		snprintf(load->config.source, sizeof(load->config.source), "%s", name);
		*config = load->config;
	} else {
		config_errors_write(&load->errors, name, errors);
	}
	config_errors_fini(&load->errors);
	free(load);
	return *error_count == 0 ? 0 : -EINVAL;
}

/* The whole file into `text`; 0, -errno, or -EFBIG beyond what a configuration can be. */
static int read_all(FILE *file, struct base_strbuf *text)
{
	char piece[16384];
	size_t len;

	while ((len = fread(piece, 1, sizeof(piece), file)) > 0) {
		base_strbuf_add(text, piece, len);
		if (text->len > FILE_MAX_BYTES)
			return -EFBIG;
	}
	if (ferror(file))
		return -(errno ? errno : EIO);
	return text->failed ? -ENOMEM : 0;
}

int config_load(struct config *config, const char *path, struct base_strbuf *errors,
		unsigned int *error_count)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	FILE *file = is_stdin ? stdin : fopen(path, "re");

	*error_count = 0;
	if (!file)
		return -errno;
	int rc = read_all(file, &text);
	if (!is_stdin)
		fclose(file);
	if (rc == 0)
		rc = config_parse(config, text.text ? text.text : "", text.len,
				is_stdin ? "standard input" : path, errors, error_count);
	base_strbuf_fini(&text);
	return rc;
}
