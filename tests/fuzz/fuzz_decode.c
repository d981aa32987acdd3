/* SPDX-License-Identifier: BSD-3-Clause */
/* module: packet */
/* The first octet picks the link type, the next two how much of the frame was not captured. */
#include "packet_views.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int holds)
{
	if (!holds)
		abort();
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
	return 0;
}
