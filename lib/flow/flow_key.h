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

static BASE_ALWAYS_INLINE flow_key_half flow_key_half_from_ipv4(uint32_t ipv4_be)
{
#ifdef __SSE2__
	return _mm_cvtsi32_si128((int32_t)ipv4_be);
#else
	return ipv4_be;
#endif
}

/*
 * Any order of endpoints will do for IPv4, as long as it is one: port, then address as it lies
 * there. The choices are moves, not jumps: directions are as random as packets.
 */
static BASE_ALWAYS_INLINE uint64_t flow_key_order_ipv4(
		struct flow_key_loaded *key, const struct packet_meta *meta, uint32_t *ports)
{
	/* the other four octets are 0 */
	uint64_t from = meta->source.halves_be[0] | (uint64_t)meta->source_port << 32;
	uint64_t to = meta->destination.halves_be[0] | (uint64_t)meta->destination_port << 32;
	uint64_t swapped = 0 - (uint64_t)(from > to);
	/* all or nothing is exchanged */
	uint64_t exchange = (from ^ to) & swapped;
	uint64_t low = from ^ exchange, high = to ^ exchange;

	key->low = flow_key_half_from_ipv4((uint32_t)low);
	key->high = flow_key_half_from_ipv4((uint32_t)high);
	*ports = (uint32_t)(low >> 32) | (uint32_t)(high >> 32) << 16;
	return swapped;
}

static BASE_ALWAYS_INLINE unsigned __int128 flow_key_ipv6_number(
		const union packet_address *address)
{
	return (unsigned __int128)__builtin_bswap64(address->halves_be[0]) << 64
			| __builtin_bswap64(address->halves_be[1]);
}

/* The low endpoint of two IPv6 addresses comes first in the order of their octets. */
static BASE_ALWAYS_INLINE uint64_t flow_key_order_ipv6(
		struct flow_key_loaded *key, const struct packet_meta *meta, uint32_t *ports)
{
	unsigned __int128 from = flow_key_ipv6_number(&meta->source);
	unsigned __int128 to = flow_key_ipv6_number(&meta->destination);
	uint64_t swapped = 0 - (uint64_t)(from > to);

	if (BASE_UNLIKELY(from == to))
		swapped = 0 - (uint64_t)(meta->source_port > meta->destination_port);
	flow_key_half source = flow_key_load_half(&meta->source);
	flow_key_half destination = flow_key_load_half(&meta->destination);
#ifdef __SSE2__
	flow_key_half mask = _mm_set1_epi64x((int64_t)swapped);
#else
	flow_key_half mask = (flow_key_half)swapped << 64 | swapped;
#endif
	flow_key_half exchange = (source ^ destination) & mask;
	key->low = source ^ exchange;
	key->high = destination ^ exchange;
	uint32_t there = meta->source_port | (uint32_t)meta->destination_port << 16;
	uint32_t back = there << 16 | there >> 16;
	*ports = swapped ? back : there;
	return swapped;
}

/*
 * Builds the key of a packet; returns all ones when the packet's source is the *high* endpoint,
 * else 0. For two packets of opposite direction the key is the same and that differs (equal
 * endpoints: always 0).
 */
static BASE_ALWAYS_INLINE uint64_t flow_key_make(
		struct flow_key_loaded *key, const struct packet_meta *meta)
{
	uint64_t identity = (uint32_t)meta->protocol << FLOW_KEY_PROTOCOL_SHIFT
			| (meta->scope ^ meta->vlan);
	uint32_t ports;
	uint64_t swapped;

	if (BASE_LIKELY(meta->ip_version == 4)) {
		swapped = flow_key_order_ipv4(key, meta, &ports);
	} else {
		identity |= FLOW_KEY_IPV6;
		swapped = flow_key_order_ipv6(key, meta, &ports);
	}
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
#ifdef __SSE2__
	__m128i same = _mm_and_si128(_mm_cmpeq_epi8(x.low, y.low), _mm_cmpeq_epi8(x.high, y.high));
	return x.rest == y.rest && _mm_movemask_epi8(same) == 0xffff;
#else
	return ((x.low ^ y.low) | (x.high ^ y.high) | (x.rest ^ y.rest)) == 0;
#endif
}

/* The same for keys that start a cache line. */
static BASE_ALWAYS_INLINE bool flow_key_equal_aligned(
		const struct flow_key *a, const struct flow_key *b)
{
	return flow_key_equal(__builtin_assume_aligned(a, BASE_CACHE_LINE_BYTES),
			__builtin_assume_aligned(b, BASE_CACHE_LINE_BYTES));
}

#endif
