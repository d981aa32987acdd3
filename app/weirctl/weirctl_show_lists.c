/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <stdio.h>
#include <string.h>

static const struct weirctl_column port_columns[] = {{"PORT", false}, {"DRIVER", false},
		{"DEVICE", false}, {"LINK", false}, {"QUEUES", true}, {"PKT/S", true},
		{"BIT/S", true}, {"RECEIVED", true}, {"MISSED", true}, {"ERRORS", true}};

static void add_link(struct weirctl_table *table, const json_t *port)
{
	char text[WEIRCTL_NUMBER_BYTES + 8], rate[WEIRCTL_NUMBER_BYTES];
	int64_t speed = weirctl_integer(port, "speed_mbps");

	if (!json_is_true(json_object_get(port, "link_up"))) {
		weirctl_table_add_coloured(table, WEIRCTL_BAD, "down");
		return;
	}
	snprintf(text, sizeof(text), "up%s%s", speed ? " " : "",
			speed ? base_units_rate((double)speed * 1e6, "b", rate) : "");
	weirctl_table_add(table, text);
}

static enum weirctl_colour loss_colour(const json_t *value)
{
	if (!json_is_integer(value))
		return WEIRCTL_WARN;
	return json_integer_value(value) > 0 ? WEIRCTL_BAD : WEIRCTL_PLAIN;
}

static void add_loss(
		struct weirctl_table *table, const json_t *value, const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add_coloured(table, loss_colour(value), weirctl_count(value, style, text));
}

static void add_count(
		struct weirctl_table *table, const json_t *value, const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(table, weirctl_count(value, style, text));
}

static void add_per_sec(
		struct weirctl_table *table, const json_t *value, const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(table, weirctl_per_sec(value, style, text));
}

static void add_port(
		struct weirctl_table *table, const json_t *port, const struct weirctl_style *style)
{
	weirctl_table_add(table, weirctl_text(port, "name"));
	weirctl_table_add(table, weirctl_text(port, "driver"));
	weirctl_table_add(table, weirctl_text(port, "device"));
	add_link(table, port);
	add_count(table, json_object_get(port, "queues"), style);
	add_per_sec(table, json_object_get(port, "packets_per_sec"), style);
	add_per_sec(table, json_object_get(port, "bits_per_sec"), style);
	add_count(table, json_object_get(port, "received_packets"), style);
	add_loss(table, json_object_get(port, "missed_packets"), style);
	add_loss(table, json_object_get(port, "error_packets"), style);
}

static void show_port_facts(struct base_strbuf *out, const json_t *port)
{
	const char *note = weirctl_text(port, "note"), *rss = weirctl_text(port, "rss");
	const char *mac = weirctl_text(port, "mac");
	char node[WEIRCTL_NUMBER_BYTES], descriptors[WEIRCTL_NUMBER_BYTES];

	base_strbuf_printf(out, "\n%s   %s%s%s descriptors a queue, NUMA node %s, %s\n",
			weirctl_text(port, "name"), mac, *mac ? "   " : "",
			weirctl_integer_or(
					json_object_get(port, "rx_descriptors"), "?", descriptors),
			weirctl_integer_or(json_object_get(port, "numa_node"), "unknown", node),
			json_is_true(json_object_get(port, "promiscuous")) ? "promiscuous"
									   : "not promiscuous");
	if (*rss)
		base_strbuf_printf(out, "    spread: %s\n", rss);
	if (*note)
		base_strbuf_printf(out, "    note: %s\n", note);
}

void weirctl_show_ports(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *ports = json_object_get(view->result, "ports");
	const json_t *port;
	struct weirctl_table table;
	size_t i;

	if (json_array_size(ports) == 0) {
		base_strbuf_puts(out, "no ports: this weir reads capture files\n");
		return;
	}
	weirctl_table_init(&table, port_columns, sizeof(port_columns) / sizeof(port_columns[0]));
	json_array_foreach (ports, i, port)
		add_port(&table, port, &view->style);
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	json_array_foreach (ports, i, port)
		show_port_facts(out, port);
}

static const struct weirctl_column worker_columns[] = {{"WORKER", true}, {"CPU", true},
		{"NODE", true}, {"QUEUES", false}, {"PKT/S", true}, {"BUSY", true},
		{"HEADROOM", true}, {"NS/PKT", true}, {"BURST", true}, {"LIVE FLOWS", true},
		{"FULL", true}, {"WAITING", true}, {"LOST", true}, {"SAMPLED OUT", true}};
/* The last one only where packets are sampled. */
#define PLAIN_WORKER_COLUMNS (sizeof(worker_columns) / sizeof(worker_columns[0]) - 1)

static void add_real(struct weirctl_table *table, const json_t *value, int digits)
{
	char text[WEIRCTL_NUMBER_BYTES];

	snprintf(text, sizeof(text), "%.*f", digits, weirctl_real(value));
	weirctl_table_add(table, text);
}

static void add_share(struct weirctl_table *table, const json_t *part, const json_t *whole)
{
	char text[WEIRCTL_NUMBER_BYTES];
	double share = weirctl_real(whole) > 0 ? weirctl_real(part) / weirctl_real(whole) : 0;

	snprintf(text, sizeof(text), "%.0f %%", 100 * share);
	weirctl_table_add_coloured(table, share > 0.85 ? WEIRCTL_WARN : WEIRCTL_PLAIN, text);
}

static void add_worker(struct weirctl_table *table, const json_t *worker,
		const struct weirctl_style *style)
{
	const json_t *busy = json_object_get(worker, "busy");
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(table, weirctl_integer_or(json_object_get(worker, "worker"), "?", text));
	weirctl_table_add(table, weirctl_integer_or(json_object_get(worker, "cpu"), "any", text));
	weirctl_table_add(
			table, weirctl_integer_or(json_object_get(worker, "numa_node"), "?", text));
	weirctl_table_add(table, weirctl_text(worker, "queues"));
	add_per_sec(table, json_object_get(worker, "packets_per_sec"), style);
	weirctl_table_add_coloured(table, weirctl_real(busy) > 0.85 ? WEIRCTL_WARN : WEIRCTL_PLAIN,
			weirctl_percent(busy, text));
	weirctl_table_add(table, weirctl_headroom(busy, text));
	add_real(table, json_object_get(worker, "ns_per_packet"), 0);
	add_real(table, json_object_get(worker, "burst_mean"), 1);
	add_count(table, json_object_get(worker, "flows_live"), style);
	add_share(table, json_object_get(worker, "flows_live"),
			json_object_get(worker, "capacity"));
	add_count(table, json_object_get(worker, "ring_waiting"), style);
	add_loss(table, json_object_get(worker, "ring_lost"), style);
}

static const struct weirctl_column load_columns[] = {{"WORKER", true}, {"CYC/PKT", true},
		{"RECEIVE", true}, {"DECODE", true}, {"LOOKUP", true}, {"UPDATE", true},
		{"AGE", true}, {"PUBLISH", true}, {"BUSIEST: 1 MIN", true}, {"1 H", true},
		{"EVER", true}};

static void add_cycles(struct weirctl_table *table, const json_t *cycles, const char *stage)
{
	const json_t *value = json_object_get(cycles, stage);
	char text[32] = "-";

	if (value)
		snprintf(text, sizeof(text), "%.0f", weirctl_real(value));
	weirctl_table_add(table, text);
}

/* What a packet costs by stage, and how busy it has been: the room that is left at the worst time.
 */
static void show_load(
		struct base_strbuf *out, const struct weirctl_view *view, const json_t *workers)
{
	static const char *const stages[] = {
			"total", "receive", "decode", "lookup", "update", "age", "publish"};
	static const char *const peaks[] = {"busy_minute", "busy_hour", "busy_ever"};
	struct weirctl_table table;
	const json_t *worker;
	char text[WEIRCTL_NUMBER_BYTES];
	size_t i;

	if (!json_object_get(json_array_get(workers, 0), "busy_ever"))
		return; /* an older weir */
	weirctl_table_init(&table, load_columns, sizeof(load_columns) / sizeof(load_columns[0]));
	json_array_foreach (workers, i, worker) {
		const json_t *cycles = json_object_get(worker, "cycles_per_packet");
		weirctl_table_add(&table,
				weirctl_integer_or(json_object_get(worker, "worker"), "?", text));
		for (size_t s = 0; s < sizeof(stages) / sizeof(stages[0]); s++)
			add_cycles(&table, cycles, stages[s]);
		for (size_t p = 0; p < sizeof(peaks) / sizeof(peaks[0]); p++)
			weirctl_table_add(&table,
					weirctl_percent(json_object_get(worker, peaks[p]), text));
	}
	base_strbuf_putc(out, '\n');
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	base_strbuf_puts(out, "TSC cycles a packet in the last second, and the busiest seconds\n");
}

static bool is_sampled(const json_t *workers)
{
	const json_t *worker;
	size_t i;

	json_array_foreach (workers, i, worker) {
		if (weirctl_integer(worker, "sampled_out_packets") > 0)
			return true;
	}
	return false;
}

void weirctl_show_workers(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *workers = json_object_get(view->result, "workers");
	const json_t *worker;
	struct weirctl_table table;
	char memory[BASE_UNITS_BYTES];
	uint64_t bytes = 0;
	size_t i;

	bool sampled = is_sampled(workers);
	weirctl_table_init(&table, worker_columns, PLAIN_WORKER_COLUMNS + sampled);
	json_array_foreach (workers, i, worker) {
		add_worker(&table, worker, &view->style);
		if (sampled)
			add_count(&table, json_object_get(worker, "sampled_out_packets"),
					&view->style);
		bytes += (uint64_t)weirctl_integer(worker, "memory_bytes");
	}
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	show_load(out, view, workers);
	base_strbuf_printf(out,
			"flow tables and rings take %s in %s; WAITING and LOST are records\n",
			base_units_bytes_iec(bytes, memory),
			weirctl_text(json_array_get(workers, 0), "memory_pages"));
}
