/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "packet_fragments.h"
#include "packet_tunnel_samples.h"
#include "packet_views.h"
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
static void other_vlan_inner(struct packet_meta *meta)
{
	meta->vlan_inner = 5;
}
static void other_scope(struct packet_meta *meta)
{
	meta->identity |= 5000;
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
		{"VLAN inside", other_vlan_inner},
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
	uint64_t expired;
} time_rows[] = {
		{0, 1000, 0},
		{TIMEOUT, 1000, 0},
		{TIMEOUT + 1, 0, 1},
		{10 * TIMEOUT, 0, 1},
		/* reordered, and of an older recording */
		{-SEC, 1000, 0},
		{-SEC - 1, 0, 0},
		{-1000 * SEC, 0, 0},
};

START_TEST(the_first_is_kept_for_a_time)
{
	give(first(7, 1000), T0);
	ck_assert_uint_eq(ask(later(7), T0 + time_rows[_i].after_ns), time_rows[_i].port);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->expired, time_rows[_i].expired);
	ck_assert_uint_eq(
			packet_fragments_counters(fragments)->unresolved, time_rows[_i].port == 0);
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

/* A first fragment that is too small for its ports: they are unknown, those before it are old. */
START_TEST(tiny_first_fragments_have_no_ports)
{
	struct packet_meta tiny = first(7, 0), other = tiny;

	tiny.destination_port = 0;
	tiny.flags |= PACKET_FLAG_NO_PORTS;
	give(tiny, T0);
	ck_assert_uint_eq(ask(later(7), T0), 0);
	give(first(7, 1000), T0);
	other = tiny;
	other.protocol = 6;
	give(other, T0);
	ck_assert_uint_eq(ask(later(7), T0), 1000);
	give(tiny, T0);
	ck_assert_uint_eq(ask(later(7), T0), 0);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->first, 1);
}
END_TEST

/* An echo request of 2000 octets is one from its first to its last octet. */
START_TEST(icmp_keeps_type_and_code)
{
	struct packet_meta echo = first(7, 0), rest;

	echo.protocol = 1;
	echo.destination_port = 0;
	echo.icmp_type = 8;
	echo.icmp_code = 3;
	rest = echo;
	rest.icmp_type = rest.icmp_code = 0;
	rest.flags |= PACKET_FLAG_LATER_FRAGMENT;
	give(echo, T0);
	packet_fragments_resolve(fragments, &rest, T0);
	ck_assert_uint_eq(rest.icmp_type, 8);
	ck_assert_uint_eq(rest.icmp_code, 3);
	ck_assert(rest.flags & PACKET_FLAG_LATER_FRAGMENT);
}
END_TEST

/* Behind the header of a later IPv6 fragment stands what its first began with. */
static const struct {
	uint8_t ip_version, next_header;
	bool joined;
} extension_rows[] = {
		{6, 60, true}, /* destination options */
		{6, 43, true}, /* routing */
		{6, 0, true}, /* hop-by-hop */
		{6, 44, true}, /* another fragment header */
		{6, 17, true},
		{6, 51, false}, /* AH: a protocol of its own */
		{6, 6, false},
		{4, 60, false}, /* no extension there */
		{4, 17, true},
};

START_TEST(ipv6_options_in_the_fragmented_part)
{
	struct packet_meta begin = first(7, 1000), rest = later(7);

	begin.ip_version = rest.ip_version = extension_rows[_i].ip_version;
	rest.protocol = extension_rows[_i].next_header;
	give(begin, T0);
	packet_fragments_resolve(fragments, &rest, T0);
	ck_assert_uint_eq(rest.source_port, extension_rows[_i].joined ? 1000 : 0);
	ck_assert_uint_eq(rest.protocol,
			extension_rows[_i].joined ? 17 : extension_rows[_i].next_header);
}
END_TEST

/* Two protocols with one id: the newest first has what an unnamed later one gets. */
START_TEST(ipv6_options_get_the_newest)
{
	struct packet_meta udp = first(7, 1000), tcp = first(7, 2000), rest = later(7);

	udp.ip_version = tcp.ip_version = rest.ip_version = 6;
	tcp.protocol = 6;
	rest.protocol = 60;
	give(tcp, T0 + 1);
	give(udp, T0);
	packet_fragments_resolve(fragments, &rest, T0 + 2);
	ck_assert_uint_eq(rest.source_port, 2000);
	ck_assert_uint_eq(rest.protocol, 6);
	rest = later(7);
	rest.ip_version = 6;
	ck_assert_uint_eq(ask(rest, T0 + 2), 1000);
}
END_TEST

/* From octets: what decode says of each fragment, one after the other. */
#define UDP_6 "c3500035 00200000"
#define TAIL_8 "c351 0036 0008 0000" /* reads as other ports where a second header would be */

static const struct {
	const char *what, *first_hex, *later_hex;
	uint16_t source_port;
	uint8_t protocol;
} octet_rows[] = {
		{"IPv4", MACS "0800" OUT4_FRAGMENT("1c", "11", "2000") UDP_6,
				MACS "0800" OUT4_FRAGMENT("1c", "11", "00b9") TAIL_8, 50000, 17},
		{"overlap at 8 octets", MACS "0800" OUT4_FRAGMENT("1c", "06", "2000") UDP_6,
				MACS "0800" OUT4_FRAGMENT("1c", "06", "0001") TAIL_8, 50000, 6},
		{"tiny first", MACS "0800" OUT4_FRAGMENT("16", "11", "2000") "c350",
				MACS "0800" OUT4_FRAGMENT("1c", "11", "0001") TAIL_8, 0, 17},
		{"another protocol", MACS "0800" OUT4_FRAGMENT("1c", "11", "2000") UDP_6,
				MACS "0800" OUT4_FRAGMENT("1c", "06", "0001") TAIL_8, 0, 6},
		{"whole, with the same id", MACS "0800" OUT4_FRAGMENT("1c", "11", "4000") UDP,
				MACS "0800" OUT4_FRAGMENT("1c", "11", "0001") TAIL_8, 0, 17},
		{"VLANs alike", MACS "8100 0005 0800" OUT4_FRAGMENT("1c", "11", "2000") UDP_6,
				MACS "8100 0005 0800" OUT4_FRAGMENT("1c", "11", "0001") TAIL_8,
				50000, 17},
		{"VLANs apart", MACS "8100 0005 0800" OUT4_FRAGMENT("1c", "11", "2000") UDP_6,
				MACS "8100 0006 0800" OUT4_FRAGMENT("1c", "11", "0001") TAIL_8, 0,
				17},
		{"IPv6", MACS "86dd" OUT6("10", "2c") "11000001 0001abcd" UDP_6,
				MACS "86dd" OUT6("10", "2c") "110000b8 0001abcd" TAIL_8, 50000, 17},
		{"IPv6, ids that differ above 16 bits",
				MACS "86dd" OUT6("10", "2c") "11000001 0001abcd" UDP_6,
				MACS "86dd" OUT6("10", "2c") "110000b8 0002abcd" TAIL_8, 0, 17},
		{"IPv6, atomic", MACS "86dd" OUT6("10", "2c") "11000000 0001abcd" UDP,
				MACS "86dd" OUT6("10", "2c") "110000b8 0001abcd" TAIL_8, 0, 17},
		{"IPv6, options in the fragmented part",
				MACS "86dd" OUT6("18", "2c") "3c000001 0001abcd "
							     "1100 010400000000" UDP_6,
				MACS "86dd" OUT6("10", "2c") "3c0000b8 0001abcd" TAIL_8, 50000, 17},
		{"IPv6, options go on in the rest",
				MACS "86dd" OUT6("10", "2c") "3c000001 0001abcd 11010104 00000000",
				MACS "86dd" OUT6("10", "2c") "3c0000b8 0001abcd" TAIL_8, 0, 60},
};

/* Resolves what is metered of the frame; returns its meta. */
static struct packet_meta resolve_hex(const char *hex)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(hex, octets);
	struct packet_meta meta = {0};

	if (packet_decode(PACKET_LINK_ETHERNET, octets, bytes, bytes, &meta) == PACKET_METERED
			&& meta.flags & PACKET_FLAG_FRAGMENT)
		packet_fragments_resolve(fragments, &meta, T0);
	return meta;
}

START_TEST(fragments_as_they_come)
{
	resolve_hex(octet_rows[_i].first_hex);
	struct packet_meta rest = resolve_hex(octet_rows[_i].later_hex);
	ck_assert_msg(rest.source_port == octet_rows[_i].source_port, "%s: port %u",
			octet_rows[_i].what, rest.source_port);
	ck_assert_uint_eq(rest.destination_port, rest.source_port ? 53 : 0);
	ck_assert_uint_eq(rest.protocol, octet_rows[_i].protocol);
	ck_assert(rest.flags & PACKET_FLAG_LATER_FRAGMENT);
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

/* Over for any fragment that may still come, reordered ones included. */
START_TEST(what_is_over_makes_room_without_loss)
{
	for (uint32_t i = 0; i < 1000; i++)
		give(first(i, 1000), T0 + i * (TIMEOUT + SEC + 1));
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, 0);
}
END_TEST

/* A second recording from before the first finds a table as good as empty. */
START_TEST(an_older_recording_is_not_held_up)
{
	for (uint32_t i = 0; i < 64; i++)
		give(first(i, 1000), T0);
	uint64_t evicted = packet_fragments_counters(fragments)->evicted;
	for (uint32_t i = 0; i < 4; i++) {
		give(first(i, 2000), T0 - 3600 * SEC);
		ck_assert_uint_eq(ask(later(i), T0 - 3600 * SEC), 2000);
	}
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, evicted);
}
END_TEST

static void use_one_set(void)
{
	packet_fragments_destroy(fragments);
	ck_assert_int_eq(packet_fragments_create(&fragments, 1, TIMEOUT, 99), 0);
}

/* Another datagram's time is no reason to forget what a reordered fragment can still ask for. */
START_TEST(what_is_just_over_stays_for_reordered_fragments)
{
	use_one_set();
	give(first(0, 1000), T0);
	give(first(1, 2000), T0 + TIMEOUT + SEC);
	ck_assert_uint_eq(ask(later(0), T0 + TIMEOUT), 1000);
	give(first(2, 3000), T0 + TIMEOUT + SEC);
	give(first(3, 4000), T0 + TIMEOUT + SEC);
	give(first(4, 5000), T0 + TIMEOUT + SEC);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, 1);
}
END_TEST

/* The least table is one set: the fifth datagram costs the oldest, whatever came last. */
START_TEST(a_full_set_gives_up_its_oldest)
{
	use_one_set();
	for (uint32_t i = 0; i < PACKET_FRAGMENTS_WAYS; i++)
		give(first(i, (uint16_t)(1000 + i)), i == 2 ? T0 : T0 + SEC - i);
	give(first(2, 1002), T0); /* again: no room is needed */
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, 0);
	give(first(9, 1009), T0 + SEC);
	ck_assert_uint_eq(packet_fragments_counters(fragments)->evicted, 1);
	for (uint32_t i = 0; i < PACKET_FRAGMENTS_WAYS; i++)
		ck_assert_uint_eq(ask(later(i), T0 + SEC), i == 2 ? 0 : 1000 + i);
	ck_assert_uint_eq(ask(later(9), T0 + SEC), 1009);
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
	tcase_add_test(tcase, tiny_first_fragments_have_no_ports);
	tcase_add_test(tcase, icmp_keeps_type_and_code);
	tcase_add_loop_test(tcase, ipv6_options_in_the_fragmented_part, 0,
			(int)BASE_COUNT_OF(extension_rows));
	tcase_add_test(tcase, ipv6_options_get_the_newest);
	tcase_add_loop_test(tcase, fragments_as_they_come, 0, (int)BASE_COUNT_OF(octet_rows));
	tcase_add_test(tcase, full_tables_forget_the_oldest);
	tcase_add_test(tcase, what_is_just_over_stays_for_reordered_fragments);
	tcase_add_test(tcase, a_full_set_gives_up_its_oldest);
	tcase_add_test(tcase, what_is_over_makes_room_without_loss);
	tcase_add_test(tcase, an_older_recording_is_not_held_up);
	suite_add_tcase(suite, tcase);
	return suite;
}
