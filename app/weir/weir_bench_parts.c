/* SPDX-License-Identifier: BSD-3-Clause */
/* weir bench: the clock hand, the ring, and two workers at once. */
#include "weir_bench_parts.h"

#include "base_clock.h"
#include "flow_table.h"
#include "packet_decode.h"
#include "ring_records.h"
#include "stats_block.h"
#include "weir_bench_threads.h"
#include "weir_bench_traffic.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#define BURST WEIR_BENCH_BURST
#define RECORDS 1024
#define HOUR_NS (3600 * BASE_NS_PER_SEC)

const struct weir_bench_part weir_bench_parts[] = {
		{"age", "clock hand, 4 M flows in 5 s", "of a core", false, weir_bench_age,
				weir_bench_age_memory},
		{"publish", "ring, bursts of 8 records", "records/s", true, weir_bench_publish},
		{"drain", "control thread, JSON Lines to a file", "records/s", true,
				weir_bench_drain},
		{"send", "control thread, IPFIX over TCP to a reader", "records/s", true,
				weir_bench_send},
		{"ethdev", "a live worker on a port, 1 M flows", "LIMIT", false, weir_bench_ethdev,
				weir_bench_ethdev_memory},
		{"workers", "two workers, to one", "times", true, weir_bench_workers},
};
const unsigned int weir_bench_part_count = BASE_COUNT_OF(weir_bench_parts);

static int make_table(struct flow_table **table, uint32_t flows)
{
	const struct flow_settings settings = {
			.capacity = flows,
			.active_ns = HOUR_NS,
			.idle_tcp_ns = HOUR_NS,
			.idle_udp_ns = HOUR_NS,
			.idle_icmp_ns = HOUR_NS,
			.idle_other_ns = HOUR_NS,
			.numa_node = -1,
			.huge_pages = true,
	};

	return flow_table_create(table, &settings);
}

/* A path of its own: packets, and the table that they are counted in. */
struct lane {
	struct weir_bench_traffic traffic;
	struct flow_table *table;
	struct packet_meta metas[BURST] BASE_CACHE_ALIGNED;
	int64_t times_ns[BURST];
	uint16_t ports[BURST];
	struct flow_record records[RECORDS];
	int64_t now_ns;
};

static void run_burst(struct lane *lane)
{
	struct flow_outbox outbox = {.slots = lane->records, .mask = RECORDS - 1, .room = RECORDS};

	for (uint32_t i = 0; i < BURST; i++) {
		lane->times_ns[i] = lane->now_ns;
		if (packet_decode(PACKET_LINK_ETHERNET, lane->traffic.frames[i],
				    lane->traffic.bytes[i], lane->traffic.bytes[i], &lane->metas[i])
				!= PACKET_METERED)
			abort();
	}
	flow_table_update(lane->table, lane->metas, lane->times_ns, lane->ports, NULL, BURST,
			&outbox);
}

static void destroy_lane(struct lane *lane)
{
	if (!lane)
		return;
	flow_table_destroy(lane->table);
	weir_bench_traffic_fini(&lane->traffic);
	free(lane);
}

/* With every flow in its table. */
static int create_lane(struct lane **out, uint32_t flows)
{
	const struct weir_bench_shape shape = {.flows = flows};
	struct lane *lane = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*lane));

	*out = lane;
	if (!lane)
		return -ENOMEM;
	memset(lane, 0, sizeof(*lane));
	lane->now_ns = base_clock_wall_ns();
	int rc = make_table(&lane->table, flows);
	if (rc == 0)
		rc = weir_bench_traffic_init(&lane->traffic, &shape);
	for (uint32_t first = 0; rc == 0 && first < flows; first += BURST) {
		weir_bench_traffic_count(&lane->traffic, first);
		run_burst(lane);
	}
	return rc;
}

#define AGE_FLOWS 4000000u
#define AGE_SLICES 256
#define AGE_SLICE_BUCKETS 4096
#define AGE_PASS_SEC 5
/* What the hand owes in a burst at some Mpps. */
#define AGE_BUCKETS 2

void weir_bench_age_memory(struct weir_bench_memory *memory)
{
	*memory = (struct weir_bench_memory){.regions_bytes = {flow_table_memory_bytes(AGE_FLOWS)}};
}

int weir_bench_age(double tsc_per_sec, struct weir_bench_figure *figure)
{
	double cycles[AGE_SLICES];
	struct lane *lane;
	int rc = create_lane(&lane, AGE_FLOWS);

	for (int slice = 0; rc == 0 && slice < AGE_SLICES; slice++) {
		uint64_t before = __rdtsc();
		for (uint32_t done = 0; done < AGE_SLICE_BUCKETS; done += AGE_BUCKETS) {
			struct flow_outbox outbox = {.slots = lane->records,
					.mask = RECORDS - 1,
					.room = RECORDS};
			flow_table_age(lane->table, lane->now_ns, AGE_BUCKETS, &outbox);
		}
		cycles[slice] = (double)(__rdtsc() - before);
	}
	if (rc == 0) {
		*figure = weir_bench_figure_make(cycles, AGE_SLICES);
		figure->value *= (double)flow_table_buckets(lane->table) / AGE_SLICE_BUCKETS
				/ (AGE_PASS_SEC * tsc_per_sec);
	}
	destroy_lane(lane);
	return rc;
}

#define RING_CAPACITY 16384u
#define RING_BURST 8
#define RING_SLICES 16
#define RING_SLICE_RECORDS (1u << 21)

struct ring_reader {
	struct ring_records *ring;
	uint64_t octets; /* so that what is read is used */
	atomic_bool stop;
};

static void *read_ring(void *arg)
{
	struct ring_reader *reader = arg;
	uint32_t count;

	for (;;) {
		const struct flow_record *records = ring_peek(reader->ring, 512, &count);
		for (uint32_t i = 0; i < count; i++)
			reader->octets += records[i].bytes;
		if (count > 0)
			ring_release(reader->ring, count);
		else if (atomic_load_explicit(&reader->stop, memory_order_acquire))
			return NULL;
	}
}

static void write_ring(struct ring_records *ring, const struct flow_record *record, uint32_t count)
{
	while (count > 0) {
		struct flow_record *slots;
		uint64_t first, mask;
		uint32_t room = ring_reserve(ring, RING_BURST, &slots, &first, &mask);
		if (room > count)
			room = count;
		for (uint32_t i = 0; i < room; i++)
			slots[(first + i) & mask] = *record;
		if (room > 0)
			ring_publish(ring, room);
		count -= room;
	}
}

static void time_ring(
		struct ring_records *ring, double tsc_per_sec, struct weir_bench_figure *figure)
{
	static const struct flow_record record = {.ip_version = 4, .bytes = 64, .packets = 1};
	double seconds[RING_SLICES];

	for (int slice = 0; slice < RING_SLICES; slice++) {
		uint64_t before = __rdtsc();
		write_ring(ring, &record, RING_SLICE_RECORDS);
		seconds[slice] = (double)(__rdtsc() - before) / tsc_per_sec;
	}
	*figure = weir_bench_figure_make(seconds, RING_SLICES);
	figure->value = RING_SLICE_RECORDS / figure->value;
}

int weir_bench_publish(double tsc_per_sec, struct weir_bench_figure *figure)
{
	struct base_region_options options = {.name = "weir-bench-ring",
			.numa_node = -1,
			.payload_bytes = ring_memory_bytes(RING_CAPACITY)};
	struct base_region region;
	struct ring_reader reader = {0};
	pthread_t thread;
	int rc = base_region_init(&region, &options);

	if (rc < 0)
		return rc;
	rc = ring_init(&reader.ring, &region, RING_CAPACITY);
	if (rc == 0)
		rc = weir_bench_threads_fork(&thread, read_ring, &reader);
	if (rc == 0) {
		time_ring(reader.ring, tsc_per_sec, figure);
		/* release: the reader then sees all that was published */
		atomic_store_explicit(&reader.stop, true, memory_order_release);
		weir_bench_threads_join(thread);
	}
	base_region_fini(&region);
	return rc;
}

#define PAIR_FLOWS 250000u
#define PAIR_SLICES 96
#define PAIR_SLICE_BURSTS 1024

/* Both workers' counters, side by side in memory as the engine has them. */
struct pair {
	struct lane *lanes[2];
	struct stats_block counters[2];
	pthread_barrier_t barrier;
	double cycles[2][2][PAIR_SLICES]; /* [alone, both at once][worker] of a slice */
};

struct pair_worker {
	struct pair *pair;
	int number;
};

static double run_pair_slice(struct pair *pair, int number)
{
	struct lane *lane = pair->lanes[number];
	uint64_t values[STATS_WORKER_COUNT] = {0};
	uint64_t before = __rdtsc();

	for (int i = 0; i < PAIR_SLICE_BURSTS; i++) {
		weir_bench_traffic_draw(&lane->traffic);
		run_burst(lane);
		values[STATS_rx_packets] += BURST;
		stats_block_publish(&pair->counters[number], values);
	}
	return (double)(__rdtsc() - before) / (PAIR_SLICE_BURSTS * BURST);
}

/* Turns: the first alone, the second alone, both at once. */
static void *run_pair(void *arg)
{
	const struct pair_worker *worker = arg;
	struct pair *pair = worker->pair;
	int own = worker->number;

	for (int slice = 0; slice < PAIR_SLICES; slice++) {
		for (int turn = 0; turn < 2; turn++) {
			pthread_barrier_wait(&pair->barrier);
			if (turn == own)
				pair->cycles[0][own][slice] = run_pair_slice(pair, own);
		}
		pthread_barrier_wait(&pair->barrier);
		pair->cycles[1][own][slice] = run_pair_slice(pair, own);
	}
	return NULL;
}

static int time_pair(struct pair *pair, struct weir_bench_figure *figure)
{
	struct pair_worker second = {pair, 1}, first = {pair, 0};
	pthread_t thread;
	double rate[2] = {0, 0}; /* packets a cycle, of both */

	pthread_barrier_init(&pair->barrier, NULL, 2);
	int rc = weir_bench_threads_fork(&thread, run_pair, &second);
	if (rc == 0) {
		run_pair(&first);
		weir_bench_threads_join(thread);
		for (int both = 0; both < 2; both++)
			for (int w = 0; w < 2; w++) {
				struct weir_bench_figure cycles = weir_bench_figure_make(
						pair->cycles[both][w], PAIR_SLICES);
				rate[both] += 1 / cycles.value;
				figure->noise = fmax(figure->noise, cycles.noise);
			}
		figure->value = 2 * rate[1] / rate[0];
	}
	pthread_barrier_destroy(&pair->barrier);
	return rc;
}

int weir_bench_workers(double tsc_per_sec, struct weir_bench_figure *figure)
{
	static struct pair pair;
	int rc = sysconf(_SC_NPROCESSORS_ONLN) < 2 ? -ENODEV : 0;

	(void)tsc_per_sec; /* a ratio */
	pair = (struct pair){0};
	for (int i = 0; i < 2; i++) {
		stats_block_init(&pair.counters[i], STATS_WORKER_COUNT);
		if (rc == 0)
			rc = create_lane(&pair.lanes[i], PAIR_FLOWS);
	}
	if (rc == 0)
		rc = time_pair(&pair, figure);
	for (int i = 0; i < 2; i++)
		destroy_lane(pair.lanes[i]);
	return rc;
}
