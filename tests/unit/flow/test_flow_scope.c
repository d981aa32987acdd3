/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_fixture.h"
#include "flow_scope.h"
#include "packet_policy.h"

#include <stdlib.h>

#define HERE UINT32_C(0xc0000201)
#define THERE UINT32_C(0xc0000202)
#define CLIENT UINT32_C(0x0a000002)
#define SERVER UINT32_C(0x0a000001)

static struct flow_scopes scopes;

static struct packet_encapsulation vxlan(uint32_t from, uint32_t to, uint32_t vni)
{
	return (struct packet_encapsulation){
			.outer_source = packet_address_from_ipv4(__builtin_bswap32(from)),
			.outer_destination = packet_address_from_ipv4(__builtin_bswap32(to)),
			.tunnel_id = vni,
			.tunnel = PACKET_TUNNEL_VXLAN,
			.outer_version = 4,
	};
}

static uint32_t find(struct packet_encapsulation around, uint16_t vlan, uint32_t *slot)
{
	return flow_scopes_find(&scopes, &around, vlan, false, slot);
}

static void setup(void)
{
	ck_assert_int_eq(flow_scopes_init(&scopes, 64, true, 7), 0);
}

static void teardown(void)
{
	flow_scopes_fini(&scopes);
}

START_TEST(both_directions_have_one_number)
{
	uint32_t there, back;

	uint32_t scope = find(vxlan(HERE, THERE, 5), 0, &there);
	ck_assert_uint_gt(scope, FLOW_SCOPE_FULL);
	ck_assert_uint_eq(find(vxlan(THERE, HERE, 5), 0, &back), scope);
	ck_assert_uint_ne(there, back);
	/* again: the same slots, nothing new */
	uint32_t again;
	ck_assert_uint_eq(find(vxlan(HERE, THERE, 5), 0, &again), scope);
	ck_assert_uint_eq(again, there);
}
END_TEST

/* What makes another flow, and what does not. */
static const struct {
	const char *what;
	struct packet_encapsulation change; /* fields that are not 0 replace those of the base */
	uint16_t vlan;
	bool apart;
} apart_rows[] = {
		{"another id", {.tunnel_id = 6}, 0, true},
		{"another kind", {.tunnel = PACKET_TUNNEL_GENEVE}, 0, true},
		{"another end", {.outer_source.octets = {192, 0, 2, 9}}, 0, true},
		{"another PPPoE session", {.pppoe_session = 3}, 0, true},
		{"another VLAN inside", {.tunnel = 0}, 7, true},
		{"another label", {.mpls_outermost = PACKET_LABEL_PRESENT | 1}, 0, false},
};

START_TEST(what_tells_flows_apart)
{
	struct packet_encapsulation base = vxlan(HERE, THERE, 5), other = base;
	const struct packet_encapsulation *change = &apart_rows[_i].change;
	uint32_t slot;

	if (change->tunnel_id)
		other.tunnel_id = change->tunnel_id;
	if (change->tunnel)
		other.tunnel = change->tunnel;
	if (change->outer_source.ipv4_be)
		other.outer_source = change->outer_source;
	if (change->pppoe_session)
		other.pppoe_session = change->pppoe_session;
	if (change->mpls_outermost)
		other.mpls_outermost = change->mpls_outermost;
	uint32_t first = find(base, 0, &slot);
	uint32_t second = find(other, apart_rows[_i].vlan, &slot);
	ck_assert_msg((first != second) == apart_rows[_i].apart, "%s", apart_rows[_i].what);
}
END_TEST

START_TEST(ids_of_one_direction_tell_nothing_apart)
{
	struct packet_encapsulation up = vxlan(HERE, THERE, 100), down = vxlan(THERE, HERE, 200);
	uint32_t slot;

	up.tunnel = down.tunnel = PACKET_TUNNEL_GTPU;
	ck_assert_uint_eq(find(up, 0, &slot), find(down, 0, &slot));
}
END_TEST

START_TEST(ids_are_left_out_when_so_configured)
{
	uint32_t slot;

	scopes.ids_in_key = false;
	ck_assert_uint_eq(find(vxlan(HERE, THERE, 1), 0, &slot),
			find(vxlan(HERE, THERE, 2), 0, &slot));
}
END_TEST

START_TEST(labels_alone_leave_the_vlan)
{
	struct packet_encapsulation label = {.mpls_outermost = PACKET_LABEL_PRESENT | 99};
	uint32_t slot;

	ck_assert_uint_eq(find(label, 12, &slot), 12);
	ck_assert_uint_ne(slot, FLOW_SCOPE_NONE);
}
END_TEST

/* Every slot in use: FULL, counted; what is released can be taken again. */
START_TEST(full_tables_say_so)
{
	uint32_t held[512], slot, count = 0;

	for (uint32_t vni = 0; vni < 512; vni++) {
		uint32_t scope = find(vxlan(HERE, THERE, vni), 0, &slot);
		if (slot == FLOW_SCOPE_NONE) {
			ck_assert_uint_eq(scope, FLOW_SCOPE_FULL);
			continue;
		}
		flow_scopes_hold(&scopes, slot);
		held[count++] = slot;
	}
	ck_assert_uint_gt(count, 48); /* of 64; two slots each, and sets fill unevenly */
	ck_assert_uint_lt(count, 128);
	ck_assert_uint_eq(scopes.used, count);
	ck_assert_uint_eq(scopes.full, 512 - count);
	for (uint32_t i = 0; i < count; i++)
		flow_scopes_release(&scopes, held[i]);
	ck_assert_uint_eq(scopes.used, 0);
	for (uint32_t vni = 1000; vni < 1040; vni++) {
		find(vxlan(HERE, THERE, vni), 0, &slot);
		ck_assert_uint_ne(slot, FLOW_SCOPE_NONE);
		flow_scopes_hold(&scopes, slot);
	}
}
END_TEST

/* A number stays the flow's as long as it is held, whatever else comes. */
START_TEST(held_numbers_stay)
{
	uint32_t mine, other;
	uint32_t scope = find(vxlan(HERE, THERE, 5), 0, &mine);

	flow_scopes_hold(&scopes, mine);
	for (uint32_t vni = 100; vni < 100000; vni++)
		ck_assert_uint_ne(find(vxlan(HERE, THERE, vni), 0, &other), scope);
	ck_assert_uint_eq(find(vxlan(HERE, THERE, 5), 0, &other), scope);
	ck_assert_uint_eq(other, mine);
	struct flow_scope_form form;
	flow_scope_copy(&scopes, mine, &form);
	ck_assert_uint_eq(form.around.tunnel_id, 5);
}
END_TEST

/* --- in the table --- */

static struct fixture f;

static void setup_table(void)
{
	struct flow_settings settings = fixture_settings();

	settings.tunnels = 64;
	settings.tunnel_ids_in_key = true;
	fixture_init(&f, &settings);
}

static void teardown_table(void)
{
	fixture_check_identities(&f);
	fixture_fini(&f);
}

/* An outer packet and what it carries, as the worker gives them. */
static void send_both(uint32_t from, uint32_t to, uint32_t vni, bool reply, int64_t at)
{
	struct packet_encapsulation around = vxlan(from, to, vni);
	struct packet_meta metas[2] = {fixture_packet(17, from, 50000, to, 4789, 0),
			reply ? fixture_packet(6, SERVER, 80, CLIENT, 40000, SYN | ACK)
			      : fixture_packet(6, CLIENT, 40000, SERVER, 80, SYN)};
	int64_t times[2] = {at, at};
	uint16_t ports[2] = {0, 0};
	uint32_t slots[2] = {0, 0};

	metas[1].flags |= PACKET_FLAG_INNER | PACKET_FLAG_SECOND;
	slots[1] = flow_table_scope(f.table, &metas[1], &around);
	flow_table_update(f.table, metas, times, ports, slots, 2, &f.outbox);
}

static const struct flow_record *record_of(uint8_t protocol, uint32_t nth)
{
	for (uint32_t i = 0; i < f.outbox.used; i++) {
		if (f.slots[i].protocol == protocol && nth-- == 0)
			return &f.slots[i];
	}
	ck_abort_msg("no such record");
	return NULL;
}

START_TEST(inner_flows_are_linked_to_the_outer)
{
	send_both(HERE, THERE, 5, false, T0);
	send_both(THERE, HERE, 5, true, T0 + MS);
	ck_assert(flow_table_flush(f.table, T0 + SEC, &f.outbox));
	/* the way back has ports of its own outside: two outer flows, one inner */
	ck_assert_uint_eq(f.outbox.used, 3);
	const struct flow_record *inner = record_of(6, 0);
	ck_assert_uint_eq(inner->packets, 1);
	ck_assert_uint_eq(inner->rev_packets, 1);
	ck_assert_uint_eq(inner->around.tunnel_id, 5);
	ck_assert_uint_eq(__builtin_bswap32(inner->around.outer_source.ipv4_be), HERE);
	uint64_t first = record_of(17, 0)->start_ns == T0 ? record_of(17, 0)->flow_id
							  : record_of(17, 1)->flow_id;
	ck_assert_uint_eq(inner->outer_flow_id, first);
	ck_assert_uint_eq(record_of(17, 0)->outer_flow_id, 0);
	ck_assert_uint_eq(record_of(17, 0)->around.tunnel, PACKET_TUNNEL_NONE);
}
END_TEST

/* SYN+ACK first: the source is the other end, and so is the outer source. */
START_TEST(outer_ends_turn_with_the_flow)
{
	send_both(THERE, HERE, 5, true, T0);
	ck_assert(flow_table_flush(f.table, T0 + SEC, &f.outbox));
	const struct flow_record *inner = record_of(6, 0);
	ck_assert_uint_eq(__builtin_bswap32(inner->source.ipv4_be), CLIENT);
	ck_assert_uint_eq(__builtin_bswap32(inner->around.outer_source.ipv4_be), HERE);
	ck_assert_uint_eq(inner->rev_packets, 1);
}
END_TEST

START_TEST(equal_addresses_in_two_tunnels_are_two_flows)
{
	send_both(HERE, THERE, 5, false, T0);
	send_both(HERE, THERE, 6, false, T0);
	ck_assert_uint_eq(flow_table_tunnels(f.table), 2);
	ck_assert(flow_table_flush(f.table, T0 + SEC, &f.outbox));
	ck_assert_uint_eq(record_of(6, 0)->packets, 1);
	ck_assert_uint_eq(record_of(6, 1)->packets, 1);
	ck_assert_uint_ne(record_of(6, 0)->flow_id, record_of(6, 1)->flow_id);
	ck_assert_uint_eq(flow_table_tunnels(f.table), 0);
}
END_TEST

/* The number of a scope is the worker's own; the id must not show it. */
START_TEST(ids_do_not_depend_on_numbers)
{
	uint64_t ids[2];

	for (int run = 0; run < 2; run++) {
		for (uint32_t vni = 0; run == 1 && vni < 20; vni++)
			send_both(HERE + 100 + vni, THERE, 1000 + vni, false, T0 - SEC);
		send_both(HERE, THERE, 5, false, T0);
		ck_assert(flow_table_flush(f.table, T0 + SEC, &f.outbox));
		for (uint32_t i = 0; i < f.outbox.used; i++) {
			if (f.slots[i].around.tunnel_id == 5)
				ids[run] = f.slots[i].flow_id;
		}
		f.outbox.used = 0;
	}
	ck_assert_uint_eq(ids[0], ids[1]);
}
END_TEST

START_TEST(no_room_for_a_tunnel_is_counted_and_metered)
{
	for (uint32_t vni = 0; vni < 400; vni++)
		send_both(HERE, THERE, vni, false, T0);
	uint64_t full = flow_table_tunnels_full(f.table);
	ck_assert_uint_gt(full, 0);
	ck_assert(flow_table_flush(f.table, T0 + SEC, &f.outbox));
	uint64_t packets = 0, without = 0;
	for (uint32_t i = 0; i < f.outbox.used; i++) {
		if (f.slots[i].protocol != 6)
			continue;
		packets += f.slots[i].packets;
		if (f.slots[i].around.tunnel == PACKET_TUNNEL_NONE) {
			without += f.slots[i].packets;
			ck_assert_uint_ne(f.slots[i].outer_flow_id, 0);
		}
	}
	ck_assert_uint_eq(packets, 400);
	ck_assert_uint_eq(without, full);
}
END_TEST

START_TEST(scans_show_the_tunnel)
{
	struct flow_record out[8];
	uint64_t cursor = 0;

	send_both(HERE, THERE, 5, false, T0);
	uint32_t count = flow_table_scan(f.table, &cursor, out, 8);
	ck_assert_uint_eq(count, 2);
	const struct flow_record *inner = out[0].protocol == 6 ? &out[0] : &out[1];
	ck_assert_uint_eq(inner->around.tunnel_id, 5);
	ck_assert_uint_eq(inner->flags & PACKET_FLAG_INNER, PACKET_FLAG_INNER);
	ck_assert_uint_ne(inner->outer_flow_id, 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_scope");
	TCase *tcase = tcase_create("scopes");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, both_directions_have_one_number);
	tcase_add_loop_test(tcase, what_tells_flows_apart, 0, (int)BASE_COUNT_OF(apart_rows));
	tcase_add_test(tcase, ids_of_one_direction_tell_nothing_apart);
	tcase_add_test(tcase, ids_are_left_out_when_so_configured);
	tcase_add_test(tcase, labels_alone_leave_the_vlan);
	tcase_add_test(tcase, full_tables_say_so);
	tcase_add_test(tcase, held_numbers_stay);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("table");
	tcase_add_checked_fixture(tcase, setup_table, teardown_table);
	tcase_add_test(tcase, inner_flows_are_linked_to_the_outer);
	tcase_add_test(tcase, outer_ends_turn_with_the_flow);
	tcase_add_test(tcase, equal_addresses_in_two_tunnels_are_two_flows);
	tcase_add_test(tcase, ids_do_not_depend_on_numbers);
	tcase_add_test(tcase, no_room_for_a_tunnel_is_counted_and_metered);
	tcase_add_test(tcase, scans_show_the_tunnel);
	suite_add_tcase(suite, tcase);
	return suite;
}
