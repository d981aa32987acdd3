/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key of a flow: canonical, so that both directions of a conversation have the same one. The
 * endpoint that is lower (address, then port) comes first; which of the two sent a packet is one
 * bit beside the key. 40 octets, no padding, compared whole, always.
 */
#ifndef FLOW_KEY_H
#define FLOW_KEY_H

#include "base_cacheline.h"
#include "packet_meta.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct flow_key {
	union packet_address low;
	union packet_address high;
	uint16_t low_port; /* host order */
	uint16_t high_port;
	uint32_t identity; /* protocol, family, view, VLAN or encapsulation: FLOW_KEY_* */
};
static_assert(sizeof(struct flow_key) == 40, "no padding: keys are compared as five words");

#define FLOW_KEY_PROTOCOL_SHIFT 24
#define FLOW_KEY_IPV6 (UINT32_C(1) << 23)
#define FLOW_KEY_INNER (UINT32_C(1) << 22)
#define FLOW_KEY_SCOPE_MASK ((UINT32_C(1) << 22) - 1)
/* Scopes below this are a plain VLAN id (0: untagged); those above name an encapsulation. */
#define FLOW_KEY_FIRST_SCOPE UINT32_C(4096)
/* The identity of a freed entry: the last scope, which is never given out. */
#define FLOW_KEY_NONE FLOW_KEY_SCOPE_MASK

/*
 * Builds the key of a packet; returns true when the packet's source is the *high* endpoint.
 * For two packets of opposite direction the key is the same and the bit differs (equal endpoints:
 * always false).
 */
static BASE_ALWAYS_INLINE bool flow_key_build(struct flow_key *key, const struct packet_meta *meta)
{
	uint32_t identity = (uint32_t)meta->protocol << FLOW_KEY_PROTOCOL_SHIFT
			| (meta->scope ? meta->scope & FLOW_KEY_SCOPE_MASK : meta->vlan)
			| (meta->flags & PACKET_FLAG_INNER ? FLOW_KEY_INNER : 0);
	bool swapped;

	if (BASE_LIKELY(meta->ip_version == 4)) {
		uint64_t from = (uint64_t)__builtin_bswap32(meta->source.ipv4_be) << 16
				| meta->source_port;
		uint64_t to = (uint64_t)__builtin_bswap32(meta->destination.ipv4_be) << 16
				| meta->destination_port;
		swapped = from > to;
	} else {
		identity |= FLOW_KEY_IPV6;
		int order = memcmp(&meta->source, &meta->destination, sizeof(meta->source));
		swapped = order > 0 || (order == 0 && meta->source_port > meta->destination_port);
	}
	key->low = swapped ? meta->destination : meta->source;
	key->high = swapped ? meta->source : meta->destination;
	key->low_port = swapped ? meta->destination_port : meta->source_port;
	key->high_port = swapped ? meta->source_port : meta->destination_port;
	key->identity = identity;
	return swapped;
}

static BASE_ALWAYS_INLINE bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	uint64_t x[5], y[5];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
}

#endif
