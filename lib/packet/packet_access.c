/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tunnels of access networks: GTP-U (3GPP TS 29.281), Teredo (RFC 4380), L2TP (RFC 2661, 3931).
 * None of them says for sure what it is, so each is opened only where what follows fits.
 */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define GTP_BYTES 8u
#define GTP_OPTIONAL_BYTES 4u
#define GTP_VERSION_1 0x30 /* version 1, protocol type GTP */
#define GTP_ANY_OPTION 0x07
#define GTP_EXTENSION 0x04
#define GTP_G_PDU 255
#define GTP_EXTENSIONS_MAX 8
#define TEREDO_ORIGIN_BYTES 8u
#define TEREDO_AUTHENTICATION_BYTES 13u
#define TEREDO_PORT 3544
#define TEREDO_PREFIX 0x20010000u
#define IPV6_BYTES 40u
#define L2TP_CONTROL 0x8000
#define L2TP_LENGTH 0x4000
#define L2TP_SEQUENCE 0x0800
#define L2TP_OFFSET 0x0200
#define L2TP_VERSION 0x000f
#define ETHERNET_BYTES 14u

/* Extension headers: a length in units of four octets, ..., the next one's type. */
static bool skip_gtp_extensions(struct packet_walk *walk, uint8_t type)
{
	for (int extensions = 0; type != 0; extensions++) {
		if (extensions == GTP_EXTENSIONS_MAX || !packet_walk_has(walk, 1))
			return false;
		uint32_t bytes = *packet_walk_here(walk) * 4u;
		if (bytes == 0 || !packet_walk_has(walk, bytes))
			return false;
		walk->offset += bytes;
		type = packet_walk_here(walk)[-1];
	}
	return true;
}

enum packet_step packet_walk_gtpu(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, GTP_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	if ((header[0] & 0xf0) != GTP_VERSION_1 || header[1] != GTP_G_PDU)
		return packet_walk_stop(walk, PACKET_METERED);
	walk->offset += GTP_BYTES;
	if (header[0] & GTP_ANY_OPTION) {
		if (!packet_walk_has(walk, GTP_OPTIONAL_BYTES))
			return packet_walk_stop(walk, PACKET_truncated_link);
		walk->offset += GTP_OPTIONAL_BYTES;
		if ((header[0] & GTP_EXTENSION) && !skip_gtp_extensions(walk, header[11]))
			return packet_walk_stop(walk, PACKET_malformed_link);
	}
	if (!packet_walk_fits_ip(walk, walk->offset))
		return packet_walk_stop(walk, PACKET_non_ip);
	if (!packet_walk_enter(walk, PACKET_TUNNEL_GTPU, packet_read_be32(header + 4)))
		return PACKET_STEP_STOP;
	return *packet_walk_here(walk) >> 4 == 4 ? PACKET_STEP_IPV4 : PACKET_STEP_IPV6;
}

/* Skips the authentication header and the origin indication, either of which may be missing. */
static bool skip_teredo_headers(struct packet_walk *walk, bool *found)
{
	const uint8_t *header = packet_walk_here(walk);

	if (packet_walk_has(walk, 4) && packet_read_be16(header) == 1) {
		uint32_t bytes = TEREDO_AUTHENTICATION_BYTES + header[2] + header[3];
		if (!packet_walk_has(walk, bytes))
			return false;
		walk->offset += bytes;
		*found = true;
	}
	if (packet_walk_has(walk, 2) && packet_read_be16(packet_walk_here(walk)) == 0) {
		if (!packet_walk_has(walk, TEREDO_ORIGIN_BYTES))
			return false;
		walk->offset += TEREDO_ORIGIN_BYTES;
		*found = true;
	}
	return packet_walk_has(walk, IPV6_BYTES);
}

/*
 * At Teredo's own port IPv6 has to fit; at any other it has to fill the datagram to the octet,
 * behind a header of Teredo or with an address under its prefix.
 */
enum packet_step packet_walk_teredo(struct packet_walk *walk)
{
	bool own_port = walk->meta->source_port == TEREDO_PORT
			|| walk->meta->destination_port == TEREDO_PORT;
	bool has_header = false;

	if (!skip_teredo_headers(walk, &has_header))
		return packet_walk_stop(walk, PACKET_METERED);
	const uint8_t *ip = packet_walk_here(walk);
	uint32_t ip_bytes = packet_read_be16(ip + 4) + IPV6_BYTES;
	uint32_t left = walk->end - walk->offset;
	bool marked = has_header || packet_read_be32(ip + 8) == TEREDO_PREFIX
			|| packet_read_be32(ip + 24) == TEREDO_PREFIX;
	if (ip[0] >> 4 != 6 || !(own_port ? ip_bytes <= left : ip_bytes == left && marked))
		return packet_walk_stop(walk, PACKET_METERED);
	return packet_walk_enter(walk, PACKET_TUNNEL_TEREDO, 0) ? PACKET_STEP_IPV6
								: PACKET_STEP_STOP;
}

/*
 * Behind the session id of version 3 stand a cookie (0, 4 or 8 octets) and a sublayer (0 or 4), as
 * the two ends agreed; nothing on the wire says how many. The first place where Ethernet leads to
 * an IP header that fits is taken.
 */
static enum packet_step find_l2tpv3_payload(struct packet_walk *walk, uint32_t session)
{
	for (uint32_t skip = 0; skip <= 12; skip += 4) {
		uint32_t at = walk->offset + skip;
		if ((uint64_t)at + ETHERNET_BYTES + 4 > walk->limit)
			break;
		uint16_t type = packet_read_be16(walk->data + at + 12);
		bool tagged = type == PACKET_ETHERTYPE_VLAN;
		if (tagged)
			type = packet_read_be16(walk->data + at + ETHERNET_BYTES + 2);
		if ((type != PACKET_ETHERTYPE_IPV4 && type != PACKET_ETHERTYPE_IPV6)
				|| !packet_walk_fits_ip(
						walk, at + ETHERNET_BYTES + (tagged ? 4 : 0)))
			continue;
		walk->offset = at;
		return packet_walk_enter(walk, PACKET_TUNNEL_L2TPV3, session) ? PACKET_STEP_ETHERNET
									      : PACKET_STEP_STOP;
	}
	return packet_walk_stop(walk, PACKET_non_ip);
}

/* Version 3 directly over IP: session 0 is the control channel. */
enum packet_step packet_walk_l2tpv3(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint32_t session = packet_read_be32(packet_walk_here(walk));
	if (session == 0)
		return packet_walk_stop(walk, PACKET_METERED);
	walk->offset += 4;
	return find_l2tpv3_payload(walk, session);
}

/* Version 2: flags, [length], tunnel, session, [sequence numbers], [offset and padding], PPP. */
static enum packet_step read_l2tp2(struct packet_walk *walk, uint16_t flags)
{
	uint32_t ids_at = flags & L2TP_LENGTH ? 4 : 2;
	uint32_t bytes = ids_at + 4 + (flags & L2TP_SEQUENCE ? 4 : 0);

	if (!packet_walk_has(walk, bytes + (flags & L2TP_OFFSET ? 2 : 0)))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	if (flags & L2TP_OFFSET)
		bytes += 2u + packet_read_be16(header + bytes);
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += bytes;
	return packet_walk_enter(walk, PACKET_TUNNEL_L2TP, packet_read_be32(header + ids_at))
			? PACKET_STEP_PPP
			: PACKET_STEP_STOP;
}

/* Over UDP the first word tells data from control messages and version 2 from 3. */
enum packet_step packet_walk_l2tp(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 8))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	uint16_t flags = packet_read_be16(header);
	if (flags & L2TP_CONTROL)
		return packet_walk_stop(walk, PACKET_METERED);
	switch (flags & L2TP_VERSION) {
	case 2:
		return read_l2tp2(walk, flags);
	case 3:
		walk->offset += 8;
		return find_l2tpv3_payload(walk, packet_read_be32(header + 4));
	default:
		return packet_walk_stop(walk, PACKET_METERED);
	}
}
