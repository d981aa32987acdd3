/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_ledger.h"

void control_ledger_init(struct control_ledger *ledger, uint32_t ring_count, uint32_t output_count)
{
	ledger->output_count = output_count;
	atomic_init(&ledger->sequence, 0);
	stats_block_init(&ledger->control, STATS_CONTROL_COUNT);
	stats_block_init(&ledger->rings, ring_count);
	for (uint32_t i = 0; i < output_count; i++)
		stats_block_init(&ledger->outputs[i], STATS_OUTPUT_COUNT);
}

void control_ledger_publish(
		struct control_ledger *ledger, const struct control_ledger_values *values)
{
	/* relaxed: this thread is the only one that stores it */
	uint32_t even = atomic_load_explicit(&ledger->sequence, memory_order_relaxed);

	/* (A) relaxed: the values of the blocks are stored with release and cannot pass it */
	atomic_store_explicit(&ledger->sequence, even + 1, memory_order_relaxed);
	stats_block_publish(&ledger->control, values->control);
	stats_block_publish(&ledger->rings, values->rings);
	for (uint32_t i = 0; i < ledger->output_count; i++)
		stats_block_publish(&ledger->outputs[i], values->outputs[i]);
	/* (C) release, pairs with (D): who reads this number sees all blocks of this set */
	atomic_store_explicit(&ledger->sequence, even + 2, memory_order_release);
}

void control_ledger_read(struct control_ledger *ledger, struct control_ledger_values *values)
{
	uint32_t first, second;

	do {
		/* (D) acquire, pairs with (C) */
		first = atomic_load_explicit(&ledger->sequence, memory_order_acquire);
		stats_block_read(&ledger->control, values->control);
		stats_block_read(&ledger->rings, values->rings);
		for (uint32_t i = 0; i < ledger->output_count; i++)
			stats_block_read(&ledger->outputs[i], values->outputs[i]);
		/*
		 * (F) relaxed: the blocks are read with acquire, so this load cannot pass them, and
		 * who saw a value of a newer set sees (A) here.
		 */
		second = atomic_load_explicit(&ledger->sequence, memory_order_relaxed);
	} while ((first & 1) != 0 || first != second);
}
