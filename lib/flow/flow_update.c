/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path of the table: three passes over a burst.
 *
 *     1  key, hash                    -> fetch the home bucket
 *     2  match the tag in the bucket  -> fetch the entry; line 1, too, for a reverse packet or a
 * miss 3  compare the key, update, or insert
 *
 * What pass 2 found is a hint: pass 3 compares the whole key and looks again when it does not fit,
 * because an earlier packet of the burst may have made, ended or replaced the entry.
 */
#include "flow_internal.h"

#define TCP 6
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/*
 * One packet on its way through pass 3. Passed by value: a pointer would keep it in memory, and
 * each packet would pay for storing it.
 */
struct visit {
	const struct packet_meta *meta;
	const struct flow_key *key;
	uint64_t hash;
	int64_t time_ns;
	uint32_t slot; /* of the scopes, where the meta has AROUND */
	uint16_t port;
	bool swapped;
	const struct flow_entry *before; /* of the view before it in the burst */
};

static BASE_ALWAYS_INLINE void pass_hash(
		struct flow_table *table, const struct packet_meta *meta, uint32_t i)
{
	struct flow_key_loaded key;

	table->swapped[i] = flow_key_make(&key, meta);
	uint64_t hash = flow_hash_loaded(&table->seed, &key);
	uint32_t home = flow_home(table, hash);
	base_prefetch(&table->buckets[home]);
	table->hashes[i] = hash;
	table->homes[i] = home;
	flow_key_store(&table->keys[i], &key);
}

/*
 * Which slot of a bucket, not empty, goes when room is needed: one whose flow is not busy, else
 * any; the hash of who needs it chooses among them.
 */
static uint32_t choose_victim(const struct flow_bucket *bucket, uint64_t hash)
{
	uint32_t used = flow_bucket_used(bucket);
	uint32_t idle = used & ~flow_bucket_busy(bucket);
	uint32_t from = idle ? idle : used;
	uint32_t turn = (uint32_t)(hash >> 16) % FLOW_BUCKET_SLOTS;
	uint32_t rest = from >> turn << turn;

	/* an empty bucket has no victim; its first slot is as good as any to look at */
	return from ? (uint32_t)__builtin_ctz(rest ? rest : from) : 0;
}

/* Where the packet's flow seems to be, in its home bucket or the neighbour of the same cache line.
 */
static BASE_ALWAYS_INLINE struct flow_entry *guess(
		struct flow_table *table, uint32_t home, uint32_t i)
{
	uint16_t tag = flow_bucket_tag(table->hashes[i]);

	for (uint32_t at = home;; at ^= 1) {
		struct flow_bucket *bucket = &table->buckets[at];
		uint32_t match = flow_bucket_match(bucket, tag);
		if (BASE_LIKELY(match)) {
			uint32_t slot = (uint32_t)__builtin_ctz(match);
			struct flow_entry *entry = &table->entries[flow_index(at, slot)];
			uint16_t found = bucket->tags[slot];
			base_prefetch(entry);
			if ((found & FLOW_TAG_INITIATOR_HIGH) != table->swapped[i])
				base_prefetch(flow_entry_line1(entry));
			if (BASE_UNLIKELY(!(found & FLOW_TAG_BUSY)))
				FLOW_STORE(bucket->tags[slot], (uint16_t)(found | FLOW_TAG_BUSY));
			return entry;
		}
		if (at != home || BASE_LIKELY(bucket->overflow == 0))
			return NULL;
	}
}

/*
 * What an eviction for this packet would touch, if its bucket is the one to give a flow up. Read,
 * not prefetched: the same lines by prefetch came too late (measured in a flood: 250 cycles a
 * packet, 165 so).
 */
static __attribute__((noinline)) void prefetch_victim(
		const struct flow_table *table, uint32_t home, uint64_t hash)
{
	uint64_t index = flow_index(home, choose_victim(&table->buckets[home], hash));
	struct flow_entry *entry = &table->entries[index];

	(void)*(volatile const uint8_t *)&entry->state;
	(void)*(volatile const int64_t *)&entry->flow_start_ns;
}

static BASE_ALWAYS_INLINE void pass_match(struct flow_table *table, uint32_t i)
{
	uint32_t home = table->homes[i];

	table->hints[i] = guess(table, home, i);
	if (BASE_LIKELY(table->hints[i] != NULL))
		return;
	if (BASE_UNLIKELY(table->counters.active >= table->capacity)) {
		prefetch_victim(table, home, table->hashes[i]);
		return;
	}
	/* Most likely new, and its place is the first free slot. */
	uint32_t room = ~flow_bucket_used(&table->buckets[home]) & FLOW_BUCKET_MASK;
	if (room) {
		uint32_t slot = (uint32_t)__builtin_ctz(room);
		struct flow_entry *entry = &table->entries[flow_index(home, slot)];
		base_prefetch(entry);
		base_prefetch(flow_entry_line1(entry));
	}
}

static uint64_t lookup(const struct flow_table *table, struct visit visit)
{
	uint32_t home = flow_home(table, visit.hash);
	uint16_t tag = flow_bucket_tag(visit.hash);

	for (uint32_t probe = 0; probe < FLOW_PROBES; probe++) {
		uint32_t at = flow_probe(table, home, probe);
		uint32_t match = flow_bucket_match(&table->buckets[at], tag);
		while (match) {
			uint64_t index = flow_index(at, (uint32_t)__builtin_ctz(match));
			match &= match - 1;
			if (flow_key_equal(&table->entries[index].key, visit.key))
				return index;
		}
		if (table->buckets[at].overflow == 0)
			break;
	}
	return FLOW_NO_ENTRY;
}

/* A flow of a bucket, not empty, gives its place up. */
static uint32_t evict(struct flow_table *table, uint32_t bucket, uint64_t hash,
		struct flow_outbox *outbox)
{
	uint32_t slot = choose_victim(&table->buckets[bucket], hash);
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
static uint64_t find_place(
		struct flow_table *table, uint32_t home, uint64_t hash, struct flow_outbox *outbox)
{
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
static uint8_t first_state(struct visit visit)
{
	uint8_t state = FLOW_STATE_EMPTY;
	bool high = visit.swapped;

	if (visit.meta->protocol == TCP && visit.meta->tcp_flags & TCP_SYN) {
		state |= FLOW_STATE_INITIATOR_KNOWN;
		/* a host that talks to itself, port to port, has one direction only */
		high ^= (visit.meta->tcp_flags & TCP_ACK) != 0 && !ends_equal(visit.key);
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

/* The id that records of the flow in place `index` will have. */
static uint64_t id_of(const struct flow_table *table, uint64_t index)
{
	const struct flow_entry *entry = &table->entries[index];
	struct flow_surroundings surroundings;

	flow_surroundings_read(table, index, entry, &surroundings);
	return flow_hash_id(&entry->key, surroundings.content, entry->flow_start_ns);
}

/* What stands around a new flow. The place may have been another's: it is written whole. */
static void note_surroundings(struct flow_table *table, uint64_t index, struct visit visit,
		uint8_t state, uint64_t outer_flow_id)
{
	struct flow_extra *extra = &table->extras[index];

	if (visit.meta->flags & PACKET_FLAG_AROUND)
		flow_scopes_hold(&table->scopes, visit.slot);
	FLOW_STORE(extra->slot,
			visit.meta->flags & PACKET_FLAG_AROUND ? visit.slot : FLOW_SCOPE_NONE);
	FLOW_STORE(extra->turned, visit.swapped != (bool)(state & FLOW_STATE_INITIATOR_HIGH));
	FLOW_STORE(extra->outer_flow_id, outer_flow_id);
}

static uint64_t insert(struct flow_table *table, struct visit visit, struct flow_outbox *outbox)
{
	/* read first: the place may be taken from the outer flow */
	uint64_t outer_flow_id = BASE_UNLIKELY(visit.meta->flags & PACKET_FLAG_SECOND)
			? id_of(table, (uint64_t)(visit.before - table->entries))
			: 0;
	uint64_t index = find_place(table, flow_home(table, visit.hash), visit.hash, outbox);
	uint32_t bucket = (uint32_t)(index / FLOW_BUCKET_SLOTS);
	uint32_t slot = (uint32_t)(index % FLOW_BUCKET_SLOTS);
	struct flow_entry *entry = &table->entries[index];
	uint8_t state = first_state(visit);

	flow_entry_replace_begin(entry);
	store_key(entry, visit.key);
	FLOW_STORE(entry->last_ns, visit.time_ns);
	FLOW_STORE(entry->bytes, 0);
	FLOW_STORE(entry->packets_ttl, 0);
	FLOW_STORE(entry->tcp_flags, 0);
	FLOW_STORE(entry->state, state);
	FLOW_STORE(entry->flow_start_ns, visit.time_ns);
	FLOW_STORE(entry->start_ns, visit.time_ns);
	FLOW_STORE(entry->rev_start_ns, 0);
	FLOW_STORE(entry->rev_bytes, 0);
	FLOW_STORE(entry->rev_packets, 0);
	FLOW_STORE(entry->packets_high, 0);
	FLOW_STORE(entry->port, FLOW_ENTRY_NO_PORT);
	FLOW_STORE(entry->rev_port, FLOW_ENTRY_NO_PORT);
	FLOW_STORE(entry->vlan_inner, visit.meta->vlan_inner);
	FLOW_STORE(entry->rev_tcp_flags, 0);
	FLOW_STORE(entry->tcp_flags_high, 0);
	FLOW_STORE(entry->ttl_min, 0);
	FLOW_STORE(entry->ttl_max, 0);
	FLOW_STORE(entry->rev_ttl_min, 0);
	FLOW_STORE(entry->rev_ttl_max, 0);
	FLOW_STORE(entry->tos, 0);
	FLOW_STORE(entry->rev_tos, 0);
	FLOW_STORE(entry->icmp_type, visit.meta->icmp_type);
	FLOW_STORE(entry->icmp_code, visit.meta->icmp_code);
	FLOW_STORE(entry->packet_flags, visit.meta->flags);
	if (BASE_UNLIKELY(flow_has_extra(entry)) && table->extras)
		note_surroundings(table, index, visit, state, outer_flow_id);
	flow_entry_replace_end(entry);
	FLOW_STORE(table->buckets[bucket].tags[slot],
			(uint16_t)(flow_bucket_tag(visit.hash)
					| (state & FLOW_STATE_INITIATOR_HIGH)));
	table->counters.created++;
	table->counters.active++;
	return index;
}

/* The first packet of a delta sets its start; forward fields that only a first packet sets go with
 * it. */
static void open_delta(const struct flow_table *table, struct flow_entry *entry, int64_t time_ns)
{
	FLOW_STORE(entry->start_ns, time_ns);
	FLOW_STORE(entry->due_tick,
			(uint16_t)((time_ns + table->active_ns) >> FLOW_ENTRY_TICK_SHIFT));
	FLOW_STORE(entry->state, (uint8_t)(entry->state & ~FLOW_STATE_EMPTY));
}

/* A packet older than the newest one: it may be the flow's first. */
static void move_start(const struct flow_table *table, struct flow_entry *entry, int64_t time_ns)
{
	if (time_ns >= entry->start_ns)
		return;
	open_delta(table, entry, time_ns);
	if (!(entry->state & FLOW_STATE_REPORTED))
		FLOW_STORE(entry->flow_start_ns, time_ns);
}

static void note_tcp_end(struct flow_entry *entry, uint16_t flags, bool reverse)
{
	uint8_t state = entry->state;

	if (flags & TCP_FIN)
		state |= reverse ? FLOW_STATE_FIN_REVERSE : FLOW_STATE_FIN_FORWARD;
	const uint8_t both = FLOW_STATE_FIN_FORWARD | FLOW_STATE_FIN_REVERSE;
	if (flags & TCP_RST || (state & both) == both)
		state |= FLOW_STATE_CLOSED;
	FLOW_STORE(entry->state, state);
}

/* First packet, carry, another TTL: line 1 has to know. */
static __attribute__((noinline)) void forward_rare(struct flow_entry *entry, struct visit visit)
{
	uint32_t packets = (entry->packets_ttl + 1) & FLOW_ENTRY_PACKETS_MASK;
	uint8_t ttl = visit.meta->ttl;

	FLOW_STORE(entry->packets_ttl, packets | (uint32_t)ttl << FLOW_ENTRY_TTL_SHIFT);
	if (packets == 0) /* the 24 bits came round */
		FLOW_STORE(entry->packets_high, entry->packets_high + 1);
	if (entry->port == FLOW_ENTRY_NO_PORT) {
		FLOW_STORE(entry->port, visit.port);
		FLOW_STORE(entry->tos, visit.meta->tos);
	}
	if (entry->ttl_max == 0 || ttl < entry->ttl_min)
		FLOW_STORE(entry->ttl_min, ttl);
	if (ttl > entry->ttl_max)
		FLOW_STORE(entry->ttl_max, ttl);
}

static BASE_ALWAYS_INLINE void count_forward(struct flow_entry *entry, struct visit visit)
{
	uint32_t before = entry->packets_ttl;
	uint32_t count = before & FLOW_ENTRY_PACKETS_MASK;

	FLOW_STORE(entry->bytes, entry->bytes + visit.meta->ip_bytes);
	FLOW_STORE(entry->tcp_flags, (uint8_t)(entry->tcp_flags | visit.meta->tcp_flags));
	/* neither the first of the delta nor the last before the carry */
	if (BASE_LIKELY(before >> FLOW_ENTRY_TTL_SHIFT == visit.meta->ttl
			    && count - 1 < FLOW_ENTRY_PACKETS_MASK - 1))
		FLOW_STORE(entry->packets_ttl, before + 1);
	else
		forward_rare(entry, visit);
}

static BASE_ALWAYS_INLINE void count_reverse(struct flow_entry *entry, struct visit visit)
{
	const struct packet_meta *meta = visit.meta;

	if (BASE_UNLIKELY(!(entry->state & FLOW_STATE_REVERSE))) {
		FLOW_STORE(entry->state, (uint8_t)(entry->state | FLOW_STATE_REVERSE));
		FLOW_STORE(entry->rev_start_ns, visit.time_ns);
		FLOW_STORE(entry->rev_ttl_min, meta->ttl);
		FLOW_STORE(entry->rev_ttl_max, meta->ttl);
		if (entry->rev_port == FLOW_ENTRY_NO_PORT) {
			FLOW_STORE(entry->rev_port, visit.port);
			FLOW_STORE(entry->rev_tos, meta->tos);
		}
	}
	FLOW_STORE(entry->rev_bytes, entry->rev_bytes + meta->ip_bytes);
	FLOW_STORE(entry->rev_packets, entry->rev_packets + 1);
	FLOW_STORE(entry->rev_tcp_flags, (uint8_t)(entry->rev_tcp_flags | meta->tcp_flags));
	if (meta->ttl < entry->rev_ttl_min)
		FLOW_STORE(entry->rev_ttl_min, meta->ttl);
	if (meta->ttl > entry->rev_ttl_max)
		FLOW_STORE(entry->rev_ttl_max, meta->ttl);
	if (BASE_UNLIKELY(visit.time_ns < entry->rev_start_ns))
		FLOW_STORE(entry->rev_start_ns, visit.time_ns);
}

/* The upper flags, and the end of a connection. */
static __attribute__((noinline)) void note_rare_flags(
		struct flow_entry *entry, uint16_t flags, bool reverse)
{
	if (flags >> 8)
		FLOW_STORE(entry->tcp_flags_high,
				(uint8_t)(entry->tcp_flags_high
						| (flags >> 8 & 0x0f) << (reverse ? 4 : 0)));
	if (flags & (TCP_FIN | TCP_RST))
		note_tcp_end(entry, flags, reverse);
}

static BASE_ALWAYS_INLINE void count(struct flow_entry *entry, struct visit visit)
{
	bool reverse = visit.swapped != (bool)(entry->state & FLOW_STATE_INITIATOR_HIGH);

	if (reverse)
		count_reverse(entry, visit);
	else
		count_forward(entry, visit);
	if (BASE_UNLIKELY(visit.meta->tcp_flags & (0xf00 | TCP_FIN | TCP_RST)))
		note_rare_flags(entry, visit.meta->tcp_flags, reverse);
}

/*
 * Something may be due: true when the flow of this entry goes on with this packet, false when it
 * has ended and the packet begins another.
 */
static bool still_the_same(struct flow_table *table, uint64_t index, struct visit visit,
		struct flow_outbox *outbox)
{
	struct flow_entry *entry = &table->entries[index];
	const uint16_t flags = visit.meta->tcp_flags;

	if (flow_judge(table, index, visit.time_ns, true, outbox) == FLOW_FATE_ENDED)
		return false;
	/* A SYN after the end is the next connection on the same ports, linger or not. */
	if (entry->state & FLOW_STATE_CLOSED && flags & TCP_SYN && !(flags & TCP_ACK)) {
		if (!(entry->state & FLOW_STATE_EMPTY))
			flow_emit(table, index, FLOW_END_DETECTED, outbox);
		flow_erase(table, index, FLOW_END_DETECTED);
		return false;
	}
	return true;
}

static BASE_ALWAYS_INLINE bool nothing_due(
		const struct flow_table *table, const struct flow_entry *entry, int64_t time_ns)
{
	uint16_t tick = (uint16_t)(time_ns >> FLOW_ENTRY_TICK_SHIFT);

	/* unsigned: an older packet than the newest seems to come after any timeout, too */
	return BASE_LIKELY((uint64_t)(time_ns - entry->last_ns)
			       < (uint64_t)table->idle_ns[entry->key.identity
					       >> FLOW_KEY_PROTOCOL_SHIFT])
			&& BASE_LIKELY((int16_t)(tick - entry->due_tick) < 0)
			&& BASE_LIKELY(!(entry->state & (FLOW_STATE_EMPTY | FLOW_STATE_CLOSED)));
}

/*
 * Something may be due, or the packet is older than the newest of its flow (then nothing is due on
 * its account). Returns the entry of the flow that it belongs to.
 */
static __attribute__((noinline)) struct flow_entry *revise_flow(struct flow_table *table,
		struct flow_entry *entry, struct visit visit, struct flow_outbox *outbox)
{
	uint64_t index = (uint64_t)(entry - table->entries);

	if (!nothing_due(table, entry, visit.time_ns)
			&& !still_the_same(table, index, visit, outbox))
		entry = &table->entries[insert(table, visit, outbox)];
	if (entry->state & FLOW_STATE_EMPTY)
		open_delta(table, entry, visit.time_ns);
	if (visit.time_ns >= entry->last_ns)
		FLOW_STORE(entry->last_ns, visit.time_ns);
	else
		move_start(table, entry, visit.time_ns);
	return entry;
}

/* The hint was wrong, or the flow is new. */
static __attribute__((noinline)) struct flow_entry *find_flow(
		struct flow_table *table, struct visit visit, struct flow_outbox *outbox)
{
	uint64_t index = lookup(table, visit);

	if (index != FLOW_NO_ENTRY)
		return revise_flow(table, &table->entries[index], visit, outbox);
	struct flow_entry *entry = &table->entries[insert(table, visit, outbox)];
	open_delta(table, entry, visit.time_ns);
	return entry;
}

/* Returns the entry of the packet's flow. */
static BASE_ALWAYS_INLINE struct flow_entry *visit_flow(struct flow_table *table,
		struct visit visit, struct flow_entry *hint, struct flow_outbox *outbox)
{
	struct flow_entry *entry = hint;

	/* A freed entry carries FLOW_KEY_NONE: no packet's key is equal to it. */
	if (BASE_UNLIKELY(!entry || !flow_key_equal(&entry->key, visit.key)))
		entry = find_flow(table, visit, outbox);
	else if (BASE_UNLIKELY(!nothing_due(table, entry, visit.time_ns)))
		entry = revise_flow(table, entry, visit, outbox);
	else
		FLOW_STORE(entry->last_ns, visit.time_ns);
	count(entry, visit);
	return entry;
}

void flow_table_look_up(
		struct flow_table *table, const struct packet_meta *metas, uint32_t packet_count)
{
	for (uint32_t i = 0; i < packet_count; i++)
		pass_hash(table, &metas[i], i);
	for (uint32_t i = 0; i < packet_count; i++)
		pass_match(table, i);
}

void flow_table_apply(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t packet_count, struct flow_outbox *outbox)
{
	const struct flow_entry *before = NULL;
	uint64_t octets = 0;

	for (uint32_t i = 0; i < packet_count; i++) {
		const struct visit visit = {
				.meta = &metas[i],
				.key = &table->keys[i],
				.hash = table->hashes[i],
				.time_ns = times_ns[i],
				.port = ports[i],
				.slot = BASE_UNLIKELY(metas[i].flags & PACKET_FLAG_AROUND)
						? slots[i]
						: FLOW_SCOPE_NONE,
				.swapped = table->swapped[i],
				.before = before,
		};
		octets += metas[i].ip_bytes;
		before = visit_flow(table, visit, table->hints[i], outbox);
		if (BASE_UNLIKELY(visit.meta->flags & PACKET_FLAG_AROUND))
			flow_scopes_release(&table->scopes, visit.slot);
	}
	table->counters.packets += packet_count;
	table->counters.octets += octets;
	/* records took theirs away already; modulo 2^64 the order does not matter */
	table->counters.resident_packets += packet_count;
	table->counters.resident_octets += octets;
}

void flow_table_update(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t packet_count, struct flow_outbox *outbox)
{
	flow_table_look_up(table, metas, packet_count);
	flow_table_apply(table, metas, times_ns, ports, slots, packet_count, outbox);
}

uint64_t flow_table_id(const struct flow_table *table, const struct packet_meta *meta)
{
	struct flow_key_loaded loaded;
	struct flow_key key;

	flow_key_make(&loaded, meta);
	flow_key_store(&key, &loaded);
	uint64_t index = lookup(table,
			(struct visit){.key = &key,
					.hash = flow_hash_loaded(&table->seed, &loaded)});
	return index == FLOW_NO_ENTRY ? 0 : id_of(table, index);
}
