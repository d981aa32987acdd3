/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_sizes.h"

/* Of rte_hash: a bucket of a line for 8 entries, in powers of two; a ring of free places; keys with
 * a pointer each; its own structures. */
#define HASH_BUCKET_BYTES 64
#define HASH_BUCKET_ENTRIES 8
#define HASH_KEY_ALIGN 16
#define HASH_OWN_BYTES (64 << 10)

/* Flows that are there at once: new ones live for the idle timeout beside the others, and until the
 * clock hand comes. */
static uint32_t capacity_for(const struct weir_bench_shape *shape)
{
	double newcomers = WEIR_BENCH_NEW_LIFE_SEC * 1e9 / WEIR_BENCH_PACKET_NS * shape->new_percent
			/ 100;

	return shape->flows + (shape->new_percent == 100 ? 0 : (uint32_t)newcomers);
}

void weir_bench_sizes_set(struct weir_bench_sizes *sizes, const struct weir_bench_shape *shape)
{
	const uint32_t capacity = capacity_for(shape);

	sizes->capacity = capacity;
	sizes->entries = capacity + capacity / 4;
	sizes->lines = sizes->entries + 1;
	/* filled as the tables are, ten of thirteen */
	sizes->places = (uint32_t)((uint64_t)capacity * 13 / 10) + 1;
}

static uint64_t power_of_two(uint64_t least)
{
	uint64_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

uint64_t weir_bench_hash_bytes(uint32_t entries, uint32_t key_bytes)
{
	const uint64_t slots = (uint64_t)entries + 1; /* number 0 means none */
	const uint64_t key = (sizeof(void *) + key_bytes + HASH_KEY_ALIGN - 1)
			& ~(uint64_t)(HASH_KEY_ALIGN - 1);

	return power_of_two(entries) / HASH_BUCKET_ENTRIES * HASH_BUCKET_BYTES
			+ power_of_two(slots) * sizeof(uint32_t) + slots * key + HASH_OWN_BYTES;
}
