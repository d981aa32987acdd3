/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_fixture.h"
#include "flow_key.h"

#include <errno.h>
#include <stdlib.h>

static struct fixture f;

static void setup(void)
{
	struct flow_settings settings = fixture_settings();

	fixture_init(&f, &settings);
}

static void teardown(void)
{
	fixture_check_identities(&f);
	fixture_fini(&f);
}

#define CLIENT UINT32_C(0x0a000002)
#define SERVER UINT32_C(0x0a000001)

static void from_client(uint16_t flags, int64_t at)
{
	fixture_send(&f, fixture_packet(6, CLIENT, 40000, SERVER, 80, flags), at);
}

static void from_server(uint16_t flags, int64_t at)
{
	fixture_send(&f, fixture_packet(6, SERVER, 80, CLIENT, 40000, flags), at);
}

static void udp(uint32_t from, uint32_t to, int64_t at)
{
	fixture_send(&f, fixture_packet(17, from, 1000, to, 2000, 0), at);
}

static void flush(int64_t at)
{
	ck_assert(flow_table_flush(f.table, at, &f.outbox));
}

START_TEST(both_directions_are_one_record)
{
	from_client(SYN, T0);
	from_server(SYN | ACK, T0 + MS);
	from_client(ACK, T0 + 2 * MS);
	flush(T0 + SEC);
	ck_assert_uint_eq(f.outbox.used, 1);
	const struct flow_record *r = &f.slots[0];
	ck_assert_uint_eq(__builtin_bswap32(r->source.ipv4_be), CLIENT);
	ck_assert_uint_eq(r->source_port, 40000);
	ck_assert_uint_eq(r->destination_port, 80);
	ck_assert_uint_eq(r->packets, 2);
	ck_assert_uint_eq(r->bytes, 200);
	ck_assert_uint_eq(r->rev_packets, 1);
	ck_assert_uint_eq(r->rev_bytes, 100);
	ck_assert_uint_eq(r->tcp_flags, SYN | ACK);
	ck_assert_uint_eq(r->rev_tcp_flags, SYN | ACK);
	ck_assert_int_eq(r->start_ns, T0);
	ck_assert_int_eq(r->rev_start_ns, T0 + MS);
	ck_assert_int_eq(r->end_ns, T0 + 2 * MS);
	ck_assert_int_eq(r->end_reason, FLOW_END_FORCED);
	ck_assert_int_eq(r->direction_basis, FLOW_DIRECTION_INITIATOR);
}
END_TEST

/* Who is the source of the record, given the flags of the first packet (from the server). */
static const struct {
	uint16_t first_flags;
	bool client_is_source;
	enum flow_direction_basis basis;
} initiator_rows[] = {
		{SYN, false, FLOW_DIRECTION_INITIATOR},
		{SYN | ACK, true, FLOW_DIRECTION_INITIATOR},
		{ACK, false, FLOW_DIRECTION_ARBITRARY},
		{RST | ACK, false, FLOW_DIRECTION_ARBITRARY},
};

START_TEST(initiator_rule)
{
	from_server(initiator_rows[_i].first_flags, T0);
	from_client(ACK, T0 + 1);
	from_client(ACK, T0 + 2);
	flush(T0 + 3);
	const struct flow_record *r = &f.slots[0];
	bool client = __builtin_bswap32(r->source.ipv4_be) == CLIENT;
	ck_assert_int_eq(client, initiator_rows[_i].client_is_source);
	ck_assert_uint_eq(client ? r->packets : r->rev_packets, 2);
	ck_assert_int_eq(r->direction_basis, initiator_rows[_i].basis);
}
END_TEST

START_TEST(syn_ack_and_syn_in_one_burst)
{
	struct packet_meta metas[2] = {fixture_packet(6, SERVER, 80, CLIENT, 40000, SYN | ACK),
			fixture_packet(6, CLIENT, 40000, SERVER, 80, SYN)};
	int64_t times[2] = {T0, T0};
	uint16_t ports[2] = {3, 4};

	flow_table_update(f.table, metas, times, ports, NULL, 2, &f.outbox);
	flush(T0);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_uint_eq(f.slots[0].source_port, 40000);
	ck_assert_uint_eq(f.slots[0].port, 4);
	ck_assert_uint_eq(f.slots[0].rev_port, 3);
}
END_TEST

START_TEST(direction_stays_after_active_timeout)
{
	from_client(SYN, T0);
	for (int s = 1; s <= 100; s += 3)
		from_server(ACK, T0 + s * SEC);
	flush(T0 + 101 * SEC);
	ck_assert_uint_eq(f.outbox.used, 2);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_ACTIVE);
	ck_assert_uint_eq(f.slots[1].source_port, 40000);
	ck_assert_uint_eq(f.slots[1].packets, 0);
	ck_assert_uint_gt(f.slots[1].rev_packets, 0);
	ck_assert_uint_eq(f.slots[0].flow_id, f.slots[1].flow_id);
	ck_assert_int_eq(f.slots[1].flow_start_ns, T0);
	ck_assert_int_ge(f.slots[1].start_ns, T0 + 60 * SEC);
}
END_TEST

/* A gap of exactly the idle timeout ends the flow, a nanosecond less does not. */
static const struct {
	uint8_t protocol;
	int64_t idle_ns;
} idle_rows[] = {{6, 40 * SEC}, {17, 30 * SEC}, {1, 10 * SEC}, {58, 10 * SEC}, {47, 20 * SEC},
		{132, 20 * SEC}};

START_TEST(idle_timeout_is_exact_at_lookup)
{
	struct packet_meta meta = fixture_packet(idle_rows[_i].protocol, 1, 0, 2, 0, 0);
	struct flow_settings settings = fixture_settings();

	fixture_fini(&f);
	settings.active_ns = 1000 * SEC;
	fixture_init(&f, &settings);
	fixture_send(&f, meta, T0);
	fixture_send(&f, meta, T0 + idle_rows[_i].idle_ns - 1);
	ck_assert_uint_eq(f.outbox.used, 0);
	fixture_send(&f, meta, T0 + 2 * idle_rows[_i].idle_ns - 1);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_IDLE);
	ck_assert_uint_eq(f.slots[0].packets, 2);
	ck_assert_int_eq(f.slots[0].end_ns, T0 + idle_rows[_i].idle_ns - 1);
}
END_TEST

START_TEST(hand_ends_without_traffic)
{
	udp(1, 2, T0);
	udp(3, 4, T0 + SEC);
	uint32_t buckets = flow_table_buckets(f.table);
	ck_assert_uint_eq(flow_table_age(f.table, T0 + 30 * SEC - 1, buckets, &f.outbox), buckets);
	ck_assert_uint_eq(f.outbox.used, 0);
	flow_table_age(f.table, T0 + 30 * SEC, buckets, &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_uint_eq(flow_table_counters(f.table)->active, 1);
	flow_table_age(f.table, T0 + 31 * SEC + 5, buckets, &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 2);
	ck_assert_int_eq(flow_table_counters(f.table)->lateness_max_ns, 5);
}
END_TEST

START_TEST(active_timeout_needs_no_packet)
{
	for (int s = 0; s <= 50; s += 10)
		udp(1, 2, T0 + s * SEC);
	flow_table_age(f.table, T0 + 60 * SEC, flow_table_buckets(f.table), &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_ACTIVE);
	ck_assert_uint_eq(f.slots[0].packets, 6);
	/* no packet since: the flow ends, but there is nothing more to report */
	flow_table_age(f.table, T0 + 80 * SEC, flow_table_buckets(f.table), &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_uint_eq(flow_table_counters(f.table)->active, 0);
	ck_assert_uint_eq(flow_table_counters(f.table)->ended[FLOW_END_IDLE], 1);
}
END_TEST

START_TEST(active_timeout_is_exact_at_lookup)
{
	for (int s = 0; s < 60; s += 10)
		udp(1, 2, T0 + s * SEC);
	udp(1, 2, T0 + 60 * SEC - 1);
	ck_assert_uint_eq(f.outbox.used, 0);
	udp(1, 2, T0 + 60 * SEC);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_uint_eq(f.slots[0].packets, 7);
	ck_assert_int_eq(f.slots[0].end_ns, T0 + 60 * SEC - 1);
	flush(T0 + 61 * SEC);
	ck_assert_uint_eq(f.slots[1].packets, 1);
	ck_assert_int_eq(f.slots[1].start_ns, T0 + 60 * SEC);
}
END_TEST

START_TEST(long_active_timeout)
{
	/* a day, with a packet each minute: the 16-bit due tick must not come round early or late
	 */
	fixture_fini(&f);
	struct flow_settings settings = fixture_settings();
	settings.active_ns = 24 * 3600 * SEC;
	settings.idle_udp_ns = 8 * 3600 * SEC;
	fixture_init(&f, &settings);
	for (int64_t m = 0; m < 3 * 24 * 60; m++)
		udp(1, 2, T0 + m * 60 * SEC);
	ck_assert_uint_eq(f.outbox.used, 2);
	ck_assert_uint_eq(f.slots[0].packets, 24 * 60);
	ck_assert_uint_eq(f.slots[1].packets, 24 * 60);
}
END_TEST

START_TEST(fin_from_both_ends_after_linger)
{
	from_client(SYN, T0);
	from_client(FIN | ACK, T0 + SEC);
	from_server(FIN | ACK, T0 + SEC + 1);
	from_client(ACK, T0 + SEC + 2);
	flow_table_age(f.table, T0 + 3 * SEC + 1, flow_table_buckets(f.table), &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 0);
	flow_table_age(f.table, T0 + 3 * SEC + 2, flow_table_buckets(f.table), &f.outbox);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_DETECTED);
	ck_assert_uint_eq(f.slots[0].packets, 3);
}
END_TEST

START_TEST(fin_from_one_end_is_half_open)
{
	from_client(FIN | ACK, T0);
	from_client(FIN | ACK, T0 + SEC);
	from_server(ACK, T0 + 5 * SEC);
	flush(T0 + 6 * SEC);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_FORCED);
}
END_TEST

START_TEST(reset_ends_and_syn_begins_another)
{
	from_client(SYN, T0);
	from_server(RST | ACK, T0 + 1);
	from_client(SYN, T0 + SEC);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_DETECTED);
	ck_assert_uint_eq(f.slots[0].packets, 1);
	flush(T0 + SEC);
	ck_assert_uint_eq(f.outbox.used, 2);
	ck_assert_uint_ne(f.slots[0].flow_id, f.slots[1].flow_id);
}
END_TEST

START_TEST(packet_after_linger_begins_another)
{
	from_client(RST, T0);
	from_server(ACK, T0 + 2 * SEC);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_DETECTED);
}
END_TEST

START_TEST(flush_says_idle_where_it_was_idle)
{
	udp(1, 2, T0);
	udp(3, 4, T0 + 29 * SEC);
	flush(T0 + 30 * SEC);
	ck_assert_uint_eq(f.outbox.used, 2);
	ck_assert_uint_eq(flow_table_counters(f.table)->ended[FLOW_END_IDLE], 1);
	ck_assert_uint_eq(flow_table_counters(f.table)->ended[FLOW_END_FORCED], 1);
}
END_TEST

START_TEST(full_outbox_holds_the_hand_and_the_flush)
{
	for (uint32_t i = 0; i < 100; i++)
		udp(1000 + i, 2, T0);
	f.outbox.room = 10;
	uint32_t buckets = flow_table_buckets(f.table);
	ck_assert_uint_lt(flow_table_age(f.table, T0 + 60 * SEC, buckets, &f.outbox), buckets);
	ck_assert_uint_eq(f.outbox.used, 10);
	ck_assert_uint_eq(flow_table_counters(f.table)->held, 1);
	ck_assert_uint_eq(flow_table_counters(f.table)->active, 90);
	f.outbox.room = 50;
	ck_assert(!flow_table_flush(f.table, T0 + 60 * SEC, &f.outbox));
	f.outbox.room = 100;
	ck_assert(flow_table_flush(f.table, T0 + 60 * SEC, &f.outbox));
	ck_assert_uint_eq(f.outbox.used, 100);
	ck_assert_uint_eq(flow_table_counters(f.table)->lost_records, 0);
}
END_TEST

START_TEST(full_outbox_at_lookup_loses_and_counts)
{
	udp(1, 2, T0);
	f.outbox.room = 0;
	udp(1, 2, T0 + 31 * SEC);
	const struct flow_counters *c = flow_table_counters(f.table);
	ck_assert_uint_eq(c->lost_records, 1);
	ck_assert_uint_eq(c->lost_packets, 1);
	ck_assert_uint_eq(c->lost_octets, 100);
	ck_assert_uint_eq(c->records[FLOW_END_IDLE], 1);
}
END_TEST

START_TEST(full_table_evicts_and_accounts)
{
	fixture_fini(&f);
	struct flow_settings settings = fixture_settings();
	settings.capacity = 200;
	fixture_init(&f, &settings);
	for (uint32_t i = 0; i < 2000; i++)
		udp(1000 + i, 2, T0 + i);
	const struct flow_counters *c = flow_table_counters(f.table);
	ck_assert_uint_le(c->active, 210);
	ck_assert_uint_ge(c->active, 190);
	ck_assert_uint_eq(c->records[FLOW_END_RESOURCES], 2000 - c->active);
	ck_assert_int_eq(f.slots[0].end_reason, FLOW_END_RESOURCES);
	flush(T0 + SEC);
	ck_assert_uint_eq(f.outbox.used, 2000);
}
END_TEST

START_TEST(busy_flows_survive_a_flood)
{
	fixture_fini(&f);
	struct flow_settings settings = fixture_settings();
	settings.capacity = 1000;
	fixture_init(&f, &settings);
	f.outbox.mask = 0; /* records of the flood overwrite each other */
	f.outbox.room = UINT32_MAX;
	for (uint32_t round = 0; round < 400; round++) {
		for (uint32_t i = 0; i < 50; i++)
			udp(i + 1, 2, T0 + round * MS);
		for (uint32_t i = 0; i < 100; i++)
			udp(100000 + round * 100 + i, 3, T0 + round * MS);
	}
	struct flow_record live[64];
	uint64_t cursor = 0;
	uint32_t whole = 0, n;
	while ((n = flow_table_scan(f.table, &cursor, live, 64)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			whole += __builtin_bswap32(live[i].source.ipv4_be) <= 50
					&& live[i].packets == 400;
	}
	ck_assert_uint_eq(whole, 50);
}
END_TEST

/* A loop test: 0 the way of the initiator, 1 the way back. */
START_TEST(packet_counter_carries)
{
	struct packet_meta there = fixture_packet(17, 1, 2, 3, 4, 0);
	struct packet_meta back = fixture_packet(17, 3, 4, 1, 2, 0);
	struct packet_meta metas[64];
	int64_t times[64];
	uint16_t ports[64] = {0};
	uint64_t rounds = (UINT64_C(1) << 24) / 64 + 10;

	fixture_send(&f, there, T0);
	for (int i = 0; i < 64; i++) {
		metas[i] = _i ? back : there;
		metas[i].ip_bytes = 65535;
		times[i] = T0;
	}
	for (uint64_t i = 0; i < rounds; i++)
		flow_table_update(f.table, metas, times, ports, NULL, 64, &f.outbox);
	uint64_t flows, packets, octets;
	flow_table_resident(f.table, &flows, &packets, &octets);
	ck_assert_uint_eq(packets, rounds * 64 + 1);
	flush(T0);
	const struct flow_record *r = &f.slots[0];
	ck_assert_uint_eq(r->packets, _i ? 1 : rounds * 64 + 1);
	ck_assert_uint_eq(r->rev_packets, _i ? rounds * 64 : 0);
	ck_assert_uint_eq(r->bytes + r->rev_bytes, rounds * 64 * 65535 + 100);
	ck_assert_uint_eq(flow_table_counters(f.table)->resident_packets, 0);
}
END_TEST

START_TEST(older_reverse_packet_is_the_first_of_its_direction)
{
	struct packet_meta there = fixture_packet(17, 1, 10, 2, 20, 0);
	struct packet_meta back = fixture_packet(17, 2, 20, 1, 10, 0);

	fixture_send(&f, there, T0);
	fixture_send(&f, back, T0 + 5 * MS);
	fixture_send(&f, there, T0 + 9 * MS);
	fixture_send(&f, back, T0 + 3 * MS);
	fixture_send(&f, back, T0 + 4 * MS);
	flush(T0 + 10 * MS);
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_int_eq(f.slots[0].rev_start_ns, T0 + 3 * MS);
	ck_assert_int_eq(f.slots[0].start_ns, T0);
	ck_assert_int_eq(f.slots[0].end_ns, T0 + 9 * MS);
	ck_assert_uint_eq(f.slots[0].rev_packets, 3);
}
END_TEST

/* Directions as random as on a link, in whole bursts: each packet is counted on its own side. */
START_TEST(random_directions_are_told_apart)
{
	uint64_t sent[2] = {0};
	struct packet_meta metas[64];
	int64_t times[64];
	uint16_t ports[64];

	srandom(3);
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 64; i++) {
			bool back = random() & 1 && round > 0;
			times[i] = T0 + round * MS;
			ports[i] = back ? 7 : 5;
			metas[i] = back ? fixture_packet(17, 9, 20, 2, 10, 0)
					: fixture_packet(17, 2, 10, 9, 20, 0);
			metas[i].ip_bytes = back ? 1000 : 10;
			metas[i].ttl = (uint8_t)((back ? 20 : 60) + random() % 5);
			sent[back]++;
		}
		flow_table_update(f.table, metas, times, ports, NULL, 64, &f.outbox);
	}
	flush(T0 + SEC);
	const struct flow_record *r = &f.slots[0];
	ck_assert_uint_eq(f.outbox.used, 1);
	ck_assert_uint_eq(r->packets, sent[0]);
	ck_assert_uint_eq(r->bytes, sent[0] * 10);
	ck_assert_uint_eq(r->rev_packets, sent[1]);
	ck_assert_uint_eq(r->rev_bytes, sent[1] * 1000);
	ck_assert_uint_eq(r->port, 5);
	ck_assert_uint_eq(r->rev_port, 7);
	ck_assert(r->ttl_min == 60 && r->ttl_max == 64);
	ck_assert(r->rev_ttl_min == 20 && r->rev_ttl_max == 24);
	ck_assert_int_eq(r->rev_start_ns, T0 + MS);
}
END_TEST

START_TEST(details_of_both_directions)
{
	struct packet_meta there = fixture_packet(6, 1, 10, 2, 20, 0xa12);
	struct packet_meta back = fixture_packet(6, 2, 20, 1, 10, 0x110);
	there.tos = 0xb8;
	there.vlan = 100;
	there.vlan_inner = 7;
	back.tos = 0x04;
	back.vlan = 100;
	fixture_send(&f, there, T0);
	there.ttl = 60;
	there.tos = 0;
	fixture_send(&f, there, T0 + 1);
	there.ttl = 250;
	fixture_send(&f, there, T0 + 2);
	back.ttl = 3;
	fixture_send(&f, back, T0 + 3);
	back.ttl = 1;
	fixture_send(&f, back, T0 + 4);
	flush(T0 + 5);
	/* 0xa12 is SYN+ACK: its receiver is the initiator, so "there" is the reverse direction */
	const struct flow_record *r = &f.slots[0];
	ck_assert_uint_eq(r->source_port, 20);
	ck_assert_uint_eq(r->ttl_min, 1);
	ck_assert_uint_eq(r->ttl_max, 3);
	ck_assert_uint_eq(r->rev_ttl_min, 60);
	ck_assert_uint_eq(r->rev_ttl_max, 250);
	ck_assert_uint_eq(r->tos, 0x04);
	ck_assert_uint_eq(r->rev_tos, 0xb8);
	ck_assert_uint_eq(r->tcp_flags, 0x110);
	ck_assert_uint_eq(r->rev_tcp_flags, 0xa12);
	ck_assert_uint_eq(r->vlan, 100);
	ck_assert_uint_eq(r->vlan_inner, 7);
}
END_TEST

/* Everything that tells two flows apart. */
START_TEST(different_keys_are_different_flows)
{
	struct packet_meta base = fixture_packet(17, 1, 2, 3, 4, 0), other[8];

	for (int i = 0; i < 8; i++)
		other[i] = base;
	other[0].protocol = 6;
	other[1].vlan = 5;
	other[2].source_port = 5;
	other[3].destination_port = 5;
	other[4].source.ipv4_be = 99;
	other[5].ip_version = 6;
	other[6].identity |= FLOW_KEY_INNER;
	other[7].identity |= 5000;
	fixture_send(&f, base, T0);
	for (int i = 0; i < 8; i++)
		fixture_send(&f, other[i], T0);
	ck_assert_uint_eq(flow_table_counters(f.table)->created, 9);
	flush(T0);
}
END_TEST

START_TEST(reordered_packet_moves_the_start)
{
	udp(1, 2, T0 + 10);
	udp(1, 2, T0 + 5);
	udp(1, 2, T0 + 7);
	flush(T0 + 10);
	ck_assert_int_eq(f.slots[0].start_ns, T0 + 5);
	ck_assert_int_eq(f.slots[0].flow_start_ns, T0 + 5);
	ck_assert_int_eq(f.slots[0].end_ns, T0 + 10);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
	struct flow_settings bad[5];
	struct flow_table *table;

	for (int i = 0; i < 5; i++)
		bad[i] = fixture_settings();
	bad[0].capacity = 0;
	bad[1].active_ns = 0;
	bad[2].idle_udp_ns = 9 * 3600 * SEC;
	bad[3].tcp_linger_ns = -1;
	bad[4].active_ns = 25 * 3600 * SEC;
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(flow_table_create(&table, &bad[i]), -EINVAL);
}
END_TEST

START_TEST(memory_per_flow_is_within_bounds)
{
	ck_assert_uint_le(flow_table_memory_bytes(1000000) / 1000000, 170);
	ck_assert_uint_le(flow_table_memory_bytes(100) / 100, 256);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_table");
	TCase *tcase = tcase_create("table");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, both_directions_are_one_record);
	tcase_add_loop_test(tcase, initiator_rule, 0, (int)BASE_COUNT_OF(initiator_rows));
	tcase_add_test(tcase, syn_ack_and_syn_in_one_burst);
	tcase_add_test(tcase, direction_stays_after_active_timeout);
	tcase_add_loop_test(
			tcase, idle_timeout_is_exact_at_lookup, 0, (int)BASE_COUNT_OF(idle_rows));
	tcase_add_test(tcase, hand_ends_without_traffic);
	tcase_add_test(tcase, active_timeout_needs_no_packet);
	tcase_add_test(tcase, active_timeout_is_exact_at_lookup);
	tcase_add_test(tcase, long_active_timeout);
	tcase_add_test(tcase, fin_from_both_ends_after_linger);
	tcase_add_test(tcase, fin_from_one_end_is_half_open);
	tcase_add_test(tcase, reset_ends_and_syn_begins_another);
	tcase_add_test(tcase, packet_after_linger_begins_another);
	tcase_add_test(tcase, flush_says_idle_where_it_was_idle);
	tcase_add_test(tcase, full_outbox_holds_the_hand_and_the_flush);
	tcase_add_test(tcase, full_outbox_at_lookup_loses_and_counts);
	tcase_add_test(tcase, full_table_evicts_and_accounts);
	tcase_add_test(tcase, busy_flows_survive_a_flood);
	tcase_add_loop_test(tcase, packet_counter_carries, 0, 2);
	tcase_add_test(tcase, older_reverse_packet_is_the_first_of_its_direction);
	tcase_add_test(tcase, random_directions_are_told_apart);
	tcase_add_test(tcase, details_of_both_directions);
	tcase_add_test(tcase, different_keys_are_different_flows);
	tcase_add_test(tcase, reordered_packet_moves_the_start);
	tcase_add_test(tcase, settings_out_of_range_are_refused);
	tcase_add_test(tcase, memory_per_flow_is_within_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}
