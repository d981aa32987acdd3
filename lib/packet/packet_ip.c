/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define IPV4_HEADER_BYTES 20u
#define IPV6_HEADER_BYTES 40u
#define IPV4_OFFSET_MASK 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV6_FRAGMENT_BYTES 8u
#define IPV6_OFFSET_MASK 0xfff8
#define IPV6_MORE_FRAGMENTS 0x0001
#define OPTIONS_MAX 16
#define OPTION_PAD1 0
#define OPTION_JUMBO 0xc2

bool packet_walk_fits_ip(const struct packet_walk *walk, uint32_t at)
{
	if ((uint64_t)at + IPV4_HEADER_BYTES > walk->limit)
		return false;
	const uint8_t *ip = walk->data + at;
	uint32_t left = walk->end - at;
	if (ip[0] >> 4 == 4) {
		uint32_t total_bytes = packet_read_be16(ip + 2);
		return (ip[0] & 0x0f) >= 5 && total_bytes >= IPV4_HEADER_BYTES
				&& total_bytes <= left;
	}
	return ip[0] >> 4 == 6 && packet_read_be16(ip + 4) + IPV6_HEADER_BYTES <= left;
}

enum packet_step packet_walk_ip(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 1))
		return packet_walk_stop(walk, PACKET_truncated_link);
	switch (*packet_walk_here(walk) >> 4) {
	case 4:
		return PACKET_STEP_IPV4;
	case 6:
		return PACKET_STEP_IPV6;
	default:
		return packet_walk_stop(walk, PACKET_non_ip);
	}
}

/* 0, FRAGMENT, or FRAGMENT and LATER_FRAGMENT. */
static uint8_t fragment_flags(bool later, bool more)
{
	if (later)
		return PACKET_FLAG_FRAGMENT | PACKET_FLAG_LATER_FRAGMENT;
	return more ? PACKET_FLAG_FRAGMENT : 0;
}

/* RFC 791. The options are skipped, but they have to be there. */
enum packet_step packet_walk_ipv4(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, IPV4_HEADER_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_ipv4);

	const uint8_t *ip = packet_walk_here(walk);
	uint32_t header_bytes = (ip[0] & 0x0fu) * 4;
	uint32_t total_bytes = packet_read_be16(ip + 2);
	uint16_t fragment = packet_read_be16(ip + 6);
	if (ip[0] >> 4 != 4 || header_bytes < IPV4_HEADER_BYTES || total_bytes < header_bytes
			|| total_bytes > walk->end - walk->offset)
		return packet_walk_stop(walk, PACKET_malformed_ipv4);
	if (!packet_walk_has(walk, header_bytes))
		return packet_walk_stop(walk, PACKET_truncated_ipv4);

	*walk->meta = (struct packet_meta){
			.source = packet_address_from_ipv4(packet_read32(ip + 12)),
			.destination = packet_address_from_ipv4(packet_read32(ip + 16)),
			.ip_bytes = total_bytes,
			.vlan = walk->vlan,
			.vlan_inner = walk->vlan_inner,
			.ip_version = 4,
			.protocol = ip[9],
			.ttl = ip[8],
			.tos = ip[1],
			.flags = fragment_flags(fragment & IPV4_OFFSET_MASK,
					fragment & IPV4_MORE_FRAGMENTS),
	};
	if (walk->meta->flags & PACKET_FLAG_FRAGMENT)
		walk->meta->fragment_id = packet_read_be16(ip + 4);
	packet_walk_narrow(walk, walk->offset + total_bytes);
	walk->offset += header_bytes;
	walk->protocol = ip[9];
	return packet_walk_transport(walk);
}

/*
 * RFC 8200. A payload length of 0 before a hop-by-hop header promises a jumbo payload option
 * (RFC 2675); until that is read the frame's own end is the bound.
 */
enum packet_step packet_walk_ipv6(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, IPV6_HEADER_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_ipv6);

	const uint8_t *ip = packet_walk_here(walk);
	uint32_t payload_bytes = packet_read_be16(ip + 4);
	if (ip[0] >> 4 != 6 || IPV6_HEADER_BYTES + payload_bytes > walk->end - walk->offset)
		return packet_walk_stop(walk, PACKET_malformed_ipv6);

	struct packet_meta *meta = walk->meta;
	*meta = (struct packet_meta){
			.ip_bytes = IPV6_HEADER_BYTES + payload_bytes,
			.vlan = walk->vlan,
			.vlan_inner = walk->vlan_inner,
			.ip_version = 6,
			.ttl = ip[7],
			.tos = (uint8_t)(packet_read_be16(ip) >> 4),
	};
	memcpy(&meta->source, ip + 8, sizeof(meta->source));
	memcpy(&meta->destination, ip + 24, sizeof(meta->destination));

	walk->protocol = ip[6];
	walk->offset += IPV6_HEADER_BYTES;
	walk->payload = walk->offset;
	walk->jumbo = payload_bytes == 0 && walk->protocol == PACKET_PROTOCOL_HOP_BY_HOP;
	if (!walk->jumbo)
		packet_walk_narrow(walk, walk->offset + payload_bytes);
	if (packet_protocol_is_extension(walk->protocol))
		return PACKET_STEP_EXTENSION;
	meta->protocol = walk->protocol;
	return packet_walk_transport(walk);
}

/*
 * The jumbo payload length among the first options, or 0. The options are readable up to `bytes`.
 * An honest sender puts few before it (RFC 8504 lets hosts refuse more than eight).
 */
static uint32_t find_jumbo_length(const uint8_t *options, uint32_t bytes)
{
	uint32_t at = 0;

	for (int option = 0; option < OPTIONS_MAX && at + 2 <= bytes; option++) {
		uint32_t option_bytes = options[at] == OPTION_PAD1 ? 1 : 2u + options[at + 1];
		if (options[at] == OPTION_JUMBO)
			return option_bytes == 6 && at + 6 <= bytes
					? packet_read_be32(options + at + 2)
					: 0;
		at += option_bytes;
	}
	return 0;
}

/* RFC 2675: believed when it is larger than 65535 and fits into the frame. */
static enum packet_verdict read_jumbo(struct packet_walk *walk, uint32_t header_bytes)
{
	const uint8_t *header = packet_walk_here(walk);

	if (header_bytes > walk->end - walk->offset)
		return PACKET_malformed_ipv6;
	if (!packet_walk_has(walk, header_bytes))
		return PACKET_truncated_ipv6;
	uint32_t payload_bytes = find_jumbo_length(header + 2, header_bytes - 2);
	if (payload_bytes <= UINT16_MAX || payload_bytes > walk->end - walk->payload)
		return PACKET_malformed_ipv6;

	walk->jumbo = false;
	walk->meta->ip_bytes = IPV6_HEADER_BYTES + payload_bytes;
	packet_walk_narrow(walk, walk->payload + payload_bytes);
	return PACKET_METERED;
}

static void read_fragment(struct packet_walk *walk)
{
	uint16_t fragment = packet_read_be16(packet_walk_here(walk) + 2);

	walk->meta->flags |=
			fragment_flags(fragment & IPV6_OFFSET_MASK, fragment & IPV6_MORE_FRAGMENTS);
	if (walk->meta->flags & PACKET_FLAG_FRAGMENT)
		walk->meta->fragment_id = packet_read_be32(packet_walk_here(walk) + 4);
}

/*
 * One extension header: hop-by-hop, routing, destination options, fragment. The rest (AH, ESP,
 * mobility, HIP, shim6, no next header) are upper-layer protocols to weir. Behind the header of a
 * later fragment stands the middle of something, so its next header is the protocol, whatever it
 * is.
 */
enum packet_step packet_walk_extension(struct packet_walk *walk)
{
	if (walk->extensions++ == PACKET_MAX_EXTENSIONS)
		return packet_walk_stop(walk, PACKET_depth_exceeded);

	bool is_fragment = walk->protocol == PACKET_PROTOCOL_FRAGMENT;
	uint32_t least_bytes = is_fragment ? IPV6_FRAGMENT_BYTES : 2;
	if (IPV6_FRAGMENT_BYTES > walk->end - walk->offset)
		return packet_walk_stop(walk, PACKET_malformed_ipv6);
	if (!packet_walk_has(walk, least_bytes))
		return packet_walk_stop(walk, PACKET_truncated_ipv6);

	const uint8_t *header = packet_walk_here(walk);
	uint32_t header_bytes = is_fragment ? IPV6_FRAGMENT_BYTES : (header[1] + 1u) * 8;
	if (walk->jumbo) {
		enum packet_verdict verdict = read_jumbo(walk, header_bytes);
		if (verdict != PACKET_METERED)
			return packet_walk_stop(walk, verdict);
	}
	if (header_bytes > walk->end - walk->offset)
		return packet_walk_stop(walk, PACKET_malformed_ipv6);
	if (is_fragment)
		read_fragment(walk);

	walk->protocol = header[0];
	walk->offset += header_bytes;
	if (packet_protocol_is_extension(walk->protocol)
			&& !(walk->meta->flags & PACKET_FLAG_LATER_FRAGMENT))
		return PACKET_STEP_EXTENSION;
	walk->meta->protocol = walk->protocol;
	return packet_walk_transport(walk);
}
