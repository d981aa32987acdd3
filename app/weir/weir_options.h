/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of replay and run: options over a configuration file over the defaults. */
#ifndef WEIR_OPTIONS_H
#define WEIR_OPTIONS_H

#include "config.h"
#include "weir_command.h"

#include <stdbool.h>

struct weir_options {
	struct config config;
	bool quiet;
	uint32_t trace_packets; /* replay: how many to show layer by layer */
	bool show_help; /* printed already: leave with 0 */
	int first_argument; /* index in argv of what is no option */
};

enum weir_option_set { WEIR_OPTIONS_REPLAY, WEIR_OPTIONS_RUN };

/*
 * Parses argv into *options; 0, or the exit code after a message on standard error. The outputs are
 * those of the command line if it names any, else those of the file, else standard output.
 */
int weir_options_parse(struct weir_options *options, enum weir_option_set set,
		const struct weir_command *command, int argc, char **argv);

/* Loads a configuration file and prints its errors; 0 or the exit code. */
int weir_options_load(struct config *config, const char *path);

#endif
