/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path in whole bursts, in each of its builds (enum flow_instructions; what this
 * processor lacks is tested as the next lower one).
 */
#include "flow_fixture.h"

#include <stdlib.h>

static struct fixture f;

static void start(int turn, uint64_t capacity)
{
	struct flow_settings settings = fixture_settings();

	settings.instructions = (enum flow_instructions)turn;
	settings.capacity = capacity;
	fixture_init(&f, &settings);
	ck_assert_int_le(flow_table_instructions(f.table), turn);
	ck_assert_int_ne(flow_table_instructions(f.table), FLOW_INSTRUCTIONS_BEST);
}

static struct packet_meta packet_of(uint32_t flow)
{
	struct packet_meta meta =
			fixture_packet(17, 1 + flow / 100, (uint16_t)(flow % 100), 7, 53, 0);

	if (flow % 3 == 0) {
		meta.ip_version = 6;
		meta.source.words_be[3] = flow;
		meta.destination.words_be[2] = 5;
	}
	return meta;
}

/* `count` flows from `first` on in one burst; every other packet goes back. */
static void send_burst(uint32_t first, uint32_t count, int64_t time_ns)
{
	struct packet_meta metas[FLOW_BURST_MAX];
	int64_t times[FLOW_BURST_MAX];
	uint16_t ports[FLOW_BURST_MAX] = {0};

	for (uint32_t i = 0; i < count; i++) {
		struct packet_meta there = packet_of(first + i);
		metas[i] = there;
		times[i] = time_ns;
		if (time_ns > T0 && i % 2) {
			metas[i].source = there.destination;
			metas[i].destination = there.source;
			metas[i].source_port = there.destination_port;
			metas[i].destination_port = there.source_port;
		}
	}
	flow_table_update(f.table, metas, times, ports, NULL, count, &f.outbox);
}

START_TEST(bursts_of_any_length_find_their_flows)
{
	uint64_t packets = 0;

	start(_i, 10000);
	for (uint32_t count = 1; count <= FLOW_BURST_MAX; count++) {
		for (int round = 0; round < 2; round++, packets += count)
			send_burst(0, count, T0 + round + count);
		ck_assert_uint_eq(flow_table_counters(f.table)->created, count);
	}
	ck_assert_uint_eq(flow_table_counters(f.table)->packets, packets);
	fixture_check_identities(&f);
	fixture_fini(&f);
}
END_TEST

/* Some stand behind the bucket that they belong to: at capacity one in two hundred. */
START_TEST(a_table_at_its_capacity_knows_each_flow)
{
	enum { FLOWS = 20000 };

	start(_i, FLOWS);
	for (int round = 0; round < 3; round++) {
		for (uint32_t first = 0; first < FLOWS; first += 50)
			send_burst(first, 50, T0 + round);
		ck_assert_uint_eq(flow_table_counters(f.table)->created, FLOWS);
		ck_assert_uint_eq(flow_table_counters(f.table)->active, FLOWS);
	}
	ck_assert_uint_eq(flow_table_counters(f.table)->ended[FLOW_END_RESOURCES], 0);
	fixture_check_identities(&f);
	fixture_fini(&f);
}
END_TEST

/* A host that talks to itself: the ports alone say which way a packet goes. */
START_TEST(equal_addresses_are_ordered_by_port)
{
	start(_i, 100);
	fixture_send(&f, fixture_packet(17, 5, 1000, 5, 2000, 0), T0);
	fixture_send(&f, fixture_packet(17, 5, 2000, 5, 1000, 0), T0 + 1);
	fixture_send(&f, fixture_packet(17, 5, 2000, 5, 1000, 0), T0 + 2);
	fixture_send(&f, fixture_packet(17, 5, 3000, 5, 1000, 0), T0 + 3);
	ck_assert_uint_eq(flow_table_counters(f.table)->created, 2);
	ck_assert(flow_table_flush(f.table, T0 + 4, &f.outbox));
	const struct flow_record *r = f.slots[0].source_port == 1000 ? &f.slots[0] : &f.slots[1];
	ck_assert_uint_eq(r->source_port, 1000);
	ck_assert_uint_eq(r->destination_port, 2000);
	ck_assert_uint_eq(r->packets, 1);
	ck_assert_uint_eq(r->rev_packets, 2);
	fixture_fini(&f);
}
END_TEST

static struct packet_meta random_packet(void)
{
	static const uint16_t flags[] = {SYN, SYN | ACK, ACK, ACK, ACK, FIN | ACK, RST, 0x310};
	uint32_t from = (uint32_t)random() % 40, to = (uint32_t)random() % 40;
	struct packet_meta meta = fixture_packet(random() % 3 ? 6 : 17, from,
			(uint16_t)(random() % 3), to, (uint16_t)(random() % 3), 0);

	if (meta.protocol == 6)
		meta.tcp_flags = flags[(size_t)random() % BASE_COUNT_OF(flags)];
	if (random() % 4 == 0)
		meta.ip_version = 6;
	meta.vlan = random() % 8 ? 0 : 9;
	meta.ttl = (uint8_t)(random() % 20 ? 64 : random());
	meta.ip_bytes = 20 + (uint32_t)random() % 1400;
	return meta;
}

/* The table is too small for all flows, and slots are reused within a burst. */
static uint32_t run_random(int turn, struct flow_record *records, struct flow_counters *counters)
{
	struct packet_meta metas[FLOW_BURST_MAX];
	int64_t times[FLOW_BURST_MAX], now = T0;
	uint16_t ports[FLOW_BURST_MAX] = {0};
	uint32_t made = 0;

	srandom(11);
	start(turn, 900);
	for (int burst = 0; burst < 1500; burst++) {
		uint32_t count = 1 + (uint32_t)random() % FLOW_BURST_MAX;
		for (uint32_t i = 0; i < count; i++) {
			metas[i] = random_packet();
			times[i] = now += random() % (20 * MS);
		}
		flow_table_update(f.table, metas, times, ports, NULL, count, &f.outbox);
		flow_table_age(f.table, now, 2, &f.outbox);
		for (uint32_t i = 0; i < f.outbox.used; i++)
			records[made++] = f.slots[i];
		f.outbox.used = 0;
	}
	*counters = *flow_table_counters(f.table);
	fixture_fini(&f);
	return made;
}

START_TEST(each_build_makes_the_same_records)
{
	static struct flow_record records[2][200000];
	struct flow_counters counters[2];
	uint32_t made[2];

	made[0] = run_random(FLOW_INSTRUCTIONS_ANY, records[0], &counters[0]);
	made[1] = run_random(_i, records[1], &counters[1]);
	ck_assert_uint_gt(made[0], 10000);
	ck_assert_uint_gt(counters[0].ended[FLOW_END_RESOURCES], 100);
	ck_assert_uint_eq(made[0], made[1]);
	ck_assert_mem_eq(records[0], records[1], made[0] * sizeof(struct flow_record));
	ck_assert_mem_eq(&counters[0], &counters[1], sizeof(counters[0]));
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_path");
	TCase *tcase = tcase_create("path");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, bursts_of_any_length_find_their_flows, FLOW_INSTRUCTIONS_ANY,
			FLOW_INSTRUCTIONS_AVX512 + 1);
	tcase_add_loop_test(tcase, a_table_at_its_capacity_knows_each_flow, FLOW_INSTRUCTIONS_ANY,
			FLOW_INSTRUCTIONS_AVX512 + 1);
	tcase_add_loop_test(tcase, equal_addresses_are_ordered_by_port, FLOW_INSTRUCTIONS_ANY,
			FLOW_INSTRUCTIONS_AVX512 + 1);
	tcase_add_loop_test(tcase, each_build_makes_the_same_records, FLOW_INSTRUCTIONS_AVX2,
			FLOW_INSTRUCTIONS_AVX512 + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}
