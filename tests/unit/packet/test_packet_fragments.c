/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "packet_fragments.h"
#include "unit_main.h"

#define SEC BASE_NS_PER_SEC
#define T0 (INT64_C(1700000000) * SEC)
#define TIMEOUT (30 * SEC)

static struct packet_fragments *fragments;

static void setup(void)
{
	ck_assert_int_eq(packet_fragments_create(&fragments, 64, TIMEOUT, 99), 0);
}

static void teardown(void)
{
	packet_fragments_destroy(fragments);
}

static struct packet_meta first(uint32_t id, uint16_t port)
{
	return (struct packet_meta){
			.source.words_be = {1},
			.destination.words_be = {2},
			.source_port = port,
			.destination_port = 53,
			.fragment_id = id,
			.ip_version = 4,
			.protocol = 17,
			.flags = PACKET_FLAG_FRAGMENT,
	};
}

static struct packet_meta later(uint32_t id)
{
	struct packet_meta meta = first(id, 0);

	meta.destination_port = 0;
	meta.flags |= PACKET_FLAG_LATER_FRAGMENT;
	return meta;
}

static void give(struct packet_meta meta, int64_t at)
{
	packet_fragments_resolve(fragments, &meta, at);
}

/* The source port that a later fragment gets; 0: none. */
static uint16_t ask(struct packet_meta meta, int64_t at)
{
	packet_fragments_resolve(fragments, &meta, at);
	ck_assert_uint_eq(meta.destination_port, meta.source_port ? 53 : 0);
	return meta.source_port;
}

START_TEST(later_fragments_get_the_ports)
{
	give(first(7, 1000), T0);
	ck_assert_uint_eq(ask(later(7), T0 + 1), 1000);
	ck_assert_uint_eq(ask(later(7), T0 + 2), 1000);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->first, 1);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->resolved, 2);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->unresolved, 0);
}
END_TEST

/* Each differs from the first fragment in one thing only: none may get its ports. */
static void other_source(struct packet_meta *meta)
{
	meta->source.words_be[3] = 1;
}
static void other_destination(struct packet_meta *meta)
{
	meta->destination.words_be[0] = 3;
}
static void other_id(struct packet_meta *meta)
{
	meta->fragment_id += UINT32_C(1) << 16;
}
static void other_protocol(struct packet_meta *meta)
{
	meta->protocol = 6;
}
static void other_family(struct packet_meta *meta)
{
	meta->ip_version = 6;
}
static void other_vlan(struct packet_meta *meta)
{
	meta->vlan = 5;
}
static void other_scope(struct packet_meta *meta)
{
	meta->scope = 5000;
}
static void other_view(struct packet_meta *meta)
{
	meta->flags |= PACKET_FLAG_INNER;
}
static void other_way(struct packet_meta *meta)
{
	union packet_address source = meta->source;

	meta->source = meta->destination;
	meta->destination = source;
}

static const struct {
	const char *what;
	void (*change)(struct packet_meta *meta);
} apart_rows[] = {
		{"source", other_source},
		{"destination", other_destination},
		{"id", other_id},
		{"protocol", other_protocol},
		{"family", other_family},
		{"VLAN", other_vlan},
		{"tunnel", other_scope},
		{"view", other_view},
		{"direction", other_way},
};

START_TEST(datagrams_stay_apart)
{
	struct packet_meta other = later(7);

	give(first(7, 1000), T0);
	apart_rows[_i].change(&other);
	ck_assert_msg(ask(other, T0) == 0, "joined in spite of another %s", apart_rows[_i].what);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->unresolved, 1);
	/* and the same change on both sides joins them */
	struct packet_meta twin = first(7, 2000);
	apart_rows[_i].change(&twin);
	give(twin, T0);
	ck_assert_uint_eq(ask(other, T0), 2000);
	ck_assert_uint_eq(ask(later(7), T0), 1000);
}
END_TEST

static const struct {
	int64_t after_ns;
	uint16_t port;
} time_rows[] = {{0, 1000}, {TIMEOUT, 1000}, {TIMEOUT + 1, 0}, {-SEC, 1000}, {10 * TIMEOUT, 0}};

START_TEST(the_first_is_kept_for_a_time)
{
	give(first(7, 1000), T0);
	ck_assert_uint_eq(ask(later(7), T0 + time_rows[_i].after_ns), time_rows[_i].port);
}
END_TEST

START_TEST(ids_come_round)
{
	give(first(7, 1000), T0);
	ck_assert_uint_eq(ask(later(7), T0 + SEC), 1000);
	give(first(7, 2000), T0 + 7 * SEC);
	ck_assert_uint_eq(ask(later(7), T0 + 8 * SEC), 2000);
}
END_TEST

START_TEST(a_later_one_may_come_first)
{
	ck_assert_uint_eq(ask(later(7), T0), 0);
	give(first(7, 1000), T0 + 1);
	ck_assert_uint_eq(ask(later(7), T0 + 2), 1000);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->unresolved, 1);
}
END_TEST

/* A first fragment that is too small for its ports says nothing, and overwrites nothing. */
START_TEST(tiny_first_fragments_teach_nothing)
{
	struct packet_meta tiny = first(7, 0);

	tiny.destination_port = 0;
	tiny.flags |= PACKET_FLAG_NO_PORTS;
	give(tiny, T0);
	ck_assert_uint_eq(ask(later(7), T0), 0);
	give(first(7, 1000), T0);
	give(tiny, T0);
	ck_assert_uint_eq(ask(later(7), T0), 1000);
}
END_TEST

/* More datagrams than there is room for: the newest are known, what was given up is counted. */
START_TEST(full_tables_forget_the_oldest)
{
	enum { DATAGRAMS = 1000 };
	uint32_t known = 0;

	for (uint32_t i = 0; i < DATAGRAMS; i++)
		give(first(i, (uint16_t)(1000 + i)), T0 + i);
	for (uint32_t i = 0; i < DATAGRAMS; i++) {
		uint16_t port = ask(later(i), T0 + DATAGRAMS);
		ck_assert(port == 0 || port == 1000 + i);
		known += port != 0;
		if (i == DATAGRAMS - 1)
			ck_assert_uint_ne(port, 0);
	}
	ck_assert_uint_gt(known, 56);
	ck_assert_uint_le(known, 64);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, DATAGRAMS - known);
}
END_TEST

START_TEST(what_is_over_makes_room_without_loss)
{
	for (uint32_t i = 0; i < 1000; i++)
		give(first(i, 1000), T0 + i * (TIMEOUT + 1));
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_fragments");
	TCase *tcase = tcase_create("fragments");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, later_fragments_get_the_ports);
	tcase_add_loop_test(tcase, datagrams_stay_apart, 0, (int)BASE_COUNT_OF(apart_rows));
	tcase_add_loop_test(tcase, the_first_is_kept_for_a_time, 0, (int)BASE_COUNT_OF(time_rows));
	tcase_add_test(tcase, ids_come_round);
	tcase_add_test(tcase, a_later_one_may_come_first);
	tcase_add_test(tcase, tiny_first_fragments_teach_nothing);
	tcase_add_test(tcase, full_tables_forget_the_oldest);
	tcase_add_test(tcase, what_is_over_makes_room_without_loss);
	suite_add_tcase(suite, tcase);
	return suite;
}
