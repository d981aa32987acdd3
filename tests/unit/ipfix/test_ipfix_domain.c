/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_vectors.h"
#include "unit_main.h"

#define SECOND INT64_C(1000000000)
#define START UINT32_C(1085406248) /* export time of vector_message() */
#define FLOW "0002000c 01000001 00010004 "
#define OTHER "0002000c 01010001 00010004 "
#define ONE "01000008 00000007 "
#define TWO "0100000c 00000007 00000008 "
#define OTHER_ONE "01010008 00000007 "

static uint8_t octets[4096];
static struct ipfix_check *check;

static void give(const char *sets, uint32_t sequence, uint32_t after_sec, int64_t received_ns)
{
	size_t length = vector_message(sets, sequence, octets);
	uint32_t sec = START + after_sec;

	for (unsigned int i = 0; i < 4; i++)
		octets[4 + i] = (uint8_t)(sec >> (24 - 8 * i));
	ipfix_check_message(check, octets, length, received_ns);
}

static uint64_t count(uint16_t rule)
{
	return ipfix_check_count(check, ipfix_rule_find(rule));
}

static const struct ipfix_finding *first(uint16_t rule)
{
	unsigned int found;

	return ipfix_check_examples(check, ipfix_rule_find(rule), &found);
}

static void begin(enum ipfix_carrier carrier)
{
	check = ipfix_check_create(carrier, 0);
	ck_assert_ptr_nonnull(check);
}

static void end(void)
{
	ipfix_check_finish(check);
}

static void teardown(void)
{
	ipfix_check_destroy(check);
	check = NULL;
}

START_TEST(domain_is_summed)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	give(FLOW TWO, 0, 0, (START + 1) * SECOND);
	give(FLOW ONE, 2, 60, (START + 60) * SECOND + SECOND / 2);
	give(FLOW OTHER OTHER_ONE, 3, 150, (START + 152) * SECOND);
	end();
	const struct ipfix_check_domain *domain = ipfix_check_domain(check, 0);
	ck_assert_ptr_null(ipfix_check_domain(check, 1));
	ck_assert_uint_eq(domain->domain, 1);
	ck_assert_uint_eq(domain->version, 10);
	ck_assert_uint_eq(domain->messages, 3);
	ck_assert_uint_eq(domain->records, 4);
	ck_assert_uint_eq(domain->template_records, 4);
	ck_assert_uint_eq(domain->longest, 48);
	ck_assert_uint_eq(domain->octets, 40 + 36 + 48);
	ck_assert_uint_eq(domain->refresh_min_sec, 60);
	ck_assert_uint_eq(domain->refresh_max_sec, 90);
	ck_assert_uint_eq(domain->first_export_sec, START);
	ck_assert_uint_eq(domain->last_export_sec, START + 150);
	ck_assert(domain->timed);
	ck_assert_int_eq(domain->behind_min_ns, SECOND / 2);
	ck_assert_int_eq(domain->behind_max_ns, 2 * SECOND);
	ck_assert_int_eq(domain->counting, IPFIX_COUNTING_RIGHT);
	ck_assert_uint_eq(count(103), 0);
}
END_TEST

static const struct {
	int64_t behind_sec;
	const char *told; /* NULL: nothing */
} clocks[] = {
		{0, NULL},
		{59, NULL},
		{-59, NULL},
		{3600, "domain 1: export times are 3600 s behind the clock of who received them"},
		{-3600,
				"domain 1: export times are 3600 s ahead of the clock of who "
				"received them"},
};

START_TEST(skewed_clock_is_told)
{
	begin(IPFIX_CARRIER_STREAM);
	for (uint32_t i = 0; i < 3; i++)
		give(FLOW ONE, i, i, (START + i + clocks[_i].behind_sec) * SECOND);
	end();
	ck_assert_uint_eq(count(103), clocks[_i].told != NULL);
	if (clocks[_i].told) {
		ck_assert_str_eq(first(103)->sentence, clocks[_i].told);
		ck_assert(first(103)->spot.message == IPFIX_SESSION_WHOLE);
	}
}
END_TEST

/* What the numbers count besides, with and without a message that is lost. */
static const struct {
	bool messages, templates, loss;
	enum ipfix_counting counting;
} counters[] = {
		{false, false, false, IPFIX_COUNTING_RIGHT},
		{false, false, true, IPFIX_COUNTING_RIGHT},
		{true, false, false, IPFIX_COUNTING_MESSAGES},
		{true, false, true, IPFIX_COUNTING_MESSAGES},
		{false, true, false, IPFIX_COUNTING_TEMPLATES},
		{false, true, true, IPFIX_COUNTING_TEMPLATES},
};

START_TEST(what_is_counted_is_recognised)
{
	uint32_t sequence = 0;

	begin(IPFIX_CARRIER_DATAGRAMS);
	for (uint32_t i = 0; i < 40; i++) {
		bool templates = i % 2 == 0;
		if (!counters[_i].loss || i != 21)
			give(templates ? FLOW TWO : TWO, sequence, i, 0);
		sequence += counters[_i].messages ? 1 : 2 + (counters[_i].templates && templates);
	}
	end();
	const struct ipfix_check_domain *domain = ipfix_check_domain(check, 0);
	ck_assert_int_eq(domain->counting, counters[_i].counting);
	ck_assert_uint_eq(domain->missing,
			counters[_i].counting == IPFIX_COUNTING_RIGHT && counters[_i].loss ? 2 : 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->missing, domain->missing);
}
END_TEST

/* How long a template was waited for, from the middle of a session on, says whose fault it is. */
static const struct {
	uint32_t sec;
	uint16_t rule;
} waits[] = {{0, 0}, {599, 0}, {600, 301}, {1799, 301}, {1800, 302}, {100000, 302}};

START_TEST(template_is_waited_for)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	ipfix_check_set_place(check, 11);
	give(OTHER_ONE, 7, 0, 0);
	ipfix_check_set_place(check, 12);
	give(OTHER_ONE, 8, waits[_i].sec, 0);
	end();
	ck_assert_uint_eq(count(301) + count(302), waits[_i].rule != 0);
	ck_assert_uint_gt(count(waits[_i].rule), 0);
	if (waits[_i].rule) {
		ck_assert_uint_eq(first(waits[_i].rule)->spot.message, 0);
		ck_assert_uint_eq(first(waits[_i].rule)->spot.place, 11);
		ck_assert_uint_eq(first(waits[_i].rule)->spot.offset, 16);
	}
	ck_assert_uint_eq(ipfix_check_domain(check, 0)->unknown_sets, 2);
	ck_assert_uint_eq(ipfix_check_domain(check, 0)->waited_sets, 0);
}
END_TEST

START_TEST(template_that_comes_ends_the_wait)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	give(ONE ONE, 7, 0, 0);
	give(OTHER_ONE, 9, 1, 0);
	give(FLOW ONE, 10, 2000, 0);
	end();
	ck_assert_uint_eq(ipfix_check_domain(check, 0)->unknown_sets, 3);
	ck_assert_uint_eq(ipfix_check_domain(check, 0)->waited_sets, 2);
	ck_assert_uint_eq(count(302), 1);
	ck_assert_ptr_nonnull(strstr(first(302)->sentence, "template 257 of domain 1"));
}
END_TEST

/* More templates than are waited for: a note, and bounded memory. */
START_TEST(waiting_is_bounded)
{
	char set[64];

	begin(IPFIX_CARRIER_DATAGRAMS);
	for (uint32_t i = 0; i < 2 * IPFIX_CHECK_WAITING_MAX; i++) {
		snprintf(set, sizeof(set), "%04x0008 00000000", 300 + i);
		give(set, 7, i, 0);
	}
	ck_assert_uint_eq(count(0), IPFIX_CHECK_WAITING_MAX);
	end();
}
END_TEST

START_TEST(joined_stream_is_not_blamed)
{
	begin(IPFIX_CARRIER_STREAM);
	if (_i == 1)
		ipfix_check_set_joined(check);
	give(ONE, 7, 0, 0);
	give(ONE, 9, 4000, 0);
	end();
	ck_assert_uint_eq(count(302), _i == 1 ? 0 : 2);
}
END_TEST

START_TEST(skip_forgives_a_gap)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	give(FLOW ONE, 0, 0, 0);
	ipfix_check_skip(check);
	give(ONE, 100, 0, 0);
	give(ONE, 105, 0, 0);
	end();
	ck_assert_uint_eq(count(104), 1);
	ck_assert_uint_eq(ipfix_check_totals(check)->missing, 4);
}
END_TEST

START_TEST(blame_is_of_the_next_message)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	give(FLOW ONE, 0, 0, 0);
	ipfix_check_blame(check, 503, "a datagram without a checksum");
	give(ONE, 1, 0, 0);
	ck_assert_str_eq(first(503)->sentence, "a datagram without a checksum");
	ck_assert_uint_eq(first(503)->spot.message, 1);
	ck_assert_uint_eq(first(503)->spot.position, 36);
}
END_TEST

/* Who came late and saw little does not miss options; who saw the start does. */
START_TEST(what_never_came_is_missed_in_time_only)
{
	begin(IPFIX_CARRIER_DATAGRAMS);
	give(FLOW ONE, _i == 0 ? 0 : 5, 0, 0);
	give(ONE, _i == 0 ? 1 : 6, _i == 2 ? 600 : 1, 0);
	end();
	ck_assert_uint_eq(count(606), _i != 1);
	ck_assert_uint_eq(count(0), _i == 1);
}
END_TEST

static const struct {
	const char *times; /* flowEndSysUpTime, flowStartSysUpTime */
	const char *told;
} uptimes[] = {
		{"00001388 00000001", NULL},
		{"00001388 00001388", NULL},
		{"00000100 ffffff00", NULL}, /* over the wrap */
		{"00001388 3b9aca00", NULL}, /* a flow of 38 days */
		{"80000000 70000000", NULL}, /* long ago */
		{"0000f000 00000001", NULL}, /* a little ahead */
		{"00000001 00001388", "template 256: the flow starts 4999 ms after its end"},
		{"00100000 00001388", "template 256: the flow ends 1043 s after its export"},
};

START_TEST(times_since_start_are_judged)
{
	char message[256];

	begin(IPFIX_CARRIER_DATAGRAMS);
	snprintf(message, sizeof(message),
			"00090002 00001388 40b1fc28 00000000 0000002a"
			"00000010 01000002 00150004 00160004 0100000c %s",
			uptimes[_i].times);
	ipfix_check_message(check, octets, vector_octets(message, octets), 0);
	ck_assert_uint_eq(count(804), uptimes[_i].told != NULL);
	if (uptimes[_i].told)
		ck_assert_str_eq(first(804)->sentence, uptimes[_i].told);
	end();
}
END_TEST

struct told {
	char text[512];
};

static void tell(struct told *told, const char *what)
{
	strcat(told->text, what);
}

static void tell_head(void *context, const struct ipfix_head *head)
{
	(void)head;
	tell(context, "head ");
}

static void tell_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset)
{
	(void)known;
	(void)offset;
	tell(context, before ? "again " : "template ");
}

static void tell_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	(void)head;
	(void)id;
	(void)offset;
	tell(context, "withdrawn ");
}

static void tell_record(void *context, const struct ipfix_record_seen *record)
{
	(void)record;
	tell(context, "record ");
}

static void tell_unknown(void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	(void)head;
	(void)id;
	(void)offset;
	tell(context, "unknown ");
}

static void tell_problem(void *context, uint16_t rule, uint32_t offset, const char *sentence)
{
	char text[32];

	(void)offset;
	(void)sentence;
	snprintf(text, sizeof(text), "%u ", rule);
	tell(context, text);
}

static void tell_end(void *context, const struct ipfix_head *head, const struct ipfix_tally *tally)
{
	(void)head;
	(void)tally;
	tell(context, "end\n");
}

START_TEST(listener_is_told_in_order)
{
	static const struct ipfix_reader_ops ops = {tell_head, tell_template, tell_withdrawal,
			tell_record, tell_unknown, tell_problem, tell_end};
	struct told told = {""};

	begin(IPFIX_CARRIER_DATAGRAMS);
	ipfix_check_set_listener(check, &ops, &told);
	give(FLOW TWO, 0, 0, 0);
	give(FLOW OTHER_ONE "00020008 01000000", 9, 0, 0);
	ck_assert_str_eq(told.text,
			"head template record record end\n"
			"head again unknown 302 withdrawn 304 104 end\n");
	end(); /* what only the end shows belongs to no message */
	ck_assert_uint_eq(strlen(told.text),
			strlen("head template record record end\n"
			       "head again unknown 302 withdrawn 304 104 "
			       "end\n"));
	ck_assert_uint_gt(count(606), 0);
}
END_TEST

static void add_records(void *context, const struct ipfix_known *known)
{
	*(uint64_t *)context += known->records * 1000 + known->announced;
}

START_TEST(templates_are_counted)
{
	uint64_t sum = 0;

	begin(IPFIX_CARRIER_STREAM);
	give(FLOW TWO, 0, 0, 0);
	give(FLOW ONE, 2, 0, 0);
	ipfix_check_templates(check, add_records, &sum);
	ck_assert_uint_eq(sum, 3002);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_domain");
	TCase *tcase = tcase_create("domain");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, domain_is_summed);
	tcase_add_loop_test(tcase, skewed_clock_is_told, 0, BASE_COUNT_OF(clocks));
	tcase_add_loop_test(tcase, what_is_counted_is_recognised, 0, BASE_COUNT_OF(counters));
	tcase_add_loop_test(tcase, template_is_waited_for, 0, BASE_COUNT_OF(waits));
	tcase_add_test(tcase, template_that_comes_ends_the_wait);
	tcase_add_test(tcase, waiting_is_bounded);
	tcase_add_loop_test(tcase, joined_stream_is_not_blamed, 0, 2);
	tcase_add_test(tcase, skip_forgives_a_gap);
	tcase_add_test(tcase, blame_is_of_the_next_message);
	tcase_add_loop_test(tcase, what_never_came_is_missed_in_time_only, 0, 3);
	tcase_add_loop_test(tcase, times_since_start_are_judged, 0, BASE_COUNT_OF(uptimes));
	tcase_add_test(tcase, listener_is_told_in_order);
	tcase_add_test(tcase, templates_are_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
