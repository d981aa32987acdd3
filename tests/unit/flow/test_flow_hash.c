/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_hash.h"
#include "unit_main.h"

#include <stdlib.h>
#include <string.h>

#define FLOW_ID_VECTOR UINT64_C(8100205726626870230)

typedef uint64_t (*hash_fn)(const struct flow_hash_seed *, const struct flow_key *);

static uint64_t hash_default(const struct flow_hash_seed *seed, const struct flow_key *key)
{
	return flow_hash(seed, key);
}

static uint64_t hash_multiply(const struct flow_hash_seed *seed, const struct flow_key *key)
{
	return flow_hash_multiply(seed, key);
}

static const hash_fn hashes[] = {hash_default, hash_multiply};

/* Flipping any one bit of the key flips each bit of the hash about half of the time. */
START_TEST(every_bit_reaches_every_bit)
{
	struct flow_hash_seed seed;
	struct flow_key key;
	uint32_t flips[64] = {0};
	const uint32_t rounds = 100, bits = sizeof(key) * 8;

	srandom(3);
	for (uint32_t round = 0; round < rounds; round++) {
		flow_hash_seed_init(&seed, round + 1);
		for (size_t i = 0; i < sizeof(key); i++)
			((uint8_t *)&key)[i] = (uint8_t)random();
		uint64_t before = hashes[_i](&seed, &key);
		for (uint32_t bit = 0; bit < bits; bit++) {
			((uint8_t *)&key)[bit / 8] ^= (uint8_t)(1 << bit % 8);
			uint64_t changed = before ^ hashes[_i](&seed, &key);
			ck_assert_uint_ne(changed, 0);
			for (int b = 0; b < 64; b++)
				flips[b] += changed >> b & 1;
			((uint8_t *)&key)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	for (int b = 0; b < 64; b++) {
		ck_assert_uint_gt(flips[b], rounds * bits * 47 / 100);
		ck_assert_uint_lt(flips[b], rounds * bits * 53 / 100);
	}
}
END_TEST

/* Neighbouring addresses and ports, as a scan makes them, fill buckets like random ones. */
START_TEST(counting_keys_spread_evenly)
{
	struct flow_hash_seed seed;
	struct flow_key key = {.identity = 6 << FLOW_KEY_PROTOCOL_SHIFT};
	static uint32_t hits[4096];
	uint32_t most = 0;

	flow_hash_seed_init(&seed, 1);
	for (uint32_t i = 0; i < 4096 * 16; i++) {
		key.low.ipv4_be = __builtin_bswap32(0x0a000000 + i / 256);
		key.high_port = (uint16_t)(i % 256);
		uint32_t *hit = &hits[hashes[_i](&seed, &key) >> 52];
		if (++*hit > most)
			most = *hit;
	}
	ck_assert_uint_lt(most, 45); /* Poisson(16): above 44 once in 10^5 runs */
}
END_TEST

START_TEST(seed_decides)
{
	struct flow_hash_seed one, same, other, random_a, random_b;
	struct flow_key key = {.low_port = 1};

	flow_hash_seed_init(&one, 7);
	flow_hash_seed_init(&same, 7);
	flow_hash_seed_init(&other, 8);
	flow_hash_seed_init(&random_a, 0);
	flow_hash_seed_init(&random_b, 0);
	ck_assert_uint_eq(hashes[_i](&one, &key), hashes[_i](&same, &key));
	ck_assert_uint_ne(hashes[_i](&one, &key), hashes[_i](&other, &key));
	ck_assert_uint_ne(hashes[_i](&random_a, &key), hashes[_i](&random_b, &key));
}
END_TEST

START_TEST(flow_id_never_changes)
{
	struct flow_key key = {.low.ipv4_be = 0x0100000a,
			.high.ipv4_be = 0x0200000a,
			.low_port = 80,
			.high_port = 40000,
			.identity = 6 << FLOW_KEY_PROTOCOL_SHIFT};

	/* ids stand in files that people keep: this number is part of the format */
	ck_assert_uint_eq(flow_hash_id(&key, 0, INT64_C(1700000000000000000)), FLOW_ID_VECTOR);
	ck_assert_uint_ne(flow_hash_id(&key, 0, 1), flow_hash_id(&key, 0, 2));
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_hash");
	TCase *tcase = tcase_create("hash");

	tcase_add_loop_test(tcase, every_bit_reaches_every_bit, 0, 2);
	tcase_add_loop_test(tcase, counting_keys_spread_evenly, 0, 2);
	tcase_add_loop_test(tcase, seed_decides, 0, 2);
	tcase_add_test(tcase, flow_id_never_changes);
	suite_add_tcase(suite, tcase);
	return suite;
}
