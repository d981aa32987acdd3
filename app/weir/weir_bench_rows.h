/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of weir bench: what each does with a burst. One set at a time, one thread. */
#ifndef WEIR_BENCH_ROWS_H
#define WEIR_BENCH_ROWS_H

#include "weir_bench_measure.h"

/* Makes tables and yardsticks for a scenario; 0 or -errno. tear_down() after a failure, too. */
int weir_bench_rows_set_up(const struct weir_bench_scenario *scenario,
		struct weir_bench_traffic *traffic) BASE_MUST_CHECK;
void weir_bench_rows_tear_down(void);
/* One burst of the traffic through one row. */
void weir_bench_rows_run(enum weir_bench_row row);
/* The time in a row's table (WEIR_BENCH_TABLE, WEIR_BENCH_WEIR). */
int64_t weir_bench_rows_clock_ns(enum weir_bench_row row);

#endif
