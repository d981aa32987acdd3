/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_show.h"
#include "weirctl_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct weirctl_column columns[] = {{"REASON", false}, {"PACKETS", true},
		{"OCTETS", true}, {"PKT/S", true}, {"SHARE", true}, {"LAST", true},
		{"AT (UTC)", false}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define REASONS_MAX 64
/* Of an ISO 8601 time. */
#define DATE_LEN 10
#define SECONDS_LEN 19

/* Where a loss is and what helps. In the order of the answer's words. */
static const struct {
	const char *what, *words, *cure;
} cures[] = {
		{"missed", "missed: no worker took them in time",
				"more workers, more ports.rx_descriptors; see weirctl workers"},
		{"errors", "refused by the port as broken", "look at the cable and the other end"},
		{"full", "lost in a full ring", "raise flows.ring_records; see weirctl status"},
		/* of outputs: the answer has the words */
		{"no_space", NULL, "make room, or rotate with outputs.keep"},
		{"io_error", NULL, "see weir's messages"},
		{"queue_full", NULL, "raise outputs.queue; see weirctl exporters"},
		{"closed", NULL, "start it again, then weirctl reopen"},
		{"unreachable", NULL, "see weirctl exporters"},
		{"unacknowledged", NULL, "see weirctl exporters"},
		{"unfit", NULL, "lower outputs.mtu; use ipfix instead of netflow-v5"},
};

static uint64_t packets_of(const json_t *reason)
{
	return (uint64_t)weirctl_integer(reason, "packets");
}

static int by_packets(const void *a, const void *b)
{
	uint64_t x = packets_of(*(const json_t *const *)a);
	uint64_t y = packets_of(*(const json_t *const *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Those that happened (or all), most packets first; returns how many. */
static size_t pick(const json_t *reasons, bool all, const json_t *picked[REASONS_MAX])
{
	const json_t *reason;
	size_t i, count = 0;

	json_array_foreach (reasons, i, reason) {
		if (count < REASONS_MAX && (all || packets_of(reason) > 0))
			picked[count++] = reason;
	}
	if (count > 1)
		qsort(picked, count, sizeof(*picked), by_packets);
	return count;
}

/* How long ago, and when: "2026-11-21T01:30:00.000000000Z" as far as its seconds. */
static void add_last(struct weirctl_table *table, const json_t *reason)
{
	const json_t *ago = json_object_get(reason, "ago_ns");
	const char *last = weirctl_text(reason, "last");
	char number[WEIRCTL_NUMBER_BYTES], text[WEIRCTL_NUMBER_BYTES + 8];

	if (json_is_integer(ago))
		snprintf(text, sizeof(text), "%s ago", weirctl_duration(ago, number));
	else
		snprintf(text, sizeof(text), "%s", *last ? "-" : "never");
	weirctl_table_add(table, text);
	snprintf(text, sizeof(text), "%.*s", SECONDS_LEN, last);
	if (strlen(text) == SECONDS_LEN)
		text[DATE_LEN] = ' ';
	weirctl_table_add(table, text);
}

static void add_reason(struct weirctl_table *table, const json_t *reason, double received,
		const struct weirctl_style *style)
{
	char text[WEIRCTL_NUMBER_BYTES];
	double share = received > 0 ? (double)packets_of(reason) / received : 0;

	weirctl_table_add(table, weirctl_text(reason, "reason"));
	weirctl_table_add(table, weirctl_count(json_object_get(reason, "packets"), style, text));
	weirctl_table_add(table, weirctl_octets(json_object_get(reason, "octets"), style, text));
	weirctl_table_add(table,
			weirctl_per_sec(json_object_get(reason, "packets_per_sec"), style, text));
	snprintf(text, sizeof(text), share > 0 && share < 0.0001 ? "<0.01 %%" : "%.2f %%",
			100 * share);
	weirctl_table_add(table, text);
	add_last(table, reason);
}

static void show_reasons(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *picked[REASONS_MAX];
	double received = weirctl_real(json_object_get(view->result, "received_packets"));
	struct weirctl_table table;
	size_t count = pick(json_object_get(view->result, "reasons"), view->style.all, picked);

	if (count == 0)
		return;
	weirctl_table_init(&table, columns, COLUMNS);
	for (size_t i = 0; i < count; i++)
		add_reason(&table, picked[i], received, &view->style);
	base_strbuf_putc(out, '\n');
	weirctl_table_write(&table, &view->style, 0, out);
	weirctl_table_fini(&table);
	base_strbuf_putc(out, '\n');
	for (size_t i = 0; i < count; i++)
		base_strbuf_printf(out, "%s: %s\n", weirctl_text(picked[i], "reason"),
				weirctl_text(picked[i], "help"));
}

static void show_loss(
		struct base_strbuf *out, const json_t *loss, const struct weirctl_style *style)
{
	const char *what = weirctl_text(loss, "what"), *words = what, *cure = "";
	const char *why = weirctl_text(loss, "why");
	char number[WEIRCTL_NUMBER_BYTES];

	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
		if (strcmp(cures[i].what, what) == 0) {
			words = cures[i].words ? cures[i].words : what;
			cure = cures[i].cure;
		}
	}
	base_strbuf_printf(out, "%s: ", weirctl_text(loss, "where"));
	base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_BAD));
	base_strbuf_printf(out, "%s %s",
			weirctl_count(json_object_get(loss, "count"), style, number),
			weirctl_text(loss, "unit"));
	base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_PLAIN));
	if (*why)
		base_strbuf_printf(out, " lost: %s", why);
	else
		base_strbuf_printf(out, " %s", words);
	base_strbuf_printf(out, "%s%s\n", *cure ? "\n    cure: " : "", cure);
}

static void show_losses(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *losses = json_object_get(view->result, "losses"), *loss;
	size_t i, shown = 0, unknown = 0;

	base_strbuf_putc(out, '\n');
	json_array_foreach (losses, i, loss) {
		if (json_is_null(json_object_get(loss, "count"))) {
			base_strbuf_printf(out, "%s: drops unknown, its driver cannot tell\n",
					weirctl_text(loss, "where"));
			unknown++;
		} else if (weirctl_integer(loss, "count") > 0) {
			show_loss(out, loss, &view->style);
			shown++;
		}
	}
	if (!losses)
		base_strbuf_puts(out, "losses unknown\n");
	else if (shown == 0)
		base_strbuf_printf(out, "%s lost at ports, in rings or by outputs\n",
				unknown ? "nothing known to be" : "nothing was");
}

/* Not lost, but apart from their flow. */
static void show_fragments(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *result = view->result;
	char number[WEIRCTL_NUMBER_BYTES];

	if (weirctl_integer(result, "unresolved_fragments") == 0)
		return;
	base_strbuf_printf(out,
			"\n%s later fragments came before or without their first: metered, "
			"without ports\n",
			weirctl_count(json_object_get(result, "unresolved_fragments"), &view->style,
					number));
	if (weirctl_integer(result, "expired_fragments") > 0)
		base_strbuf_printf(out,
				"    %s of them came too long after it; cure: raise "
				"decode.fragment_timeout\n",
				weirctl_count(json_object_get(result, "expired_fragments"),
						&view->style, number));
	if (weirctl_integer(result, "evicted_datagrams") > 0)
		base_strbuf_printf(out,
				"    %s first fragments were forgotten for want of room; cure: "
				"raise decode.fragments_per_worker\n",
				weirctl_count(json_object_get(result, "evicted_datagrams"),
						&view->style, number));
}

/* These were left out on purpose. */
static void show_sampled_out(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *reason;
	char number[WEIRCTL_NUMBER_BYTES];
	size_t i;

	json_array_foreach (json_object_get(view->result, "reasons"), i, reason) {
		if (strcmp(weirctl_text(reason, "reason"), "sampled_out") == 0
				&& packets_of(reason) > 0)
			base_strbuf_printf(out, ", of them %s sampled out",
					weirctl_count(json_object_get(reason, "packets"),
							&view->style, number));
	}
}

void weirctl_show_drops(struct base_strbuf *out, const struct weirctl_view *view)
{
	const json_t *result = view->result;
	char received[WEIRCTL_NUMBER_BYTES], other[WEIRCTL_NUMBER_BYTES];

	base_strbuf_printf(out, "%s packets received, ",
			weirctl_count(json_object_get(result, "received_packets"), &view->style,
					received));
	const json_t *not_metered = json_object_get(result, "not_metered_packets");
	if (not_metered && json_integer_value(not_metered) == 0)
		base_strbuf_puts(out, "every one metered");
	else
		base_strbuf_printf(out, "%s not metered",
				weirctl_count(not_metered, &view->style, other));
	show_sampled_out(out, view);
	base_strbuf_putc(out, '\n');
	show_reasons(out, view);
	show_fragments(out, view);
	show_losses(out, view);
}
