/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The errors of one load: collected in any order, shown in the order of the file, and bounded in
 * number so that a file of rubbish does not fill a screen or the memory.
 */
#ifndef CONFIG_ERROR_H
#define CONFIG_ERROR_H

#include "base_strbuf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Errors that are shown; the rest is only counted. */
#define CONFIG_ERRORS_SHOWN 100

/* A place in the file, from 1; line 0: nowhere. */
struct config_mark {
	int line, column;
};

struct config_error {
	struct config_mark mark;
	size_t start, len; /* in `texts` */
};

struct config_errors {
	struct base_strbuf texts;
	unsigned int count; /* all, shown or not */
	struct config_error shown[CONFIG_ERRORS_SHOWN];
};

void config_errors_init(struct config_errors *errors);
void config_errors_fini(struct config_errors *errors);

/*
 * Adds one: `path` of the key ("syntax", "document" when there is none), then "what was found; what
 * was expected" by printf's rules. Both are copied.
 */
void config_errors_add(struct config_errors *errors, struct config_mark mark, const char *path,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
void config_errors_vadd(struct config_errors *errors, struct config_mark mark, const char *path,
		const char *format, va_list args) __attribute__((format(printf, 4, 0)));
/* True when a further error would only be counted: nobody needs its text. */
bool config_errors_full(const struct config_errors *errors);
/* Appends "file:line:column: path: text" lines in the order of the file. */
void config_errors_write(struct config_errors *errors, const char *file, struct base_strbuf *out);

/* Octets that a quoted text may take, with its NUL. */
#define CONFIG_QUOTE_BYTES 64
/* Writes `text` in quotes, cut when it is long, unprintable octets escaped; returns `out`. */
char *config_quote(const char *text, size_t len, char out[CONFIG_QUOTE_BYTES]);

#endif
