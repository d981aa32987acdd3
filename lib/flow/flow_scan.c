/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading live flows from another thread, without a lock and without the worker noticing: copy the
 * entry, and keep the copy only when its generation was even and the same before and after.
 */
#include "flow_internal.h"

#include <string.h>

#define TRIES 16

/* Copies word by word with relaxed loads: the generation, not the copy, says whether it is whole.
 */
static void copy_words(struct flow_entry *to, const struct flow_entry *from)
{
	const flow_entry_word *source = (const flow_entry_word *)(const void *)from;
	uint64_t words[sizeof(*from) / sizeof(uint64_t)];

	for (size_t i = 0; i < BASE_COUNT_OF(words); i++)
		words[i] = FLOW_LOAD(source[i]);
	memcpy(to, words, sizeof(*to));
}

/* With `surroundings` NULL the entry alone. */
static bool copy_entry(const struct flow_table *table, uint32_t bucket, uint32_t slot,
		struct flow_entry *copy, struct flow_surroundings *surroundings)
{
	uint64_t index = flow_index(bucket, slot);
	const struct flow_entry *entry = &table->entries[index];

	for (int i = 0; i < TRIES; i++) {
		if (FLOW_LOAD(table->buckets[bucket].tags[slot]) == 0)
			return false;
		/* acquire: pairs with the release in flow_entry_replace_end() */
		uint16_t before = __atomic_load_n(&entry->generation, __ATOMIC_ACQUIRE);
		if (before & 1)
			continue;
		copy_words(copy, entry);
		if (surroundings)
			flow_surroundings_read(table, index, copy, surroundings);
		/* pairs with the release fence in flow_entry_replace_begin() */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (FLOW_LOAD(entry->generation) == before)
			return true;
	}
	return false; /* replaced sixteen times in a row: it is gone by now, whatever it was */
}

uint32_t flow_table_scan(const struct flow_table *table, uint64_t *cursor, struct flow_record *out,
		uint32_t max)
{
	uint64_t slots = (uint64_t)table->bucket_count * FLOW_BUCKET_SLOTS;
	uint32_t copied = 0;

	while (*cursor < slots && copied < max) {
		uint32_t bucket = (uint32_t)(*cursor / FLOW_BUCKET_SLOTS);
		uint32_t slot = (uint32_t)(*cursor % FLOW_BUCKET_SLOTS);
		struct flow_entry copy;
		struct flow_surroundings surroundings;
		(*cursor)++;
		if (copy_entry(table, bucket, slot, &copy, &surroundings))
			flow_record_from_entry(&out[copied++], &copy, &surroundings);
	}
	return copied;
}

void flow_table_resident(const struct flow_table *table, uint64_t *flows, uint64_t *packets,
		uint64_t *octets)
{
	struct flow_entry copy;

	*flows = *packets = *octets = 0;
	for (uint32_t bucket = 0; bucket < table->bucket_count; bucket++) {
		for (uint32_t slot = 0; slot < FLOW_BUCKET_SLOTS; slot++) {
			if (!copy_entry(table, bucket, slot, &copy, NULL))
				continue;
			(*flows)++;
			*packets += flow_entry_packets(&copy) + flow_entry_rev_packets(&copy);
			*octets += copy.bytes + copy.rev_bytes;
		}
	}
}
