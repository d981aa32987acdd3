/* SPDX-License-Identifier: BSD-3-Clause */
/* Columns as wide as what is in them, two blanks apart, figures to the right. */
#ifndef WEIRCTL_TABLE_H
#define WEIRCTL_TABLE_H

#include "weirctl_style.h"

#include <stddef.h>

#define WEIRCTL_MAX_COLUMNS 20

struct weirctl_column {
	const char *title; /* NULL for all columns: a table without a head */
	bool right;
};

struct weirctl_cell {
	char *text;
	enum weirctl_colour colour;
};

struct weirctl_table {
	const struct weirctl_column *columns;
	size_t column_count;
	struct weirctl_cell *cells; /* row by row */
	size_t count, size;
	bool failed; /* out of memory: it prints nothing */
};

void weirctl_table_init(struct weirctl_table *table, const struct weirctl_column *columns,
		size_t column_count);
void weirctl_table_fini(struct weirctl_table *table);
/* Fills the next cell, left to right; the text is copied. */
void weirctl_table_add(struct weirctl_table *table, const char *text);
void weirctl_table_add_coloured(
		struct weirctl_table *table, enum weirctl_colour colour, const char *text);
/* Appends the head and all rows, each line after `indent` blanks. */
void weirctl_table_write(const struct weirctl_table *table, const struct weirctl_style *style,
		unsigned int indent, struct base_strbuf *out);

#endif
