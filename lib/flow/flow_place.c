/* SPDX-License-Identifier: BSD-3-Clause */
/* A place for a new flow, and which flow gives its place up when there is none. */
#include "flow_internal.h"

#define TCP 6
#define TCP_SYN 0x02
#define TCP_ACK 0x10

/*
 * Which slot of a bucket, not empty, goes when room is needed: one whose flow is not busy, else
 * any; the hash of who needs it chooses among them.
 */
uint32_t flow_choose_victim(const struct flow_bucket *bucket, uint64_t hash)
{
	uint32_t used = flow_bucket_used(bucket);
	uint32_t idle = used & ~flow_bucket_busy(bucket);
	uint32_t from = idle ? idle : used;
	uint32_t turn = (uint32_t)(hash >> 16) % FLOW_BUCKET_SLOTS;
	uint32_t rest = from >> turn << turn;

	/* an empty bucket has no victim; its first slot is as good as any to look at */
	return from ? (uint32_t)__builtin_ctz(rest ? rest : from) : 0;
}

/* The id that records of the flow in place `index` will have. */
uint64_t flow_id_of(const struct flow_table *table, uint64_t index)
{
	const struct flow_entry *entry = &table->entries[index];
	struct flow_surroundings surroundings;

	flow_surroundings_read(table, index, entry, &surroundings);
	return flow_hash_id(&entry->key, surroundings.content, entry->flow_start_ns);
}

/* A flow of a bucket, not empty, gives its place up. */
static uint32_t evict(struct flow_table *table, uint32_t bucket, uint64_t hash,
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
static uint32_t crowded_bucket(const struct flow_table *table, uint32_t home)
{
	uint32_t at = home;

	for (uint32_t tries = 0; tries < FLOW_PROBES; tries++) {
		if (__builtin_popcount(flow_bucket_used(&table->buckets[at]))
				> FLOW_BUCKET_SLOTS / 2)
			return at;
		at = (table->hand + (uint32_t)table->counters.created + tries)
				% table->bucket_count;
	}
	return flow_bucket_used(&table->buckets[home]) ? home : table->bucket_count;
}

/* A free slot on the path of `home`; evicts when the table or the whole path is full. */
static uint64_t find_place(struct flow_table *table, uint32_t home, uint64_t hash,
		struct flow_outbox *outbox, uint8_t *distance)
{
	*distance = 0;
	if (BASE_UNLIKELY(table->counters.active >= table->capacity)) {
		uint32_t crowded = crowded_bucket(table, home);
		if (crowded < table->bucket_count) {
			uint32_t slot = evict(table, crowded, hash, outbox);
			if (crowded == home)
				return flow_index(home, slot);
		}
	}
	for (uint32_t probe = 0; probe < FLOW_PROBES; probe++) {
		uint32_t at = flow_probe(table, home, probe);
		uint32_t room = ~flow_bucket_used(&table->buckets[at]) & FLOW_BUCKET_MASK;
		if (room) {
			for (uint32_t passed = 0; passed < probe; passed++)
				table->buckets[flow_probe(table, home, passed)].overflow++;
			*distance = (uint8_t)probe;
			return flow_index(at, (uint32_t)__builtin_ctz(room));
		}
	}
	return flow_index(home, evict(table, home, hash, outbox));
}

static bool ends_equal(const struct flow_key *key)
{
	return memcmp(&key->low, &key->high, sizeof(key->low)) == 0
			&& key->low_port == key->high_port;
}

/* Initiator rule: SYN without ACK names its sender, SYN+ACK its receiver, else the first sender. */
static uint8_t first_state(const struct flow_visit *visit)
{
	uint8_t state = FLOW_STATE_EMPTY;
	bool high = visit->step->swapped;

	if (visit->meta->protocol == TCP && (visit->meta->tcp_flags & TCP_SYN)) {
		state |= FLOW_STATE_INITIATOR_KNOWN;
		/* a host that talks to itself, port to port, has one direction only */
		high ^= (visit->meta->tcp_flags & TCP_ACK) != 0 && !ends_equal(&visit->step->key);
	}
	return state | (high ? FLOW_STATE_INITIATOR_HIGH : 0);
}

static void store_key(struct flow_entry *entry, const struct flow_key *key)
{
	uint64_t *to = (uint64_t *)(void *)&entry->key;
	uint64_t from[5];

	memcpy(from, key, sizeof(from));
	for (int i = 0; i < 5; i++)
		FLOW_STORE(to[i], from[i]);
}

/* What stands around a new flow. The place may have been another's: it is written whole. */
static void note_surroundings(struct flow_table *table, uint64_t index,
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

uint64_t flow_insert(struct flow_table *table, const struct flow_visit *visit,
		struct flow_outbox *outbox)
{
	/* read first: the place may be taken from the outer flow */
	uint64_t outer_flow_id = BASE_UNLIKELY(visit->meta->flags & PACKET_FLAG_SECOND)
			? flow_id_of(table, (uint64_t)(visit->before - table->entries))
			: 0;
	uint8_t distance;
	uint64_t index = find_place(table, flow_home(table, visit->step->hash), visit->step->hash,
			outbox, &distance);
	uint32_t bucket = (uint32_t)(index / FLOW_BUCKET_SLOTS);
	uint32_t slot = (uint32_t)(index % FLOW_BUCKET_SLOTS);
	struct flow_entry *entry = &table->entries[index];
	uint8_t state = first_state(visit);

	flow_entry_replace_begin(entry);
	store_key(entry, &visit->step->key);
	FLOW_STORE(entry->last_ns, visit->time_ns);
	FLOW_STORE(entry->bytes, 0);
	FLOW_STORE(entry->packets_ttl, 0);
	FLOW_STORE(entry->tcp_flags, 0);
	FLOW_STORE(entry->state, state);
	FLOW_STORE(entry->flow_start_ns, visit->time_ns);
	FLOW_STORE(entry->start_ns, visit->time_ns);
	FLOW_STORE(entry->rev_start_ns, 0);
	FLOW_STORE(entry->rev_bytes, 0);
	FLOW_STORE(entry->rev_packets_ttl, 0);
	FLOW_STORE(entry->rev_packets_high, 0);
	FLOW_STORE(entry->packets_high, 0);
	FLOW_STORE(entry->port, FLOW_ENTRY_NO_PORT);
	FLOW_STORE(entry->rev_port, FLOW_ENTRY_NO_PORT);
	FLOW_STORE(entry->vlan_inner, visit->meta->vlan_inner);
	FLOW_STORE(entry->rev_tcp_flags, 0);
	FLOW_STORE(entry->tcp_flags_high, 0);
	FLOW_STORE(entry->ttl_min, 0);
	FLOW_STORE(entry->ttl_max, 0);
	FLOW_STORE(entry->rev_ttl_min, 0);
	FLOW_STORE(entry->rev_ttl_max, 0);
	FLOW_STORE(entry->tos, 0);
	FLOW_STORE(entry->rev_tos, 0);
	FLOW_STORE(entry->icmp_type, visit->meta->icmp_type);
	FLOW_STORE(entry->icmp_code, visit->meta->icmp_code);
	FLOW_STORE(entry->packet_flags, visit->meta->flags);
	FLOW_STORE(entry->probe, distance);
	if (BASE_UNLIKELY(flow_has_extra(entry)) && table->extras)
		note_surroundings(table, index, visit, state, outer_flow_id);
	flow_entry_replace_end(entry);
	FLOW_STORE(table->buckets[bucket].tags[slot],
			(uint16_t)(flow_bucket_tag(visit->step->hash)
					| (state & FLOW_STATE_INITIATOR_HIGH)));
	table->counters.created++;
	table->counters.active++;
	return index;
}
