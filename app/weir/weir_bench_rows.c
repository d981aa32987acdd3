/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_rows.h"

#include "base_clock.h"
#include "base_region.h"
#include "export_format.h"
#include "flow_entry.h"
#include "flow_key.h"
#include "flow_table.h"
#include "packet_views.h"
#include "weir_bench_hash.h"
#include "weir_bench_sizes.h"

#include <rte_hash.h>

#include <errno.h>
#include <stdlib.h>

#define BURST WEIR_BENCH_BURST
#define RECORDS 1024
#define TEXT_BYTES (256 * 1024)

struct line {
	uint64_t packets, bytes, last_ns;
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct line) == WEIR_BENCH_LINE_BYTES, "what memory is reckoned with");

/* Lines of LIMIT: an entry of the table has two. */
#define LINE_STRIDE (WEIR_BENCH_PLACE_BYTES / sizeof(struct line))

/* A table and its own clock. */
struct lane {
	struct flow_table *table;
	int64_t now_ns;
	double due; /* buckets that the clock hand owes */
};

/* What all rows work on. */
static struct bench {
	const struct weir_bench_scenario *scenario;
	struct weir_bench_traffic *traffic;
	struct weir_bench_sizes sizes;
	struct packet_policy policy;
	struct packet_meta metas[FLOW_BURST_MAX] BASE_CACHE_ALIGNED;
	int64_t times_ns[FLOW_BURST_MAX];
	uint16_t ports[FLOW_BURST_MAX];
	uint32_t slots[FLOW_BURST_MAX];
	uint32_t views;
	/* yardsticks */
	struct base_region known_region, lines_region;
	struct line *known; /* of LIMIT, LINE_STRIDE apart */
	uint32_t places[BURST]; /* of the burst's flows in `known` */
	struct line *lines; /* of the hash */
	struct weir_bench_hash hash;
	struct flow_key keys[BURST];
	struct flow_key *order; /* of the hash's keys, oldest first: what makes room for new ones */
	uint32_t order_next, order_used;
	/* weir */
	struct lane alone, whole;
	struct flow_record records[RECORDS];
	struct export_encoder encoder;
	char *text;
} b = {.known_region.fd = -1, .lines_region.fd = -1, .hash.region.fd = -1};

/*
 * What all rows are given, beside the frames: times, and places for LIMIT. Flows that there are
 * take ten places of thirteen, as in the table; a new one any place. The places are known
 * beforehand: to find them is no part of LIMIT.
 */
static void prepare(void)
{
	for (uint32_t i = 0; i < BURST; i++)
		b.times_ns[i] = b.alone.now_ns;
	for (uint32_t i = 0; i < BURST; i++) {
		uint32_t number = b.traffic->numbers[i];
		uint32_t place = (uint32_t)((uint64_t)number * 13 / 10);
		if (number >= b.scenario->shape.flows)
			place = (uint32_t)((uint64_t)(number * 2654435761u) * b.sizes.places >> 32);
		b.places[i] = place;
	}
}

static void decode_burst(void)
{
	struct packet_views found;

	b.views = 0;
	for (uint32_t i = 0; i < BURST; i++) {
		const struct packet_frame frame = {b.traffic->frames[i], b.traffic->bytes[i],
				b.traffic->bytes[i], PACKET_LINK_ETHERNET};
		struct packet_meta *metas = &b.metas[b.views];
		uint32_t count = packet_decode_views(&b.policy, &frame, metas, &found);
		for (uint32_t v = 0; v < count; v++) {
			metas[v].flags |= v ? PACKET_FLAG_SECOND : 0;
			if (BASE_UNLIKELY(found.encapsulated >> v & 1))
				b.slots[b.views + v] = flow_table_scope(
						b.whole.table, &metas[v], &found.around[v]);
			b.times_ns[b.views + v] = b.whole.now_ns;
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
			const struct packet_frame frame = {b.traffic->frames[i],
					b.traffic->bytes[i], b.traffic->bytes[i],
					PACKET_LINK_ETHERNET};
			struct packet_meta metas[PACKET_VIEWS_MAX];
			packet_decode_views(&b.policy, &frame, metas, &found);
			b.metas[i] = metas[1];
		}
		return;
	}
	for (uint32_t i = 0; i < BURST; i++) {
		if (packet_decode(PACKET_LINK_ETHERNET, b.traffic->frames[i], b.traffic->bytes[i],
				    b.traffic->bytes[i], &b.metas[i])
				!= PACKET_METERED)
			abort();
	}
}

static void touch_line(struct line *line, uint32_t i)
{
	line->packets++;
	line->bytes += b.metas[i].ip_bytes;
	line->last_ns = (uint64_t)b.whole.now_ns;
}

static void limit_burst(void)
{
	for (uint32_t i = 0; i < BURST; i++)
		base_prefetch(&b.known[b.places[i] * LINE_STRIDE]);
	for (uint32_t i = 0; i < BURST; i++)
		touch_line(&b.known[b.places[i] * LINE_STRIDE], i);
}

/* The oldest key gives its place to a new one, as an idle timeout would have it. */
static int32_t hash_add(const struct flow_key *key)
{
	struct flow_key *place = &b.order[b.order_next];

	if (b.order_used == b.sizes.capacity)
		rte_hash_del_key(b.hash.hash, place);
	else
		b.order_used++;
	*place = *key;
	b.order_next = (b.order_next + 1) % b.sizes.capacity;
	return rte_hash_add_key(b.hash.hash, key);
}

static void hash_burst(void)
{
	const void *keys[BURST];
	int32_t places[BURST];

	for (uint32_t i = 0; i < BURST; i++) {
		flow_key_build(&b.keys[i], &b.metas[i]);
		keys[i] = &b.keys[i];
	}
	rte_hash_lookup_bulk(b.hash.hash, keys, BURST, places);
	for (uint32_t i = 0; i < BURST; i++) {
		if (places[i] < 0)
			places[i] = hash_add(&b.keys[i]);
		if (places[i] < 0)
			abort();
		base_prefetch(&b.lines[places[i]]);
	}
	for (uint32_t i = 0; i < BURST; i++)
		touch_line(&b.lines[places[i]], i);
}

/* The clock hand as a worker moves it: a pass in 1 to 5 s, by the size of the table. */
static uint32_t due_buckets(struct lane *lane)
{
	double buckets = flow_table_buckets(lane->table);
	double seconds = buckets < 30000 ? 1 : buckets > 150000 ? 5 : buckets / 30000;

	lane->due += buckets / seconds * (BURST * WEIR_BENCH_PACKET_NS / 1e9);
	uint32_t whole = (uint32_t)lane->due;
	lane->due -= whole;
	return whole;
}

static struct flow_outbox empty_outbox(void)
{
	return (struct flow_outbox){.slots = b.records, .mask = RECORDS - 1, .room = RECORDS};
}

static bool some_are_new(void)
{
	return b.scenario->shape.new_percent > 0 && b.scenario->shape.new_percent < 100;
}

static void table_burst(void)
{
	struct flow_outbox outbox = empty_outbox();

	b.alone.now_ns += BURST * WEIR_BENCH_PACKET_NS;
	flow_table_update(b.alone.table, b.metas, b.times_ns, b.ports, NULL, BURST, &outbox);
	if (some_are_new())
		flow_table_age(b.alone.table, b.alone.now_ns, due_buckets(&b.alone), &outbox);
}

static void weir_burst(void)
{
	struct flow_outbox outbox = empty_outbox();

	b.whole.now_ns += BURST * WEIR_BENCH_PACKET_NS;
	flow_table_update(b.whole.table, b.metas, b.times_ns, b.ports, b.slots, b.views, &outbox);
	flow_table_age(b.whole.table, b.whole.now_ns, due_buckets(&b.whole), &outbox);
	if (!b.scenario->export)
		return;
	char *out = b.text;
	for (uint32_t i = 0; i < outbox.used; i++) {
		out = export_encoder_write(&b.encoder, out, &b.records[i]);
		if (out - b.text > TEXT_BYTES - 4096)
			out = b.text;
	}
}

void weir_bench_rows_run(enum weir_bench_row row)
{
	prepare();
	if (row == WEIR_BENCH_MAKE)
		return;
	if (row == WEIR_BENCH_WEIR) {
		decode_burst();
		weir_burst();
		return;
	}
	decode_plain();
	if (row == WEIR_BENCH_LIMIT)
		limit_burst();
	else if (row == WEIR_BENCH_HASH)
		hash_burst();
	else if (row == WEIR_BENCH_TABLE)
		table_burst();
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

static int set_up_lines(struct base_region *region, struct line **lines, uint64_t bytes)
{
	const struct base_region_options options = {.name = "weir-lines",
			.numa_node = -1,
			.huge_pages = true,
			.payload_bytes = bytes};
	int rc = base_region_init(region, &options);

	*lines = region->payload;
	return rc;
}

static int set_up_yardsticks(void)
{
	const struct weir_bench_sizes *sizes = &b.sizes;

	b.order_next = b.order_used = 0;
	b.order = malloc((size_t)sizes->capacity * sizeof(*b.order));
	if (!b.order)
		return -ENOMEM;
	int rc = weir_bench_hash_create(&b.hash, sizes->entries, sizeof(struct flow_key));
	if (rc == 0)
		rc = set_up_lines(&b.lines_region, &b.lines,
				(uint64_t)sizes->lines * sizeof(struct line));
	if (rc == 0)
		rc = set_up_lines(&b.known_region, &b.known,
				(uint64_t)sizes->places * LINE_STRIDE * sizeof(struct line));
	return rc;
}

static int set_up_tables(const struct weir_bench_shape *shape)
{
	int64_t idle_ns = 500 * BASE_NS_PER_MS;
	struct flow_settings settings = {
			.capacity = b.sizes.capacity,
			.active_ns = 60 * BASE_NS_PER_SEC,
			.idle_tcp_ns = shape->new_percent == 0 ? 3600 * BASE_NS_PER_SEC : idle_ns,
			.idle_udp_ns = idle_ns,
			.idle_icmp_ns = idle_ns,
			.idle_other_ns = idle_ns,
			.numa_node = -1,
			.huge_pages = true,
			.tunnels = 1024,
			.tunnel_ids_in_key = true,
	};

	b.alone = b.whole = (struct lane){.now_ns = base_clock_wall_ns()};
	int rc = flow_table_create(&b.alone.table, &settings);
	return rc < 0 ? rc : flow_table_create(&b.whole.table, &settings);
}

int weir_bench_rows_set_up(
		const struct weir_bench_scenario *scenario, struct weir_bench_traffic *traffic)
{
	b.scenario = scenario;
	b.traffic = traffic;
	weir_bench_sizes_set(&b.sizes, &scenario->shape);
	packet_policy_init(&b.policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	int rc = set_up_yardsticks();
	if (rc == 0)
		rc = set_up_tables(&scenario->shape);
	if (rc == 0)
		rc = make_encoder();
	return rc;
}

void weir_bench_rows_tear_down(void)
{
	export_encoder_fini(&b.encoder);
	free(b.text);
	weir_bench_hash_destroy(&b.hash);
	free(b.order);
	flow_table_destroy(b.alone.table);
	flow_table_destroy(b.whole.table);
	base_region_fini(&b.lines_region);
	base_region_fini(&b.known_region);
	b.order = NULL;
	b.alone = b.whole = (struct lane){0};
	b.text = NULL;
}

int64_t weir_bench_rows_clock_ns(enum weir_bench_row row)
{
	return row == WEIR_BENCH_TABLE ? b.alone.now_ns : b.whole.now_ns;
}
