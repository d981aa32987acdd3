/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_style.h"

#include <stdio.h>
#include <string.h>

const char *weirctl_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

double weirctl_real(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : 0;
}

int64_t weirctl_integer(const json_t *object, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(object, name));
}

static char *unknown(char *out)
{
	snprintf(out, WEIRCTL_NUMBER_BYTES, "unknown");
	return out;
}

static uint64_t unsigned_of(const json_t *value)
{
	json_int_t number = json_integer_value(value);

	return number < 0 ? 0 : (uint64_t)number;
}

char *weirctl_count(const json_t *value, const struct weirctl_style *style, char *out)
{
	if (!json_is_integer(value))
		return unknown(out);
	if (style->exact)
		return base_units_exact(unsigned_of(value), out);
	return base_units_count(unsigned_of(value), out);
}

char *weirctl_octets(const json_t *value, const struct weirctl_style *style, char *out)
{
	if (!json_is_integer(value))
		return unknown(out);
	if (style->exact)
		return base_units_exact(unsigned_of(value), out);
	return base_units_bytes_si(unsigned_of(value), out);
}

char *weirctl_per_sec(const json_t *value, const struct weirctl_style *style, char *out)
{
	double number = weirctl_real(value);

	if (!json_is_number(value))
		return unknown(out);
	uint64_t whole = number < 0 ? 0 : (uint64_t)(number + 0.5);
	return style->exact ? base_units_exact(whole, out) : base_units_count(whole, out);
}

char *weirctl_rate(const json_t *value, const char *unit, char *out)
{
	if (!json_is_number(value))
		return unknown(out);
	return base_units_rate(weirctl_real(value), unit, out);
}

char *weirctl_duration(const json_t *value, char *out)
{
	if (!json_is_integer(value))
		return unknown(out);
	return base_units_duration((int64_t)json_integer_value(value), out);
}

char *weirctl_percent(const json_t *value, char *out)
{
	if (!json_is_number(value))
		return unknown(out);
	snprintf(out, WEIRCTL_NUMBER_BYTES, "%.0f %%", 100 * weirctl_real(value));
	return out;
}

char *weirctl_headroom(const json_t *busy, char *out)
{
	double part = weirctl_real(busy);

	if (part < 0.01)
		snprintf(out, WEIRCTL_NUMBER_BYTES, "> 100x");
	else
		snprintf(out, WEIRCTL_NUMBER_BYTES, "%.1fx", 1 / part);
	return out;
}

char *weirctl_integer_or(const json_t *value, const char *otherwise, char *out)
{
	if (json_is_integer(value))
		snprintf(out, WEIRCTL_NUMBER_BYTES, "%lld", (long long)json_integer_value(value));
	else
		snprintf(out, WEIRCTL_NUMBER_BYTES, "%s", otherwise);
	return out;
}

const char *weirctl_escape(const struct weirctl_style *style, enum weirctl_colour colour)
{
	static const char *const sequences[] = {
			[WEIRCTL_PLAIN] = "\033[0m",
			[WEIRCTL_BOLD] = "\033[1m",
			[WEIRCTL_GOOD] = "\033[32m",
			[WEIRCTL_WARN] = "\033[33m",
			[WEIRCTL_BAD] = "\033[1;31m",
	};

	return style->colour ? sequences[colour] : "";
}

void weirctl_put(struct base_strbuf *out, const struct weirctl_style *style,
		enum weirctl_colour colour, const char *text)
{
	if (colour == WEIRCTL_PLAIN) {
		base_strbuf_puts(out, text);
		return;
	}
	base_strbuf_puts(out, weirctl_escape(style, colour));
	base_strbuf_puts(out, text);
	base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_PLAIN));
}
