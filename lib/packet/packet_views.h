/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes to views: what a packet is outside a tunnel and what it is inside, in one walk.
 *
 *      Ethernet | IPv4 UDP | VXLAN | Ethernet | IPv4 TCP
 *                 ^ view 0 (outer)              ^ view 1 (inner)
 *
 * A view is a struct packet_meta and what stands around it. The outer view is that of the first IP
 * header, the inner view that of the last one that is whole; headers between them (a tunnel in a
 * tunnel) are walked, not metered. The policy of each kind of tunnel says which views are given.
 *
 * Invariant: with every kind left closed the answer is that of packet_decode(); opening tunnels
 * never loses a packet: when what is inside cannot be read, the outer view is given, whatever the
 * policy. One exception, the other way: a packet without outer IP header (an Ethernet pseudowire)
 * has only an inner view.
 *
 * The inner packet of a datagram that was fragmented outside is in the first fragment, which speaks
 * for it with its whole length; later fragments have only the outer view.
 */
#ifndef PACKET_VIEWS_H
#define PACKET_VIEWS_H

#include "packet_decode.h"
#include "packet_encapsulation.h"
#include "packet_policy.h"

#include <stdint.h>

#define PACKET_VIEWS_MAX 2

/* One captured frame; lengths as in packet_decode(). */
struct packet_frame {
	const uint8_t *data;
	uint32_t captured_bytes;
	uint32_t wire_bytes;
	enum packet_link link;
};

struct packet_views {
	enum packet_verdict verdict; /* of the packet; METERED when there is a view */
	/* Why nothing was found behind the last view: METERED when nothing more was there. */
	enum packet_verdict inside;
	uint32_t encapsulated; /* bit i: around[i] was filled, else nothing stands around view i */
	struct packet_encapsulation around[PACKET_VIEWS_MAX];
};

/* The rest of packet_decode_views(): any packet. */
uint32_t packet_views_rest(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views);

/* ... whose metas[0] is that of packet_fast_plain(), and which may carry a tunnel. */
uint32_t packet_views_tunnel(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views);

static BASE_ALWAYS_INLINE uint32_t packet_views_plain(struct packet_views *views)
{
	views->verdict = PACKET_METERED;
	views->inside = PACKET_METERED;
	views->encapsulated = 0;
	return 1;
}

/* Teredo between hosts uses any port: an origin indication, or IPv6 of exactly the right length. */
static BASE_ALWAYS_INLINE bool packet_views_like_teredo(
		const uint8_t *payload, uint32_t payload_bytes)
{
	uint32_t start = packet_read_be16(payload);

	return payload_bytes >= PACKET_FAST_IPV6_BYTES
			&& (start <= 1
					|| (start >> 12 == 6
							&& packet_read_be16(payload
									   + 4) + PACKET_FAST_IPV6_BYTES
									== payload_bytes));
}

/* True when *meta, read by a shortcut, may carry a tunnel; 20 octets of transport are readable. */
static BASE_ALWAYS_INLINE bool packet_views_may_open(const struct packet_policy *policy,
		const uint8_t *data, const struct packet_meta *meta)
{
	if (meta->protocol != PACKET_PROTOCOL_UDP)
		return false;
	const uint8_t *udp = data + meta->l4_offset;
	return packet_policy_filter_has(policy->destinations, meta->destination_port)
			|| packet_policy_filter_has(policy->sources, meta->source_port)
			|| (policy->teredo_anywhere
					&& packet_views_like_teredo(
							udp + 8, packet_read_be16(udp + 4) - 8u));
}

/*
 * Decodes one frame into views: returns how many (0 to 2), outermost first. metas[i] and, where its
 * bit in views->encapsulated is set, views->around[i] describe them; with 0 views->verdict is the
 * reason. metas[i].scope_high is 0: to make a scope of what stands around is the caller's part.
 * Reentrant, no allocation, any thread. metas has room for PACKET_VIEWS_MAX.
 */
static BASE_ALWAYS_INLINE uint32_t packet_decode_views(const struct packet_policy *policy,
		const struct packet_frame *frame, struct packet_meta metas[PACKET_VIEWS_MAX],
		struct packet_views *views)
{
	if (BASE_UNLIKELY(frame->link != PACKET_LINK_ETHERNET
			    || !packet_fast_plain(frame->data, frame->captured_bytes,
					    frame->wire_bytes, metas)))
		return packet_views_rest(policy, frame, metas, views);
	if (BASE_UNLIKELY(packet_views_may_open(policy, frame->data, metas)))
		return packet_views_tunnel(policy, frame, metas, views);
	return packet_views_plain(views);
}

#endif
