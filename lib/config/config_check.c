/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_check.h"

#include "config_collector.h"
#include "config_device.h"
#include "flow_filter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 64

/* The item that is being checked. */
struct item {
	const char *list; /* "ports" */
	size_t index;
	const struct config_marks *marks;
	struct config_errors *errors;
};

static struct config_mark mark_of(const struct config_marks *marks, const char *path)
{
	return marks->at[config_key_index(config_key_get(path))];
}

/* Where the key `name` of an item stands; line 0 when it is not given. */
static struct config_mark item_mark(const struct item *item, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s[].%s", item->list, name);
	return mark_of(item->marks, path);
}

/* Adds an error about the key `name` of an item, at the item itself when the key is not given. */
static void add_error(const struct item *item, const char *name, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

static void add_error(const struct item *item, const char *name, const char *format, ...)
{
	struct config_mark mark = item_mark(item, name);
	char path[PATH_BYTES];
	va_list args;

	snprintf(path, sizeof(path), "%s[%zu].%s", item->list, item->index, name);
	va_start(args, format);
	config_errors_vadd(item->errors, mark.line ? mark : item->marks->item, path, format, args);
	va_end(args);
}

static const char *const device_keys[] = {
		[CONFIG_PORT_INTERFACE] = "interface",
		[CONFIG_PORT_PCI] = "pci",
		[CONFIG_PORT_VDEV] = "vdev",
};

/* Which of the three keys names the device; false when it is not exactly one. */
static bool find_kind(struct config_port *port, const struct item *item)
{
	const char *first = NULL;
	char path[PATH_BYTES];

	for (size_t kind = 0; kind < BASE_COUNT_OF(device_keys); kind++) {
		if (!item_mark(item, device_keys[kind]).line)
			continue;
		if (first) {
			add_error(item, device_keys[kind],
					"beside \"%s\"; "
					"expected one of interface, pci and vdev",
					first);
			return false;
		}
		first = device_keys[kind];
		port->kind = (enum config_port_kind)kind;
	}
	if (first)
		return true;
	snprintf(path, sizeof(path), "%s[%zu]", item->list, item->index);
	config_errors_add(item->errors, item->marks->item, path,
			"no device; expected one of interface, pci and vdev");
	return false;
}

static void check_driver(const struct config_port *port, const struct item *item)
{
	if (port->driver != CONFIG_DRIVER_AUTO && port->kind != CONFIG_PORT_INTERFACE)
		add_error(item, "driver",
				"a driver for a %s; expected it only beside \"interface\"",
				port->kind == CONFIG_PORT_PCI ? "PCI device" : "virtual device");
}

/* Only where AF_XDP is sure: auto may come to AF_PACKET, which takes any number. */
static void check_descriptors(const struct config_port *port, const struct item *item)
{
	uint32_t count = port->rx_descriptors;

	if (count == 0 || port->kind != CONFIG_PORT_INTERFACE
			|| port->driver != CONFIG_DRIVER_AF_XDP)
		return;
	if (count < CONFIG_AF_XDP_DESCRIPTORS_MIN)
		add_error(item, "rx_descriptors",
				"%u with driver af_xdp; expected auto or at least %d, "
				"because AF_XDP with fewer does not count the packets it drops",
				count, CONFIG_AF_XDP_DESCRIPTORS_MIN);
	else if (count & (count - 1))
		add_error(item, "rx_descriptors",
				"%u with driver af_xdp; expected auto or a power of two, "
				"because AF_XDP takes no other",
				count);
}

static bool is_same_device(const struct config_port *a, const struct config_port *b)
{
	size_t len = config_device_name_len(a->device);

	if (a->kind != b->kind)
		return false;
	if (a->kind != CONFIG_PORT_VDEV)
		return strcmp(a->device, b->device) == 0;
	return len == config_device_name_len(b->device) && memcmp(a->device, b->device, len) == 0;
}

static void check_port_twins(const struct config *config, const struct item *item)
{
	const struct config_port *port = &config->ports[item->index];

	for (size_t i = 0; i < item->index; i++) {
		const struct config_port *other = &config->ports[i];
		if (is_same_device(port, other)) {
			add_error(item, device_keys[port->kind],
					"the device of ports[%zu] in line %d; "
					"expected each device once",
					i, other->line);
			return;
		}
		if (port->name[0] && strcmp(port->name, other->name) == 0) {
			add_error(item, "name",
					"\"%s\" is the name of ports[%zu] in line %d; "
					"expected a name of its own",
					port->name, i, other->line);
			return;
		}
	}
}

static void check_port(struct config *config, const struct item *item)
{
	struct config_port *port = &config->ports[item->index];

	port->line = item->marks->item.line;
	port->column = item->marks->item.column;
	if (!find_kind(port, item) || port->device[0] == '\0')
		return;
	if (port->name[0] == '\0' && !item_mark(item, "name").line) {
		size_t len = config_device_name_len(port->device);
		memcpy(port->name, port->device,
				len < CONFIG_NAME_BYTES ? len : CONFIG_NAME_BYTES - 1);
	}
	check_driver(port, item);
	check_descriptors(port, item);
	check_port_twins(config, item);
}

/* A name from a path: the whole, or as much of its end as fits, from the start of a character. */
static void name_output(struct config_output *output)
{
	const char *tail = output->collector[0] ? output->collector : output->path;
	size_t len = strlen(tail);

	if (len >= CONFIG_NAME_BYTES)
		tail += len - (CONFIG_NAME_BYTES - 1);
	while (((unsigned char)*tail & 0xc0) == 0x80)
		tail++;
	memcpy(output->name, tail, strlen(tail));
}

/* The next part of a path between slashes that is not "."; 0 at its end. */
static size_t next_part(const char **path)
{
	for (;;) {
		*path += strspn(*path, "/");
		size_t len = strcspn(*path, "/");
		if (len != 1 || (*path)[0] != '.')
			return len;
		(*path)++;
	}
}

/* True when two paths name one file without a look at the disk: "./a//b" and "a/b". */
static bool is_same_path(const char *a, const char *b)
{
	if ((a[0] == '/') != (b[0] == '/') || strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
		return strcmp(a, b) == 0;
	for (;;) {
		size_t len = next_part(&a);
		if (len != next_part(&b) || memcmp(a, b, len) != 0)
			return false;
		if (len == 0)
			return true;
		a += len;
		b += len;
	}
}

static void check_output_twins(const struct config *config, const struct item *item)
{
	const struct config_output *output = &config->outputs[item->index];

	for (size_t i = 0; i < item->index; i++) {
		const struct config_output *other = &config->outputs[i];
		if (output->path[0] && other->path[0] && is_same_path(output->path, other->path)) {
			add_error(item, "path",
					"the path of outputs[%zu] in line %d; "
					"expected a path of its own",
					i, other->line);
			return;
		}
		if (output->name[0] && strcmp(output->name, other->name) == 0) {
			add_error(item, "name",
					"\"%s\" is the name of outputs[%zu] in line %d; "
					"expected a name of its own",
					output->name, i, other->line);
			return;
		}
	}
}

static void check_rotation(const struct config_output *output, const struct item *item)
{
	static const char *const keys[] = {"rotate_size", "rotate_every", "keep"};
	const bool given[] = {
			output->rotate_bytes != 0, output->rotate_ns != 0, output->keep_files != 0};
	bool is_stream = strcmp(output->path, "-") == 0;

	for (size_t i = 0; is_stream && i < BASE_COUNT_OF(keys); i++)
		if (given[i])
			add_error(item, keys[i],
					"for standard output, which is not rotated; "
					"expected it only beside the path of a file");
	if (!is_stream && given[2] && !given[0] && !given[1])
		add_error(item, "keep",
				"%u files, but the file is never rotated; "
				"expected rotate_size or rotate_every beside it",
				output->keep_files);
}

/* Exactly one of path and collector; false when not. */
static bool check_place(struct config_output *output, const struct item *item)
{
	bool has_path = item_mark(item, "path").line,
	     has_collector = item_mark(item, "collector").line;
	char path[PATH_BYTES];

	if (has_path && has_collector) {
		add_error(item, "collector", "beside \"path\"; expected one of path and collector");
		return false;
	}
	if (!has_path && !has_collector) {
		snprintf(path, sizeof(path), "%s[%zu]", item->list, item->index);
		config_errors_add(item->errors, item->marks->item, path,
				"no place to go; expected one of path and collector");
		return false;
	}
	if (has_collector && !item_mark(item, "format").line)
		output->format = CONFIG_OUTPUT_IPFIX;
	return output->path[0] || output->collector[0];
}

static void check_collector(const struct config_output *output, const struct item *item)
{
	struct config_collector collector;
	int error = config_collector_parse(output->collector, &collector);

	if (error < 0)
		add_error(item, "collector", "\"%s\" %s", output->collector,
				config_collector_explain(error));
	if (config_format_is_text(output->format))
		add_error(item, "format",
				"text to a collector; expected ipfix, netflow-v9 or netflow-v5");
	else if (output->format != CONFIG_OUTPUT_IPFIX && output->transport != CONFIG_TRANSPORT_UDP)
		add_error(item, "transport", "%s for NetFlow; expected udp",
				config_transport_name(output->transport));
	if (!output->certificate[0] != !output->key[0])
		add_error(item, output->key[0] ? "key" : "certificate",
				"without \"%s\"; expected both or neither",
				output->key[0] ? "certificate" : "key");
}

static void check_path(const struct config_output *output, const struct item *item)
{
	if (output->path[strlen(output->path) - 1] == '/')
		add_error(item, "path", "\"%s\" is a directory; expected a file", output->path);
	if (output->format == CONFIG_OUTPUT_NETFLOW9 || output->format == CONFIG_OUTPUT_NETFLOW5)
		add_error(item, "format",
				"NetFlow into a file; expected ipfix, jsonl or csv, or a collector "
				"instead of path");
}

static const char *explain_misfit(const struct config_key *key)
{
	if (key->flags & CONFIG_FLAG_FILE)
		return "for a collector; expected it only beside \"path\"";
	if (key->flags & CONFIG_FLAG_COLLECTOR)
		return "for a file; expected it only beside \"collector\"";
	if (key->flags & CONFIG_FLAG_TLS)
		return "for a connection without TLS; expected it only with transport tls";
	if (key->flags & CONFIG_FLAG_MESSAGES)
		return "for lines of text; expected it only with format ipfix or NetFlow";
	return "for messages; expected it only with format jsonl or csv";
}

/* Keys that mean nothing here were meant to do something. */
static void check_misfits(const struct config_output *output, const struct item *item)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];
		const char *name = config_key_name(key);
		if (config_key_is_child(key, "outputs[]") && item_mark(item, name).line
				&& !config_key_applies(key, output))
			add_error(item, name, "%s", explain_misfit(key));
	}
}

static void check_record_filter(const struct config_output *output, const struct item *item)
{
	struct flow_filter filter;
	char why[256];

	if (output->filter[0] && flow_filter_parse(&filter, output->filter, why, sizeof(why)) < 0)
		add_error(item, "filter", "%s", why);
}

static bool is_in_group(const struct config_output *output)
{
	return output->spread[0] || output->failover[0];
}

static bool same_group(const struct config_output *a, const struct config_output *b)
{
	return strcmp(a->spread, b->spread) == 0 && strcmp(a->failover, b->failover) == 0;
}

/* With the members before it; and whether there is another member at all. */
static void check_group(const struct config *config, const struct item *item)
{
	const struct config_output *output = &config->outputs[item->index];
	const char *key = output->spread[0] ? "spread" : "failover";
	bool alone = true;

	if (!is_in_group(output))
		return;
	if (output->spread[0] && output->failover[0]) {
		add_error(item, "failover",
				"beside \"spread\"; expected one of spread and failover");
		return;
	}
	for (size_t i = 0; i < config->output_count; i++) {
		const struct config_output *other = &config->outputs[i];
		if (i == item->index || !same_group(output, other))
			continue;
		alone = false;
		if (i < item->index && strcmp(output->filter, other->filter) != 0) {
			add_error(item, item_mark(item, "filter").line ? "filter" : key,
					"not the filter of outputs[%zu] in line %d, which is in "
					"the "
					"same group; expected the same for all",
					i, other->line);
			return;
		}
	}
	if (alone)
		add_error(item, key,
				"\"%s\" has no other output; expected at least two with that word",
				output->spread[0] ? output->spread : output->failover);
}

static void check_sampling(const struct config *config, const struct item *item)
{
	if (!config_sampling_fits(config, &config->outputs[item->index]))
		add_error(item, "format",
				"netflow-v5 with a sampling.rate of %u; expected ipfix or "
				"netflow-v9, or a rate of at most %d, because version 5 can say no "
				"more",
				config->sampling.rate, CONFIG_NETFLOW5_RATE_MAX);
}

static void check_output(struct config *config, const struct item *item)
{
	struct config_output *output = &config->outputs[item->index];

	output->line = item->marks->item.line;
	output->column = item->marks->item.column;
	if (!check_place(output, item))
		return;
	if (output->collector[0]) {
		check_collector(output, item);
	} else {
		check_path(output, item);
		check_rotation(output, item);
	}
	check_sampling(config, item);
	check_misfits(output, item);
	if (output->name[0] == '\0' && !item_mark(item, "name").line)
		name_output(output);
	check_output_twins(config, item);
	check_record_filter(output, item);
	check_group(config, item);
}

static void check_workers(const struct config *config, const struct config_marks *marks,
		struct config_errors *errors)
{
	size_t cpus = config->workers.cpu_count;

	if (config->workers.count != 0 && cpus != 0 && config->workers.count != cpus)
		config_errors_add(errors, mark_of(marks, "workers.count"), "workers.count",
				"%u, but workers.cpus lists %zu; expected auto or %zu",
				config->workers.count, cpus, cpus);
	if (config->workers.idle != CONFIG_IDLE_POLL)
		return;
	for (size_t i = 0; i < cpus; i++)
		if (config->workers.control_cpu == (int32_t)config->workers.cpus[i])
			config_errors_add(errors, mark_of(marks, "workers.control_cpu"),
					"workers.control_cpu",
					"%d is one of workers.cpus, which poll without rest; "
					"expected auto or another CPU",
					config->workers.control_cpu);
}

void config_check(struct config *config, const struct config_places *places,
		struct config_errors *errors)
{
	for (size_t i = 0; i < config->port_count; i++)
		if (places->ports[i].item.line)
			check_port(config, &(struct item){"ports", i, &places->ports[i], errors});
	for (size_t i = 0; i < config->output_count; i++)
		if (places->outputs[i].item.line)
			check_output(config,
					&(struct item){"outputs", i, &places->outputs[i], errors});
	for (size_t i = 0; i < config->tunnel_port_count; i++) {
		config->tunnel_ports[i].line = places->tunnel_ports[i].item.line;
		config->tunnel_ports[i].column = places->tunnel_ports[i].item.column;
	}
	struct config_mark filter = mark_of(&places->top, "filter");
	config->filter_line = filter.line;
	config->filter_column = filter.column;
	check_workers(config, &places->top, errors);
}
