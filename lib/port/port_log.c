/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_log.h"

#include <rte_log.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* DPDK writes to the stream from any thread, under the stream's own lock. */
static struct {
	FILE *stream;
	char line[PORT_LOG_LINE_BYTES];
	size_t line_len;
} dpdk;

#define SAID_MAX 8

/* Main thread, but for `on` and `error`, which the stream uses under `lock`. */
static struct {
	pthread_mutex_t lock;
	bool on;
	char error[PORT_LOG_LINE_BYTES]; /* first one of DPDK's log */
	char foreign[PORT_LOG_LINE_BYTES]; /* first line of somebody without a log */
	int memory_fd, saved[2];
	struct {
		enum base_log_level level;
		char text[2 * PORT_LOG_LINE_BYTES];
	} said[SAID_MAX];
	size_t said_count;
} capture = {.lock = PTHREAD_MUTEX_INITIALIZER, .memory_fd = -1, .saved = {-1, -1}};

/* Tells DPDK's log lines from others among what is held back. */
#define DPDK_MARK '\001'

/* "EAL: FATAL: Cannot ..." and "rte_pmd_af_xdp_probe(): Failed ..." become what they say. */
static const char *skip_prefix(const char *line)
{
	static const char *const prefixes[] = {"EAL: ", "FATAL: ", "ETHDEV: ", "Error: "};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(line, prefixes[i], strlen(prefixes[i])) == 0)
			line += strlen(prefixes[i]);
	const char *function = strstr(line, "(): ");
	return function && !memchr(line, ' ', (size_t)(function - line)) ? function + 4 : line;
}

static void take_line(const char *line, bool is_error)
{
	if (line[0] == '\0')
		return;
	/* Under the lock, so that what is held back still has somewhere to go. */
	pthread_mutex_lock(&capture.lock);
	bool held = capture.on;
	if (is_error && capture.error[0] == '\0')
		snprintf(capture.error, sizeof(capture.error), "%.*s", PORT_LOG_LINE_BYTES - 1,
				skip_prefix(line));
	if (held)
		dprintf(capture.memory_fd, "%c%s\n", DPDK_MARK, line);
	pthread_mutex_unlock(&capture.lock);
	if (!held)
		base_log_debug("dpdk: %s", line);
}

static ssize_t write_stream(void *cookie, const char *text, size_t bytes)
{
	(void)cookie;
	bool is_error = rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] != '\n' && dpdk.line_len < sizeof(dpdk.line) - 1) {
			dpdk.line[dpdk.line_len++] = text[i];
			continue;
		}
		dpdk.line[dpdk.line_len] = '\0';
		dpdk.line_len = 0;
		take_line(dpdk.line, is_error);
	}
	return (ssize_t)bytes;
}

int port_log_open(void)
{
	if (dpdk.stream)
		return 0;
	dpdk.stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_stream});
	if (!dpdk.stream)
		return -ENOMEM;
	setvbuf(dpdk.stream, NULL, _IOLBF, PORT_LOG_LINE_BYTES);
	rte_openlog_stream(dpdk.stream);
	return 0;
}

void port_log_close(void)
{
	if (!dpdk.stream)
		return;
	rte_openlog_stream(NULL);
	fclose(dpdk.stream);
	dpdk.stream = NULL;
}

static void set_on(bool on)
{
	pthread_mutex_lock(&capture.lock);
	capture.on = on;
	pthread_mutex_unlock(&capture.lock);
}

void port_log_forget(void)
{
	pthread_mutex_lock(&capture.lock);
	capture.error[0] = '\0';
	capture.foreign[0] = '\0';
	pthread_mutex_unlock(&capture.lock);
}

void port_log_capture_begin(void)
{
	fflush(stdout);
	fflush(stderr);
	port_log_forget();
	capture.memory_fd = memfd_create("weir-dpdk-log", MFD_CLOEXEC);
	capture.saved[0] = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	capture.saved[1] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	bool possible = capture.memory_fd >= 0 && capture.saved[0] >= 0 && capture.saved[1] >= 0;
	if (possible) {
		dup2(capture.memory_fd, STDOUT_FILENO);
		dup2(capture.memory_fd, STDERR_FILENO);
	}
	set_on(possible);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void forward_captured(void)
{
	FILE *held = fdopen(dup(capture.memory_fd), "r");
	char line[PORT_LOG_LINE_BYTES];

	if (!held)
		return;
	rewind(held);
	while (fgets(line, sizeof(line), held)) {
		line[strcspn(line, "\n")] = '\0';
		const char *text = line[0] == DPDK_MARK ? line + 1 : line;
		if (text[0] == '\0')
			continue;
		base_log_debug("dpdk: %s", text);
		if (text == line && capture.foreign[0] == '\0')
			snprintf(capture.foreign, sizeof(capture.foreign), "%s", text);
	}
	fclose(held);
}

void port_log_capture_end(void)
{
	fflush(stdout);
	fflush(stderr);
	bool was_on = capture.on;
	set_on(false);
	if (was_on) {
		dup2(capture.saved[0], STDOUT_FILENO);
		dup2(capture.saved[1], STDERR_FILENO);
		forward_captured();
	}
	close_fd(&capture.saved[0]);
	close_fd(&capture.saved[1]);
	close_fd(&capture.memory_fd);
	for (size_t i = 0; i < capture.said_count; i++)
		base_log(capture.said[i].level, "%s", capture.said[i].text);
	capture.said_count = 0;
}

void port_log_say(enum base_log_level level, const char *format, ...)
{
	char text[sizeof(capture.said[0].text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!capture.on) {
		base_log(level, "%s", text);
	} else if (capture.said_count < SAID_MAX) {
		capture.said[capture.said_count].level = level;
		strcpy(capture.said[capture.said_count].text, text);
		capture.said_count++;
	}
}

const char *port_log_cause(void)
{
	/* What is wrong with an argument only getopt says, on standard error. */
	static const char vague[] = "Invalid 'command line'";

	if (capture.foreign[0]
			&& (capture.error[0] == '\0'
					|| strncmp(capture.error, vague, sizeof(vague) - 1) == 0))
		return capture.foreign;
	return capture.error;
}
