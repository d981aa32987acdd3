/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void weirctl_table_init(struct weirctl_table *table, const struct weirctl_column *columns,
		size_t column_count)
{
	assert(column_count <= WEIRCTL_MAX_COLUMNS);
	*table = (struct weirctl_table){.columns = columns, .column_count = column_count};
}

void weirctl_table_fini(struct weirctl_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct weirctl_table){0};
}

void weirctl_table_add_coloured(
		struct weirctl_table *table, enum weirctl_colour colour, const char *text)
{
	if (table->count == table->size) {
		size_t size = table->size ? 2 * table->size : 64;
		struct weirctl_cell *cells = realloc(table->cells, size * sizeof(*cells));
		if (!cells) {
			table->failed = true;
			return;
		}
		table->cells = cells;
		table->size = size;
	}
	char *copy = strdup(text);
	if (!copy) {
		table->failed = true;
		return;
	}
	table->cells[table->count++] = (struct weirctl_cell){copy, colour};
}

void weirctl_table_add(struct weirctl_table *table, const char *text)
{
	weirctl_table_add_coloured(table, WEIRCTL_PLAIN, text);
}

/* Characters, not octets: what continues a UTF-8 character takes no column. */
static size_t columns_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void measure(const struct weirctl_table *table, size_t *widths)
{
	for (size_t c = 0; c < table->column_count; c++)
		widths[c] = table->columns[c].title ? columns_of(table->columns[c].title) : 0;
	for (size_t i = 0; i < table->count; i++) {
		size_t width = columns_of(table->cells[i].text);
		if (width > widths[i % table->column_count])
			widths[i % table->column_count] = width;
	}
}

static void pad(struct base_strbuf *out, size_t count)
{
	while (count-- > 0)
		base_strbuf_putc(out, ' ');
}

struct line {
	size_t owed; /* blanks that are only written when something follows */
};

static void write_cell(struct line *line, const struct weirctl_style *style, size_t width,
		bool right, enum weirctl_colour colour, const char *text, struct base_strbuf *out)
{
	size_t blanks = width - columns_of(text);

	if (!*text) {
		line->owed += width + 2;
		return;
	}
	pad(out, line->owed + (right ? blanks : 0));
	weirctl_put(out, style, colour, text);
	line->owed = 2 + (right ? 0 : blanks);
}

static void write_head(const struct weirctl_table *table, const struct weirctl_style *style,
		unsigned int indent, const size_t *widths, struct base_strbuf *out)
{
	struct line line = {indent};

	if (!table->columns[0].title)
		return;
	for (size_t c = 0; c < table->column_count; c++)
		write_cell(&line, style, widths[c], table->columns[c].right, WEIRCTL_BOLD,
				table->columns[c].title, out);
	base_strbuf_putc(out, '\n');
}

void weirctl_table_write(const struct weirctl_table *table, const struct weirctl_style *style,
		unsigned int indent, struct base_strbuf *out)
{
	size_t widths[WEIRCTL_MAX_COLUMNS];

	if (table->failed) {
		out->failed = true;
		return;
	}
	measure(table, widths);
	write_head(table, style, indent, widths, out);
	for (size_t row = 0; row < table->count / table->column_count; row++) {
		const struct weirctl_cell *cells = &table->cells[row * table->column_count];
		struct line line = {indent};
		for (size_t c = 0; c < table->column_count; c++)
			write_cell(&line, style, widths[c], table->columns[c].right,
					cells[c].colour, cells[c].text, out);
		base_strbuf_putc(out, '\n');
	}
}
