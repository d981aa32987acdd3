/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker: the loop that takes packets from its sources through decode and its flow table to its
 * ring, run to completion, alone on its core.
 *
 *     source -> decode -> table -> ring        one burst at a time, then a little ageing
 *
 * Threads: create, start, stop, join and destroy on the main thread; the loop on its own. The loop
 * makes no system call (but to sleep when idle), takes no lock, allocates nothing and logs nothing.
 * What others see of it are its counter block (one consistent set a turn), the ring, and the table
 * through flow_table_scan().
 */
#ifndef WORKER_H
#define WORKER_H

#include "base_cacheline.h"
#include "flow_table.h"
#include "ring_records.h"
#include "source.h"
#include "stats_block.h"
#include "worker_decode.h"

#include <stdbool.h>
#include <stdint.h>

#define WORKER_MAX_SOURCES 16

struct worker;

struct worker_setup {
	uint8_t index;
	int cpu; /* pinned to it; -1: the scheduler's choice */
	struct source *const *sources; /* polled in turn; they outlive the worker */
	uint32_t source_count; /* 1 to WORKER_MAX_SOURCES */
	struct flow_settings flows;
	struct worker_decode_setup decode;
	uint32_t ring_records; /* power of two */
	uint32_t burst; /* packets a turn and source, 1 to SOURCE_BURST_MAX */
	bool poll; /* never sleep; else sleep up to a millisecond when nothing comes */
	/*
	 * Replay: time is the packets', the clock hand goes by packets, and the worker waits for
	 * room in the ring instead of losing a record.
	 */
	bool replay;
	/* Called on the worker's thread before its first and after its last turn; NULL: nothing. */
	int (*thread_begin)(void);
	void (*thread_end)(void);
};

/* Allocates table and ring. 0, or -errno (-ENOMEM, -EINVAL). */
int worker_create(struct worker **worker, const struct worker_setup *setup) BASE_MUST_CHECK;
/* Starts the thread, all signals blocked. 0 or -errno. */
int worker_start(struct worker *worker) BASE_MUST_CHECK;
/*
 * Asks the worker to take no more packets, end all flows and return. deadline_ns (monotonic) bounds
 * its wait for room in the ring; what is still in the table then stays there and in the ledger.
 */
void worker_stop(struct worker *worker, int64_t deadline_ns);
/* True once the thread has returned; a replay ends by itself. Any thread. */
bool worker_is_done(const struct worker *worker);
void worker_join(struct worker *worker);
/* After worker_join(), or if it was never started. NULL is allowed. */
void worker_destroy(struct worker *worker);

const struct stats_block *worker_stats(const struct worker *worker);
struct ring_records *worker_ring(const struct worker *worker);
const struct flow_table *worker_table(const struct worker *worker);
/* Where copies of its packets can be had. */
struct tap *worker_tap(const struct worker *worker);
/* Octets of table and ring, and the pages that the table got. */
uint64_t worker_memory_bytes(const struct worker *worker);
const char *worker_memory_pages(const struct worker *worker);
/* Packets taken from its source number `source`. Any thread. */
uint64_t worker_source_packets(const struct worker *worker, uint32_t source);

#endif
