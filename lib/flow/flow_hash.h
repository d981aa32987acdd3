/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hash of a flow key, keyed with a random seed of the process so that nobody outside can choose
 * keys that collide. Four AES rounds: the two 16-octet halves and the rest of the key enter one
 * after another, and the last to enter still passes two whole rounds, which spread each octet over
 * the whole state. Without AES instructions a folded multiply does the same, slower. The NIC's RSS
 * hash would save under a cycle and is predictable.
 */
#ifndef FLOW_HASH_H
#define FLOW_HASH_H

#include "flow_key.h"

#include <stdint.h>

struct flow_hash_seed {
	uint64_t words[8];
} BASE_CACHE_ALIGNED;

/* Spreads `seed` over all words; 0 draws from the kernel's random numbers. */
void flow_hash_seed_init(struct flow_hash_seed *seed, uint64_t value);

static BASE_ALWAYS_INLINE uint64_t flow_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static BASE_ALWAYS_INLINE uint64_t flow_hash_words(
		const struct flow_hash_seed *seed, const uint64_t k[5])
{
	uint64_t a = flow_hash_fold(k[0] ^ seed->words[0], k[1] ^ seed->words[1]);
	uint64_t b = flow_hash_fold(k[2] ^ seed->words[2], k[3] ^ seed->words[3]);
	uint64_t c = flow_hash_fold(k[4] ^ seed->words[4], a ^ seed->words[5]);
	return flow_hash_fold(b ^ c ^ seed->words[6], c ^ seed->words[7]);
}

static inline uint64_t flow_hash_multiply(
		const struct flow_hash_seed *seed, const struct flow_key *key)
{
	uint64_t k[5];

	memcpy(k, key, sizeof(k));
	return flow_hash_words(seed, k);
}

/* The hash of a key in registers. */
static BASE_ALWAYS_INLINE uint64_t flow_hash_loaded(
		const struct flow_hash_seed *seed, const struct flow_key_loaded *key)
{
#ifdef __AES__
	const __m128i *s = (const __m128i *)seed->words;
	__m128i h = _mm_aesenc_si128(_mm_xor_si128(key->low, s[0]), key->high);

	h = _mm_aesenc_si128(h, key->rest);
	h = _mm_aesenc_si128(h, s[1]);
	h = _mm_aesenc_si128(h, s[2]);
	return (uint64_t)_mm_cvtsi128_si64(h);
#else
	struct flow_key whole;

	flow_key_store(&whole, key);
	return flow_hash_multiply(seed, &whole);
#endif
}

static inline uint64_t flow_hash(const struct flow_hash_seed *seed, const struct flow_key *key)
{
	struct flow_key_loaded loaded;

	flow_key_load(&loaded, key);
	return flow_hash_loaded(seed, &loaded);
}

/*
 * The flow's id: from the key and the time of its first packet, with fixed constants, so that it is
 * the same for any worker, table size and run. Never 0. content: of the key's scope, whose number
 * is the worker's own (flow_scope_content()); 0 when its scope is a VLAN id.
 */
uint64_t flow_hash_id(const struct flow_key *key, uint64_t content, int64_t flow_start_ns);

#endif
