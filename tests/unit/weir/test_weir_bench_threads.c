/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "base_clock.h"
#include "weir_bench_threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

static cpu_set_t own_cpus(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	ck_assert_int_eq(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	return cpus;
}

struct other {
	atomic_bool begun, look, stop;
	cpu_set_t cpus;
};

static void *spin(void *arg)
{
	struct other *other = arg;

	atomic_store(&other->begun, true);
	while (!atomic_load(&other->look))
		continue;
	other->cpus = own_cpus();
	while (!atomic_load(&other->stop))
		continue;
	return NULL;
}

START_TEST(two_threads_have_different_cpus)
{
	const cpu_set_t before = own_cpus();
	struct other other = {.stop = true};
	cpu_set_t both;
	pthread_t thread;

	ck_assert_int_eq(weir_bench_threads_fork(&thread, spin, &other), 0);
	const cpu_set_t here = own_cpus();
	atomic_store(&other.look, true);
	weir_bench_threads_join(thread);
	const cpu_set_t after = own_cpus();
	ck_assert(CPU_EQUAL(&before, &after));
	CPU_AND(&both, &here, &other.cpus);
	ck_assert_int_eq(CPU_COUNT(&both), CPU_COUNT(&before) > 1 ? 0 : 1);
}
END_TEST

static void spin_for(int64_t span_ns)
{
	int64_t until_ns = base_clock_mono_ns() + span_ns;

	while (base_clock_mono_ns() < until_ns)
		continue;
}

static void stay_on(int cpu)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(here), &here), 0);
}

/* Two that spin on one CPU wait for half of the time; whatever else runs can only make it more. */
START_TEST(waiting_for_a_cpu_is_noticed)
{
	struct other other = {.look = true};
	struct weir_bench_watch watch;
	pthread_t thread;

	if (access("/proc/thread-self/schedstat", R_OK) != 0)
		return;
	stay_on(sched_getcpu());
	ck_assert_int_eq(pthread_create(&thread, NULL, spin, &other), 0);
	while (!atomic_load(&other.begun))
		sched_yield();
	weir_bench_watch_start(&watch);
	spin_for(200 * BASE_NS_PER_MS);
	double waited = weir_bench_watch_waited(&watch);
	atomic_store(&other.stop, true);
	pthread_join(thread, NULL);
	ck_assert_double_gt(waited, 0.2);
	ck_assert_double_le(waited, 1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_bench_threads");
	TCase *tcase = tcase_create("threads");

	tcase_add_test(tcase, two_threads_have_different_cpus);
	tcase_add_test(tcase, waiting_for_a_cpu_is_noticed);
	suite_add_tcase(suite, tcase);
	return suite;
}
