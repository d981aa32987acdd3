/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_trace.h"
#include "packet_walk.h"

#define PORTS_BYTES 4u

/* The shortest header of each protocol that decode looks into; 0: it does not. */
static uint32_t least_header_bytes(uint8_t protocol)
{
	switch (protocol) {
	case PACKET_PROTOCOL_TCP:
		return 20;
	case PACKET_PROTOCOL_UDP:
	case PACKET_PROTOCOL_UDP_LITE:
		return 8;
	case PACKET_PROTOCOL_SCTP:
	case PACKET_PROTOCOL_DCCP:
		return 12;
	case PACKET_PROTOCOL_ICMP:
	case PACKET_PROTOCOL_ICMPV6:
		return 4;
	default:
		return 0;
	}
}

/* RFC 9293: the flags, and a data offset that lies between the least header and the payload. */
static bool read_tcp(struct packet_meta *meta, const uint8_t *tcp, uint32_t readable,
		uint32_t payload_bytes, bool whole)
{
	if (readable < 14)
		return true;
	uint16_t word = packet_read_be16(tcp + 12);
	uint32_t header_bytes = (word >> 12) * 4u;
	meta->tcp_flags = word & 0x0fff;
	return header_bytes >= 20 && (!whole || header_bytes <= payload_bytes);
}

/* RFC 768; a length of 0 is right in a jumbogram only (RFC 2675). */
static bool udp_length_fits(
		const uint8_t *udp, uint32_t readable, uint32_t payload_bytes, bool whole)
{
	if (readable < 6)
		return true;
	uint32_t length = packet_read_be16(udp + 4);
	if (length == 0)
		return payload_bytes > UINT16_MAX;
	return length >= 8 && (!whole || length <= payload_bytes);
}

/*
 * Ports, TCP flags, ICMP type and code: as many of them as were captured. The lengths of a fragment
 * speak of the whole datagram, so they are held against the payload of whole packets only.
 */
enum packet_step packet_walk_transport(struct packet_walk *walk)
{
	struct packet_meta *meta = walk->meta;
	uint8_t protocol = walk->protocol;
	uint32_t least_bytes = least_header_bytes(protocol);

	if (walk->layers++ == PACKET_MAX_LAYERS)
		return packet_walk_stop(walk, PACKET_depth_exceeded);
	if (meta->flags & PACKET_FLAG_LATER_FRAGMENT)
		return packet_walk_commit(walk);
	if (BASE_UNLIKELY(walk->trace))
		packet_walk_note(walk->trace, PACKET_LAYER_TRANSPORT, walk->offset, protocol);

	bool whole = !(meta->flags & PACKET_FLAG_FRAGMENT);
	uint32_t payload_bytes = walk->end - walk->offset;
	if (whole && payload_bytes < least_bytes)
		return packet_walk_stop(walk, PACKET_malformed_l4);

	uint32_t readable = walk->offset < walk->limit ? walk->limit - walk->offset : 0;
	const uint8_t *header = packet_walk_here(walk);
	if (readable > 0 && walk->offset <= UINT16_MAX)
		meta->l4_offset = (uint16_t)walk->offset;
	if (least_bytes == 0)
		return packet_walk_commit(walk);
	if (readable < PORTS_BYTES) {
		meta->flags |= PACKET_FLAG_NO_PORTS;
		return packet_walk_commit(walk);
	}
	if (protocol == PACKET_PROTOCOL_ICMP || protocol == PACKET_PROTOCOL_ICMPV6) {
		meta->icmp_type = header[0];
		meta->icmp_code = header[1];
		return packet_walk_commit(walk);
	}
	meta->source_port = packet_read_be16(header);
	meta->destination_port = packet_read_be16(header + 2);
	if (protocol == PACKET_PROTOCOL_TCP
			&& !read_tcp(meta, header, readable, payload_bytes, whole))
		return packet_walk_stop(walk, PACKET_malformed_l4);
	if (protocol == PACKET_PROTOCOL_UDP
			&& !udp_length_fits(header, readable, payload_bytes, whole))
		return packet_walk_stop(walk, PACKET_malformed_l4);
	return packet_walk_commit(walk);
}
