/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_hash.h"

#include "base_clock.h"

#include <sys/random.h>
#include <unistd.h>

/* Sebastiano Vigna's splitmix64: any seed, even 1, gives words without pattern. */
static uint64_t next_word(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void flow_hash_seed_init(struct flow_hash_seed *seed, uint64_t value)
{
	if (value == 0 && getrandom(seed->words, sizeof(seed->words), 0) == sizeof(seed->words))
		return;
	if (value == 0) /* no random numbers at all: better weak than not started */
		value = (uint64_t)base_clock_mono_ns() ^ (uint64_t)getpid() << 32;
	for (size_t i = 0; i < BASE_COUNT_OF(seed->words); i++)
		seed->words[i] = next_word(&value);
}

uint64_t flow_hash_id(const struct flow_key *key, uint64_t content, int64_t flow_start_ns)
{
	/* Published in records: changing these constants changes every flow id. */
	static const struct flow_hash_seed fixed = {{
			UINT64_C(0x6c62272e07bb0142),
			UINT64_C(0x62b821756295c58d),
			UINT64_C(0x27d4eb2f165667c5),
			UINT64_C(0x9e3779b185ebca87),
			UINT64_C(0xc2b2ae3d27d4eb4f),
			UINT64_C(0x165667b19e3779f9),
			UINT64_C(0x85ebca77c2b2ae63),
			UINT64_C(0x94d049bb133111eb),
	}};
	uint64_t words[5];

	/* straight from the entry: a copy in memory would have to be waited for */
	memcpy(words, key, sizeof(words));
	if (content)
		words[4] &= ~((uint64_t)FLOW_KEY_SCOPE_MASK << 32);
	uint64_t h = flow_hash_words(&fixed, words) ^ content;
	uint64_t id = flow_hash_fold(h ^ (uint64_t)flow_start_ns, UINT64_C(0xa0761d6478bd642f));

	return id ? id : 1;
}
