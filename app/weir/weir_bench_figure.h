/* SPDX-License-Identifier: BSD-3-Clause */
/* What is made of many short runs: one figure, and how far it can be trusted. */
#ifndef WEIR_BENCH_FIGURE_H
#define WEIR_BENCH_FIGURE_H

struct weir_bench_figure {
	double value; /* the lower quartile of the runs: what else the machine does falls away */
	double noise; /* how far the upper quartile is above it, in parts of it */
};

/* Of what `count` (4 or more) runs took, which are sorted. */
struct weir_bench_figure weir_bench_figure_make(double *runs, int count);

#endif
