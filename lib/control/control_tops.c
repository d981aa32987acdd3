/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_tops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_WORDS 5

/* One cache line: a look-up that hits touches one index word and one of these. */
struct counter {
	uint64_t key[KEY_WORDS];
	uint64_t bytes;
	uint64_t error;
	uint64_t packets;
};
static_assert(sizeof(struct counter) == BASE_CACHE_LINE_BYTES, "one cache line");

struct control_tops {
	struct counter *counters;
	/*
	 * Open addressing, linear, at most half full: 16 bits of the hash (never 0), 16 bits of the
	 * counter's number; 0 is an empty slot. Nothing is erased one by one.
	 */
	uint32_t *index;
	uint64_t *scratch; /* the weights, to find their median */
	uint32_t size;
	uint32_t count;
	uint32_t index_mask;
	uint64_t floor;
	uint64_t random;
	uint64_t secret[KEY_WORDS];
};

/* Steele, Lea, Flood: SplitMix64. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int control_tops_create(struct control_tops **tops, uint32_t counters, uint64_t seed)
{
	if (counters < 2 || counters > CONTROL_TOPS_COUNTERS)
		return -EINVAL;
	struct control_tops *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;

	uint32_t slots = 4;
	while (slots < 2 * counters)
		slots *= 2;
	t->size = counters;
	t->index_mask = slots - 1;
	t->random = seed;
	for (int i = 0; i < KEY_WORDS; i++)
		t->secret[i] = next_random(&t->random);
	t->counters = aligned_alloc(BASE_CACHE_LINE_BYTES, counters * sizeof(*t->counters));
	t->index = calloc(slots, sizeof(*t->index));
	t->scratch = malloc(counters * sizeof(*t->scratch));
	if (!t->counters || !t->index || !t->scratch) {
		control_tops_destroy(t);
		return -ENOMEM;
	}
	*tops = t;
	return 0;
}

void control_tops_destroy(struct control_tops *tops)
{
	if (!tops)
		return;
	free(tops->scratch);
	free(tops->index);
	free(tops->counters);
	free(tops);
}

static void build_key(uint64_t key[KEY_WORDS], const struct flow_record *record)
{
	memcpy(&key[0], &record->source, sizeof(record->source));
	memcpy(&key[2], &record->destination, sizeof(record->destination));
	key[4] = (uint64_t)record->ip_version << 24 | (uint64_t)record->protocol << 16
			| record->destination_port;
}

static uint64_t multiply_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keyed, so that nobody can send conversations that all meet in one slot. */
static uint64_t hash_key(const struct control_tops *tops, const uint64_t key[KEY_WORDS])
{
	const uint64_t *secret = tops->secret;
	uint64_t hash = multiply_mix(key[0] ^ secret[0], key[1] ^ secret[1]);

	hash ^= multiply_mix(key[2] ^ secret[2], key[3] ^ secret[3]);
	return multiply_mix(hash ^ secret[4], key[4] ^ secret[0]);
}

static uint32_t index_word(uint64_t hash, uint32_t number)
{
	return (uint32_t)(hash >> 48 | 1) << 16 | number;
}

static void index_insert(struct control_tops *tops, uint64_t hash, uint32_t number)
{
	uint32_t slot = (uint32_t)hash & tops->index_mask;

	while (tops->index[slot] != 0)
		slot = (slot + 1) & tops->index_mask;
	tops->index[slot] = index_word(hash, number);
}

static struct counter *lookup(
		const struct control_tops *tops, const uint64_t key[KEY_WORDS], uint64_t hash)
{
	uint32_t tag = index_word(hash, 0);
	uint32_t slot = (uint32_t)hash & tops->index_mask;

	for (uint32_t word; (word = tops->index[slot]) != 0; slot = (slot + 1) & tops->index_mask) {
		if ((word & UINT32_C(0xffff0000)) != tag)
			continue;
		struct counter *counter = &tops->counters[word & 0xffff];
		if (memcmp(counter->key, key, sizeof(counter->key)) == 0)
			return counter;
	}
	return NULL;
}

/* The k-th smallest (from 0) of values[count], which are reordered. Hoare's FIND, random pivots. */
static uint64_t select_kth(uint64_t *values, uint32_t count, uint32_t k, uint64_t *random)
{
	int64_t low = 0, high = (int64_t)count - 1;

	while (low < high) {
		uint64_t span = (uint64_t)(high - low) + 1;
		uint64_t pivot = values[low + (int64_t)(next_random(random) % span)];
		int64_t i = low, j = high;
		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i > j)
				break;
			uint64_t swap = values[i];
			values[i++] = values[j];
			values[j--] = swap;
		}
		if ((int64_t)k <= j)
			high = j;
		else if ((int64_t)k >= i)
			low = i;
		else
			break;
	}
	return values[k];
}

/* Drops the lighter half (more when many weigh the same) and raises the floor. */
static void drop_light_ones(struct control_tops *tops)
{
	for (uint32_t i = 0; i < tops->count; i++)
		tops->scratch[i] = tops->counters[i].bytes;
	/* Never less than the old floor: every counter started there. */
	tops->floor = select_kth(tops->scratch, tops->count, tops->count / 2, &tops->random);

	uint32_t kept = 0;
	memset(tops->index, 0, ((size_t)tops->index_mask + 1) * sizeof(*tops->index));
	for (uint32_t i = 0; i < tops->count; i++) {
		if (tops->counters[i].bytes <= tops->floor)
			continue;
		tops->counters[kept] = tops->counters[i];
		index_insert(tops, hash_key(tops, tops->counters[kept].key), kept);
		kept++;
	}
	tops->count = kept;
}

static struct counter *insert(
		struct control_tops *tops, const uint64_t key[KEY_WORDS], uint64_t hash)
{
	if (tops->count == tops->size)
		drop_light_ones(tops);
	struct counter *counter = &tops->counters[tops->count];
	*counter = (struct counter){.bytes = tops->floor, .error = tops->floor};
	memcpy(counter->key, key, sizeof(counter->key));
	index_insert(tops, hash, tops->count++);
	return counter;
}

void control_tops_add(struct control_tops *tops, const struct flow_record *records, uint32_t count)
{
	uint64_t key[KEY_WORDS];

	for (uint32_t i = 0; i < count; i++) {
		const struct flow_record *record = &records[i];
		if (record->flags & PACKET_FLAG_SECOND)
			continue; /* its packets are counted by their outer views */
		build_key(key, record);
		uint64_t hash = hash_key(tops, key);
		struct counter *counter = lookup(tops, key, hash);
		if (!counter)
			counter = insert(tops, key, hash);
		counter->bytes += record->bytes + record->rev_bytes;
		counter->packets += record->packets + record->rev_packets;
	}
}

/* The order of the list: heavier first, then the lower key. */
static bool comes_before(const struct counter *a, const struct counter *b)
{
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes;
	return memcmp(a->key, b->key, sizeof(a->key)) < 0;
}

static void describe(struct control_top *top, const struct counter *counter)
{
	*top = (struct control_top){
			.packets = counter->packets,
			.bytes = counter->bytes,
			.error_bytes = counter->error,
	};
	memcpy(&top->key.source, &counter->key[0], sizeof(top->key.source));
	memcpy(&top->key.destination, &counter->key[2], sizeof(top->key.destination));
	top->key.destination_port = (uint16_t)counter->key[4];
	top->key.protocol = (uint8_t)(counter->key[4] >> 16);
	top->key.ip_version = (uint8_t)(counter->key[4] >> 24);
}

uint32_t control_tops_list(const struct control_tops *tops, struct control_top *out, uint32_t max)
{
	uint32_t listed = 0;

	if (max > tops->count)
		max = tops->count;
	/* By insertion: most counters are lighter than the last of a short list. */
	const struct counter **best = calloc(max > 0 ? max : 1, sizeof(const struct counter *));
	if (!best)
		return 0;
	for (uint32_t i = 0; i < tops->count && max > 0; i++) {
		const struct counter *counter = &tops->counters[i];
		if (listed == max && !comes_before(counter, best[max - 1]))
			continue;
		uint32_t at = listed < max ? listed++ : max - 1;
		for (; at > 0 && comes_before(counter, best[at - 1]); at--)
			best[at] = best[at - 1];
		best[at] = counter;
	}
	for (uint32_t i = 0; i < listed; i++)
		describe(&out[i], best[i]);
	free(best);
	return listed;
}

uint64_t control_tops_floor(const struct control_tops *tops)
{
	return tops->floor;
}
