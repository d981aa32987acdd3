/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 256

void base_strbuf_fini(struct base_strbuf *buf)
{
	free(buf->text);
	*buf = BASE_STRBUF_EMPTY;
}

void base_strbuf_reset(struct base_strbuf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->text)
		buf->text[0] = '\0';
}

int base_strbuf_reserve(struct base_strbuf *buf, size_t more)
{
	if (buf->failed)
		return -ENOMEM;
	if (more < buf->size - buf->len && buf->size > 0)
		return 0;
	size_t size = buf->size ? buf->size : FIRST_BYTES;
	while (size - buf->len <= more) {
		if (size > SIZE_MAX / 2) {
			buf->failed = true;
			return -ENOMEM;
		}
		size *= 2;
	}
	char *text = realloc(buf->text, size);
	if (!text) {
		buf->failed = true;
		return -ENOMEM;
	}
	buf->text = text;
	buf->size = size;
	return 0;
}

void base_strbuf_add(struct base_strbuf *buf, const char *text, size_t len)
{
	if (base_strbuf_reserve(buf, len) < 0)
		return;
	if (len > 0)
		memcpy(buf->text + buf->len, text, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void base_strbuf_puts(struct base_strbuf *buf, const char *text)
{
	base_strbuf_add(buf, text, strlen(text));
}

void base_strbuf_putc(struct base_strbuf *buf, char c)
{
	base_strbuf_add(buf, &c, 1);
}

void base_strbuf_u64(struct base_strbuf *buf, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	base_strbuf_add(buf, digits + at, sizeof(digits) - at);
}

void base_strbuf_vprintf(struct base_strbuf *buf, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0 || base_strbuf_reserve(buf, (size_t)len) < 0)
		return;
	vsnprintf(buf->text + buf->len, buf->size - buf->len, format, args);
	buf->len += (size_t)len;
}

void base_strbuf_printf(struct base_strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	base_strbuf_vprintf(buf, format, args);
	va_end(args);
}

void base_strbuf_consume(struct base_strbuf *buf, size_t len)
{
	if (len >= buf->len) {
		base_strbuf_reset(buf);
		return;
	}
	memmove(buf->text, buf->text + len, buf->len - len + 1);
	buf->len -= len;
}
