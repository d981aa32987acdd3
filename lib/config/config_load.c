/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_check.h"
#include "config_text.h"
#include "config_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A configuration in the making. */
struct load {
	struct config config;
	struct config_places places;
	struct config_errors errors;
};

static int read_document(struct load *load, const char *text, size_t len)
{
	yaml_document_t document;
	yaml_parser_t parser;
	int rc = config_text_open(&parser, text, len);

	if (rc < 0)
		return rc;
	if (yaml_parser_load(&parser, &document)) {
		config_walk(&document, &load->config, &load->places, &load->errors);
		config_check(&load->config, &load->places, &load->errors);
		yaml_document_delete(&document);
	} else {
		rc = config_text_fail(&parser, text, len, &load->errors);
	}
	yaml_parser_delete(&parser);
	return rc;
}

static void copy_source(struct config *config, const char *name)
{
	size_t len = strnlen(name, sizeof(config->source) - 1);

	memcpy(config->source, name, len);
	config->source[len] = '\0';
}

int config_parse(struct config *config, const char *text, size_t len, const char *name,
		struct base_strbuf *errors, unsigned int *error_count)
{
	struct load *load = calloc(1, sizeof(*load));
	static const char mark_of_utf8[] = "\xef\xbb\xbf";

	*error_count = 0;
	if (!load)
		return -ENOMEM;
	if (len >= 3 && memcmp(text, mark_of_utf8, 3) == 0) {
		text += 3;
		len -= 3;
	}
	config_errors_init(&load->errors);
	config_set_defaults(&load->config);
	copy_source(&load->config, name);
	int rc = config_text_check(text, len, &load->errors);
	if (rc == 0)
		rc = read_document(load, text, len);
	if (rc == 0 && load->errors.count > 0)
		rc = -EINVAL;
	config_errors_write(&load->errors, name, errors);
	*error_count = load->errors.count;
	if (rc == 0)
		memcpy(config, &load->config, sizeof(*config));
	config_errors_fini(&load->errors);
	free(load);
	return rc;
}

/* Reads to the end, or one octet past what a configuration may have. 0 or -errno. */
static int read_file(FILE *file, struct base_strbuf *text)
{
	char piece[4096];
	size_t got;

	while (text->len <= CONFIG_TEXT_BYTES_MAX
			&& (got = fread(piece, 1, sizeof(piece), file)) > 0)
		base_strbuf_add(text, piece, got);
	if (ferror(file))
		return errno ? -errno : -EIO;
	return text->failed ? -ENOMEM : 0;
}

int config_load(struct config *config, const char *path, struct base_strbuf *errors,
		unsigned int *error_count)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	int rc = file ? read_file(file, &text) : -errno;

	*error_count = 0;
	if (file && !is_stdin)
		fclose(file);
	if (rc == 0)
		rc = config_parse(config, text.text ? text.text : "", text.len,
				is_stdin ? "standard input" : path, errors, error_count);
	base_strbuf_fini(&text);
	return rc;
}
