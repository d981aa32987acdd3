/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes to struct packet_meta.
 *
 * Invariant: no octet at or beyond data + captured_bytes is ever read, whatever headers claim; the
 * walk is a loop with a bound on layers, never a recursion. A packet gets one verdict.
 */
#ifndef PACKET_DECODE_H
#define PACKET_DECODE_H

#include "packet_fast.h"
#include "packet_meta.h"

#include <stdint.h>

/*
 * The most headers that are walked, of a kind and in all; more are depth_exceeded. With
 * PACKET_MAX_TUNNELS they bound what a packet that is made to be slow can cost: about three times a
 * plain one through an ethdev, eight times in decode and table alone (docs/performance.md). RFC
 * 8504 lets a host refuse more than eight extension headers; stacks of segment routing have up to a
 * dozen labels.
 */
#define PACKET_MAX_VLAN_TAGS 8
#define PACKET_MAX_EXTENSIONS 8
#define PACKET_MAX_MPLS_LABELS 16
#define PACKET_MAX_LAYERS 24

/* packet_decode() without its inlined shortcut: the same answers for any packet. */
enum packet_verdict packet_decode_rest(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta);

/*
 * Decodes one frame. `captured_bytes` are readable at `data`; `wire_bytes` (>= captured_bytes) is
 * the frame's length on the wire. Fills *meta and returns PACKET_METERED, or returns the reason why
 * the packet is not metered (*meta is then undefined). Reentrant, no allocation, any thread.
 *
 * Rules: an IP length larger than the frame on the wire is malformed; octets after the IP packet
 * (padding, trailers) are ignored; what the capture cut away after the IP header is not an error:
 * ports that were not captured read 0 (PACKET_FLAG_NO_PORTS). RFC 791, 8200, 9293, 768, 9260.
 */
static BASE_ALWAYS_INLINE enum packet_verdict packet_decode(enum packet_link link,
		const uint8_t *data, uint32_t captured_bytes, uint32_t wire_bytes,
		struct packet_meta *meta)
{
	if (BASE_LIKELY(link == PACKET_LINK_ETHERNET
			    && packet_fast_plain(data, captured_bytes, wire_bytes, meta)))
		return PACKET_METERED;
	return packet_decode_rest(link, data, captured_bytes, wire_bytes, meta);
}

/* "non_ip", ..., "metered": the name in BASE_REASONS; and its help text. */
const char *packet_verdict_name(enum packet_verdict verdict);
const char *packet_verdict_help(enum packet_verdict verdict);

#endif
