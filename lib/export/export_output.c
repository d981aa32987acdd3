/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The output: encoder -> queue -> file, and the ledger over the three.
 *
 * Lines are handed to the file FLUSH_BYTES at a time and on every tick. What it does not take stays
 * in the queue: also while the disk is full or a file cannot be opened, so that a short trouble
 * costs nothing. When the queue is full, records are lost, under the reason why it is: a slow
 * reader, no space, an error. Only a reader that went away empties the queue at once.
 */
#include "export_output.h"

#include "base_clock.h"
#include "base_log.h"
#include "export_error.h"
#include "export_file.h"
#include "export_format.h"
#include "export_queue.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Large enough that the system call costs nothing beside the formatting of 400 records. */
#define FLUSH_BYTES ((size_t)256 << 10)
/* How long to wait for a reader before looking whether waiting is still wanted. */
#define WAIT_NS (100 * BASE_NS_PER_MS)
/* A disk that is full by turns makes no more than a line in this time. */
#define LOG_SECONDS 10
#define ERROR_BYTES (4 * CONFIG_PATH_BYTES)

struct export_output {
	/* shared: the control thread writes, any thread reads */
	struct stats_block stats;

	/* control thread only */
	struct config_output config;
	const struct export_context *context;
	struct export_encoder encoder;
	struct export_queue queue;
	struct export_file file;
	uint64_t counters[STATS_OUTPUT_COUNT];
	size_t unflushed; /* octets added since the last flush */
	bool stalled; /* the reader took nothing in this turn */
	bool reopen_due; /* the path could not be opened: every tick tries again */
	bool closed; /* export_output_finish() was called */
	int failure; /* errno of what keeps lines in the queue; 0: nothing */
	int64_t now_ns; /* wall clock of the last tick */
	int64_t rotate_at_ns; /* 0: the first tick will say */
	struct base_log_limit log_limit;
	int reported; /* errno of the last line in the log; 0: that it writes again */
	char error[ERROR_BYTES];
};

static void publish(struct export_output *output)
{
	output->counters[STATS_output_queued] = output->queue.lines;
	stats_block_publish(&output->stats, output->counters);
}

/* A write to a pipe without reader has to be an error, not the end of the program. */
static void ignore_sigpipe(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
		action.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &action, NULL);
	}
}

static struct export_output *allocate(
		const struct config_output *config, const struct export_context *context)
{
	struct export_output *output = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*output));

	if (!output)
		return NULL;
	memset(output, 0, sizeof(*output));
	output->config = *config;
	output->context = context;
	output->now_ns = base_clock_wall_ns();
	stats_block_init(&output->stats, STATS_OUTPUT_COUNT);
	return output;
}

int export_output_open(struct export_output **out, const struct config_output *config,
		const struct export_context *context, char *error_text, size_t error_bytes)
{
	char cause[ERROR_BYTES];
	struct export_output *output = allocate(config, context);
	int error = output ? 0 : -ENOMEM;

	snprintf(cause, sizeof(cause), "not enough memory");
	if (error < 0)
		goto err;
	error = export_encoder_init(
			&output->encoder, config->format, config->community_id, context);
	if (error == -ENOSYS)
		snprintf(cause, sizeof(cause),
				"the OpenSSL library offers no SHA-1; set community_id: false");
	if (error < 0)
		goto err_free;
	size_t size = config->queue_bytes > output->encoder.line_bytes ? config->queue_bytes
								       : output->encoder.line_bytes;
	error = export_queue_init(&output->queue, size);
	if (error < 0) {
		snprintf(cause, sizeof(cause), "no memory for a queue of %zu octets", size);
		goto err_encoder;
	}
	error = export_file_open(&output->file, config->path, output->encoder.header,
			output->encoder.header_len);
	if (error < 0) {
		export_error_explain(config->path, -error, cause, sizeof(cause));
		goto err_queue;
	}
	ignore_sigpipe();
	if ((config->rotate_bytes || config->rotate_ns) && !export_file_can_rotate(&output->file))
		base_log_notice("output %s: %s is not a file with a name; it is not rotated",
				config->name, config->path);
	*out = output;
	return 0;

err_queue:
	export_queue_fini(&output->queue);
err_encoder:
	export_encoder_fini(&output->encoder);
err_free:
	free(output);
err:
	snprintf(error_text, error_bytes, "output %s: %s", config->name, cause);
	return error;
}

/* The reader is gone for good (or until a named pipe has another one): nothing can be kept. */
static bool is_reader_gone(int failure)
{
	return export_error_lost_row(failure) == STATS_output_lost_closed;
}

static void lose(struct export_output *output, uint64_t records)
{
	output->counters[export_error_lost_row(output->failure)] += records;
}

static void set_error(struct export_output *output, int error)
{
	export_error_explain(output->config.path, error, output->error, sizeof(output->error));
	if (error == output->reported)
		return;
	output->reported = error;
	base_log_limited(&output->log_limit, LOG_SECONDS, BASE_LOG_WARNING, "output %s: %s",
			output->config.name, output->error);
}

/* Lines stay in the queue from now on; the ticks try again. */
static void fail(struct export_output *output, int error)
{
	output->failure = error;
	set_error(output, error);
	if (output->queue.torn > 0 && export_file_cut(&output->file, output->queue.torn) == 0)
		export_queue_untear(&output->queue);
	if (is_reader_gone(error)) {
		lose(output, export_queue_clear(&output->queue));
		/* with its last end a named pipe drops what was not read: the next reader starts
		 * clean */
		export_file_close(&output->file);
	}
}

static void finish_rotation(struct export_output *output)
{
	output->counters[STATS_output_rotations]++;
	output->error[0] = '\0';
	/* a line that was torn in the old file goes whole into the new one */
	export_queue_untear(&output->queue);
	if (export_file_can_rotate(&output->file))
		export_rotate_prune(output->config.path, output->config.keep_files);
}

/* True when lines now go to another file. */
static bool rotate(struct export_output *output, int64_t ns)
{
	bool moved;
	int error = export_file_rotate(&output->file, ns, &moved);

	if (error == -ENOENT && !moved) { /* somebody else was first */
		moved = true;
		error = export_file_reopen(&output->file, &(bool){false});
	}
	if (error < 0) {
		set_error(output, -error);
		output->reopen_due = moved;
		return false;
	}
	finish_rotation(output);
	return true;
}

/*
 * How many of the queued octets the file may take before it is rotated by size, at least one line.
 * A file is longer than rotate_bytes only when one line is, or when it cannot be rotated.
 */
static size_t get_room(struct export_output *output)
{
	uint64_t limit = output->config.rotate_bytes;
	uint64_t have = output->file.bytes;
	size_t fit = 0;

	if (limit == 0 || output->queue.torn > 0 || output->reopen_due
			|| !export_file_can_rotate(&output->file))
		return SIZE_MAX;
	if (have < limit)
		fit = export_queue_fit(&output->queue, limit - have);
	if (fit > 0)
		return fit;
	if (export_file_has_lines(&output->file))
		return rotate(output, output->now_ns) ? 0 : SIZE_MAX;
	return export_queue_fit(&output->queue, output->encoder.line_bytes);
}

static void accept(struct export_output *output, size_t octets)
{
	struct export_queue *queue = &output->queue;
	size_t before = queue->torn + export_queue_bytes(queue);

	output->counters[STATS_output_sent] += export_queue_accept(queue, octets);
	output->counters[STATS_output_sent_octets] +=
			before - queue->torn - export_queue_bytes(queue);
}

/* One step of a flush: true when another one is worth while. */
static bool flush_some(struct export_output *output)
{
	struct iovec pieces[2];
	ssize_t written = export_file_write_lead(&output->file);

	if (written > 0)
		output->counters[STATS_output_sent_octets] += (uint64_t)written;
	if (written >= 0 && export_queue_bytes(&output->queue) > 0) {
		size_t room = get_room(output);
		if (room == 0)
			return true;
		int count = export_queue_peek(&output->queue, room, pieces);
		written = export_file_write(&output->file, pieces, count);
		if (written > 0) {
			accept(output, (size_t)written);
			return export_queue_bytes(&output->queue) > 0;
		}
	}
	if (written == -EAGAIN)
		output->stalled = true;
	else if (written < 0)
		fail(output, (int)-written);
	return false;
}

static void flush(struct export_output *output)
{
	output->unflushed = 0;
	while (output->failure == 0 && !output->stalled && flush_some(output))
		;
}

/* True while a slow reader may hold up the caller. */
static bool may_wait(const struct export_output *output)
{
	return __atomic_load_n(&output->context->may_block, __ATOMIC_RELAXED)
			&& !output->file.regular && output->failure == 0;
}

/* Room for a line: by writing what is queued, and by waiting for the reader if that is allowed. */
static char *make_room(struct export_output *output)
{
	size_t need = output->encoder.line_bytes;
	char *out;

	flush(output);
	while (!(out = export_queue_reserve(&output->queue, need)) && may_wait(output)) {
		if (export_stream_wait(&output->file.stream, WAIT_NS))
			output->stalled = false;
		flush(output);
	}
	return out;
}

void export_output_write(
		struct export_output *output, const struct flow_record *records, uint32_t count)
{
	uint32_t done = 0;

	output->counters[STATS_output_offered] += count;
	output->stalled = false;
	for (; done < count && !is_reader_gone(output->failure); done++) {
		char *line = export_queue_reserve(&output->queue, output->encoder.line_bytes);
		if (BASE_UNLIKELY(!line)) {
			line = make_room(output);
			if (!line || is_reader_gone(output->failure))
				break;
		}
		char *end = export_encoder_write(&output->encoder, line, &records[done]);
		export_queue_publish(&output->queue, (size_t)(end - line));
		output->unflushed += (size_t)(end - line);
		if (output->unflushed >= FLUSH_BYTES)
			flush(output);
	}
	lose(output, count - done);
	publish(output);
}

/* Opens the path again; a line that was torn is then sent again whole. */
static int reopen(struct export_output *output)
{
	bool moved;
	int error = export_file_reopen(&output->file, &moved);

	output->reopen_due = error < 0;
	if (error < 0) {
		set_error(output, -error);
		return error;
	}
	output->failure = 0;
	export_queue_untear(&output->queue);
	if (moved)
		finish_rotation(output);
	return 0;
}

/* Does what could help after a failure; the next flush shows whether it did. */
static void try_again(struct export_output *output)
{
	bool named = strcmp(output->config.path, "-") != 0;
	bool no_space = export_error_lost_row(output->failure) == STATS_output_lost_no_space;

	if (named && (output->reopen_due || (output->failure != 0 && !no_space))) {
		if (reopen(output) < 0)
			return;
	} else if (!is_reader_gone(output->failure)) {
		output->failure = 0;
	}
}

static bool is_failing(const struct export_output *output)
{
	return output->failure != 0 || output->reopen_due;
}

static void report_recovery(struct export_output *output)
{
	const uint64_t *counters = output->counters;
	uint64_t lost = counters[STATS_output_lost_no_space] + counters[STATS_output_lost_io_error]
			+ counters[STATS_output_lost_queue_full]
			+ counters[STATS_output_lost_closed];

	base_log_limited(&output->log_limit, LOG_SECONDS, BASE_LOG_NOTICE,
			"output %s: writes again; %" PRIu64 " records were lost since start",
			output->config.name, lost);
	output->reported = 0;
	output->error[0] = '\0';
}

int export_output_reopen(struct export_output *output)
{
	bool failing = is_failing(output);
	int error = 0;

	if (output->closed)
		return 0;
	output->stalled = false;
	flush(output);
	if (output->reopen_due || export_file_can_rotate(&output->file))
		error = reopen(output);
	flush(output);
	if (failing && !is_failing(output))
		report_recovery(output);
	publish(output);
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
static void rotate_by_time(struct export_output *output)
{
	int64_t step = output->config.rotate_ns;
	int64_t now = output->now_ns;

	if (step <= 0 || output->reopen_due || !export_file_can_rotate(&output->file))
		return;
	if (output->rotate_at_ns == 0 || output->rotate_at_ns > now + step) {
		int64_t written = output->file.modified_ns;
		bool earlier = output->rotate_at_ns == 0 && written > 0 && written < now;
		output->rotate_at_ns = round_down(earlier ? written : now, step) + step;
	}
	if (now < output->rotate_at_ns)
		return;
	int64_t end = round_down(now, step);
	if (export_file_has_lines(&output->file))
		rotate(output, end);
	output->rotate_at_ns = end + step;
}

void export_output_tick(struct export_output *output, int64_t now_ns)
{
	if (output->closed)
		return;
	bool failing = is_failing(output);

	output->now_ns = now_ns;
	output->stalled = false;
	if (failing)
		try_again(output);
	flush(output);
	if (failing && !is_failing(output))
		report_recovery(output);
	rotate_by_time(output);
	publish(output);
}

void export_output_finish(struct export_output *output, int64_t deadline_ns)
{
	if (output->closed)
		return;
	int64_t end_ns = base_clock_mono_ns() + deadline_ns;

	output->stalled = false;
	if (output->failure != 0)
		try_again(output);
	flush(output);
	while (output->stalled) {
		int64_t left_ns = end_ns - base_clock_mono_ns();
		if (left_ns <= 0)
			break;
		output->stalled = !export_stream_wait(
				&output->file.stream, left_ns < WAIT_NS ? left_ns : WAIT_NS);
		flush(output);
	}
	lose(output, export_queue_clear(&output->queue));
	export_file_close(&output->file);
	output->failure = EPIPE; /* what is offered from now on finds nobody */
	output->closed = true;
	publish(output);
}

void export_output_close(struct export_output *output, int64_t deadline_ns)
{
	if (!output)
		return;
	export_output_finish(output, deadline_ns);
	export_queue_fini(&output->queue);
	export_encoder_fini(&output->encoder);
	free(output);
}

const char *export_output_name(const struct export_output *output)
{
	return output->config.name;
}

const struct stats_block *export_output_stats(const struct export_output *output)
{
	return &output->stats;
}

const char *export_output_error(const struct export_output *output)
{
	return output->error;
}
