/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether there is memory for a scenario of weir bench. Regions are touched lazily, so what is too
 * large does not fail when it is made: later the kernel kills a process to have memory.
 */
#ifndef WEIR_BENCH_MEMORY_H
#define WEIR_BENCH_MEMORY_H

#include "weir_bench_traffic.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR_BENCH_REGIONS 5
struct weir_bench_memory {
	/* each in reserved huge pages if there are enough for all of it; in order of their making
	 */
	uint64_t regions_bytes[WEIR_BENCH_REGIONS];
	uint64_t other_bytes;
};

/* What a scenario takes while it runs, but for what is small beside its tables. */
void weir_bench_memory_set(struct weir_bench_memory *memory, const struct weir_bench_shape *shape);

/*
 * True when there is room for it, and a quarter of what is available stays for everybody else.
 * *takes_bytes is what does not lie in reserved huge pages, *room_bytes what that may be. meminfo
 * is the path of a file such as WEIR_MEMINFO; where it does not say what is available all is said
 * to fit.
 */
bool weir_bench_memory_fits(const struct weir_bench_memory *memory, const char *meminfo,
		uint64_t *takes_bytes, uint64_t *room_bytes);

#endif
