/* SPDX-License-Identifier: BSD-3-Clause */
/* The subcommands of weir: one table, from which come dispatch and help. */
#ifndef WEIR_COMMAND_H
#define WEIR_COMMAND_H

struct weir_command {
	const char *name;
	const char *arguments; /* "[OPTION]... FILE..." */
	const char *summary; /* one line of `weir --help` */
	const char *help; /* the rest of `weir NAME --help` */
	/* argv[0] is the subcommand; returns the exit code (sysexits.h). */
	int (*run)(const struct weir_command *command, int argc, char **argv);
};

int weir_replay(const struct weir_command *command, int argc, char **argv);
int weir_run(const struct weir_command *command, int argc, char **argv);
int weir_bench(const struct weir_command *command, int argc, char **argv);
int weir_plan(const struct weir_command *command, int argc, char **argv);
int weir_check(const struct weir_command *command, int argc, char **argv);
int weir_ipfix(const struct weir_command *command, int argc, char **argv);
int weir_reference(const struct weir_command *command, int argc, char **argv);

/* `weir NAME --help` on standard output. */
void weir_command_print_help(const struct weir_command *command);

#endif
