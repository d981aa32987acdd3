/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_pace.h"
#include "unit_main.h"

#define START (1000 * BASE_NS_PER_SEC)

static struct export_pace pace;

/* Sends what is allowed now, of as many as there are; returns how many that was. */
static unsigned int send_all(int64_t now_ns, unsigned int waiting)
{
	unsigned int sent = export_pace_allow(&pace, now_ns, waiting);

	export_pace_took(&pace, sent);
	return sent;
}

START_TEST(without_a_limit_all_go)
{
	export_pace_init(&pace, 0);
	ck_assert_uint_eq(send_all(START, 64), 64);
	ck_assert_uint_eq(send_all(START, 64), 64);
	ck_assert_int_eq(export_pace_wait_ns(&pace, START), 0);
}
END_TEST

static const struct {
	uint32_t per_sec;
	int64_t step_ns; /* how often somebody tries */
} paces[] = {
		{10, BASE_NS_PER_MS},
		{1000, 50 * BASE_NS_PER_US},
		{10000, 2 * BASE_NS_PER_MS},
		{1000000, 500 * BASE_NS_PER_US},
};

START_TEST(a_second_has_as_many_as_were_asked_for)
{
	uint64_t sent = 0;

	export_pace_init(&pace, paces[_i].per_sec);
	for (int64_t ns = 0; ns < 4 * BASE_NS_PER_SEC; ns += paces[_i].step_ns)
		sent += send_all(START + ns, 100000);
	ck_assert_uint_ge(sent, 4 * (uint64_t)paces[_i].per_sec * 99 / 100);
	ck_assert_uint_le(sent,
			4 * (uint64_t)paces[_i].per_sec * 101 / 100 + EXPORT_PACE_BURST + 1
					+ (uint64_t)(paces[_i].per_sec * EXPORT_PACE_SLACK_NS
							/ BASE_NS_PER_SEC));
}
END_TEST

START_TEST(a_pause_is_made_up_for_but_not_at_once)
{
	export_pace_init(&pace, 10000);
	ck_assert_uint_eq(send_all(START, 64), 21); /* 2 ms of them, and the one that is due */
	ck_assert_uint_eq(send_all(START, 64), 0);
	ck_assert_int_eq(export_pace_wait_ns(&pace, START), 100 * BASE_NS_PER_US);
	ck_assert_uint_eq(send_all(START + 100 * BASE_NS_PER_US, 64), 1);
	ck_assert_uint_eq(send_all(START + 60 * BASE_NS_PER_SEC, 64), 21);
}
END_TEST

START_TEST(the_slowest_pace_still_sends_templates_together)
{
	export_pace_init(&pace, 10);
	ck_assert_uint_ge(send_all(START, 64), EXPORT_PACE_BURST);
}
END_TEST

START_TEST(what_is_not_there_is_not_counted)
{
	export_pace_init(&pace, 10000);
	ck_assert_uint_eq(send_all(START, 3), 3);
	ck_assert_uint_eq(send_all(START, 64), 18);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("pace");
	TCase *tcase = tcase_create("pace");

	tcase_add_test(tcase, without_a_limit_all_go);
	tcase_add_loop_test(tcase, a_second_has_as_many_as_were_asked_for, 0,
			sizeof(paces) / sizeof(paces[0]));
	tcase_add_test(tcase, a_pause_is_made_up_for_but_not_at_once);
	tcase_add_test(tcase, the_slowest_pace_still_sends_templates_together);
	tcase_add_test(tcase, what_is_not_there_is_not_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
