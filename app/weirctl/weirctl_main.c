/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weirctl asks a running weir over its control socket. It knows the protocol alone, so that it
 * starts at once, needs no DPDK, and works from a host where only this program is installed.
 */
#include "weirctl_command.h"
#include "weirctl_options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void print_help(void)
{
	printf("weirctl asks a running weir what it sees.\n"
	       "\n"
	       "usage: weirctl [OPTION...] COMMAND [WORD...]\n"
	       "\n"
	       "commands:\n");
	for (size_t i = 0; i < weirctl_command_count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "%s %s", weirctl_commands[i].name,
				weirctl_commands[i].words);
		printf("  %-18s %s\n", name, weirctl_commands[i].summary);
	}
	printf("\noptions:\n");
	weirctl_options_print(WEIRCTL_FOR_ALL);
	printf("\n\"weirctl COMMAND --help\" tells more. Exit codes: 0 well; 1 the audit does\n"
	       "not close, or a rule is broken; 64 usage; 69 no weir answers; 75 it is busy;\n"
	       "77 not allowed.\n");
}

static void print_command_help(const struct weirctl_command *command)
{
	printf("%s\n\nusage: weirctl %s%s%s%s\n", command->summary, command->name,
			command->scope ? " [OPTION...]" : "", *command->words ? " " : "",
			command->words);
	if (*command->details)
		printf("\n%s", command->details);
	if (command->scope) {
		printf("\noptions:\n");
		weirctl_options_print(command->scope);
	}
	printf("\ngeneral options:\n");
	weirctl_options_print(WEIRCTL_FOR_ALL);
}

static int say_unknown(const char *name)
{
	const char *meant = weirctl_command_suggest(name);

	fprintf(stderr, "weirctl: \"%s\" is no command", name);
	if (meant)
		fprintf(stderr, "; did you mean \"%s\"?\n", meant);
	else
		fprintf(stderr, "; weirctl --help lists them\n");
	return EX_USAGE;
}

/* 0, or an exit code after it said what does not fit the command. */
static int check(const struct weirctl_run *run)
{
	const struct weirctl_command *command = run->command;
	const char *misplaced = weirctl_options_misplaced(run->options, command->scope);

	if (misplaced) {
		fprintf(stderr, "weirctl: %s has no option --%s\n  see:      weirctl %s --help\n",
				command->name, misplaced, command->name);
		return EX_USAGE;
	}
	if (run->word_count > 0 && !*command->words) {
		fprintf(stderr, "weirctl: %s takes no words, found \"%s\"\n", command->name,
				run->words[0]);
		return EX_USAGE;
	}
	return 0;
}

/* "help" and "help COMMAND" are other ways to say --help. */
static int help(const char *name)
{
	const struct weirctl_command *command = name ? weirctl_command_lookup(name) : NULL;

	if (name && !command)
		return say_unknown(name);
	if (command)
		print_command_help(command);
	else
		print_help();
	return 0;
}

int main(int argc, char **argv)
{
	struct weirctl_options options;
	int first;

	if (weirctl_options_parse(&options, argc, argv, &first) < 0)
		return EX_USAGE;
	const char *name = argv[first];
	if (options.version) {
		printf("weirctl %s\n", WEIR_VERSION);
		return 0;
	}
	if (name && !strcmp(name, "help"))
		return help(argv[first + 1]);
	if (options.help)
		return help(name);
	if (!name) {
		fprintf(stderr, "weirctl: which command? weirctl --help lists them\n");
		return EX_USAGE;
	}
	const struct weirctl_command *command = weirctl_command_lookup(name);
	if (!command)
		return say_unknown(name);
	const struct weirctl_run run = {.options = &options,
			.command = command,
			.words = (const char *const *)&argv[first + 1],
			.word_count = (unsigned int)(argc - first - 1)};
	int rc = check(&run);
	return rc ? rc : weirctl_command_run(&run);
}
