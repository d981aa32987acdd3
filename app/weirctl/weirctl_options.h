/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line: one table of options, from which parsing and help come. */
#ifndef WEIRCTL_OPTIONS_H
#define WEIRCTL_OPTIONS_H

#include "base_cacheline.h"

#include <stdbool.h>

struct weirctl_options {
	const char *socket; /* NULL: where weir usually listens */
	bool json, exact, help, version;
	unsigned int watch_sec; /* 0: once */
	long long limit; /* 0: not given */
	long long seconds; /* 0: not given */
	const char *sort;
	bool reverse, all, per_worker, describe, scan;
	unsigned int given; /* bit of each row of the table that was given */
};

/* The commands that an option is for. */
enum weirctl_scope {
	WEIRCTL_FOR_ALL = 0,
	WEIRCTL_FOR_FLOWS = 1 << 0,
	WEIRCTL_FOR_STATS = 1 << 1,
	WEIRCTL_FOR_AUDIT = 1 << 2,
	WEIRCTL_FOR_DROPS = 1 << 3,
	WEIRCTL_FOR_TRACE = 1 << 4,
};

struct weirctl_option {
	const char *name;
	char letter; /* or '\0' */
	const char *argument; /* NULL none; "[SEC]" optional */
	unsigned int scope; /* enum weirctl_scope, or-ed */
	const char *help;
};

extern const struct weirctl_option weirctl_option_table[];
extern const unsigned int weirctl_option_count;

/*
 * Parses argv and moves what is no option to its end; *first gets the index of that. 0, or -1 after
 * it said on standard error what is wrong.
 */
int weirctl_options_parse(
		struct weirctl_options *options, int argc, char **argv, int *first) BASE_MUST_CHECK;
/* The name of a given option that is not for `scope`, or NULL. */
const char *weirctl_options_misplaced(const struct weirctl_options *options, unsigned int scope);

/* Prints the options that are for `scope` (WEIRCTL_FOR_ALL: the general ones) to standard output.
 */
void weirctl_options_print(unsigned int scope);

#endif
