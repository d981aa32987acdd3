/* SPDX-License-Identifier: BSD-3-Clause */
/* drops: what was not metered and why, and what was lost on the way. */
#include "api_answer.h"
#include "base_clock.h"
#include "packet_decode.h"

#include <stdio.h>

static json_t *last_json(int64_t last_ns)
{
	char text[BASE_CLOCK_ISO_BYTES];

	if (last_ns == 0)
		return json_null();
	base_clock_format_iso(last_ns, text);
	return json_string(text);
}

/* The clock of a replay is the packets': how long ago says nothing there. */
static json_t *ago_json(int64_t last_ns, bool replay)
{
	int64_t now_ns = base_clock_wall_ns();

	if (last_ns == 0 || replay)
		return json_null();
	return json_integer(now_ns > last_ns ? now_ns - last_ns : 0);
}

static json_t *reason_json(uint32_t reason, const uint64_t *worker, double per_sec, bool replay)
{
	int64_t last_ns = (int64_t)worker[STATS_DROP_LAST_NS(reason)];
	enum packet_verdict verdict = (enum packet_verdict)reason;

	return json_pack("{s:s, s:s, s:o, s:o, s:f, s:o, s:o}", "reason",
			packet_verdict_name(verdict), "help", packet_verdict_help(verdict),
			"packets", proto_u64(worker[STATS_DROP_PACKETS(reason)]), "octets",
			proto_u64(worker[STATS_DROP_OCTETS(reason)]), "packets_per_sec", per_sec,
			"last", last_json(last_ns), "ago_ns", ago_json(last_ns, replay));
}

static void append_loss(json_t *list, const char *where, const char *name, const char *what,
		const char *why, const char *unit, json_t *count)
{
	char text[STATS_NAME_BYTES + 8];

	snprintf(text, sizeof(text), "%s%s%s", where, *name ? " " : "", name);
	json_array_append_new(list,
			json_pack("{s:o, s:s, s:s?, s:s, s:o}", "where", proto_text(text), "what",
					what, "why", why, "unit", unit, "count", count));
}

static json_t *losses_json(const struct api_call *call, const struct control_view *view)
{
	const struct control_setup *setup = control_get_setup(call->context->control);
	const uint64_t *worker = view->snapshot.worker;
	json_t *list = json_array();

	for (size_t i = 0; i < view->snapshot.port_count && i < setup->port_count; i++) {
		const struct stats_port_view *port = &view->ports[i];
		const char *name = setup->ports[i].name;
		append_loss(list, "port", name, "missed", NULL, "packets",
				port->drops_observable
						? proto_u64(port->values[STATS_port_missed_packets])
						: json_null());
		append_loss(list, "port", name, "errors", NULL, "packets",
				proto_u64(port->values[STATS_port_error_packets]));
	}
	append_loss(list, "rings", "", "full", NULL, "records",
			proto_u64(worker[STATS_ring_drop_full]));
	for (size_t i = 0; i < view->snapshot.output_count; i++) {
		const uint64_t *v = view->outputs[i].values;
		const char *name = view->outputs[i].name;
		for (int row = 0; row < STATS_OUTPUT_COUNT; row++) {
			const char *reason = stats_output_loss((enum stats_output_index)row);
			if (reason)
				append_loss(list, "output", name, reason,
						stats_output_loss_words(
								(enum stats_output_index)row),
						"records", proto_u64(v[row]));
		}
	}
	return list;
}

json_t *api_answer_drops(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct control_view *view = &context->view;
	bool replay = control_get_setup(context->control)->replay;
	struct control_rates rates;
	json_t *reasons = json_array();

	control_get_rates(context->control, &rates);
	control_snapshot(context->control, &context->view);
	const uint64_t *worker = view->snapshot.worker;
	for (uint32_t i = 0; i < PACKET_REASON_COUNT; i++)
		json_array_append_new(
				reasons, reason_json(i, worker, rates.drops_per_sec[i], replay));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "received_packets",
			proto_u64(worker[STATS_rx_packets]), "not_metered_packets",
			proto_u64(worker[STATS_rx_packets] - worker[STATS_metered_packets]),
			"unresolved_fragments", proto_u64(worker[STATS_fragments_unresolved]),
			"expired_fragments", proto_u64(worker[STATS_fragments_expired]),
			"evicted_datagrams", proto_u64(worker[STATS_fragments_evicted]), "reasons",
			reasons, "losses", losses_json(call, view));
}
