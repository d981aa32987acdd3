/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From one view to the next: which tunnel may be inside, whether it is opened, and where the view
 * behind it goes.
 */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define UDP_BYTES 8u
#define ETHERNET_BYTES 14u
#define CONTROL_WORD_BYTES 4u

static void clear_outer_addresses(struct packet_encapsulation *around)
{
	memset(&around->outer_source, 0, sizeof(around->outer_source));
	memset(&around->outer_destination, 0, sizeof(around->outer_destination));
}

bool packet_walk_enter(struct packet_walk *walk, enum packet_tunnel tunnel, uint32_t id)
{
	struct packet_encapsulation *around = &walk->around;

	if (around->tunnel != PACKET_TUNNEL_NONE)
		return true;
	walk->verdict = walk->views_found ? PACKET_METERED : PACKET_non_ip;
	if (!walk->policy || walk->policy->open[tunnel] == PACKET_OPEN_OUTER)
		return false;
	if (walk->tunnels == walk->policy->max_tunnels) {
		walk->verdict = PACKET_depth_exceeded;
		return false;
	}
	walk->tunnels++;
	walk->replace = walk->views_found == 1 && walk->policy->open[tunnel] == PACKET_OPEN_INNER;
	walk->tags = 0;
	walk->vlan = 0;
	walk->vlan_inner = 0;
	around->tunnel = (uint8_t)tunnel;
	around->tunnel_id = id;
	if (walk->views_found) {
		around->outer_version = walk->meta->ip_version;
		around->outer_source = walk->meta->source;
		around->outer_destination = walk->meta->destination;
	} else {
		clear_outer_addresses(around);
	}
	walk->meta = &walk->scratch;
	return true;
}

/* The step for a UDP payload, by the ports; STOP when no tunnel is looked for there. */
static enum packet_step find_udp_tunnel(const struct packet_walk *walk)
{
	static const uint8_t steps[PACKET_TUNNEL_COUNT] = {
			[PACKET_TUNNEL_VXLAN] = PACKET_STEP_VXLAN,
			[PACKET_TUNNEL_VXLAN_GPE] = PACKET_STEP_VXLAN_GPE,
			[PACKET_TUNNEL_GENEVE] = PACKET_STEP_GENEVE,
			[PACKET_TUNNEL_GTPU] = PACKET_STEP_GTPU,
			[PACKET_TUNNEL_L2TP] = PACKET_STEP_L2TP,
			[PACKET_TUNNEL_TEREDO] = PACKET_STEP_TEREDO,
			[PACKET_TUNNEL_MPLS] = PACKET_STEP_MPLS,
			[PACKET_TUNNEL_GRE] = PACKET_STEP_GRE,
	};
	const struct packet_meta *meta = walk->meta;

	for (uint32_t i = 0; i < walk->policy->port_count; i++) {
		const struct packet_policy_port *port = &walk->policy->ports[i];
		if (port->port == meta->destination_port
				|| (port->from_as_well && port->port == meta->source_port))
			return steps[port->tunnel];
	}
	return walk->policy->teredo_anywhere ? PACKET_STEP_TEREDO : PACKET_STEP_STOP;
}

/* A whole datagram ends where UDP says; a fragment of one tells nothing of its end. */
static enum packet_step enter_udp(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, UDP_BYTES))
		return PACKET_STEP_STOP;
	uint32_t udp_bytes = packet_read_be16(packet_walk_here(walk) + 4);
	if (udp_bytes && !(walk->meta->flags & PACKET_FLAG_FRAGMENT))
		packet_walk_narrow(walk, walk->offset + udp_bytes);
	walk->offset += UDP_BYTES;
	enum packet_step step = find_udp_tunnel(walk);
	if (step == PACKET_STEP_MPLS && !packet_walk_enter(walk, PACKET_TUNNEL_MPLS, 0))
		return PACKET_STEP_STOP;
	return step;
}

static enum packet_step enter_ip(struct packet_walk *walk, bool inner_is_ipv6)
{
	static const uint8_t kinds[2][2] = {
			{PACKET_TUNNEL_4IN4, PACKET_TUNNEL_6IN4},
			{PACKET_TUNNEL_4IN6, PACKET_TUNNEL_6IN6},
	};

	if (!packet_walk_enter(walk, kinds[walk->meta->ip_version == 6][inner_is_ipv6], 0))
		return PACKET_STEP_STOP;
	return inner_is_ipv6 ? PACKET_STEP_IPV6 : PACKET_STEP_IPV4;
}

/*
 * What the transport protocol carries. Lengths inside the first fragment of an outer datagram are
 * those of the whole, so from here on nothing but what was captured bounds them.
 */
static enum packet_step look_inside(struct packet_walk *walk)
{
	if (walk->meta->flags & PACKET_FLAG_FRAGMENT)
		walk->end = walk->offset + UINT16_MAX;

	switch (walk->protocol) {
	case PACKET_PROTOCOL_UDP:
		return enter_udp(walk);
	case PACKET_PROTOCOL_IPV4:
		return enter_ip(walk, false);
	case PACKET_PROTOCOL_IPV6:
		return enter_ip(walk, true);
	case PACKET_PROTOCOL_GRE:
		return PACKET_STEP_GRE;
	case PACKET_PROTOCOL_ETHERIP:
		return PACKET_STEP_ETHERIP;
	case PACKET_PROTOCOL_L2TP:
		return PACKET_STEP_L2TPV3;
	case PACKET_PROTOCOL_MPLS:
		return packet_walk_enter(walk, PACKET_TUNNEL_MPLS, 0) ? PACKET_STEP_MPLS
								      : PACKET_STEP_STOP;
	default:
		return PACKET_STEP_STOP;
	}
}

/*
 * The headers of a view were read and are in order. The first goes to the first place; a later one
 * to the second, over one that stood between, or to the first when the policy hides what carries
 * it.
 */
enum packet_step packet_walk_commit(struct packet_walk *walk)
{
	struct packet_meta *meta = walk->meta;

	walk->verdict = PACKET_METERED;
	meta->depth = walk->layers;
	if (!walk->policy)
		return PACKET_STEP_STOP;

	uint32_t at = walk->views_found == 0 || walk->replace ? 0 : 1;
	if (walk->around.tunnel != PACKET_TUNNEL_NONE) {
		meta->flags |= PACKET_FLAG_INNER;
		walk->metas[at] = *meta;
	}
	walk->views_found = at + 1;
	walk->views->encapsulated &= ~(UINT32_C(1) << at);
	if (walk->around.tunnel == PACKET_TUNNEL_NONE)
		clear_outer_addresses(&walk->around);
	if (walk->around.tunnel || walk->around.mpls_outermost || walk->around.pppoe_session) {
		walk->views->encapsulated |= UINT32_C(1) << at;
		walk->views->around[at] = walk->around;
	}
	if (meta->flags & PACKET_FLAG_LATER_FRAGMENT)
		return PACKET_STEP_STOP;
	packet_walk_clear_around(walk);
	return look_inside(walk);
}

/* True when an EtherType that leads to IP, or ARP's, stands where a frame at `at` has it. */
static bool looks_like_frame(const struct packet_walk *walk, uint32_t at)
{
	if ((uint64_t)at + ETHERNET_BYTES > walk->limit)
		return false;
	uint16_t type = packet_read_be16(walk->data + at + ETHERNET_BYTES - 2);
	return type == PACKET_ETHERTYPE_IPV4 || type == PACKET_ETHERTYPE_IPV6
			|| type == PACKET_ETHERTYPE_ARP || type == PACKET_ETHERTYPE_VLAN
			|| type == PACKET_ETHERTYPE_VLAN_S || type == PACKET_ETHERTYPE_MPLS
			|| type == PACKET_ETHERTYPE_PPPOE;
}

/*
 * RFC 4448: Ethernet behind a label stack, with or without a control word. One starts with a zero
 * nibble, like half of the addresses of the world, so the EtherType has to tell; that of an
 * associated channel (RFC 5586) starts with 1.
 */
enum packet_step packet_walk_pseudowire(struct packet_walk *walk)
{
	uint32_t label = walk->around.mpls_innermost & ~PACKET_LABEL_PRESENT;

	if (!packet_walk_has(walk, ETHERNET_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint8_t nibble = *packet_walk_here(walk) >> 4;
	bool frame = looks_like_frame(walk, walk->offset);
	bool frame_behind = looks_like_frame(walk, walk->offset + CONTROL_WORD_BYTES);
	if (nibble == 1 && !frame)
		return packet_walk_stop(walk, PACKET_non_ip);
	if (!packet_walk_enter(walk, PACKET_TUNNEL_PSEUDOWIRE, label))
		return PACKET_STEP_STOP;
	if (nibble == 0 && (frame_behind || !frame))
		walk->offset += CONTROL_WORD_BYTES;
	return PACKET_STEP_ETHERNET;
}
