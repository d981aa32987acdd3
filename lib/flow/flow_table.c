/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_table.h"

#include "base_clock.h"
#include "flow_internal.h"

#include <errno.h>
#include <stdlib.h>

#define LOAD_PERCENT 77

static uint64_t buckets_for(uint64_t capacity)
{
	uint64_t slots = capacity * 100 / LOAD_PERCENT;

	return (slots + FLOW_BUCKET_SLOTS - 1) / FLOW_BUCKET_SLOTS;
}

uint64_t flow_table_memory_bytes(uint64_t capacity)
{
	return buckets_for(capacity)
			* (sizeof(struct flow_bucket)
					+ FLOW_BUCKET_SLOTS * sizeof(struct flow_entry));
}

/*
 * AVX-512 not on the first processors that had it: those slow down for it, and lack VBMI2. Ice Lake
 * and Zen 4 and what came later have it and do not.
 */
static enum flow_instructions choose_instructions(enum flow_instructions most)
{
#ifdef FLOW_PATHS_X86
	if (most == FLOW_INSTRUCTIONS_BEST)
		most = FLOW_INSTRUCTIONS_AVX512;
	if (most == FLOW_INSTRUCTIONS_AVX512 && __builtin_cpu_supports("avx512bw")
			&& __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
			&& __builtin_cpu_supports("avx512vbmi2"))
		return FLOW_INSTRUCTIONS_AVX512;
	if (most >= FLOW_INSTRUCTIONS_AVX2 && __builtin_cpu_supports("avx2")
			&& __builtin_cpu_supports("bmi2"))
		return FLOW_INSTRUCTIONS_AVX2;
#endif
	(void)most;
	return FLOW_INSTRUCTIONS_ANY;
}

static const struct flow_path *path_for(enum flow_instructions instructions)
{
#ifdef FLOW_PATHS_X86
	if (instructions == FLOW_INSTRUCTIONS_AVX512)
		return &flow_path_avx512;
	if (instructions == FLOW_INSTRUCTIONS_AVX2)
		return &flow_path_avx2;
#endif
	(void)instructions;
	return &flow_path_any;
}

static bool settings_valid(const struct flow_settings *s)
{
	const int64_t idle[] = {s->idle_tcp_ns, s->idle_udp_ns, s->idle_icmp_ns, s->idle_other_ns};

	for (size_t i = 0; i < BASE_COUNT_OF(idle); i++) {
		if (idle[i] <= 0 || idle[i] > 8 * 3600 * BASE_NS_PER_SEC)
			return false;
	}
	return s->capacity > 0 && s->capacity <= UINT32_MAX && s->active_ns > 0
			&& s->active_ns <= 24 * 3600 * BASE_NS_PER_SEC && s->tcp_linger_ns >= 0
			&& s->tcp_linger_ns <= 8 * 3600 * BASE_NS_PER_SEC && s->reorder_ns >= 0
			&& s->tunnels <= FLOW_SCOPE_MAX_TUNNELS;
}

static void set_timeouts(struct flow_table *table, const struct flow_settings *settings)
{
	for (size_t i = 0; i < BASE_COUNT_OF(table->idle_ns); i++)
		table->idle_ns[i] = settings->idle_other_ns;
	table->idle_ns[1] = settings->idle_icmp_ns;
	table->idle_ns[6] = settings->idle_tcp_ns;
	table->idle_ns[17] = settings->idle_udp_ns;
	table->idle_ns[58] = settings->idle_icmp_ns;
	table->idle_ns[136] = settings->idle_udp_ns;
	table->active_ns = settings->active_ns;
	table->linger_ns = settings->tcp_linger_ns;
	table->reorder_ns = settings->reorder_ns;
}

/* What few flows need; memory is touched when they come. */
static int create_extras(struct flow_table *table, const struct flow_settings *settings)
{
	int rc = flow_scopes_init(&table->scopes, settings->tunnels, settings->tunnel_ids_in_key,
			settings->hash_seed);

	if (rc < 0 || settings->tunnels == 0)
		return rc;
	struct base_region_options options = {
			.name = "weir-extras",
			.payload_bytes = (size_t)table->bucket_count * FLOW_BUCKET_SLOTS
					* sizeof(struct flow_extra),
			.numa_node = settings->numa_node,
	};
	rc = base_region_init(&table->extras_region, &options);
	if (rc == 0)
		table->extras = table->extras_region.payload;
	return rc;
}

int flow_table_create(struct flow_table **out, const struct flow_settings *settings)
{
	if (!settings_valid(settings))
		return -EINVAL;
	struct flow_table *table = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*table));
	if (!table)
		return -ENOMEM;
	*table = (struct flow_table){
			.capacity = settings->capacity,
			.scale = FLOW_BUCKET_SLOTS * sizeof(struct flow_entry)
					/ sizeof(struct flow_bucket),
			.nobody.key.identity = FLOW_KEY_NONE,
	};
	set_timeouts(table, settings);
	flow_hash_seed_init(&table->seed, settings->hash_seed);
	table->instructions = choose_instructions(settings->instructions);
	table->path = path_for(table->instructions);
	table->bucket_count = (uint32_t)buckets_for(settings->capacity);
	table->probes = table->bucket_count < FLOW_PROBES ? table->bucket_count : FLOW_PROBES;

	struct base_region_options options = {
			.name = "weir-flows",
			.payload_bytes = flow_table_memory_bytes(settings->capacity),
			.numa_node = settings->numa_node,
			.huge_pages = settings->huge_pages,
	};
	int rc = base_region_init(&table->region, &options);
	if (rc < 0) {
		free(table);
		return rc;
	}
	rc = create_extras(table, settings);
	if (rc < 0) {
		flow_table_destroy(table);
		return rc;
	}
	/* Buckets first: all entries then start at a cache line, too. */
	table->buckets = table->region.payload;
	table->entries = (struct flow_entry *)(void *)(table->buckets + table->bucket_count);
	*out = table;
	return 0;
}

void flow_table_destroy(struct flow_table *table)
{
	if (!table)
		return;
	if (table->extras)
		base_region_fini(&table->extras_region);
	flow_scopes_fini(&table->scopes);
	base_region_fini(&table->region);
	free(table);
}

void flow_table_look_up(
		struct flow_table *table, const struct packet_meta *metas, uint32_t packet_count)
{
	table->path->look_up(table, metas, packet_count);
}

void flow_table_apply(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t packet_count, struct flow_outbox *outbox)
{
	table->path->apply(table, metas, times_ns, ports, slots, packet_count, outbox);
}

void flow_table_update(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t packet_count, struct flow_outbox *outbox)
{
	table->path->look_up(table, metas, packet_count);
	table->path->apply(table, metas, times_ns, ports, slots, packet_count, outbox);
}

uint64_t flow_table_id(const struct flow_table *table, const struct packet_meta *meta)
{
	struct flow_key_loaded loaded;
	struct flow_key key;

	flow_key_make(&loaded, meta);
	flow_key_store(&key, &loaded);
	uint64_t index = flow_find(table, &key, flow_hash_loaded(&table->seed, &loaded));
	return index == FLOW_NO_ENTRY ? 0 : flow_id_of(table, index);
}

enum flow_instructions flow_table_instructions(const struct flow_table *table)
{
	return table->instructions;
}

enum flow_instructions flow_instructions_best(void)
{
	return choose_instructions(FLOW_INSTRUCTIONS_BEST);
}

const char *flow_instructions_name(enum flow_instructions instructions)
{
	static const char *const names[] = {"best", "no AVX", "AVX2", "AVX-512"};

	return names[instructions];
}

const struct flow_counters *flow_table_counters(const struct flow_table *table)
{
	return &table->counters;
}

uint32_t flow_table_scope(struct flow_table *table, struct packet_meta *meta,
		const struct packet_encapsulation *around)
{
	uint32_t slot;

	uint32_t number = flow_scopes_find(&table->scopes, around, meta->vlan,
			meta->flags & PACKET_FLAG_SECOND, &slot);
	meta->identity = (uint32_t)meta->protocol << FLOW_KEY_PROTOCOL_SHIFT | number
			| (meta->flags & PACKET_FLAG_INNER ? FLOW_KEY_INNER : 0);
	table->around = true;
	if (BASE_LIKELY(slot != FLOW_SCOPE_NONE)) {
		meta->flags |= PACKET_FLAG_AROUND;
		/* until the view is metered: others of the burst may look for room */
		flow_scopes_hold(&table->scopes, slot);
	}
	return slot;
}

uint64_t flow_table_tunnels(const struct flow_table *table)
{
	return table->scopes.used;
}

uint64_t flow_table_tunnels_full(const struct flow_table *table)
{
	return table->scopes.full;
}

uint64_t flow_table_capacity(const struct flow_table *table)
{
	return table->capacity;
}

uint32_t flow_table_buckets(const struct flow_table *table)
{
	return table->bucket_count;
}

const struct base_region *flow_table_region(const struct flow_table *table)
{
	return &table->region;
}

bool flow_emit(struct flow_table *table, uint64_t index, enum flow_end_reason reason,
		struct flow_outbox *outbox)
{
	static const struct flow_surroundings nothing;
	const struct flow_entry *entry = &table->entries[index];
	struct flow_counters *counters = &table->counters;
	uint64_t packets = flow_entry_packets(entry) + flow_entry_rev_packets(entry);
	uint64_t octets = entry->bytes + entry->rev_bytes;

	counters->records[reason]++;
	counters->records_packets += packets;
	counters->records_octets += octets;
	counters->resident_packets -= packets;
	counters->resident_octets -= octets;
	struct flow_record *record = flow_outbox_next(outbox);
	if (BASE_UNLIKELY(!record)) {
		counters->lost_records++;
		counters->lost_packets += packets;
		counters->lost_octets += octets;
		return false;
	}
	if (BASE_LIKELY(!flow_has_extra(entry))) {
		flow_record_from_entry(record, entry, &nothing);
	} else {
		struct flow_surroundings surroundings;
		flow_surroundings_read(table, index, entry, &surroundings);
		flow_record_from_entry(record, entry, &surroundings);
	}
	record->end_reason = (uint8_t)reason;
	record->worker = outbox->worker;
	return true;
}

void flow_reset_delta(struct flow_table *table, struct flow_entry *entry)
{
	(void)table;
	flow_entry_replace_begin(entry);
	FLOW_STORE(entry->bytes, 0);
	FLOW_STORE(entry->packets_ttl, entry->packets_ttl & ~FLOW_ENTRY_PACKETS_MASK);
	FLOW_STORE(entry->packets_high, 0);
	FLOW_STORE(entry->rev_bytes, 0);
	FLOW_STORE(entry->rev_packets_ttl, 0);
	FLOW_STORE(entry->rev_packets_high, 0);
	FLOW_STORE(entry->rev_start_ns, 0);
	FLOW_STORE(entry->tcp_flags, 0);
	FLOW_STORE(entry->rev_tcp_flags, 0);
	FLOW_STORE(entry->tcp_flags_high, 0);
	FLOW_STORE(entry->rev_ttl_min, 0);
	FLOW_STORE(entry->rev_ttl_max, 0);
	FLOW_STORE(entry->ttl_min, 0);
	FLOW_STORE(entry->ttl_max, 0);
	flow_entry_watch(entry);
	FLOW_STORE(entry->state,
			(uint8_t)((entry->state & ~FLOW_STATE_REVERSE) | FLOW_STATE_EMPTY
					| FLOW_STATE_REPORTED));
	flow_entry_replace_end(entry);
}

/* Undoes the overflow counts that the entry's insert left on its probe path. */
static void leave_path(struct flow_table *table, uint32_t home, uint32_t bucket)
{
	for (uint32_t probe = 0; probe < table->probes; probe++) {
		uint32_t at = flow_probe(table, home, probe);
		if (at == bucket)
			return;
		table->buckets[at].overflow--;
	}
}

void flow_erase(struct flow_table *table, uint64_t index, enum flow_end_reason reason)
{
	uint32_t bucket = (uint32_t)(index / FLOW_BUCKET_SLOTS);
	uint32_t slot = (uint32_t)(index % FLOW_BUCKET_SLOTS);
	struct flow_entry *entry = &table->entries[index];
	uint32_t home = flow_home_from(table, bucket, entry->probe);

	if (BASE_UNLIKELY(entry->packet_flags & PACKET_FLAG_AROUND))
		flow_scopes_release(&table->scopes, table->extras[index].slot);
	flow_entry_replace_begin(entry);
	FLOW_STORE(table->buckets[bucket].tags[slot], 0);
	FLOW_STORE(entry->key.identity, FLOW_KEY_NONE);
	flow_entry_replace_end(entry);
	if (home != bucket)
		leave_path(table, home, bucket);
	table->counters.ended[reason]++;
	table->counters.active--;
}

enum flow_fate flow_judge(struct flow_table *table, uint64_t index, int64_t now_ns, bool must,
		struct flow_outbox *outbox)
{
	struct flow_entry *entry = &table->entries[index];
	bool closed = entry->state & FLOW_STATE_CLOSED;
	bool empty = entry->state & FLOW_STATE_EMPTY;
	int64_t idle_at = entry->last_ns + flow_idle_limit(table, entry);
	enum flow_end_reason reason = closed ? FLOW_END_DETECTED : FLOW_END_IDLE;

	/* The record that is due first is made; a closed flow has only its end to report. */
	if (!empty && !closed) {
		int64_t active_at = entry->start_ns + table->active_ns;
		if (now_ns >= active_at && active_at <= idle_at) {
			if (!must && flow_outbox_free(outbox) == 0)
				return FLOW_FATE_BLOCKED;
			flow_emit(table, index, FLOW_END_ACTIVE, outbox);
			flow_reset_delta(table, entry);
			empty = true;
		}
	}
	if (now_ns < idle_at)
		return FLOW_FATE_LIVES;
	if (!empty) {
		if (!must && flow_outbox_free(outbox) == 0)
			return FLOW_FATE_BLOCKED;
		flow_emit(table, index, reason, outbox);
	}
	flow_erase(table, index, reason);
	return FLOW_FATE_ENDED;
}
