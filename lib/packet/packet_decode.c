/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets take a shortcut and which the walk. Like those of packet_fast.h, the shortcut into
 * tunnels only says "metered", and then what the walk would.
 */
#include "packet_decode.h"

#include "packet_views.h"
#include "packet_walk.h"

#define UDP_BYTES 8u
#define TUNNEL_BYTES 8u /* VXLAN, GENEVE without options and GTP-U without any are equally long */

enum packet_verdict packet_decode_rest(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta)
{
	struct packet_frame frame = {data, captured_bytes, wire_bytes, link};

	if (link == PACKET_LINK_ETHERNET
			&& packet_fast_second(data, captured_bytes, wire_bytes, meta))
		return PACKET_METERED;
	return packet_walk_run(&frame, meta);
}

static BASE_ALWAYS_INLINE enum packet_tunnel tunnel_at(
		const struct packet_policy *policy, uint16_t port)
{
	for (uint32_t i = 0; i < policy->port_count; i++) {
		if (policy->ports[i].port == port)
			return (enum packet_tunnel)policy->ports[i].tunnel;
	}
	return PACKET_TUNNEL_NONE;
}

/*
 * How far behind the tunnel header at `header` IPv4 stands: a frame behind VXLAN or GENEVE, at once
 * behind GTP-U. 0: it does not, or there are options. 22 octets are readable.
 */
static BASE_ALWAYS_INLINE uint32_t find_ipv4(enum packet_tunnel tunnel, const uint8_t *header)
{
	uint32_t start = packet_read_be32(header);

	if (tunnel == PACKET_TUNNEL_GTPU)
		return start >> 16 == 0x30ff ? TUNNEL_BYTES : 0;
	bool fits = tunnel == PACKET_TUNNEL_VXLAN
			? header[0] & 0x08
			: tunnel == PACKET_TUNNEL_GENEVE && start == PACKET_ETHERTYPE_TRANSPARENT;
	return fits && packet_read16(header + TUNNEL_BYTES + 12) == htobe16(PACKET_ETHERTYPE_IPV4)
			? TUNNEL_BYTES + PACKET_FAST_ETHERNET_BYTES
			: 0;
}

/* From the packet: what was just written in pieces would have to be waited for. */
static BASE_ALWAYS_INLINE void note_carrier(
		struct packet_encapsulation *around, const uint8_t *udp, uint8_t version)
{
	around->outer_version = version;
	if (version == 4) {
		around->outer_source = packet_address_from_ipv4(packet_read32(udp - 8));
		around->outer_destination = packet_address_from_ipv4(packet_read32(udp - 4));
		return;
	}
	memcpy(&around->outer_source, udp - 32, sizeof(around->outer_source));
	memcpy(&around->outer_destination, udp - 16, sizeof(around->outer_destination));
}

/*
 * IPv4 with TCP, or UDP that is no tunnel, in one of the frequent tunnels, both views wanted. The
 * outer view is metas[0], its UDP header stands at `at`.
 */
static BASE_ALWAYS_INLINE bool read_frequent(const struct packet_policy *policy,
		const struct packet_frame *frame, struct packet_meta metas[PACKET_VIEWS_MAX],
		struct packet_encapsulation *around, uint32_t at, uint8_t version, uint32_t depth)
{
	const uint8_t *udp = frame->data + at;

	if (frame->captured_bytes < at + UDP_BYTES + TUNNEL_BYTES + PACKET_FAST_ETHERNET_BYTES)
		return false;
	enum packet_tunnel tunnel = tunnel_at(policy, packet_read_be16(udp + 2));
	uint32_t distance = find_ipv4(tunnel, udp + UDP_BYTES);
	uint32_t inner = at + UDP_BYTES + distance;
	if (distance == 0 || policy->open[tunnel] != PACKET_OPEN_BOTH || policy->max_tunnels == 0
			|| frame->captured_bytes
					< inner + PACKET_FAST_IPV4_BYTES + PACKET_FAST_TCP_BYTES)
		return false;
	uint32_t end = at + packet_read_be16(udp + 4);
	uint32_t layers = depth + (distance == TUNNEL_BYTES ? 3 : 4);
	if (!packet_fast_ipv4(frame->data, inner, end, 0, layers, &metas[1])
			|| packet_views_may_open(policy, frame->data, &metas[1]))
		return false;

	uint32_t id = packet_read_be32(udp + UDP_BYTES + 4);
	metas[1].flags = PACKET_FLAG_INNER;
	note_carrier(around, udp, version);
	around->tunnel_id = tunnel == PACKET_TUNNEL_GTPU ? id : id >> 8;
	around->tunnel = (uint8_t)tunnel;
	around->pppoe_session = 0;
	around->mpls_outermost = 0;
	around->mpls_innermost = 0;
	return true;
}

static uint32_t two_views(struct packet_views *views)
{
	views->verdict = PACKET_METERED;
	views->inside = PACKET_METERED;
	views->encapsulated = 1u << 1;
	return 2;
}

uint32_t packet_views_tunnel(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views)
{
	const uint32_t at = PACKET_FAST_ETHERNET_BYTES + PACKET_FAST_IPV4_BYTES;

	if (read_frequent(policy, frame, metas, &views->around[1], at, 4, PACKET_FAST_LAYERS))
		return two_views(views);
	return packet_walk_views(policy, frame, metas, views);
}

uint32_t packet_views_rest(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views)
{
	if (frame->link != PACKET_LINK_ETHERNET
			|| !packet_fast_second(frame->data, frame->captured_bytes,
					frame->wire_bytes, metas))
		return packet_walk_views(policy, frame, metas, views);
	if (!packet_views_may_open(policy, frame->data, metas))
		return packet_views_plain(views);
	if (read_frequent(policy, frame, metas, &views->around[1], metas->l4_offset,
			    metas->ip_version, metas->depth))
		return two_views(views);
	return packet_walk_views(policy, frame, metas, views);
}
