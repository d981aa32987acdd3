/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_measure.h"

#include "weir_bench_figure.h"
#include "weir_bench_rows.h"
#include "weir_bench_sizes.h"

#include <stdlib.h>
#include <x86intrin.h>

#define BURST WEIR_BENCH_BURST
#define SLICE_PACKETS (1 << 17)

static struct weir_bench_traffic traffic;

static double run_slice(enum weir_bench_row row, uint64_t *positions)
{
	/* each row goes on where it was: all see the same packets, none twice in a row */
	traffic.random = positions[0];
	traffic.next_new = (uint32_t)positions[1];
	traffic.next_drawn = (uint32_t)positions[2];
	uint64_t before = __rdtsc();
	for (int done = 0; done < SLICE_PACKETS; done += BURST) {
		weir_bench_traffic_draw(&traffic);
		weir_bench_rows_run(row);
	}
	double cycles = (double)(__rdtsc() - before) / SLICE_PACKETS;
	positions[0] = traffic.random;
	positions[1] = traffic.next_new;
	positions[2] = traffic.next_drawn;
	return cycles;
}

/* Every flow is there before the clock runs. */
static void fill(void)
{
	for (uint32_t first = 0; first < traffic.shape.flows; first += BURST) {
		weir_bench_traffic_count(&traffic, first);
		for (int r = WEIR_BENCH_LIMIT; r < WEIR_BENCH_COUNT; r++)
			weir_bench_rows_run((enum weir_bench_row)r);
	}
}

/* Until new flows end as fast as they begin. */
static void warm_up(uint64_t positions[WEIR_BENCH_COUNT][3])
{
	uint32_t new_percent = traffic.shape.new_percent;
	int64_t life_ns = (int64_t)(2 * WEIR_BENCH_NEW_LIFE_SEC * 1e9);

	for (int r = 0; r < WEIR_BENCH_COUNT; r++)
		run_slice((enum weir_bench_row)r, positions[r]);
	for (int r = WEIR_BENCH_TABLE; new_percent % 100 > 0 && r < WEIR_BENCH_COUNT; r++) {
		enum weir_bench_row row = (enum weir_bench_row)r;
		int64_t until_ns = weir_bench_rows_clock_ns(row) + life_ns;
		while (weir_bench_rows_clock_ns(row) < until_ns)
			run_slice(row, positions[r]);
	}
}

static void sum_up(double cycles[WEIR_BENCH_COUNT][WEIR_BENCH_SLICES_MAX], int slices,
		struct weir_bench_result *result)
{
	struct weir_bench_figure figures[WEIR_BENCH_COUNT];

	for (int r = 0; r < WEIR_BENCH_COUNT; r++) {
		figures[r] = weir_bench_figure_make(cycles[r], slices);
		/* the first row is what all others have in common */
		result->cycles[r] = figures[r].value
				- (r == WEIR_BENCH_MAKE ? 0 : figures[WEIR_BENCH_MAKE].value);
	}
	result->noise = figures[WEIR_BENCH_FLOOR].noise;
	result->limit_noise = figures[WEIR_BENCH_LIMIT].noise;
}

int weir_bench_measure(const struct weir_bench_scenario *scenario, int slices,
		struct weir_bench_result *result)
{
	static double cycles[WEIR_BENCH_COUNT][WEIR_BENCH_SLICES_MAX];
	uint64_t positions[WEIR_BENCH_COUNT][3];
	int rc = weir_bench_rows_set_up(scenario, &traffic);

	if (rc == 0)
		rc = weir_bench_traffic_init(&traffic, &scenario->shape);
	if (rc == 0) {
		fill();
		weir_bench_traffic_rewind(&traffic);
		for (int r = 0; r < WEIR_BENCH_COUNT; r++) {
			positions[r][0] = traffic.random;
			positions[r][1] = traffic.next_new;
			positions[r][2] = traffic.next_drawn;
		}
		warm_up(positions);
		for (int i = 0; i < slices; i++) {
			for (int r = 0; r < WEIR_BENCH_COUNT; r++)
				cycles[r][i] = run_slice((enum weir_bench_row)r, positions[r]);
		}
		sum_up(cycles, slices, result);
	}
	weir_bench_traffic_fini(&traffic);
	weir_bench_rows_tear_down();
	return rc;
}
