/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_threads.h"

#include "base_clock.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

static cpu_set_t allowed; /* to the calling thread, before the fork */

static void separate(pthread_t other)
{
	cpu_set_t here, elsewhere = allowed;
	int cpu = sched_getcpu();

	if (cpu < 0 || CPU_COUNT(&allowed) < 2)
		return;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	CPU_CLR(cpu, &elsewhere);
	pthread_setaffinity_np(pthread_self(), sizeof(here), &here);
	pthread_setaffinity_np(other, sizeof(elsewhere), &elsewhere);
}

int weir_bench_threads_fork(pthread_t *other, void *(*run)(void *), void *arg)
{
	CPU_ZERO(&allowed);
	pthread_getaffinity_np(pthread_self(), sizeof(allowed), &allowed);
	int rc = -pthread_create(other, NULL, run, arg);
	if (rc == 0)
		separate(*other);
	return rc;
}

void weir_bench_threads_join(pthread_t other)
{
	pthread_join(other, NULL);
	pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
}

static int64_t read_waited_ns(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	int64_t waited_ns = 0;

	/* time on a CPU, time waiting for one, and how often */
	if (file && fscanf(file, "%*s %" SCNd64, &waited_ns) != 1)
		waited_ns = 0;
	if (file)
		fclose(file);
	return waited_ns;
}

void weir_bench_watch_start(struct weir_bench_watch *watch)
{
	watch->waited_ns = read_waited_ns();
	watch->began_ns = base_clock_mono_ns();
}

double weir_bench_watch_waited(const struct weir_bench_watch *watch)
{
	int64_t took_ns = base_clock_mono_ns() - watch->began_ns;

	return took_ns > 0 ? (double)(read_waited_ns() - watch->waited_ns) / (double)took_ns : 0;
}
