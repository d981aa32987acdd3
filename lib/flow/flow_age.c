/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock hand: walks the buckets in order, a few each turn of the loop, and ends what no packet
 * comes for. It reads line 0 of each live entry only; whether the active timeout may be due stands
 * there in 16 bits (due_tick).
 */
#include "flow_internal.h"

/* Cheap and on line 0: false when neither deadline can have passed at now_ns. */
static BASE_ALWAYS_INLINE bool may_be_due(
		const struct flow_table *table, const struct flow_entry *entry, int64_t now_ns)
{
	if (now_ns - entry->last_ns >= flow_idle_limit(table, entry))
		return true;
	if (entry->state & (FLOW_STATE_EMPTY | FLOW_STATE_CLOSED))
		return false;
	return (int16_t)((uint16_t)(now_ns >> FLOW_ENTRY_TICK_SHIFT) - entry->due_tick) >= 0;
}

static void note_lateness(struct flow_table *table, const struct flow_entry *entry, int64_t now_ns)
{
	int64_t late = now_ns - entry->last_ns - flow_idle_limit(table, entry);

	if (late > table->counters.lateness_max_ns)
		table->counters.lateness_max_ns = late;
}

/* Always inline: see fetch_victim(). */
static BASE_ALWAYS_INLINE void prefetch_bucket_entries(
		const struct flow_table *table, uint32_t bucket)
{
	uint32_t used = flow_bucket_used(&table->buckets[bucket]);

	while (used) {
		uint32_t slot = (uint32_t)__builtin_ctz(used);
		used &= used - 1;
		base_prefetch(&table->entries[flow_index(bucket, slot)]);
	}
}

/* Whoever is busy has to show it again until the hand comes back. */
static void forget_busy(struct flow_bucket *bucket)
{
	for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++) {
		if (bucket->tags[i] & FLOW_TAG_BUSY)
			FLOW_STORE(bucket->tags[i], (uint16_t)(bucket->tags[i] & ~FLOW_TAG_BUSY));
	}
}

/* False when the outbox is full. */
static bool age_bucket(struct flow_table *table, uint32_t bucket, int64_t now_ns,
		struct flow_outbox *outbox)
{
	uint32_t used = flow_bucket_used(&table->buckets[bucket]);

	while (used) {
		uint64_t index = flow_index(bucket, (uint32_t)__builtin_ctz(used));
		struct flow_entry *entry = &table->entries[index];
		used &= used - 1;
		if (BASE_LIKELY(!may_be_due(table, entry, now_ns)))
			continue;
		note_lateness(table, entry, now_ns);
		if (flow_judge(table, index, now_ns, false, outbox) == FLOW_FATE_BLOCKED) {
			table->counters.held++;
			return false;
		}
	}
	/* only where it is asked for: a pass over many flows would write every line */
	if (BASE_UNLIKELY(table->counters.active + table->counters.active / 8 >= table->capacity))
		forget_busy(&table->buckets[bucket]);
	return true;
}

static uint32_t next_bucket(const struct flow_table *table, uint32_t bucket)
{
	return bucket + 1 == table->bucket_count ? 0 : bucket + 1;
}

uint32_t flow_table_age(struct flow_table *table, int64_t clock_ns, uint32_t buckets,
		struct flow_outbox *outbox)
{
	/* A packet may still come that is older than the clock by reorder_ns: it goes first. */
	int64_t now_ns = clock_ns - table->reorder_ns;
	uint32_t visited = 0;

	if (buckets > table->bucket_count)
		buckets = table->bucket_count;
	if (buckets > 0)
		prefetch_bucket_entries(table, table->hand);
	while (visited < buckets) {
		uint32_t next = next_bucket(table, table->hand);
		base_prefetch(&table->buckets[next_bucket(table, next)]);
		prefetch_bucket_entries(table, next);
		if (!age_bucket(table, table->hand, now_ns, outbox))
			break;
		table->hand = next;
		visited++;
	}
	return visited;
}

/* False when the outbox is full. */
static bool flush_bucket(struct flow_table *table, uint32_t bucket, int64_t clock_ns,
		struct flow_outbox *outbox)
{
	uint32_t used = flow_bucket_used(&table->buckets[bucket]);

	while (used) {
		uint64_t index = flow_index(bucket, (uint32_t)__builtin_ctz(used));
		struct flow_entry *entry = &table->entries[index];
		used &= used - 1;
		switch (flow_judge(table, index, clock_ns, false, outbox)) {
		case FLOW_FATE_BLOCKED:
			return false;
		case FLOW_FATE_ENDED:
			continue;
		case FLOW_FATE_LIVES:
			break;
		}
		if (!(entry->state & FLOW_STATE_EMPTY)) {
			if (flow_outbox_free(outbox) == 0)
				return false;
			flow_emit(table, index, FLOW_END_FORCED, outbox);
		}
		flow_erase(table, index, FLOW_END_FORCED);
	}
	return true;
}

bool flow_table_flush(struct flow_table *table, int64_t clock_ns, struct flow_outbox *outbox)
{
	uint32_t visited = 0;

	/* The hand is where the flush is: a call after a full outbox goes on there. */
	while (visited < table->bucket_count && table->counters.active > 0) {
		if (!flush_bucket(table, table->hand, clock_ns, outbox))
			return false;
		table->hand = next_bucket(table, table->hand);
		visited++;
	}
	return table->counters.active == 0;
}
