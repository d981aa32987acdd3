/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_messages.h"
#include "unit_main.h"

static uint8_t octets[70000];

static size_t make_stream(void)
{
	size_t length = sample_message(SAMPLE_TEMPLATE SAMPLE_RECORD, 0, octets);

	for (uint32_t i = 1; i < 5; i++)
		length += sample_message(SAMPLE_RECORD, i, octets + length);
	return length;
}

static uint64_t count(const struct ipfix_check *check, uint16_t rule)
{
	return ipfix_check_count(check, ipfix_rule_find(rule));
}

/* In pieces of any size, the messages are the same. */
START_TEST(pieces_become_messages)
{
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	struct collect_stream stream;
	size_t length = make_stream(), piece = (size_t)_i;

	collect_stream_init(&stream);
	for (size_t at = 0; at < length; at += piece) {
		if (piece > length - at)
			piece = length - at;
		ck_assert_int_eq(collect_stream_feed(&stream, check, octets + at, piece, 0), 0);
	}
	collect_stream_end(&stream, check, 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 5);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, 5);
	ck_assert_uint_eq(ipfix_check_totals(check)->octets, length);
	ck_assert_uint_eq(ipfix_check_broken(check, IPFIX_SEVERITY_ERROR), 0);
	ck_assert(!stream.lost);
	collect_stream_fini(&stream);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(garbage_loses_the_stream)
{
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	struct collect_stream stream;
	size_t length = make_stream();

	collect_stream_init(&stream);
	memcpy(octets + length, "garbage, and more", 17);
	ck_assert_int_eq(collect_stream_feed(&stream, check, octets, length + 17, 0), 0);
	ck_assert(stream.lost);
	ck_assert_uint_eq(count(check, 101), 1);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, 5);
	ck_assert_int_eq(collect_stream_feed(&stream, check, octets, length, 0), 0);
	ck_assert_uint_eq(stream.skipped, length);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, 5);
	collect_stream_reset(&stream);
	ck_assert_int_eq(collect_stream_feed(&stream, check, octets, length, 0), 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, 10);
	collect_stream_fini(&stream);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(half_a_message_at_the_end_is_told)
{
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_FILE, 0);
	struct collect_stream stream;
	size_t length = make_stream();

	collect_stream_init(&stream);
	ck_assert_int_eq(collect_stream_feed(&stream, check, octets, length - 3, 0), 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 4);
	collect_stream_end(&stream, check, 0);
	ck_assert_uint_eq(count(check, 102), 1);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 5);
	collect_stream_fini(&stream);
	ipfix_check_destroy(check);
}
END_TEST

/* The longest message there can be, and one behind it. */
START_TEST(longest_message_fits)
{
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	struct collect_stream stream;
	size_t length = sample_message(SAMPLE_TEMPLATE, 0, octets);

	sample_u16(octets + length, 256);
	sample_u16(octets + length + 2, (uint32_t)(65535 - length));
	memset(octets + length + 4, 0, 65535 - length);
	sample_u16(octets + 2, 65535);
	uint32_t records = (uint32_t)((65535 - length - 4) / 12);
	length = 65535 + sample_message(SAMPLE_RECORD, records, octets + 65535);
	collect_stream_init(&stream);
	ck_assert_int_eq(collect_stream_feed(&stream, check, octets, length, 0), 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 2);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, records + 1);
	ck_assert_uint_eq(count(check, 104), 0);
	collect_stream_fini(&stream);
	ipfix_check_destroy(check);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("collect_stream");
	TCase *tcase = tcase_create("stream");

	tcase_add_loop_test(tcase, pieces_become_messages, 1, 60);
	tcase_add_test(tcase, garbage_loses_the_stream);
	tcase_add_test(tcase, half_a_message_at_the_end_is_told);
	tcase_add_test(tcase, longest_message_fits);
	suite_add_tcase(suite, tcase);
	return suite;
}
