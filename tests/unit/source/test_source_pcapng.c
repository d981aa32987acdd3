/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_capture.h"
#include "source_run.h"
#include "unit_main.h"

static uint8_t frame[2000];

/* What the draft says for if_tsresol: a power of ten, or with the top bit a power of two. */
static const struct {
	int resolution; /* -1: not given */
	uint64_t ticks;
	int64_t time_ns;
} resolution_rows[] = {
		{-1, UINT64_C(1700000000123456), BASE_SEC *SEC + 123456000},
		{6, UINT64_C(1700000000123456), BASE_SEC *SEC + 123456000},
		{9, UINT64_C(1700000000123456789), BASE_SEC *SEC + 123456789},
		{3, UINT64_C(1700000000123), BASE_SEC *SEC + 123000000},
		{0, UINT64_C(1700000000), BASE_SEC *SEC},
		{10, UINT64_C(17000000001234567899), BASE_SEC *SEC + 123456789},
		{0x80, UINT64_C(1700000000), BASE_SEC *SEC},
		{0x8a, UINT64_C(1700000000) << 10 | 512, BASE_SEC *SEC + SEC / 2},
		{0xa0, UINT64_C(1700000000) << 32 | 0x40000000, BASE_SEC *SEC + SEC / 4},
		{0xbf, UINT64_C(0xffffffffffffffff), SEC + 999999999},
		{19, UINT64_C(18446744073709551615), SEC + 844674407},
		{0, UINT64_MAX, SOURCE_TIME_MAX_NS}, /* the end of time, not before it */
		{9, UINT64_MAX, SOURCE_TIME_MAX_NS},
};

START_TEST(reads_times_in_any_resolution)
{
	for (int swapped = 0; swapped < 2; swapped++) {
		struct octets o = {.swapped = swapped};
		struct run run;

		ng_section(&o);
		ng_interface(&o, 1, 65535, resolution_rows[_i].resolution);
		ng_packet(&o, 0, resolution_rows[_i].ticks, frame, 61, 100);
		run_octets(&run, o.data, o.len, 1);
		ck_assert_uint_eq(run.errors, 0);
		ck_assert_uint_eq(run.all.count, 1);
		ck_assert_int_eq(run.all.list[0].time_ns, resolution_rows[_i].time_ns);
		ck_assert_uint_eq(run.all.list[0].captured, 61);
		ck_assert_uint_eq(run.all.list[0].wire, 100);
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

START_TEST(adds_the_offset_of_the_interface)
{
	const int64_t offsets[] = {BASE_SEC, -100, INT64_MAX, INT64_MIN};
	const int64_t times[] = {(BASE_SEC + 5) * SEC + 1000, 0, SOURCE_TIME_MAX_NS, 0};

	for (size_t i = 0; i < BASE_COUNT_OF(offsets); i++) {
		struct octets o = {0};
		struct run run;

		ng_section(&o);
		size_t start = ng_begin(&o, 1);
		put_u32(&o, 1);
		put_u32(&o, 0);
		put_u16(&o, 14);
		put_u16(&o, 8);
		put(&o, &offsets[i], 8);
		ng_end(&o, start);
		ng_packet(&o, 0, 5000001, frame, 60, 60);
		run_octets(&run, o.data, o.len, 1);
		ck_assert_uint_eq(run.all.count, 1);
		ck_assert_int_eq(run.all.list[0].time_ns, times[i]);
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

/* libpcap refuses the second interface; a capture on "any" of a router looks like this. */
START_TEST(reads_interfaces_of_different_link_types)
{
	struct octets o = {0};
	struct run run;

	ng_section(&o);
	ng_interface(&o, 1, 65535, -1);
	ng_interface(&o, 113, 96, 9);
	ng_interface(&o, 189, 0, -1);
	for (uint32_t i = 0; i < 30; i++)
		ng_packet(&o, i % 3,
				i % 3 == 1 ? (BASE_SEC + i) * SEC : (BASE_SEC + i) * SEC / 1000,
				frame, 60 + i, 60 + i);
	run_octets(&run, o.data, o.len, 1);

	const uint8_t links[] = {PACKET_LINK_ETHERNET, PACKET_LINK_SLL, PACKET_LINK_UNKNOWN};
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 30);
	for (uint32_t i = 0; i < 30; i++) {
		ck_assert_uint_eq(run.all.list[i].link, links[i % 3]);
		ck_assert_int_eq(run.all.list[i].time_ns, (BASE_SEC + i) * SEC);
	}
	run_free(&run);
	octets_free(&o);
}
END_TEST

/* Files that were joined by cat, from hosts of both byte orders. */
START_TEST(reads_sections_of_different_byte_orders)
{
	struct octets o = {0};
	struct run run;

	for (int section = 0; section < 4; section++) {
		o.swapped = section % 2;
		ng_section(&o);
		ng_interface(&o, section < 2 ? 1 : 101, 65535, -1);
		ng_packet(&o, 0, BASE_SEC * UINT64_C(1000000) + (uint64_t)section, frame, 60, 60);
	}
	run_octets(&run, o.data, o.len, 1);
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 4);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(run.all.list[i].time_ns, BASE_SEC * SEC + i * 1000);
		ck_assert_uint_eq(run.all.list[i].link,
				i < 2 ? PACKET_LINK_ETHERNET : PACKET_LINK_RAW);
	}
	run_free(&run);
	octets_free(&o);
}
END_TEST

START_TEST(gives_simple_packets_the_present_time)
{
	struct octets o = {0};
	struct run run;

	make_udp(frame, 100, 1, 2, 3, 4);
	ng_section(&o);
	ng_interface(&o, 1, 64, -1);
	ng_packet(&o, 0, BASE_SEC * UINT64_C(1000000), frame, 60, 60);
	size_t start = ng_begin(&o, 3);
	put_u32(&o, 100);
	put(&o, frame, 64);
	ng_end(&o, start);
	start = ng_begin(&o, 2); /* the obsolete packet block, with a drop count */
	put_u16(&o, 0);
	put_u16(&o, 77);
	put_u32(&o, (uint32_t)((BASE_SEC + 1) * UINT64_C(1000000) >> 32));
	put_u32(&o, (uint32_t)((BASE_SEC + 1) * UINT64_C(1000000)));
	put_u32(&o, 30);
	put_u32(&o, 40);
	put(&o, frame, 30);
	ng_end(&o, start);
	run_octets(&run, o.data, o.len, 1);

	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 3);
	ck_assert_uint_eq(run.all.backwards, 0);
	ck_assert_int_eq(run.all.list[1].time_ns, BASE_SEC * SEC);
	ck_assert_uint_eq(run.all.list[1].captured, 64);
	ck_assert_uint_eq(run.all.list[1].wire, 100);
	ck_assert_uint_eq(run.all.list[1].hash, hash_octets(frame, 64));
	ck_assert_int_eq(run.all.list[2].time_ns, (BASE_SEC + 1) * SEC);
	ck_assert_uint_eq(run.all.list[2].captured, 30);
	run_free(&run);
	octets_free(&o);
}
END_TEST

/* Two good packets, then what the row breaks: the packets count, and one line says what it is. */
static void break_length(struct octets *o)
{
	size_t start = ng_begin(o, 5);

	ng_end(o, start);
	o->data[start + 4] = 8;
}

static void break_multiple(struct octets *o)
{
	size_t start = ng_begin(o, 5);

	ng_end(o, start);
	o->data[start + 4] = 13;
}

static void break_trailer(struct octets *o)
{
	ng_end(o, ng_begin(o, 5));
	o->data[o->len - 1] = 1;
}

static void break_size(struct octets *o)
{
	size_t start = ng_begin(o, 5);

	ng_end(o, start);
	memset(o->data + start + 4, 0x7c, 4);
}

static void break_order(struct octets *o)
{
	size_t start = o->len;

	ng_section(o);
	o->data[start + 8] = 0;
}

static void break_version(struct octets *o)
{
	size_t start = o->len;

	ng_section(o);
	o->data[start + 12] = 9;
}

static void break_interface(struct octets *o)
{
	ng_packet(o, 1, 0, frame, 60, 60);
}

static void break_forget(struct octets *o)
{
	ng_section(o); /* which forgets the interfaces */
	ng_packet(o, 0, 0, frame, 60, 60);
}

static void break_captured(struct octets *o)
{
	size_t start = o->len;

	ng_packet(o, 0, 0, frame, 60, 60);
	o->data[start + 20] = 0xff;
}

static void break_resolution(struct octets *o)
{
	ng_interface(o, 1, 0, 20);
}

static void break_option(struct octets *o)
{
	size_t start = ng_begin(o, 1);

	put_u32(o, 1);
	put_u32(o, 0);
	put_u16(o, 2);
	put_u16(o, 100);
	ng_end(o, start);
}

static const struct {
	void (*damage)(struct octets *o);
	const char *says;
} damage_rows[] = {
		{break_length, "a block claims 8 octets"},
		{break_multiple, "a block claims 13 octets"},
		{break_trailer, "at its start and"},
		{break_size, "a block claims 2088533116 octets"},
		{break_order, "without a byte order"},
		{break_version, "unknown version 9.0"},
		{break_interface, "interface 1, which is not described"},
		{break_forget, "interface 0, which is not described"},
		{break_captured, "claims 255 captured octets"},
		{break_resolution, "options of interface 1 make no sense"},
		{break_option, "options of interface 1 make no sense"},
};

START_TEST(stops_at_damage_and_says_what_it_is)
{
	for (int swapped = 0; swapped < 1; swapped++) {
		struct octets o = {.swapped = swapped};
		struct run run;

		ng_section(&o);
		ng_interface(&o, 1, 65535, -1);
		for (uint64_t i = 0; i < 2; i++)
			ng_packet(&o, 0, BASE_SEC * UINT64_C(1000000) + i, frame, 60, 60);
		damage_rows[_i].damage(&o);
		ng_packet(&o, 0, BASE_SEC * UINT64_C(1000000) + 2, frame, 60, 60);
		run_octets(&run, o.data, o.len, 1);
		ck_assert_uint_eq(run.all.count, 2);
		ck_assert_uint_eq(run.errors, 1);
		ck_assert_msg(strstr(run.error, damage_rows[_i].says), "%s", run.error);
		ck_assert_ptr_nonnull(strstr(run.error, "; 2 packets were read before"));
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

START_TEST(reads_a_section_without_packets)
{
	struct octets o = {0};
	struct run run;

	ng_section(&o);
	run_octets(&run, o.data, o.len, 1);
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 0);
	run_free(&run);
	octets_free(&o);
}
END_TEST

/*
 * weir reads on where libpcap stops although nothing is damaged: it limits a file to one link type,
 * one snapshot length and one byte order, and packets to the snapshot length.
 */
static bool is_stricter(const char *error)
{
	static const char *const texts[] = {"different from the", "different byte orders",
			"snaplen of", "no Interface Description", "more than one",
			"savefile version", "opt_endofopt"};

	for (size_t i = 0; i < BASE_COUNT_OF(texts); i++)
		if (strstr(error, texts[i]))
			return true;
	return false;
}

static void compare(const struct octets *o, bool times)
{
	char path[32];
	const char *paths[] = {path};
	struct oracle oracle;
	struct run run;
	int fd = file_make(o->data, o->len, path);

	run_files(&run, paths, 1, 1);
	oracle_read(&oracle, path);
	close(fd);
	bool same = (run.errors == 0) == (oracle.error[0] == '\0')
			&& run.all.count == oracle.seen.count;
	if (is_stricter(oracle.error))
		ck_assert_uint_ge(run.all.count, oracle.seen.count);
	else
		ck_assert_msg(same, "libpcap: %zu packets, '%s'; weir: %zu packets, '%s'",
				oracle.seen.count, oracle.error, run.all.count, run.error);
	assert_same_packets(&run.all, &oracle.seen, oracle.seen.count, times);
	oracle_free(&oracle);
	run_free(&run);
}

static void make_sample(struct octets *o, bool swapped)
{
	*o = (struct octets){.swapped = swapped};
	make_udp(frame, 100, 0x0a000001, 0x0a000002, 1000, 53);
	ng_section(o);
	ng_interface(o, 1, 65535, 9);
	ng_packet(o, 0, BASE_SEC * (uint64_t)SEC + 1, frame, 60, 60);
	ng_end(o, ng_begin(o, 4)); /* name resolution: skipped */
	ng_packet(o, 0, BASE_SEC * (uint64_t)SEC + 2, frame, 0, 60);
	ng_packet(o, 0, BASE_SEC * (uint64_t)SEC + 3, frame, 43, 100);
}

START_TEST(agrees_with_libpcap_on_every_truncation)
{
	struct octets o;

	make_sample(&o, _i);
	for (size_t len = 0; len <= o.len; len++) {
		struct octets cut = {.data = o.data, .len = len};

		compare(&cut, true);
	}
	octets_free(&o);
}
END_TEST

START_TEST(agrees_with_libpcap_on_damage)
{
	static const uint8_t tempting[] = {0x00, 0x01, 0x04, 0x7f, 0x80, 0xff};
	uint64_t random = 77 + (uint64_t)_i;

	for (int round = 0; round < 3000; round++) {
		struct octets o;

		make_sample(&o, _i);
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		size_t at = (random >> 33) % o.len;
		if (at >= 24 && at < 28)
			at = 28; /* libpcap does not look at the end of the first block */
		o.data[at] = round % 2 ? (uint8_t)(random >> 50)
				       : tempting[(random >> 50) % sizeof(tempting)];
		compare(&o, false);
		octets_free(&o);
	}
}
END_TEST

START_TEST(agrees_with_libpcap_across_chunks)
{
	static uint8_t large[100000];
	struct octets o = {.swapped = _i};

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 11);
	ng_section(&o);
	ng_interface(&o, 1, 0, -1);
	for (uint32_t i = 0; i < 5000; i++) {
		uint32_t size = i % 700 == 350 ? 90000 + i % 5 : i * 7919 % 1600;

		ng_packet(&o, 0, BASE_SEC * UINT64_C(1000000) + i, large + i, size, size + i % 3);
	}
	compare(&o, true);
	octets_free(&o);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_pcapng");
	TCase *tcase = tcase_create("pcapng");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, reads_times_in_any_resolution, 0,
			(int)BASE_COUNT_OF(resolution_rows));
	tcase_add_test(tcase, adds_the_offset_of_the_interface);
	tcase_add_test(tcase, reads_interfaces_of_different_link_types);
	tcase_add_test(tcase, reads_sections_of_different_byte_orders);
	tcase_add_test(tcase, gives_simple_packets_the_present_time);
	tcase_add_loop_test(tcase, stops_at_damage_and_says_what_it_is, 0,
			(int)BASE_COUNT_OF(damage_rows));
	tcase_add_test(tcase, reads_a_section_without_packets);
	tcase_add_loop_test(tcase, agrees_with_libpcap_on_every_truncation, 0, 2);
	tcase_add_loop_test(tcase, agrees_with_libpcap_on_damage, 0, 2);
	tcase_add_loop_test(tcase, agrees_with_libpcap_across_chunks, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
