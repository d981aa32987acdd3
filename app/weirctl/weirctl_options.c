/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_index {
	SOCKET,
	OUTPUT,
	EXACT,
	WATCH,
	HELP,
	VERSION,
	LIMIT,
	SORT,
	REVERSE,
	ALL,
	PER_WORKER,
	DESCRIBE,
	SCAN,
	SECONDS,
};

const struct weirctl_option weirctl_option_table[] = {
		[SOCKET] = {"socket", 's', "PATH", WEIRCTL_FOR_ALL,
				"control socket or its directory (or $WEIR_SOCKET)"},
		[OUTPUT] = {"output", 'o', "FORMAT", WEIRCTL_FOR_ALL, "table or json"},
		[EXACT] = {"exact", '\0', NULL, WEIRCTL_FOR_ALL, "all digits instead of k, M, G"},
		[WATCH] = {"watch", '\0', "[SEC]", WEIRCTL_FOR_ALL,
				"again every SEC seconds (default 2) until interrupted"},
		[HELP] = {"help", 'h', NULL, WEIRCTL_FOR_ALL, "this text, or that of a command"},
		[VERSION] = {"version", 'V', NULL, WEIRCTL_FOR_ALL, "version of weirctl"},
		[LIMIT] = {"limit", 'n', "N", WEIRCTL_FOR_FLOWS,
				"list N flows, 1 to 1000 (default 20)"},
		[SORT] = {"sort", '\0', "KEY", WEIRCTL_FOR_FLOWS,
				"bytes (default), packets, rate, age, start,\n"
				"                         idle, source or destination"},
		[REVERSE] = {"reverse", 'r', NULL, WEIRCTL_FOR_FLOWS, "last first"},
		[ALL] = {"all", 'a', NULL,
				WEIRCTL_FOR_FLOWS | WEIRCTL_FOR_STATS | WEIRCTL_FOR_AUDIT
						| WEIRCTL_FOR_DROPS,
				"flows: every one, unsorted; else: also what is 0"},
		[PER_WORKER] = {"per-worker", '\0', NULL, WEIRCTL_FOR_STATS,
				"each worker on its own, too"},
		[DESCRIBE] = {"describe", '\0', NULL, WEIRCTL_FOR_STATS,
				"say what each counter counts"},
		[SCAN] = {"scan", '\0', NULL, WEIRCTL_FOR_AUDIT,
				"count live flows in the tables (on a quiet link)"},
		[SECONDS] = {"seconds", '\0', "N", WEIRCTL_FOR_TRACE,
				"give up after N seconds (default 10)"},
};
const unsigned int weirctl_option_count = BASE_COUNT_OF(weirctl_option_table);
#define OPTIONS BASE_COUNT_OF(weirctl_option_table)

/* What getopt_long() returns for row i; above all letters. */
#define CODE(i) (256 + (int)(i))

static void fill_getopt(struct option *longs, char *shorts)
{
	*shorts++ = ':'; /* a missing argument is told apart */
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct weirctl_option *row = &weirctl_option_table[i];
		int argument = !row->argument             ? no_argument
				: row->argument[0] == '[' ? optional_argument
							  : required_argument;
		longs[i] = (struct option){row->name, argument, NULL, CODE(i)};
		if (row->letter) {
			*shorts++ = row->letter;
			if (argument == required_argument)
				*shorts++ = ':';
		}
	}
	longs[OPTIONS] = (struct option){0};
	*shorts = '\0';
}

static int find_letter(int letter)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (weirctl_option_table[i].letter == letter)
			return (int)i;
	}
	return -1;
}

static int parse_integer(
		const char *name, const char *text, long long min, long long max, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	if (end != text && *end == '\0' && errno == 0 && *value >= min && *value <= max)
		return 0;
	fprintf(stderr, "weirctl: --%s: \"%s\"; expected a number of %lld to %lld\n", name, text,
			min, max);
	return -1;
}

static int parse_format(struct weirctl_options *options, const char *text)
{
	options->json = !strcmp(text, "json");
	if (options->json || !strcmp(text, "table"))
		return 0;
	fprintf(stderr, "weirctl: --output: \"%s\"; expected table or json\n", text);
	return -1;
}

static int take_watch(struct weirctl_options *options, const char *text)
{
	long long seconds = 2;

	if (text && parse_integer("watch", text, 1, 86400, &seconds) < 0)
		return -1;
	options->watch_sec = (unsigned int)seconds;
	return 0;
}

static int take(struct weirctl_options *options, int index, const char *argument)
{
	bool *const flags[] = {[EXACT] = &options->exact,
			[HELP] = &options->help,
			[VERSION] = &options->version,
			[REVERSE] = &options->reverse,
			[ALL] = &options->all,
			[PER_WORKER] = &options->per_worker,
			[DESCRIBE] = &options->describe,
			[SCAN] = &options->scan};

	options->given |= 1u << index;
	switch (index) {
	case SOCKET:
		options->socket = argument;
		return 0;
	case OUTPUT:
		return parse_format(options, argument);
	case WATCH:
		return take_watch(options, argument);
	case LIMIT:
		return parse_integer("limit", argument, 1, 1000, &options->limit);
	case SECONDS:
		return parse_integer("seconds", argument, 1, 86400, &options->seconds);
	case SORT:
		options->sort = argument;
		return 0;
	default:
		*flags[index] = true;
		return 0;
	}
}

int weirctl_options_parse(struct weirctl_options *options, int argc, char **argv, int *first)
{
	struct option longs[OPTIONS + 1];
	char shorts[2 * OPTIONS + 2];
	int code;

	*options = (struct weirctl_options){0};
	fill_getopt(longs, shorts);
	opterr = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == '?' || code == ':') {
			fprintf(stderr, "weirctl: %s: %s\n", argv[optind - 1],
					code == ':' ? "needs an argument" : "no such option");
			return -1;
		}
		int index = code >= 256 ? code - 256 : find_letter(code);
		if (take(options, index, optarg) < 0)
			return -1;
	}
	*first = optind;
	return 0;
}

const char *weirctl_options_misplaced(const struct weirctl_options *options, unsigned int scope)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct weirctl_option *row = &weirctl_option_table[i];
		if ((options->given & (1u << i)) && row->scope != WEIRCTL_FOR_ALL
				&& !(row->scope & scope))
			return row->name;
	}
	return NULL;
}

void weirctl_options_print(unsigned int scope)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct weirctl_option *row = &weirctl_option_table[i];
		char letter[8] = "    ", name[40];
		if (scope == WEIRCTL_FOR_ALL ? row->scope != WEIRCTL_FOR_ALL
					     : !(row->scope & scope))
			continue;
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		const char *argument = row->argument ? row->argument : "";
		bool optional = *argument == '[';
		snprintf(name, sizeof(name), "--%s%s%.*s%s", row->name,
				optional                    ? "[="
						: *argument ? " "
							    : "",
				(int)strlen(argument) - 2 * optional, argument + optional,
				optional ? "]" : "");
		printf("  %s%-18s %s\n", letter, name, row->help);
	}
}
