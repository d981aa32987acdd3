/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_output.h"

#include "export_delivery.h"
#include "export_exporter.h"
#include "export_format.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_output {
	/* shared: the control thread writes, any thread reads */
	struct stats_block stats;

	/* control thread only */
	char name[CONFIG_NAME_BYTES];
	uint64_t offered;
	uint64_t filtered;
	uint64_t elsewhere;
	bool behind; /* the queue was half full and has not been empty since */
	bool text; /* lines in a file; else messages */
	struct export_encoder encoder;
	struct export_delivery delivery;
	struct export_exporter exporter;
};

static void judge_queue(struct export_output *output)
{
	const struct export_queue *lines = &output->delivery.queue;
	const struct export_messages *messages = &output->exporter.data;
	size_t used = output->text ? export_queue_bytes(lines) : export_messages_bytes(messages);

	if (used > (output->text ? lines->size : messages->size) / 2)
		output->behind = true;
	else if (used == 0)
		output->behind = false;
}

static void publish(struct export_output *output)
{
	uint64_t *counters = output->delivery.counters;

	if (output->text) {
		counters[STATS_output_queued] = output->delivery.queue.lines;
	} else {
		counters = output->exporter.counters;
		export_exporter_count(&output->exporter);
	}
	counters[STATS_output_offered] = output->offered;
	counters[STATS_output_filtered] = output->filtered;
	counters[STATS_output_elsewhere] = output->elsewhere;
	stats_block_publish(&output->stats, counters);
	judge_queue(output);
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

static int open_lines(struct export_output *output, const struct config_output *config,
		const struct export_context *context, char *cause)
{
	struct export_encoder *encoder = &output->encoder;
	int error = export_encoder_init(encoder, config->format, config->community_id, context);

	if (error < 0) {
		snprintf(cause, EXPORT_ERROR_BYTES,
				error == -ENOSYS ? "the OpenSSL library offers no SHA-1; set "
						   "community_id: false"
						 : "not enough memory");
		return error;
	}
	const struct export_delivery_options options = {
			.header = encoder->header,
			.header_len = encoder->header_len,
			.line_bytes = encoder->line_bytes,
			.may_block = &context->may_block,
	};
	error = export_delivery_open(&output->delivery, config, &options, cause);
	if (error < 0)
		export_encoder_fini(encoder);
	return error;
}

int export_output_open(struct export_output **out, const struct config_output *config,
		const struct export_context *context, char *error_text, size_t error_bytes)
{
	char cause[EXPORT_ERROR_BYTES] = "not enough memory";
	struct export_output *output = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*output));
	int error = -ENOMEM;

	if (output) {
		memset(output, 0, sizeof(*output));
		snprintf(output->name, sizeof(output->name), "%s", config->name);
		output->text = config_format_is_text(config->format);
		error = output->text
				? open_lines(output, config, context, cause)
				: export_exporter_open(&output->exporter, config, context, cause);
	}
	if (error < 0) {
		free(output);
		snprintf(error_text, error_bytes, "output %s: %s", config->name, cause);
		return error;
	}
	stats_block_init(&output->stats, STATS_OUTPUT_COUNT);
	ignore_sigpipe();
	*out = output;
	return 0;
}

static void write_lines(
		struct export_output *output, const struct flow_record *records, uint32_t count)
{
	struct export_delivery *delivery = &output->delivery;
	uint32_t done = 0;

	export_delivery_begin(delivery);
	for (; done < count; done++) {
		char *line = export_delivery_reserve(delivery);
		if (BASE_UNLIKELY(!line))
			break;
		char *end = export_encoder_write(&output->encoder, line, &records[done]);
		export_delivery_publish(delivery, (size_t)(end - line));
	}
	export_delivery_lose(delivery, count - done);
}

void export_output_write(
		struct export_output *output, const struct flow_record *records, uint32_t count)
{
	output->offered += count;
	if (output->text)
		write_lines(output, records, count);
	else
		export_exporter_write(&output->exporter, records, count);
	publish(output);
}

void export_output_pass(struct export_output *output, uint32_t filtered, uint32_t elsewhere)
{
	output->filtered += filtered;
	output->elsewhere += elsewhere;
	publish(output);
}

bool export_output_works(const struct export_output *output)
{
	if (output->behind)
		return false;
	return output->text ? output->delivery.error[0] == '\0'
			    : export_exporter_works(&output->exporter);
}

void export_output_tick(struct export_output *output, int64_t now_ns)
{
	if (output->text)
		export_delivery_tick(&output->delivery, now_ns);
	else
		export_exporter_tick(&output->exporter, now_ns);
	publish(output);
}

void export_output_push(struct export_output *output)
{
	if (output->text || export_messages_is_empty(&output->exporter.data))
		return;
	export_exporter_push(&output->exporter);
	publish(output);
}

int export_output_reopen(struct export_output *output)
{
	int error = 0;

	if (output->text)
		error = export_delivery_reopen(&output->delivery);
	else
		export_exporter_reopen(&output->exporter);
	publish(output);
	return error;
}

void export_output_finish(struct export_output *output, int64_t deadline_ns)
{
	if (output->text)
		export_delivery_finish(&output->delivery, deadline_ns);
	else
		export_exporter_finish(&output->exporter, deadline_ns);
	publish(output);
}

void export_output_close(struct export_output *output, int64_t deadline_ns)
{
	if (!output)
		return;
	export_output_finish(output, deadline_ns);
	if (output->text) {
		export_delivery_fini(&output->delivery);
		export_encoder_fini(&output->encoder);
	} else {
		export_exporter_fini(&output->exporter);
	}
	free(output);
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
	return output->text ? output->delivery.error : output->exporter.error;
}

int export_output_recent(struct export_output *output, struct export_recent_message **list)
{
	*list = NULL;
	return output->text ? 0 : export_recent_copy(&output->exporter.recent, list);
}
