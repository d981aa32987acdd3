/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What stands around the packet path, each measured alone: the clock hand, the ring, the control
 * thread with a file and with a collector, and whether two workers hinder one another.
 */
#ifndef WEIR_BENCH_PARTS_H
#define WEIR_BENCH_PARTS_H

#include "base_cacheline.h"
#include "weir_bench_figure.h"
#include "weir_bench_memory.h"

#include <stdbool.h>

struct weir_bench_part {
	const char *name, *what, *unit;
	bool quick;
	/* Measures, in runs of some milliseconds, and fills *figure. 0 or -errno. */
	int (*measure)(double tsc_per_sec, struct weir_bench_figure *figure);
	void (*reckon)(struct weir_bench_memory *memory); /* what it takes; NULL: little */
};

extern const struct weir_bench_part weir_bench_parts[];
extern const unsigned int weir_bench_part_count;

/* The port that weir_bench_ethdev() measures on: EAL has been told of it. */
#define WEIR_BENCH_VDEV "net_ring0"

int weir_bench_age(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;
void weir_bench_age_memory(struct weir_bench_memory *memory);
int weir_bench_publish(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;
int weir_bench_drain(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;
int weir_bench_send(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;
int weir_bench_ethdev(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;
void weir_bench_ethdev_memory(struct weir_bench_memory *memory);
int weir_bench_workers(double tsc_per_sec, struct weir_bench_figure *figure) BASE_MUST_CHECK;

#endif
