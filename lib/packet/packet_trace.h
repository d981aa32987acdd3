/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decode read of one packet, layer by layer. The walk itself notes each header before it reads
 * it, so the list is what was read, not what another decoder would read. For people: slow, and not
 * for the packet path.
 */
#ifndef PACKET_TRACE_H
#define PACKET_TRACE_H

#include "base_strbuf.h"
#include "packet_views.h"

#include <stdint.h>

#define PACKET_TRACE_LAYERS 48

/* One header. `step` and `detail` are the walk's: which header, and for some of them which kind. */
struct packet_layer {
	uint32_t offset; /* from the start of the frame */
	uint16_t detail; /* EtherType or protocol, as the step has it */
	uint8_t step; /* enum packet_step, or one of PACKET_LAYER_* */
};

/* Layers that are no step of their own in the walk. */
#define PACKET_LAYER_LINK 0xfe
#define PACKET_LAYER_TRANSPORT 0xff

struct packet_trace {
	struct packet_layer layers[PACKET_TRACE_LAYERS];
	uint32_t layer_count; /* beyond PACKET_TRACE_LAYERS they are walked, not noted */
	uint32_t view_count;
	struct packet_meta metas[PACKET_VIEWS_MAX];
	struct packet_views views;
};

/* packet_decode_views(), noting the layers. Reentrant, no allocation. */
void packet_trace(struct packet_trace *trace, const struct packet_policy *policy,
		const struct packet_frame *frame);

/* The name of a layer ("IPv4", "VXLAN"); never NULL. */
const char *packet_layer_name(const struct packet_layer *layer, enum packet_link link);

/*
 * Appends what stands in the layer ("10.0.0.1 > 10.0.0.2, TCP, 60 octets, TTL 64"), without a
 * newline. Reads no octet at or beyond frame->captured_bytes; what was not captured reads "cut".
 */
void packet_layer_describe(struct base_strbuf *out, const struct packet_layer *layer,
		const struct packet_frame *frame);

/* "10.0.0.1:4000 > 10.0.0.2:80 tcp": a view's conversation, in the packet's direction. */
void packet_meta_describe(struct base_strbuf *out, const struct packet_meta *meta);

#endif
