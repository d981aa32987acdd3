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

#define FLOW_KEY_PROTOCOL_SHIFT PACKET_IDENTITY_PROTOCOL_SHIFT
#define FLOW_KEY_IPV6 (UINT32_C(1) << 23)
#define FLOW_KEY_INNER (UINT32_C(1) << 22)
#define FLOW_KEY_SCOPE_MASK ((UINT32_C(1) << 22) - 1)
/* Scopes below this are a plain VLAN id (0: untagged); those above name an encapsulation. */
#define FLOW_KEY_FIRST_SCOPE UINT32_C(4096)
/* The identity of a freed entry: the last scope, which is never given out. */
#define FLOW_KEY_NONE FLOW_KEY_SCOPE_MASK

/* What flow_key_make() says of a packet whose source is the key's high endpoint; else 0. */
#define FLOW_KEY_SWAPPED BASE_CACHE_LINE_BYTES

/*
 * A key in registers: the two addresses, and ports and identity in the lower half of a third. The
 * hash takes it from there; through memory each of its loads would wait for several smaller stores
 * (measured: 20 cycles a packet).
 */
#ifdef __SSE2__
typedef __m128i flow_key_part;
#else
typedef unsigned __int128 flow_key_part;
#endif

struct flow_key_loaded {
	flow_key_part low, high, rest;
};

static BASE_ALWAYS_INLINE flow_key_part flow_key_load_address(const union packet_address *address)
{
	flow_key_part part;

	memcpy(&part, address, sizeof(part));
	return part;
}

static BASE_ALWAYS_INLINE flow_key_part flow_key_load_word(const void *word)
{
#ifdef __SSE2__
	return _mm_loadl_epi64(word);
#else
	uint64_t number;

	memcpy(&number, word, sizeof(number));
	return number;
#endif
}

static BASE_ALWAYS_INLINE void flow_key_store_word(void *word, flow_key_part part)
{
#ifdef __SSE2__
	_mm_storel_epi64(word, part);
#else
	uint64_t number = (uint64_t)part;

	memcpy(word, &number, sizeof(number));
#endif
}

/* Ports and identity; both ports are exchanged, or none. No choice here is a jump: directions are
 * as random as packets. */
static BASE_ALWAYS_INLINE flow_key_part flow_key_order_ports(
		const struct packet_meta *meta, uint64_t swapped)
{
	flow_key_part rest = flow_key_load_word(&meta->ports_and_identity);

#ifdef __SSSE3__
	static const uint8_t orders[2][FLOW_KEY_SWAPPED] BASE_CACHE_ALIGNED = {
			{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			{2, 3, 0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
	return _mm_shuffle_epi8(rest, *(const __m128i *)(const void *)(orders[0] + swapped));
#else
	uint32_t there = meta->source_port | (uint32_t)meta->destination_port << 16;
	uint32_t back = there << 16 | there >> 16;
	uint64_t ports = swapped ? back : there;
	return flow_key_load_word(&(uint64_t){ports | (uint64_t)meta->identity << 32});
#endif
}

/*
 * Any order of endpoints will do for IPv4, as long as it is one: address as it lies there, then
 * port.
 */
static BASE_ALWAYS_INLINE uint64_t flow_key_order_ipv4(
		struct flow_key_loaded *key, const struct packet_meta *meta)
{
	/*
	 * The sign of a difference: a comparison would become an `sbb`, which the processor takes
	 * for dependent on what its register had before. The upper halves of the words are 0.
	 */
	int64_t further = (int64_t)meta->destination.halves_be[0]
			- (int64_t)meta->source.halves_be[0];
	uint64_t swapped;

	if (BASE_LIKELY(further != 0))
		swapped = (uint64_t)(further >> 57) & FLOW_KEY_SWAPPED;
	else
		swapped = meta->source_port > meta->destination_port ? FLOW_KEY_SWAPPED : 0;
	flow_key_part source = flow_key_load_address(__builtin_assume_aligned(&meta->source, 16));
	flow_key_part destination =
			flow_key_load_address(__builtin_assume_aligned(&meta->destination, 16));
#ifdef __SSE4_1__
	key->low = _mm_min_epu32(source, destination);
	key->high = _mm_max_epu32(source, destination);
#else
	key->low = further < 0 ? destination : source;
	key->high = further < 0 ? source : destination;
#endif
	key->rest = flow_key_order_ports(meta, swapped);
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
		struct flow_key_loaded *key, const struct packet_meta *meta)
{
	unsigned __int128 from = flow_key_ipv6_number(&meta->source);
	unsigned __int128 to = flow_key_ipv6_number(&meta->destination);
	uint64_t swapped = from > to;

	if (BASE_UNLIKELY(from == to))
		swapped = meta->source_port > meta->destination_port;
	flow_key_part source = flow_key_load_address(__builtin_assume_aligned(&meta->source, 16));
	flow_key_part destination =
			flow_key_load_address(__builtin_assume_aligned(&meta->destination, 16));
	const uint64_t identity = (uint64_t)FLOW_KEY_IPV6 << 32;
#ifdef __SSE2__
	flow_key_part mask = _mm_set1_epi64x((int64_t)(0 - swapped));
#else
	flow_key_part mask = 0 - (flow_key_part)swapped;
#endif
	flow_key_part exchange = (source ^ destination) & mask;
	key->low = source ^ exchange;
	key->high = destination ^ exchange;
	swapped *= FLOW_KEY_SWAPPED;
	key->rest = flow_key_order_ports(meta, swapped) | flow_key_load_word(&identity);
	return swapped;
}

/*
 * Builds the key of a packet; returns FLOW_KEY_SWAPPED when the packet's source is the *high*
 * endpoint, else 0. For two packets of opposite direction the key is the same and that differs
 * (equal endpoints: always 0).
 */
static BASE_ALWAYS_INLINE uint64_t flow_key_make(
		struct flow_key_loaded *key, const struct packet_meta *meta)
{
	return BASE_LIKELY(meta->ip_version == 4) ? flow_key_order_ipv4(key, meta)
						  : flow_key_order_ipv6(key, meta);
}

static BASE_ALWAYS_INLINE void flow_key_store(
		struct flow_key *key, const struct flow_key_loaded *loaded)
{
	memcpy(&key->low, &loaded->low, sizeof(key->low));
	memcpy(&key->high, &loaded->high, sizeof(key->high));
	flow_key_store_word(&key->low_port, loaded->rest);
}

static BASE_ALWAYS_INLINE void flow_key_load(
		struct flow_key_loaded *loaded, const struct flow_key *key)
{
	loaded->low = flow_key_load_address(&key->low);
	loaded->high = flow_key_load_address(&key->high);
	loaded->rest = flow_key_load_word(&key->low_port);
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
	uint64_t x, y;

	memcpy(&x, &a->low_port, sizeof(x));
	memcpy(&y, &b->low_port, sizeof(y));
#ifdef __AVX2__
	__m256i same = _mm256_cmpeq_epi8(
			_mm256_loadu_si256((const void *)a), _mm256_loadu_si256((const void *)b));
	return BASE_LIKELY(x == y) && BASE_LIKELY(_mm256_movemask_epi8(same) == -1);
#elif defined __SSE2__
	__m128i low = _mm_cmpeq_epi8(
			flow_key_load_address(&a->low), flow_key_load_address(&b->low));
	__m128i high = _mm_cmpeq_epi8(
			flow_key_load_address(&a->high), flow_key_load_address(&b->high));
	return BASE_LIKELY(x == y)
			&& BASE_LIKELY(_mm_movemask_epi8(_mm_and_si128(low, high)) == 0xffff);
#else
	return memcmp(a, b, 32) == 0 && x == y;
#endif
}

/*
 * The same for keys that start a cache line. Not with one load of the line: what stands behind the
 * key in an entry was just stored when packets of one flow come one after the other, and a load
 * waits for each store that it overlaps (one flow: 30 cycles a packet, 20 so).
 */
static BASE_ALWAYS_INLINE bool flow_key_equal_aligned(
		const struct flow_key *a, const struct flow_key *b)
{
	return flow_key_equal(__builtin_assume_aligned(a, BASE_CACHE_LINE_BYTES),
			__builtin_assume_aligned(b, BASE_CACHE_LINE_BYTES));
}

#endif
