/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ledger: one equation a line, wrapped where it gets too long. Of equations with many terms
 * those that are 0 are left out, all but the first of the right side.
 */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <stdio.h>
#include <string.h>

#define FEW_TERMS 5
#define LEAST_WIDTH 40

static char *format_value(const json_t *identity, const json_t *term,
		const struct weirctl_style *style, char *out)
{
	struct weirctl_style exact = *style;

	if (!strcmp(weirctl_text(identity, "unit"), "octets"))
		return weirctl_octets(json_object_get(term, "value"), style, out);
	exact.exact = true; /* a packet is a packet */
	return weirctl_count(json_object_get(term, "value"), &exact, out);
}

static bool is_left_out(const json_t *terms, size_t i, const struct weirctl_style *style)
{
	const json_t *value = json_object_get(json_array_get(terms, i), "value");

	return !style->all && json_array_size(terms) > FEW_TERMS && i > 1 && json_is_integer(value)
			&& json_integer_value(value) == 0;
}

/* Lines of an equation, each at most `width` wide where a term allows. */
struct lines {
	struct base_strbuf text; /* NUL after each line */
	size_t count;
	size_t width;
	size_t at; /* columns of the current line */
};

static void add_piece(struct lines *lines, const char *piece)
{
	size_t len = strlen(piece);

	if (lines->count == 0 || (lines->at > 0 && lines->at + 1 + len > lines->width)) {
		if (lines->count > 0)
			base_strbuf_putc(&lines->text, '\0');
		lines->count++;
		lines->at = 0;
		if (lines->count > 1) {
			base_strbuf_puts(&lines->text, "    ");
			lines->at = 4;
		}
	} else {
		base_strbuf_putc(&lines->text, ' ');
		lines->at++;
	}
	base_strbuf_puts(&lines->text, piece);
	lines->at += len;
}

static void write_equation(
		struct lines *lines, const json_t *identity, const struct weirctl_style *style)
{
	const json_t *terms = json_object_get(identity, "terms");
	const json_t *term;
	size_t i;

	json_array_foreach (terms, i, term) {
		char number[WEIRCTL_NUMBER_BYTES], piece[128];
		const char *sign = weirctl_text(term, "sign");
		if (is_left_out(terms, i, style))
			continue;
		snprintf(piece, sizeof(piece), "%s%s%s %s",
				i == 0                   ? ""
						: i == 1 ? "="
							 : sign,
				i == 0 ? "" : " ", weirctl_text(term, "name"),
				format_value(identity, term, style, number));
		add_piece(lines, piece);
	}
}

static void add_residual(struct weirctl_table *table, const json_t *identity)
{
	const json_t *residual = json_object_get(identity, "residual");
	char text[48];

	if (!json_is_integer(residual)) {
		weirctl_table_add_coloured(table, WEIRCTL_WARN, "unknown");
		return;
	}
	snprintf(text, sizeof(text), "residual %lld", (long long)json_integer_value(residual));
	weirctl_table_add_coloured(
			table, json_integer_value(residual) ? WEIRCTL_BAD : WEIRCTL_GOOD, text);
}

static void add_identity(struct weirctl_table *table, const json_t *identity, const char *subject,
		size_t width, const struct weirctl_style *style)
{
	struct lines lines = {.width = width};
	const char *line;

	write_equation(&lines, identity, style);
	line = lines.text.text ? lines.text.text : "";
	for (size_t i = 0; i < lines.count; i++) {
		weirctl_table_add(table, i == 0 ? subject : "");
		weirctl_table_add(table, i == 0 ? weirctl_text(identity, "unit") : "");
		weirctl_table_add(table, line);
		if (i == 0)
			add_residual(table, identity);
		else
			weirctl_table_add(table, "");
		line += strlen(line) + 1;
	}
	base_strbuf_fini(&lines.text);
	if (!json_is_integer(json_object_get(identity, "residual"))) {
		char note[160];
		snprintf(note, sizeof(note), "    (%s)", weirctl_text(identity, "note"));
		weirctl_table_add(table, "");
		weirctl_table_add(table, "");
		weirctl_table_add(table, note);
		weirctl_table_add(table, "");
	}
}

/* What is left for equations beside the widest subject, the unit and the residual. */
static size_t equation_width(const json_t *identities, const struct weirctl_style *style)
{
	const json_t *identity;
	size_t i, subject = 0;

	json_array_foreach (identities, i, identity) {
		size_t len = strlen(weirctl_text(identity, "subject"));
		subject = len > subject ? len : subject;
	}
	size_t beside = subject + 2 + strlen("packets") + 2 + 2 + strlen("residual -1");
	return style->width > beside + LEAST_WIDTH ? style->width - beside : LEAST_WIDTH;
}

static void show_verdict(
		struct base_strbuf *out, const json_t *audit, const struct weirctl_style *style)
{
	const json_t *identity;
	size_t i, open = 0, unknown = 0;

	json_array_foreach (json_object_get(audit, "identities"), i, identity) {
		const json_t *residual = json_object_get(identity, "residual");
		unknown += !json_is_integer(residual);
		open += json_is_integer(residual) && json_integer_value(residual) != 0;
	}
	if (i == 0) {
		base_strbuf_puts(out, "unknown: the answer has no identities\n");
	} else if (open > 0) {
		weirctl_put(out, style, WEIRCTL_BAD, "NOT OK");
		base_strbuf_printf(out,
				": %zu line%s above %s not close; a residual that stays is a "
				"loss, or an error of weir\n",
				open, open == 1 ? "" : "s", open == 1 ? "does" : "do");
	} else if (unknown > 0) {
		weirctl_put(out, style, WEIRCTL_GOOD, "OK");
		base_strbuf_printf(out, " where it can be told; %zu line%s unknown\n", unknown,
				unknown == 1 ? " is" : "s are");
	} else {
		weirctl_put(out, style, WEIRCTL_GOOD, "OK");
		base_strbuf_puts(out, ": every packet and record is accounted for\n");
	}
}

void weirctl_show_audit(struct base_strbuf *out, const struct weirctl_view *view)
{
	static const struct weirctl_column columns[] = {
			{NULL, false}, {NULL, false}, {NULL, false}, {NULL, false}};
	const json_t *identities = json_object_get(view->result, "identities");
	const json_t *identity;
	const char *before = "";
	struct weirctl_table table;
	size_t i, width = equation_width(identities, &view->style);

	weirctl_table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
	json_array_foreach (identities, i, identity) {
		const char *subject = weirctl_text(identity, "subject");
		add_identity(&table, identity, strcmp(subject, before) ? subject : "", width,
				&view->style);
		before = subject;
	}
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	show_verdict(out, view->result, &view->style);
}

static uint64_t distance(const json_t *residual)
{
	json_int_t value = json_integer_value(residual);

	if (!json_is_integer(residual))
		return UINT64_MAX;
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void weirctl_audit_merge(json_t *audit, const json_t *again)
{
	json_t *identities = json_object_get(audit, "identities");
	const json_t *others = json_object_get(again, "identities");
	const json_t *identity;
	size_t i;
	bool holds = true;

	if (json_array_size(identities) != json_array_size(others))
		return; /* another weir by now */
	json_array_foreach (identities, i, identity) {
		json_t *other = json_array_get(others, i);
		if (distance(json_object_get(other, "residual"))
				< distance(json_object_get(identity, "residual")))
			json_array_set(identities, i, other);
		const json_t *residual = json_object_get(json_array_get(identities, i), "residual");
		holds &= !json_is_integer(residual) || json_integer_value(residual) == 0;
	}
	json_object_set_new(audit, "holds", json_boolean(holds));
}
