/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A place for a new flow, and which flow gives its place up when there is none. A part of the
 * packet path, and so built with it for each kind of processor: a flood of new flows is here.
 */
#ifndef FLOW_PLACE_H
#define FLOW_PLACE_H

#include "flow_internal.h"
#include "packet_numbers.h"

/*
 * Which slot of a bucket, not empty, goes when room is needed: one whose flow is not busy, else
 * any; the hash of who needs it chooses among them.
 */
static inline uint32_t flow_choose_victim(const struct flow_bucket *bucket, uint64_t hash)
{
	uint32_t used = flow_bucket_used(bucket);
	uint32_t idle = used & ~flow_bucket_busy(bucket);
	uint32_t from = idle ? idle : used;
	uint32_t turn = (uint32_t)(hash >> 16) % FLOW_BUCKET_SLOTS;
	uint32_t rest = from >> turn << turn;

	/* an empty bucket has no victim; its first slot is as good as any to look at */
	return from ? (uint32_t)__builtin_ctz(rest ? rest : from) : 0;
}

/* A flow of a bucket, not empty, gives its place up. */
static inline uint32_t flow_evict(struct flow_table *table, uint32_t bucket, uint64_t hash,
		struct flow_outbox *outbox)
{
	uint32_t slot = flow_choose_victim(&table->buckets[bucket], hash);
	uint64_t index = flow_index(bucket, slot);

	if (!(table->entries[index].state & FLOW_STATE_EMPTY))
		flow_emit(table, index, FLOW_END_RESOURCES, outbox);
	flow_erase(table, index, FLOW_END_RESOURCES);
	return slot;
}

/*
 * Which bucket gives a flow up when the table is at its capacity: the new flow's own if it is well
 * filled, so that its stalest is stale; else one further on from the clock hand.
 */
static inline uint32_t flow_crowded_bucket(const struct flow_table *table, uint32_t home)
{
	uint32_t at = home;

	for (uint32_t tries = 0; tries < table->probes; tries++) {
		if (__builtin_popcount(flow_bucket_used(&table->buckets[at]))
				> FLOW_BUCKET_SLOTS / 2)
			return at;
		at = (table->hand + (uint32_t)table->counters.created + tries)
				% table->bucket_count;
	}
	return flow_bucket_used(&table->buckets[home]) ? home : table->bucket_count;
}

struct flow_place {
	uint32_t bucket, slot;
	uint8_t distance; /* buckets from the flow's own */
};

/* A free slot on the path of `home`; evicts when the table or the whole path is full. */
static inline struct flow_place flow_find_place(
		struct flow_table *table, uint32_t home, uint64_t hash, struct flow_outbox *outbox)
{
	if (BASE_UNLIKELY(table->counters.active >= table->capacity)) {
		uint32_t crowded = flow_crowded_bucket(table, home);
		if (crowded < table->bucket_count) {
			uint32_t slot = flow_evict(table, crowded, hash, outbox);
			if (crowded == home)
				return (struct flow_place){home, slot, 0};
		}
	}
	for (uint32_t probe = 0; probe < table->probes; probe++) {
		uint32_t at = flow_probe(table, home, probe);
		uint32_t room = ~flow_bucket_used(&table->buckets[at]) & FLOW_BUCKET_MASK;
		if (room) {
			for (uint32_t passed = 0; passed < probe; passed++)
				table->buckets[flow_probe(table, home, passed)].overflow++;
			return (struct flow_place){
					at, (uint32_t)__builtin_ctz(room), (uint8_t)probe};
		}
	}
	return (struct flow_place){home, flow_evict(table, home, hash, outbox), 0};
}

static inline bool flow_ends_equal(const struct flow_key *key)
{
	return memcmp(&key->low, &key->high, sizeof(key->low)) == 0
			&& key->low_port == key->high_port;
}

/* Initiator rule: SYN without ACK names its sender, SYN+ACK its receiver, else the first sender. */
static inline uint8_t flow_first_state(const struct flow_visit *visit)
{
	uint8_t state = FLOW_STATE_EMPTY;
	bool high = visit->step->swapped;

	if (visit->meta->protocol == PACKET_PROTOCOL_TCP
			&& (visit->meta->tcp_flags & FLOW_TCP_SYN)) {
		state |= FLOW_STATE_INITIATOR_KNOWN;
		/* a host that talks to itself, port to port, has one direction only */
		high ^= (visit->meta->tcp_flags & FLOW_TCP_ACK) != 0
				&& !flow_ends_equal(&visit->step->key);
	}
	return state | (high ? FLOW_STATE_INITIATOR_HIGH : 0);
}

/* A field of an entry: its word among the entry's, and its value where it is in that word. */
#define FLOW_WORD(field) (__builtin_offsetof(struct flow_entry, field) / 8)
#define FLOW_PUT(field, value) \
	((uint64_t)(value) << __builtin_offsetof(struct flow_entry, field) % 8 * 8)

/*
 * The whole entry of a flow that has no packet yet. By words: readers may see what is stored, so
 * each store is atomic and none is joined with the next; field by field they were 37.
 */
static inline void flow_fill_entry(struct flow_entry *entry, const struct flow_visit *visit,
		uint8_t state, uint8_t distance)
{
	const struct packet_meta *meta = visit->meta;
	const flow_entry_word *key = (const flow_entry_word *)(const void *)&visit->step->key;
	flow_entry_word *words = (flow_entry_word *)(void *)entry;
	uint64_t ends = FLOW_PUT(port, FLOW_ENTRY_NO_PORT) | FLOW_PUT(rev_port, FLOW_ENTRY_NO_PORT)
			| FLOW_PUT(vlan_inner, meta->vlan_inner)
			| FLOW_PUT(generation, entry->generation);
	uint64_t icmp = FLOW_PUT(icmp_type, meta->icmp_type) | FLOW_PUT(icmp_code, meta->icmp_code);
	uint64_t first = FLOW_PUT(packet_flags, meta->flags) | FLOW_PUT(probe, distance);
	int64_t time_ns = visit->time_ns;

	for (size_t i = 0; i < sizeof(entry->key) / sizeof(*key); i++)
		FLOW_STORE(words[i], key[i]);
	FLOW_STORE(entry->last_ns, time_ns);
	FLOW_STORE(entry->forward.bytes, 0);
	FLOW_STORE(entry->forward.word, FLOW_PUT(state, state));
	FLOW_STORE(entry->flow_start_ns, time_ns);
	FLOW_STORE(entry->start_ns, time_ns);
	FLOW_STORE(entry->rev_start_ns, 0);
	FLOW_STORE(words[FLOW_WORD(packets_high)], 0); /* rev_packets_high, too */
	FLOW_STORE(words[FLOW_WORD(port)], ends); /* generation: odd still */
	FLOW_STORE(words[FLOW_WORD(ttl_min)], icmp); /* all TTL and TOS */
	FLOW_STORE(entry->reverse.bytes, 0);
	FLOW_STORE(entry->reverse.word, first);
}

/* What stands around a new flow. The place may have been another's: it is written whole. */
static inline void flow_note_surroundings(struct flow_table *table, uint64_t index,
		const struct flow_visit *visit, uint8_t state, uint64_t outer_flow_id)
{
	struct flow_extra *extra = &table->extras[index];

	if (visit->meta->flags & PACKET_FLAG_AROUND)
		flow_scopes_hold(&table->scopes, visit->slot);
	FLOW_STORE(extra->slot,
			visit->meta->flags & PACKET_FLAG_AROUND ? visit->slot : FLOW_SCOPE_NONE);
	FLOW_STORE(extra->turned,
			(bool)visit->step->swapped != (bool)(state & FLOW_STATE_INITIATOR_HIGH));
	FLOW_STORE(extra->outer_flow_id, outer_flow_id);
}

/* Makes the entry of a new flow, without its first packet; evicts if it must. */
static inline struct flow_entry *flow_insert(struct flow_table *table,
		const struct flow_visit *visit, struct flow_outbox *outbox)
{
	/* read first: the place may be taken from the outer flow */
	uint64_t outer_flow_id = BASE_UNLIKELY(visit->meta->flags & PACKET_FLAG_SECOND)
			? flow_id_of(table, (uint64_t)(visit->before - table->entries))
			: 0;
	uint64_t hash = visit->step->hash;
	struct flow_place place = flow_find_place(table, flow_home(table, hash), hash, outbox);
	uint64_t index = flow_index(place.bucket, place.slot);
	struct flow_entry *entry = &table->entries[index];
	uint8_t state = flow_first_state(visit);

	flow_entry_replace_begin(entry);
	flow_fill_entry(entry, visit, state, place.distance);
	if (BASE_UNLIKELY(flow_has_extra(entry)) && table->extras)
		flow_note_surroundings(table, index, visit, state, outer_flow_id);
	flow_entry_replace_end(entry);
	FLOW_STORE(table->buckets[place.bucket].tags[place.slot],
			(uint16_t)(flow_bucket_tag(hash) | (state & FLOW_STATE_INITIATOR_HIGH)));
	table->counters.created++;
	table->counters.active++;
	return entry;
}

#endif
