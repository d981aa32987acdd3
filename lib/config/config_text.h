/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text of a configuration before anybody asks what it means: its encoding, its syntax, and
 * limits that keep a file of rubbish from costing time or memory.
 */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include "base_cacheline.h"
#include "config_error.h"

#include <yaml.h>

#include <stddef.h>

#define CONFIG_TEXT_BYTES_MAX (1 << 20)
/* The deepest key is the third level; the rest is room for the error to be about the key. */
#define CONFIG_TEXT_DEPTH_MAX 16
/* Anchors and aliases together: libyaml compares each new anchor with all before. */
#define CONFIG_TEXT_ANCHORS_MAX 256
/* And each new %TAG directive: a megabyte of them would take it half a minute. */
#define CONFIG_TEXT_DIRECTIVES_MAX 16

/*
 * Checks size, UTF-8, YAML syntax, depth, anchors, and that there is one document at most. 0, or
 * -EINVAL with one error added, or -ENOMEM.
 */
int config_text_check(const char *text, size_t len, struct config_errors *errors) BASE_MUST_CHECK;

/* Starts a parser on text that was checked, or will be. 0 or -ENOMEM; ended by
 * yaml_parser_delete(). */
int config_text_open(yaml_parser_t *parser, const char *text, size_t len) BASE_MUST_CHECK;
/* Adds the error that stopped a parser. -EINVAL, or -ENOMEM when it was memory. */
int config_text_fail(const yaml_parser_t *parser, const char *text, size_t len,
		struct config_errors *errors);

/* A mark of libyaml, from 0, as people count, from 1. */
static inline struct config_mark config_text_mark(yaml_mark_t mark)
{
	return (struct config_mark){.line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

#endif
