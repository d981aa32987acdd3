/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_delivery.h"

#include "base_clock.h"
#include "export_error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How long to wait for a reader before looking whether waiting is still wanted. */
#define WAIT_NS (100 * BASE_NS_PER_MS)
/* A disk that is full by turns makes no more than a line in this time. */
#define LOG_SECONDS 10

int export_delivery_open(struct export_delivery *delivery, const struct config_output *config,
		const struct export_delivery_options *options, char *cause)
{
	size_t line = options->line_bytes;
	size_t size = config->queue_bytes > line ? config->queue_bytes : line;

	*delivery = (struct export_delivery){
			.config = *config,
			.line_bytes = line,
			.may_block = options->may_block,
			.now_ns = base_clock_wall_ns(),
	};
	int error = export_queue_init(&delivery->queue, size);
	if (error < 0) {
		snprintf(cause, EXPORT_ERROR_BYTES, "no memory for a queue of %zu octets", size);
		return error;
	}
	error = export_file_open(
			&delivery->file, config->path, options->header, options->header_len);
	if (error < 0) {
		export_error_explain(config->path, -error, cause, EXPORT_ERROR_BYTES);
		export_queue_fini(&delivery->queue);
		return error;
	}
	if ((config->rotate_bytes || config->rotate_ns) && !export_file_can_rotate(&delivery->file))
		base_log_notice("output %s: %s is not a file with a name; it is not rotated",
				config->name, config->path);
	return 0;
}

void export_delivery_fini(struct export_delivery *delivery)
{
	export_file_close(&delivery->file);
	export_queue_fini(&delivery->queue);
}

/* The reader is gone for good (or until a named pipe has another one): nothing can be kept. */
static bool is_reader_gone(int failure)
{
	return export_error_lost_row(failure) == STATS_output_lost_closed;
}

void export_delivery_lose(struct export_delivery *delivery, uint64_t lines)
{
	delivery->counters[export_error_lost_row(delivery->failure)] += lines;
}

static void set_error(struct export_delivery *delivery, int error)
{
	export_error_explain(
			delivery->config.path, error, delivery->error, sizeof(delivery->error));
	if (error == delivery->reported)
		return;
	delivery->reported = error;
	base_log_limited(&delivery->log_limit, LOG_SECONDS, BASE_LOG_WARNING, "output %s: %s",
			delivery->config.name, delivery->error);
}

/* Lines stay in the queue from now on; the ticks try again. */
static void fail(struct export_delivery *delivery, int error)
{
	delivery->failure = error;
	set_error(delivery, error);
	if (delivery->queue.torn > 0 && export_file_cut(&delivery->file, delivery->queue.torn) == 0)
		export_queue_untear(&delivery->queue);
	if (is_reader_gone(error)) {
		export_delivery_lose(delivery, export_queue_clear(&delivery->queue));
		/* a named pipe then drops what was not read: its next reader starts clean */
		export_file_close(&delivery->file);
	}
}

static void finish_rotation(struct export_delivery *delivery)
{
	delivery->counters[STATS_output_rotations]++;
	delivery->error[0] = '\0';
	/* a line that was torn in the old file goes whole into the new one */
	export_queue_untear(&delivery->queue);
	if (export_file_can_rotate(&delivery->file))
		export_rotate_prune(delivery->config.path, delivery->config.keep_files);
}

/* True when lines now go to another file. */
static bool rotate(struct export_delivery *delivery, int64_t ns)
{
	bool moved;
	int error = export_file_rotate(&delivery->file, ns, &moved);

	if (error == -ENOENT && !moved) { /* somebody else was first */
		moved = true;
		error = export_file_reopen(&delivery->file, &(bool){false});
	}
	if (error < 0) {
		set_error(delivery, -error);
		delivery->reopen_due = moved;
		return false;
	}
	finish_rotation(delivery);
	return true;
}

/*
 * How many of the queued octets the file may take before it is rotated by size, at least one line.
 * A file is longer than rotate_bytes only when one line is, or when it cannot be rotated.
 */
static size_t get_room(struct export_delivery *delivery)
{
	uint64_t limit = delivery->config.rotate_bytes;
	uint64_t have = delivery->file.bytes;
	size_t fit = 0;

	if (limit == 0 || delivery->queue.torn > 0 || delivery->reopen_due
			|| !export_file_can_rotate(&delivery->file))
		return SIZE_MAX;
	if (have < limit)
		fit = export_queue_fit(&delivery->queue, limit - have);
	if (fit > 0)
		return fit;
	if (export_file_has_lines(&delivery->file))
		return rotate(delivery, delivery->now_ns) ? 0 : SIZE_MAX;
	return export_queue_fit(&delivery->queue, delivery->line_bytes);
}

static void accept(struct export_delivery *delivery, size_t octets)
{
	struct export_queue *queue = &delivery->queue;
	size_t before = queue->torn + export_queue_bytes(queue);

	delivery->counters[STATS_output_sent] += export_queue_accept(queue, octets);
	delivery->counters[STATS_output_sent_octets] +=
			before - queue->torn - export_queue_bytes(queue);
}

/* One step of a flush: true when another one is worth while. */
static bool flush_some(struct export_delivery *delivery)
{
	struct iovec pieces[2];
	ssize_t written = export_file_write_lead(&delivery->file);

	if (written > 0)
		delivery->counters[STATS_output_sent_octets] += (uint64_t)written;
	if (written >= 0 && export_queue_bytes(&delivery->queue) > 0) {
		size_t room = get_room(delivery);
		if (room == 0)
			return true;
		int count = export_queue_peek(&delivery->queue, room, pieces);
		written = export_file_write(&delivery->file, pieces, count);
		if (written > 0) {
			accept(delivery, (size_t)written);
			return export_queue_bytes(&delivery->queue) > 0;
		}
	}
	if (written == -EAGAIN)
		delivery->stalled = true;
	else if (written < 0)
		fail(delivery, (int)-written);
	return false;
}

static void flush(struct export_delivery *delivery)
{
	delivery->unflushed = 0;
	while (delivery->failure == 0 && !delivery->stalled && flush_some(delivery))
		;
}

/* True while a slow reader may hold up the caller. */
static bool may_wait(const struct export_delivery *delivery)
{
	/* relaxed: the flag is its own message */
	return __atomic_load_n(delivery->may_block, __ATOMIC_RELAXED) && !delivery->file.regular
			&& delivery->failure == 0;
}

void export_delivery_begin(struct export_delivery *delivery)
{
	delivery->stalled = false;
}

char *export_delivery_reserve(struct export_delivery *delivery)
{
	size_t need = delivery->line_bytes;
	char *line = export_queue_reserve(&delivery->queue, need);

	if (BASE_LIKELY(line && !is_reader_gone(delivery->failure)))
		return line;
	flush(delivery);
	while (!(line = export_queue_reserve(&delivery->queue, need)) && may_wait(delivery)) {
		if (export_stream_wait(&delivery->file.stream, WAIT_NS))
			delivery->stalled = false;
		flush(delivery);
	}
	return is_reader_gone(delivery->failure) ? NULL : line;
}

void export_delivery_publish(struct export_delivery *delivery, size_t len)
{
	export_queue_publish(&delivery->queue, len);
	delivery->unflushed += len;
	if (delivery->unflushed >= EXPORT_FLUSH_BYTES)
		flush(delivery);
}

/* Opens the path again; a line that was torn is then sent again whole. */
static int reopen(struct export_delivery *delivery)
{
	bool moved;
	int error = export_file_reopen(&delivery->file, &moved);

	delivery->reopen_due = error < 0;
	if (error < 0) {
		set_error(delivery, -error);
		return error;
	}
	delivery->failure = 0;
	export_queue_untear(&delivery->queue);
	if (moved)
		finish_rotation(delivery);
	return 0;
}

/* Does what could help after a failure; the next flush shows whether it did. */
static void try_again(struct export_delivery *delivery)
{
	bool named = strcmp(delivery->config.path, "-") != 0;
	bool no_space = export_error_lost_row(delivery->failure) == STATS_output_lost_no_space;

	if (named && (delivery->reopen_due || (delivery->failure != 0 && !no_space))) {
		if (reopen(delivery) < 0)
			return;
	} else if (!is_reader_gone(delivery->failure)) {
		delivery->failure = 0;
	}
}

static bool is_failing(const struct export_delivery *delivery)
{
	return delivery->failure != 0 || delivery->reopen_due;
}

static void report_recovery(struct export_delivery *delivery)
{
	const uint64_t *counters = delivery->counters;
	uint64_t lost = counters[STATS_output_lost_no_space] + counters[STATS_output_lost_io_error]
			+ counters[STATS_output_lost_queue_full]
			+ counters[STATS_output_lost_closed];

	base_log_limited(&delivery->log_limit, LOG_SECONDS, BASE_LOG_NOTICE,
			"output %s: writes again; %" PRIu64 " records were lost since start",
			delivery->config.name, lost);
	delivery->reported = 0;
	delivery->error[0] = '\0';
}

int export_delivery_reopen(struct export_delivery *delivery)
{
	bool failing = is_failing(delivery);
	int error = 0;

	if (delivery->closed)
		return 0;
	delivery->stalled = false;
	flush(delivery);
	if (delivery->reopen_due || export_file_can_rotate(&delivery->file))
		error = reopen(delivery);
	flush(delivery);
	if (failing && !is_failing(delivery))
		report_recovery(delivery);
	return error;
}

static int64_t round_down(int64_t ns, int64_t step)
{
	int64_t rest = ns % step;

	return ns - (rest < 0 ? rest + step : rest);
}

/*
 * Files end at multiples of rotate_ns since 1970 UTC, so that those of one configuration line up.
 * What an earlier run left in the file counts by its last write.
 */
static void rotate_by_time(struct export_delivery *delivery)
{
	int64_t step = delivery->config.rotate_ns;
	int64_t now = delivery->now_ns;

	if (step <= 0 || delivery->reopen_due || !export_file_can_rotate(&delivery->file))
		return;
	if (delivery->rotate_at_ns == 0 || delivery->rotate_at_ns > now + step) {
		int64_t written = delivery->file.modified_ns;
		bool earlier = delivery->rotate_at_ns == 0 && written > 0 && written < now;
		delivery->rotate_at_ns = round_down(earlier ? written : now, step) + step;
	}
	if (now < delivery->rotate_at_ns)
		return;
	int64_t end = round_down(now, step);
	if (export_file_has_lines(&delivery->file))
		rotate(delivery, end);
	delivery->rotate_at_ns = end + step;
}

void export_delivery_tick(struct export_delivery *delivery, int64_t now_ns)
{
	if (delivery->closed)
		return;
	bool failing = is_failing(delivery);

	delivery->now_ns = now_ns;
	delivery->stalled = false;
	if (failing)
		try_again(delivery);
	flush(delivery);
	if (failing && !is_failing(delivery))
		report_recovery(delivery);
	rotate_by_time(delivery);
}

void export_delivery_finish(struct export_delivery *delivery, int64_t deadline_ns)
{
	if (delivery->closed)
		return;
	int64_t start_ns = base_clock_mono_ns();

	delivery->stalled = false;
	if (delivery->failure != 0)
		try_again(delivery);
	flush(delivery);
	while (delivery->stalled) {
		int64_t left_ns = deadline_ns - (base_clock_mono_ns() - start_ns);
		if (left_ns <= 0)
			break;
		delivery->stalled = !export_stream_wait(
				&delivery->file.stream, left_ns < WAIT_NS ? left_ns : WAIT_NS);
		flush(delivery);
	}
	export_delivery_lose(delivery, export_queue_clear(&delivery->queue));
	export_file_close(&delivery->file);
	delivery->failure = EPIPE; /* what is offered from now on finds nobody */
	delivery->closed = true;
}
