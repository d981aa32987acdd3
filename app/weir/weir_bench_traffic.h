/* SPDX-License-Identifier: BSD-3-Clause */
/* Traffic for weir bench: bursts of frames of numbered flows, made as cheaply as possible. */
#ifndef WEIR_BENCH_TRAFFIC_H
#define WEIR_BENCH_TRAFFIC_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stdint.h>

#define WEIR_BENCH_BURST 64
#define WEIR_BENCH_FRAME_BYTES 128

enum weir_bench_wrap { WEIR_BENCH_PLAIN, WEIR_BENCH_VLAN, WEIR_BENCH_VXLAN };

struct weir_bench_shape {
	uint32_t flows; /* that there are */
	bool zipf; /* exponent 1.1; else uniform */
	bool half_ipv6; /* flows with an odd number */
	bool both_ways; /* every other packet, at random, goes back; plain IPv4 only */
	uint32_t new_percent; /* packets that begin a flow that never was */
	enum weir_bench_wrap wrap;
};

struct weir_bench_traffic {
	struct weir_bench_shape shape;
	uint32_t *drawn; /* Zipf: flow numbers drawn in advance; NULL: uniform */
	uint32_t next_drawn;
	uint64_t random;
	uint32_t next_new; /* number of the next new flow, from shape.flows on */
	/* the burst */
	uint8_t frames[WEIR_BENCH_BURST][WEIR_BENCH_FRAME_BYTES] BASE_CACHE_ALIGNED;
	uint32_t bytes[WEIR_BENCH_BURST];
	uint32_t numbers[WEIR_BENCH_BURST];
};

/* 0 or -ENOMEM. */
int weir_bench_traffic_init(struct weir_bench_traffic *traffic,
		const struct weir_bench_shape *shape) BASE_MUST_CHECK;
void weir_bench_traffic_fini(struct weir_bench_traffic *traffic);
/* Flow numbers as the shape says. */
void weir_bench_traffic_draw(struct weir_bench_traffic *traffic);
/* The flows from `first` on, one packet each: to fill a table. */
void weir_bench_traffic_count(struct weir_bench_traffic *traffic, uint32_t first);
/* Everything from the beginning again, so that all that is compared sees the same packets. */
void weir_bench_traffic_rewind(struct weir_bench_traffic *traffic);

#endif
