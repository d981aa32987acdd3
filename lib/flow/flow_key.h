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
#ifdef __SSE2__
#include <immintrin.h>
#endif

struct flow_key {
	union packet_address low;
	union packet_address high;
	uint16_t low_port; /* host order */
	uint16_t high_port;
	uint32_t identity; /* protocol, family, view, VLAN or encapsulation: FLOW_KEY_* */
};
static_assert(sizeof(struct flow_key) == 40, "no padding: keys are compared as five words");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "flow_key_make() lays out the last word");

#define FLOW_KEY_PROTOCOL_SHIFT 24
#define FLOW_KEY_IPV6 (UINT32_C(1) << 23)
#define FLOW_KEY_INNER (UINT32_C(1) << 22)
#define FLOW_KEY_SCOPE_MASK ((UINT32_C(1) << 22) - 1)
/* Scopes below this are a plain VLAN id (0: untagged); those above name an encapsulation. */
#define FLOW_KEY_FIRST_SCOPE UINT32_C(4096)
/* The identity of a freed entry: the last scope, which is never given out. */
#define FLOW_KEY_NONE FLOW_KEY_SCOPE_MASK

/* The low endpoint of two IPv6 addresses comes first in the order of their octets. */
static inline bool flow_key_ipv6_swapped(const struct packet_meta *meta)
{
	int order = memcmp(&meta->source, &meta->destination, sizeof(meta->source));

	return order > 0 || (order == 0 && meta->source_port > meta->destination_port);
}

/*
 * A key in registers: the two addresses, and ports and identity in one word. The hash takes it from
 * there; through memory each of its loads would wait for several smaller stores (measured: 20
 * cycles a packet).
 */
#ifdef __SSE2__
typedef __m128i flow_key_half;
#else
typedef unsigned __int128 flow_key_half;
#endif

struct flow_key_loaded {
	flow_key_half low, high;
	uint64_t rest;
};

static BASE_ALWAYS_INLINE flow_key_half flow_key_load_half(const union packet_address *address)
{
	flow_key_half half;

	memcpy(&half, address, sizeof(half));
	return half;
}

/*
 * Builds the key of a packet; returns true when the packet's source is the *high* endpoint. For two
 * packets of opposite direction the key is the same and the bit differs (equal endpoints: always
 * false).
 */
static BASE_ALWAYS_INLINE bool flow_key_make(
		struct flow_key_loaded *key, const struct packet_meta *meta)
{
	uint64_t identity = (uint32_t)meta->protocol << FLOW_KEY_PROTOCOL_SHIFT
			| (meta->scope ^ meta->vlan);
	uint32_t ports;
	memcpy(&ports, &meta->source_port, sizeof(ports)); /* both: they lie side by side */
	bool swapped;

	if (BASE_LIKELY(meta->ip_version == 4)) {
		/* any order will do, as long as it is one: that of the octets as they lie there */
		uint64_t from = meta->source.ipv4_be | (uint64_t)meta->source_port << 32;
		uint64_t to = meta->destination.ipv4_be | (uint64_t)meta->destination_port << 32;
		swapped = from > to;
	} else {
		identity |= FLOW_KEY_IPV6;
		swapped = flow_key_ipv6_swapped(meta);
	}
	flow_key_half source = flow_key_load_half(&meta->source);
	flow_key_half destination = flow_key_load_half(&meta->destination);
#ifdef __SSE2__
	flow_key_half mask = _mm_set1_epi64x(-(int64_t)swapped);
#else
	flow_key_half mask = 0 - (flow_key_half)swapped;
#endif
	/* all or nothing is exchanged: directions are as random as packets, a branch would guess */
	flow_key_half exchange = (source ^ destination) & mask;
	key->low = source ^ exchange;
	key->high = destination ^ exchange;
	uint32_t turn = swapped ? 16 : 0;
	ports = ports << turn | ports >> (32 - turn) % 32;
	key->rest = ports | identity << 32;
	return swapped;
}

static BASE_ALWAYS_INLINE void flow_key_store(
		struct flow_key *key, const struct flow_key_loaded *loaded)
{
	memcpy(&key->low, &loaded->low, sizeof(key->low));
	memcpy(&key->high, &loaded->high, sizeof(key->high));
	memcpy(&key->low_port, &loaded->rest, sizeof(loaded->rest));
}

static BASE_ALWAYS_INLINE void flow_key_load(
		struct flow_key_loaded *loaded, const struct flow_key *key)
{
	loaded->low = flow_key_load_half(&key->low);
	loaded->high = flow_key_load_half(&key->high);
	memcpy(&loaded->rest, &key->low_port, sizeof(loaded->rest));
}

/* The same as flow_key_make(), into memory. */
static inline bool flow_key_build(struct flow_key *key, const struct packet_meta *meta)
{
	struct flow_key_loaded loaded;
	bool swapped = flow_key_make(&loaded, meta);

	flow_key_store(key, &loaded);
	return swapped;
}

static BASE_ALWAYS_INLINE bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	struct flow_key_loaded x, y;

	flow_key_load(&x, a);
	flow_key_load(&y, b);
#ifdef __SSE4_1__
	__m128i differs = (x.low ^ y.low) | (x.high ^ y.high);
	return _mm_testz_si128(differs, differs) & (x.rest == y.rest);
#elif defined(__SSE2__)
	__m128i same = _mm_and_si128(_mm_cmpeq_epi8(x.low, y.low), _mm_cmpeq_epi8(x.high, y.high));
	return (_mm_movemask_epi8(same) == 0xffff) & (x.rest == y.rest);
#else
	return ((x.low ^ y.low) | (x.high ^ y.high) | (x.rest ^ y.rest)) == 0;
#endif
}

#endif
