/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_trace.h"

#include "base_clock.h"
#include "base_strbuf.h"
#include "proto_method.h"
#include "weirctl_call.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 100000
#define SECONDS_DEFAULT 10
#define POLL_NS (50 * BASE_NS_PER_MS)

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* The number of packets is the first word, the filter the rest. 0 or an exit code. */
static int parse_words(const struct weirctl_run *run, json_t *params)
{
	struct base_strbuf filter = BASE_STRBUF_EMPTY;
	char *end = NULL;
	long count = run->word_count > 0 ? strtol(run->words[0], &end, 10) : 0;

	if (!end || *end != '\0' || count < 1 || count > COUNT_MAX) {
		fprintf(stderr,
				"weirctl: trace takes a number of packets, 1 to %d, and perhaps a "
				"filter\n  example:  weirctl trace 5 udp port 53\n",
				COUNT_MAX);
		return EX_USAGE;
	}
	json_object_set_new(params, "count", json_integer(count));
	for (unsigned int i = 1; i < run->word_count; i++) {
		base_strbuf_puts(&filter, i > 1 ? " " : "");
		base_strbuf_puts(&filter, run->words[i]);
	}
	if (filter.len > 0)
		json_object_set_new(params, "filter", json_string(filter.text));
	base_strbuf_fini(&filter);
	return 0;
}

struct trace {
	const struct weirctl_run *run;
	json_int_t id;
	uint64_t shown;
	int64_t missed;
	bool done;
};

static void print_packet(const struct trace *trace, const json_t *packet)
{
	if (!trace->run->options->json) {
		printf("%s\n", weirctl_text(packet, "text"));
		return;
	}
	json_t *copy = json_copy((json_t *)(uintptr_t)packet);
	json_object_del(copy, "text");
	char *text = json_dumps(copy, JSON_COMPACT);
	if (text)
		puts(text);
	free(text);
	json_decref(copy);
}

/* 0, or an exit code after a message. */
static int read_once(struct trace *trace)
{
	json_t *result, *packet;
	size_t i;
	int rc = weirctl_call(trace->run->options->socket, false, PROTO_METHOD_TRACE_READ,
			json_pack("{s:I}", "id", trace->id), &result);

	if (rc != 0)
		return rc;
	json_array_foreach (json_object_get(result, "packets"), i, packet) {
		print_packet(trace, packet);
		trace->shown++;
	}
	trace->missed = weirctl_integer(result, "missed");
	trace->done = json_is_true(json_object_get(result, "done"));
	json_decref(result);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	perror("weirctl: standard output");
	return EX_IOERR;
}

static int stop(const struct trace *trace)
{
	json_t *result;
	int rc = weirctl_call(trace->run->options->socket, false, PROTO_METHOD_TRACE_STOP,
			json_pack("{s:I}", "id", trace->id), &result);

	if (rc == 0)
		json_decref(result);
	return rc;
}

static void conclude(const struct trace *trace, int64_t took_ns, bool late)
{
	fprintf(stderr, "%" PRIu64 " packet%s in %.1f s%s", trace->shown,
			trace->shown == 1 ? "" : "s", (double)took_ns / 1e9,
			late ? ", then the time was over (--seconds)" : "");
	if (trace->missed > 0)
		fprintf(stderr, "; %" PRId64 " more came faster than they could be shown",
				trace->missed);
	fputc('\n', stderr);
}

int weirctl_trace(const struct weirctl_run *run)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};
	long long seconds = run->options->seconds ? run->options->seconds : SECONDS_DEFAULT;
	struct trace trace = {.run = run};
	json_t *params = json_object(), *result;
	int rc = parse_words(run, params);

	if (rc != 0) {
		json_decref(params);
		return rc;
	}
	catch_signals();
	rc = weirctl_call(run->options->socket, false, PROTO_METHOD_TRACE_START, params, &result);
	if (rc != 0)
		return rc;
	trace.id = json_integer_value(json_object_get(result, "id"));
	json_decref(result);
	int64_t began_ns = base_clock_mono_ns();
	bool late = false;
	while (rc == 0 && !trace.done && !interrupted && !late) {
		nanosleep(&pause, NULL);
		rc = read_once(&trace);
		late = base_clock_mono_ns() - began_ns > seconds * BASE_NS_PER_SEC;
	}
	if (rc == 0 && !trace.done)
		rc = stop(&trace);
	if (rc == 0)
		conclude(&trace, base_clock_mono_ns() - began_ns, late && !trace.done);
	return rc;
}
