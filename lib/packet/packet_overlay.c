/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overlays of data centres: VXLAN (RFC 7348), VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe), GENEVE (RFC
 * 8926), NSH (RFC 8300) and EtherIP (RFC 3378).
 */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define VXLAN_BYTES 8u
#define VXLAN_HAS_VNI 0x08
#define VXLAN_GPE_HAS_PROTOCOL 0x04
#define VXLAN_GPE_OAM 0x01
#define GENEVE_BYTES 8u
#define GENEVE_OAM 0x80
#define NSH_BYTES 8u
#define NSH_OAM 0x20
#define ETHERIP_BYTES 2u
#define ETHERIP_VERSION 3

/* The protocol numbers that VXLAN-GPE and NSH have in common. */
enum next_protocol {
	NEXT_IPV4 = 1,
	NEXT_IPV6 = 2,
	NEXT_ETHERNET = 3,
	NEXT_NSH = 4,
	NEXT_MPLS = 5,
};

static enum packet_step to_next(struct packet_walk *walk, uint8_t protocol)
{
	switch (protocol) {
	case NEXT_IPV4:
		return PACKET_STEP_IPV4;
	case NEXT_IPV6:
		return PACKET_STEP_IPV6;
	case NEXT_ETHERNET:
		return PACKET_STEP_ETHERNET;
	case NEXT_NSH:
		return PACKET_STEP_NSH;
	case NEXT_MPLS:
		return PACKET_STEP_MPLS;
	default:
		return packet_walk_stop(walk, PACKET_non_ip);
	}
}

/* The VNI behind a VXLAN or GENEVE header's first four octets. */
static uint32_t read_vni(const uint8_t *header)
{
	return packet_read_be32(header + 4) >> 8;
}

enum packet_step packet_walk_vxlan(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, VXLAN_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	if (!(header[0] & VXLAN_HAS_VNI))
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->offset += VXLAN_BYTES;
	return packet_walk_enter(walk, PACKET_TUNNEL_VXLAN, read_vni(header)) ? PACKET_STEP_ETHERNET
									      : PACKET_STEP_STOP;
}

enum packet_step packet_walk_vxlan_gpe(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, VXLAN_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	if (!(header[0] & VXLAN_HAS_VNI) || (header[0] & VXLAN_GPE_OAM))
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->offset += VXLAN_BYTES;
	if (!packet_walk_enter(walk, PACKET_TUNNEL_VXLAN_GPE, read_vni(header)))
		return PACKET_STEP_STOP;
	return to_next(walk, header[0] & VXLAN_GPE_HAS_PROTOCOL ? header[3] : NEXT_ETHERNET);
}

enum packet_step packet_walk_geneve(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, GENEVE_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	uint32_t bytes = GENEVE_BYTES + (header[0] & 0x3fu) * 4;
	if (header[0] >> 6 != 0 || (header[1] & GENEVE_OAM))
		return packet_walk_stop(walk, PACKET_non_ip);
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += bytes;
	if (!packet_walk_enter(walk, PACKET_TUNNEL_GENEVE, read_vni(header)))
		return PACKET_STEP_STOP;
	walk->ethertype = packet_read_be16(header + 2);
	return walk->ethertype == PACKET_ETHERTYPE_TRANSPARENT ? PACKET_STEP_ETHERNET
							       : PACKET_STEP_ETHERTYPE;
}

enum packet_step packet_walk_nsh(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, NSH_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	uint32_t bytes = (header[1] & 0x3fu) * 4;
	if (header[0] >> 6 != 0 || (header[0] & NSH_OAM))
		return packet_walk_stop(walk, PACKET_non_ip);
	if (bytes < NSH_BYTES)
		return packet_walk_stop(walk, PACKET_malformed_link);
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += bytes;
	if (!packet_walk_enter(walk, PACKET_TUNNEL_NSH, packet_read_be32(header + 4) >> 8))
		return PACKET_STEP_STOP;
	return to_next(walk, header[3]);
}

enum packet_step packet_walk_etherip(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, ETHERIP_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if (*packet_walk_here(walk) >> 4 != ETHERIP_VERSION)
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->offset += ETHERIP_BYTES;
	return packet_walk_enter(walk, PACKET_TUNNEL_ETHERIP, 0) ? PACKET_STEP_ETHERNET
								 : PACKET_STEP_STOP;
}
