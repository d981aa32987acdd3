/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the flow table costs a packet, against three yardsticks measured in the same run:
 *
 *     make    making the frames of a burst (taken off all other rows)
 *     floor   decode alone
 *     LIMIT   decode, and one random cache line updated whose index is known: no exact table can be
 *             faster on this machine
 *     hash    decode, DPDK's rte_hash over the same 40-octet key, and a line of counters
 *     weir    decode, and the flow table with all its fields, and its clock hand
 *
 * All take turns in slices of some milliseconds; a row is the lower quartile of its slices, so
 * that what else the machine does falls away. usage: bench_table [FLOWS]...
 */
#include "base_clock.h"
#include "base_region.h"
#include "base_units.h"
#include "flow_key.h"
#include "flow_table.h"
#include "packet_decode.h"

#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_memory.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <x86intrin.h>

#define BURST 64
#define FRAME_BYTES 64
#define SLICES 24
#define SLICE_PACKETS (1 << 18)

/* Ethernet, IPv4, TCP with ACK; addresses and ports are patched. */
static const uint8_t frame[FRAME_BYTES] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46,
		0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 80, 0, 0, 0, 0, 0, 0, 0,
		0, 0x50, 0x10};

enum row { ROW_MAKE, ROW_FLOOR, ROW_LIMIT, ROW_HASH, ROW_WEIR, ROW_COUNT };
static const char *const row_names[ROW_COUNT] = {"make", "floor", "LIMIT", "hash", "weir"};

struct line {
	uint64_t packets, bytes, last_ns;
} BASE_CACHE_ALIGNED;

static struct bench {
	uint32_t flows;
	uint64_t random;
	uint8_t frames[BURST][FRAME_BYTES] BASE_CACHE_ALIGNED;
	uint32_t numbers[BURST];
	struct packet_meta metas[BURST];
	struct flow_key keys[BURST];
	int64_t times_ns[BURST];
	uint16_t ports[BURST];
	struct base_region lines_region;
	struct line *lines;
	struct rte_hash *hash;
	struct flow_table *table;
	struct flow_record slots[1024];
	int64_t now_ns;
	uint64_t sink;
} b;

static void make_burst(void)
{
	for (int i = 0; i < BURST; i++) {
		b.random = b.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		uint32_t number = (uint32_t)(((b.random >> 32) * b.flows) >> 32);
		b.numbers[i] = number;
		uint32_t address = 0x0a000000 | number >> 8;
		b.frames[i][26] = (uint8_t)(address >> 24);
		b.frames[i][27] = (uint8_t)(address >> 16);
		b.frames[i][28] = (uint8_t)(address >> 8);
		b.frames[i][29] = (uint8_t)address;
		b.frames[i][35] = (uint8_t)number;
	}
}

static void decode_burst(void)
{
	for (int i = 0; i < BURST; i++)
		b.sink += packet_decode(PACKET_LINK_ETHERNET, b.frames[i], FRAME_BYTES, FRAME_BYTES,
				&b.metas[i]);
}

static void limit_burst(void)
{
	for (int i = 0; i < BURST; i++)
		base_prefetch(&b.lines[b.numbers[i]]);
	for (int i = 0; i < BURST; i++) {
		struct line *line = &b.lines[b.numbers[i]];
		line->packets++;
		line->bytes += b.metas[i].ip_bytes;
		line->last_ns = (uint64_t)b.now_ns;
	}
}

static void hash_burst(void)
{
	const void *keys[BURST];
	int32_t places[BURST];

	for (int i = 0; i < BURST; i++) {
		flow_key_build(&b.keys[i], &b.metas[i]);
		keys[i] = &b.keys[i];
	}
	rte_hash_lookup_bulk(b.hash, keys, BURST, places);
	for (int i = 0; i < BURST; i++) {
		if (places[i] < 0)
			places[i] = rte_hash_add_key(b.hash, keys[i]);
		if (places[i] < 0)
			abort();
		base_prefetch(&b.lines[places[i]]);
	}
	for (int i = 0; i < BURST; i++) {
		struct line *line = &b.lines[places[i]];
		line->packets++;
		line->bytes += b.metas[i].ip_bytes;
		line->last_ns = (uint64_t)b.now_ns;
	}
}

/* The clock hand as a worker moves it at 20 Mpps: a pass in 1 to 5 s, by the size of the table. */
static uint32_t due_buckets(void)
{
	static double due;
	double buckets = flow_table_buckets(b.table);
	double seconds = buckets < 60000 ? 1 : buckets > 300000 ? 5 : buckets / 60000;

	due += buckets / seconds / (20e6 / BURST);
	uint32_t whole = (uint32_t)due;
	due -= whole;
	return whole;
}

static void weir_burst(void)
{
	struct flow_outbox outbox = {.slots = b.slots, .mask = 1023, .room = 1024};

	flow_table_update(b.table, b.metas, b.times_ns, b.ports, NULL, BURST, &outbox);
	flow_table_age(b.table, b.now_ns, due_buckets(), &outbox);
}

static double slice(enum row row)
{
	uint64_t before = __rdtsc();

	for (int done = 0; done < SLICE_PACKETS; done += BURST) {
		make_burst();
		if (row == ROW_MAKE)
			continue;
		decode_burst();
		if (row == ROW_LIMIT)
			limit_burst();
		else if (row == ROW_HASH)
			hash_burst();
		else if (row == ROW_WEIR)
			weir_burst();
	}
	return (double)(__rdtsc() - before) / SLICE_PACKETS;
}

static int by_value(const void *a, const void *c)
{
	double x = *(const double *)a, y = *(const double *)c;

	return (x > y) - (x < y);
}

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "bench_table: %s: %s\n", what, strerror(-rc));
	exit(1);
}

static void set_up(uint32_t flows)
{
	struct flow_settings settings = {
			.capacity = flows,
			.active_ns = 3600 * BASE_NS_PER_SEC,
			.idle_tcp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_udp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_icmp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_other_ns = 3600 * BASE_NS_PER_SEC,
			.numa_node = -1,
			.huge_pages = true,
	};
	struct base_region_options lines = {.name = "lines",
			.numa_node = -1,
			.huge_pages = true,
			.payload_bytes = ((size_t)flows + flows / 4) * sizeof(struct line)};
	struct rte_hash_parameters hash = {.name = "bench",
			.entries = flows + flows / 4,
			.key_len = sizeof(struct flow_key),
			.hash_func = rte_hash_crc};

	b.flows = flows;
	b.random = 42;
	b.now_ns = base_clock_wall_ns();
	for (int i = 0; i < BURST; i++) {
		memcpy(b.frames[i], frame, FRAME_BYTES);
		b.times_ns[i] = b.now_ns;
	}
	check(base_region_init(&b.lines_region, &lines), "memory of the lines");
	b.lines = b.lines_region.payload;
	check(flow_table_create(&b.table, &settings), "flow table");
	b.hash = rte_hash_create(&hash);
	check(b.hash ? 0 : -ENOMEM, "rte_hash");
	/* every flow is there before the clock runs */
	for (uint64_t done = 0; done < (uint64_t)flows * 6; done += BURST) {
		make_burst();
		decode_burst();
		limit_burst();
		hash_burst();
		weir_burst();
	}
}

static void tear_down(void)
{
	rte_hash_free(b.hash);
	flow_table_destroy(b.table);
	base_region_fini(&b.lines_region);
}

static void run(uint32_t flows)
{
	static double cycles[ROW_COUNT][SLICES];
	double row[ROW_COUNT];
	char name[BASE_UNITS_BYTES];

	set_up(flows);
	for (int i = 0; i < SLICES; i++) {
		for (int r = 0; r < ROW_COUNT; r++)
			cycles[r][i] = slice((enum row)r);
	}
	for (int r = 0; r < ROW_COUNT; r++) {
		qsort(cycles[r], SLICES, sizeof(double), by_value);
		row[r] = cycles[r][SLICES / 4] - (r == ROW_MAKE ? 0 : row[ROW_MAKE]);
	}
	printf("%9s", base_units_count(flows, name));
	for (int r = 0; r < ROW_COUNT; r++)
		printf(" %7.1f", row[r]);
	printf("   %6.2f %6.2f %7.0f\n", row[ROW_WEIR] / row[ROW_LIMIT],
			row[ROW_WEIR] / row[ROW_HASH],
			(double)flow_table_memory_bytes(flows) / flows);
	fflush(stdout);
	tear_down();
}

/* The yardstick shall have the same pages as the table. */
static int advise(const struct rte_memseg_list *list, const struct rte_memseg *segment, void *arg)
{
	(void)arg;
	if (!list->external)
		madvise(segment->addr, segment->len, MADV_HUGEPAGE);
	return 0;
}

static int advise_list(const struct rte_memseg_list *list, void *arg)
{
	(void)arg;
	madvise(list->base_va, list->len, MADV_HUGEPAGE);
	return 0;
}

int main(int argc, char **argv)
{
	/* EAL may change its arguments */
	char arguments[][24] = {"bench_table", "--no-huge", "--no-pci", "--no-telemetry",
			"--no-shconf", "-m", "2048", "--log-level=critical", "--lcores=0@(0-1)"};
	char *eal[BASE_COUNT_OF(arguments)];

	for (size_t i = 0; i < BASE_COUNT_OF(eal); i++)
		eal[i] = arguments[i];
	if (rte_eal_init((int)BASE_COUNT_OF(eal), eal) < 0) {
		fprintf(stderr, "bench_table: DPDK does not start\n");
		return 1;
	}
	rte_memseg_walk(advise, NULL);
	rte_memseg_list_walk(advise_list, NULL);
	printf("TSC cycles a packet, 64-octet TCP, uniform flows, lower quartile of %d slices\n",
			SLICES);
	printf("%9s", "flows");
	for (int r = 0; r < ROW_COUNT; r++)
		printf(" %7s", row_names[r]);
	printf("   %6s %6s %7s\n", "/LIMIT", "/hash", "B/flow");
	if (argc < 2) {
		run(64000);
		run(1000000);
		run(4000000);
	}
	for (int i = 1; i < argc; i++) {
		uint64_t flows;
		if (base_units_parse_count(argv[i], &flows) < 0 || flows < 64 || flows > 16000000) {
			fprintf(stderr, "usage: bench_table [FLOWS]...   64 to 16M\n");
			return 64;
		}
		run((uint32_t)flows);
	}
	return 0;
}
