/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_ask.h"
#include "base_clock.h"
#include "unit_main.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS 1500
#define NS_OF(second) (INT64_C(1700000000) * BASE_NS_PER_SEC + (second)*BASE_NS_PER_SEC)

static struct flow_record records[FAKE_WORKERS][FLOWS];

/* Every flow of the first worker is another; the second has parts of the first ten. */
static void add_flows(void)
{
	for (uint32_t i = 0; i < FLOWS; i++) {
		bool tcp = i % 2;
		records[0][i] = (struct flow_record){.source.ipv4_be = htonl(0x0a000000 + i),
				.destination.ipv4_be = htonl(1),
				.source_port = 1024,
				.destination_port = tcp ? 443 : 53,
				.protocol = tcp ? 6 : 17,
				.ip_version = 4,
				.packets = 1,
				.bytes = i,
				.rev_packets = 1,
				.rev_bytes = 1,
				.flow_id = i,
				.tcp_flags = tcp ? 0x1b : 0,
				.rev_tcp_flags = tcp ? 0x12 : 0,
				.start_ns = NS_OF(i),
				.flow_start_ns = NS_OF(i),
				.end_ns = NS_OF(i + 1)};
	}
	memcpy(records[1], records[0], 10 * sizeof(records[0][0]));
	fake.tables[0] = (struct flow_table){records[0], FLOWS};
	fake.tables[1] = (struct flow_table){records[1], 10};
}

#define REQUEST(rest) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":" rest "}"

static const struct {
	const char *line;
	int code;
	const char *message, *hint;
} errors[] = {
		{"x", -32700, "not JSON", "one request a line"},
		{REQUEST("\"statsu\""), -32601, "no method \"statsu\"", "hello"},
		{REQUEST("\"reopen\""), -32001, "changes", "admin.sock"},
		{REQUEST("\"hello\",\"params\":{\"a\":1}"), -32602, "no parameter \"a\"",
				"takes no parameters"},
		{REQUEST("\"audit\",\"params\":{\"scna\":true}"), -32602, "no parameter \"scna\"",
				"takes \"scan\""},
		{REQUEST("\"audit\",\"params\":{\"scan\":1}"), -32602, "must be true or false",
				NULL},
		{REQUEST("\"flows\",\"params\":{\"limit\":0}"), -32602, "1 to 1000", NULL},
		{REQUEST("\"flows\",\"params\":{\"limit\":1001}"), -32602, "1 to 1000", NULL},
		{REQUEST("\"flows\",\"params\":{\"limit\":1.5}"), -32602, "integer", NULL},
		{REQUEST("\"flows\",\"params\":{\"sort\":3}"), -32602, "string", NULL},
		{REQUEST("\"flows\",\"params\":{\"sort\":\"size\"}"), -32602, "no order \"size\"",
				"bytes, packets"},
		{REQUEST("\"flows\",\"params\":{\"filter\":\"prot 1\"}"), -32602,
				"\"prot\" at character 1", "for example"},
		{REQUEST("\"flows\",\"params\":{\"cursor\":\"x\"}"), -32602,
				"not one that weir gave", "begins"},
		{REQUEST("\"flows\",\"params\":{\"cursor\":\"1.2x\"}"), -32602,
				"not one that weir gave", NULL},
		{REQUEST("\"flows\",\"params\":{\"cursor\":\"\",\"sort\":\"age\"}"), -32602,
				"not sorted", NULL},
};

START_TEST(errors_say_what_and_what_to_do)
{
	set_up();
	json_t *answer = ask(errors[_i].line, false);
	const json_t *error = json_object_get(answer, "error");

	ck_assert_int_eq(integer_at(error, "code"), errors[_i].code);
	ck_assert_msg(strstr(text_at(error, "message"), errors[_i].message) != NULL, "%s",
			text_at(error, "message"));
	if (errors[_i].hint)
		ck_assert_ptr_nonnull(strstr(
				text_at(json_object_get(error, "data"), "hint"), errors[_i].hint));
	json_decref(answer);
}
END_TEST

START_TEST(notifications_are_done_without_an_answer)
{
	set_up();
	ck_assert_ptr_null(ask("{\"jsonrpc\":\"2.0\",\"method\":\"reopen\"}", true));
	ck_assert_uint_eq(fake.reopened, 1);
	ck_assert_ptr_null(ask("{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}", true));
	ck_assert_ptr_null(ask("{\"jsonrpc\":\"2.0\",\"method\":\"reopen\"}", false));
	ck_assert_uint_eq(fake.reopened, 1); /* the view socket changes nothing */
}
END_TEST

START_TEST(hello_says_who_answers)
{
	json_t *answer;

	set_up();
	const json_t *hello = result_of("hello", "{}", &answer);
	ck_assert_str_eq(text_at(hello, "name"), "weir");
	ck_assert_str_eq(text_at(hello, "version"), WEIR_VERSION);
	ck_assert_str_eq(text_at(hello, "dpdk"), "22.11.11");
	ck_assert_str_eq(text_at(hello, "access"), "view");
	ck_assert_int_eq(integer_at(hello, "protocol"), 1);
	ck_assert_int_gt(integer_at(hello, "pid"), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(hello, "methods")), api_method_count - 1);
	json_decref(answer);

	answer = ask(REQUEST("\"hello\""), true);
	hello = json_object_get(answer, "result");
	ck_assert_uint_eq(json_array_size(json_object_get(hello, "methods")), api_method_count);
	json_decref(answer);
}
END_TEST

START_TEST(status_is_the_whole_in_short)
{
	json_t *answer;

	set_up();
	fake.view.ports[0].values[STATS_port_missed_packets] = 3;
	const json_t *status = result_of("status", "{}", &answer);
	ck_assert_str_eq(text_at(status, "config"), "/etc/weir/weir.yaml");
	ck_assert_str_eq(text_at(status, "started"), "2023-11-14T22:13:20.000000000Z");
	ck_assert_int_gt(integer_at(status, "uptime_ns"), 0);
	const json_t *flows = json_object_get(status, "flows");
	ck_assert_int_eq(integer_at(flows, "live"), 10);
	ck_assert_int_eq(integer_at(flows, "capacity"), FAKE_WORKERS << 20);
	ck_assert_double_eq_tol(real_at(json_object_get(status, "workers"), "busiest"), 0.38, 1e-9);
	const json_t *loss = json_object_get(status, "loss");
	ck_assert_int_eq(integer_at(loss, "packets_missed"), 3);
	ck_assert_uint_eq(json_array_size(json_object_get(loss, "blind_ports")), 0);
	const json_t *ledger = json_object_get(status, "ledger");
	ck_assert(json_is_true(json_object_get(ledger, "holds")));
	ck_assert_int_eq(integer_at(ledger, "unknown"), 0);
	json_decref(answer);

	fake.view.ports[0].drops_observable = false;
	status = result_of("status", "{}", &answer);
	const json_t *blind = json_object_get(json_object_get(status, "loss"), "blind_ports");
	ck_assert_str_eq(json_string_value(json_array_get(blind, 0)), "lan");
	ck_assert_int_eq(integer_at(json_object_get(status, "ledger"), "unknown"), 1);
	json_decref(answer);
}
END_TEST

/* Counts of some packets must not pass for counts of all. */
START_TEST(sampling_is_told_wherever_counts_are)
{
	json_t *answer;

	set_up();
	add_flows();
	const json_t *status = result_of("status", "{}", &answer);
	ck_assert(json_is_null(json_object_get(status, "sampling")));
	json_decref(answer);
	const json_t *flows = result_of("flows", "{}", &answer);
	ck_assert(json_is_null(json_object_get(flows, "sampling")));
	ck_assert_ptr_null(json_object_get(
			json_array_get(json_object_get(flows, "flows"), 0), "sampling_rate"));
	json_decref(answer);

	fake.config.sampling.rate = 64;
	fake.config.sampling.method = CONFIG_SAMPLING_RANDOM;
	status = json_object_get(result_of("status", "{}", &answer), "sampling");
	ck_assert_str_eq(text_at(status, "method"), "random");
	ck_assert_int_eq(integer_at(status, "rate"), 64);
	json_decref(answer);
	flows = result_of("flows", "{}", &answer);
	ck_assert_int_eq(integer_at(json_object_get(flows, "sampling"), "rate"), 64);
	const json_t *list = json_object_get(flows, "flows");
	ck_assert_uint_gt(json_array_size(list), 0);
	ck_assert_int_eq(integer_at(json_array_get(list, 0), "sampling_rate"), 64);
	json_decref(answer);
}
END_TEST

START_TEST(what_a_blind_port_missed_is_null_not_zero)
{
	json_t *answer;

	set_up();
	fake.view.ports[0].drops_observable = false;
	json_t *ports = json_object_get(result_of("ports", "{}", &answer), "ports");
	const json_t *port = json_array_get(ports, 0);
	ck_assert_str_eq(text_at(port, "name"), "lan");
	ck_assert_str_eq(text_at(port, "driver"), "net_af_xdp");
	ck_assert(json_is_null(json_object_get(port, "missed_packets")));
	ck_assert(json_is_null(json_object_get(port, "numa_node")));
	ck_assert_int_eq(integer_at(port, "speed_mbps"), 10000);
	ck_assert_int_eq(integer_at(port, "received_packets"), 1000);
	json_decref(answer);
}
END_TEST

START_TEST(workers_are_listed_with_their_load)
{
	json_t *answer;

	set_up();
	json_t *workers = json_object_get(result_of("workers", "{}", &answer), "workers");
	ck_assert_uint_eq(json_array_size(workers), FAKE_WORKERS);
	const json_t *worker = json_array_get(workers, 0);
	ck_assert_int_eq(integer_at(worker, "cpu"), 2);
	ck_assert_int_eq(integer_at(worker, "numa_node"), 0);
	ck_assert_str_eq(text_at(worker, "queues"), "p0q0");
	ck_assert_int_eq(integer_at(worker, "not_metered_packets"), 10);
	ck_assert_double_eq(real_at(worker, "burst_mean"), 20);
	ck_assert_double_eq(real_at(worker, "ns_per_packet"), 50);
	worker = json_array_get(workers, 1);
	ck_assert_double_eq(real_at(worker, "ns_per_packet"), 0);
	ck_assert(json_is_null(json_object_get(worker, "numa_node")));
	json_decref(answer);
}
END_TEST

static const json_t *find_counter(const json_t *counters, const char *scope, const char *name)
{
	const json_t *counter;
	size_t i;

	json_array_foreach (counters, i, counter) {
		if (!strcmp(text_at(counter, "scope"), scope)
				&& !strcmp(text_at(counter, "name"), name))
			return counter;
	}
	return NULL;
}

START_TEST(stats_lists_every_row)
{
	json_t *answer;

	set_up();
	fake.view.snapshot.worker[STATS_rx_octets] = UINT64_MAX;
	const json_t *counters = json_object_get(result_of("stats", "{}", &answer), "counters");
	ck_assert_uint_eq(json_array_size(counters),
			STATS_PORT_COUNT + STATS_WORKER_COUNT + STATS_CONTROL_COUNT
					+ STATS_OUTPUT_COUNT);
	const json_t *counter = find_counter(counters, "workers", "rx_packets");
	ck_assert_int_eq(integer_at(counter, "value"), 1000);
	ck_assert_str_eq(text_at(counter, "unit"), "packets");
	ck_assert_ptr_null(json_object_get(counter, "help"));
	counter = find_counter(counters, "workers", "rx_octets");
	ck_assert_int_eq(integer_at(counter, "value"), INT64_MAX); /* saturates */
	ck_assert_ptr_nonnull(find_counter(counters, "output flows.jsonl", "output_sent"));
	ck_assert_ptr_nonnull(find_counter(counters, "port 0 net_af_xdp eth1", "port_link_up"));
	json_decref(answer);

	counters = json_object_get(
			result_of("stats", "{\"per_worker\":true,\"help\":true}", &answer),
			"counters");
	counter = find_counter(counters, "worker 0", "rx_packets");
	ck_assert_int_eq(integer_at(counter, "value"), 1000);
	ck_assert_str_eq(text_at(counter, "help"), "packets taken from the sources");
	ck_assert_ptr_nonnull(find_counter(counters, "worker 1", "rx_packets"));
	json_decref(answer);
}
END_TEST

START_TEST(drops_give_each_reason_and_loss)
{
	json_t *answer, *reason;
	size_t i, happened = 0;

	set_up();
	fake.view.snapshot.worker[STATS_decode_drop_non_ip_last_ns] = 1;
	fake.view.snapshot.worker[STATS_ring_drop_full] = 4;
	fake.view.snapshot.worker[STATS_fragments_unresolved] = 9;
	fake.view.snapshot.worker[STATS_fragments_expired] = 3;
	fake.view.snapshot.worker[STATS_fragments_evicted] = 2;
	const json_t *drops = result_of("drops", "{}", &answer);
	ck_assert_int_eq(integer_at(drops, "not_metered_packets"), 10);
	ck_assert_int_eq(integer_at(drops, "unresolved_fragments"), 9);
	ck_assert_int_eq(integer_at(drops, "expired_fragments"), 3);
	ck_assert_int_eq(integer_at(drops, "evicted_datagrams"), 2);
	const json_t *reasons = json_object_get(drops, "reasons");
	ck_assert_uint_eq(json_array_size(reasons), PACKET_REASON_COUNT);
	json_array_foreach (reasons, i, reason) {
		bool never = json_is_null(json_object_get(reason, "last"));
		ck_assert_int_eq(never, integer_at(reason, "packets") == 0);
		ck_assert_int_eq(never, json_is_null(json_object_get(reason, "ago_ns")));
		happened += !never;
	}
	ck_assert_uint_eq(happened, 1);
	reason = json_array_get(reasons, PACKET_non_ip);
	ck_assert_str_eq(text_at(reason, "reason"), "non_ip");
	ck_assert_int_eq(integer_at(reason, "octets"), 1000);
	ck_assert_str_eq(text_at(reason, "last"), "1970-01-01T00:00:00.000000001Z");
	const json_t *losses = json_object_get(drops, "losses"), *loss;
	ck_assert_uint_eq(json_array_size(losses), 2 + 1 + 7);
	loss = json_array_get(losses, 2);
	ck_assert_str_eq(text_at(loss, "where"), "rings");
	ck_assert_int_eq(integer_at(loss, "count"), 4);
	json_decref(answer);

	fake.view.ports[0].drops_observable = false;
	drops = result_of("drops", "{}", &answer);
	loss = json_array_get(json_object_get(drops, "losses"), 0);
	ck_assert_str_eq(text_at(loss, "where"), "port lan");
	ck_assert(json_is_null(json_object_get(loss, "count")));
	json_decref(answer);
}
END_TEST

/* Offers a packet to the tap of worker 1, as it would when it is on. */
static void tap_one(void)
{
	static const uint8_t octets[14] = {[12] = 8, [13] = 6}; /* ARP */
	const struct packet_frame frame = {octets, 14, 60, PACKET_LINK_ETHERNET};
	struct tap *tap = fake.workers[1].tap;

	ck_assert(tap_is_on(tap));
	tap_take(tap, &(struct tap_offer){&frame, 1, 0, PACKET_non_ip, 0, 0});
	tap_commit(tap, NULL, NULL);
}

START_TEST(traces_are_one_at_a_time_and_end)
{
	char params[64];
	json_t *answer;

	set_up();
	const json_t *result = result_of("trace_start", "{\"count\":2}", &answer);
	int64_t id = integer_at(result, "id");
	json_decref(answer);
	fails("trace_start", "{}", -32000, "traces already");
	fails("trace_read", "{\"id\":12345}", -32602, "no trace of this id");

	snprintf(params, sizeof(params), "{\"id\":%lld}", (long long)id);
	result = result_of("trace_read", params, &answer);
	ck_assert_uint_eq(json_array_size(json_object_get(result, "packets")), 0);
	ck_assert(json_is_false(json_object_get(result, "done")));
	json_decref(answer);

	tap_one();
	tap_one();
	result = result_of("trace_read", params, &answer);
	ck_assert(json_is_true(json_object_get(result, "done")));
	const json_t *packet = json_array_get(json_object_get(result, "packets"), 1);
	ck_assert_int_eq(integer_at(packet, "number"), 2);
	ck_assert_str_eq(text_at(packet, "verdict"), "non_ip");
	ck_assert_str_eq(text_at(packet, "port"), "lan");
	ck_assert_uint_eq(json_array_size(json_object_get(packet, "layers")), 2);
	ck_assert_ptr_nonnull(strstr(text_at(packet, "text"), "=> not metered: non_ip"));
	json_decref(answer);
	fails("trace_read", params, -32602, "no trace of this id");

	fails("trace_start", "{\"filter\":\"prt 1\"}", -32602, "prt 1");
	result_of("trace_start", "{\"filter\":\"udp\"}", &answer);
	json_decref(answer);
	/* nobody reads it: its lease ends, and the next one may come */
	api_trace_tick(&context.trace, &fake.setup, context.trace.expires_ns + 1);
	result = result_of("trace_start", "{}", &answer);
	snprintf(params, sizeof(params), "{\"id\":%lld}", (long long)integer_at(result, "id"));
	json_decref(answer);
	result = result_of("trace_stop", params, &answer);
	ck_assert_int_eq(integer_at(result, "packets"), 0);
	json_decref(answer);
}
END_TEST

START_TEST(audit_holds_and_shows_its_terms)
{
	json_t *answer;

	set_up();
	const json_t *audit = result_of("audit", "{}", &answer);
	ck_assert(json_is_true(json_object_get(audit, "holds")));
	ck_assert_int_eq(integer_at(audit, "readings"), 1);
	const json_t *first = json_array_get(json_object_get(audit, "identities"), 0);
	ck_assert_str_eq(text_at(first, "subject"), "port 0 net_af_xdp eth1");
	ck_assert_str_eq(text_at(first, "unit"), "packets");
	const json_t *term = json_array_get(json_object_get(first, "terms"), 0);
	ck_assert_str_eq(text_at(term, "name"), "offered");
	ck_assert_int_eq(integer_at(term, "value"), 1000);
	ck_assert_str_eq(text_at(term, "sign"), "=");
	json_decref(answer);
}
END_TEST

/* What is between two counters in one reading is not there in another. */
START_TEST(traffic_is_no_residual)
{
	json_t *answer;

	set_up();
	fake.restless = 7;
	const json_t *audit = result_of("audit", "{}", &answer);
	ck_assert(json_is_true(json_object_get(audit, "holds")));
	ck_assert_int_eq(integer_at(audit, "readings"), 2);
	json_decref(answer);
}
END_TEST

START_TEST(a_loss_stays)
{
	json_t *answer;
	const json_t *identity;
	size_t i, open = 0;

	set_up();
	fake.restless = 100;
	fake.view.snapshot.worker[STATS_metered_packets]--;
	const json_t *audit = result_of("audit", "{}", &answer);
	ck_assert(json_is_false(json_object_get(audit, "holds")));
	ck_assert_int_eq(integer_at(audit, "readings"), 8);
	json_array_foreach (json_object_get(audit, "identities"), i, identity) {
		json_int_t residual = integer_at(identity, "residual");
		if (residual == 0)
			continue;
		open++;
		bool received = !strcmp(text_at(identity, "subject"), "workers");
		ck_assert_int_eq(residual, received ? 1 : -1);
	}
	ck_assert_uint_eq(open, 2); /* received = metered + ..., metered = in records + ... */
	json_decref(answer);
}
END_TEST

START_TEST(unknown_is_null_and_not_judged)
{
	json_t *answer;

	set_up();
	fake.view.ports[0].drops_observable = false;
	const json_t *audit = result_of("audit", "{\"scan\":false}", &answer);
	ck_assert(json_is_true(json_object_get(audit, "holds")));
	ck_assert_int_eq(integer_at(audit, "unknown"), 1);
	const json_t *first = json_array_get(json_object_get(audit, "identities"), 0);
	ck_assert(json_is_null(json_object_get(first, "residual")));
	ck_assert(json_is_false(json_object_get(first, "judged")));
	ck_assert_str_eq(text_at(first, "note"), "this driver cannot report drops");
	const json_t *offered = json_array_get(json_object_get(first, "terms"), 0);
	ck_assert(json_is_null(json_object_get(offered, "value")));
	json_decref(answer);
}
END_TEST

START_TEST(an_exact_scan_is_not_voted_down_by_gauges)
{
	json_t *answer;

	set_up();
	fake.scan_is_exact = true;
	fake.view.snapshot.worker[STATS_metered_packets] -= 5; /* the scan finds 5 more */
	fake.view.snapshot.worker[STATS_resident_packets] -= 5;
	fake.view.snapshot.worker[STATS_rx_packets] -= 5;
	fake.view.ports[0].values[STATS_port_received_packets] -= 5;
	fake.view.ports[0].polled_packets -= 5;
	const json_t *audit = result_of("audit", "{}", &answer);
	ck_assert(json_is_true(json_object_get(audit, "holds")));
	json_decref(answer);
	audit = result_of("audit", "{\"scan\":true}", &answer);
	ck_assert(json_is_false(json_object_get(audit, "holds")));
	ck_assert_uint_eq(fake.scans, 1);
	json_decref(answer);
}
END_TEST

START_TEST(flows_come_by_bytes_and_merged)
{
	json_t *answer;

	set_up();
	add_flows();
	const json_t *result = result_of("flows", "{\"limit\":3}", &answer);
	const json_t *flows = json_object_get(result, "flows");
	ck_assert_uint_eq(json_array_size(flows), 3);
	ck_assert_int_eq(integer_at(result, "scanned"), FLOWS + 10);
	ck_assert_int_eq(integer_at(result, "matching"), FLOWS + 10);
	ck_assert_str_eq(text_at(result, "sort"), "bytes");
	const json_t *flow = json_array_get(flows, 0);
	ck_assert_int_eq(integer_at(flow, "bytes"), FLOWS - 1);
	ck_assert_str_eq(text_at(flow, "src_ip"), "10.0.5.219");
	ck_assert_int_eq(integer_at(flow, "dst_port"), 443);
	ck_assert_str_eq(text_at(flow, "state"), "closing");
	ck_assert_str_eq(text_at(flow, "tcp_flags"), "APSF");
	ck_assert_str_eq(text_at(flow, "port"), "lan");
	json_decref(answer);

	result = result_of("flows", "{\"sort\":\"source\",\"limit\":2}", &answer);
	flow = json_array_get(json_object_get(result, "flows"), 1);
	ck_assert_str_eq(text_at(flow, "src_ip"), "10.0.0.1");
	ck_assert_int_eq(integer_at(flow, "bytes"), 2); /* one octet with each worker */
	ck_assert_int_eq(integer_at(flow, "rev_packets"), 2);
	json_decref(answer);
}
END_TEST

START_TEST(flows_are_filtered)
{
	json_t *answer;

	set_up();
	add_flows();
	const json_t *result = result_of("flows",
			"{\"filter\":\"udp and src host 10.0.0.12\",\"reverse\":true}", &answer);
	ck_assert_int_eq(integer_at(result, "matching"), 1);
	const json_t *flow = json_array_get(json_object_get(result, "flows"), 0);
	ck_assert_int_eq(integer_at(flow, "bytes"), 12);
	ck_assert_ptr_null(json_object_get(flow, "tcp_flags"));
	json_decref(answer);
}
END_TEST

/* Walks the table with pages of `limit` flows and returns how many flows it met. */
static size_t walk(const char *filter, unsigned int limit)
{
	char cursor[64] = "", params[200];
	size_t met = 0, pages = 0;

	for (bool more = true; more; pages++) {
		json_t *answer;
		snprintf(params, sizeof(params),
				"{\"limit\":%u,\"cursor\":\"%s\",\"filter\":\"%s\"}", limit, cursor,
				filter);
		const json_t *result = result_of("flows", params, &answer);
		size_t n = json_array_size(json_object_get(result, "flows"));
		ck_assert_uint_le(n, limit);
		met += n;
		more = json_is_string(json_object_get(result, "cursor"));
		if (more)
			snprintf(cursor, sizeof(cursor), "%s", text_at(result, "cursor"));
		json_decref(answer);
		ck_assert_uint_lt(pages, 2 * FLOWS);
	}
	return met;
}

START_TEST(pages_cover_everything_once)
{
	static const struct {
		const char *filter;
		size_t flows;
	} rows[] = {
			{"", FLOWS + 10},
			{"tcp", FLOWS / 2 + 5},
			{"src net 10.0.5.0/24", FLOWS - 5 * 256},
			{"vlan 9", 0},
	};
	static const unsigned int limits[] = {1, 7, 256, 1000};

	set_up();
	add_flows();
	for (size_t i = 0; i < BASE_COUNT_OF(rows); i++)
		ck_assert_uint_eq(walk(rows[i].filter, limits[_i]), rows[i].flows);
}
END_TEST

/* The largest list there can be, of IPv6 flows with every field, is still one answer. */
START_TEST(the_longest_list_fits_an_answer)
{
	json_t *answer;

	set_up();
	add_flows();
	memset(fake.port.name, 'n', sizeof(fake.port.name) - 1);
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct flow_record *f = &records[0][i];
		memset(&f->source, 0xfe, sizeof(f->source));
		memset(&f->destination, 0xfe, sizeof(f->destination));
		f->source_port = (uint16_t)(20000 + i);
		f->ip_version = f->protocol = 6;
		f->packets = f->bytes = f->rev_packets = f->rev_bytes = UINT64_MAX / 4;
		f->tcp_flags = f->rev_tcp_flags = 0xfff;
		f->vlan = 4095;
		f->flow_start_ns = -INT64_C(2000000000000000000);
	}
	const json_t *result = result_of("flows", "{\"limit\":1000}", &answer);
	ck_assert_uint_eq(json_array_size(json_object_get(result, "flows")), 1000);
	json_decref(answer);
}
END_TEST

static const char *read_page(void)
{
	static char page[64 * 1024], path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/control-protocol.md", root ? root : ".");
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s is missing", path);
	page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
	fclose(file);
	return page;
}

static void assert_documented(const char *page, const char *word, const char *where)
{
	char quoted[80];

	snprintf(quoted, sizeof(quoted), "`%s`", word);
	ck_assert_msg(strstr(page, quoted) != NULL, "%s of \"%s\" is not in the page", quoted,
			where);
}

/* Every member at any depth; of lists the first object stands for all. */
static void assert_members_documented(const char *page, json_t *value, const char *where)
{
	const char *name;
	json_t *member;

	if (json_is_array(value) && json_array_size(value) > 0)
		assert_members_documented(page, json_array_get(value, 0), where);
	json_object_foreach (value, name, member) {
		assert_documented(page, name, where);
		assert_members_documented(page, member, where);
	}
}

START_TEST(the_page_names_everything)
{
	const struct api_method *method = &api_methods[_i];
	const char *page = read_page();
	char line[200];

	set_up();
	add_flows();
	records[0][FLOWS - 1].vlan = 7;
	records[0][FLOWS - 1].flags = PACKET_FLAG_INNER | PACKET_FLAG_SECOND;
	records[0][FLOWS - 1].outer_flow_id = 1;
	records[0][FLOWS - 1].around = (struct packet_encapsulation){
			.tunnel = 1, .tunnel_id = 2, .outer_version = 4, .pppoe_session = 3};
	snprintf(line, sizeof(line), "\n### `%s`\n", method->name);
	ck_assert_msg(strstr(page, line) != NULL, "\"%s\" has no section", method->name);
	for (const struct api_param *p = method->params; p && p->type != API_PARAM_END; p++)
		assert_documented(page, p->name, method->name);
	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
			method->name);
	json_t *answer = ask(line, true);
	assert_members_documented(page, json_object_get(answer, "result"), method->name);
	json_decref(answer);
}
END_TEST

START_TEST(reopen_is_for_admins)
{
	set_up();
	json_t *answer = ask(REQUEST("\"reopen\""), true);
	ck_assert_int_eq(integer_at(json_object_get(answer, "result"), "outputs"), 1);
	ck_assert_uint_eq(fake.reopened, 1);
	json_decref(answer);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("api_method");
	TCase *tcase = tcase_create("dispatch");

	tcase_add_loop_test(tcase, errors_say_what_and_what_to_do, 0, BASE_COUNT_OF(errors));
	tcase_add_test(tcase, notifications_are_done_without_an_answer);
	tcase_add_test(tcase, hello_says_who_answers);
	tcase_add_test(tcase, status_is_the_whole_in_short);
	tcase_add_test(tcase, sampling_is_told_wherever_counts_are);
	tcase_add_test(tcase, what_a_blind_port_missed_is_null_not_zero);
	tcase_add_test(tcase, workers_are_listed_with_their_load);
	tcase_add_test(tcase, stats_lists_every_row);
	tcase_add_test(tcase, reopen_is_for_admins);
	tcase_add_loop_test(tcase, the_page_names_everything, 0, (int)api_method_count);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("audit");
	tcase_add_test(tcase, drops_give_each_reason_and_loss);
	tcase_add_test(tcase, traces_are_one_at_a_time_and_end);
	tcase_add_test(tcase, audit_holds_and_shows_its_terms);
	tcase_add_test(tcase, traffic_is_no_residual);
	tcase_add_test(tcase, a_loss_stays);
	tcase_add_test(tcase, unknown_is_null_and_not_judged);
	tcase_add_test(tcase, an_exact_scan_is_not_voted_down_by_gauges);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("flows");
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, flows_come_by_bytes_and_merged);
	tcase_add_test(tcase, flows_are_filtered);
	tcase_add_loop_test(tcase, pages_cover_everything_once, 0, 4);
	tcase_add_test(tcase, the_longest_list_fits_an_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}
