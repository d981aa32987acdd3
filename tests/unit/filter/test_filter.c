/* SPDX-License-Identifier: BSD-3-Clause */
#include "filter.h"
#include "unit_main.h"

#include <errno.h>
#include <string.h>

/* Ethernet, IPv4, TCP from 10.0.0.1:1 to 10.0.0.2:80, SYN; 60 octets. */
static const uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 0, 0,
		0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50,
		2};

static struct filter *make(const char *expression)
{
	struct filter *filter;
	char error[256] = "";

	ck_assert_msg(filter_create(&filter, expression, error, sizeof(error)) == 0, "%s: %s",
			expression, error);
	return filter;
}

static const struct {
	const char *expression;
	bool matches;
} rows[] = {
		{"tcp", true},
		{"udp", false},
		{"host 10.0.0.2", true},
		{"src host 10.0.0.2", false},
		{"net 10.0.0.0/8 and tcp port 80", true},
		{"portrange 1-79", true},
		{"dst portrange 1-79", false},
		{"tcp[tcpflags] & tcp-syn != 0", true},
		{"tcp[tcpflags] & tcp-ack != 0", false},
		{"vlan", false},
		{"ip6", false},
		{"ether host 02:00:00:00:00:01", true},
		{"greater 61", false},
		{"less 60", true},
		{"len == 60", true},
};

START_TEST(expressions_judge_packets)
{
	struct filter *filter = make(rows[_i].expression);

	ck_assert_int_eq(filter_matches(filter, PACKET_LINK_ETHERNET, frame, sizeof(frame),
					 sizeof(frame)),
			rows[_i].matches);
	ck_assert_uint_eq(filter_unfit_packets(filter), 0);
	filter_destroy(filter);
}
END_TEST

/* The same IP packet behind other link layers, or none. */
START_TEST(each_link_type_has_its_own_code)
{
	struct filter *filter = make("tcp dst port 80");
	uint8_t cooked[16 + 46] = {[14] = 8};

	memcpy(cooked + 16, frame + 14, 46);
	ck_assert(filter_matches(filter, PACKET_LINK_RAW, frame + 14, 46, 46));
	ck_assert(filter_matches(filter, PACKET_LINK_SLL, cooked, sizeof(cooked), sizeof(cooked)));
	ck_assert(!filter_matches(
			filter, PACKET_LINK_ETHERNET, cooked, sizeof(cooked), sizeof(cooked)));
	filter_destroy(filter);
}
END_TEST

START_TEST(what_does_not_fit_is_rejected_and_counted)
{
	struct filter *filter = make("ether host 02:00:00:00:00:01");

	ck_assert(!filter_matches(filter, PACKET_LINK_RAW, frame + 14, 46, 46));
	ck_assert(!filter_matches(filter, PACKET_LINK_UNKNOWN, frame, 60, 60));
	ck_assert_uint_eq(filter_unfit_packets(filter), 2);
	filter_destroy(filter);
}
END_TEST

/* len is the length on the wire; what was not captured cannot match. */
START_TEST(cut_packets_keep_their_length)
{
	struct filter *longer = make("len > 1000"), *port = make("tcp port 80");

	ck_assert(filter_matches(longer, PACKET_LINK_ETHERNET, frame, 60, 1514));
	ck_assert(filter_matches(port, PACKET_LINK_ETHERNET, frame, 38, 1514));
	ck_assert(!filter_matches(port, PACKET_LINK_ETHERNET, frame, 37, 1514));
	ck_assert(!filter_matches(port, PACKET_LINK_ETHERNET, frame, 0, 60));
	filter_destroy(longer);
	filter_destroy(port);
}
END_TEST

static const char *const bad[] = {"tcp port", "hst 10.0.0.1", "port 70000", "tcp and (udp",
		"host 10.0.0.300", "len >"};

START_TEST(bad_expressions_say_why)
{
	struct filter *filter;
	char error[256] = "";

	ck_assert_int_eq(filter_create(&filter, bad[_i], error, sizeof(error)), -EINVAL);
	ck_assert_uint_gt(strlen(error), 5);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("filter");
	TCase *tcase = tcase_create("filter");

	tcase_add_loop_test(tcase, expressions_judge_packets, 0, (int)BASE_COUNT_OF(rows));
	tcase_add_test(tcase, each_link_type_has_its_own_code);
	tcase_add_test(tcase, what_does_not_fit_is_rejected_and_counted);
	tcase_add_test(tcase, cut_packets_keep_their_length);
	tcase_add_loop_test(tcase, bad_expressions_say_why, 0, (int)BASE_COUNT_OF(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
