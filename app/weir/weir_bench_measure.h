/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What weir's packet path costs on this machine, beside yardsticks that run in the same
 * process, in turns, on the same packets:
 *
 *     floor   decode alone
 *     LIMIT   decode, and one random cache line updated whose index is known: no exact table can be
 *             faster on this machine. The lines lie as far apart as the table's entries, in memory
 *             of the same kind, so that caches and page tables are asked for as much.
 *     hash    decode, DPDK's rte_hash with the same 40-octet key, and a line of counters; all of it
 *             in memory of the same kind, too
 *     table   decode, flow table with all its fields and biflows
 *     weir    decode of all views, flow table, clock hand, records published
 *
 * Where some flows are new, the clock hand goes in `table`, too: else none would end.
 *
 * A figure is the lower quartile of slices of some milliseconds, less the cost of making the
 * packets: what else the machine does falls away.
 */
#ifndef WEIR_BENCH_MEASURE_H
#define WEIR_BENCH_MEASURE_H

#include "weir_bench_traffic.h"

enum weir_bench_row {
	WEIR_BENCH_MAKE,
	WEIR_BENCH_FLOOR,
	WEIR_BENCH_LIMIT,
	WEIR_BENCH_HASH,
	WEIR_BENCH_TABLE,
	WEIR_BENCH_WEIR,
	WEIR_BENCH_COUNT
};

struct weir_bench_scenario {
	const char *name, *what;
	struct weir_bench_shape shape;
	bool export, quick;
};

struct weir_bench_result {
	double cycles[WEIR_BENCH_COUNT];
	double noise; /* how far apart the quartiles of the floor are */
	double limit_noise; /* those of LIMIT, where memory has a say, too */
};

/*
 * Sets up, fills, measures `slices` (8 to WEIR_BENCH_SLICES_MAX) of each row in turns, tears down.
 * Needs an initialised EAL. 0 or -errno (-ENOMEM).
 */
#define WEIR_BENCH_SLICES_MAX 24
int weir_bench_measure(const struct weir_bench_scenario *scenario, int slices,
		struct weir_bench_result *result) BASE_MUST_CHECK;

#endif
