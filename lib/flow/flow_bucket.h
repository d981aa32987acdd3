/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buckets: 15 tags of 16 bits and one overflow counter, 32 octets, two buckets a cache line.
 *
 *     tags:  [t0][t1] ... [t14] | overflow
 *
 * A tag is 0 for a free slot; else 13 bits of the hash, a bit that is always set, and two of the
 * flow. Bit 0: which endpoint
 * is the initiator, so that look-up can tell a reverse packet (and fetch line 1 of its entry)
 * before it has seen the entry. Bit 1: a packet came for it since the clock hand was here and after
 * its first; in a full table those without go first, so a flood of flows of one packet evicts
 * itself, and choosing costs no look at the entries. `overflow` counts the entries that found this
 * bucket full on their probe path and went on: a look-up that meets 0 may stop, and erasing needs
 * no tombstone.
 *
 * Probe path of home bucket h: h, its neighbour in the same cache line, then the next lines, at
 * most FLOW_PROBES buckets.
 */
#ifndef FLOW_BUCKET_H
#define FLOW_BUCKET_H

#include "base_cacheline.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define FLOW_BUCKET_SLOTS 15
#define FLOW_PROBES 8
#define FLOW_TAG_INITIATOR_HIGH 1
#define FLOW_TAG_BUSY 2
#define FLOW_BUCKET_MASK ((UINT32_C(1) << FLOW_BUCKET_SLOTS) - 1)

struct flow_bucket {
	uint16_t tags[FLOW_BUCKET_SLOTS];
	uint16_t overflow;
} __attribute__((aligned(32)));
static_assert(sizeof(struct flow_bucket) == 32, "two a cache line");

/* The lower bits are the flow's; 0 would mean free, so one bit is always set. */
static BASE_ALWAYS_INLINE uint16_t flow_bucket_tag(uint64_t hash)
{
	return (uint16_t)((hash & 0xfff8) | 4);
}

/* Slots whose tag matches but for the flow's bits, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_match(const struct flow_bucket *bucket, uint16_t tag)
{
#ifdef __SSE2__
	const __m128i *lines = (const __m128i *)(const void *)bucket;
	const __m128i own = _mm_set1_epi16(3);
	const __m128i wanted = _mm_set1_epi16((short)(tag | 3));
	__m128i low = _mm_cmpeq_epi16(_mm_or_si128(_mm_load_si128(lines), own), wanted);
	__m128i high = _mm_cmpeq_epi16(_mm_or_si128(_mm_load_si128(lines + 1), own), wanted);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) & FLOW_BUCKET_MASK;
#else
	uint32_t mask = 0;

	for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++)
		mask |= (uint32_t)((bucket->tags[i] | 3) == (tag | 3)) << i;
	return mask;
#endif
}

/* Slots in use, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_used(const struct flow_bucket *bucket)
{
#ifdef __SSE2__
	const __m128i *lines = (const __m128i *)(const void *)bucket;
	__m128i low = _mm_cmpeq_epi16(_mm_load_si128(lines), _mm_setzero_si128());
	__m128i high = _mm_cmpeq_epi16(_mm_load_si128(lines + 1), _mm_setzero_si128());

	return ~(uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) & FLOW_BUCKET_MASK;
#else
	uint32_t mask = 0;

	for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++)
		mask |= (uint32_t)(bucket->tags[i] != 0) << i;
	return mask;
#endif
}

/* Slots whose flow is busy, as a mask. */
static BASE_ALWAYS_INLINE uint32_t flow_bucket_busy(const struct flow_bucket *bucket)
{
#ifdef __SSE2__
	const __m128i *lines = (const __m128i *)(const void *)bucket;
	const __m128i busy = _mm_set1_epi16(FLOW_TAG_BUSY);
	__m128i low = _mm_cmpeq_epi16(_mm_and_si128(_mm_load_si128(lines), busy), busy);
	__m128i high = _mm_cmpeq_epi16(_mm_and_si128(_mm_load_si128(lines + 1), busy), busy);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) & FLOW_BUCKET_MASK;
#else
	uint32_t mask = 0;

	for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++)
		mask |= (uint32_t)(bucket->tags[i] >> 1 & 1) << i;
	return mask;
#endif
}

#endif
