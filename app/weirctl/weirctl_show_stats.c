/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <stdio.h>
#include <string.h>

static const struct weirctl_column columns[] = {
		{NULL, false}, {NULL, true}, {NULL, false}, {NULL, true}, {NULL, false}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_wanted(const struct weirctl_view *view, const char *name)
{
	for (unsigned int i = 0; i < view->word_count; i++) {
		if (strstr(name, view->words[i]))
			return true;
	}
	return view->word_count == 0;
}

static double seconds_between(const struct weirctl_view *view)
{
	return (double)(weirctl_integer(view->result, "taken_ns")
			       - weirctl_integer(view->before, "taken_ns"))
			/ 1e9;
}

/* Both answers list the same counters in the same order, as long as it is the same weir. */
static void add_growth(struct weirctl_table *table, const struct weirctl_view *view, size_t i,
		const json_t *counter)
{
	const json_t *earlier = json_array_get(json_object_get(view->before, "counters"), i);
	double seconds = seconds_between(view);
	int64_t grown = weirctl_integer(counter, "value") - weirctl_integer(earlier, "value");
	char number[BASE_UNITS_BYTES], text[BASE_UNITS_BYTES + 8] = "";

	if (earlier && seconds > 0 && grown > 0
			&& !strcmp(weirctl_text(counter, "kind"), "counter"))
		snprintf(text, sizeof(text), "%s/s",
				base_units_count(
						(uint64_t)((double)grown / seconds + 0.5), number));
	weirctl_table_add(table, text);
}

struct group {
	struct weirctl_table table;
	const char *scope;
	size_t zeros; /* rows that were left out */
	size_t shown;
};

static void end_group(struct group *group, const struct weirctl_view *view, struct base_strbuf *out)
{
	if (group->table.count > 0) {
		if (out->len > 0)
			base_strbuf_putc(out, '\n');
		weirctl_put(out, &view->style, WEIRCTL_BOLD, group->scope);
		base_strbuf_putc(out, '\n');
		weirctl_table_write(&group->table, &view->style, 4, out);
	}
	weirctl_table_fini(&group->table);
	weirctl_table_init(&group->table, columns, COLUMNS);
}

static void add_counter(struct group *group, const struct weirctl_view *view, size_t i,
		const json_t *counter)
{
	const json_t *value = json_object_get(counter, "value");
	const char *unit = weirctl_text(counter, "unit");
	bool is_time = !strcmp(unit, "ns") && !view->style.exact;
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(&group->table, weirctl_text(counter, "name"));
	weirctl_table_add(&group->table,
			is_time ? weirctl_duration(value, text)
				: weirctl_count(value, &view->style, text));
	weirctl_table_add(&group->table, is_time ? "" : unit);
	add_growth(&group->table, view, i, counter);
	weirctl_table_add(&group->table, weirctl_text(counter, "help"));
	group->shown++;
}

void weirctl_show_stats(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *counters = json_object_get(view->result, "counters");
	const json_t *counter;
	struct group group = {.scope = ""};
	size_t i;

	weirctl_table_init(&group.table, columns, COLUMNS);
	json_array_foreach (counters, i, counter) {
		const char *scope = weirctl_text(counter, "scope");
		if (strcmp(scope, group.scope) != 0) {
			end_group(&group, view, out);
			group.scope = scope;
		}
		if (!is_wanted(view, weirctl_text(counter, "name")))
			continue;
		if (!view->style.all && weirctl_integer(counter, "value") == 0)
			group.zeros++;
		else
			add_counter(&group, view, i, counter);
	}
	end_group(&group, view, out);
	weirctl_table_fini(&group.table);
	if (group.zeros > 0)
		base_strbuf_printf(out,
				"%s%zu counter%s left out because %s 0 (--all shows them)\n",
				group.shown ? "\n" : "", group.zeros, group.zeros == 1 ? "" : "s",
				group.zeros == 1 ? "it is" : "they are");
	else if (group.shown == 0)
		base_strbuf_puts(out,
				"no counter has such a name (weirctl stats --all lists them)\n");
}
