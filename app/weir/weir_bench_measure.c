/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_measure.h"

#include "base_clock.h"
#include "base_region.h"
#include "export_format.h"
#include "flow_key.h"
#include "flow_table.h"
#include "packet_views.h"

#include <rte_hash.h>
#include <rte_hash_crc.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define BURST WEIR_BENCH_BURST
#define SLICE_PACKETS (1 << 17)
#define PACKET_NS 50 /* 20 Mpps: how the flows' clock goes */
#define NEW_LIFE_SEC 1.0 /* twice the idle timeout below */
#define RECORDS 1024
#define TEXT_BYTES (256 * 1024)

struct line {
	uint64_t packets, bytes, last_ns;
} BASE_CACHE_ALIGNED;

/* What all rows work on. */
static struct bench {
	const struct weir_bench_scenario *scenario;
	struct weir_bench_traffic traffic;
	struct packet_policy policy;
	struct packet_meta metas[FLOW_BURST_MAX] BASE_CACHE_ALIGNED;
	int64_t times_ns[FLOW_BURST_MAX];
	uint16_t ports[FLOW_BURST_MAX];
	uint32_t slots[FLOW_BURST_MAX];
	uint32_t views;
	int64_t now_ns;
	/* yardsticks */
	struct base_region lines_region;
	struct line *lines;
	uint32_t line_count;
	struct rte_hash *hash;
	struct flow_key keys[BURST];
	struct flow_key *order; /* of the hash's keys, oldest first: what makes room for new ones */
	uint32_t order_size, order_next, order_used;
	/* weir */
	struct flow_table *table;
	struct flow_record records[RECORDS];
	struct export_encoder encoder;
	char *text;
	double due;
	uint64_t records_made;
} b;

static void decode_burst(void)
{
	struct packet_views found;

	b.views = 0;
	for (uint32_t i = 0; i < BURST; i++) {
		const struct packet_frame frame = {b.traffic.frames[i], b.traffic.bytes[i],
				b.traffic.bytes[i], PACKET_LINK_ETHERNET};
		struct packet_meta *metas = &b.metas[b.views];
		uint32_t count = packet_decode_views(&b.policy, &frame, metas, &found);
		for (uint32_t v = 0; v < count; v++) {
			metas[v].flags |= v ? PACKET_FLAG_SECOND : 0;
			if (BASE_UNLIKELY(found.encapsulated >> v & 1) && b.table)
				b.slots[b.views + v] = flow_table_scope(
						b.table, &metas[v], &found.around[v]);
			b.times_ns[b.views + v] = b.now_ns;
		}
		b.views += count;
	}
}

/* The floor of the yardsticks: one view, nothing kept of what stands around it. */
static void decode_plain(void)
{
	/* what is inside a tunnel, so that each row tells the same flows apart */
	if (b.scenario->shape.wrap == WEIR_BENCH_VXLAN) {
		struct packet_views found;
		for (uint32_t i = 0; i < BURST; i++) {
			const struct packet_frame frame = {b.traffic.frames[i], b.traffic.bytes[i],
					b.traffic.bytes[i], PACKET_LINK_ETHERNET};
			struct packet_meta metas[PACKET_VIEWS_MAX];
			packet_decode_views(&b.policy, &frame, metas, &found);
			b.metas[i] = metas[1];
		}
		return;
	}
	for (uint32_t i = 0; i < BURST; i++) {
		if (packet_decode(PACKET_LINK_ETHERNET, b.traffic.frames[i], b.traffic.bytes[i],
				    b.traffic.bytes[i], &b.metas[i])
				!= PACKET_METERED)
			abort();
	}
}

static void touch_line(struct line *line, uint32_t i)
{
	line->packets++;
	line->bytes += b.metas[i].ip_bytes;
	line->last_ns = (uint64_t)b.now_ns;
}

static void limit_burst(void)
{
	uint32_t places[BURST];

	for (uint32_t i = 0; i < BURST; i++) {
		places[i] = b.traffic.numbers[i] % b.line_count;
		base_prefetch(&b.lines[places[i]]);
	}
	for (uint32_t i = 0; i < BURST; i++)
		touch_line(&b.lines[places[i]], i);
}

/* The oldest key gives its place to a new one, as an idle timeout would have it. */
static int32_t hash_add(const struct flow_key *key)
{
	struct flow_key *place = &b.order[b.order_next];

	if (b.order_used == b.order_size)
		rte_hash_del_key(b.hash, place);
	else
		b.order_used++;
	*place = *key;
	b.order_next = (b.order_next + 1) % b.order_size;
	return rte_hash_add_key(b.hash, key);
}

static void hash_burst(void)
{
	const void *keys[BURST];
	int32_t places[BURST];

	for (uint32_t i = 0; i < BURST; i++) {
		flow_key_build(&b.keys[i], &b.metas[i]);
		keys[i] = &b.keys[i];
	}
	rte_hash_lookup_bulk(b.hash, keys, BURST, places);
	for (uint32_t i = 0; i < BURST; i++) {
		if (places[i] < 0)
			places[i] = hash_add(&b.keys[i]);
		if (places[i] < 0)
			abort();
		base_prefetch(&b.lines[(uint32_t)places[i] % b.line_count]);
	}
	for (uint32_t i = 0; i < BURST; i++)
		touch_line(&b.lines[(uint32_t)places[i] % b.line_count], i);
}

/* The clock hand as a worker moves it: a pass in 1 to 5 s, by the size of the table. */
static uint32_t due_buckets(void)
{
	double buckets = flow_table_buckets(b.table);
	double seconds = buckets < 60000 ? 1 : buckets > 300000 ? 5 : buckets / 60000;

	b.due += buckets / seconds * (BURST * PACKET_NS / 1e9);
	uint32_t whole = (uint32_t)b.due;
	b.due -= whole;
	return whole;
}

static void weir_burst(void)
{
	struct flow_outbox outbox = {.slots = b.records, .mask = RECORDS - 1, .room = RECORDS};

	flow_table_update(b.table, b.metas, b.times_ns, b.ports, b.slots, b.views, &outbox);
	flow_table_age(b.table, b.now_ns, due_buckets(), &outbox);
	b.records_made += outbox.used;
	if (!b.scenario->export)
		return;
	char *out = b.text;
	for (uint32_t i = 0; i < outbox.used; i++) {
		out = export_encoder_write(&b.encoder, out, &b.records[i]);
		if (out - b.text > TEXT_BYTES - 4096)
			out = b.text;
	}
}

static void run_burst(enum weir_bench_row row)
{
	if (row == WEIR_BENCH_MAKE)
		return;
	if (row == WEIR_BENCH_WEIR) {
		decode_burst();
		b.now_ns += BURST * PACKET_NS;
		weir_burst();
		return;
	}
	decode_plain();
	if (row == WEIR_BENCH_LIMIT)
		limit_burst();
	else if (row == WEIR_BENCH_HASH)
		hash_burst();
}

static double run_slice(enum weir_bench_row row, uint64_t *positions)
{
	/* each row goes on where it was: all see the same packets, none twice in a row */
	b.traffic.random = positions[0];
	b.traffic.next_new = (uint32_t)positions[1];
	b.traffic.next_drawn = (uint32_t)positions[2];
	uint64_t before = __rdtsc();
	for (int done = 0; done < SLICE_PACKETS; done += BURST) {
		weir_bench_traffic_draw(&b.traffic);
		run_burst(row);
	}
	double cycles = (double)(__rdtsc() - before) / SLICE_PACKETS;
	positions[0] = b.traffic.random;
	positions[1] = b.traffic.next_new;
	positions[2] = b.traffic.next_drawn;
	return cycles;
}

static int make_encoder(void)
{
	static const char *const names[] = {"eth1"};
	const struct export_context context = {.port_names = names, .port_count = 1};

	b.text = malloc(TEXT_BYTES);
	if (!b.text)
		return -ENOMEM;
	return export_encoder_init(&b.encoder, CONFIG_OUTPUT_JSONL, false, &context);
}

static int set_up(const struct weir_bench_scenario *scenario)
{
	const struct weir_bench_shape *shape = &scenario->shape;
	bool flood = shape->new_percent == 100;
	/* new flows live for the idle timeout beside the others, and until the clock hand comes */
	uint32_t newcomers = (uint32_t)(NEW_LIFE_SEC * 1e9 / PACKET_NS * shape->new_percent / 100);
	uint32_t capacity = shape->flows + (flood ? 0 : newcomers);
	struct flow_settings settings = {
			.capacity = capacity,
			.active_ns = 60 * BASE_NS_PER_SEC,
			.idle_tcp_ns = 500 * BASE_NS_PER_MS,
			.idle_udp_ns = 500 * BASE_NS_PER_MS,
			.idle_icmp_ns = 500 * BASE_NS_PER_MS,
			.idle_other_ns = 500 * BASE_NS_PER_MS,
			.numa_node = -1,
			.huge_pages = true,
			.tunnels = 1024,
			.tunnel_ids_in_key = true,
	};
	if (shape->new_percent == 0)
		settings.idle_tcp_ns = 3600 * BASE_NS_PER_SEC;
	b.scenario = scenario;
	packet_policy_init(&b.policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	b.line_count = capacity + capacity / 4;
	b.now_ns = base_clock_wall_ns();
	b.due = 0;
	b.records_made = 0;
	struct base_region_options lines = {.name = "weir-lines",
			.numa_node = -1,
			.huge_pages = true,
			.payload_bytes = (size_t)b.line_count * sizeof(struct line)};
	struct rte_hash_parameters hash = {.name = "weir-bench",
			.entries = b.line_count,
			.key_len = sizeof(struct flow_key),
			.hash_func = rte_hash_crc};
	b.order_size = capacity;
	b.order_next = b.order_used = 0;
	b.order = malloc((size_t)capacity * sizeof(*b.order));
	b.hash = b.order ? rte_hash_create(&hash) : NULL;
	int rc = b.hash ? base_region_init(&b.lines_region, &lines) : -ENOMEM;
	if (rc == 0)
		b.lines = b.lines_region.payload;
	if (rc == 0)
		rc = flow_table_create(&b.table, &settings);
	if (rc == 0)
		rc = make_encoder();
	return rc == 0 ? weir_bench_traffic_init(&b.traffic, shape) : rc;
}

static void tear_down(void)
{
	weir_bench_traffic_fini(&b.traffic);
	export_encoder_fini(&b.encoder);
	free(b.text);
	rte_hash_free(b.hash);
	free(b.order);
	if (b.table)
		flow_table_destroy(b.table);
	if (b.lines)
		base_region_fini(&b.lines_region);
	b.hash = NULL;
	b.order = NULL;
	b.table = NULL;
	b.lines = NULL;
	b.text = NULL;
}

/* Every flow is there before the clock runs. */
static void fill(void)
{
	for (uint32_t first = 0; first < b.scenario->shape.flows; first += BURST) {
		weir_bench_traffic_count(&b.traffic, first);
		run_burst(WEIR_BENCH_LIMIT);
		run_burst(WEIR_BENCH_HASH);
		run_burst(WEIR_BENCH_WEIR);
	}
}

static int by_value(const void *a, const void *c)
{
	double x = *(const double *)a, y = *(const double *)c;

	return (x > y) - (x < y);
}

/* Until new flows end as fast as they begin. */
static void warm_up(uint64_t positions[WEIR_BENCH_COUNT][3])
{
	int64_t until_ns = b.now_ns;

	if (b.scenario->shape.new_percent > 0 && b.scenario->shape.new_percent < 100)
		until_ns += (int64_t)(2 * NEW_LIFE_SEC * 1e9);
	for (int r = 0; r < WEIR_BENCH_COUNT; r++)
		run_slice((enum weir_bench_row)r, positions[r]);
	while (b.now_ns < until_ns)
		run_slice(WEIR_BENCH_WEIR, positions[WEIR_BENCH_WEIR]);
}

int weir_bench_measure(const struct weir_bench_scenario *scenario, int slices,
		struct weir_bench_result *result)
{
	static double cycles[WEIR_BENCH_COUNT][WEIR_BENCH_SLICES_MAX];
	uint64_t positions[WEIR_BENCH_COUNT][3];
	int rc = set_up(scenario);

	if (rc == 0) {
		fill();
		weir_bench_traffic_rewind(&b.traffic);
		for (int r = 0; r < WEIR_BENCH_COUNT; r++) {
			positions[r][0] = b.traffic.random;
			positions[r][1] = b.traffic.next_new;
			positions[r][2] = b.traffic.next_drawn;
		}
		warm_up(positions);
		for (int i = 0; i < slices; i++) {
			for (int r = 0; r < WEIR_BENCH_COUNT; r++)
				cycles[r][i] = run_slice((enum weir_bench_row)r, positions[r]);
		}
		for (int r = 0; r < WEIR_BENCH_COUNT; r++)
			qsort(cycles[r], (size_t)slices, sizeof(double), by_value);
		for (int r = 0; r < WEIR_BENCH_COUNT; r++)
			result->cycles[r] = cycles[r][slices / 4]
					- (r == WEIR_BENCH_MAKE ? 0
								: cycles[WEIR_BENCH_MAKE]
									[slices / 4]);
		result->noise = cycles[WEIR_BENCH_FLOOR][slices * 3 / 4]
						/ cycles[WEIR_BENCH_FLOOR][slices / 4]
				- 1;
		result->lost = flow_table_counters(b.table)->lost_records;
	}
	tear_down();
	return rc;
}
