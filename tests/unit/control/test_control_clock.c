/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "control_clock.h"
#include "unit_main.h"

#define MS BASE_NS_PER_MS
#define HOUR (3600 * BASE_NS_PER_SEC)

static const int64_t *readings;
static int taken;

static int64_t next_reading(void)
{
	return readings[taken++];
}

static int64_t check(struct control_clock *clock, const int64_t *distances_ns)
{
	readings = distances_ns;
	taken = 0;
	return control_clock_check(clock, next_reading);
}

static const struct {
	const char *what;
	int64_t known_ns;
	int64_t readings[3];
	int64_t step_ns;
} rows[] = {
		{"nothing", 0, {0}, 0},
		{"nothing since a step", HOUR, {HOUR}, 0},
		{"smaller than a step", 0, {9 * MS}, 0},
		{"an hour forward", 0, {HOUR, HOUR, HOUR}, HOUR},
		{"an hour back", 0, {-HOUR, -HOUR, -HOUR}, -HOUR},
		{"and home again", HOUR, {0, 0, 0}, -HOUR},
		{"preempted once", 0, {-50 * MS, 0}, 0},
		{"preempted twice", 0, {-50 * MS, -20 * MS, -2 * MS}, 0},
		{"preempted in a step", 0, {HOUR - 40 * MS, HOUR, HOUR - 30 * MS}, HOUR},
};

START_TEST(judges)
{
	struct control_clock clock = {.known_ns = rows[_i].known_ns};
	int64_t after = rows[_i].known_ns + rows[_i].step_ns;

	ck_assert_msg(check(&clock, rows[_i].readings) == rows[_i].step_ns, "%s", rows[_i].what);
	ck_assert_int_eq(clock.known_ns, after);
}
END_TEST

START_TEST(tells_a_step_once)
{
	struct control_clock clock = {0};
	static const int64_t stepped[] = {HOUR, HOUR, HOUR};

	ck_assert_int_eq(check(&clock, stepped), HOUR);
	ck_assert_int_eq(check(&clock, stepped), 0);
	ck_assert_int_eq(taken, 1);
}
END_TEST

START_TEST(agrees_with_the_real_clock)
{
	struct control_clock clock = {.known_ns = base_clock_step_ns()};

	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(control_clock_check(&clock, base_clock_step_ns), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_loop_test(tcase, judges, 0, (int)BASE_COUNT_OF(rows));
	tcase_add_test(tcase, tells_a_step_once);
	tcase_add_test(tcase, agrees_with_the_real_clock);
	suite_add_tcase(suite, tcase);
	return suite;
}
