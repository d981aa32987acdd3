/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_outputs.h"

#include "base_clock.h"

#include <stdio.h>
#include <string.h>

/* As many records as a run of the drain has: 4 KiB of choices. */
#define CONTROL_OUTPUTS_RUN 512

int control_outputs_open(struct control_outputs *outputs, const struct config *config,
		const struct export_context *context, char *error, size_t error_bytes)
{
	*outputs = (struct control_outputs){.lock = PTHREAD_MUTEX_INITIALIZER};
	int rc = control_routes_init(&outputs->routes, config, error, error_bytes);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < config->output_count; i++) {
		rc = export_output_open(&outputs->open[i], &config->outputs[i], context, error,
				error_bytes);
		if (rc < 0) {
			uint64_t unused[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];
			outputs->open[i] = NULL;
			control_outputs_close(outputs, 0, unused);
			return rc;
		}
		snprintf(outputs->names[i], sizeof(outputs->names[i]), "%s",
				export_output_name(outputs->open[i]));
		outputs->count++;
	}
	return 0;
}

static control_outputs_set working(const struct control_outputs *outputs)
{
	control_outputs_set works = 0;

	for (uint32_t i = 0; i < outputs->count; i++)
		works |= (control_outputs_set)export_output_works(outputs->open[i]) << i;
	return works;
}

/* Those that are output i's, in runs that lie side by side. */
static void write_chosen(struct control_outputs *outputs, uint32_t i,
		const struct flow_record *records, const struct control_route *chosen,
		uint32_t count)
{
	const control_outputs_set own = 1u << i;
	uint32_t filtered = 0, elsewhere = 0;

	for (uint32_t from = 0; from < count;) {
		uint32_t to = from;
		while (to < count && chosen[to].given & own)
			to++;
		if (to > from)
			export_output_write(outputs->open[i], records + from, to - from);
		for (; to < count && !(chosen[to].given & own); to++) {
			filtered += !(chosen[to].fits & own);
			elsewhere += (chosen[to].fits & own) != 0;
		}
		from = to;
	}
	export_output_pass(outputs->open[i], filtered, elsewhere);
}

void control_outputs_write(
		struct control_outputs *outputs, const struct flow_record *records, uint32_t count)
{
	struct control_route chosen[CONTROL_OUTPUTS_RUN];
	const struct control_routes *routes = &outputs->routes;
	bool routed = (routes->plain | -1u << outputs->count) != UINT32_MAX;

	for (uint32_t done = 0; done < count;) {
		uint32_t some = count - done;
		if (some > CONTROL_OUTPUTS_RUN)
			some = CONTROL_OUTPUTS_RUN;
		if (routed)
			control_routes_choose(
					routes, working(outputs), records + done, some, chosen);
		for (uint32_t i = 0; i < outputs->count; i++) {
			if (routes->plain & 1u << i)
				export_output_write(outputs->open[i], records + done, some);
			else
				write_chosen(outputs, i, records + done, chosen, some);
		}
		done += some;
	}
}

static void note_errors(struct control_outputs *outputs, int64_t now_ns)
{
	pthread_mutex_lock(&outputs->lock);
	for (uint32_t i = 0; i < outputs->count; i++) {
		struct control_output_error *error = &outputs->errors[i];
		const char *text = export_output_error(outputs->open[i]);
		error->now = text[0] != '\0';
		if (!error->now)
			continue;
		snprintf(error->text, sizeof(error->text), "%s", text);
		error->at_ns = now_ns;
	}
	pthread_mutex_unlock(&outputs->lock);
}

void control_outputs_tick(struct control_outputs *outputs, int64_t now_ns)
{
	for (uint32_t i = 0; i < outputs->count; i++)
		export_output_tick(outputs->open[i], now_ns);
	note_errors(outputs, now_ns);
}

void control_outputs_read_errors(
		struct control_outputs *outputs, struct control_output_error *errors)
{
	pthread_mutex_lock(&outputs->lock);
	memcpy(errors, outputs->errors, outputs->count * sizeof(*errors));
	pthread_mutex_unlock(&outputs->lock);
}

int control_outputs_recent(
		struct control_outputs *outputs, uint32_t i, struct export_recent_message **list)
{
	int count = 0;

	*list = NULL;
	pthread_mutex_lock(&outputs->lock);
	if (outputs->open[i])
		count = export_output_recent(outputs->open[i], list);
	pthread_mutex_unlock(&outputs->lock);
	return count;
}

void control_outputs_push(struct control_outputs *outputs)
{
	for (uint32_t i = 0; i < outputs->count; i++)
		export_output_push(outputs->open[i]);
}

void control_outputs_reopen(struct control_outputs *outputs)
{
	/* One that fails has logged why and tries again with each tick. */
	for (uint32_t i = 0; i < outputs->count; i++)
		(void)export_output_reopen(outputs->open[i]);
}

void control_outputs_read(
		const struct control_outputs *outputs, uint64_t values[][STATS_OUTPUT_COUNT])
{
	for (uint32_t i = 0; i < outputs->count; i++) {
		if (outputs->open[i])
			stats_block_read(export_output_stats(outputs->open[i]), values[i]);
	}
}

/* Longer than any run, and can still be added to a time. */
#define NO_LIMIT_NS (INT64_MAX / 2)

static int64_t share_of(int64_t until_ns, uint32_t sharers)
{
	if (until_ns == INT64_MAX)
		return NO_LIMIT_NS;
	int64_t left_ns = until_ns - base_clock_mono_ns();
	return left_ns > 0 ? left_ns / sharers : 0;
}

static void close_one(struct control_outputs *outputs, uint32_t i, int64_t deadline_ns,
		uint64_t values[][STATS_OUTPUT_COUNT])
{
	export_output_finish(outputs->open[i], deadline_ns);
	stats_block_read(export_output_stats(outputs->open[i]), values[i]);
	pthread_mutex_lock(&outputs->lock);
	export_output_close(outputs->open[i], 0);
	outputs->open[i] = NULL;
	pthread_mutex_unlock(&outputs->lock);
}

void control_outputs_close(struct control_outputs *outputs, int64_t until_ns,
		uint64_t values[][STATS_OUTPUT_COUNT])
{
	uint32_t left = 0;

	control_outputs_read(outputs, values);
	for (uint32_t i = 0; i < outputs->count; i++)
		left += outputs->open[i] != NULL;
	for (uint32_t i = 0; i < outputs->count; i++) {
		if (outputs->open[i] && values[i][STATS_output_queued] == 0)
			close_one(outputs, i, share_of(until_ns, left--), values);
	}
	for (uint32_t i = 0; i < outputs->count; i++) {
		if (outputs->open[i])
			close_one(outputs, i, share_of(until_ns, left--), values);
	}
}
