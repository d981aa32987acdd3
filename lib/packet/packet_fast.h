/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The common packets, decoded without the walk: Ethernet (a tag at most), IPv4 without options or
 * IPv6 without extension headers, TCP or UDP, whole and consistent. Anything else, and anything
 * odd, is left to the walk, so that each rule about odd packets stands in one place: a fast path
 * only ever says "metered" or "not mine", and where it says metered it says what the walk would.
 */
#ifndef PACKET_FAST_H
#define PACKET_FAST_H

#include "packet_meta.h"
#include "packet_numbers.h"
#include "packet_read.h"

#include <stdbool.h>
#include <stdint.h>

#define PACKET_FAST_ETHERNET_BYTES 14u
#define PACKET_FAST_TAG_BYTES 4u
#define PACKET_FAST_IPV4_BYTES 20u
#define PACKET_FAST_IPV6_BYTES 40u
#define PACKET_FAST_TCP_BYTES 20u
#define PACKET_FAST_LAYERS 3u /* Ethernet, IP, transport */

/* Ports and TCP flags; 20 octets are readable at `l4`. False: the header contradicts itself. */
static BASE_ALWAYS_INLINE bool packet_fast_transport(struct packet_meta *meta, const uint8_t *l4,
		uint32_t protocol, uint32_t payload_bytes)
{
	meta->source_port = packet_read_be16(l4);
	meta->destination_port = packet_read_be16(l4 + 2);
	if (protocol == PACKET_PROTOCOL_TCP) {
		uint32_t word = packet_read_be16(l4 + 12);
		uint32_t header_bytes = word >> 12 << 2;
		meta->tcp_flags = (uint16_t)(word & 0x0fff);
		return header_bytes >= 20 && header_bytes <= payload_bytes;
	}
	uint32_t udp_bytes = packet_read_be16(l4 + 4);
	meta->tcp_flags = 0;
	return protocol == PACKET_PROTOCOL_UDP && udp_bytes >= 8 && udp_bytes <= payload_bytes;
}

/*
 * IPv4 at `offset`, of which 40 octets are readable; `wire_bytes` as in packet_decode(). `layers`
 * is what the walk would count.
 */
static BASE_ALWAYS_INLINE bool packet_fast_ipv4(const uint8_t *data, uint32_t offset,
		uint32_t wire_bytes, uint32_t vlan, uint32_t layers, struct packet_meta *meta)
{
	const uint8_t *ip = data + offset;
	uint32_t total_bytes = packet_read_be16(ip + 2);

	if (BASE_UNLIKELY(ip[0] != 0x45 || (packet_read16(ip + 6) & htobe16(0x3fff)) != 0
			    || total_bytes < PACKET_FAST_IPV4_BYTES
			    || offset + total_bytes > wire_bytes))
		return false;
	meta->source = packet_address_from_ipv4(packet_read32(ip + 12));
	meta->destination = packet_address_from_ipv4(packet_read32(ip + 16));
	meta->ip_bytes = total_bytes;
	meta->identity = (uint32_t)ip[9] << PACKET_IDENTITY_PROTOCOL_SHIFT | vlan;
	meta->ip_version = 4;
	meta->ttl = ip[8];
	meta->tos = ip[1];
	meta->icmp_type = 0;
	meta->icmp_code = 0;
	meta->flags = 0;
	meta->depth = layers;
	meta->vlan_inner = 0;
	meta->l4_offset = (uint16_t)(offset + PACKET_FAST_IPV4_BYTES);
	meta->fragment_id = 0;
	return packet_fast_transport(meta, ip + PACKET_FAST_IPV4_BYTES, ip[9],
			total_bytes - PACKET_FAST_IPV4_BYTES);
}

/* IPv6 at `offset`, of which 60 octets are readable. */
static BASE_ALWAYS_INLINE bool packet_fast_ipv6(const uint8_t *data, uint32_t offset,
		uint32_t wire_bytes, uint32_t vlan, uint32_t layers, struct packet_meta *meta)
{
	const uint8_t *ip = data + offset;
	uint32_t payload_bytes = packet_read_be16(ip + 4);

	if (BASE_UNLIKELY(ip[0] >> 4 != 6
			    || offset + PACKET_FAST_IPV6_BYTES + payload_bytes > wire_bytes))
		return false;
	memcpy(&meta->source, ip + 8, sizeof(meta->source));
	memcpy(&meta->destination, ip + 24, sizeof(meta->destination));
	meta->ip_bytes = payload_bytes + PACKET_FAST_IPV6_BYTES;
	meta->identity = (uint32_t)ip[6] << PACKET_IDENTITY_PROTOCOL_SHIFT | vlan;
	meta->ip_version = 6;
	meta->ttl = ip[7];
	meta->tos = (uint8_t)(packet_read_be16(ip) >> 4);
	meta->icmp_type = 0;
	meta->icmp_code = 0;
	meta->flags = 0;
	meta->depth = layers;
	meta->vlan_inner = 0;
	meta->l4_offset = (uint16_t)(offset + PACKET_FAST_IPV6_BYTES);
	meta->fragment_id = 0;
	return packet_fast_transport(meta, ip + PACKET_FAST_IPV6_BYTES, ip[6], payload_bytes);
}

/* Untagged Ethernet, IPv4, TCP or UDP: the one that is inlined into the worker's loop. */
static BASE_ALWAYS_INLINE bool packet_fast_plain(const uint8_t *data, uint32_t captured_bytes,
		uint32_t wire_bytes, struct packet_meta *meta)
{
	return captured_bytes >= PACKET_FAST_ETHERNET_BYTES + PACKET_FAST_IPV4_BYTES
					+ PACKET_FAST_TCP_BYTES
			&& packet_read16(data + 12) == htobe16(PACKET_ETHERTYPE_IPV4)
			&& packet_fast_ipv4(data, PACKET_FAST_ETHERNET_BYTES, wire_bytes, 0,
					PACKET_FAST_LAYERS, meta);
}

/* The next most common: one VLAN tag, IPv6, or both. */
static BASE_ALWAYS_INLINE bool packet_fast_second(const uint8_t *data, uint32_t captured_bytes,
		uint32_t wire_bytes, struct packet_meta *meta)
{
	const uint32_t ipv4_bytes = PACKET_FAST_IPV4_BYTES + PACKET_FAST_TCP_BYTES;
	const uint32_t ipv6_bytes = PACKET_FAST_IPV6_BYTES + PACKET_FAST_TCP_BYTES;
	uint32_t offset = PACKET_FAST_ETHERNET_BYTES, vlan = 0, layers = PACKET_FAST_LAYERS;

	if (captured_bytes < PACKET_FAST_ETHERNET_BYTES + PACKET_FAST_TAG_BYTES + ipv4_bytes)
		return false;
	if (packet_read16(data + 12) == htobe16(PACKET_ETHERTYPE_VLAN)) {
		vlan = packet_read_be16(data + 14) & 0x0fff;
		offset += PACKET_FAST_TAG_BYTES;
		layers++;
	}
	uint16_t type = packet_read16(data + offset - 2);
	if (type == htobe16(PACKET_ETHERTYPE_IPV4))
		return packet_fast_ipv4(data, offset, wire_bytes, vlan, layers, meta);
	if (type == htobe16(PACKET_ETHERTYPE_IPV6) && captured_bytes >= offset + ipv6_bytes)
		return packet_fast_ipv6(data, offset, wire_bytes, vlan, layers, meta);
	return false;
}

#endif
