/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way of a line from the queue to the file, and the ledger of both:
 *
 *   offered = sent + queued + lost, by reason                               (lines are records)
 *
 * Lines are handed to the file EXPORT_FLUSH_BYTES at a time and on every tick. What it does not
 * take stays in the queue: also while the disk is full or the file cannot be opened, so that a
 * short trouble costs nothing. When the queue is full, lines are lost, under the reason why it is:
 * a slow reader, no space, an error. Only a reader that went away empties the queue at once.
 */
#ifndef EXPORT_DELIVERY_H
#define EXPORT_DELIVERY_H

#include "base_cacheline.h"
#include "base_log.h"
#include "config.h"
#include "export_file.h"
#include "export_queue.h"
#include "stats_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Large enough that the system call costs nothing beside the formatting of some 400 records. */
#define EXPORT_FLUSH_BYTES ((size_t)256 << 10)
/* Holds any explanation of this module with its NUL. */
#define EXPORT_ERROR_BYTES (4 * CONFIG_PATH_BYTES)

/* One thread. */
struct export_delivery {
	struct config_output config;
	size_t line_bytes; /* no line is longer */
	const bool *may_block; /* written by any thread: __atomic */
	struct export_queue queue;
	struct export_file file;
	uint64_t counters[STATS_OUTPUT_COUNT]; /* but output_offered and output_queued */
	size_t unflushed; /* octets added since the last flush */
	bool stalled; /* the reader took nothing in this turn */
	bool reopen_due; /* the path could not be opened: every tick tries again */
	bool closed; /* finished */
	int failure; /* errno of what keeps lines in the queue; 0: nothing */
	int64_t now_ns; /* wall clock of the last tick */
	int64_t rotate_at_ns; /* 0: the next tick will say */
	struct base_log_limit log_limit;
	int reported; /* errno of the last line in the log; 0: that it writes again */
	char error[EXPORT_ERROR_BYTES];
};

/* What a delivery needs besides the configuration; pointers must outlive it. */
struct export_delivery_options {
	const char *header; /* "" or a line, as in export_file_open() */
	size_t header_len;
	size_t line_bytes;
	const bool *may_block; /* a slow reader may hold up export_delivery_reserve() */
};

/* 0, or -errno with cause and cure in cause[EXPORT_ERROR_BYTES]. */
int export_delivery_open(struct export_delivery *delivery, const struct config_output *config,
		const struct export_delivery_options *options, char *cause) BASE_MUST_CHECK;
void export_delivery_fini(struct export_delivery *delivery);

/* A new burst of lines begins: the reader may be asked again. */
void export_delivery_begin(struct export_delivery *delivery);
/*
 * Room for a line, made by writing what is queued and by waiting for the reader if that is allowed.
 * NULL: there is none before the next burst or tick; the caller counts its lines as lost.
 */
char *export_delivery_reserve(struct export_delivery *delivery);
void export_delivery_publish(struct export_delivery *delivery, size_t len);
/* Counts `lines` as lost for the reason of now. */
void export_delivery_lose(struct export_delivery *delivery, uint64_t lines);

/* Tries again what failed, writes what is queued, rotates by time. */
void export_delivery_tick(struct export_delivery *delivery, int64_t now_ns);
/* Opens the path again. 0 or -errno, then every tick tries. */
int export_delivery_reopen(struct export_delivery *delivery);
/* Writes for up to deadline_ns, counts the rest as lost and closes. */
void export_delivery_finish(struct export_delivery *delivery, int64_t deadline_ns);

#endif
