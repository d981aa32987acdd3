/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flows: the first of all live flows in some order, or all of them page by page. Both read the
 * tables with flow_table_scan(), which stops and locks nobody; each flow is consistent in itself,
 * the list is not of one instant.
 *
 * A page begins at a cursor "worker.position". A flow that lives through the whole walk is met
 * exactly once, because entries never move.
 */
#include "api_answer.h"
#include "api_top.h"
#include "base_clock.h"
#include "export_record.h"
#include "export_text.h"
#include "flow_filter.h"
#include "packet_policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MAX 1000
#define LIMIT_DEFAULT 20
#define SCAN_RECORDS 256

const struct api_param api_flows_params[] = {
		{"limit", API_PARAM_INTEGER, 1, LIMIT_MAX},
		{.name = "sort", .type = API_PARAM_STRING},
		{.name = "reverse", .type = API_PARAM_BOOLEAN},
		{.name = "filter", .type = API_PARAM_STRING},
		{.name = "cursor", .type = API_PARAM_STRING},
		{.type = API_PARAM_END},
};

struct query {
	const struct control_setup *setup;
	struct api_pace *pace;
	struct flow_filter filter;
	struct flow_record *records; /* SCAN_RECORDS of them */
	size_t limit;
	int64_t began_ns; /* monotonic */
	uint64_t matching, scanned;
};

static json_t *end_json(const union packet_address *address, uint8_t ip_version)
{
	char text[EXPORT_TEXT_BYTES];
	char *end = ip_version == 4 ? export_text_ipv4(text, address->octets)
				    : export_text_ipv6(text, address->octets);

	return json_stringn(text, (size_t)(end - text));
}

static json_t *time_json(int64_t t_ns)
{
	char text[BASE_CLOCK_ISO_BYTES];

	base_clock_format_iso(t_ns, text);
	return json_string(text);
}

static json_t *flags_json(uint16_t flags)
{
	char text[EXPORT_TEXT_BYTES];
	char *end = export_text_tcp_flags(text, flags);

	return json_stringn(text, (size_t)(end - text));
}

static json_t *flow_id_json(uint64_t flow_id)
{
	char text[EXPORT_TEXT_BYTES];
	char *end = export_text_hex64(text, flow_id);

	return json_stringn(text, (size_t)(end - text));
}

static const char *tcp_state(const struct flow_record *record)
{
	enum { FIN = 0x01, RST = 0x04 };
	unsigned int both = record->tcp_flags & record->rev_tcp_flags;
	unsigned int either = record->tcp_flags | record->rev_tcp_flags;

	if (either & RST)
		return "reset";
	if (both & FIN)
		return "closed";
	return either & FIN ? "closing" : "open";
}

static void add_transport(json_t *flow, const struct flow_record *record)
{
	if (export_record_lacks_transport(record))
		return;
	if (export_record_is_ported(record)) {
		json_object_set_new(flow, "src_port", json_integer(record->source_port));
		json_object_set_new(flow, "dst_port", json_integer(record->destination_port));
	}
	if (export_record_is_icmp(record)) {
		json_object_set_new(flow, "icmp_type", json_integer(record->icmp_type));
		json_object_set_new(flow, "icmp_code", json_integer(record->icmp_code));
	}
	if (!export_record_is_tcp(record))
		return;
	json_object_set_new(flow, "state", json_string(tcp_state(record)));
	json_object_set_new(flow, "tcp_flags", flags_json(record->tcp_flags));
	if (export_record_has_reverse(record))
		json_object_set_new(flow, "rev_tcp_flags", flags_json(record->rev_tcp_flags));
}

static void add_tunnel(json_t *flow, const struct flow_record *record)
{
	const struct packet_encapsulation *around = &record->around;
	enum packet_tunnel tunnel = (enum packet_tunnel)around->tunnel;

	if (record->flags & PACKET_FLAG_INNER)
		json_object_set_new(flow, "view", json_string("inner"));
	if (record->outer_flow_id)
		json_object_set_new(flow, "outer_flow_id", flow_id_json(record->outer_flow_id));
	if (around->pppoe_session)
		json_object_set_new(flow, "pppoe_session", json_integer(around->pppoe_session));
	if (tunnel == PACKET_TUNNEL_NONE)
		return;
	json_object_set_new(flow, "tunnel", json_string(packet_tunnel_name(tunnel)));
	if (packet_tunnel_has_id(tunnel))
		json_object_set_new(flow, "tunnel_id", json_integer(around->tunnel_id));
	if (around->outer_version == 0)
		return;
	json_object_set_new(flow, "outer_src_ip",
			end_json(&around->outer_source, around->outer_version));
	json_object_set_new(flow, "outer_dst_ip",
			end_json(&around->outer_destination, around->outer_version));
}

static void add_place(
		json_t *flow, const struct flow_record *record, const struct control_setup *setup)
{
	if (record->vlan)
		json_object_set_new(flow, "vlan", json_integer(record->vlan));
	add_tunnel(flow, record);
	if (record->port < setup->port_count)
		json_object_set_new(flow, "port", proto_text(setup->ports[record->port].name));
	if (config_is_sampled(setup->config))
		json_object_set_new(
				flow, "sampling_rate", json_integer(setup->config->sampling.rate));
}

/* Names are those of the records (docs/records.md); what only a live flow has comes last. */
static json_t *flow_json(
		const struct flow_record *record, const struct control_setup *setup, int64_t now_ns)
{
	int64_t now = now_ns > record->end_ns ? now_ns : record->end_ns;
	json_t *flow = json_pack(
			"{s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}",
			"src_ip", end_json(&record->source, record->ip_version), "dst_ip",
			end_json(&record->destination, record->ip_version), "proto",
			(int)record->protocol, "packets", proto_u64(record->packets), "bytes",
			proto_u64(record->bytes), "rev_packets", proto_u64(record->rev_packets),
			"rev_bytes", proto_u64(record->rev_bytes), "start",
			time_json(record->flow_start_ns), "end", time_json(record->end_ns),
			"flow_id", flow_id_json(record->flow_id), "age_ns",
			(json_int_t)(now - record->flow_start_ns), "idle_ns",
			(json_int_t)(now - record->end_ns), "bits_per_sec",
			proto_u64(api_top_rate_bits(record, now)));

	if (flow) {
		add_transport(flow, record);
		add_place(flow, record, setup);
	}
	return flow;
}

static json_t *finish(struct query *query, json_t *flows, json_t *more)
{
	double ms = (double)(base_clock_mono_ns() - query->began_ns) / (double)BASE_NS_PER_MS;
	json_t *result = json_pack("{s:o, s:o, s:o, s:f, s:o}", "flows", flows, "matching",
			proto_u64(query->matching), "scanned", proto_u64(query->scanned),
			"elapsed_ms", ms, "sampling", api_sampling_json(query->setup->config));

	if (result)
		json_object_update(result, more);
	json_decref(more);
	return result;
}

typedef void (*pass_fn)(struct api_top *top, const struct flow_record *record);

/* Shows every flow of every worker that matches to `offer`. */
static void scan_all(struct query *query, struct api_top *top, pass_fn offer)
{
	int64_t began_ns = base_clock_mono_ns();

	query->matching = query->scanned = 0;
	for (uint32_t w = 0; w < query->setup->worker_count; w++) {
		uint64_t cursor = 0;
		uint32_t n;
		while ((n = flow_table_scan(query->setup->workers[w].table, &cursor, query->records,
					SCAN_RECORDS))
				> 0) {
			query->scanned += n;
			for (uint32_t i = 0; i < n; i++) {
				if (!flow_filter_matches(&query->filter, &query->records[i]))
					continue;
				query->matching++;
				offer(top, &query->records[i]);
			}
		}
	}
	query->pace->spent_ns += base_clock_mono_ns() - began_ns;
}

static int collect_top(struct query *query, struct api_top *top)
{
	scan_all(query, top, api_top_add);
	if (query->setup->worker_count > 1) {
		uint64_t matching = query->matching, scanned = query->scanned;
		if (api_top_merge_begin(top) < 0)
			return -1;
		scan_all(query, top, api_top_merge);
		api_top_merge_end(top);
		query->matching = matching;
		query->scanned = scanned;
	}
	api_top_sort(top, query->limit);
	return 0;
}

static json_t *answer_top(const struct api_call *call, struct query *query)
{
	const char *sort = api_param_string(call, "sort");
	enum api_top_order order = api_top_order_lookup(sort ? sort : "bytes");
	int64_t now_ns = base_clock_wall_ns();
	struct api_top top;
	json_t *flows = NULL;

	if (order == API_TOP_ORDER_COUNT) {
		proto_error_set(call->error, PROTO_ERROR_PARAMS,
				"bytes, packets, rate, age, start, idle, source, destination",
				"no order \"%.60s\"", sort);
		return NULL;
	}
	/* Parts of one flow may lie with every worker; room for all, so that merging leaves enough.
	 */
	if (api_top_init(&top, order, api_param_boolean(call, "reverse"),
			    query->limit * query->setup->worker_count, now_ns)
			< 0)
		return NULL;
	if (collect_top(query, &top) == 0) {
		flows = json_array();
		for (size_t i = 0; i < top.count; i++)
			json_array_append_new(flows,
					flow_json(&top.entries[i].record, query->setup, now_ns));
	}
	api_top_fini(&top);
	return flows ? finish(query, flows, json_pack("{s:s}", "sort", api_top_order_name(order)))
		     : NULL;
}

static bool parse_cursor(const char *text, uint32_t *worker, uint64_t *position)
{
	int used = 0;

	*worker = 0;
	*position = 0;
	if (*text == '\0')
		return true;
	return sscanf(text, "%" SCNu32 ".%" SCNu64 "%n", worker, position, &used) == 2
			&& text[used] == '\0';
}

static json_t *answer_page(const struct api_call *call, struct query *query, const char *from)
{
	int64_t now_ns = base_clock_wall_ns();
	json_t *flows = json_array();
	uint32_t worker;
	uint64_t position;
	char next[40];

	if (!parse_cursor(from, &worker, &position)) {
		json_decref(flows);
		proto_error_set(call->error, PROTO_ERROR_PARAMS,
				"\"\" begins; go on with the \"cursor\" of the answer before",
				"\"cursor\" is not one that weir gave");
		return NULL;
	}
	while (worker < query->setup->worker_count && query->matching < query->limit) {
		/* Never more than still fit, so that the cursor stands behind what is given. */
		size_t left = query->limit - query->matching;
		int64_t began_ns = base_clock_mono_ns();
		uint32_t n = flow_table_scan(query->setup->workers[worker].table, &position,
				query->records,
				left < SCAN_RECORDS ? (uint32_t)left : SCAN_RECORDS);
		query->pace->spent_ns += base_clock_mono_ns() - began_ns;
		if (n == 0) {
			worker++;
			position = 0;
		}
		query->scanned += n;
		for (uint32_t i = 0; i < n; i++) {
			if (!flow_filter_matches(&query->filter, &query->records[i]))
				continue;
			query->matching++;
			json_array_append_new(
					flows, flow_json(&query->records[i], query->setup, now_ns));
		}
	}
	snprintf(next, sizeof(next), "%" PRIu32 ".%" PRIu64, worker, position);
	bool done = worker >= query->setup->worker_count;
	return finish(query, flows,
			json_pack("{s:o}", "cursor", done ? json_null() : json_string(next)));
}

json_t *api_answer_flows(const struct api_call *call)
{
	const char *cursor = api_param_string(call, "cursor");
	const char *filter = api_param_string(call, "filter");
	struct query query = {.setup = control_get_setup(call->context->control),
			.pace = &call->context->pace,
			.limit = (size_t)api_param_integer(call, "limit", LIMIT_DEFAULT),
			.began_ns = base_clock_mono_ns()};
	char error[200];

	if (flow_filter_parse(&query.filter, filter ? filter : "", error, sizeof(error)) < 0) {
		proto_error_set(call->error, PROTO_ERROR_PARAMS,
				"for example: src net 10.0.0.0/8 and tcp port 443", "%s", error);
		return NULL;
	}
	if (cursor && (api_param_string(call, "sort") || api_param_boolean(call, "reverse"))) {
		proto_error_set(call->error, PROTO_ERROR_PARAMS, "leave one of the two out",
				"pages by \"cursor\" come in the order of the table, not sorted");
		return NULL;
	}
	query.records = malloc(SCAN_RECORDS * sizeof(*query.records));
	if (!query.records)
		return NULL;
	json_t *result = cursor ? answer_page(call, &query, cursor) : answer_top(call, &query);
	free(query.records);
	return result;
}
