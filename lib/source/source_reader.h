/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All files of a replay, one after the other, as one stream of packets with one clock.
 *
 * The clock is the newest time stamp so far. A packet that is older by up to
 * SOURCE_REPLAY_REORDER_NS is late; an older one still asks for a rewind, after which the clock
 * starts from it. So between two rewinds no packet is older than clock - SOURCE_REPLAY_REORDER_NS.
 */
#ifndef SOURCE_READER_H
#define SOURCE_READER_H

#include "source_capture.h"
#include "source_replay.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What the reader tells of itself: it writes, any thread reads. */
struct source_reader_counters {
	_Atomic uint64_t bytes_total, bytes_read, packets, wire_bytes;
	_Atomic uint32_t files_done, files_failed;
	_Atomic int64_t first_ns, last_ns;
	atomic_bool done;
};

struct source_reader {
	/* read-only after init */
	const char *const *paths;
	uint32_t path_count;
	uint64_t *file_bytes; /* sizes as init found them */
	bool waits; /* a file is a pipe: reading it may wait */
	void (*on_error)(void *arg, const char *path, const char *message);
	void *arg;

	/* reading thread only */
	struct source_capture capture;
	bool open;
	uint32_t next_path;
	int64_t clock_ns; /* 0 before the first packet */
	uint64_t packets, wire_bytes, parsed_bytes;
	int64_t first_ns, last_ns;

	/* shared */
	struct source_reader_counters counters BASE_CACHE_ALIGNED;
	atomic_bool stop;
};

enum source_reader_step {
	SOURCE_READER_PACKET,
	SOURCE_READER_LATE, /* a packet, older than one before it */
	SOURCE_READER_REWIND, /* a packet for which time has to be set back: source_reader_rewind()
			       */
	SOURCE_READER_MORE, /* source_reader_refill() */
};

int source_reader_init(struct source_reader *reader, const char *const *paths, uint32_t path_count,
		void (*on_error)(void *arg, const char *path, const char *message),
		void *arg) BASE_MUST_CHECK;
void source_reader_fini(struct source_reader *reader);

/* The next packet. After REWIND the clock is still the old one; *packet is to be handed out. */
enum source_reader_step source_reader_next(
		struct source_reader *reader, struct source_packet *packet);
void source_reader_rewind(struct source_reader *reader, const struct source_packet *packet);

/*
 * Goes on with the same file or the next one, in chunk `to`. False: there is no more. Waits for
 * pipes, until `stop`.
 */
bool source_reader_refill(struct source_reader *reader, struct source_chunk *to);

/* Publishes what was counted since the last time; once a burst. */
void source_reader_flush(struct source_reader *reader);
/* The last flush, and nothing comes after it. */
void source_reader_finish(struct source_reader *reader);
/* Any thread. */
void source_reader_progress(
		const struct source_reader *reader, struct source_replay_progress *progress);

#endif
