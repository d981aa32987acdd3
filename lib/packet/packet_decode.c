/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets take a shortcut and which the walk.
 */
#include "packet_decode.h"

#include "packet_views.h"
#include "packet_walk.h"

enum packet_verdict packet_decode_rest(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta)
{
	struct packet_frame frame = {data, captured_bytes, wire_bytes, link};

	if (link == PACKET_LINK_ETHERNET
			&& packet_fast_second(data, captured_bytes, wire_bytes, meta))
		return PACKET_METERED;
	return packet_walk_run(&frame, meta);
}

uint32_t packet_views_rest(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views, bool plain)
{
	if (!plain && frame->link == PACKET_LINK_ETHERNET
			&& packet_fast_second(frame->data, frame->captured_bytes, frame->wire_bytes,
					metas)
			&& !packet_views_may_open(policy, frame->data, metas)) {
		views->encapsulated = 0;
		return 1;
	}
	return packet_walk_views(policy, frame, metas, views);
}
