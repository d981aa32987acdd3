/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files as sources: one reader of pcap, pcapng and what else libpcap reads, which spreads
 * packets over the workers by a symmetric software hash, so that both directions of a flow meet in
 * one worker.
 *
 * Time is the packets' own. The reader keeps one clock over all files, the newest time stamp so
 * far, and gives it to every worker with each burst, so that what ends a flow does not depend on
 * the number of workers. A packet up to SOURCE_REPLAY_REORDER_NS older than the clock is
 * reordering: it keeps its time and is counted. One that is older still (a file from an earlier
 * day, a broken time stamp) rewinds: every worker ends its flows and the clock is set back to it.
 *
 * For every worker alike: no packet is older than the clock_ns of an earlier burst by more than
 * SOURCE_REPLAY_REORDER_NS, but for a rewind; before a rewind and before the end comes the last
 * clock; clock_ns is 0 before the first packet, and time stamps are never negative.
 *
 * With one worker the reader runs inside receive(). With more, or when a file is a pipe, it is a
 * thread that hands batches to all workers and waits when they are behind: a replay loses nothing.
 * A worker releases each burst before it receives the next.
 */
#ifndef SOURCE_REPLAY_H
#define SOURCE_REPLAY_H

#include "source.h"

#include <stdbool.h>
#include <stdint.h>

#define SOURCE_REPLAY_REORDER_NS (INT64_C(1000000000))

struct source_replay;

/* How far the reading is; a consistent-enough copy for a progress bar. */
struct source_replay_progress {
	/* sizes of all files, less what turned out to be unreadable; 0 when one is a pipe */
	uint64_t bytes_total;
	uint64_t bytes_read;
	uint64_t packets;
	uint64_t wire_bytes;
	uint32_t files_done, files_total;
	uint32_t files_failed; /* could not be opened, or ended in an error */
	int64_t first_ns, last_ns; /* smallest and largest time stamp; 0 before the first */
	bool done;
};

/*
 * Prepares to read `paths` ("-" is standard input) in this order for `workers` workers. Files are
 * opened one at a time. Returns 0 or -errno. `paths` must outlive it. A reading thread, where there
 * is one, begins here, with the caller's CPU affinity and all signals blocked.
 *
 * on_error is called (from the reading thread) with one line per file that cannot be read to its
 * end: the packets before the damage count, the next file goes on.
 */
int source_replay_create(struct source_replay **replay, const char *const *paths,
		uint32_t path_count, uint32_t workers,
		void (*on_error)(void *arg, const char *path, const char *message),
		void *arg) BASE_MUST_CHECK;
void source_replay_destroy(struct source_replay *replay);

/* The source of one worker; owned by the replay. */
struct source *source_replay_worker(struct source_replay *replay, uint32_t worker);

/* The reader stops at the next packet, as if the files ended there. Any thread, signal-safe. */
void source_replay_stop(struct source_replay *replay);
void source_replay_progress(
		const struct source_replay *replay, struct source_replay_progress *progress);

#endif
