/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How large everything is that a scenario of weir bench sets up. Arithmetic only.
 */
#ifndef WEIR_BENCH_SIZES_H
#define WEIR_BENCH_SIZES_H

#include "flow_entry.h"
#include "weir_bench_traffic.h"

/* How far apart LIMIT's lines lie, and those of the hash. */
#define WEIR_BENCH_PLACE_BYTES sizeof(struct flow_entry)
#define WEIR_BENCH_LINE_BYTES BASE_CACHE_LINE_BYTES
/* How long a new flow stays: twice the idle timeout of scenarios with new flows. */
#define WEIR_BENCH_NEW_LIFE_SEC 1.0
/* 20 Mpps: how the flows' clock goes. */
#define WEIR_BENCH_PACKET_NS 50

struct weir_bench_sizes {
	uint32_t capacity; /* flows of a table, keys of the hash that are remembered */
	uint32_t entries; /* of the hash */
	uint32_t lines; /* of the hash */
	uint32_t places; /* of LIMIT */
};

void weir_bench_sizes_set(struct weir_bench_sizes *sizes, const struct weir_bench_shape *shape);

/* What DPDK's rte_hash takes, from one heap. */
uint64_t weir_bench_hash_bytes(uint32_t entries, uint32_t key_bytes);

#endif
