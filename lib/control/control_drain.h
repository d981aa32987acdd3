/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From the rings to the outputs. Records go straight from a ring's slots to every output in runs
 * that are contiguous in memory; nobody copies them. A run is taken, counted, written, released:
 *
 *     ring_peek -> outputs, tops -> ledger (taken = offered) -> ring_release
 *
 * Invariant: a record is released after every output has accounted for it, and the ledger never
 * shows a run in part.
 */
#ifndef CONTROL_DRAIN_H
#define CONTROL_DRAIN_H

#include "control_ledger.h"
#include "control_outputs.h"
#include "control_tops.h"
#include "ring_records.h"

#include <stdint.h>

/* 512 records are 96 KiB: all outputs read a run while it is still in the second-level cache. */
#define CONTROL_RUN_RECORDS 512

struct control_drain {
	/* read-only after init */
	struct ring_records *rings[CONFIG_MAX_WORKERS];
	uint32_t ring_count;
	struct control_ledger *ledger;
	/* control thread only */
	struct control_outputs *outputs;
	struct control_tops *tops; /* NULL: none kept */
	struct control_ledger_values values;
};

/*
 * Takes at most `budget` records from ring `ring`, in order, and returns how many. Control thread.
 */
uint32_t control_drain_ring(struct control_drain *drain, uint32_t ring, uint32_t budget);

/* Publishes the ledger as it is now, with the outputs' counters read afresh. Control thread. */
void control_drain_publish(struct control_drain *drain);

#endif
