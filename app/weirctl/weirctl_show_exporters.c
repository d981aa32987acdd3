/* SPDX-License-Identifier: BSD-3-Clause */
/* exporters: where records go and how that is going. export check: whether what was sent is right.
 */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <string.h>

static const struct weirctl_column columns[] = {{"EXPORTER", false}, {"FORMAT", false},
		{"TO", false}, {"STATE", false}, {"SENT", true}, {"OCTETS", true}, {"QUEUED", true},
		{"LOST", true}, {"MESSAGES", true}, {"OF TEMPLATES", true}, {"SESSIONS", true},
		{"SEQUENCE", true}};

static void add_count(
		struct weirctl_table *table, const json_t *value, const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];

	/* null: lines of text have no messages; missing: an older weir */
	weirctl_table_add(table, json_is_null(value) ? "-" : weirctl_count(value, style, text));
}

static void add_octets(
		struct weirctl_table *table, const json_t *value, const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(table, weirctl_octets(value, style, text));
}

static enum weirctl_colour state_colour(const char *state)
{
	if (!strcmp(state, "up") || !strcmp(state, "writing"))
		return WEIRCTL_GOOD;
	return strcmp(state, "connecting") ? WEIRCTL_BAD : WEIRCTL_WARN;
}

static void add_place(struct weirctl_table *table, const json_t *exporter)
{
	const char *transport = weirctl_text(exporter, "transport");
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	if (strcmp(transport, "file") != 0)
		base_strbuf_printf(&text, "%s ", transport);
	base_strbuf_puts(&text, weirctl_text(exporter, "to"));
	weirctl_table_add(table, text.text ? text.text : "");
	base_strbuf_fini(&text);
}

/* All its digits: it is there to be compared with a collector's. */
static const char *sequence_text(const json_t *exporter, char *out)
{
	const json_t *sequence = json_object_get(exporter, "sequence");

	return json_is_null(sequence) ? "-" : weirctl_integer_or(sequence, "unknown", out);
}

static void add_exporter(struct weirctl_table *table, const json_t *exporter,
		const struct weirctl_style *style)
{
	const char *state = weirctl_text(exporter, "state");
	char lost[WEIRCTL_NUMBER_BYTES];

	weirctl_table_add(table, weirctl_text(exporter, "name"));
	weirctl_table_add(table, weirctl_text(exporter, "format"));
	add_place(table, exporter);
	weirctl_table_add_coloured(table, state_colour(state), state);
	add_count(table, json_object_get(exporter, "sent"), style);
	add_octets(table, json_object_get(exporter, "sent_octets"), style);
	add_count(table, json_object_get(exporter, "queued"), style);
	weirctl_table_add_coloured(table,
			weirctl_integer(exporter, "lost") > 0 ? WEIRCTL_BAD : WEIRCTL_PLAIN,
			weirctl_count(json_object_get(exporter, "lost"), style, lost));
	add_count(table, json_object_get(exporter, "messages"), style);
	add_count(table, json_object_get(exporter, "template_messages"), style);
	add_count(table, json_object_get(exporter, "sessions"), style);
	weirctl_table_add(table, sequence_text(exporter, lost));
}

static void show_losses(
		struct base_strbuf *out, const json_t *exporter, const struct weirctl_style *style)
{
	const json_t *loss;
	char number[WEIRCTL_NUMBER_BYTES];
	size_t at;

	json_array_foreach (json_object_get(exporter, "losses"), at, loss) {
		if (weirctl_integer(loss, "records") > 0)
			base_strbuf_printf(out, "    lost %s records: %s\n",
					weirctl_count(json_object_get(loss, "records"), style,
							number),
					weirctl_text(loss, "why"));
	}
}

static void show_choice(
		struct base_strbuf *out, const json_t *exporter, const struct weirctl_style *style)
{
	const char *filter = weirctl_text(exporter, "filter"),
		   *group = weirctl_text(exporter, "group");
	char number[WEIRCTL_NUMBER_BYTES];

	if (*filter)
		base_strbuf_printf(out, "    filter: %s; left out %s records\n", filter,
				weirctl_count(json_object_get(exporter, "filtered"), style,
						number));
	if (*group)
		base_strbuf_printf(out, "    %s group %s; others got %s records\n",
				weirctl_text(exporter, "policy"), group,
				weirctl_count(json_object_get(exporter, "elsewhere"), style,
						number));
}

static void show_error(
		struct base_strbuf *out, const json_t *exporter, const struct weirctl_style *style)
{
	const char *now = weirctl_text(exporter, "error"),
		   *last = weirctl_text(exporter, "last_error");
	char ago[WEIRCTL_NUMBER_BYTES];

	if (*now) {
		base_strbuf_puts(out, "    ");
		weirctl_put(out, style, WEIRCTL_BAD, "error");
		base_strbuf_printf(out, ": %s\n", now);
	} else if (*last) {
		base_strbuf_printf(out, "    last error, %s ago: %s\n",
				weirctl_duration(json_object_get(exporter, "last_error_ago_ns"),
						ago),
				last);
	}
}

/* What the table has no room for, below the exporter's name. */
static void show_details(
		struct base_strbuf *out, const json_t *exporter, const struct weirctl_style *style)
{
	struct base_strbuf details = BASE_STRBUF_EMPTY;

	show_choice(&details, exporter, style);
	show_losses(&details, exporter, style);
	show_error(&details, exporter, style);
	if (details.len > 0)
		base_strbuf_printf(out, "\n%s\n%s", weirctl_text(exporter, "name"), details.text);
	out->failed |= details.failed;
	base_strbuf_fini(&details);
}

void weirctl_show_exporters(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *exporters = json_object_get(view->result, "exporters"), *exporter;
	struct weirctl_table table;
	size_t i;

	if (json_array_size(exporters) == 0) {
		base_strbuf_puts(out, "no outputs: records go nowhere\n");
		return;
	}
	weirctl_table_init(&table, columns, sizeof(columns) / sizeof(columns[0]));
	json_array_foreach (exporters, i, exporter)
		add_exporter(&table, exporter, &view->style);
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	json_array_foreach (exporters, i, exporter)
		show_details(out, exporter, &view->style);
}

static void show_finding(
		struct base_strbuf *out, const json_t *finding, const struct weirctl_style *style)
{
	const char *severity = weirctl_text(finding, "severity");
	char number[WEIRCTL_NUMBER_BYTES];

	base_strbuf_puts(out, "    ");
	weirctl_put(out, style,
			!strcmp(severity, "error")                     ? WEIRCTL_BAD
					: !strcmp(severity, "warning") ? WEIRCTL_WARN
								       : WEIRCTL_PLAIN,
			severity);
	base_strbuf_printf(out,
			" %s (%s): %s\n        %s time%s, first in message %lld at octet %lld: "
			"%s\n",
			weirctl_text(finding, "rule"), weirctl_text(finding, "source"),
			weirctl_text(finding, "text"),
			weirctl_count(json_object_get(finding, "count"), style, number),
			weirctl_integer(finding, "count") == 1 ? "" : "s",
			(long long)weirctl_integer(finding, "message") + 1,
			(long long)weirctl_integer(finding, "offset"),
			weirctl_text(finding, "first"));
}

static void show_verdict(
		struct base_strbuf *out, const json_t *exporter, const struct weirctl_style *style)
{
	int64_t errors = weirctl_integer(exporter, "errors"),
		warnings = weirctl_integer(exporter, "warnings");
	char messages[WEIRCTL_NUMBER_BYTES], octets[WEIRCTL_NUMBER_BYTES],
			records[WEIRCTL_NUMBER_BYTES], options[WEIRCTL_NUMBER_BYTES],
			templates[WEIRCTL_NUMBER_BYTES];
	const json_t *finding;
	size_t i;

	base_strbuf_printf(out,
			"%s: last %s messages, %s: %s records, %s of them options, %s templates: ",
			weirctl_text(exporter, "name"),
			weirctl_count(json_object_get(exporter, "messages"), style, messages),
			weirctl_octets(json_object_get(exporter, "octets"), style, octets),
			weirctl_count(json_object_get(exporter, "records"), style, records),
			weirctl_count(json_object_get(exporter, "options_records"), style, options),
			weirctl_count(json_object_get(exporter, "template_records"), style,
					templates));
	if (weirctl_integer(exporter, "messages") == 0)
		base_strbuf_puts(out, "nothing to judge yet\n");
	else if (errors + warnings == 0)
		base_strbuf_puts(out, "no rule broken\n");
	else
		base_strbuf_printf(out, "%lld rule%s broken, %lld warning%s\n", (long long)errors,
				errors == 1 ? "" : "s", (long long)warnings,
				warnings == 1 ? "" : "s");
	json_array_foreach (json_object_get(exporter, "findings"), i, finding)
		show_finding(out, finding, style);
}

void weirctl_show_export_check(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *exporters = json_object_get(view->result, "exporters"), *exporter;
	size_t i;

	if (json_array_size(exporters) == 0)
		base_strbuf_puts(out, "no output sends messages: all write lines of text\n");
	json_array_foreach (exporters, i, exporter)
		show_verdict(out, exporter, &view->style);
}
