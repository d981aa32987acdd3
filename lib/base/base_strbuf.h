/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A text buffer that grows. Once an allocation fails it stays in error and drops what is added, so
 * that callers check once, at the end.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_strbuf {
	char *text; /* NUL-terminated once anything was added; NULL before */
	size_t len;
	size_t size;
	bool failed;
};

#define BASE_STRBUF_EMPTY ((struct base_strbuf){0})

void base_strbuf_fini(struct base_strbuf *buf);
/* Forgets the text, keeps the memory. */
void base_strbuf_reset(struct base_strbuf *buf);
/* Makes room for `more` octets; returns 0 or -ENOMEM. */
int base_strbuf_reserve(struct base_strbuf *buf, size_t more);
void base_strbuf_add(struct base_strbuf *buf, const char *text, size_t len);
void base_strbuf_puts(struct base_strbuf *buf, const char *text);
void base_strbuf_putc(struct base_strbuf *buf, char c);
void base_strbuf_u64(struct base_strbuf *buf, uint64_t value);
void base_strbuf_printf(struct base_strbuf *buf, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
void base_strbuf_vprintf(struct base_strbuf *buf, const char *format, va_list args)
		__attribute__((format(printf, 2, 0)));
/* Drops the first `len` octets and moves the rest forward. */
void base_strbuf_consume(struct base_strbuf *buf, size_t len);

#endif
