/* SPDX-License-Identifier: BSD-3-Clause */
/* How things are printed: units or full digits, colours or none, how wide. */
#ifndef WEIRCTL_STYLE_H
#define WEIRCTL_STYLE_H

#include "base_strbuf.h"
#include "base_units.h"

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

struct weirctl_style {
	bool exact; /* full digits instead of k, M, G */
	bool colour; /* the terminal takes colours */
	bool all; /* also what is 0 */
	unsigned int width; /* columns to keep to where text can be wrapped */
};

enum weirctl_colour { WEIRCTL_PLAIN, WEIRCTL_BOLD, WEIRCTL_GOOD, WEIRCTL_WARN, WEIRCTL_BAD };

/* Octets of the longest text that the functions below write. */
#define WEIRCTL_NUMBER_BYTES (BASE_UNITS_BYTES + 16)

/*
 * Each writes a value of an answer into `out` (WEIRCTL_NUMBER_BYTES) and returns it. What is null
 * or missing reads "unknown": a driver that cannot tell is never shown as 0.
 */
char *weirctl_count(const json_t *value, const struct weirctl_style *style, char *out);
char *weirctl_octets(const json_t *value, const struct weirctl_style *style, char *out);
/* Per second, without its unit: "8.42 M", for columns whose title has it. */
char *weirctl_per_sec(const json_t *value, const struct weirctl_style *style, char *out);
char *weirctl_rate(const json_t *value, const char *unit, char *out); /* "8.42 Mpkt/s" */
char *weirctl_duration(const json_t *value, char *out); /* of ns */
char *weirctl_percent(const json_t *value, char *out); /* of 0..1 */
char *weirctl_headroom(const json_t *busy, char *out); /* "2.6x" */
char *weirctl_integer_or(const json_t *value, const char *otherwise, char *out);

/* Members by name, with a default. */
const char *weirctl_text(const json_t *object, const char *name); /* "" when there is none */
double weirctl_real(const json_t *value);
int64_t weirctl_integer(const json_t *object, const char *name); /* 0 when there is none */

/* Appends text in a colour, if there are any. */
void weirctl_put(struct base_strbuf *out, const struct weirctl_style *style,
		enum weirctl_colour colour, const char *text);
/* The escape sequence that begins a colour; "" without colours. WEIRCTL_PLAIN ends any. */
const char *weirctl_escape(const struct weirctl_style *style, enum weirctl_colour colour);

#endif
