/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_walk.h"

static enum packet_step take_step(struct packet_walk *walk, enum packet_step step)
{
	switch (step) {
	case PACKET_STEP_ETHERNET:
		return packet_walk_ethernet(walk);
	case PACKET_STEP_ETHERTYPE:
		return packet_walk_ethertype(walk);
	case PACKET_STEP_LLC:
		return packet_walk_llc(walk);
	case PACKET_STEP_MPLS:
		return packet_walk_mpls(walk);
	case PACKET_STEP_PPP:
		return packet_walk_ppp(walk);
	case PACKET_STEP_CHDLC:
		return packet_walk_chdlc(walk);
	case PACKET_STEP_IP:
		return packet_walk_ip(walk);
	case PACKET_STEP_IPV4:
		return packet_walk_ipv4(walk);
	case PACKET_STEP_IPV6:
		return packet_walk_ipv6(walk);
	case PACKET_STEP_EXTENSION:
		return packet_walk_extension(walk);
	case PACKET_STEP_TRANSPORT:
		return packet_walk_transport(walk);
	case PACKET_STEP_STOP:
		break;
	}
	return PACKET_STEP_STOP;
}

enum packet_verdict packet_walk_run(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta)
{
	struct packet_walk walk = {
			.data = data,
			.captured_bytes = captured_bytes,
			.meta = meta,
			.verdict = PACKET_unknown_link,
	};

	packet_walk_narrow(&walk, wire_bytes);
	enum packet_step step = packet_walk_link(&walk, link);
	while (step != PACKET_STEP_STOP) {
		if (walk.layers++ == PACKET_MAX_LAYERS)
			return PACKET_depth_exceeded;
		step = take_step(&walk, step);
	}
	return walk.verdict;
}

enum packet_verdict packet_decode_rest(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta)
{
	if (link == PACKET_LINK_ETHERNET
			&& packet_fast_second(data, captured_bytes, wire_bytes, meta))
		return PACKET_METERED;
	return packet_walk_run(link, data, captured_bytes, wire_bytes, meta);
}
