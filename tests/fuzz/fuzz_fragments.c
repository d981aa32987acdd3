/* SPDX-License-Identifier: BSD-3-Clause */
/* module: packet */
/*
 * Any order of fragments in a table of one set: 8 octets each, of which the first says what it is,
 * then id, protocol, time and ports. What is answered must be what some first fragment said.
 */
#include "packet_fragments.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION_BYTES 8
#define TIMEOUT_NS INT64_C(30000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int holds)
{
	if (!holds)
		abort();
}

static struct packet_meta make_meta(const uint8_t *octets)
{
	static const uint8_t protocols[] = {6, 17, 60, 58};
	struct packet_meta meta = {
			.ip_version = octets[0] & 1 ? 6 : 4,
			.vlan = octets[0] & 2,
			.flags = PACKET_FLAG_FRAGMENT,
			.fragment_id = octets[1],
			.protocol = protocols[octets[2] % 4],
	};

	if (octets[0] & 4) {
		meta.flags |= PACKET_FLAG_LATER_FRAGMENT;
	} else if (octets[0] & 8) {
		meta.flags |= PACKET_FLAG_NO_PORTS;
	} else {
		meta.source_port = (uint16_t)(octets[5] << 8 | octets[6]);
		meta.destination_port = octets[7];
	}
	return meta;
}

/* Some first fragment before this one, of its family, VLAN and id, had these ports. */
static int was_said(const uint8_t *data, size_t before, const struct packet_meta *later)
{
	for (size_t at = 0; at < before; at += OPERATION_BYTES) {
		struct packet_meta meta = make_meta(data + at);
		if (!(meta.flags & (PACKET_FLAG_LATER_FRAGMENT | PACKET_FLAG_NO_PORTS))
				&& meta.ip_version == later->ip_version && meta.vlan == later->vlan
				&& meta.fragment_id == later->fragment_id
				&& meta.protocol == later->protocol
				&& meta.source_port == later->source_port
				&& meta.destination_port == later->destination_port)
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_fragments *fragments;
	uint64_t later = 0;

	if (packet_fragments_create(&fragments, 1, TIMEOUT_NS, 1) < 0)
		return 0;
	const struct packet_fragments_counters *counters = packet_fragments_counters(fragments);
	for (size_t at = 0; at + OPERATION_BYTES <= size && at < 4096; at += OPERATION_BYTES) {
		struct packet_meta meta = make_meta(data + at);
		int64_t time_ns = (data[at + 3] << 8 | data[at + 4]) * (TIMEOUT_NS / 1000);
		uint64_t resolved = counters->resolved;
		uint8_t flags = meta.flags;
		packet_fragments_resolve(fragments, &meta, time_ns);
		expect(meta.flags == flags);
		if (!(flags & PACKET_FLAG_LATER_FRAGMENT)) {
			expect(counters->resolved == resolved);
			continue;
		}
		later++;
		if (counters->resolved > resolved)
			expect(was_said(data, at, &meta));
		else
			expect(meta.source_port == 0 && meta.destination_port == 0);
	}
	expect(counters->resolved + counters->unresolved == later);
	expect(counters->expired <= counters->unresolved);
	packet_fragments_destroy(fragments);
	return 0;
}
