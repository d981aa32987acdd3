/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Outputs that do what a test says (be slow, block, fail, hang) and remember what they were given.
 * They stand in for the export module: a test that includes this file links none of it.
 */
#ifndef FAKE_OUTPUT_H
#define FAKE_OUTPUT_H

#include "base_clock.h"
#include "export_output.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct export_output {
	/* what the test says */
	int open_error; /* open fails with this */
	int reopen_error;
	int64_t write_ns; /* how long a write takes */
	uint64_t queue_limit; /* records, while blocked */
	_Atomic bool blocked; /* nobody reads: records queue, or the caller waits */
	const char *error; /* what it says of itself */
	bool lingers; /* takes all the time it gets to finish */
	bool broken; /* what comes had better go elsewhere */
	_Atomic bool hung; /* a write never comes back, whatever is asked */
	void (*on_write)(struct export_output *output, uint32_t count);

	/* what it saw */
	uint64_t *ids; /* flow_id of each record that was offered, in order */
	size_t id_count, id_room;
	uint32_t largest_run;
	_Atomic uint32_t ticks;
	_Atomic uint32_t reopens;
	uint32_t pushes;
	int64_t finish_share_ns; /* the time it was given to finish */
	uint32_t finish_rank; /* 1: the first that was finished */
	bool open, finished, closed;
	pthread_t writer;

	struct stats_block stats;
	uint64_t counters[STATS_OUTPUT_COUNT];
	char name[CONFIG_NAME_BYTES];
	const struct export_context *context;
};

static struct export_output fakes[CONFIG_MAX_OUTPUTS];
static uint32_t fake_opened, fake_finished;

static inline void fake_sleep_ns(int64_t ns)
{
	struct timespec time = {.tv_sec = ns / BASE_NS_PER_SEC, .tv_nsec = ns % BASE_NS_PER_SEC};

	if (ns > 0)
		nanosleep(&time, NULL);
}

/* To be called first in a test; the next output that is opened is fakes[0]. */
static inline void fake_reset(void)
{
	for (int i = 0; i < CONFIG_MAX_OUTPUTS; i++)
		free(fakes[i].ids);
	memset(fakes, 0, sizeof(fakes));
	for (int i = 0; i < CONFIG_MAX_OUTPUTS; i++)
		fakes[i].queue_limit = UINT64_MAX;
	fake_opened = fake_finished = 0;
}

static inline void fake_publish(struct export_output *output)
{
	stats_block_publish(&output->stats, output->counters);
}

/* Passes the queue on to the reader that is there again. */
static inline void fake_flush(struct export_output *output)
{
	if (atomic_load(&output->blocked))
		return;
	output->counters[STATS_output_sent] += output->counters[STATS_output_queued];
	output->counters[STATS_output_queued] = 0;
}

static inline void fake_remember(
		struct export_output *output, const struct flow_record *records, uint32_t count)
{
	if (output->id_count + count > output->id_room) {
		output->id_room = (output->id_count + count) * 2;
		output->ids = realloc(output->ids, output->id_room * sizeof(*output->ids));
	}
	for (uint32_t i = 0; i < count; i++)
		output->ids[output->id_count++] = records[i].flow_id;
	if (count > output->largest_run)
		output->largest_run = count;
}

int export_output_open(struct export_output **out, const struct config_output *config,
		const struct export_context *context, char *error, size_t error_bytes)
{
	struct export_output *output = &fakes[fake_opened];

	if (output->open_error) {
		snprintf(error, error_bytes, "output %s: no", config->name);
		return output->open_error;
	}
	fake_opened++;
	output->open = true;
	output->context = context;
	snprintf(output->name, sizeof(output->name), "%s", config->name);
	stats_block_init(&output->stats, STATS_OUTPUT_COUNT);
	*out = output;
	return 0;
}

void export_output_write(
		struct export_output *output, const struct flow_record *records, uint32_t count)
{
	output->writer = pthread_self();
	fake_sleep_ns(output->write_ns);
	while (atomic_load(&output->hung))
		fake_sleep_ns(BASE_NS_PER_MS);
	fake_remember(output, records, count);
	output->counters[STATS_output_offered] += count;
	while (atomic_load(&output->blocked)
			&& __atomic_load_n(&output->context->may_block, __ATOMIC_RELAXED))
		fake_sleep_ns(BASE_NS_PER_MS);
	fake_flush(output);
	for (uint32_t i = 0; i < count; i++) {
		if (!atomic_load(&output->blocked))
			output->counters[STATS_output_sent]++;
		else if (output->counters[STATS_output_queued] < output->queue_limit)
			output->counters[STATS_output_queued]++;
		else
			output->counters[STATS_output_lost_queue_full]++;
	}
	fake_publish(output);
	if (output->on_write)
		output->on_write(output, count);
}

void export_output_pass(struct export_output *output, uint32_t filtered, uint32_t elsewhere)
{
	output->counters[STATS_output_filtered] += filtered;
	output->counters[STATS_output_elsewhere] += elsewhere;
	fake_publish(output);
}

bool export_output_works(const struct export_output *output)
{
	return !output->broken;
}

void export_output_tick(struct export_output *output, int64_t now_ns)
{
	(void)now_ns;
	atomic_fetch_add(&output->ticks, 1);
	fake_flush(output);
	fake_publish(output);
}

void export_output_push(struct export_output *output)
{
	output->pushes++;
}

int export_output_reopen(struct export_output *output)
{
	atomic_fetch_add(&output->reopens, 1);
	return output->reopen_error;
}

void export_output_finish(struct export_output *output, int64_t deadline_ns)
{
	int64_t until_ns = base_clock_mono_ns() + deadline_ns;

	output->finish_share_ns = deadline_ns;
	output->finish_rank = ++fake_finished;
	while ((output->lingers
			       || (output->counters[STATS_output_queued] > 0
					       && atomic_load(&output->blocked)))
			&& base_clock_mono_ns() < until_ns)
		fake_sleep_ns(BASE_NS_PER_MS);
	fake_flush(output);
	output->counters[STATS_output_lost_closed] += output->counters[STATS_output_queued];
	output->counters[STATS_output_queued] = 0;
	output->finished = true;
	fake_publish(output);
}

void export_output_close(struct export_output *output, int64_t deadline_ns)
{
	(void)deadline_ns;
	output->open = false;
	output->closed = true;
}

const char *export_output_name(const struct export_output *output)
{
	return output->name;
}

const struct stats_block *export_output_stats(const struct export_output *output)
{
	return &output->stats;
}

const char *export_output_error(const struct export_output *output)
{
	return output->error ? output->error : "";
}

int export_output_recent(struct export_output *output, struct export_recent_message **list)
{
	*list = calloc(1, sizeof(**list));
	return *list ? (int)output->ticks : -ENOMEM;
}

#endif
