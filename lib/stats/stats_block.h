/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counter blocks: one writer publishes a whole set of counters, any thread reads a consistent copy.
 *
 * The writer counts in a plain array of its own and publishes it with stats_block_publish() once a
 * burst; `sequence` is odd while it does (a seqlock). A reader retries until it saw the same even
 * number before and after, so every identity over one block holds exactly in every copy.
 */
#ifndef STATS_BLOCK_H
#define STATS_BLOCK_H

#include "base_cacheline.h"
#include "stats_table.h"

#include <stdatomic.h>
#include <stdint.h>

#define STATS_BLOCK_MAX 128
static_assert(STATS_WORKER_COUNT <= STATS_BLOCK_MAX, "raise STATS_BLOCK_MAX");

struct stats_block {
	/* shared: one writer, any reader */
	_Atomic uint32_t sequence;
	uint32_t count; /* read-only after init */
	_Atomic uint64_t values[STATS_BLOCK_MAX] BASE_CACHE_ALIGNED;
} BASE_CACHE_ALIGNED;

void stats_block_init(struct stats_block *block, uint32_t count);
/* Writer only: makes `values` (count of them) visible as one. */
void stats_block_publish(struct stats_block *block, const uint64_t *values);
/* Any thread: a consistent copy. Spins while the writer is inside publish (tens of ns). */
void stats_block_read(const struct stats_block *block, uint64_t *values);

#endif
