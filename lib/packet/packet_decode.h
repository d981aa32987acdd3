/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes to struct packet_meta.
 *
 * Invariant: no octet at or beyond data + captured_bytes is ever read, whatever headers claim; the
 * walk is a loop with a bound on layers, never a recursion. A packet gets one verdict.
 */
#ifndef PACKET_DECODE_H
#define PACKET_DECODE_H

#include "packet_meta.h"

#include <stdint.h>

/* The most VLAN tags and IPv6 extension headers that are walked; more are depth_exceeded. */
#define PACKET_MAX_VLAN_TAGS 8
#define PACKET_MAX_EXTENSIONS 16

/*
 * Decodes one frame. `captured_bytes` are readable at `data`; `wire_bytes` (>= captured_bytes) is
 * the frame's length on the wire. Fills *meta and returns PACKET_METERED, or returns the reason why
 * the packet is not metered (*meta is then undefined). Reentrant, no allocation, any thread.
 *
 * Rules: an IP length larger than the frame on the wire is malformed; octets after the IP packet
 * (padding, trailers) are ignored; what the capture cut away after the IP header is not an error:
 * ports that were not captured read 0 (PACKET_FLAG_NO_PORTS). RFC 791, 8200, 9293, 768, 9260.
 */
enum packet_verdict packet_decode(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta);

/* "non_ip", ..., "metered": the name in BASE_REASONS; and its help text. */
const char *packet_verdict_name(enum packet_verdict verdict);
const char *packet_verdict_help(enum packet_verdict verdict);

#endif
