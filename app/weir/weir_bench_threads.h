/* SPDX-License-Identifier: BSD-3-Clause */
/* The CPUs that threads of weir bench get, and whether they get them. */
#ifndef WEIR_BENCH_THREADS_H
#define WEIR_BENCH_THREADS_H

#include "base_cacheline.h"

#include <pthread.h>
#include <stdint.h>

/*
 * Two threads side by side: the calling one stays on the CPU where it is, the other runs on any but
 * that. Left alone the scheduler may have them take turns on one for longer than they run. Where
 * there is one CPU only, they have to.
 */
int weir_bench_threads_fork(pthread_t *other, void *(*run)(void *), void *arg) BASE_MUST_CHECK;
/* Waits for the other; the calling thread may run anywhere again. */
void weir_bench_threads_join(pthread_t other);

struct weir_bench_watch {
	int64_t began_ns, waited_ns;
};

void weir_bench_watch_start(struct weir_bench_watch *watch);
/*
 * The part of the time since then in which the calling thread, the same, was ready to run and had
 * no CPU; 0 where the kernel does not say.
 */
double weir_bench_watch_waited(const struct weir_bench_watch *watch);

#endif
