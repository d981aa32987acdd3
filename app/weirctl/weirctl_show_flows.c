/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <stdio.h>
#include <string.h>

static const struct weirctl_column columns[] = {{"SOURCE", false}, {"DESTINATION", false},
		{"PROTO", false}, {"PACKETS", true}, {"BYTES", true}, {"RATE", true}, {"AGE", true},
		{"STATE", false}, {"FLAGS", false}, {"INSIDE", false}};
#define PLAIN_COLUMNS                                                              \
	(sizeof(columns) / sizeof(columns[0]) - 1) /* no flow in a tunnel is shown \
						    */

static const struct {
	int number;
	const char *name;
} protocols[] = {{1, "icmp"}, {2, "igmp"}, {6, "tcp"}, {17, "udp"}, {47, "gre"}, {50, "esp"},
		{51, "ah"}, {58, "icmp6"}, {89, "ospf"}, {132, "sctp"}};

static void add_end(struct weirctl_table *table, const json_t *flow, const char *address,
		const char *port)
{
	const char *ip = weirctl_text(flow, address);
	const json_t *number = json_object_get(flow, port);
	bool brackets = strchr(ip, ':') && number;
	char text[80];

	if (number)
		snprintf(text, sizeof(text), "%s%s%s:%lld", brackets ? "[" : "", ip,
				brackets ? "]" : "", (long long)json_integer_value(number));
	else
		snprintf(text, sizeof(text), "%s", ip);
	weirctl_table_add(table, text);
}

static void add_protocol(struct weirctl_table *table, const json_t *flow)
{
	int64_t number = weirctl_integer(flow, "proto");
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].number == number)
			snprintf(text, sizeof(text), "%s", protocols[i].name);
	}
	weirctl_table_add(table, text);
}

static json_t *both(const json_t *flow, const char *forward, const char *reverse)
{
	return json_integer(weirctl_integer(flow, forward) + weirctl_integer(flow, reverse));
}

/* The flags of both directions, in the order of a connection's life. */
static void add_flags(struct weirctl_table *table, const json_t *flow)
{
	static const char order[] = "SAFRPUECN";
	const char *forward = weirctl_text(flow, "tcp_flags");
	const char *reverse = weirctl_text(flow, "rev_tcp_flags");
	char text[sizeof(order)];
	size_t len = 0;

	for (const char *p = order; *p; p++) {
		if (strchr(forward, *p) || strchr(reverse, *p))
			text[len++] = *p;
	}
	text[len] = '\0';
	weirctl_table_add(table, len ? text : "-");
}

/* "vxlan 5000", "6in4", "-". */
static void add_tunnel(struct weirctl_table *table, const json_t *flow)
{
	const char *tunnel = weirctl_text(flow, "tunnel");
	const json_t *id = json_object_get(flow, "tunnel_id");
	char text[64];

	if (id)
		snprintf(text, sizeof(text), "%s %lld", tunnel, (long long)json_integer_value(id));
	else
		snprintf(text, sizeof(text), "%s", *tunnel ? tunnel : "-");
	weirctl_table_add(table, text);
}

static bool any_in_tunnel(const json_t *flows)
{
	const json_t *flow;
	size_t i;

	json_array_foreach (flows, i, flow) {
		if (json_object_get(flow, "tunnel"))
			return true;
	}
	return false;
}

static void add_flow(
		struct weirctl_table *table, const json_t *flow, const struct weirctl_style *style)
{
	json_t *packets = both(flow, "packets", "rev_packets");
	json_t *bytes = both(flow, "bytes", "rev_bytes");
	const char *state = weirctl_text(flow, "state");
	char text[WEIRCTL_NUMBER_BYTES];

	add_end(table, flow, "src_ip", "src_port");
	add_end(table, flow, "dst_ip", "dst_port");
	add_protocol(table, flow);
	weirctl_table_add(table, weirctl_count(packets, style, text));
	weirctl_table_add(table, weirctl_octets(bytes, style, text));
	weirctl_table_add(table, weirctl_rate(json_object_get(flow, "bits_per_sec"), "b", text));
	weirctl_table_add(table, weirctl_duration(json_object_get(flow, "age_ns"), text));
	weirctl_table_add(table, *state ? state : "-");
	add_flags(table, flow);
	json_decref(packets);
	json_decref(bytes);
}

void weirctl_show_flows(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *flows = json_object_get(view->result, "flows");
	const json_t *flow;
	const char *sort = weirctl_text(view->result, "sort");
	struct weirctl_table table;
	char shown[BASE_UNITS_BYTES], matching[BASE_UNITS_BYTES], scanned[BASE_UNITS_BYTES];
	uint64_t match_count = (uint64_t)weirctl_integer(view->result, "matching");
	uint64_t scan_count = (uint64_t)weirctl_integer(view->result, "scanned");
	size_t i;

	if (json_array_size(flows) == 0) {
		base_strbuf_printf(out, "no flow matches, of %s live\n",
				base_units_exact(scan_count, scanned));
		return;
	}
	bool tunnels = any_in_tunnel(flows);
	weirctl_table_init(&table, columns, PLAIN_COLUMNS + tunnels);
	json_array_foreach (flows, i, flow) {
		add_flow(&table, flow, &view->style);
		if (tunnels)
			add_tunnel(&table, flow);
	}
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	base_strbuf_printf(out,
			"%s of %s %s flows%s%s, both directions; read in %.0f ms without "
			"stopping a worker\n",
			base_units_exact(json_array_size(flows), shown),
			base_units_exact(match_count, matching),
			match_count < scan_count ? "matching" : "live", *sort ? ", by " : "", sort,
			weirctl_real(json_object_get(view->result, "elapsed_ms")));
	weirctl_put_sampling(out, view->result, "sampled ");
}
