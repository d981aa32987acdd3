/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_capture.h"
#include "source_run.h"
#include "unit_main.h"

static uint8_t frame[2000];

static const struct {
	uint32_t magic;
	bool swapped;
	uint32_t fraction;
	int64_t time_ns;
} order_rows[] = {
		{PCAP_MICRO, false, 123456, BASE_SEC *SEC + 123456000},
		{PCAP_MICRO, true, 999999, BASE_SEC *SEC + 999999000},
		{PCAP_NANO, false, 123456789, BASE_SEC *SEC + 123456789},
		{PCAP_NANO, true, 999999999, BASE_SEC *SEC + 999999999},
};

START_TEST(reads_both_orders_and_precisions)
{
	struct octets o = {.swapped = order_rows[_i].swapped};
	struct run run;

	make_udp(frame, 200, 0x0a000001, 0x0a000002, 1000, 53);
	pcap_begin(&o, order_rows[_i].magic, 96, 1);
	pcap_packet(&o, BASE_SEC, order_rows[_i].fraction, frame, 96, 200);
	run_octets(&run, o.data, o.len, 1);

	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 1);
	ck_assert_int_eq(run.all.list[0].time_ns, order_rows[_i].time_ns);
	ck_assert_uint_eq(run.all.list[0].captured, 96);
	ck_assert_uint_eq(run.all.list[0].wire, 200);
	ck_assert_uint_eq(run.all.list[0].link, PACKET_LINK_ETHERNET);
	ck_assert_uint_eq(run.all.list[0].hash, hash_octets(frame, 96));
	ck_assert_int_eq(run.progress.first_ns, order_rows[_i].time_ns);
	ck_assert_uint_eq(run.progress.wire_bytes, 200);
	run_free(&run);
	octets_free(&o);
}
END_TEST

static const struct {
	const char *what;
	uint32_t snap, captured, wire;
	uint32_t seen_captured, seen_wire;
} length_rows[] = {
		{"nothing captured", 65535, 0, 60, 0, 60},
		{"nothing at all", 65535, 0, 0, 0, 0},
		{"less on the wire than captured", 65535, 100, 60, 100, 100},
		{"cut by the capture", 64, 64, 1500, 64, 1500},
		{"more captured than the file promises", 64, 100, 1500, 64, 1500},
		{"no limit given", 0, 1500, 1500, 1500, 1500},
		{"a limit that is no int", 0xffffffff, 1500, 1500, 1500, 1500},
};

START_TEST(believes_octets_rather_than_lengths)
{
	struct octets o = {0};
	struct run run;

	pcap_begin(&o, PCAP_MICRO, length_rows[_i].snap, 1);
	pcap_packet(&o, BASE_SEC, 0, frame, length_rows[_i].captured, length_rows[_i].wire);
	pcap_packet(&o, BASE_SEC, 1, frame, 60, 60);
	run_octets(&run, o.data, o.len, 1);

	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 2);
	ck_assert_uint_eq(run.all.list[0].captured, length_rows[_i].seen_captured);
	ck_assert_uint_eq(run.all.list[0].wire, length_rows[_i].seen_wire);
	ck_assert_uint_eq(run.all.list[1].captured, 60);
	run_free(&run);
	octets_free(&o);
}
END_TEST

static const struct {
	uint32_t linktype;
	enum packet_link link;
} link_rows[] = {
		{1, PACKET_LINK_ETHERNET},
		{1 | 0x24000000, PACKET_LINK_ETHERNET}, /* four octets of check sequence */
		{12, PACKET_LINK_RAW},
		{101, PACKET_LINK_RAW},
		{276, PACKET_LINK_SLL2},
		{147, PACKET_LINK_UNKNOWN},
		{189, PACKET_LINK_UNKNOWN}, /* USB */
		{4000, PACKET_LINK_UNKNOWN},
};

START_TEST(maps_link_types_and_counts_unknown_ones)
{
	struct octets o = {0};
	struct run run;

	pcap_begin(&o, PCAP_MICRO, 65535, link_rows[_i].linktype);
	pcap_packet(&o, BASE_SEC, 7, frame, 80, 80);
	run_octets(&run, o.data, o.len, 1);
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, 1);
	ck_assert_uint_eq(run.all.list[0].link, link_rows[_i].link);
	ck_assert_int_eq(run.all.list[0].time_ns, BASE_SEC * SEC + 7000);
	run_free(&run);
	octets_free(&o);
}
END_TEST

START_TEST(reads_times_after_2038)
{
	const uint32_t seconds[] = {0x7fffffff, 0x80000000, 0xffffffff};

	/* once by source_pcap, once by libpcap */
	for (int swapped = 0; swapped < 2; swapped++) {
		for (uint32_t link = 1; link < 148; link += 146) {
			struct octets o = {.swapped = swapped};
			struct run run;

			pcap_begin(&o, PCAP_NANO, 65535, link);
			for (size_t i = 0; i < BASE_COUNT_OF(seconds); i++)
				pcap_packet(&o, seconds[i], 5, frame, 60, 60);
			run_octets(&run, o.data, o.len, 1);
			ck_assert_uint_eq(run.all.count, 3);
			ck_assert_uint_eq(run.all.backwards, 0);
			for (size_t i = 0; i < BASE_COUNT_OF(seconds); i++)
				ck_assert_int_eq(run.all.list[i].time_ns, seconds[i] * SEC + 5);
			run_free(&run);
			octets_free(&o);
		}
	}
}
END_TEST

/* The modified format of old Linux distributions: eight octets more in each packet header. */
START_TEST(reads_the_modified_format)
{
	for (int swapped = 0; swapped < 2; swapped++) {
		struct octets o = {.swapped = swapped};
		struct run run;

		make_udp(frame, 120, 0x0a000001, 0x0a000002, 1, 2);
		pcap_begin(&o, 0xa1b2cd34, 65535, 1);
		for (uint32_t i = 0; i < 3000; i++) {
			put_u32(&o, BASE_SEC);
			put_u32(&o, i);
			put_u32(&o, 120);
			put_u32(&o, 120);
			put_zero(&o, 8);
			put(&o, frame, 120);
		}
		run_octets(&run, o.data, o.len, 1);
		ck_assert_uint_eq(run.errors, 0);
		ck_assert_uint_eq(run.all.count, 3000);
		for (uint32_t i = 0; i < 3000; i++) {
			ck_assert_int_eq(run.all.list[i].time_ns, BASE_SEC * SEC + i * 1000);
			ck_assert_uint_eq(run.all.list[i].hash, hash_octets(frame, 120));
		}
		run_free(&run);
		octets_free(&o);
	}
}
END_TEST

/* Both readers stop at the same packet, whatever the octets are. */
static void compare(const struct octets *o)
{
	char path[32];
	const char *paths[] = {path};
	struct oracle oracle;
	struct run run;
	int fd = file_make(o->data, o->len, path);

	run_files(&run, paths, 1, 1);
	oracle_read(&oracle, path);
	close(fd);
	ck_assert_uint_eq(run.all.count, oracle.seen.count);
	ck_assert_msg((run.errors == 0) == (oracle.error[0] == '\0'), "libpcap: '%s', weir: '%s'",
			oracle.error, run.error);
	assert_same_packets(&run.all, &oracle.seen, oracle.seen.count, oracle.times_plain);
	oracle_free(&oracle);
	run_free(&run);
}

static void make_sample(struct octets *o, uint32_t magic, bool swapped)
{
	*o = (struct octets){.swapped = swapped};
	make_udp(frame, 100, 0x0a000001, 0x0a000002, 1000, 53);
	pcap_begin(o, magic, 65535, 1);
	pcap_packet(o, BASE_SEC, 1, frame, 60, 60);
	pcap_packet(o, BASE_SEC, 2, frame, 0, 60);
	pcap_packet(o, BASE_SEC, 3, frame, 43, 100);
}

START_TEST(agrees_with_libpcap_on_every_truncation)
{
	struct octets o;

	make_sample(&o, order_rows[_i].magic, order_rows[_i].swapped);
	for (size_t len = 0; len <= o.len; len++) {
		struct octets cut = {.data = o.data, .len = len};

		compare(&cut);
	}
	octets_free(&o);
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

START_TEST(agrees_with_libpcap_on_damage)
{
	static const uint8_t tempting[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	uint64_t random = 1 + (uint64_t)_i;

	for (int round = 0; round < 1500; round++) {
		struct octets o;

		make_sample(&o, order_rows[_i].magic, order_rows[_i].swapped);
		for (uint64_t n = 1 + next_random(&random) % 3; n > 0; n--) {
			size_t at = next_random(&random) % o.len;
			if (at >= 20 && at < 24)
				continue; /* link types have their own test */
			o.data[at] = next_random(&random) % 2
					? (uint8_t)next_random(&random)
					: tempting[next_random(&random) % sizeof(tempting)];
		}
		compare(&o);
		octets_free(&o);
	}
}
END_TEST

static const struct {
	uint16_t major, minor;
} version_rows[] = {{2, 0}, {2, 2}, {2, 3}, {2, 5}, {1, 4}, {3, 0}, {543, 0}};

START_TEST(agrees_with_libpcap_on_versions)
{
	struct octets o;

	make_sample(&o, PCAP_MICRO, false);
	memcpy(o.data + 4, &version_rows[_i].major, 2);
	memcpy(o.data + 6, &version_rows[_i].minor, 2);
	compare(&o);
	octets_free(&o);
}
END_TEST

/* Packets of every size, so that the edges of chunks fall everywhere. */
START_TEST(agrees_with_libpcap_across_chunks)
{
	static uint8_t large[SOURCE_PACKET_MAX_BYTES + 4000];
	struct octets o = {.swapped = order_rows[_i].swapped};
	uint64_t random = 42;

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 7);
	pcap_begin(&o, order_rows[_i].magic, SOURCE_PACKET_MAX_BYTES, 1);
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t size = next_random(&random) % 2000;

		if (i % 500 == 250)
			size = SOURCE_PACKET_MAX_BYTES - next_random(&random) % 20;
		pcap_packet(&o, BASE_SEC + i, i, large + i, size > 1 ? size - i % 2 : size, size);
		o.data[o.len - (size > 2)] ^= (uint8_t)i;
	}
	compare(&o);
	octets_free(&o);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_pcap");
	TCase *tcase = tcase_create("pcap");
	int orders = (int)BASE_COUNT_OF(order_rows);

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, reads_both_orders_and_precisions, 0, orders);
	tcase_add_loop_test(tcase, believes_octets_rather_than_lengths, 0,
			(int)BASE_COUNT_OF(length_rows));
	tcase_add_loop_test(tcase, maps_link_types_and_counts_unknown_ones, 0,
			(int)BASE_COUNT_OF(link_rows));
	tcase_add_test(tcase, reads_times_after_2038);
	tcase_add_test(tcase, reads_the_modified_format);
	tcase_add_loop_test(tcase, agrees_with_libpcap_on_every_truncation, 0, orders);
	tcase_add_loop_test(tcase, agrees_with_libpcap_on_damage, 0, orders);
	tcase_add_loop_test(tcase, agrees_with_libpcap_on_versions, 0,
			(int)BASE_COUNT_OF(version_rows));
	tcase_add_loop_test(tcase, agrees_with_libpcap_across_chunks, 0, orders);
	suite_add_tcase(suite, tcase);
	return suite;
}
