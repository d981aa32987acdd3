/* SPDX-License-Identifier: BSD-3-Clause */
/* module: ipfix */
/*
 * What a record costs as IPFIX or NetFlow: records and octets a second on one core, from flow
 * records to finished messages. Each row is the best of several passes, so that what else ran on
 * the machine is left out; "ratio" is time against a plain copy of as many octets to the same
 * place in the same run.
 *
 *     bench_ipfix [OCTETS]     of a message at most; 1372 fit an Ethernet frame behind IPv6 and UDP
 */
#include "base_clock.h"
#include "ipfix_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS 4096 /* 768 KiB: more than the ring's part of the cache, as live records are */
#define PASSES 15
#define ROUNDS_PER_PASS 50

static struct flow_record records[RECORDS];
static uint8_t octets[IPFIX_MESSAGE_MAX];
static uint32_t limit = 1372;

static const struct ipfix_interface interfaces[] = {{.index = 1, .egress_index = 2, .name = "eth0"},
		{.index = 2, .egress_index = 1, .name = "eth1"}};

struct row {
	const char *name;
	struct ipfix_settings settings;
	bool tunnelled;
	unsigned int sessions;
};

struct sink {
	struct ipfix_session sessions[4];
	unsigned int session_count;
	int64_t now_ns;
	uint64_t octets;
};

/* Two thirds IPv4, mostly TCP with a way back: what a busy link makes. */
static void make_records(bool tunnelled)
{
	uint64_t state = 88172645463325252u;

	for (unsigned int i = 0; i < RECORDS; i++) {
		uint64_t words[sizeof(struct flow_record) / 8];
		struct flow_record *record = &records[i];

		for (unsigned int w = 0; w < BASE_COUNT_OF(words); w++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			words[w] = state;
		}
		memcpy(record, words, sizeof(*record));
		record->ip_version = words[0] % 3 ? 4 : 6;
		record->protocol = words[1] % 4 ? 6 : 17;
		record->end_reason = (uint8_t)(1 + i % 4);
		record->flags = tunnelled ? PACKET_FLAG_INNER | PACKET_FLAG_AROUND : 0;
		record->around.outer_version = 4;
		record->around.tunnel = PACKET_TUNNEL_VXLAN;
		record->packets = 1 + record->packets % 50;
		record->rev_packets = 1 + record->rev_packets % 50;
		record->start_ns = INT64_C(1795224600000000000) + (int64_t)i * 1234567;
		record->end_ns = record->start_ns + 15000000000 + i;
		record->rev_start_ns = record->start_ns + 20000000;
		record->port = 0;
		record->rev_port = 1;
	}
}

static void take(void *context, struct ipfix_message *message)
{
	struct sink *sink = context;

	for (unsigned int i = 0; i < sink->session_count; i++)
		ipfix_session_stamp(&sink->sessions[i], message, sink->now_ns);
	sink->octets += message->length;
}

static int64_t cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * BASE_NS_PER_SEC + time.tv_nsec;
}

static int64_t pass_encode(struct ipfix_builder *builder)
{
	int64_t start = cpu_ns();

	for (unsigned int round = 0; round < ROUNDS_PER_PASS; round++)
		ipfix_builder_add(builder, records, RECORDS);
	ipfix_builder_flush(builder);
	return cpu_ns() - start;
}

/* Copies as many octets of each record, as if its form in memory were that on the wire. */
static int64_t pass_copy(uint32_t record_bytes)
{
	int64_t start = cpu_ns();
	uint32_t at = 0;

	for (unsigned int round = 0; round < ROUNDS_PER_PASS; round++) {
		for (unsigned int i = 0; i < RECORDS; i++) {
			if (at + record_bytes > limit)
				at = 0;
			memcpy(octets + at, &records[i], record_bytes);
			at += record_bytes;
			__asm__ volatile("" ::: "memory");
		}
	}
	return cpu_ns() - start;
}

static int run(const struct row *row)
{
	static struct ipfix_plan plan;
	const struct ipfix_scene scene = {
			.interfaces = interfaces, .interface_count = BASE_COUNT_OF(interfaces)};
	const struct ipfix_session_settings settings = {.message_bytes = limit};
	struct sink sink = {.session_count = row->sessions, .now_ns = base_clock_wall_ns()};
	struct ipfix_builder builder;
	int64_t best = INT64_MAX, copy = INT64_MAX, spent;
	double count = (double)RECORDS * ROUNDS_PER_PASS;

	make_records(row->tunnelled);
	ipfix_plan_init(&plan, &row->settings);
	if (ipfix_builder_init(&builder, &plan, &scene, octets, limit) < 0)
		return EXIT_FAILURE;
	ipfix_builder_set_sink(&builder, take, &sink);
	for (unsigned int i = 0; i < row->sessions; i++) {
		if (ipfix_session_init(&sink.sessions[i], &plan, &settings) < 0)
			return EXIT_FAILURE;
		ipfix_session_open(&sink.sessions[i]);
	}
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		sink.octets = 0;
		spent = pass_encode(&builder);
		best = spent < best ? spent : best;
		spent = pass_copy((uint32_t)((double)sink.octets / count));
		copy = spent < copy ? spent : copy;
	}
	printf("%-34s %9.2f %9.1f %11.1f %9.0f %7.2f\n", row->name, count / (double)best * 1e3,
			(double)best / count, (double)sink.octets / count,
			(double)sink.octets / (double)best * 1e3, (double)best / (double)copy);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct row rows[] = {
			{"IPFIX, biflows", {.selector_id = 1}, false, 1},
			{"IPFIX, biflows, ns", {.selector_id = 1, .nanoseconds = true}, false, 1},
			{"IPFIX, biflows, four collectors", {.selector_id = 1}, false, 4},
			{"IPFIX, uniflows", {.selector_id = 1, .uniflow = true}, false, 1},
			{"IPFIX, biflows in VXLAN", {.selector_id = 1}, true, 1},
			{"NetFlow 9", {.protocol = IPFIX_PROTOCOL_NETFLOW9}, false, 1},
	};
	int status = EXIT_SUCCESS;

	if (argc > 1)
		limit = (uint32_t)atoi(argv[1]);
	if (limit < IPFIX_MESSAGE_MIN || limit > IPFIX_MESSAGE_MAX) {
		fprintf(stderr, "bench_ipfix: messages have %d to %d octets\n", IPFIX_MESSAGE_MIN,
				IPFIX_MESSAGE_MAX);
		return 64;
	}
	printf("%-34s %9s %9s %11s %9s %7s\n", "", "Mrecord/s", "ns/record", "octets/rec.", "MB/s",
			"ratio");
	for (size_t i = 0; i < BASE_COUNT_OF(rows) && status == EXIT_SUCCESS; i++)
		status = run(&rows[i]);
	return status;
}
