/* SPDX-License-Identifier: BSD-3-Clause */
#include "tap_text.h"

#include "base_clock.h"
#include "packet_decode.h"

#include <inttypes.h>

#define NAME_COLUMN 16

void tap_trace(struct packet_trace *trace, struct packet_frame *frame,
		const struct packet_policy *policy, const struct tap_packet *packet)
{
	*frame = (struct packet_frame){packet->octets, packet->kept_bytes, packet->wire_bytes,
			(enum packet_link)packet->link};
	packet_trace(trace, policy, frame);
}

static void put_inside(struct base_strbuf *out, const struct packet_views *views, uint32_t view)
{
	if (!(views->encapsulated >> view & 1) || views->around[view].tunnel == PACKET_TUNNEL_NONE)
		return;
	const struct packet_encapsulation *around = &views->around[view];
	enum packet_tunnel tunnel = (enum packet_tunnel)around->tunnel;
	base_strbuf_printf(out, ", in %s", packet_tunnel_name(tunnel));
	if (packet_tunnel_has_id(tunnel))
		base_strbuf_printf(out, " %u", around->tunnel_id);
}

void tap_text_end(struct base_strbuf *out, const struct tap_packet *packet,
		const struct packet_trace *trace, uint32_t view)
{
	enum packet_verdict verdict = (enum packet_verdict)packet->verdict;

	if (verdict != PACKET_METERED) {
		base_strbuf_printf(out, "not metered: %s: %s", packet_verdict_name(verdict),
				packet_verdict_help(verdict));
		return;
	}
	bool known = view < trace->view_count;
	bool inner = known && trace->metas[view].flags & PACKET_FLAG_INNER;
	base_strbuf_printf(out, "metered, %s view", inner ? "inner" : "outer");
	if (packet->flow_ids[view])
		base_strbuf_printf(out, ", flow %016" PRIx64, packet->flow_ids[view]);
	else
		base_strbuf_puts(out, ", in a flow that has ended since");
	if (!known)
		return;
	base_strbuf_puts(out, ": ");
	packet_meta_describe(out, &trace->metas[view]);
	put_inside(out, &trace->views, view);
}

static void put_layers(struct base_strbuf *out, const struct packet_trace *trace,
		const struct packet_frame *frame)
{
	for (uint32_t i = 0; i < trace->layer_count; i++) {
		const struct packet_layer *layer = &trace->layers[i];
		base_strbuf_printf(out, "%6u  %-*s", layer->offset, NAME_COLUMN,
				packet_layer_name(layer, frame->link));
		packet_layer_describe(out, layer, frame);
		while (out->len > 0 && out->text[out->len - 1] == ' ')
			out->len--;
		base_strbuf_putc(out, '\n');
	}
}

void tap_text_packet(struct base_strbuf *out, const struct packet_policy *policy,
		const struct tap_packet *packet, uint64_t number, const char *port)
{
	struct packet_trace trace;
	struct packet_frame frame;
	char time[BASE_CLOCK_ISO_BYTES];

	tap_trace(&trace, &frame, policy, packet);
	base_clock_format_iso(packet->time_ns, time);
	base_strbuf_printf(out, "packet %" PRIu64 "  %s%s%s  %u octets", number, time,
			port ? "  " : "", port ? port : "", packet->wire_bytes);
	if (packet->captured_bytes < packet->wire_bytes)
		base_strbuf_printf(out, ", %u captured", packet->captured_bytes);
	base_strbuf_putc(out, '\n');
	if (packet->verdict != PACKET_filtered)
		put_layers(out, &trace, &frame);
	for (uint32_t view = 0; view == 0 || view < packet->views; view++) {
		base_strbuf_puts(out, "     => ");
		tap_text_end(out, packet, &trace, view);
		base_strbuf_putc(out, '\n');
	}
	if (packet->verdict == PACKET_METERED && trace.views.inside != PACKET_METERED
			&& trace.views.inside != PACKET_non_ip)
		base_strbuf_printf(out, "     => what is inside was left alone: %s: %s\n",
				packet_verdict_name(trace.views.inside),
				packet_verdict_help(trace.views.inside));
}
