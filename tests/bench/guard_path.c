/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One part of the packet path, a number of times, the same on every machine: for valgrind to count
 * its instructions (tests/tools/check_instructions.py). usage: guard_path PART TIMES
 */
#include "base_clock.h"
#include "export_format.h"
#include "flow_table.h"
#include "packet_views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST 64
#define EXIT_NO_AVX2 77
#define T0 (INT64_C(1700000000) * BASE_NS_PER_SEC)

#define MACS 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define IPV4(bytes, protocol) \
	0x45, 0, 0, bytes, 0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2
#define TCP 0xc3, 0x50, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0
#define PLAIN MACS, 8, 0, IPV4(40, 6), TCP
#define TAG 0x81, 0, 0, 100

static const struct {
	const char *name;
	uint8_t octets[160];
	uint32_t bytes;
} frames[] = {
		{"decode_plain", {PLAIN}, 64},
		{"decode_vlan", {MACS, TAG, 8, 0, IPV4(40, 6), TCP}, 64},
		{"decode_vxlan",
				{MACS, 8, 0, IPV4(90, 17), 0xc3, 0x50, 0x12, 0xb5, 0, 70, 0, 0, 8,
						0, 0, 0, 0, 0, 9, 0, PLAIN},
				104},
		{"decode_nested",
				{MACS, 8, 0, IPV4(120, 4), IPV4(100, 4), IPV4(80, 4), IPV4(60, 4),
						IPV4(40, 6), TCP},
				134},
};

static struct packet_policy policy;
static uint64_t sink;

static void decode(size_t kind, uint32_t times)
{
	struct packet_meta metas[PACKET_VIEWS_MAX];
	struct packet_views views;
	const struct packet_frame frame = {frames[kind].octets, frames[kind].bytes,
			frames[kind].bytes, PACKET_LINK_ETHERNET};

	for (uint32_t i = 0; i < times; i++) {
		/* another packet, for all that the compiler knows */
		__asm__ volatile("" ::: "memory");
		sink += packet_decode_views(&policy, &frame, metas, &views);
	}
}

/*
 * `flows` that come again and again, or (0) only new ones into a full table; on the path for any
 * processor, or (`wide`) for AVX2.
 */
static void update(uint32_t flows, bool wide, uint32_t times)
{
	static struct flow_record records[512];
	static struct packet_meta metas[BURST];
	static int64_t times_ns[BURST];
	static uint16_t ports[BURST];
	struct flow_outbox outbox = {.slots = records, .mask = 511};
	struct flow_settings settings = {
			.capacity = flows ? flows : 1000,
			.active_ns = 3600 * BASE_NS_PER_SEC,
			.idle_tcp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_udp_ns = BASE_NS_PER_SEC,
			.idle_icmp_ns = BASE_NS_PER_SEC,
			.idle_other_ns = BASE_NS_PER_SEC,
			.hash_seed = 7,
			.numa_node = -1,
			.instructions = wide ? FLOW_INSTRUCTIONS_AVX2 : FLOW_INSTRUCTIONS_ANY,
	};
	struct flow_table *table;
	uint32_t number = 0;

	if (flow_table_create(&table, &settings) < 0)
		abort();
	if (wide && flow_table_instructions(table) != FLOW_INSTRUCTIONS_AVX2)
		exit(EXIT_NO_AVX2);
	/* the table is filled before what is counted: that is the same for any `times` */
	for (uint32_t done = 0; done < times + 4096; done += BURST) {
		for (uint32_t i = 0; i < BURST; i++) {
			uint32_t n = flows ? number++ * 7 % flows : number++;
			metas[i] = (struct packet_meta){.source.words_be = {n * 2654435761u},
					.destination.words_be = {1},
					.source_port = (uint16_t)n,
					.destination_port = 80,
					.ip_bytes = 100,
					.tcp_flags = 0x10,
					.ip_version = 4,
					.protocol = 6,
					.ttl = 64};
			times_ns[i] = T0;
		}
		outbox.room = 512;
		outbox.used = 0;
		flow_table_update(table, metas, times_ns, ports, NULL, BURST, &outbox);
		flow_table_age(table, T0, 1, &outbox);
	}
	sink += flow_table_counters(table)->packets;
	flow_table_destroy(table);
}

static void encode(enum config_output_format format, uint32_t times)
{
	static const char *const names[] = {"eth1"};
	const struct export_context context = {.port_names = names, .port_count = 1};
	struct flow_record record = {.source.words_be = {0x0201a8c0},
			.destination.words_be = {0x01020304},
			.source_port = 50000,
			.destination_port = 443,
			.protocol = 6,
			.ip_version = 4,
			.end_reason = FLOW_END_IDLE,
			.packets = 1234,
			.bytes = 567890,
			.flow_id = 0x123456789abcdef0,
			.rev_packets = 987,
			.rev_bytes = 65432,
			.start_ns = T0,
			.end_ns = T0 + 123456789,
			.flow_start_ns = T0,
			.rev_start_ns = T0 + 1000,
			.tcp_flags = 0x1b,
			.rev_tcp_flags = 0x12,
			.ttl_min = 64,
			.ttl_max = 64,
			.rev_ttl_min = 57,
			.rev_ttl_max = 57};
	struct export_encoder encoder;

	if (export_encoder_init(&encoder, format, false, &context) < 0)
		abort();
	char *line = malloc(encoder.line_bytes);
	if (!line)
		abort();
	for (uint32_t i = 0; i < times; i++) {
		record.start_ns += 1000003;
		sink += (uint64_t)(export_encoder_write(&encoder, line, &record) - line);
	}
	free(line);
	export_encoder_fini(&encoder);
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	uint32_t times = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	for (size_t i = 0; i < BASE_COUNT_OF(frames); i++) {
		if (strcmp(part, frames[i].name) == 0)
			decode(i, times);
	}
	if (strcmp(part, "table_known") == 0)
		update(1000, false, times);
	else if (strcmp(part, "table_known_avx2") == 0)
		update(1000, true, times);
	else if (strcmp(part, "table_flood") == 0)
		update(0, false, times);
	else if (strcmp(part, "record_jsonl") == 0)
		encode(CONFIG_OUTPUT_JSONL, times);
	else if (strcmp(part, "record_csv") == 0)
		encode(CONFIG_OUTPUT_CSV, times);
	if (sink == 0) {
		fprintf(stderr, "usage: guard_path PART TIMES\n");
		return 64;
	}
	return 0;
}
