/* SPDX-License-Identifier: BSD-3-Clause */
/* module: packet */
/* The first octet picks the link type, the next two how much of the frame was not captured. */
#include "packet_fragments.h"
#include "packet_trace.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int holds)
{
	if (!holds)
		abort();
}

/* What a trace says of the packet must be what decode said, and every layer can be described. */
static void trace(const struct packet_policy *policy, const struct packet_frame *frame,
		const struct packet_views *views, uint32_t count)
{
	struct packet_trace traced;
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	packet_trace(&traced, policy, frame);
	expect(traced.view_count == count && traced.views.verdict == views->verdict);
	for (uint32_t i = 0; i < traced.layer_count; i++) {
		expect(packet_layer_name(&traced.layers[i], frame->link) != NULL);
		packet_layer_describe(&text, &traced.layers[i], frame);
	}
	for (uint32_t i = 0; i < count; i++)
		packet_meta_describe(&text, &traced.metas[i]);
	expect(!text.failed);
	base_strbuf_fini(&text);
}

/* Any fragment may meet any other; a later one gets both ports or none. */
static void join(struct packet_meta *metas, uint32_t count)
{
	static struct packet_fragments *fragments;
	static int64_t time_ns;

	if (!fragments && packet_fragments_create(&fragments, 64, 1000, 1) < 0)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		if (metas[i].flags & PACKET_FLAG_FRAGMENT)
			packet_fragments_resolve(fragments, &metas[i], time_ns++);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_policy policy;
	struct packet_meta meta, metas[PACKET_VIEWS_MAX];
	struct packet_views views;

	if (size < 3)
		return 0;
	struct packet_frame frame = {
			.data = data + 3,
			.captured_bytes = (uint32_t)size - 3,
			.wire_bytes = (uint32_t)size - 3 + ((uint32_t)data[1] << 8 | data[2]),
			.link = data[0] % (PACKET_LINK_UNKNOWN + 1),
	};
	int metered = packet_decode(frame.link, frame.data, frame.captured_bytes, frame.wire_bytes,
				      &meta)
			== PACKET_METERED;
	if (metered)
		expect(meta.ip_bytes <= frame.wire_bytes && meta.depth <= PACKET_MAX_LAYERS);

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	uint32_t count = packet_decode_views(&policy, &frame, metas, &views);
	expect(count <= PACKET_VIEWS_MAX && (views.verdict == PACKET_METERED) == (count > 0));
	if (metered && count && !(metas[0].flags & PACKET_FLAG_INNER))
		expect(memcmp(&meta, &metas[0], sizeof(meta)) == 0);
	trace(&policy, &frame, &views, count);
	join(metas, count);
	return 0;
}
