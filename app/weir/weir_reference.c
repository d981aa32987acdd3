/* SPDX-License-Identifier: BSD-3-Clause */
/* weir reference: the reference pages, from the tables that the program itself uses. */
#include "config.h"
#include "export_reference.h"
#include "stats_reference.h"
#include "weir_command.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	const char *name;
	void (*write)(struct base_strbuf *out);
} pages[] = {
		{"configuration", config_write_reference},
		{"counters", stats_write_reference},
		{"records", export_write_reference},
};

int weir_reference(const struct weir_command *command, int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		weir_command_print_help(command);
		return 0;
	}
	for (size_t i = 0; argc == 2 && i < BASE_COUNT_OF(pages); i++) {
		if (strcmp(argv[1], pages[i].name) != 0)
			continue;
		struct base_strbuf out = BASE_STRBUF_EMPTY;
		pages[i].write(&out);
		fputs(out.text ? out.text : "", stdout);
		base_strbuf_fini(&out);
		return 0;
	}
	fprintf(stderr, "weir reference: name one page: configuration, counters or records\n");
	return EX_USAGE;
}
