/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path of the table: three passes over a burst.
 *
 *     1  key, hash                    -> fetch the home bucket
 *     2  match the tag in the bucket  -> fetch the entry; line 1, too, for a reverse packet or a
 *                                        miss
 *     3  compare the key, update, or insert
 *
 * What pass 2 found is a hint: pass 3 compares the whole key and looks again when it does not fit,
 * because an earlier packet of the burst may have made, ended or replaced the entry. Between the
 * passes a packet is one cache line of its own (struct flow_step). Pass 2 follows pass 1 in one
 * loop, AHEAD packets behind: each of its fetches then has the work of a packet to hide in.
 *
 * An atomic store is a wall for the compiler: what was read before has to be read again behind it.
 * So pass 3 reads first and stores then.
 *
 * This file is built several times, for any processor that weir runs on and for those with more
 * instructions: see struct flow_path.
 */
#include "flow_internal.h"
#include "flow_place.h"

/* Buckets are in the cache by then, and not gone again (tried: 6 to 64). */
#define AHEAD 20

static BASE_ALWAYS_INLINE void pass_hash(struct flow_step *step, const struct packet_meta *meta,
		const struct flow_hash_seed *seed, const char *buckets, uint32_t bucket_count)
{
	struct flow_key_loaded key;

	step->swapped = flow_key_make(&key, meta);
	uint64_t hash = flow_hash_loaded(seed, &key);
	uint64_t home = (uint64_t)flow_home_of(hash, bucket_count) * sizeof(struct flow_bucket);
	base_prefetch(buckets + home);
	flow_key_store(&step->key, &key);
	step->hash = hash;
	FLOW_STORE(step->home, home); /* or the compiler puts both into one vector first */
}

/* Where the packet's flow would be in a bucket: line 0, and line 1 for a reverse packet. */
static BASE_ALWAYS_INLINE struct flow_entry *fetch_entry(struct flow_bucket *bucket, uint32_t match,
		struct flow_entry *first, uint64_t swapped)
{
	uint64_t slot = (unsigned)__builtin_ctz(match);
	struct flow_entry *entry = first + slot;
	uint64_t found = bucket->tags[slot];
	uint64_t reverse = (found ^ swapped) & FLOW_TAG_INITIATOR_HIGH;

	/* without a branch: directions are as random as packets */
	base_prefetch(entry);
	base_prefetch((char *)entry + reverse);
	if (BASE_UNLIKELY(!(found & FLOW_TAG_BUSY)))
		FLOW_STORE(bucket->tags[slot], (uint16_t)(found | FLOW_TAG_BUSY));
	return entry;
}

/*
 * What an eviction for this packet would touch, if its bucket is the one to give a flow up. As
 * reads these held the packets behind them up (measured in a flood: 170 cycles a packet, 130 so).
 * Always inline: a function that only prefetches is one without effect for gcc, which drops it.
 */
static BASE_ALWAYS_INLINE void fetch_victim(
		const struct flow_table *table, const struct flow_step *step)
{
	uint32_t bucket = flow_home(table, step->hash);
	uint32_t slot = flow_choose_victim(&table->buckets[bucket], step->hash);
	struct flow_entry *entry = &table->entries[flow_index(bucket, slot)];

	base_prefetch(entry);
	base_prefetch(flow_entry_line1(entry));
}

/* Not in its home bucket: behind it, if that ran over; else new. */
static __attribute__((noinline)) struct flow_entry *guess_elsewhere(
		struct flow_table *table, const struct flow_step *step)
{
	uint32_t number = flow_home(table, step->hash);
	struct flow_bucket *home = &table->buckets[number];

	if (home->overflow > 0) {
		base_prefetch(&table->buckets[flow_probe(table, number, 1)]);
		table->strays[table->stray_count++] = (uint32_t)(step - table->steps);
	}
	if (BASE_UNLIKELY(table->counters.active >= table->capacity)) {
		fetch_victim(table, step);
		return &table->nobody;
	}
	/* Most likely new, and its place is the first free slot. */
	uint32_t room = ~flow_bucket_used(home) & FLOW_BUCKET_MASK;
	if (room) {
		struct flow_entry *entry =
				&table->entries[flow_index(number, (uint32_t)__builtin_ctz(room))];
		base_prefetch(entry);
		base_prefetch(flow_entry_line1(entry));
	}
	return &table->nobody;
}

static BASE_ALWAYS_INLINE void pass_match(struct flow_table *table, struct flow_step *step,
		char *buckets, char *entries, uint64_t scale)
{
	struct flow_bucket *home = (struct flow_bucket *)(void *)(buckets + step->home);
	uint32_t match = flow_bucket_match(home, flow_bucket_want(&step->hash));

	if (BASE_LIKELY(match)) {
		step->hint = fetch_entry(home, match,
				(struct flow_entry *)(void *)(entries + step->home * scale),
				step->swapped);
	} else {
		step->hint = guess_elsewhere(table, step);
	}
}

/* Those that may be in the bucket behind their home; it is here by now. */
static __attribute__((noinline)) void match_strays(struct flow_table *table)
{
	for (uint32_t i = 0; i < table->stray_count; i++) {
		struct flow_step *step = &table->steps[table->strays[i]];
		uint32_t number = flow_probe(table, flow_home(table, step->hash), 1);
		struct flow_bucket *bucket = &table->buckets[number];
		uint32_t match = flow_bucket_match(bucket, flow_bucket_want(&step->hash));
		if (match)
			step->hint = fetch_entry(bucket, match,
					&table->entries[flow_index(number, 0)], step->swapped);
	}
	table->stray_count = 0;
}

/* The first packet of a delta sets its start; forward fields that only a first packet sets go with
 * it. */
static void open_delta(const struct flow_table *table, struct flow_entry *entry, int64_t time_ns)
{
	FLOW_STORE(entry->start_ns, time_ns);
	if (!(entry->state & FLOW_STATE_CLOSED))
		FLOW_STORE(entry->due_tick,
				(uint16_t)((time_ns + table->active_ns) >> FLOW_ENTRY_TICK_SHIFT));
	FLOW_STORE(entry->state, (uint8_t)(entry->state & ~FLOW_STATE_EMPTY));
}

/* A packet older than the newest one: it may be the flow's first, or the first of its direction. */
static void move_start(const struct flow_table *table, struct flow_entry *entry,
		const struct flow_step *step, int64_t time_ns)
{
	bool reverse = (entry->state ^ step->swapped) & FLOW_STATE_INITIATOR_HIGH;

	if (reverse && entry->state & FLOW_STATE_REVERSE && time_ns < entry->rev_start_ns)
		FLOW_STORE(entry->rev_start_ns, time_ns);
	if (time_ns >= entry->start_ns)
		return;
	open_delta(table, entry, time_ns);
	if (!(entry->state & FLOW_STATE_REPORTED))
		FLOW_STORE(entry->flow_start_ns, time_ns);
}

static void note_tcp_end(struct flow_entry *entry, uint16_t flags, bool reverse)
{
	uint8_t state = entry->state;

	if (flags & FLOW_TCP_FIN)
		state |= reverse ? FLOW_STATE_FIN_REVERSE : FLOW_STATE_FIN_FORWARD;
	const uint8_t both = FLOW_STATE_FIN_FORWARD | FLOW_STATE_FIN_REVERSE;
	if (flags & FLOW_TCP_RST || (state & both) == both) {
		state |= FLOW_STATE_CLOSED;
		flow_entry_watch(entry);
	}
	FLOW_STORE(entry->state, state);
}

static uint32_t next_packets_ttl(uint32_t packets_ttl, uint8_t ttl)
{
	return ((packets_ttl + 1) & FLOW_ENTRY_PACKETS_MASK)
			| (uint32_t)ttl << FLOW_ENTRY_TTL_SHIFT;
}

/* Forward: first packet, carry, or another TTL. Line 1 has to know. */
static void count_rare_forward(
		struct flow_entry *entry, const struct packet_meta *meta, uint16_t port)
{
	uint32_t packets_ttl = next_packets_ttl(entry->packets_ttl, meta->ttl);

	FLOW_STORE(entry->packets_ttl, packets_ttl);
	if ((packets_ttl & FLOW_ENTRY_PACKETS_MASK) == 0) /* the 24 bits came round */
		FLOW_STORE(entry->packets_high, entry->packets_high + 1);
	if (entry->port == FLOW_ENTRY_NO_PORT) {
		FLOW_STORE(entry->port, port);
		FLOW_STORE(entry->tos, meta->tos);
	}
	if (entry->ttl_max == 0 || meta->ttl < entry->ttl_min)
		FLOW_STORE(entry->ttl_min, meta->ttl);
	if (meta->ttl > entry->ttl_max)
		FLOW_STORE(entry->ttl_max, meta->ttl);
}

/* Reverse: the same, and the first of a delta sets its time. */
static void count_rare_reverse(struct flow_entry *entry, const struct packet_meta *meta,
		uint16_t port, int64_t time_ns)
{
	uint32_t packets_ttl = next_packets_ttl(entry->rev_packets_ttl, meta->ttl);

	FLOW_STORE(entry->rev_packets_ttl, packets_ttl);
	if ((packets_ttl & FLOW_ENTRY_PACKETS_MASK) == 0)
		FLOW_STORE(entry->rev_packets_high, entry->rev_packets_high + 1);
	bool first = !(entry->state & FLOW_STATE_REVERSE);
	if (first) {
		FLOW_STORE(entry->state, (uint8_t)(entry->state | FLOW_STATE_REVERSE));
		FLOW_STORE(entry->rev_start_ns, time_ns);
	}
	if (entry->rev_port == FLOW_ENTRY_NO_PORT) {
		FLOW_STORE(entry->rev_port, port);
		FLOW_STORE(entry->rev_tos, meta->tos);
	}
	if (first || meta->ttl < entry->rev_ttl_min)
		FLOW_STORE(entry->rev_ttl_min, meta->ttl);
	if (first || meta->ttl > entry->rev_ttl_max)
		FLOW_STORE(entry->rev_ttl_max, meta->ttl);
}

static __attribute__((noinline)) void count_rare(struct flow_table *table, struct flow_entry *entry,
		const struct flow_burst *burst, const struct flow_step *step, bool reverse)
{
	uint32_t i = (uint32_t)(step - table->steps);

	if (reverse)
		count_rare_reverse(entry, &burst->metas[i], burst->ports[i], burst->times_ns[i]);
	else
		count_rare_forward(entry, &burst->metas[i], burst->ports[i]);
}

/* The upper flags, and the end of a connection. */
static __attribute__((noinline)) void note_rare_flags(
		struct flow_entry *entry, uint16_t flags, bool reverse)
{
	if (flags >> 8)
		FLOW_STORE(entry->tcp_flags_high,
				(uint8_t)(entry->tcp_flags_high
						| (flags >> 8 & 0x0f) << (reverse ? 4 : 0)));
	if (flags & (FLOW_TCP_FIN | FLOW_TCP_RST))
		note_tcp_end(entry, flags, reverse);
}

/*
 * Something may be due: true when the flow of this entry goes on with this packet, false when it
 * has ended and the packet begins another.
 */
static bool still_the_same(struct flow_table *table, uint64_t index, int64_t time_ns,
		uint16_t flags, struct flow_outbox *outbox)
{
	struct flow_entry *entry = &table->entries[index];

	if (flow_judge(table, index, time_ns, true, outbox) == FLOW_FATE_ENDED)
		return false;
	/* A SYN after the end is the next connection on the same ports, linger or not. */
	if (entry->state & FLOW_STATE_CLOSED && flags & FLOW_TCP_SYN && !(flags & FLOW_TCP_ACK)) {
		if (!(entry->state & FLOW_STATE_EMPTY))
			flow_emit(table, index, FLOW_END_DETECTED, outbox);
		flow_erase(table, index, FLOW_END_DETECTED);
		return false;
	}
	return true;
}

/* An empty or closed entry is due at any time: flow_entry_watch(). */
static BASE_ALWAYS_INLINE bool nothing_due(
		const struct flow_table *table, const struct flow_entry *entry, int64_t time_ns)
{
	uint16_t tick = (uint16_t)(time_ns >> FLOW_ENTRY_TICK_SHIFT);

	/* unsigned: an older packet than the newest seems to come after any timeout, too */
	return BASE_LIKELY((uint64_t)(time_ns - entry->last_ns)
			       < (uint64_t)table->idle_ns[entry->key.identity
					       >> FLOW_KEY_PROTOCOL_SHIFT])
			&& BASE_LIKELY((int16_t)(tick - entry->due_tick) < 0);
}

static struct flow_entry *start_flow(struct flow_table *table, const struct flow_burst *burst,
		const struct flow_step *step)
{
	uint32_t i = (uint32_t)(step - table->steps);
	const struct packet_meta *meta = &burst->metas[i];
	const struct flow_visit visit = {
			.meta = meta,
			.step = step,
			.time_ns = burst->times_ns[i],
			.slot = meta->flags & PACKET_FLAG_AROUND ? burst->slots[i]
								 : FLOW_SCOPE_NONE,
			.before = burst->before,
	};

	return flow_insert(table, &visit, burst->outbox);
}

/*
 * Something may be due, or the packet is older than the newest of its flow (then nothing is due on
 * its account). Returns the entry of the flow that it belongs to.
 */
static struct flow_entry *revise_flow(struct flow_table *table, struct flow_entry *entry,
		const struct flow_burst *burst, const struct flow_step *step)
{
	uint32_t i = (uint32_t)(step - table->steps);
	uint64_t index = (uint64_t)(entry - table->entries);
	int64_t time_ns = burst->times_ns[i];

	if (!nothing_due(table, entry, time_ns)
			&& !still_the_same(table, index, time_ns, burst->metas[i].tcp_flags,
					burst->outbox))
		entry = start_flow(table, burst, step);
	if (entry->state & FLOW_STATE_EMPTY)
		open_delta(table, entry, time_ns);
	if (time_ns >= entry->last_ns)
		FLOW_STORE(entry->last_ns, time_ns);
	else
		move_start(table, entry, step, time_ns);
	return entry;
}

/* The hint was wrong, the flow is new, or something may be due. */
static __attribute__((noinline)) struct flow_entry *find_flow(struct flow_table *table,
		const struct flow_burst *burst, const struct flow_step *step)
{
	uint64_t index;

	if (flow_key_equal(&step->hint->key, &step->key))
		return revise_flow(table, step->hint, burst, step);
	index = flow_find(table, &step->key, step->hash);
	if (index != FLOW_NO_ENTRY)
		return revise_flow(table, &table->entries[index], burst, step);
	struct flow_entry *entry = start_flow(table, burst, step);
	open_delta(table, entry, burst->times_ns[step - table->steps]);
	return entry;
}

/*
 * The packet counts for `entry`. The counters of both directions are at the same place of their
 * line, flags and packets in one word: one copy of this code, and no branch, as directions are as
 * random as packets.
 */
static BASE_ALWAYS_INLINE void count_packet(struct flow_table *table, struct flow_entry *entry,
		const struct flow_burst *burst, const struct flow_step *step,
		const struct packet_meta *meta, uint64_t *octets)
{
	uint64_t reverse = (entry->state ^ step->swapped) & FLOW_STATE_INITIATOR_HIGH;
	struct flow_way *way = flow_entry_way(entry, reverse);
	uint32_t tcp_flags = meta->tcp_flags;
	uint64_t ip_bytes = meta->ip_bytes;
	uint64_t bytes = way->bytes + ip_bytes;
	uint64_t word = way->word;
	/* 0 in the top octet: the TTL of the packet before */
	uint32_t count = (uint32_t)word ^ (uint32_t)meta->ttl << FLOW_ENTRY_TTL_SHIFT;

	word |= (uint64_t)(uint8_t)tcp_flags << FLOW_WAY_TCP_FLAGS_SHIFT;
	*octets += ip_bytes;
	FLOW_STORE(way->bytes, bytes);
	/* nor the first of the delta, nor the last before the carry */
	if (BASE_LIKELY(count - 1 < FLOW_ENTRY_PACKETS_MASK - 1)) {
		FLOW_STORE(way->word, word + 1);
	} else {
		FLOW_STORE(way->word, word);
		count_rare(table, entry, burst, step, reverse);
	}
	if (BASE_UNLIKELY(tcp_flags & (0xf00 | FLOW_TCP_FIN | FLOW_TCP_RST)))
		note_rare_flags(entry, (uint16_t)tcp_flags, reverse);
}

/* Returns the entry of the packet's flow. */
static BASE_ALWAYS_INLINE struct flow_entry *meter(struct flow_table *table,
		const struct flow_burst *burst, const struct flow_step *step,
		const struct packet_meta *meta, const int64_t *time_ns, uint64_t *octets)
{
	struct flow_entry *entry = step->hint;

	/* Freed entries, and nobody's, carry FLOW_KEY_NONE: no packet's key is equal to it. */
	if (BASE_UNLIKELY(!flow_key_equal_aligned(&entry->key, &step->key)))
		goto look_closer;
	if (BASE_UNLIKELY(!nothing_due(table, entry, *time_ns)))
		goto look_closer;
	FLOW_STORE(entry->last_ns, *time_ns);
found:
	count_packet(table, entry, burst, step, meta, octets);
	return entry;
look_closer:
	entry = find_flow(table, burst, step);
	goto found;
}

static void look_up(
		struct flow_table *table, const struct packet_meta *metas, uint32_t packet_count)
{
	char *const buckets = (char *)table->buckets;
	char *const entries = (char *)table->entries;
	const struct flow_hash_seed seed = table->seed;
	const uint32_t bucket_count = table->bucket_count;
	const uint64_t scale = table->scale;
	const struct packet_meta *meta = metas, *const end = metas + packet_count;
	const struct packet_meta *const full = packet_count < AHEAD ? end : metas + AHEAD;
	struct flow_step *step = table->steps;

	for (; meta < full; meta++, step++)
		pass_hash(step, meta, &seed, buckets, bucket_count);
	/* the distance is a constant: both ends of it are found with one register */
	for (; meta < end; meta++, step++) {
		pass_hash(step, meta, &seed, buckets, bucket_count);
		pass_match(table, step - AHEAD, buckets, entries, scale);
	}
	for (struct flow_step *rest = step - (full - metas); rest < step; rest++)
		pass_match(table, rest, buckets, entries, scale);
	if (table->stray_count > 0)
		match_strays(table);
}

/* Some packets of the burst are in tunnels. */
static __attribute__((noinline)) uint64_t apply_around(
		struct flow_table *table, struct flow_burst *burst, uint32_t packet_count)
{
	uint64_t octets = 0;

	for (uint32_t i = 0; i < packet_count; i++) {
		burst->before = meter(table, burst, &table->steps[i], &burst->metas[i],
				&burst->times_ns[i], &octets);
		if (burst->metas[i].flags & PACKET_FLAG_AROUND)
			flow_scopes_release(&table->scopes, burst->slots[i]);
	}
	return octets;
}

static void apply(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t packet_count, struct flow_outbox *outbox)
{
	struct flow_burst burst = {metas, times_ns, ports, slots, outbox, NULL};

	uint64_t octets = 0;

	if (BASE_UNLIKELY(table->around)) {
		octets = apply_around(table, &burst, packet_count);
		table->around = false;
	} else {
#pragma GCC unroll 2
		for (uint32_t i = 0; i < packet_count; i++)
			meter(table, &burst, &table->steps[i], &metas[i], &times_ns[i], &octets);
	}
	table->counters.packets += packet_count;
	table->counters.octets += octets;
	/* records took theirs away already; modulo 2^64 the order does not matter */
	table->counters.resident_packets += packet_count;
	table->counters.resident_octets += octets;
}

const struct flow_path FLOW_PATH = {look_up, apply};
