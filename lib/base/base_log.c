/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_log.h"

#include "base_clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 1024
#define SUFFIX_BYTES 40 /* for what was held back */

static _Atomic int log_level = BASE_LOG_NOTICE;

void base_log_set_level(enum base_log_level level)
{
	atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

enum base_log_level base_log_get_level(void)
{
	/* relaxed: a line more or less around a change of level harms nobody */
	return (enum base_log_level)atomic_load_explicit(&log_level, memory_order_relaxed);
}

static const char *level_word(enum base_log_level level)
{
	switch (level) {
	case BASE_LOG_ERROR:
		return "error: ";
	case BASE_LOG_WARNING:
		return "warning: ";
	case BASE_LOG_DEBUG:
		return "debug: ";
	default:
		return "";
	}
}

__attribute__((format(printf, 3, 0))) static void log_line(
		enum base_log_level level, unsigned int held, const char *format, va_list args)
{
	char line[LINE_BYTES];
	int n;

	if (getenv("JOURNAL_STREAM") && !isatty(STDERR_FILENO))
		n = snprintf(line, sizeof(line), "<%d>", (int)level);
	else
		n = snprintf(line, sizeof(line), "weir: %s", level_word(level));
	size_t len = (size_t)n;
	size_t room = sizeof(line) - SUFFIX_BYTES - len;
	n = vsnprintf(line + len, room, format, args);
	if (n > 0)
		len += (size_t)n < room ? (size_t)n : room - 1;
	if (held > 0)
		len += (size_t)snprintf(line + len, SUFFIX_BYTES, " (%u more like it)", held);
	line[len++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, len);
	(void)written; /* there is nowhere to report that standard error is gone */
}

void base_log(enum base_log_level level, const char *format, ...)
{
	if (level > base_log_get_level())
		return;
	va_list args;
	va_start(args, format);
	log_line(level, 0, format, args);
	va_end(args);
}

void base_log_limited(struct base_log_limit *limit, unsigned int seconds, enum base_log_level level,
		const char *format, ...)
{
	if (level > base_log_get_level())
		return;
	/* Two threads in one place may both print or both hold back: counts are a courtesy. */
	long long now = base_clock_mono_ns();
	if (now < __atomic_load_n(&limit->next_ns, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&limit->held, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_store_n(&limit->next_ns, now + seconds * (long long)BASE_NS_PER_SEC,
			__ATOMIC_RELAXED);
	unsigned int held = __atomic_exchange_n(&limit->held, 0, __ATOMIC_RELAXED);
	va_list args;
	va_start(args, format);
	log_line(level, held, format, args);
	va_end(args);
}
