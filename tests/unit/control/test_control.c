/* SPDX-License-Identifier: BSD-3-Clause */
#include "fixture.h"
#include "unit_main.h"

#include <signal.h>

#define MS BASE_NS_PER_MS

static pthread_t threads[FIXTURE_WORKERS];

static void start_workers(uint64_t records_each)
{
	for (uint32_t i = 0; i < setup.worker_count; i++) {
		workers[i].to_make = records_each;
		ck_assert_int_eq(
				pthread_create(&threads[i], NULL, fake_worker_run, &workers[i]), 0);
	}
}

static void join_workers(void)
{
	for (uint32_t i = 0; i < setup.worker_count; i++)
		pthread_join(threads[i], NULL);
}

/* Every record once, and those of one worker in the order they were made. */
static void check_delivery(const struct export_output *output)
{
	uint64_t next[FIXTURE_WORKERS] = {0};

	for (size_t i = 0; i < output->id_count; i++) {
		uint64_t worker = output->ids[i] >> 48;
		ck_assert_uint_lt(worker, FIXTURE_WORKERS);
		ck_assert_uint_eq(output->ids[i] & FAKE_SEQUENCE_MASK, next[worker]);
		next[worker]++;
	}
	for (uint32_t i = 0; i < setup.worker_count; i++)
		ck_assert_uint_eq(next[i], workers[i].sequence);
}

static void check_ledger_closes(void)
{
	static struct stats_identity identities[STATS_MAX_IDENTITIES];
	static struct control_view view;

	control_snapshot(control, &view);
	size_t count = stats_audit(&view.snapshot, identities, STATS_MAX_IDENTITIES);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(!identities[i].judged || identities[i].residual == 0,
				"%s %s: residual %lld", identities[i].subject, identities[i].unit,
				(long long)identities[i].residual);
}

/* A small ring and blocking outputs, as in replay: nothing is lost. */
START_TEST(threads_lose_nothing)
{
	fixture_prepare(FIXTURE_WORKERS, 2, 256);
	setup.replay = true;
	setup.top_count = 10;
	fixture_start();
	start_workers(20000);
	join_workers();
	control_stop(control, INT64_MAX);
	for (int i = 0; i < 2; i++)
		check_delivery(&fakes[i]);
	check_ledger_closes();

	struct control_top tops[20];
	ck_assert_uint_eq(control_tops(control, tops, 20), 10);
	ck_assert_uint_eq(tops[0].error_bytes, 0);
	ck_assert_uint_ge(tops[0].bytes, tops[9].bytes);
	fixture_destroy();
}
END_TEST

START_TEST(a_blocked_output_of_a_replay_holds_the_workers)
{
	fixture_prepare(1, 1, 1024);
	setup.replay = true;
	fixture_create();
	atomic_store(&fakes[0].blocked, true);
	ck_assert_int_eq(control_start(control), 0);
	start_workers(10000);
	fake_sleep_ns(100 * MS);
	ck_assert_uint_le(ring_produced(workers[0].ring), 1024 + 512);
	atomic_store(&fakes[0].blocked, false);
	join_workers();
	control_stop(control, INT64_MAX);
	check_delivery(&fakes[0]);
	ck_assert_uint_eq(fakes[0].counters[STATS_output_sent], 10000);
	fixture_destroy();
}
END_TEST

START_TEST(a_blocked_output_of_a_live_run_holds_nobody)
{
	fixture_prepare(1, 2, 1024);
	fixture_create();
	atomic_store(&fakes[0].blocked, true);
	fakes[0].queue_limit = 100;
	ck_assert_int_eq(control_start(control), 0);
	start_workers(10000);
	join_workers();
	await_taken(10000);
	control_stop(control, in_ms(50));
	check_delivery(&fakes[1]);
	check_ledger_closes();
	ck_assert_uint_eq(fakes[0].counters[STATS_output_lost_queue_full], 9900);
	ck_assert_uint_eq(fakes[0].counters[STATS_output_lost_closed], 100);
	ck_assert_uint_eq(fakes[1].counters[STATS_output_sent], 10000);
	fixture_destroy();
}
END_TEST

START_TEST(stop_takes_what_waits)
{
	fixture_prepare(2, 1, 16384);
	fixture_create();
	fake_worker_make(&workers[0], 16000);
	fake_worker_make(&workers[1], 3);
	ck_assert_int_eq(control_start(control), 0);
	control_stop(control, in_ms(5000));
	check_delivery(&fakes[0]);
	ck_assert(fakes[0].closed);
	check_ledger_closes();
	fixture_destroy();
}
END_TEST

/* Slow outputs: at the deadline what is left stays in the ring, and the ledger says so. */
START_TEST(stop_ends_by_its_deadline)
{
	static struct control_view view;

	fixture_prepare(1, 1, 16384);
	fixture_create();
	fakes[0].write_ns = 30 * MS;
	fake_worker_make(&workers[0], 16384);
	ck_assert_int_eq(control_start(control), 0);
	int64_t start_ns = base_clock_mono_ns();
	control_stop(control, start_ns + 200 * MS);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, 1500 * MS);
	control_snapshot(control, &view);
	ck_assert_uint_gt(view.snapshot.ring_waiting, 0);
	ck_assert_uint_eq(view.ring_waiting[0], view.snapshot.ring_waiting);
	ck_assert_uint_eq(view.snapshot.control[STATS_records_taken] + view.snapshot.ring_waiting,
			16384);
	check_ledger_closes();
	fixture_destroy();
}
END_TEST

/* A pager that nobody scrolls, and Control-C. */
START_TEST(stop_frees_a_replay_from_a_blocked_output)
{
	fixture_prepare(1, 1, 1024);
	setup.replay = true;
	fixture_create();
	atomic_store(&fakes[0].blocked, true);
	ck_assert_int_eq(control_start(control), 0);
	fake_worker_make(&workers[0], 1000);
	fake_sleep_ns(50 * MS);
	int64_t start_ns = base_clock_mono_ns();
	control_stop(control, start_ns + 100 * MS);
	ck_assert_int_ge(base_clock_mono_ns() - start_ns, 90 * MS);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, 1000 * MS);
	ck_assert(fakes[0].closed);
	check_ledger_closes();
	fixture_destroy();
}
END_TEST

START_TEST(stop_leaves_a_thread_that_hangs)
{
	fixture_prepare(1, 1, 1024);
	setup.top_count = 5;
	fixture_create();
	atomic_store(&fakes[0].hung, true);
	ck_assert_int_eq(control_start(control), 0);
	fake_worker_make(&workers[0], 10);
	fake_sleep_ns(50 * MS);
	int64_t start_ns = base_clock_mono_ns();
	control_stop(control, start_ns + 100 * MS);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, 3000 * MS);
	struct control_top top;
	ck_assert_uint_eq(control_tops(control, &top, 1), 0);
	struct control *left = control;
	control_destroy(control);
	/* the memory is still there for the thread when it comes back */
	atomic_store(&fakes[0].hung, false);
	pthread_join(left->thread, NULL);
	ck_assert_uint_eq(fakes[0].id_count, 10);
	left->abandoned = false;
	fixture_destroy();
}
END_TEST

START_TEST(stop_without_start_closes)
{
	fixture_prepare(1, 1, 1024);
	fixture_create();
	fake_worker_make(&workers[0], 7);
	control_stop(control, in_ms(1000));
	control_stop(control, in_ms(1000));
	ck_assert(fakes[0].closed);
	ck_assert_uint_eq(fakes[0].id_count, 7);
	fixture_destroy();
}
END_TEST

START_TEST(destroy_stops)
{
	fixture_prepare(1, 1, 1024);
	fixture_start();
	control_destroy(control);
	control = NULL;
	ck_assert(fakes[0].closed);
	control_destroy(NULL);
	fixture_destroy();
}
END_TEST

START_TEST(create_tells_why_an_output_failed)
{
	char error[200] = "";

	fixture_prepare(1, 2, 1024);
	fakes[1].open_error = -EACCES;
	ck_assert_int_eq(control_create(&control, &setup, error, sizeof(error)), -EACCES);
	ck_assert_str_eq(error, "output out1: no");
	ck_assert(fakes[0].closed);
	control = NULL;
	fixture_destroy();
}
END_TEST

START_TEST(create_refuses_ports_that_cannot_be_told_apart)
{
	char error[200] = "";

	fixture_prepare(1, 0, 1024);
	setup.port_count = 2;
	ports[1].polled = NULL;
	ck_assert_int_eq(control_create(&control, &setup, error, sizeof(error)), -EINVAL);
	ck_assert_str_eq(error, "port uplink1 does not say what was polled from it");
	control = NULL;
	fixture_destroy();
}
END_TEST

START_TEST(outputs_know_ports_by_name)
{
	fixture_prepare(1, 1, 1024);
	setup.port_count = 2;
	fixture_create();
	ck_assert_uint_eq(fakes[0].context->port_count, 2);
	ck_assert_str_eq(fakes[0].context->port_names[1], "uplink1");
	ck_assert(!fakes[0].context->may_block);
	ck_assert_ptr_eq(control_get_setup(control)->workers, described);
	ck_assert_int_le(control_started_ns(control), base_clock_wall_ns());
	fixture_destroy();
}
END_TEST

static sigset_t seen_mask;

static void look_at_mask(struct export_output *output, uint32_t count)
{
	(void)output;
	(void)count;
	pthread_sigmask(SIG_SETMASK, NULL, &seen_mask);
}

START_TEST(signals_are_left_to_the_main_thread)
{
	fixture_prepare(1, 1, 1024);
	fixture_create();
	fakes[0].on_write = look_at_mask;
	fake_worker_make(&workers[0], 1);
	ck_assert_int_eq(control_start(control), 0);
	control_stop(control, in_ms(5000));
	ck_assert(sigismember(&seen_mask, SIGTERM));
	ck_assert(sigismember(&seen_mask, SIGHUP));
	pthread_sigmask(SIG_SETMASK, NULL, &seen_mask);
	ck_assert(!sigismember(&seen_mask, SIGTERM));
	fixture_destroy();
}
END_TEST

START_TEST(runs_on_its_cpu_or_says_that_it_cannot)
{
	fixture_prepare(1, 1, 1024);
	config.workers.control_cpu = _i == 0 ? 0 : CPU_SETSIZE - 1;
	fixture_start();
	fake_worker_make(&workers[0], 5);
	await_taken(5);
	control_stop(control, in_ms(1000));
	fixture_destroy();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, threads_lose_nothing);
	tcase_add_test(tcase, a_blocked_output_of_a_replay_holds_the_workers);
	tcase_add_test(tcase, a_blocked_output_of_a_live_run_holds_nobody);
	tcase_add_test(tcase, stop_takes_what_waits);
	tcase_add_test(tcase, stop_ends_by_its_deadline);
	tcase_add_test(tcase, stop_frees_a_replay_from_a_blocked_output);
	tcase_add_test(tcase, stop_leaves_a_thread_that_hangs);
	tcase_add_test(tcase, stop_without_start_closes);
	tcase_add_test(tcase, destroy_stops);
	tcase_add_test(tcase, create_tells_why_an_output_failed);
	tcase_add_test(tcase, create_refuses_ports_that_cannot_be_told_apart);
	tcase_add_test(tcase, outputs_know_ports_by_name);
	tcase_add_test(tcase, signals_are_left_to_the_main_thread);
	tcase_add_loop_test(tcase, runs_on_its_cpu_or_says_that_it_cannot, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
