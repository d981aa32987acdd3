/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An output: takes flow records and brings them, formatted, to a file or to standard output.
 *
 * Accounting, per output and at every instant: offered = sent + queued + lost (by reason). A record
 * is "sent" when the last of its octets was accepted by the kernel; a record that was accepted in
 * part and cannot be completed is lost, and the file is cut back to the last whole record where it
 * can be (a regular file), so that no torn line stays.
 *
 * All functions are called by one thread, the control thread. None blocks for long: regular files
 * are written in large pieces, pipes and terminals are written without blocking and what they do
 * not take is queued up to `queue_bytes`.
 */
#ifndef EXPORT_OUTPUT_H
#define EXPORT_OUTPUT_H

#include "base_cacheline.h"
#include "config.h"
#include "export_recent.h"
#include "flow_record.h"
#include "stats_block.h"

#include <stdint.h>

struct export_output;

/* What the metering process knows of its own losses; times are wall clock, 0: no loss. */
struct export_metering {
	uint64_t observed_packets; /* by the selector: received by workers */
	uint64_t sampled_out_packets; /* of those, passed over by it */
	uint64_t ignored_packets; /* dropped before or in decode */
	uint64_t ignored_octets;
	int64_t ignored_first_ns;
	int64_t ignored_last_ns;
	/* records that were lost before any output was offered them */
	uint64_t lost_records;
	uint64_t lost_packets;
	uint64_t lost_octets;
};

/* What formats need besides the record. Port names are indexed by flow_record.port. */
struct export_context {
	const char *const *port_names;
	uint32_t port_count;
	/* by port: numbers for ingressInterface, never 0; NULL: 1, 2, ... */
	const uint32_t *port_indexes;
	const char *const *port_descriptions; /* by port; NULL: none */
	/* Fills *metering; called by the thread that calls the outputs. NULL: nothing is known. */
	void (*read_metering)(void *arg, struct export_metering *metering);
	void *metering_arg;
	uint32_t sampling_rate; /* one packet in that many was metered; 0 and 1: every one */
	bool sampling_random;
	bool replay; /* the clock is the packets' own */
	/*
	 * True when a slow reader may stop the caller instead of costing records (replay): then
	 * export_output_write() waits for a pipe. Live it is false. Any thread may clear it while
	 * the output waits (as with __atomic_store_n, relaxed): it then goes on as if it had been
	 * false.
	 */
	bool may_block;
};

/*
 * Opens an output as `config` says (the file is created 0644 or appended to). `context` must
 * outlive it. From then on the process ignores SIGPIPE, if it did not handle it. 0, or -errno with
 * one line of cause and cure in error[error_bytes].
 */
int export_output_open(struct export_output **output, const struct config_output *config,
		const struct export_context *context, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/*
 * Flushes within deadline_ns (monotonic, from now), counts the rest as lost and closes the file.
 * The counters can be read until export_output_close(), and then hold: offered = sent + lost.
 */
void export_output_finish(struct export_output *output, int64_t deadline_ns);
/* Finishes, if that was not done, and frees. NULL is allowed. */
void export_output_close(struct export_output *output, int64_t deadline_ns);

/* Records of a batch that are not this output's: left out by its filter, or given to another
 * output of its group. */
void export_output_pass(struct export_output *output, uint32_t filtered, uint32_t elsewhere);

/*
 * False when a record had better go to another output: the collector is away, the disk is full, or
 * the queue was half full and has not been empty since.
 */
bool export_output_works(const struct export_output *output);

/* Takes `count` records: formats and queues them, writes when enough is queued. */
void export_output_write(
		struct export_output *output, const struct flow_record *records, uint32_t count);
/* Writes what is queued, rotates by time; to be called every 100 ms or so with the wall clock. */
void export_output_tick(struct export_output *output, int64_t now_ns);
/*
 * Between two ticks, as often as is convenient: messages that wait for a pace or for room in a
 * socket go as soon as they can. Costs nothing when none waits.
 */
void export_output_push(struct export_output *output);
/* Closes and opens its file again (log rotation by others; SIGHUP). 0 or -errno, then it keeps
 * trying on each tick. */
int export_output_reopen(struct export_output *output);

const char *export_output_name(const struct export_output *output);
/* Counters of this output (STATS_OUTPUT_ROWS), readable by any thread; lives as long as the output.
 */
const struct stats_block *export_output_stats(const struct export_output *output);
/* Last error in words, "" when none. Control thread. */
const char *export_output_error(const struct export_output *output);
/*
 * The last messages it sent, as export_recent_copy() gives them; 0 for an output that sends none.
 * Any thread, while it is open.
 */
int export_output_recent(
		struct export_output *output, struct export_recent_message **list) BASE_MUST_CHECK;

#endif
