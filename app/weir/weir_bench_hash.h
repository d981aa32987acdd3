/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The yardstick's hash: DPDK's rte_hash in memory of the kind that the tables have. EAL's own
 * memory would not do: without hugepages it is a file, which gets no transparent ones either, and
 * how much there is has to be said at the start.
 */
#ifndef WEIR_BENCH_HASH_H
#define WEIR_BENCH_HASH_H

#include "base_region.h"

#include <stdint.h>

struct rte_hash;

struct weir_bench_hash {
	struct rte_hash *hash;
	struct base_region region; /* a heap of EAL while the hash lives */
};

/* For `entries` keys of key_bytes. Needs an initialised EAL. 0 or -errno; destroy() after a
 * failure, too. One at a time. */
int weir_bench_hash_create(
		struct weir_bench_hash *hash, uint32_t entries, uint32_t key_bytes) BASE_MUST_CHECK;
void weir_bench_hash_destroy(struct weir_bench_hash *hash);

#endif
