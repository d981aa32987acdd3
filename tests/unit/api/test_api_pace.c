/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_pace.h"
#include "base_cacheline.h"
#include "unit_main.h"

#define MS BASE_NS_PER_MS
#define SEC BASE_NS_PER_SEC
#define T0 (INT64_C(1000) * SEC)

/* Who asks a second time only when the answer is there, `queries` times; returns the time it took.
 */
static int64_t storm(struct api_pace *pace, int64_t now_ns, int queries, int64_t reading_ns)
{
	int64_t began_ns = now_ns;

	for (int i = 0; i < queries; i++) {
		now_ns += reading_ns;
		pace->spent_ns += reading_ns;
		now_ns = api_pace_due(pace, now_ns);
	}
	return now_ns - began_ns;
}

START_TEST(one_reading_waits_for_nothing)
{
	struct api_pace pace = {.spent_ns = 150 * MS};

	ck_assert_int_eq(api_pace_due(&pace, T0), T0);
	ck_assert_int_eq(pace.spent_ns, 0);
}
END_TEST

START_TEST(a_display_of_a_million_flows_never_waits)
{
	struct api_pace pace = {0};

	for (int second = 0; second < 100; second++) {
		pace.spent_ns = 150 * MS;
		ck_assert_int_eq(api_pace_due(&pace, T0 + second * SEC), T0 + second * SEC);
	}
}
END_TEST

/* For any size of table, and with several that ask at once. */
START_TEST(a_storm_reads_a_sixth_of_the_time)
{
	static const int64_t readings_ns[] = {20000, MS, 100 * MS, SEC};

	for (size_t i = 0; i < BASE_COUNT_OF(readings_ns); i++) {
		struct api_pace pace = {0};
		int queries = (int)(100 * SEC / readings_ns[i]);
		double share = (double)(queries * readings_ns[i])
				/ (double)storm(&pace, T0, queries, readings_ns[i]);
		ck_assert_double_gt(share, 1.0 / (API_PACE_REST + 1));
		ck_assert_double_lt(share, 1.02 / (API_PACE_REST + 1));
	}
}
END_TEST

START_TEST(no_answer_waits_for_more_than_five_seconds)
{
	struct api_pace pace = {0};

	for (int i = 0; i < 10; i++) {
		pace.spent_ns = 20 * SEC;
		ck_assert_int_le(api_pace_due(&pace, T0), T0 + API_PACE_HELD_MAX_NS);
	}
	ck_assert_int_eq(api_pace_due(&pace, T0 + SEC), T0 + API_PACE_HELD_MAX_NS);
}
END_TEST

START_TEST(rest_is_not_saved_up)
{
	struct api_pace pace = {0};
	int64_t first_ns = storm(&pace, T0, 1000, MS);

	ck_assert_int_eq(storm(&pace, T0 + 3600 * SEC, 1000, MS), first_ns);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("api_pace");
	TCase *tcase = tcase_create("pace");

	tcase_add_test(tcase, one_reading_waits_for_nothing);
	tcase_add_test(tcase, a_display_of_a_million_flows_never_waits);
	tcase_add_test(tcase, a_storm_reads_a_sixth_of_the_time);
	tcase_add_test(tcase, no_answer_waits_for_more_than_five_seconds);
	tcase_add_test(tcase, rest_is_not_saved_up);
	suite_add_tcase(suite, tcase);
	return suite;
}
