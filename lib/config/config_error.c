/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a quoted text before it is cut; an escape is four octets long. */
#define QUOTED_OCTETS 40

void config_errors_init(struct config_errors *errors)
{
	memset(errors, 0, sizeof(*errors));
}

void config_errors_fini(struct config_errors *errors)
{
	base_strbuf_fini(&errors->texts);
}

bool config_errors_full(const struct config_errors *errors)
{
	return errors->count >= CONFIG_ERRORS_SHOWN;
}

void config_errors_vadd(struct config_errors *errors, struct config_mark mark, const char *path,
		const char *format, va_list args)
{
	bool full = config_errors_full(errors);
	struct config_error *error = &errors->shown[full ? 0 : errors->count];

	errors->count++;
	if (full)
		return;
	error->mark = mark;
	error->start = errors->texts.len;
	base_strbuf_printf(&errors->texts, "%s: ", path);
	base_strbuf_vprintf(&errors->texts, format, args);
	error->len = errors->texts.len - error->start;
}

void config_errors_add(struct config_errors *errors, struct config_mark mark, const char *path,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	config_errors_vadd(errors, mark, path, format, args);
	va_end(args);
}

static int compare_marks(const void *left, const void *right)
{
	const struct config_error *a = left, *b = right;

	if (a->mark.line != b->mark.line)
		return a->mark.line < b->mark.line ? -1 : 1;
	if (a->mark.column != b->mark.column)
		return a->mark.column < b->mark.column ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

void config_errors_write(struct config_errors *errors, const char *file, struct base_strbuf *out)
{
	unsigned int shown = errors->count;

	if (shown > CONFIG_ERRORS_SHOWN)
		shown = CONFIG_ERRORS_SHOWN;
	if (errors->texts.failed) {
		base_strbuf_printf(out, "%s: %u errors, and no memory to say which\n", file,
				errors->count);
		return;
	}
	qsort(errors->shown, shown, sizeof(errors->shown[0]), compare_marks);
	for (unsigned int i = 0; i < shown; i++) {
		const struct config_error *error = &errors->shown[i];
		base_strbuf_printf(out, "%s:%d:%d: ", file, error->mark.line, error->mark.column);
		base_strbuf_add(out, errors->texts.text + error->start, error->len);
		base_strbuf_putc(out, '\n');
	}
	if (errors->count > shown)
		base_strbuf_printf(out, "%s: %u more errors\n", file, errors->count - shown);
}

/* The octets at `text` that belong together: one, or a character of UTF-8. */
static size_t character_octets(const char *text, size_t len)
{
	size_t octets = 1;

	while (octets < len && ((unsigned char)text[octets] & 0xc0) == 0x80)
		octets++;
	return octets;
}

/* Control characters of ASCII, and those of Latin-1 (U+0080 to U+009F): a terminal obeys both. */
static bool is_control(const char *text, size_t octets)
{
	unsigned char c = (unsigned char)text[0];

	if (octets == 2 && c == 0xc2)
		return (unsigned char)text[1] < 0xa0;
	return c < 0x20 || c == 0x7f;
}

char *config_quote(const char *text, size_t len, char out[CONFIG_QUOTE_BYTES])
{
	char *end = out;

	*end++ = '"';
	while (len > 0) {
		size_t octets = character_octets(text, len);
		size_t used = (size_t)(end - out);
		bool escaped = is_control(text, octets);
		if (octets > 4 || used + (escaped ? 4 : octets) > QUOTED_OCTETS) {
			end = mempcpy(end, "...", 3);
			break;
		}
		if (escaped)
			end += snprintf(end, 5, "\\x%02x", (unsigned char)text[octets - 1]);
		else
			end = mempcpy(end, text, octets);
		text += octets;
		len -= octets;
	}
	*end++ = '"';
	*end = '\0';
	return out;
}
