/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A seqlock without fences. Every value is stored with release and loaded with acquire, which costs
 * nothing on x86-64 (plain moves) and, unlike a fence, is understood by ThreadSanitizer.
 *
 *     writer                                reader
 *     sequence = odd      relaxed (A)       first = sequence      acquire (D)
 *     values[i] = v       release (B)       copy[i] = values[i]   acquire (E)
 *     sequence = even     release (C)       second = sequence     relaxed (F)
 *
 * Invariant: a copy taken with first == second, both even, is one published set.
 * - C pairs with D: who reads an even number sees every value of that set, or newer ones.
 * - B pairs with E: who reads a newer value also sees the odd number stored before it (A), so F
 *   differs from D and the copy is thrown away.
 */
#include "stats_block.h"

#include <assert.h>

void stats_block_init(struct stats_block *block, uint32_t count)
{
	assert(count <= STATS_BLOCK_MAX);
	block->count = count;
	atomic_init(&block->sequence, 0);
	for (uint32_t i = 0; i < STATS_BLOCK_MAX; i++)
		atomic_init(&block->values[i], 0);
}

void stats_block_publish(struct stats_block *block, const uint64_t *values)
{
	/* Relaxed: this thread is the only one that ever stores it. */
	uint32_t even = atomic_load_explicit(&block->sequence, memory_order_relaxed);
	uint32_t count = block->count;

	/* (A) Relaxed is enough: each (B) below is a release and so cannot pass it. */
	atomic_store_explicit(&block->sequence, even + 1, memory_order_relaxed);
	for (uint32_t i = 0; i < count; i++)
		/* (B) release, pairs with (E) */
		atomic_store_explicit(&block->values[i], values[i], memory_order_release);
	/* (C) release, pairs with (D) */
	atomic_store_explicit(&block->sequence, even + 2, memory_order_release);
}

void stats_block_read(const struct stats_block *block, uint64_t *values)
{
	uint32_t first, second;
	uint32_t count = block->count;

	do {
		/* (D) acquire, pairs with (C) */
		first = atomic_load_explicit(&block->sequence, memory_order_acquire);
		for (uint32_t i = 0; i < count; i++)
			/* (E) acquire, pairs with (B) */
			values[i] = atomic_load_explicit(&block->values[i], memory_order_acquire);
		/* (F) Relaxed is enough: each (E) is an acquire, so this load cannot pass it. */
		second = atomic_load_explicit(&block->sequence, memory_order_relaxed);
	} while ((first & 1) != 0 || first != second);
}
