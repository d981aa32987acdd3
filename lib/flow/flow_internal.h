/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the table share: its layout, probing, and the end of a flow. */
#ifndef FLOW_INTERNAL_H
#define FLOW_INTERNAL_H

#include "flow_bucket.h"
#include "flow_entry.h"
#include "flow_hash.h"
#include "flow_scope.h"
#include "flow_table.h"

#define FLOW_NO_ENTRY UINT64_MAX

enum flow_tcp_flag {
	FLOW_TCP_FIN = 0x01,
	FLOW_TCP_SYN = 0x02,
	FLOW_TCP_RST = 0x04,
	FLOW_TCP_ACK = 0x10
};

/*
 * The packet path (flow_update.c). It is built for the instructions of the rest of weir and, where
 * that is for any x86-64 (FLOW_PATHS_X86), once more for AVX2 and for AVX-512: the same in fewer
 * instructions. A table has the best that its processor can run; results are the same.
 */
struct flow_path {
	void (*look_up)(struct flow_table *table, const struct packet_meta *metas, uint32_t count);
	void (*apply)(struct flow_table *table, const struct packet_meta *metas,
			const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
			uint32_t count, struct flow_outbox *outbox);
};
extern const struct flow_path flow_path_any, flow_path_avx2, flow_path_avx512;

/*
 * What an entry has no room for and most flows do not need: parallel to the entries, valid where
 * the entry's packet_flags have AROUND or SECOND. Replaced with the entry, under its generation.
 */
struct flow_extra {
	uint64_t outer_flow_id; /* 0: none */
	uint32_t slot; /* of the scopes, held; FLOW_SCOPE_NONE: none */
	uint32_t turned; /* the first packet was a reverse one */
};
static_assert(sizeof(struct flow_extra) == 16, "four a cache line");

/* The same, read: what a record says of what stood around the flow. All zero for most flows. */
struct flow_surroundings {
	struct flow_scope_form seen;
	uint64_t outer_flow_id;
	uint64_t content; /* of the key's scope; 0: a plain VLAN id */
	bool turned;
};

/* A packet between the passes. */
struct flow_step {
	struct flow_key key;
	uint64_t hash;
	union {
		uint64_t home; /* after pass 1: octets from the first bucket to its own */
		struct flow_entry *hint; /* after pass 2: where the flow seems to be */
	};
	uint64_t swapped; /* FLOW_KEY_SWAPPED: the packet came from the high endpoint; else 0 */
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct flow_step) == BASE_CACHE_LINE_BYTES, "as metas lie, too");
static_assert((int)FLOW_STATE_INITIATOR_HIGH == FLOW_TAG_INITIATOR_HIGH
				&& FLOW_TAG_INITIATOR_HIGH == FLOW_KEY_SWAPPED,
		"what a tag, a state and a key say of a direction is compared bit by bit");

/* What flow_table_apply() was given. */
struct flow_burst {
	const struct packet_meta *metas;
	const int64_t *times_ns;
	const uint16_t *ports;
	const uint32_t *slots;
	struct flow_outbox *outbox;
	const struct flow_entry *before; /* of the view before, where some are in tunnels */
};

/* A packet that begins a flow. */
struct flow_visit {
	const struct packet_meta *meta;
	const struct flow_step *step;
	int64_t time_ns;
	uint32_t slot; /* of the scopes, where the meta has AROUND */
	const struct flow_entry *before; /* of the view before it in the burst */
};

struct flow_table {
	/* read-only after create */
	const struct flow_path *path;
	enum flow_instructions instructions; /* of the path */
	struct flow_bucket *buckets;
	struct flow_entry *entries;
	uint32_t bucket_count;
	uint32_t probes; /* FLOW_PROBES, or all buckets of a small table */
	uint64_t capacity;
	/*
	 * Octets of entries to an octet of buckets. Read, where it could be a constant: one
	 * multiplication, for which the compiler would else take five shifts and sums.
	 */
	uint64_t scale;
	int64_t active_ns;
	int64_t linger_ns;
	int64_t reorder_ns;
	int64_t idle_ns[256]; /* by protocol */
	struct flow_hash_seed seed;
	struct base_region region;
	struct flow_extra *extras; /* NULL: no tunnels are kept */
	struct base_region extras_region;

	/* worker only */
	struct flow_counters counters BASE_CACHE_ALIGNED;
	struct flow_scopes scopes;
	uint32_t hand; /* next bucket of the clock hand */

	/* worker only: one burst */
	bool around; /* something stands around one of its packets */
	struct flow_entry nobody; /* the hint where there is none: carries FLOW_KEY_NONE */
	struct flow_step steps[FLOW_BURST_MAX];
	uint32_t strays[FLOW_BURST_MAX]; /* steps whose flow may stand behind its home bucket */
	uint32_t stray_count;
};

/* Lemire's multiply-shift: any bucket count, no division. Uses the hash's upper bits, tags the
 * lower. */
static BASE_ALWAYS_INLINE uint32_t flow_home_of(uint64_t hash, uint32_t bucket_count)
{
	return (uint32_t)(((unsigned __int128)hash * bucket_count) >> 64);
}

static BASE_ALWAYS_INLINE uint32_t flow_home(const struct flow_table *table, uint64_t hash)
{
	return flow_home_of(hash, table->bucket_count);
}

/* Bucket number `probe` of the path that starts at `home`. */
static BASE_ALWAYS_INLINE uint32_t flow_probe(
		const struct flow_table *table, uint32_t home, uint32_t probe)
{
	uint32_t at = home + probe;

	return BASE_UNLIKELY(at >= table->bucket_count) ? at - table->bucket_count : at;
}

/* The home of what stands in `bucket` as number `probe` of its path. */
static BASE_ALWAYS_INLINE uint32_t flow_home_from(
		const struct flow_table *table, uint32_t bucket, uint32_t probe)
{
	return bucket < probe ? bucket + table->bucket_count - probe : bucket - probe;
}

static BASE_ALWAYS_INLINE uint64_t flow_index(uint32_t bucket, uint32_t slot)
{
	return (uint64_t)bucket * FLOW_BUCKET_SLOTS + slot;
}

/* The index of the key's entry, or FLOW_NO_ENTRY. */
static inline uint64_t flow_find(
		const struct flow_table *table, const struct flow_key *key, uint64_t hash)
{
	flow_bucket_lanes wanted = flow_bucket_want(&hash);
	uint32_t home = flow_home(table, hash);

	for (uint32_t probe = 0; probe < table->probes; probe++) {
		uint32_t at = flow_probe(table, home, probe);
		uint32_t match = flow_bucket_match(&table->buckets[at], wanted);
		while (match) {
			uint64_t index = flow_index(at, (uint32_t)__builtin_ctz(match));
			match &= match - 1;
			if (flow_key_equal(&table->entries[index].key, key))
				return index;
		}
		if (table->buckets[at].overflow == 0)
			break;
	}
	return FLOW_NO_ENTRY;
}

/* The id that records of the flow in place `index` will have. */
uint64_t flow_id_of(const struct flow_table *table, uint64_t index);

/* Writes the record of the entry's delta; false and counted as lost when the outbox is full. */
bool flow_emit(struct flow_table *table, uint64_t index, enum flow_end_reason reason,
		struct flow_outbox *outbox);
/* Empties the delta after a record; the flow goes on. */
void flow_reset_delta(struct flow_table *table, struct flow_entry *entry);
/* Frees the entry: the flow has ended by `reason`, its record (if any) is made. */
void flow_erase(struct flow_table *table, uint64_t index, enum flow_end_reason reason);

enum flow_fate {
	FLOW_FATE_LIVES, /* goes on, maybe after a record */
	FLOW_FATE_ENDED, /* erased */
	FLOW_FATE_BLOCKED, /* would end or report, but the outbox is full and it may wait */
};

/*
 * Does to the entry what its own times say at now_ns: ends it by idle timeout or TCP end, or makes
 * the record of the active timeout. must: a full outbox loses the record instead of waiting.
 */
enum flow_fate flow_judge(struct flow_table *table, uint64_t index, int64_t now_ns, bool must,
		struct flow_outbox *outbox);

/* The idle limit in force: shorter once TCP has closed. */
static BASE_ALWAYS_INLINE int64_t flow_idle_limit(
		const struct flow_table *table, const struct flow_entry *entry)
{
	return entry->state & FLOW_STATE_CLOSED
			? table->linger_ns
			: table->idle_ns[entry->key.identity >> FLOW_KEY_PROTOCOL_SHIFT];
}

/* True for the few flows that something stands around. */
static BASE_ALWAYS_INLINE bool flow_has_extra(const struct flow_entry *entry)
{
	return entry->packet_flags & (PACKET_FLAG_AROUND | PACKET_FLAG_SECOND);
}

/*
 * Reads what stands around the flow in place `index`; `entry` is its entry or a copy. Any thread:
 * as whole as the copy is (flow_scan.c).
 */
void flow_surroundings_read(const struct flow_table *table, uint64_t index,
		const struct flow_entry *entry, struct flow_surroundings *surroundings);

/* Writes the record of `entry` (its delta) into *record; the reason is the caller's. */
void flow_record_from_entry(struct flow_record *record, const struct flow_entry *entry,
		const struct flow_surroundings *surroundings);

#endif
