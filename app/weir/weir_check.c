/* SPDX-License-Identifier: BSD-3-Clause */
/* weir check: is this configuration good? */
#include "export_transport.h"
#include "weir_engine.h"
#include "weir_options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* What this host must have for them, such as readable keys. */
static int check_outputs(const struct config *config)
{
	char cause[EXPORT_CAUSE_BYTES];
	int rc = 0;

	for (size_t i = 0; i < config->output_count; i++) {
		const struct config_output *output = &config->outputs[i];
		if (export_transport_check(output, cause, sizeof(cause)) == 0)
			continue;
		fprintf(stderr, "%s:%d:%d: outputs[%zu]: %s\n", config->source, output->line,
				output->column, i, cause);
		rc = EX_CONFIG;
	}
	return rc;
}

int weir_check(const struct weir_command *command, int argc, char **argv)
{
	static struct config config;
	static struct packet_policy policy;
	struct filter *filter = NULL;
	int rc = 0;

	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		weir_command_print_help(command);
		return 0;
	}
	if (argc < 2) {
		fprintf(stderr,
				"weir check: no configuration file is named\n"
				"  try: weir check /etc/weir/weir.yaml\n");
		return EX_USAGE;
	}
	for (int i = 1; i < argc; i++) {
		config_set_defaults(&config);
		int one = weir_options_load(&config, argv[i]);
		if (one == 0)
			one = weir_engine_policy(&policy, &config);
		if (one == 0)
			one = weir_engine_filter(&filter, &config);
		if (one == 0)
			one = check_outputs(&config);
		filter_destroy(filter);
		filter = NULL;
		if (one == 0)
			printf("%s: good: %zu port%s, %zu output%s\n", argv[i], config.port_count,
					config.port_count == 1 ? "" : "s", config.output_count,
					config.output_count == 1 ? "" : "s");
		else
			rc = one;
	}
	return rc;
}
