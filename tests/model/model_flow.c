/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The flow table against a naive model: a list of flows, searched from end to end, that knows no
 * hash, bucket, batch, clock hand or tick. Millions of random packets, with reordering, random
 * visits of the clock hand and random burst sizes; both must make the same records.
 */
#include "base_clock.h"
#include "flow_table.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEC BASE_NS_PER_SEC
#define MAX_RECORDS 400000
#define MAX_LIVE 4096

static uint64_t random_state;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static uint32_t random_below(uint32_t limit)
{
	return (uint32_t)(random_next() >> 11) % limit;
}

/* --- the model --- */

struct model_flow {
	struct packet_meta first; /* turned so that its source is the initiator */
	struct flow_record record; /* of the delta */
	bool empty, closed, fin, rev_fin, reported;
};

static struct flow_settings settings;
static struct model_flow live[MAX_LIVE];
static uint32_t live_count;
static struct flow_record *expected, *made;
static uint32_t expected_count, made_count;

static int64_t idle_of(const struct model_flow *flow)
{
	if (flow->closed)
		return settings.tcp_linger_ns;
	switch (flow->first.protocol) {
	case 6:
		return settings.idle_tcp_ns;
	case 17:
		return settings.idle_udp_ns;
	case 1:
		return settings.idle_icmp_ns;
	default:
		return settings.idle_other_ns;
	}
}

static bool same_side(const struct packet_meta *a, const struct packet_meta *b)
{
	return !memcmp(&a->source, &b->source, 16) && !memcmp(&a->destination, &b->destination, 16)
			&& a->source_port == b->source_port
			&& a->destination_port == b->destination_port;
}

static struct packet_meta turned(const struct packet_meta *meta)
{
	struct packet_meta back = *meta;

	back.source = meta->destination;
	back.destination = meta->source;
	back.source_port = meta->destination_port;
	back.destination_port = meta->source_port;
	return back;
}

static struct model_flow *model_find(const struct packet_meta *meta)
{
	struct packet_meta back = turned(meta);

	for (uint32_t i = 0; i < live_count; i++) {
		const struct packet_meta *first = &live[i].first;
		if (first->protocol == meta->protocol && first->vlan == meta->vlan
				&& first->ip_version == meta->ip_version
				&& (same_side(first, meta) || same_side(first, &back)))
			return &live[i];
	}
	return NULL;
}

static void model_emit(struct model_flow *flow, enum flow_end_reason reason)
{
	flow->record.end_reason = (uint8_t)reason;
	expected[expected_count++] = flow->record;
	struct flow_record *r = &flow->record;
	r->packets = r->bytes = r->rev_packets = r->rev_bytes = 0;
	r->tcp_flags = r->rev_tcp_flags = 0;
	r->rev_start_ns = 0;
	r->ttl_min = r->ttl_max = r->rev_ttl_min = r->rev_ttl_max = 0;
	flow->empty = true;
	flow->reported = true;
}

static void model_remove(struct model_flow *flow)
{
	*flow = live[--live_count];
}

/* True when the flow ended. */
static bool model_judge(struct model_flow *flow, int64_t now)
{
	int64_t idle_at = flow->record.end_ns + idle_of(flow);
	int64_t active_at = flow->record.start_ns + settings.active_ns;

	if (!flow->empty && !flow->closed && now >= active_at && active_at <= idle_at)
		model_emit(flow, FLOW_END_ACTIVE);
	if (now < idle_at)
		return false;
	if (!flow->empty)
		model_emit(flow, flow->closed ? FLOW_END_DETECTED : FLOW_END_IDLE);
	model_remove(flow);
	return true;
}

static struct model_flow *model_create(const struct packet_meta *meta, int64_t time)
{
	struct model_flow *flow = &live[live_count++];
	bool syn = meta->protocol == 6 && meta->tcp_flags & 2;

	ck_assert_uint_lt(live_count, MAX_LIVE);
	*flow = (struct model_flow){.first = *meta, .empty = true};
	if (syn && meta->tcp_flags & 0x10)
		flow->first = turned(meta);
	flow->record = (struct flow_record){
			.source = flow->first.source,
			.destination = flow->first.destination,
			.source_port = flow->first.source_port,
			.destination_port = flow->first.destination_port,
			.protocol = meta->protocol,
			.ip_version = meta->ip_version,
			.vlan = meta->vlan,
			.direction_basis = syn,
			.flow_start_ns = time,
			.end_ns = time,
	};
	return flow;
}

static void model_count(struct model_flow *flow, const struct packet_meta *meta, int64_t time)
{
	struct flow_record *r = &flow->record;
	/* equal endpoints: both directions look alike and count as forward */
	bool forward = same_side(&flow->first, meta);

	if (flow->empty || time < r->start_ns) {
		r->start_ns = time;
		if (!flow->reported)
			r->flow_start_ns = time;
	}
	flow->empty = false;
	if (time > r->end_ns)
		r->end_ns = time;
	if (forward) {
		r->ttl_min = r->packets == 0 || meta->ttl < r->ttl_min ? meta->ttl : r->ttl_min;
		r->ttl_max = meta->ttl > r->ttl_max ? meta->ttl : r->ttl_max;
		r->packets++;
		r->bytes += meta->ip_bytes;
		r->tcp_flags |= meta->tcp_flags;
		flow->fin |= meta->tcp_flags & 1;
	} else {
		if (r->rev_packets == 0 || time < r->rev_start_ns)
			r->rev_start_ns = time;
		r->rev_ttl_min = r->rev_packets == 0 || meta->ttl < r->rev_ttl_min ? meta->ttl
										   : r->rev_ttl_min;
		r->rev_ttl_max = meta->ttl > r->rev_ttl_max ? meta->ttl : r->rev_ttl_max;
		r->rev_packets++;
		r->rev_bytes += meta->ip_bytes;
		r->rev_tcp_flags |= meta->tcp_flags;
		flow->rev_fin |= meta->tcp_flags & 1;
	}
	if (meta->tcp_flags & 4 || (flow->fin && flow->rev_fin))
		flow->closed = true;
}

static void model_packet(const struct packet_meta *meta, int64_t time)
{
	struct model_flow *flow = model_find(meta);

	if (flow && model_judge(flow, time))
		flow = NULL;
	if (flow && flow->closed && (meta->tcp_flags & 0x12) == 2) {
		if (!flow->empty)
			model_emit(flow, FLOW_END_DETECTED);
		model_remove(flow);
		flow = NULL;
	}
	if (!flow)
		flow = model_create(meta, time);
	model_count(flow, meta, time);
}

static void model_flush(int64_t now)
{
	while (live_count > 0) {
		struct model_flow *flow = &live[live_count - 1];
		if (model_judge(flow, now))
			continue;
		if (!flow->empty)
			model_emit(flow, FLOW_END_FORCED);
		model_remove(flow);
	}
}

/* --- the comparison --- */

static struct packet_meta random_packet(uint32_t hosts)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 1, 47};
	static const uint16_t flags[] = {2, 0x12, 0x10, 0x10, 0x10, 0x18, 0x11, 0x11, 4, 0x110};
	struct packet_meta meta = {
			.source.words_be = {random_below(hosts)},
			.destination.words_be = {random_below(hosts)},
			.source_port = (uint16_t)random_below(3),
			.destination_port = (uint16_t)random_below(3),
			.ip_bytes = 20 + random_below(1480),
			.protocol = protocols[random_below(sizeof(protocols))],
			.ip_version = random_below(4) ? 4 : 6,
			.vlan = (uint16_t)(random_below(8) ? 0 : 1),
			.ttl = (uint8_t)(60 + random_below(3)),
	};

	if (meta.protocol == 6)
		meta.tcp_flags = flags[random_below(10)];
	return meta;
}

/* What the model does not know is not compared. */
static void forget(struct flow_record *record)
{
	record->flow_id = 0;
	record->port = record->rev_port = 0;
}

static int by_content(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct flow_record));
}

static void run(uint32_t hosts, uint32_t packets, int64_t mean_gap_ns)
{
	static struct flow_record slots[8192];
	struct flow_outbox outbox = {.slots = slots, .mask = 8191, .room = 8192};
	struct packet_meta metas[FLOW_BURST_MAX];
	int64_t times[FLOW_BURST_MAX];
	uint16_t ports[FLOW_BURST_MAX] = {0};
	struct flow_table *table;
	int64_t clock = INT64_C(1700000000) * SEC;

	expected_count = made_count = live_count = 0;
	/* each path in turn */
	settings.instructions = settings.instructions % FLOW_INSTRUCTIONS_AVX512 + 1;
	ck_assert_int_eq(flow_table_create(&table, &settings), 0);
	for (uint32_t done = 0; done < packets;) {
		uint32_t burst = 1 + random_below(FLOW_BURST_MAX);
		for (uint32_t i = 0; i < burst; i++) {
			metas[i] = random_packet(hosts);
			if (random_below(1000) == 0)
				clock += random_below(100) * SEC;
			else
				clock += random_below((uint32_t)(2 * mean_gap_ns));
			times[i] = random_below(10)
					? clock
					: clock - random_below((uint32_t)settings.reorder_ns);
			model_packet(&metas[i], times[i]);
		}
		flow_table_update(table, metas, times, ports, NULL, burst, &outbox);
		if (random_below(3) == 0)
			flow_table_age(table, clock, random_below(200), &outbox);
		for (uint32_t i = 0; i < outbox.used; i++)
			made[made_count++] = slots[i];
		outbox.used = 0;
		done += burst;
		ck_assert_uint_lt(made_count, MAX_RECORDS - 10000);
	}
	while (!flow_table_flush(table, clock, &outbox) || outbox.used > 0) {
		for (uint32_t i = 0; i < outbox.used; i++)
			made[made_count++] = slots[i];
		outbox.used = 0;
	}
	model_flush(clock);
	ck_assert_uint_eq(flow_table_counters(table)->lost_records, 0);
	ck_assert_uint_eq(flow_table_counters(table)->ended[FLOW_END_RESOURCES], 0);
	flow_table_destroy(table);

	ck_assert_uint_eq(made_count, expected_count);
	for (uint32_t i = 0; i < made_count; i++) {
		forget(&made[i]);
		forget(&expected[i]);
	}
	qsort(made, made_count, sizeof(*made), by_content);
	qsort(expected, expected_count, sizeof(*expected), by_content);
	for (uint32_t i = 0; i < made_count; i++) {
		const uint8_t *a = (const uint8_t *)&made[i], *b = (const uint8_t *)&expected[i];
		for (size_t at = 0; at < sizeof(*made); at++)
			ck_assert_msg(a[at] == b[at],
					"record %u differs at octet %zu: %u, model %u", i, at,
					a[at], b[at]);
	}
}

START_TEST(table_agrees_with_the_model)
{
	const char *seed = getenv("WEIR_SEED"), *rounds = getenv("WEIR_ROUNDS");
	uint64_t base = seed ? strtoull(seed, NULL, 0) : (uint64_t)base_clock_wall_ns();
	uint32_t times = rounds ? (uint32_t)strtoul(rounds, NULL, 0) : 1;

	made = calloc(MAX_RECORDS, sizeof(*made));
	expected = calloc(MAX_RECORDS, sizeof(*expected));
	ck_assert(made && expected);
	for (uint32_t round = 0; round < times; round++) {
		random_state = (base + (uint64_t)_i + round * 1000) | 1;
		printf("# WEIR_SEED=%llu\n", (unsigned long long)random_state);
		fflush(stdout);
		settings = (struct flow_settings){
				.capacity = 20000,
				.active_ns = (int64_t)(5 + random_below(60)) * SEC,
				.idle_tcp_ns = (int64_t)(1 + random_below(40)) * SEC,
				.idle_udp_ns = (int64_t)(1 + random_below(30)) * SEC,
				.idle_icmp_ns = (int64_t)(1 + random_below(10)) * SEC,
				.idle_other_ns = (int64_t)(1 + random_below(100)) * SEC,
				.tcp_linger_ns = (int64_t)random_below(5) * SEC,
				.reorder_ns = SEC / 2,
				.numa_node = -1,
		};
		/* few hosts: long flows; many: short ones */
		run(1 + random_below(4), 60000, (1 + random_below(20)) * BASE_NS_PER_MS);
	}
	free(made);
	free(expected);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("model_flow");
	TCase *tcase = tcase_create("model");

	tcase_set_timeout(tcase, 280);
	tcase_add_loop_test(tcase, table_agrees_with_the_model, 0, 8);
	suite_add_tcase(suite, tcase);
	return suite;
}
