/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sample.h"
#include "ipfix_vectors.h"
#include "unit_main.h"

#include <errno.h>

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1795224700) * SECOND)

static uint8_t octets[70000];
static struct ipfix_check *check;

/* Rules that were broken, "104 605", with notes or without. */
static const char *list_broken(bool notes)
{
	static char text[512];

	text[0] = 0;
	for (unsigned int i = 0; i < ipfix_rule_count; i++) {
		if (ipfix_check_count(check, i) == 0
				|| (!notes && ipfix_rules[i].severity == IPFIX_SEVERITY_NOTE))
			continue;
		sprintf(text + strlen(text), "%s%u", *text ? " " : "", ipfix_rules[i].number);
	}
	return text;
}

static const char *first_sentence(uint16_t rule)
{
	unsigned int count;
	const struct ipfix_finding *finding =
			ipfix_check_examples(check, ipfix_rule_find(rule), &count);

	ck_assert_ptr_nonnull(finding);
	return finding->sentence;
}

/* Sets with the sequence number of their message; one after the other in one session. */
struct step {
	const char *sets;
	uint32_t sequence;
};

#define FLOW "0002000c 01000001 00010004 "
#define ONE "01000008 00000007"
#define TWO "0100000c 00000007 00000008"

static const struct {
	const char *name;
	enum ipfix_carrier carrier;
	struct step steps[5];
	const char *broken; /* errors and warnings */
} sessions[] = {
		{"in order", IPFIX_CARRIER_FILE, {{FLOW TWO, 5}, {ONE, 7}, {TWO, 8}, {ONE, 10}},
				"606"},
		{"over the wrap", IPFIX_CARRIER_FILE, {{FLOW TWO, 0xffffffff}, {ONE, 1}, {ONE, 2}},
				"606"},
		{"records lost", IPFIX_CARRIER_DATAGRAMS, {{FLOW TWO, 0}, {ONE, 9}}, "104 606"},
		{"counts messages", IPFIX_CARRIER_FILE,
				{{FLOW TWO, 0}, {TWO, 1}, {TWO, 2}, {TWO, 3}, {TWO, 4}}, "104 606"},
		{"counts templates", IPFIX_CARRIER_FILE, {{FLOW ONE, 0}, {ONE, 2}}, "104 606"},
		{"went back", IPFIX_CARRIER_FILE, {{FLOW ONE, 50}, {ONE, 0}}, "104 606"},
		/* what was not understood cannot be counted; no blame for what follows */
		{"template missed", IPFIX_CARRIER_DATAGRAMS, {{ONE, 0}, {ONE, 9}}, "302"},
		{"template not seen yet", IPFIX_CARRIER_DATAGRAMS, {{ONE, 1}, {ONE, 9}}, ""},
		{"template after data", IPFIX_CARRIER_DATAGRAMS,
				{{ONE, 1}, {FLOW ONE, 9}, {ONE, 10}}, ""},
		{"template after data in a file", IPFIX_CARRIER_FILE, {{ONE, 1}, {FLOW ONE, 9}},
				"302 606"},
		{"datagrams out of order", IPFIX_CARRIER_DATAGRAMS,
				{{FLOW TWO, 5}, {TWO, 9}, {TWO, 7}, {ONE, 11}}, "104"},
		{"datagrams come twice", IPFIX_CARRIER_DATAGRAMS,
				{{FLOW TWO, 5}, {TWO, 7}, {TWO, 7}, {ONE, 9}}, ""},
		{"restart on the same port", IPFIX_CARRIER_DATAGRAMS,
				{{FLOW TWO, 90}, {FLOW TWO, 0}, {TWO, 2}, {TWO, 4}}, "105"},
		{"withdrawal over UDP", IPFIX_CARRIER_DATAGRAMS,
				{{FLOW, 0}, {"00020008 01000000", 0}}, "304"},
		{"withdrawal over TCP", IPFIX_CARRIER_STREAM, {{FLOW, 0}, {"00020008 01000000", 0}},
				""},
		{"changed in place", IPFIX_CARRIER_STREAM,
				{{FLOW, 0}, {"0002000c 01000001 00020004", 0}}, "204"},
		{"announced again", IPFIX_CARRIER_STREAM, {{FLOW, 0}, {FLOW, 0}}, ""},
		{"withdrawn, then changed", IPFIX_CARRIER_STREAM,
				{{FLOW, 0}, {"00020008 01000000", 0},
						{"0002000c 01000001 00020004", 0}},
				""},
		{"lint", IPFIX_CARRIER_FILE, {{"0002000c 01000001 00080003", 0}}, "404"},
		{"interfaces without names", IPFIX_CARRIER_FILE,
				{{"0002000c 01000001 000a0004" ONE, 0}}, "605 606"},
		{"end reason", IPFIX_CARRIER_FILE, {{"0002000c 01000001 00880001 01000005 07", 0}},
				"606 801"},
		{"end before start", IPFIX_CARRIER_FILE,
				{{"00020010 01000002 00960004 00970004"
				  "0100000c 40b1fc28 40b1fc27",
						0}},
				"606 804"},
		{"end after export", IPFIX_CARRIER_FILE,
				{{"00020010 01000002 00960004 00970004"
				  "0100000c 40b1fc28 40b1fd28",
						0}},
				"606 804"},
		{"trailing octets", IPFIX_CARRIER_DATAGRAMS, {{FLOW "0000", 0}}, "111"},
};

START_TEST(session_is_judged)
{
	check = ipfix_check_create(sessions[_i].carrier, 0);
	for (unsigned int i = 0; i < 5 && sessions[_i].steps[i].sets; i++) {
		size_t length = vector_message(
				sessions[_i].steps[i].sets, sessions[_i].steps[i].sequence, octets);
		ipfix_check_message(check, octets, length, 0);
	}
	ipfix_check_finish(check);
	ck_assert_msg(strcmp(list_broken(false), sessions[_i].broken) == 0, "%s: %s, not %s",
			sessions[_i].name, list_broken(false), sessions[_i].broken);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(sequence_faults_are_told)
{
	check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	ipfix_check_message(check, octets, vector_message(FLOW TWO, 5, octets), 0);
	ipfix_check_message(check, octets, vector_message(ONE, 10, octets), 0);
	ck_assert_str_eq(first_sentence(104),
			"domain 1: sequence number 10, expected 7: 3 records are missing");
	ck_assert_uint_eq(ipfix_check_totals(check)->missing, 3);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(who_counts_messages_is_told)
{
	unsigned int count;

	check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	for (uint32_t i = 0; i < 4; i++)
		ipfix_check_message(check, octets, vector_message(FLOW TWO, i, octets), 0);
	ipfix_check_finish(check);
	ck_assert_uint_eq(ipfix_check_count(check, ipfix_rule_find(104)), 3);
	ipfix_check_examples(check, ipfix_rule_find(104), &count);
	ck_assert_uint_eq(count, IPFIX_CHECK_EXAMPLES);
	ipfix_check_destroy(check);
	check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	ipfix_check_message(check, octets, vector_message(FLOW TWO, 0, octets), 0);
	ipfix_check_finish(check);
	ck_assert_uint_eq(ipfix_check_count(check, ipfix_rule_find(104)), 0);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(export_time_going_back_is_told)
{
	size_t length;

	check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	ipfix_check_message(check, octets, vector_message(FLOW, 0, octets), 0);
	length = vector_message(FLOW, 0, octets);
	octets[7] -= 3;
	ipfix_check_message(check, octets, length, 0);
	ck_assert_str_eq(first_sentence(103), "domain 1: export time went back by 3 s");
	ipfix_check_destroy(check);
}
END_TEST

/* Templates that are never repeated, over two hours of datagrams. */
START_TEST(missing_refresh_is_told)
{
	check = ipfix_check_create(IPFIX_CARRIER_DATAGRAMS, 0);
	ipfix_check_message(check, octets, vector_message(FLOW ONE, 0, octets), 0);
	size_t length = vector_message(ONE, 1, octets);
	octets[6] += 0x1c; /* 7168 s */
	octets[6] &= 0xff;
	ipfix_check_message(check, octets, length, 0);
	octets[5] += 1;
	octets[11] = 2;
	ipfix_check_message(check, octets, length, 0);
	ipfix_check_finish(check);
	ck_assert_ptr_nonnull(
			strstr(first_sentence(301), "template 256 of domain 1 was sent last"));
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(long_datagrams_are_told)
{
	check = ipfix_check_create(IPFIX_CARRIER_DATAGRAMS, 0);
	size_t length = vector_message(FLOW, 0, octets);
	memset(octets + length, 0, 2000);
	octets[length] = 1;
	octets[length + 2] = 2000 >> 8;
	octets[length + 3] = 2000 & 0xff;
	length += 2000;
	octets[2] = (uint8_t)(length >> 8);
	octets[3] = (uint8_t)length;
	ipfix_check_message(check, octets, length, 0);
	ck_assert_str_eq(first_sentence(504), "a datagram of 2028 octets");
	ipfix_check_destroy(check);
}
END_TEST

static void feed(void *context, struct ipfix_message *message)
{
	struct ipfix_session *session = context;

	if (message->flow_records > 0)
		ipfix_session_stamp(session, message, START);
	ipfix_check_message(check, message->octets, message->length, START);
}

/* weir's own export breaks no rule, not even the notes. */
START_TEST(own_messages_are_clean)
{
	static struct ipfix_plan plan;
	static const struct ipfix_selector selector = {
			.id = 1, .algorithm = IPFIX_ALGORITHM_SYSTEMATIC, .interval = 1};
	const struct ipfix_report report = {.interfaces = sample_interfaces,
			.interface_count = 2,
			.selectors = &selector,
			.selector_count = 1};
	const struct ipfix_session_settings settings = {
			.domain = 1, .message_bytes = 1400, .datagrams = true};
	struct flow_record records[] = {sample_record(), sample_record6(), sample_record_around()};
	struct ipfix_session session;
	struct ipfix_builder builder;
	static uint8_t data[1400];

	check = ipfix_check_create((enum ipfix_carrier)_i, 4711);
	ipfix_plan_init(&plan, &(struct ipfix_settings){.selector_id = 1, .enterprise = 4711});
	ck_assert_int_eq(ipfix_session_init(&session, &plan, &settings), 0);
	ipfix_session_open(&session);
	ipfix_session_announce(&session, START, &report, octets, feed, &session);
	ck_assert_int_eq(ipfix_builder_init(&builder, &plan, &sample_scene, data, 1400), 0);
	ipfix_builder_set_sink(&builder, feed, &session);
	for (unsigned int i = 0; i < 100; i++)
		ipfix_builder_add(&builder, records, 3);
	ipfix_builder_flush(&builder);
	ipfix_check_finish(check);
	ck_assert_str_eq(list_broken(true), "");
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, session.totals.messages);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, session.totals.data_records);
	ck_assert_uint_gt(ipfix_check_totals(check)->options_records, 20);
	ck_assert_uint_eq(ipfix_check_totals(check)->unknown_sets, 0);
	for (unsigned int severity = 0; severity < IPFIX_SEVERITY_COUNT; severity++)
		ck_assert_uint_eq(ipfix_check_broken(check, (enum ipfix_severity)severity), 0);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(private_elements_want_an_explanation)
{
	check = ipfix_check_create(IPFIX_CARRIER_FILE, 0);
	size_t length = vector_message("00020010 01000001 80010004 00001267", 0, octets);
	ipfix_check_message(check, octets, length, 0);
	ipfix_check_finish(check);
	ck_assert_str_eq(first_sentence(609), "element 1 of enterprise 4711 is not explained");
	ipfix_check_destroy(check);
	check = ipfix_check_create(IPFIX_CARRIER_FILE, 0);
	ipfix_check_message(check, octets, length, 0);
	length = vector_message("00030016 01010003 0002 015a0004 012f0002 01530001"
				"0101000b 00001267 8001 03",
			0, octets);
	ipfix_check_message(check, octets, length, 0);
	ipfix_check_finish(check);
	ck_assert_str_eq(list_broken(true), "");
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(streams_are_cut_into_messages)
{
	size_t first = vector_message(FLOW ONE, 0, octets);
	size_t second = vector_message(TWO, 1, octets + first);

	check = ipfix_check_create(IPFIX_CARRIER_STREAM, 0);
	ck_assert_int_eq(ipfix_check_stream(check, octets, first + 5, 0), (int64_t)first);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 1);
	ck_assert_int_eq(ipfix_check_stream(check, octets + first, second, 0), (int64_t)second);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, 2);
	ck_assert_uint_eq(ipfix_check_totals(check)->octets, first + second);
	ck_assert_str_eq(list_broken(false), "");
	octets[1] = 77;
	ck_assert_int_eq(ipfix_check_stream(check, octets, first, 0), -EBADMSG);
	ck_assert_str_eq(list_broken(false), "101");
	ck_assert_uint_eq(ipfix_check_totals(check)->unreadable, 1);
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(domains_are_bounded)
{
	check = ipfix_check_create(IPFIX_CARRIER_FILE, 0);
	size_t length = vector_message(FLOW, 0, octets);
	for (unsigned int domain = 0; domain < 2 * IPFIX_CHECK_DOMAINS_MAX; domain++) {
		octets[15] = (uint8_t)domain;
		ipfix_check_message(check, octets, length, 0);
	}
	ck_assert_str_eq(list_broken(true), "0");
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(version_9_counts_are_held_against_it)
{
	const char *message = "00090002 00001388 40b1fc28 00000007 0000002a"
			      "0000000c 01000001 00080004 01000008 c0000201";
	size_t length = vector_octets(message, octets);

	check = ipfix_check_create(IPFIX_CARRIER_DATAGRAMS, 0);
	ipfix_check_message(check, octets, length, 0);
	octets[15] = 8;
	ipfix_check_message(check, octets, length, 0);
	ck_assert_str_eq(list_broken(true), "");
	octets[15] = 11;
	octets[3] = 3;
	ipfix_check_message(check, octets, length, 0);
	ck_assert_str_eq(list_broken(true), "104 905");
	ck_assert_str_eq(first_sentence(905), "a count of 3, the message holds 2 records");
	ck_assert_str_eq(first_sentence(104),
			"domain 42: sequence number 11, expected 9: 2 messages "
			"lost on the way, or not counted");
	ipfix_check_destroy(check);
}
END_TEST

START_TEST(rules_are_in_order_and_worded)
{
	for (unsigned int i = 0; i < ipfix_rule_count; i++) {
		ck_assert_uint_eq(ipfix_rule_find(ipfix_rules[i].number), i);
		ck_assert(i == 0 || ipfix_rules[i].number > ipfix_rules[i - 1].number);
		ck_assert_uint_lt(ipfix_rules[i].severity, IPFIX_SEVERITY_COUNT);
		ck_assert_uint_gt(strlen(ipfix_rules[i].text), 10);
	}
	ck_assert_uint_eq(ipfix_rule_find(999), ipfix_rule_count);
	ck_assert_str_eq(ipfix_severity_name(IPFIX_SEVERITY_ERROR), "error");
	ck_assert_str_eq(ipfix_severity_name((enum ipfix_severity)9), "unknown");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_check");
	TCase *tcase = tcase_create("check");

	tcase_add_loop_test(tcase, session_is_judged, 0, BASE_COUNT_OF(sessions));
	tcase_add_test(tcase, sequence_faults_are_told);
	tcase_add_test(tcase, who_counts_messages_is_told);
	tcase_add_test(tcase, export_time_going_back_is_told);
	tcase_add_test(tcase, missing_refresh_is_told);
	tcase_add_test(tcase, long_datagrams_are_told);
	tcase_add_loop_test(tcase, own_messages_are_clean, 0, 3);
	tcase_add_test(tcase, private_elements_want_an_explanation);
	tcase_add_test(tcase, streams_are_cut_into_messages);
	tcase_add_test(tcase, domains_are_bounded);
	tcase_add_test(tcase, version_9_counts_are_held_against_it);
	tcase_add_test(tcase, rules_are_in_order_and_worded);
	suite_add_tcase(suite, tcase);
	return suite;
}
