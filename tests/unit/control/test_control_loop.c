/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_loop.h"
#include "fixture.h"
#include "unit_main.h"

#include <sys/resource.h>

#define US BASE_NS_PER_US
#define MIN CONTROL_PAUSE_MIN_NS
#define MAX CONTROL_PAUSE_MAX_NS

static const struct {
	const char *what;
	int64_t before_ns;
	struct control_turn turn;
	int64_t after_ns;
} pause_rows[] = {
		{"idle: the first pause is short", 0, {0, 0, false}, MIN},
		{"idle: then longer", MIN, {0, 0, false}, 2 * MIN},
		{"idle: up to a limit", MAX, {0, 0, false}, MAX},
		{"few records: longer too", 400 * US, {20, 10, false}, 800 * US},
		{"some records: right as it is", 400 * US, {200, 80, false}, 400 * US},
		{"many records: shorter", 400 * US, {800, 300, false}, 200 * US},
		{"many records: none at last", MIN, {800, 300, false}, 0},
		{"more than the budget: none", MAX, {4096, 60, true}, 0},
		{"some records after a rush", 0, {200, 80, false}, MIN},
};

START_TEST(pause_follows_the_fill_of_the_rings)
{
	ck_assert_msg(control_loop_pause(pause_rows[_i].before_ns, &pause_rows[_i].turn)
					== pause_rows[_i].after_ns,
			"%s", pause_rows[_i].what);
}
END_TEST

/* With a ring that is always full beside it, a ring still gets its share of every turn. */
START_TEST(no_ring_starves_another)
{
	fixture_prepare(3, 1, 16384);
	fixture_create();
	for (int i = 0; i < 10; i++) {
		while (fake_worker_make(&workers[0], 16384) > 0)
			continue;
		fake_worker_make(&workers[1], 10);
		fake_worker_make(&workers[2], 5000);
		struct control_turn turn = control_loop_turn(control, INT64_MAX);
		ck_assert(turn.more);
		ck_assert_uint_eq(turn.fill_permille, 1000);
		ck_assert_uint_eq(ring_consumed(workers[0].ring),
				(uint64_t)(i + 1) * CONTROL_BUDGET_RECORDS);
		ck_assert_uint_eq(ring_consumed(workers[1].ring), (uint64_t)(i + 1) * 10);
		ck_assert_uint_ge(ring_consumed(workers[2].ring),
				(uint64_t)(i + 1) * CONTROL_BUDGET_RECORDS);
	}
	fixture_destroy();
}
END_TEST

START_TEST(a_turn_ends_at_its_deadline)
{
	fixture_prepare(4, 1, 1024);
	fixture_create();
	fakes[0].write_ns = 20 * BASE_NS_PER_MS;
	for (int i = 0; i < 4; i++)
		fake_worker_make(&workers[i], 100);
	struct control_turn turn = control_loop_turn(control, in_ms(30));
	ck_assert_uint_ge(turn.taken, 100);
	ck_assert_uint_le(turn.taken, 300);
	fixture_destroy();
}
END_TEST

START_TEST(timers_run_without_workers_too)
{
	fixture_prepare(0, 2, 0);
	fixture_start();
	fake_sleep_ns(550 * BASE_NS_PER_MS);
	control_stop(control, in_ms(1000));
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_ge(fakes[i].ticks, 3);
		ck_assert_uint_le(fakes[i].ticks, 7);
	}
	fixture_destroy();
}
END_TEST

/* Ticks must not wait for the rings to be empty. */
START_TEST(timers_run_under_load)
{
	fixture_prepare(1, 1, 4096);
	fixture_start();
	workers[0].to_make = 40 * CONTROL_RUN_RECORDS;
	fakes[0].write_ns = 20 * BASE_NS_PER_MS;
	fake_worker_run(&workers[0]);
	control_stop(control, in_ms(10000));
	ck_assert_uint_eq(fakes[0].id_count, workers[0].to_make);
	ck_assert_uint_ge(fakes[0].ticks, 2);
	fixture_destroy();
}
END_TEST

static int64_t get_cpu_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * BASE_NS_PER_SEC
			+ (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * BASE_NS_PER_US;
}

/* Sanitizers make it slower; measured without them: under 1 %. */
START_TEST(idles_without_a_cpu)
{
	fixture_prepare(4, 1, 1024);
	fixture_start();
	int64_t before_ns = get_cpu_ns();
	fake_sleep_ns(BASE_NS_PER_SEC);
	ck_assert_int_lt(get_cpu_ns() - before_ns, 200 * BASE_NS_PER_MS);
	control_stop(control, in_ms(1000));
	fixture_destroy();
}
END_TEST

/*
 * A burst into a small ring after a long idle time: the thread must wake for it. How soon is the
 * scheduler's to say on a busy machine, so a full ring is asked again for some seconds.
 */
START_TEST(wakes_for_bursts)
{
	fixture_prepare(1, 1, 4096);
	fixture_start();
	for (int i = 0; i < 50; i++) {
		fake_sleep_ns(10 * BASE_NS_PER_MS);
		uint64_t made = workers[0].sequence;
		/* 100,000 records a second over 20 ms, in the bursts of a worker */
		for (int j = 0; j < 20; j++) {
			int64_t until_ns = in_ms(5000);
			uint32_t left = 100;
			while (left > 0 && base_clock_mono_ns() < until_ns) {
				left -= fake_worker_make(&workers[0], left);
				fake_sleep_ns(BASE_NS_PER_MS);
			}
			ck_assert_uint_eq(left, 0);
		}
		ck_assert_uint_eq(workers[0].sequence, made + 2000);
	}
	control_stop(control, in_ms(1000));
	ck_assert_uint_eq(fakes[0].id_count, 100000);
	fixture_destroy();
}
END_TEST

START_TEST(reopen_ends_a_pause)
{
	fixture_prepare(1, 2, 1024);
	fixture_start();
	fakes[1].reopen_error = -EACCES;
	fake_sleep_ns(20 * BASE_NS_PER_MS);
	for (uint32_t i = 1; i <= 5; i++) {
		int64_t until_ns = in_ms(5000);
		control_reopen(control);
		while (atomic_load(&fakes[1].reopens) < i && base_clock_mono_ns() < until_ns)
			fake_sleep_ns(BASE_NS_PER_MS);
		ck_assert_uint_eq(fakes[0].reopens, i);
		ck_assert_uint_eq(fakes[1].reopens, i);
	}
	control_stop(control, in_ms(1000));
	fixture_destroy();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_loop");
	TCase *tcase = tcase_create("loop");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, pause_follows_the_fill_of_the_rings, 0,
			(int)BASE_COUNT_OF(pause_rows));
	tcase_add_test(tcase, no_ring_starves_another);
	tcase_add_test(tcase, a_turn_ends_at_its_deadline);
	tcase_add_test(tcase, timers_run_without_workers_too);
	tcase_add_test(tcase, timers_run_under_load);
	tcase_add_test(tcase, idles_without_a_cpu);
	tcase_add_test(tcase, wakes_for_bursts);
	tcase_add_test(tcase, reopen_ends_a_pause);
	suite_add_tcase(suite, tcase);
	return suite;
}
