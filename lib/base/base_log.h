/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines on standard error. Under systemd (JOURNAL_STREAM is set) lines carry the "<N>" prefix
 * of the journal instead of "weir: ". Never called by a worker on the packet path.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum base_log_level {
	BASE_LOG_ERROR = 3,
	BASE_LOG_WARNING = 4,
	BASE_LOG_NOTICE = 5,
	BASE_LOG_INFO = 6,
	BASE_LOG_DEBUG = 7,
};

/* Lines above `level` are dropped; the start value is BASE_LOG_NOTICE. Any thread. */
void base_log_set_level(enum base_log_level level);
enum base_log_level base_log_get_level(void);

/* Writes one line, made atomic by a single write(2); a newline is added. Any thread. */
void base_log(enum base_log_level level, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#define base_log_error(...) base_log(BASE_LOG_ERROR, __VA_ARGS__)
#define base_log_warning(...) base_log(BASE_LOG_WARNING, __VA_ARGS__)
#define base_log_notice(...) base_log(BASE_LOG_NOTICE, __VA_ARGS__)
#define base_log_info(...) base_log(BASE_LOG_INFO, __VA_ARGS__)
#define base_log_debug(...) base_log(BASE_LOG_DEBUG, __VA_ARGS__)

/*
 * At most one line in `seconds` from this place in the code; what was held back in between is
 * counted on the next line.
 */
#define base_log_every(seconds, level, ...)                                     \
	do {                                                                    \
		static struct base_log_limit limit_here;                        \
		base_log_limited(&limit_here, (seconds), (level), __VA_ARGS__); \
	} while (0)

struct base_log_limit {
	long long next_ns;
	unsigned int held;
};

void base_log_limited(struct base_log_limit *limit, unsigned int seconds, enum base_log_level level,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
