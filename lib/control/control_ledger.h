/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the control thread has done so far, as one set: records taken from each ring, its own
 * counters, and the counters of every output.
 *
 * Each output counts in a block of its own, and the control's counters change between two of them:
 * read one after the other while records flow, they never agree. So the thread publishes a copy of
 * all of them after each run of records, under one sequence number (the scheme of stats_block.c,
 * one level up), and readers see "taken = offered" of every output exactly, at any load.
 */
#ifndef CONTROL_LEDGER_H
#define CONTROL_LEDGER_H

#include "config.h"
#include "stats_block.h"

#include <stdatomic.h>
#include <stdint.h>

static_assert(CONFIG_MAX_WORKERS <= STATS_BLOCK_MAX, "one value a ring");

struct control_ledger_values {
	uint64_t control[STATS_CONTROL_COUNT];
	uint64_t rings[STATS_BLOCK_MAX]; /* records taken from the ring of each worker */
	uint64_t outputs[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];
};

struct control_ledger {
	/* read-only after init */
	uint32_t output_count;
	/* shared: the control thread writes, any thread reads */
	_Atomic uint32_t sequence BASE_CACHE_ALIGNED;
	struct stats_block control;
	struct stats_block rings;
	struct stats_block outputs[CONFIG_MAX_OUTPUTS];
};

void control_ledger_init(struct control_ledger *ledger, uint32_t ring_count, uint32_t output_count);
/* Control thread only. */
void control_ledger_publish(
		struct control_ledger *ledger, const struct control_ledger_values *values);
/* Any thread; fills what the ledger has. Spins while the writer is inside publish (under 1 us). */
void control_ledger_read(struct control_ledger *ledger, struct control_ledger_values *values);

#endif
