/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Broken configurations, each with every error that it must get, to the letter: what these tables
 * show is what a user reads.
 */
#ifndef CONFIG_CASES_H
#define CONFIG_CASES_H

#include "config.h"
#include "unit_main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct broken {
	const char *what;
	const char *yaml;
	size_t len;
	const char *errors; /* of a file called "f" */
};

/* A text that may hold NULs. */
#define TEXT(text) text, sizeof(text) - 1

static inline unsigned int count_lines(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static inline void assert_broken(const struct broken *broken)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config, before;
	unsigned int count;

	memset(&config, 0x5a, sizeof(config));
	before = config;
	int rc = config_parse(&config, broken->yaml, broken->len, "f", &errors, &count);
	ck_assert_msg(rc == -EINVAL, "%s: returned %d", broken->what, rc);
	ck_assert_msg(strcmp(errors.text, broken->errors) == 0, "%s:\n%s\ninstead of\n%s",
			broken->what, errors.text, broken->errors);
	ck_assert_uint_eq(count, count_lines(broken->errors));
	ck_assert_msg(memcmp(&config, &before, sizeof(config)) == 0, "%s: config was changed",
			broken->what);
	base_strbuf_fini(&errors);
}

/* Loads a text that must be good; says its errors when it is not. */
static inline void parse_good(struct config *config, const char *yaml, size_t len)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	unsigned int count;
	int rc = config_parse(config, yaml, len, "good", &errors, &count);

	ck_assert_msg(rc == 0, "%.200s\nreturned %d: %s", yaml, rc,
			errors.text ? errors.text : "no error");
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(errors.len, 0);
	base_strbuf_fini(&errors);
}

/* Takes away what only says where in the file something stood. */
static inline void forget_places(struct config *config)
{
	memset(config->source, 0, sizeof(config->source));
	config->filter_line = config->filter_column = 0;
	for (size_t i = 0; i < CONFIG_MAX_PORTS; i++)
		config->ports[i].line = config->ports[i].column = 0;
	for (size_t i = 0; i < CONFIG_MAX_OUTPUTS; i++)
		config->outputs[i].line = config->outputs[i].column = 0;
	for (size_t i = 0; i < CONFIG_MAX_TUNNEL_PORTS; i++)
		config->tunnel_ports[i].line = config->tunnel_ports[i].column = 0;
}

#endif
