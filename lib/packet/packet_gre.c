/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GRE and what is built on it.
 *
 *       0                   1                   2                   3
 *      |C|R|K|S|s|recursion|A| flags | version |         protocol type         |
 *      | checksum, offset: when C or R         |
 *      | key: when K                           |  NVGRE: subnet (24), flow (8)
 *      | sequence: when S                      |  PPTP:  payload length (16), call (16)
 *      | acknowledgment: when A (version 1)    |
 *      | source routes: when R, each family (16), offset (8), length (8), octets;
 *      |                        the last has length 0
 *
 * RFC 2784, 2890, 1701 (routing), 2637 (PPTP), 7637 (NVGRE); ERSPAN as in
 * draft-foschiano-erspan-03.
 */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACKNOWLEDGMENT 0x0080
#define GRE_VERSION 0x0007
#define ROUTES_MAX 8
#define NVGRE_FIRST_SUBNET 0x1000u /* those below are reserved */
#define ERSPAN2_BYTES 8u
#define ERSPAN3_BYTES 12u
#define ERSPAN3_PLATFORM_BYTES 8u

/* Skips the source routes; false when they run over the packet or there are too many. */
static bool skip_routes(struct packet_walk *walk)
{
	for (int routes = 0; routes < ROUTES_MAX; routes++) {
		if (!packet_walk_has(walk, 4))
			return false;
		uint32_t bytes = packet_walk_here(walk)[3];
		walk->offset += 4;
		if (bytes == 0)
			return true;
		if (!packet_walk_has(walk, bytes))
			return false;
		walk->offset += bytes;
	}
	return false;
}

/* Type I has no header of its own, and no sequence number in GRE; type II has both. */
static enum packet_step read_erspan2(struct packet_walk *walk, bool has_header)
{
	uint32_t session = 0;

	if (has_header) {
		if (!packet_walk_has(walk, ERSPAN2_BYTES))
			return packet_walk_stop(walk, PACKET_truncated_link);
		session = packet_read_be16(packet_walk_here(walk) + 2) & 0x3ff;
		walk->offset += ERSPAN2_BYTES;
	}
	return packet_walk_enter(walk, PACKET_TUNNEL_ERSPAN, session) ? PACKET_STEP_ETHERNET
								      : PACKET_STEP_STOP;
}

/* Type III: the frame type is Ethernet (0) or IP (2); the last bit announces a platform header. */
static enum packet_step read_erspan3(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, ERSPAN3_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	uint32_t session = packet_read_be16(header + 2) & 0x3ff;
	uint32_t frame_type = header[10] >> 2 & 0x1f;
	uint32_t bytes = ERSPAN3_BYTES + (header[11] & 1 ? ERSPAN3_PLATFORM_BYTES : 0);

	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if (frame_type != 0 && frame_type != 2)
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->offset += bytes;
	if (!packet_walk_enter(walk, PACKET_TUNNEL_ERSPAN, session))
		return PACKET_STEP_STOP;
	return frame_type == 0 ? PACKET_STEP_ETHERNET : PACKET_STEP_IP;
}

/* Version 1: PPP frames of a call; those without a sequence number only acknowledge. */
static enum packet_step to_pptp(
		struct packet_walk *walk, uint16_t flags, uint16_t protocol, uint32_t key)
{
	if (protocol != PACKET_ETHERTYPE_PPP || !(flags & GRE_KEY))
		return packet_walk_stop(walk, PACKET_malformed_link);
	if (!(flags & GRE_SEQUENCE) || key >> 16 == 0)
		return packet_walk_stop(walk, PACKET_METERED);
	return packet_walk_enter(walk, PACKET_TUNNEL_PPTP, key & 0xffff) ? PACKET_STEP_PPP
									 : PACKET_STEP_STOP;
}

static enum packet_step to_ethernet(struct packet_walk *walk, uint32_t key)
{
	bool nvgre = key >> 8 >= NVGRE_FIRST_SUBNET;

	return packet_walk_enter(walk, nvgre ? PACKET_TUNNEL_NVGRE : PACKET_TUNNEL_GRE,
			       nvgre ? key >> 8 : key)
			? PACKET_STEP_ETHERNET
			: PACKET_STEP_STOP;
}

/* WCCP version 2 puts four octets of its own before the IP header, version 1 none. */
static enum packet_step to_wccp(struct packet_walk *walk, uint32_t key)
{
	if (!packet_walk_has(walk, 5))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if (*packet_walk_here(walk) >> 4 != 4)
		walk->offset += 4;
	return packet_walk_enter(walk, PACKET_TUNNEL_GRE, key) ? PACKET_STEP_IPV4
							       : PACKET_STEP_STOP;
}

enum packet_step packet_walk_gre(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *gre = packet_walk_here(walk);
	uint16_t flags = packet_read_be16(gre), protocol = packet_read_be16(gre + 2);
	uint32_t version = flags & GRE_VERSION;
	uint32_t key_at = flags & (GRE_CHECKSUM | GRE_ROUTING) ? 8 : 4;
	uint32_t bytes = key_at + (flags & GRE_KEY ? 4 : 0) + (flags & GRE_SEQUENCE ? 4 : 0)
			+ (version == 1 && (flags & GRE_ACKNOWLEDGMENT) ? 4 : 0);

	if (version > 1)
		return packet_walk_stop(walk, PACKET_malformed_link);
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint32_t key = flags & GRE_KEY ? packet_read_be32(gre + key_at) : 0;
	walk->offset += bytes;
	if (version == 1)
		return to_pptp(walk, flags, protocol, key);
	if ((flags & GRE_ROUTING) && !skip_routes(walk))
		return packet_walk_stop(walk, PACKET_malformed_link);

	switch (protocol) {
	case PACKET_ETHERTYPE_TRANSPARENT:
		return to_ethernet(walk, key);
	case PACKET_ETHERTYPE_ERSPAN:
		return read_erspan2(walk, flags & GRE_SEQUENCE);
	case PACKET_ETHERTYPE_ERSPAN3:
		return read_erspan3(walk);
	case PACKET_ETHERTYPE_WCCP:
		return to_wccp(walk, key);
	default:
		walk->ethertype = protocol;
		return packet_walk_enter(walk, PACKET_TUNNEL_GRE, key) ? PACKET_STEP_ETHERTYPE
								       : PACKET_STEP_STOP;
	}
}
