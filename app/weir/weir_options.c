/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_options.h"

#include "base_log.h"
#include "config_collector.h"
#include "config_schema.h"
#include "config_value.h"
#include "tap.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* What the command line says, before it is laid over the file. */
struct line {
	const char *config_path;
	const char *interfaces[CONFIG_MAX_PORTS];
	size_t interface_count;
	const char *output;
	const char *exports[CONFIG_MAX_OUTPUTS - 1];
	size_t export_count;
	const char *filter;
	uint32_t sample_rate; /* 0: not given */
	enum config_sampling sample_method;
	const char *socket_directory;
	int format; /* enum config_output_format; -1: not given */
	uint32_t workers;
	bool force, community_id;
};

static int usage(const struct weir_command *command, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static int usage(const struct weir_command *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "weir %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n  see: weir %s --help\n", command->name);
	return EX_USAGE;
}

int weir_options_load(struct config *config, const char *path)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	unsigned int count = 0;
	int rc = config_load(config, path, &errors, &count);

	if (rc == 0) {
		if (errors.len > 0)
			fputs(errors.text, stderr);
		base_strbuf_fini(&errors);
		return 0;
	}
	if (count > 0) {
		fputs(errors.text, stderr);
		fprintf(stderr, "%u error%s; nothing was started\n", count, count == 1 ? "" : "s");
	} else {
		fprintf(stderr, "weir: cannot read the configuration %s: %s\n", path,
				strerror(-rc));
	}
	base_strbuf_fini(&errors);
	return rc == -ENOENT ? EX_NOINPUT : rc == -EACCES ? EX_NOPERM : EX_CONFIG;
}

static int parse_format(const struct weir_command *command, const char *text, struct line *line)
{
	if (strcmp(text, "jsonl") == 0)
		line->format = CONFIG_OUTPUT_JSONL;
	else if (strcmp(text, "csv") == 0)
		line->format = CONFIG_OUTPUT_CSV;
	else if (strcmp(text, "ipfix") == 0)
		line->format = CONFIG_OUTPUT_IPFIX;
	else
		return usage(command, "format \"%s\" is not known; use jsonl, csv or ipfix", text);
	return 0;
}

static int take_export(const struct weir_command *command, const char *url, struct line *line)
{
	if (line->export_count == BASE_COUNT_OF(line->exports))
		return usage(command, "more than %zu collectors, at %s",
				BASE_COUNT_OF(line->exports), url);
	line->exports[line->export_count++] = url;
	return 0;
}

static int parse_workers(const struct weir_command *command, const char *text, struct line *line)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 1 || value > CONFIG_MAX_WORKERS)
		return usage(command, "--workers %s is not a number from 1 to 64", text);
	line->workers = (uint32_t)value;
	return 0;
}

/* N, systematic:N or random:N, as the configuration takes them. */
static int parse_sample(const struct weir_command *command, const char *text, struct line *line)
{
	const char *colon = strchr(text, ':'), *number = colon ? colon + 1 : text;
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	struct config config = {0};
	char method[16] = "systematic";
	int rc = 0;

	if (colon)
		snprintf(method, sizeof(method), "%.*s", (int)(colon - text), text);
	if (config_value_parse(config_key_get("sampling.method"), method, strlen(method), &config,
			    &why) < 0
			|| config_value_parse(config_key_get("sampling.rate"), number,
					   strlen(number), &config, &why)
					< 0)
		rc = usage(command, "--sample %s: %s", text, why.text ? why.text : "out of memory");
	base_strbuf_fini(&why);
	line->sample_rate = config.sampling.rate;
	line->sample_method = config.sampling.method;
	return rc;
}

static int parse_trace(
		struct weir_options *options, const struct weir_command *command, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 1 || value > TAP_MAX_PACKETS)
		return usage(command, "--trace %s is not a number from 1 to %d", text,
				TAP_MAX_PACKETS);
	options->trace_packets = (uint32_t)value;
	return 0;
}

static const struct option long_options[] = {
		{"config", required_argument, NULL, 'c'},
		{"interface", required_argument, NULL, 'i'},
		{"output", required_argument, NULL, 'o'},
		{"export", required_argument, NULL, 'E'},
		{"format", required_argument, NULL, 'F'},
		{"workers", required_argument, NULL, 'w'},
		{"socket-dir", required_argument, NULL, 's'},
		{"community-id", no_argument, NULL, 'C'},
		{"trace", required_argument, NULL, 'T'},
		{"filter", required_argument, NULL, 'f'},
		{"sample", required_argument, NULL, 'S'},
		{"force", no_argument, NULL, 't'},
		{"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
};

/* One option; 0, or an exit code. Those of run alone come as '?' in replay. */
static int take_option(struct weir_options *options, const struct weir_command *command, int option,
		struct line *line)
{
	switch (option) {
	case 'c':
		line->config_path = optarg;
		return 0;
	case 'i':
		if (line->interface_count == CONFIG_MAX_PORTS)
			return usage(command, "more than 16 interfaces, at %s", optarg);
		line->interfaces[line->interface_count++] = optarg;
		return 0;
	case 'o':
		line->output = optarg;
		return 0;
	case 'E':
		return take_export(command, optarg, line);
	case 'F':
		return parse_format(command, optarg, line);
	case 'w':
		return parse_workers(command, optarg, line);
	case 's':
		line->socket_directory = optarg;
		return 0;
	case 'C':
		line->community_id = true;
		return 0;
	case 'f':
		line->filter = optarg;
		return 0;
	case 'S':
		return parse_sample(command, optarg, line);
	case 'T':
		return parse_trace(options, command, optarg);
	case 't':
		line->force = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'h':
		weir_command_print_help(command);
		options->show_help = true;
		return 0;
	default:
		fprintf(stderr, "  see: weir %s --help\n", command->name);
		return EX_USAGE;
	}
}

static int copy_text(const struct weir_command *command, char *to, size_t size, const char *from)
{
	if (strlen(from) >= size)
		return usage(command, "\"%.40s...\" is too long: %zu octets; expected at most %zu",
				from, strlen(from), size - 1);
	strcpy(to, from);
	return 0;
}

static int add_interfaces(
		const struct weir_command *command, struct config *config, const struct line *line)
{
	if (line->interface_count > 0)
		config->port_count = 0;
	for (size_t i = 0; i < line->interface_count; i++) {
		struct config_port *port = &config->ports[config->port_count++];
		*port = (struct config_port){.kind = CONFIG_PORT_INTERFACE, .promiscuous = true};
		int rc = copy_text(command, port->name, sizeof(port->name), line->interfaces[i]);
		if (rc == 0)
			rc = copy_text(command, port->device, sizeof(port->device),
					line->interfaces[i]);
		if (rc != 0)
			return rc;
	}
	for (size_t i = 0; i < config->port_count; i++)
		config->ports[i].force |= line->force;
	return 0;
}

static int add_output(
		const struct weir_command *command, struct config *config, const struct line *line)
{
	bool names_one = line->output || line->format >= 0 || line->export_count > 0;

	if (names_one)
		config->output_count = 0;
	/* records go to standard output when nothing else is said */
	if (config->output_count == 0 && (line->output || line->format >= 0 || !names_one)) {
		struct config_output *output = &config->outputs[0];
		memset(output, 0, sizeof(*output));
		config_key_set_defaults("outputs[]", output);
		config->output_count = 1;
		const char *path = line->output ? line->output : "-";
		int rc = copy_text(command, output->path, sizeof(output->path), path);
		if (rc != 0)
			return rc;
		const char *name = strcmp(path, "-") == 0 ? "standard output" : path;
		snprintf(output->name, sizeof(output->name), "%.*s", (int)sizeof(output->name) - 1,
				name);
		if (line->format >= 0)
			output->format = (enum config_output_format)line->format;
		output->community_id = line->community_id;
	}
	return 0;
}

static int add_exports(
		const struct weir_command *command, struct config *config, const struct line *line)
{
	for (size_t i = 0; i < line->export_count; i++) {
		struct base_strbuf why = BASE_STRBUF_EMPTY;
		int rc = config_output_parse_url(
				&config->outputs[config->output_count], line->exports[i], &why);
		if (rc < 0)
			rc = usage(command, "--export %s: %s", line->exports[i],
					why.text ? why.text : "out of memory");
		base_strbuf_fini(&why);
		if (rc != 0)
			return rc;
		config->output_count++;
	}
	return 0;
}

/* A file alone was checked; the command line may have brought rate and output together. */
static int check_sampling(const struct weir_command *command, const struct config *config)
{
	for (size_t i = 0; i < config->output_count; i++) {
		if (!config_sampling_fits(config, &config->outputs[i]))
			return usage(command,
					"%s: NetFlow version 5 cannot say that one packet in %u is "
					"sampled; use ipfix or netflow-v9, or a rate of at most %d",
					config->outputs[i].name, config->sampling.rate,
					CONFIG_NETFLOW5_RATE_MAX);
	}
	return 0;
}

static int lay_over(struct weir_options *options, const struct weir_command *command,
		const struct line *line)
{
	struct config *config = &options->config;

	config_set_defaults(config);
	if (line->config_path) {
		int rc = weir_options_load(config, line->config_path);
		if (rc != 0)
			return rc;
	}
	base_log_set_level((enum base_log_level)config->log.level);
	if (line->workers > 0)
		config->workers.count = line->workers;
	if (line->socket_directory) {
		int rc = copy_text(command, config->control.directory,
				sizeof(config->control.directory), line->socket_directory);
		if (rc != 0)
			return rc;
	}
	if (line->filter) {
		int rc = copy_text(command, config->filter, sizeof(config->filter), line->filter);
		if (rc != 0)
			return rc;
		config->filter_line = 0;
	}
	if (line->sample_rate > 0) {
		config->sampling.rate = line->sample_rate;
		config->sampling.method = line->sample_method;
	}
	int rc = add_interfaces(command, config, line);
	/* the trace goes to standard output: records only where they were sent */
	bool silent = options->trace_packets > 0 && !line->output && line->format < 0;
	if (rc == 0 && (!silent || config->output_count > 0 || line->export_count > 0))
		rc = add_output(command, config, line);
	if (rc == 0)
		rc = add_exports(command, config, line);
	return rc == 0 ? check_sampling(command, config) : rc;
}

int weir_options_parse(struct weir_options *options, enum weir_option_set set,
		const struct weir_command *command, int argc, char **argv)
{
	const char *letters = set == WEIR_OPTIONS_RUN ? "c:i:o:f:qh" : "c:o:f:qh";
	struct line line = {.format = -1};
	char name[32]; /* what getopt puts before its messages */
	int option, index;

	snprintf(name, sizeof(name), "weir %s", command->name);
	argv[0] = name;

	*options = (struct weir_options){0};
	optind = 0;
	while ((option = getopt_long(argc, argv, letters, long_options, &index)) != -1) {
		if (set == WEIR_OPTIONS_RUN && option == 'T')
			return usage(command,
					"--trace is an option of replay; live: weirctl trace");
		if (set == WEIR_OPTIONS_REPLAY && strchr("sit", option) && option != 'h')
			return usage(command, "--%s is an option of run", long_options[index].name);
		int rc = take_option(options, command, option, &line);
		if (rc != 0 || options->show_help)
			return rc;
	}
	options->first_argument = optind;
	return lay_over(options, command, &line);
}
