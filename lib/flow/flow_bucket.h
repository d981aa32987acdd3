/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buckets: 30 tags of 16 bits and an overflow counter, one cache line.
 *
 *     tags:  [t0][t1] ... [t29] | overflow | spare
 *
 * A tag is 0 for a free slot; else 13 bits of the hash, a bit that is always set, and two of the
 * flow: which endpoint is the initiator, so that look-up can tell a reverse packet (and fetch
 * line 1 of its entry) before it has seen the entry; and whether a packet came for it since the
 * clock hand was here and after its first. In a full table those without go first, so a flood of
 * flows of one packet evicts itself, and choosing costs no look at the entries. `overflow` counts
 * the entries that found this bucket full on their probe path and went on: a look-up that meets 0
 * may stop, and erasing needs no tombstone.
 *
 * Probe path of home bucket h: h and those behind it, at most FLOW_PROBES buckets. Wide buckets
 * seldom run over: filled to 77 %, one flow in two hundred stands elsewhere; with buckets of half a
 * line it was one in thirty, and each of its packets a jump that the processor guesses wrong.
 */
#ifndef FLOW_BUCKET_H
#define FLOW_BUCKET_H

#include "base_cacheline.h"

#include <stdint.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define FLOW_BUCKET_SLOTS 30
#define FLOW_PROBES 8
#define FLOW_TAG_USED 0x20
#define FLOW_TAG_INITIATOR_HIGH 0x40 /* FLOW_STATE_INITIATOR_HIGH */
#define FLOW_TAG_BUSY 0x80
#define FLOW_TAG_OWN (FLOW_TAG_INITIATOR_HIGH | FLOW_TAG_BUSY) /* the flow's, not the hash's */
#define FLOW_BUCKET_MASK ((UINT32_C(1) << FLOW_BUCKET_SLOTS) - 1)

struct flow_bucket {
	uint16_t tags[FLOW_BUCKET_SLOTS];
	uint16_t overflow;
	uint16_t spare;
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct flow_bucket) == BASE_CACHE_LINE_BYTES, "one cache line");

static BASE_ALWAYS_INLINE uint16_t flow_bucket_tag(uint64_t hash)
{
	return (uint16_t)((hash & ~(uint64_t)FLOW_TAG_OWN) | FLOW_TAG_USED);
}

/* One number of 16 bits in each lane of a register; and what compares a bucket's tags with it. */
#if defined __AVX512BW__
typedef __m512i flow_bucket_lanes;

static BASE_ALWAYS_INLINE flow_bucket_lanes flow_bucket_spread(uint16_t number)
{
	return _mm512_set1_epi16((short)number);
}

/* Slots for which (tag | with) == wanted, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_equal(
		const struct flow_bucket *bucket, flow_bucket_lanes with, flow_bucket_lanes wanted)
{
	__m512i tags = _mm512_or_si512(with, _mm512_load_si512(bucket));

	return _mm512_cmpeq_epi16_mask(tags, wanted) & FLOW_BUCKET_MASK;
}
#elif defined __AVX2__
typedef __m256i flow_bucket_lanes;

static BASE_ALWAYS_INLINE flow_bucket_lanes flow_bucket_spread(uint16_t number)
{
	return _mm256_set1_epi16((short)number);
}

static BASE_ALWAYS_INLINE uint32_t flow_bucket_equal(
		const struct flow_bucket *bucket, flow_bucket_lanes with, flow_bucket_lanes wanted)
{
	const __m256i *halves = (const __m256i *)(const void *)bucket;
	__m256i low = _mm256_cmpeq_epi16(_mm256_or_si256(with, halves[0]), wanted);
	__m256i high = _mm256_cmpeq_epi16(_mm256_or_si256(with, halves[1]), wanted);
	/* packed by halves of a register: the middle quarters change places */
	__m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xd8);

	return (uint32_t)_mm256_movemask_epi8(packed) & FLOW_BUCKET_MASK;
}
#elif defined __SSE2__
typedef __m128i flow_bucket_lanes;

static BASE_ALWAYS_INLINE flow_bucket_lanes flow_bucket_spread(uint16_t number)
{
	return _mm_set1_epi16((short)number);
}

static BASE_ALWAYS_INLINE uint32_t flow_bucket_equal(
		const struct flow_bucket *bucket, flow_bucket_lanes with, flow_bucket_lanes wanted)
{
	const __m128i *quarters = (const __m128i *)(const void *)bucket;
	__m128i a = _mm_cmpeq_epi16(_mm_or_si128(with, quarters[0]), wanted);
	__m128i b = _mm_cmpeq_epi16(_mm_or_si128(with, quarters[1]), wanted);
	__m128i c = _mm_cmpeq_epi16(_mm_or_si128(with, quarters[2]), wanted);
	__m128i d = _mm_cmpeq_epi16(_mm_or_si128(with, quarters[3]), wanted);
	uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, b));
	uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(c, d));

	return (low | high << 16) & FLOW_BUCKET_MASK;
}
#else
typedef uint16_t flow_bucket_lanes;

static BASE_ALWAYS_INLINE flow_bucket_lanes flow_bucket_spread(uint16_t number)
{
	return number;
}

static BASE_ALWAYS_INLINE uint32_t flow_bucket_equal(
		const struct flow_bucket *bucket, flow_bucket_lanes with, flow_bucket_lanes wanted)
{
	uint32_t mask = 0;

	for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++)
		mask |= (uint32_t)((bucket->tags[i] | with) == wanted) << i;
	return mask;
}
#endif

/* What a flow's tag is when its own bits are set, too: what flow_bucket_match() looks for. From
 * memory: a hash that is there need not come through another register. */
static BASE_ALWAYS_INLINE flow_bucket_lanes flow_bucket_want(const uint64_t *hash)
{
	flow_bucket_lanes set = flow_bucket_spread(FLOW_TAG_OWN | FLOW_TAG_USED);
#if defined __AVX512BW__
	return _mm512_broadcastw_epi16(_mm_loadl_epi64((const void *)hash)) | set;
#elif defined __AVX2__
	return _mm256_broadcastw_epi16(_mm_loadl_epi64((const void *)hash)) | set;
#elif defined __SSSE3__
	const __m128i first = _mm_set1_epi16(0x0100); /* octets 0 and 1, again and again */
	return _mm_shuffle_epi8(_mm_loadl_epi64((const void *)hash), first) | set;
#else
	return flow_bucket_spread((uint16_t)(*hash | FLOW_TAG_OWN | FLOW_TAG_USED));
#endif
}

/* Slots whose tag matches but for the flow's bits, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_match(
		const struct flow_bucket *bucket, flow_bucket_lanes wanted)
{
	return flow_bucket_equal(bucket, flow_bucket_spread(FLOW_TAG_OWN), wanted);
}

/* Slots in use, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_used(const struct flow_bucket *bucket)
{
	return ~flow_bucket_equal(bucket, flow_bucket_spread(0), flow_bucket_spread(0))
			& FLOW_BUCKET_MASK;
}

/* Slots whose flow is busy, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_busy(const struct flow_bucket *bucket)
{
	return flow_bucket_equal(bucket, flow_bucket_spread((uint16_t)~FLOW_TAG_BUSY),
			flow_bucket_spread(0xffff));
}

#endif
