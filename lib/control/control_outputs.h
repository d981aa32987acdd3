/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All outputs of the configuration as one: opened together, given their records in the same order,
 * closed together within one deadline. Control thread only, but for names and count, which are
 * read-only after open, and the functions that say otherwise.
 */
#ifndef CONTROL_OUTPUTS_H
#define CONTROL_OUTPUTS_H

#include "config.h"
#include "control.h"
#include "control_routes.h"
#include "export_output.h"
#include "flow_record.h"
#include "stats_table.h"

#include <pthread.h>
#include <stdint.h>

struct control_outputs {
	/* read-only after open */
	uint32_t count;
	char names[CONFIG_MAX_OUTPUTS][CONFIG_NAME_BYTES];
	struct control_routes routes;
	/* control thread, which alone changes it, and only while it holds the lock; NULL: closed */
	struct export_output *open[CONFIG_MAX_OUTPUTS];
	/* any thread, under the lock */
	pthread_mutex_t lock;
	struct control_output_error errors[CONFIG_MAX_OUTPUTS];
};

/*
 * Opens every output of `config`, or none: 0, or -errno of the first that failed, with its words in
 * error[error_bytes]. `context` must outlive the outputs.
 */
int control_outputs_open(struct control_outputs *outputs, const struct config *config,
		const struct export_context *context, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
void control_outputs_write(
		struct control_outputs *outputs, const struct flow_record *records, uint32_t count);
/* now_ns: wall clock. */
void control_outputs_tick(struct control_outputs *outputs, int64_t now_ns);
/* Between ticks: see export_output_push(). */
void control_outputs_push(struct control_outputs *outputs);
void control_outputs_reopen(struct control_outputs *outputs);
/* Fills values[i] of each open output i with its counters; leaves those of closed ones. */
void control_outputs_read(
		const struct control_outputs *outputs, uint64_t values[][STATS_OUTPUT_COUNT]);
/* The errors of all outputs, by their number: fills errors[count]. Any thread. */
void control_outputs_read_errors(
		struct control_outputs *outputs, struct control_output_error *errors);
/* The last messages that output i sent, see export_output_recent(). Any thread. */
int control_outputs_recent(struct control_outputs *outputs, uint32_t i,
		struct export_recent_message **list) BASE_MUST_CHECK;
/*
 * Closes all by until_ns (monotonic; INT64_MAX: no limit) and fills values[i] with the final
 * counters. Outputs with nothing queued go first. Each gets a share of the time that is left, so
 * that one that nobody reads does not take it from the rest: also one without records may wait for
 * its collector to take the end.
 */
void control_outputs_close(struct control_outputs *outputs, int64_t until_ns,
		uint64_t values[][STATS_OUTPUT_COUNT]);

#endif
