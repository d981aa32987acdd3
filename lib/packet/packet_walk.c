/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_walk.h"

#include "packet_trace.h"

#include <stddef.h>
#include <string.h>

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
	case PACKET_STEP_PSEUDOWIRE:
		return packet_walk_pseudowire(walk);
	case PACKET_STEP_GRE:
		return packet_walk_gre(walk);
	case PACKET_STEP_VXLAN:
		return packet_walk_vxlan(walk);
	case PACKET_STEP_VXLAN_GPE:
		return packet_walk_vxlan_gpe(walk);
	case PACKET_STEP_GENEVE:
		return packet_walk_geneve(walk);
	case PACKET_STEP_NSH:
		return packet_walk_nsh(walk);
	case PACKET_STEP_ETHERIP:
		return packet_walk_etherip(walk);
	case PACKET_STEP_GTPU:
		return packet_walk_gtpu(walk);
	case PACKET_STEP_TEREDO:
		return packet_walk_teredo(walk);
	case PACKET_STEP_L2TP:
		return packet_walk_l2tp(walk);
	case PACKET_STEP_L2TPV3:
		return packet_walk_l2tpv3(walk);
	case PACKET_STEP_STOP:
		break;
	}
	return PACKET_STEP_STOP;
}

static void run_steps(struct packet_walk *walk, const struct packet_frame *frame)
{
	walk->data = frame->data;
	walk->limit = frame->captured_bytes;
	packet_walk_narrow(walk, frame->wire_bytes);

	if (BASE_UNLIKELY(walk->trace))
		packet_walk_note(walk->trace, PACKET_LAYER_LINK, 0, 0);
	enum packet_step step = packet_walk_link(walk, frame->link);
	while (step != PACKET_STEP_STOP) {
		/* the Ethernet step of an Ethernet frame is its link layer */
		if (BASE_UNLIKELY(walk->trace)
				&& !(step == PACKET_STEP_ETHERNET && walk->offset == 0))
			packet_walk_note(walk->trace, (uint8_t)step, walk->offset,
					step == PACKET_STEP_EXTENSION ? walk->protocol
								      : walk->ethertype);
		if (walk->layers++ == PACKET_MAX_LAYERS) {
			walk->verdict = PACKET_depth_exceeded;
			return;
		}
		step = take_step(walk, step);
	}
}

enum packet_verdict packet_walk_run(const struct packet_frame *frame, struct packet_meta *meta)
{
	struct packet_walk walk;

	memset(&walk, 0, offsetof(struct packet_walk, scratch));
	packet_walk_clear_around(&walk);
	walk.meta = meta;
	run_steps(&walk, frame);
	return walk.verdict;
}

static uint32_t walk_views(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta *metas, struct packet_views *views, struct packet_trace *trace)
{
	struct packet_walk walk;

	memset(&walk, 0, offsetof(struct packet_walk, scratch));
	packet_walk_clear_around(&walk);
	walk.trace = trace;
	walk.meta = metas;
	walk.policy = policy;
	walk.metas = metas;
	walk.views = views;
	views->encapsulated = 0;
	run_steps(&walk, frame);
	views->inside = walk.verdict;
	views->verdict = walk.views_found ? PACKET_METERED : walk.verdict;
	return walk.views_found;
}

uint32_t packet_walk_views(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views)
{
	return walk_views(policy, frame, metas, views, NULL);
}

uint32_t packet_walk_traced(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_trace *trace)
{
	return walk_views(policy, frame, trace->metas, &trace->views, trace);
}
