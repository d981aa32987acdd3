/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_figure.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct weir_bench_figure weir_bench_figure_make(double *runs, int count)
{
	qsort(runs, (size_t)count, sizeof(*runs), by_value);
	return (struct weir_bench_figure){
			.value = runs[count / 4],
			.noise = runs[count * 3 / 4] / runs[count / 4] - 1,
	};
}
