/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "export_sample.h"
#include "export_text.h"
#include "unit_main.h"

#include <inttypes.h>

/* What the writer left in a buffer of exactly the promised size. */
static char text[EXPORT_TEXT_BYTES + 1];

static const char *ended(char *end)
{
	ck_assert_int_le(end - text, EXPORT_TEXT_BYTES);
	*end = '\0';
	return text;
}

static void check_u64(uint64_t value)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%" PRIu64, value);
	ck_assert_str_eq(ended(export_text_u64(text, value)), expected);
}

START_TEST(decimals_of_every_length)
{
	check_u64(0);
	check_u64(UINT64_MAX);
	for (uint64_t power = 1, i = 0; i < 20; i++, power *= 10) {
		check_u64(power - 1);
		check_u64(power);
		check_u64(power + 1);
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		check_u64(UINT64_C(1) << bit);
		check_u64((UINT64_C(1) << bit) - 1);
	}
}
END_TEST

START_TEST(hexadecimal_keeps_its_zeros)
{
	ck_assert_str_eq(ended(export_text_hex64(text, 0)), "0000000000000000");
	ck_assert_str_eq(ended(export_text_hex64(text, UINT64_C(0x123456789abcdef))),
			"0123456789abcdef");
	ck_assert_str_eq(ended(export_text_hex64(text, UINT64_MAX)), "ffffffffffffffff");
}
END_TEST

START_TEST(ipv4_like_inet_ntop)
{
	char expected[INET_ADDRSTRLEN];

	for (unsigned int i = 0; i < 256; i++) {
		uint8_t octets[4] = {
				(uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7), (uint8_t)(i / 3)};
		inet_ntop(AF_INET, octets, expected, sizeof(expected));
		ck_assert_str_eq(ended(export_text_ipv4(text, octets)), expected);
	}
}
END_TEST

static void check_ipv6(const uint8_t octets[16])
{
	char expected[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, octets, expected, sizeof(expected));
	ck_assert_str_eq(ended(export_text_ipv6(text, octets)), expected);
}

/* All 256 patterns of zero and other words, with words of every length: each shape of the text. */
START_TEST(ipv6_like_inet_ntop_in_every_shape)
{
	static const uint16_t values[] = {0x1, 0x20, 0x300, 0x4000, 0xffff};

	for (unsigned int pattern = 0; pattern < 256; pattern++) {
		for (unsigned int v = 0; v < 5; v++) {
			uint8_t octets[16] = {0};
			for (unsigned int i = 0; i < 8; i++) {
				uint16_t word = pattern >> i & 1 ? values[(v + i) % 5] : 0;
				octets[2 * i] = (uint8_t)(word >> 8);
				octets[2 * i + 1] = (uint8_t)word;
			}
			check_ipv6(octets);
		}
	}
}
END_TEST

START_TEST(ipv6_like_inet_ntop_at_random)
{
	uint64_t seed = 0x6006;

	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t halves[2] = {sample_random(&seed), sample_random(&seed)};
		uint64_t mask = sample_random(&seed);
		uint8_t octets[16];

		memcpy(octets, halves, sizeof(octets));
		for (unsigned int o = 0; o < 16; o++) /* most octets zero: many runs */
			octets[o] = mask >> (2 * o) & 3 ? 0 : octets[o];
		check_ipv6(octets);
	}
}
END_TEST

struct ipv6_row {
	const char *address;
	const char *expected;
};

static const struct ipv6_row ipv6_rows[] = {
		{"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"::ffff:192.0.2.128", "::ffff:192.0.2.128"},
		{"2001:DB8::AA", "2001:db8::aa"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
				"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

START_TEST(ipv6_as_rfc_5952)
{
	union packet_address address;

	sample_address(&address, ipv6_rows[_i].address);
	ck_assert_str_eq(ended(export_text_ipv6(text, address.octets)), ipv6_rows[_i].expected);
}
END_TEST

struct time_row {
	int64_t ns;
	const char *expected;
};

static const struct time_row time_rows[] = {
		{0, "1970-01-01T00:00:00.000000000Z"},
		{-1, "1969-12-31T23:59:59.999999999Z"},
		{SAMPLE_NS + 123456789, "2026-11-21T01:30:00.123456789Z"},
		{INT64_C(951782400) * 1000000000, "2000-02-29T00:00:00.000000000Z"},
		{INT64_C(4107542400) * 1000000000 - 1, "2100-02-28T23:59:59.999999999Z"},
		{INT64_C(4107542400) * 1000000000, "2100-03-01T00:00:00.000000000Z"},
		{INT64_C(2147483648) * 1000000000, "2038-01-19T03:14:08.000000000Z"},
		{INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
		{INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
};

START_TEST(times_with_nanoseconds)
{
	struct export_text_day day;

	export_text_day_init(&day);
	ck_assert_str_eq(ended(export_text_time(text, time_rows[_i].ns, &day)),
			time_rows[_i].expected);
	/* once more from the cache */
	ck_assert_str_eq(ended(export_text_time(text, time_rows[_i].ns, &day)),
			time_rows[_i].expected);
}
END_TEST

START_TEST(times_agree_with_the_clock_in_any_order)
{
	struct export_text_day day;
	char expected[BASE_CLOCK_ISO_BYTES];
	uint64_t seed = 77;

	export_text_day_init(&day);
	for (unsigned int i = 0; i < 100000; i++) {
		int64_t ns = (int64_t)sample_random(&seed);
		base_clock_format_iso(ns, expected);
		ck_assert_str_eq(ended(export_text_time(text, ns, &day)), expected);
	}
}
END_TEST

START_TEST(seconds_are_exact)
{
	ck_assert_str_eq(ended(export_text_seconds(text, 0)), "0.000000000");
	ck_assert_str_eq(ended(export_text_seconds(text, 125000)), "0.000125000");
	ck_assert_str_eq(ended(export_text_seconds(text, INT64_C(86400000000001))),
			"86400.000000001");
	ck_assert_str_eq(ended(export_text_seconds(text, INT64_MAX)), "9223372036.854775807");
	ck_assert_str_eq(ended(export_text_seconds(text, -5)), "0.000000000");
}
END_TEST

START_TEST(flags_are_letters_for_each_bit)
{
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0)), "");
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0x1b)), "APSF");
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0xff)), "CEUAPRSF");
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0x102)), "NS");
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0xfff)), "XYZNCEUAPRSF");
	ck_assert_str_eq(ended(export_text_tcp_flags(text, 0xf000)), "");
}
END_TEST

struct escape_row {
	const char *name;
	const char *json;
	const char *csv;
};

#define BAD "\xef\xbf\xbd"

static const struct escape_row escape_rows[] = {
		{"", "", ""},
		{"eth1", "eth1", "eth1"},
		{"up, \"left\"", "up, \\\"left\\\"", "\"up, \"\"left\"\"\""},
		{"a\\b", "a\\\\b", "a\\b"},
		{"one\ntwo\r\x01\x1f", "one\\u000atwo\\u000d\\u0001\\u001f", "one two   "},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9f",
				"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9f",
				"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9f"},
		{"\xff\xc3", BAD BAD, BAD BAD},
		{"\xc0\xaf", BAD BAD, BAD BAD}, /* overlong slash */
		{"\xed\xa0\x80", BAD BAD BAD, BAD BAD BAD}, /* surrogate */
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD, BAD BAD BAD BAD}, /* above U+10FFFF */
		{"\xe2\x82", BAD BAD, BAD BAD}, /* cut */
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
};

START_TEST(names_are_escaped)
{
	const struct escape_row *row = &escape_rows[_i];

	ck_assert_str_eq(ended(export_text_json(text, row->name)), row->json);
	ck_assert_str_eq(ended(export_text_csv(text, row->name)), row->csv);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, decimals_of_every_length);
	tcase_add_test(tcase, hexadecimal_keeps_its_zeros);
	tcase_add_test(tcase, ipv4_like_inet_ntop);
	tcase_add_test(tcase, ipv6_like_inet_ntop_in_every_shape);
	tcase_add_test(tcase, ipv6_like_inet_ntop_at_random);
	tcase_add_loop_test(tcase, ipv6_as_rfc_5952, 0, (int)BASE_COUNT_OF(ipv6_rows));
	tcase_add_loop_test(tcase, times_with_nanoseconds, 0, (int)BASE_COUNT_OF(time_rows));
	tcase_add_test(tcase, times_agree_with_the_clock_in_any_order);
	tcase_add_test(tcase, seconds_are_exact);
	tcase_add_test(tcase, flags_are_letters_for_each_bit);
	tcase_add_loop_test(tcase, names_are_escaped, 0, (int)BASE_COUNT_OF(escape_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
