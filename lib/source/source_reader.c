/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The counters have one writer and say nothing of other memory, so every access is relaxed; a
 * reader may see some of them a burst older than others.
 */
#define COUNTER_SET(counter, value) atomic_store_explicit(&(counter), (value), memory_order_relaxed)
#define COUNTER_GET(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

static bool is_stopped(const struct source_reader *reader)
{
	/* relaxed: the flag carries nothing but itself */
	return atomic_load_explicit(&reader->stop, memory_order_relaxed);
}

/* What there is to read of one file, and whether that can be known. */
static uint64_t measure_file(const char *path, bool *waits)
{
	bool standard_input = strcmp(path, "-") == 0;
	struct stat st;

	if ((standard_input ? fstat(STDIN_FILENO, &st) : stat(path, &st)) < 0)
		return 0; /* its turn to be read will tell why */
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode)) {
		*waits = true;
		return 0;
	}
	off_t skipped = standard_input ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
	return skipped > 0 && skipped < st.st_size ? (uint64_t)(st.st_size - skipped)
						   : (uint64_t)st.st_size;
}

int source_reader_init(struct source_reader *reader, const char *const *paths, uint32_t path_count,
		void (*on_error)(void *arg, const char *path, const char *message), void *arg)
{
	uint64_t total = 0;

	*reader = (struct source_reader){
			.paths = paths,
			.path_count = path_count,
			.on_error = on_error,
			.arg = arg,
			.file_bytes = calloc(path_count + (size_t)1, sizeof(uint64_t)),
	};
	if (!reader->file_bytes)
		return -ENOMEM;
	for (uint32_t i = 0; i < path_count; i++) {
		reader->file_bytes[i] = measure_file(paths[i], &reader->waits);
		total += reader->file_bytes[i];
	}
	COUNTER_SET(reader->counters.bytes_total, reader->waits ? 0 : total);
	return 0;
}

void source_reader_fini(struct source_reader *reader)
{
	if (reader->open)
		source_capture_close(&reader->capture);
	reader->open = false;
	free(reader->file_bytes);
	reader->file_bytes = NULL;
}

static void tell(struct source_reader *reader, const char *cause)
{
	uint64_t packets = reader->capture.packets;
	char message[256];

	if (!reader->on_error)
		return;
	if (!reader->open)
		snprintf(message, sizeof(message), "%s", cause);
	else if (packets == 0)
		snprintf(message, sizeof(message), "%s; no packet was read", cause);
	else
		snprintf(message, sizeof(message), "%s; %" PRIu64 " packet%s read before", cause,
				packets, packets == 1 ? " was" : "s were");
	reader->on_error(reader->arg, reader->paths[reader->next_path], message);
}

/* Leaves the file; with a cause it failed. A file cut short by a stop is neither. */
static void finish_file(struct source_reader *reader, const char *cause)
{
	uint64_t expected = reader->file_bytes[reader->next_path];
	uint64_t parsed = 0;

	if (cause) {
		tell(reader, cause);
		COUNTER_SET(reader->counters.files_failed,
				COUNTER_GET(reader->counters.files_failed) + 1);
	}
	if (reader->open) {
		parsed = source_capture_parsed_bytes(&reader->capture);
		source_capture_close(&reader->capture);
		reader->open = false;
	}
	reader->parsed_bytes += parsed;
	/* what can never be read, or came on top, is no part of the way any more */
	if (!reader->waits)
		COUNTER_SET(reader->counters.bytes_total,
				COUNTER_GET(reader->counters.bytes_total) + parsed - expected);
	reader->next_path++;
	COUNTER_SET(reader->counters.files_done, reader->next_path);
}

static enum source_reader_step account(
		struct source_reader *reader, const struct source_packet *packet)
{
	int64_t time_ns = packet->time_ns;

	if (BASE_UNLIKELY(reader->packets == 0))
		reader->first_ns = reader->last_ns = time_ns;
	reader->packets++;
	reader->wire_bytes += packet->wire_bytes;
	if (time_ns >= reader->clock_ns) {
		reader->clock_ns = reader->capture.clock_ns = time_ns;
		if (time_ns > reader->last_ns)
			reader->last_ns = time_ns;
		return SOURCE_READER_PACKET;
	}
	if (time_ns < reader->first_ns)
		reader->first_ns = time_ns;
	return reader->clock_ns - time_ns > SOURCE_REPLAY_REORDER_NS ? SOURCE_READER_REWIND
								     : SOURCE_READER_LATE;
}

enum source_reader_step source_reader_next(
		struct source_reader *reader, struct source_packet *packet)
{
	if (BASE_UNLIKELY(!reader->open || is_stopped(reader)))
		return SOURCE_READER_MORE;
	switch (source_capture_next(&reader->capture, packet)) {
	case SOURCE_STEP_PACKET:
		return account(reader, packet);
	case SOURCE_STEP_MORE:
		break;
	case SOURCE_STEP_END:
		finish_file(reader, NULL);
		break;
	case SOURCE_STEP_BROKEN:
		finish_file(reader, is_stopped(reader) ? NULL : reader->capture.message);
		break;
	}
	return SOURCE_READER_MORE;
}

void source_reader_rewind(struct source_reader *reader, const struct source_packet *packet)
{
	reader->clock_ns = reader->capture.clock_ns = packet->time_ns;
}

/* Opens the next file that can be opened. */
static bool open_next(struct source_reader *reader)
{
	while (reader->next_path < reader->path_count) {
		char cause[160];
		int rc = source_capture_open(
				&reader->capture, reader->paths[reader->next_path], &reader->stop);

		if (rc == 0) {
			reader->open = true;
			reader->capture.clock_ns = reader->clock_ns;
			return true;
		}
		snprintf(cause, sizeof(cause), "cannot be opened: %s", strerror(-rc));
		finish_file(reader, cause);
	}
	return false;
}

bool source_reader_refill(struct source_reader *reader, struct source_chunk *to)
{
	while (!is_stopped(reader) && (reader->open || open_next(reader))) {
		char cause[160];
		int rc = source_capture_refill(&reader->capture, to);

		if (rc == 0)
			return true;
		snprintf(cause, sizeof(cause), "cannot be read: %s", strerror(-rc));
		finish_file(reader, rc == -ECANCELED ? NULL : cause);
	}
	return false;
}

void source_reader_flush(struct source_reader *reader)
{
	struct source_reader_counters *counters = &reader->counters;
	uint64_t parsed = reader->parsed_bytes;

	if (reader->open)
		parsed += source_capture_parsed_bytes(&reader->capture);
	COUNTER_SET(counters->bytes_read, parsed);
	COUNTER_SET(counters->packets, reader->packets);
	COUNTER_SET(counters->wire_bytes, reader->wire_bytes);
	COUNTER_SET(counters->first_ns, reader->first_ns);
	COUNTER_SET(counters->last_ns, reader->last_ns);
}

void source_reader_finish(struct source_reader *reader)
{
	source_reader_flush(reader);
	/* pairs with the acquire in source_reader_progress(): done means that the rest is final */
	atomic_store_explicit(&reader->counters.done, true, memory_order_release);
}

void source_reader_progress(
		const struct source_reader *reader, struct source_replay_progress *progress)
{
	const struct source_reader_counters *counters = &reader->counters;

	/* pairs with the release in source_reader_finish() */
	bool done = atomic_load_explicit(&counters->done, memory_order_acquire);
	*progress = (struct source_replay_progress){
			.bytes_total = COUNTER_GET(counters->bytes_total),
			.bytes_read = COUNTER_GET(counters->bytes_read),
			.packets = COUNTER_GET(counters->packets),
			.wire_bytes = COUNTER_GET(counters->wire_bytes),
			.files_done = COUNTER_GET(counters->files_done),
			.files_total = reader->path_count,
			.files_failed = COUNTER_GET(counters->files_failed),
			.first_ns = COUNTER_GET(counters->first_ns),
			.last_ns = COUNTER_GET(counters->last_ns),
			.done = done,
	};
}
