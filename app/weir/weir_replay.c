/* SPDX-License-Identifier: BSD-3-Clause */
/* weir replay: capture files to flow records, as fast as the files can be read. */
#include "base_clock.h"
#include "base_log.h"
#include "source_replay.h"
#include "tap_text.h"
#include "weir_engine.h"
#include "weir_options.h"
#include "weir_progress.h"
#include "weir_signals.h"
#include "weir_summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DRAW_NS (100 * BASE_NS_PER_MS)
/* For workers to end what they have, once asked to stop. */
#define STOP_NS BASE_NS_PER_SEC
#define POLL_NS (2 * BASE_NS_PER_MS)

struct replay {
	struct weir_options options;
	struct weir_engine engine;
	struct source_replay *files;
	const char *subject;
	char subject_text[64];
	int64_t began_ns;
	bool draws;
	bool drawn;
	bool stopped;
	uint64_t traced;
};

/* From the reading thread: a line of its own, whatever stands on the terminal. */
static void on_file_error(void *arg, const char *path, const char *message)
{
	struct replay *replay = arg;

	if (replay->draws)
		weir_progress_clear();
	base_log_error("%s: %s", path, message);
}

static void name_subject(struct replay *replay, int count, char **paths)
{
	if (count == 1) {
		const char *slash = strrchr(paths[0], '/');
		replay->subject = strcmp(paths[0], "-") == 0 ? "standard input"
				: slash                      ? slash + 1
							     : paths[0];
		return;
	}
	snprintf(replay->subject_text, sizeof(replay->subject_text), "%d files", count);
	replay->subject = replay->subject_text;
}

static int build(struct replay *replay, int count, char **paths)
{
	const struct config *config = &replay->options.config;
	/* in the order of the file: one worker shows what it reads */
	uint32_t workers =
			replay->options.trace_packets > 0 ? 1 : weir_engine_worker_count(config, 1);

	if (source_replay_create(&replay->files, (const char *const *)paths, (uint32_t)count,
			    workers, on_file_error, replay)
			< 0) {
		fprintf(stderr, "weir replay: cannot start: out of memory\n");
		return EX_OSERR;
	}
	weir_engine_init(&replay->engine, config, true);
	for (uint32_t i = 0; i < workers; i++) {
		struct source *source = source_replay_worker(replay->files, i);
		struct weir_engine_worker worker = {
				.sources = &source,
				.source_count = 1,
				.cpu = config->workers.cpu_count > 0
						? weir_engine_pick_cpu(config, i, workers)
						: -1,
				.numa_node = -1,
				.queues = "replay",
		};
		int rc = weir_engine_add_worker(&replay->engine, &worker);
		if (rc != 0)
			return rc;
	}
	return weir_engine_connect(&replay->engine);
}

static int open_tap(struct replay *replay)
{
	const char *filter = replay->options.config.filter;
	char error[256];

	/* what the filter rejects is not worth a line: the tap has the same one */
	if (replay->options.trace_packets == 0)
		return 0;
	int rc = tap_open(worker_tap(replay->engine.workers[0]), replay->options.trace_packets,
			filter, error, sizeof(error));
	return rc == 0 ? 0 : EX_OSERR;
}

static void print_traced(struct replay *replay)
{
	struct tap *tap = worker_tap(replay->engine.workers[0]);
	struct tap_packet packet;

	while (replay->options.trace_packets > 0 && tap_read(tap, &packet)) {
		struct base_strbuf out = BASE_STRBUF_EMPTY;
		tap_text_packet(&out, tap_policy(tap), &packet, ++replay->traced, NULL);
		base_strbuf_putc(&out, '\n');
		if (!out.failed)
			fwrite(out.text, 1, out.len, stdout);
		base_strbuf_fini(&out);
	}
}

static void watch(struct replay *replay)
{
	int64_t drawn_ns = base_clock_mono_ns(), until_ns = INT64_MAX;

	/* a worker that waits for a reader who never reads is not waited for */
	while (!weir_engine_is_done(&replay->engine) && base_clock_mono_ns() < until_ns) {
		print_traced(replay);
		switch (weir_signals_wait(POLL_NS)) {
		case WEIR_SIGNAL_STOP:
			source_replay_stop(replay->files);
			replay->stopped = true;
			until_ns = base_clock_mono_ns() + STOP_NS;
			break;
		case WEIR_SIGNAL_REOPEN:
			control_reopen(replay->engine.control);
			break;
		case WEIR_SIGNAL_NONE:
			break;
		}
		int64_t now_ns = base_clock_mono_ns();
		if (replay->draws && now_ns - drawn_ns >= DRAW_NS) {
			struct source_replay_progress progress;
			source_replay_progress(replay->files, &progress);
			weir_progress_draw(&progress, replay->subject, now_ns - replay->began_ns);
			drawn_ns = now_ns;
			replay->drawn = true;
		}
	}
	if (replay->drawn)
		weir_progress_clear();
	print_traced(replay);
	fflush(stdout);
}

/* The records may have gone to a full disk, or to a reader that went away. */
static bool lost_any(struct replay *replay)
{
	struct control_view *view = malloc(sizeof(*view));
	bool lost = false;

	if (!view)
		return true;
	control_snapshot(replay->engine.control, view);
	for (size_t i = 0; i < view->snapshot.output_count; i++) {
		const uint64_t *v = view->outputs[i].values;
		lost |= v[STATS_output_offered] != v[STATS_output_sent];
	}
	free(view);
	return lost;
}

static int conclude(struct replay *replay, char **paths)
{
	struct source_replay_progress progress;
	bool closes = true;

	source_replay_progress(replay->files, &progress);
	if (progress.packets == 0 && progress.files_failed == progress.files_total)
		return access(paths[0], R_OK) < 0 && strcmp(paths[0], "-") != 0 ? EX_NOINPUT
										: EX_DATAERR;
	if (!replay->options.quiet) {
		struct weir_summary summary = {
				.subject = replay->subject,
				.span_ns = progress.last_ns - progress.first_ns,
				.took_ns = base_clock_mono_ns() - replay->began_ns,
				.replay = true,
				.stopped = replay->stopped,
		};
		if (replay->stopped)
			fprintf(stderr, "stopped early: what follows is what was read so far\n");
		closes = weir_summary_print(replay->engine.control, &summary);
	}
	if (lost_any(replay))
		return EX_IOERR;
	if (!closes)
		return EX_SOFTWARE;
	return progress.files_failed > 0 ? EX_DATAERR : EX_OK;
}

static int go(struct replay *replay, int count, char **paths)
{
	name_subject(replay, count, paths);
	replay->draws = !replay->options.quiet && replay->options.trace_packets == 0
			&& isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	replay->began_ns = base_clock_mono_ns();
	int rc = build(replay, count, paths);
	if (rc == 0)
		rc = open_tap(replay);
	if (rc == 0)
		rc = weir_engine_start(&replay->engine);
	if (rc == 0) {
		watch(replay);
		weir_engine_stop(&replay->engine, !replay->stopped);
		rc = conclude(replay, paths);
	} else if (replay->files) {
		source_replay_stop(replay->files);
		weir_engine_stop(&replay->engine, false);
	}
	weir_engine_fini(&replay->engine);
	if (replay->files)
		source_replay_destroy(replay->files);
	return rc;
}

int weir_replay(const struct weir_command *command, int argc, char **argv)
{
	static struct replay replay;
	int rc = weir_options_parse(&replay.options, WEIR_OPTIONS_REPLAY, command, argc, argv);

	if (rc != 0 || replay.options.show_help)
		return rc;
	int first = replay.options.first_argument;
	if (first == argc) {
		fprintf(stderr,
				"weir replay: no capture file is named\n"
				"  try: weir replay FILE.pcap > flows.jsonl\n");
		return EX_USAGE;
	}
	weir_signals_block();
	return go(&replay, argc - first, argv + first);
}
