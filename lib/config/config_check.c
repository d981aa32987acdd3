/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_check.h"

#include <stdio.h>
#include <string.h>

/* Below this, AF_XDP drops what it does not count: the ring of the kernel is larger than ours. */
#define XDP_DESCRIPTORS_LEAST 2048

static void item_path(char path[48], const char *list, size_t index, const char *key)
{
	snprintf(path, 48, "%s[%zu].%s", list, index, key);
}

static void check_port(const struct config *config, size_t index, struct config_errors *errors)
{
	const struct config_port *port = &config->ports[index];
	struct config_mark mark = {port->line, port->column};
	char path[48];

	for (size_t i = 0; i < index; i++) {
		if (strcmp(config->ports[i].name, port->name) == 0) {
			item_path(path, "ports", index, "name");
			config_errors_add(errors, mark, path,
					"\"%s\" is the name of ports[%zu], too; expected a name of "
					"its own",
					port->name, i);
		}
	}
	uint32_t descriptors = port->rx_descriptors;
	bool power = (descriptors & (descriptors - 1)) == 0;
	if (port->driver == CONFIG_DRIVER_AF_XDP && port->kind == CONFIG_PORT_INTERFACE
			&& descriptors && (descriptors < XDP_DESCRIPTORS_LEAST || !power)) {
		item_path(path, "ports", index, "rx_descriptors");
		config_errors_add(errors, mark, path,
				"%u with driver af_xdp; expected a power of two from %d on, "
				"because with fewer "
				"AF_XDP does not count its drops",
				descriptors, XDP_DESCRIPTORS_LEAST);
	}
	if (port->kind != CONFIG_PORT_INTERFACE && port->driver != CONFIG_DRIVER_AUTO) {
		item_path(path, "ports", index, "driver");
		config_errors_add(errors, mark, path,
				"a driver is given; expected none, because only an interface has a "
				"choice");
	}
}

static void check_output(const struct config *config, size_t index, struct config_errors *errors)
{
	const struct config_output *output = &config->outputs[index];
	struct config_mark mark = {output->line, output->column};
	char path[48];

	for (size_t i = 0; i < index; i++) {
		if (strcmp(config->outputs[i].path, output->path) == 0) {
			item_path(path, "outputs", index, "path");
			config_errors_add(errors, mark, path,
					"\"%s\" is the path of outputs[%zu], too; expected a file "
					"of its own",
					output->path, i);
		} else if (strcmp(config->outputs[i].name, output->name) == 0) {
			item_path(path, "outputs", index, "name");
			config_errors_add(errors, mark, path,
					"\"%s\" is the name of outputs[%zu], too; expected a name "
					"of its own",
					output->name, i);
		}
	}
	bool rotates = output->rotate_bytes || output->rotate_ns;
	if (rotates && strcmp(output->path, "-") == 0) {
		item_path(path, "outputs", index, "path");
		config_errors_add(errors, mark, path,
				"standard output is to be rotated; expected a file");
	}
}

void config_check(const struct config *config, struct config_mark workers,
		struct config_errors *errors)
{
	for (size_t i = 0; i < config->port_count; i++)
		check_port(config, i, errors);
	for (size_t i = 0; i < config->output_count; i++)
		check_output(config, i, errors);
	if (config->workers.cpu_count > 0 && config->workers.count > 0
			&& config->workers.count != config->workers.cpu_count)
		config_errors_add(errors, workers, "workers.count",
				"%u workers and %zu CPUs; expected as many, or count: auto",
				config->workers.count, config->workers.cpu_count);
}
