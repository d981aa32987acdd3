/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_message.h"
#include "weirctl_show.h"

#include <string.h>

static void show_head(
		struct base_strbuf *out, const json_t *status, const struct weirctl_style *style)
{
	char up[WEIRCTL_NUMBER_BYTES];
	const char *config = weirctl_text(status, "config");

	base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_BOLD));
	base_strbuf_printf(out, "weir %s on %s", weirctl_text(status, "version"),
			weirctl_text(status, "host"));
	base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_PLAIN));
	base_strbuf_printf(out, "   up %s   pid %lld   %s%s\n",
			weirctl_duration(json_object_get(status, "uptime_ns"), up),
			(long long)weirctl_integer(status, "pid"),
			*config ? "config " : "no config file", config);
}

void weirctl_put_sampling(struct base_strbuf *out, const json_t *result, const char *head)
{
	const json_t *sampling = json_object_get(result, "sampling");

	if (!json_is_object(sampling))
		return;
	base_strbuf_printf(out, "%s1 in %lld%s: counts are of selected packets, not scaled\n", head,
			(long long)weirctl_integer(sampling, "rate"),
			strcmp(weirctl_text(sampling, "method"), "random") == 0 ? " at random"
										: "");
}

static void show_traffic(struct base_strbuf *out, const json_t *status)
{
	const json_t *traffic = json_object_get(status, "traffic");
	const json_t *workers = json_object_get(status, "workers");
	const json_t *busiest = json_object_get(workers, "busiest");
	char packets[WEIRCTL_NUMBER_BYTES], bits[WEIRCTL_NUMBER_BYTES];
	char busy[WEIRCTL_NUMBER_BYTES], headroom[WEIRCTL_NUMBER_BYTES];
	long long ports = weirctl_integer(status, "ports");
	long long count = weirctl_integer(workers, "count");

	base_strbuf_printf(out,
			"traffic   %s   %s   %lld port%s, %lld worker%s, busiest %s (headroom "
			"%s)\n",
			weirctl_rate(json_object_get(traffic, "packets_per_sec"), "pkt", packets),
			weirctl_rate(json_object_get(traffic, "bits_per_sec"), "b", bits), ports,
			ports == 1 ? "" : "s", count, count == 1 ? "" : "s",
			weirctl_percent(busiest, busy), weirctl_headroom(busiest, headroom));
}

static void show_flows(
		struct base_strbuf *out, const json_t *status, const struct weirctl_style *style)
{
	const json_t *flows = json_object_get(status, "flows");
	char live[WEIRCTL_NUMBER_BYTES], capacity[WEIRCTL_NUMBER_BYTES];
	char created[WEIRCTL_NUMBER_BYTES], evicted[WEIRCTL_NUMBER_BYTES];

	base_strbuf_printf(out, "flows     %s live of %s   %s new/s",
			weirctl_count(json_object_get(flows, "live"), style, live),
			weirctl_count(json_object_get(flows, "capacity"), style, capacity),
			weirctl_per_sec(json_object_get(flows, "created_per_sec"), style, created));
	if (weirctl_integer(flows, "evicted") > 0) {
		base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_WARN));
		base_strbuf_printf(out, "   %s evicted: the table was full",
				weirctl_count(json_object_get(flows, "evicted"), style, evicted));
		base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_PLAIN));
	}
	base_strbuf_putc(out, '\n');
}

static const struct {
	const char *name, *words;
} losses[] = {
		{"packets_missed", "packets missed by ports"},
		{"packets_error", "packets refused as broken"},
		{"records_ring", "records lost in a full ring"},
		{"records_outputs", "records lost by outputs"},
};

static void show_loss(
		struct base_strbuf *out, const json_t *status, const struct weirctl_style *style)
{
	const json_t *loss = json_object_get(status, "loss");
	const json_t *blind = json_object_get(loss, "blind_ports");
	char number[WEIRCTL_NUMBER_BYTES];
	bool any = false;

	base_strbuf_puts(out, "loss      ");
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (weirctl_integer(loss, losses[i].name) == 0)
			continue;
		base_strbuf_puts(out, any ? ", " : weirctl_escape(style, WEIRCTL_BAD));
		base_strbuf_printf(out, "%s %s",
				weirctl_count(json_object_get(loss, losses[i].name), style, number),
				losses[i].words);
		any = true;
	}
	if (any)
		base_strbuf_puts(out, weirctl_escape(style, WEIRCTL_PLAIN));
	else if (!loss)
		base_strbuf_puts(out, "unknown");
	else if (json_array_size(blind) == 0)
		weirctl_put(out, style, WEIRCTL_GOOD, "none since start");
	else
		base_strbuf_puts(out, "none seen since start");
	for (size_t i = 0; i < json_array_size(blind); i++)
		base_strbuf_printf(out, "%s%s", i == 0 ? "   unknown on " : ", ",
				json_string_value(json_array_get(blind, i)));
	if (json_array_size(blind) > 0)
		base_strbuf_puts(out, ": no drop counters (weirctl ports)");
	base_strbuf_putc(out, '\n');
}

static void show_outputs(
		struct base_strbuf *out, const json_t *status, const struct weirctl_style *style)
{
	const json_t *outputs = json_object_get(status, "outputs");
	const json_t *output;
	char rate[WEIRCTL_NUMBER_BYTES], sent[WEIRCTL_NUMBER_BYTES];
	char queued[WEIRCTL_NUMBER_BYTES], lost[WEIRCTL_NUMBER_BYTES];
	size_t i;

	base_strbuf_printf(out, "records   %s records/s\n",
			weirctl_per_sec(json_object_get(status, "records_per_sec"), style, rate));
	json_array_foreach (outputs, i, output) {
		bool bad = weirctl_integer(output, "lost") > 0;
		base_strbuf_printf(out, "output    %s   sent %s   queued %s   %slost %s%s\n",
				weirctl_text(output, "name"),
				weirctl_count(json_object_get(output, "sent"), style, sent),
				weirctl_count(json_object_get(output, "queued"), style, queued),
				bad ? weirctl_escape(style, WEIRCTL_BAD) : "",
				weirctl_count(json_object_get(output, "lost"), style, lost),
				bad ? weirctl_escape(style, WEIRCTL_PLAIN) : "");
	}
}

static void show_ledger(
		struct base_strbuf *out, const json_t *status, const struct weirctl_style *style)
{
	const json_t *ledger = json_object_get(status, "ledger");
	long long unknown = weirctl_integer(ledger, "unknown");

	base_strbuf_puts(out, "ledger    ");
	if (!json_is_true(json_object_get(ledger, "holds")))
		weirctl_put(out, style, WEIRCTL_WARN,
				"open; weirctl audit tells traffic from loss");
	else
		weirctl_put(out, style, WEIRCTL_GOOD, "closes");
	if (unknown > 0)
		base_strbuf_printf(out, "   %lld of %lld identities cannot be judged", unknown,
				(long long)weirctl_integer(ledger, "identities"));
	base_strbuf_putc(out, '\n');
}

void weirctl_show_status(struct base_strbuf *out, const struct weirctl_view *view)
{
	show_head(out, view->result, &view->style);
	show_traffic(out, view->result);
	weirctl_put_sampling(out, view->result, "sampled   ");
	show_flows(out, view->result, &view->style);
	show_loss(out, view->result, &view->style);
	show_outputs(out, view->result, &view->style);
	show_ledger(out, view->result, &view->style);
}

void weirctl_show_reopen(struct base_strbuf *out, const struct weirctl_view *view)
{
	long long outputs = weirctl_integer(view->result, "outputs");

	base_strbuf_printf(out, "%lld output%s open%s again\n", outputs, outputs == 1 ? "" : "s",
			outputs == 1 ? "s" : "");
}

void weirctl_show_json(struct base_strbuf *out, const struct weirctl_view *view)
{
	char *text = json_dumps(view->result,
			JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(PROTO_REAL_DIGITS));

	if (!text) {
		out->failed = true;
		return;
	}
	base_strbuf_puts(out, text);
	base_strbuf_putc(out, '\n');
	free(text);
}
