/* SPDX-License-Identifier: BSD-3-Clause */
/* module: config */
/*
 * Any text must be refused with errors or give a configuration that is written as YAML and read
 * back to the same.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool parse(struct config *config, const char *text, size_t len)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	unsigned int count;
	int rc = config_parse(config, text, len, "fuzz", &errors, &count);

	if ((rc == 0) != (count == 0) || (rc == 0) != (errors.len == 0))
		abort();
	base_strbuf_fini(&errors);
	for (size_t i = 0; i < config->port_count; i++)
		config->ports[i].line = config->ports[i].column = 0;
	for (size_t i = 0; i < config->output_count; i++)
		config->outputs[i].line = config->outputs[i].column = 0;
	for (size_t i = 0; i < config->tunnel_port_count; i++)
		config->tunnel_ports[i].line = config->tunnel_ports[i].column = 0;
	config->filter_line = config->filter_column = 0;
	return rc == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config first, second;
	struct base_strbuf yaml = BASE_STRBUF_EMPTY;

	if (!parse(&first, (const char *)data, size))
		return 0;
	config_write_yaml(&first, &yaml);
	if (!parse(&second, yaml.text, yaml.len) || memcmp(&first, &second, sizeof(first)) != 0)
		abort();
	base_strbuf_fini(&yaml);
	return 0;
}
