/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands: one table, from which dispatch and help come. */
#ifndef WEIRCTL_COMMAND_H
#define WEIRCTL_COMMAND_H

#include "weirctl_options.h"
#include "weirctl_show.h"

#include <stddef.h>

struct weirctl_run {
	const struct weirctl_options *options;
	const struct weirctl_command *command;
	const char *const *words; /* what follows the command */
	unsigned int word_count;
};

struct weirctl_command {
	const char *name;
	const char *words; /* "[FILTER...]", or "" when it takes none */
	const char *summary; /* for the list of commands */
	const char *details; /* for its own help; "" none */
	const char *method; /* NULL: `run` does it all */
	bool admin; /* asks admin.sock */
	unsigned int scope; /* its options */
	/* Parameters from the command line; NULL: none. Returns NULL for none, too. */
	json_t *(*params)(const struct weirctl_run *run);
	void (*show)(struct base_strbuf *out, const struct weirctl_view *view);
	/* Instead of asking `method` and showing the answer. Returns the exit code. */
	int (*run)(const struct weirctl_run *run);
};

extern const struct weirctl_command weirctl_commands[];
extern const size_t weirctl_command_count;

/* NULL when there is none of that name. */
const struct weirctl_command *weirctl_command_lookup(const char *name);
/* The command that was probably meant, or NULL. */
const char *weirctl_command_suggest(const char *name);

/* Runs it, again and again when watched. Returns the exit code. */
int weirctl_command_run(const struct weirctl_run *run);

#endif
