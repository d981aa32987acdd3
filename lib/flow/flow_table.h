/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The flow table of one worker: exact biflows at the speed of memory.
 *
 * Idea: the packets of a burst are taken through three passes, so that their cache misses overlap:
 * hash and fetch the bucket; match the tag and fetch the entry; compare the whole key and update.
 * Buckets (flow_bucket.h) and entries (flow_entry.h) lie in two arrays; entry i of bucket b is
 * entries[30 b + i], so nothing is allocated and nothing moves.
 *
 * Memory: 3904 octets a bucket of 30 slots, filled to at most 77 %: 169 octets a flow at capacity;
 * 20 more for flows in tunnels, and 128 a tunnel, which are touched when they come.
 *
 * Invariant: flow ends are decided by the flow's own times. A packet that comes after the idle or
 * active deadline ends the old record at look-up; the clock hand (flow_table_age) only collects
 * what no packet comes for. So records are the same for any table size, number of workers and speed
 * (as long as nothing is evicted).
 *
 * Threads: everything but flow_table_scan(), flow_table_resident() and flow_table_capacity() is
 * for the one worker that owns the table. No function allocates, locks, logs or calls the system,
 * but create and destroy.
 */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H

#include "base_cacheline.h"
#include "base_region.h"
#include "flow_outbox.h"
#include "flow_record.h"

#include <stdbool.h>
#include <stdint.h>

/* Views: a packet in a tunnel has two. */
#define FLOW_BURST_MAX 128

struct flow_table;

/* Which instructions a table's packet path may use; see flow_internal.h. */
enum flow_instructions {
	FLOW_INSTRUCTIONS_BEST, /* that the processor has */
	FLOW_INSTRUCTIONS_ANY, /* those of the build */
	FLOW_INSTRUCTIONS_AVX2,
	FLOW_INSTRUCTIONS_AVX512,
};

struct flow_settings {
	uint64_t capacity; /* flows; the table then evicts */
	int64_t active_ns; /* 1 s to 1 day */
	int64_t idle_tcp_ns; /* each 100 ms to 8 h */
	int64_t idle_udp_ns;
	int64_t idle_icmp_ns;
	int64_t idle_other_ns;
	int64_t tcp_linger_ns; /* after FIN from both ends, or RST */
	/*
	 * How much older than the clock a packet may still come (replay of reordered captures). The
	 * clock hand waits this much longer, so that it never decides what such a packet would
	 * change.
	 */
	int64_t reorder_ns;
	uint64_t hash_seed; /* 0: random */
	/* Encapsulations that are told apart, at most FLOW_SCOPE_MAX_TUNNELS; 0: none are. */
	uint32_t tunnels;
	bool tunnel_ids_in_key; /* VNI, GRE key and other ids that both directions share */
	int numa_node; /* -1: no preference */
	bool huge_pages;
	enum flow_instructions instructions; /* at most these; for tests and comparisons */
};

/* What happened since the table was made. Worker only; the worker copies it into its counters. */
struct flow_counters {
	uint64_t packets, octets; /* metered */
	uint64_t created;
	uint64_t ended[FLOW_END_REASON_COUNT]; /* by the reason of the end */
	uint64_t records[FLOW_END_REASON_COUNT]; /* made, lost ones included */
	uint64_t records_packets, records_octets; /* in them */
	uint64_t lost_records, lost_packets, lost_octets; /* no room in the outbox */
	uint64_t held; /* expiries put off for want of room */
	uint64_t active; /* gauge */
	uint64_t resident_packets, resident_octets; /* gauges */
	int64_t lateness_max_ns; /* of the clock hand */
};

/* Octets that a table for `capacity` flows takes. */
uint64_t flow_table_memory_bytes(uint64_t capacity);

/* Creates a table; 0, or -EINVAL for settings out of range, or -ENOMEM. */
int flow_table_create(
		struct flow_table **table, const struct flow_settings *settings) BASE_MUST_CHECK;
void flow_table_destroy(struct flow_table *table);

/*
 * Sets the scope of a view from what stands around it, and PACKET_FLAG_AROUND where that could be
 * kept; returns what goes into `slots` of flow_table_update(). To be called for each view that
 * something stands around, after PACKET_FLAG_SECOND was set; it must then be metered in this turn.
 */
uint32_t flow_table_scope(struct flow_table *table, struct packet_meta *meta,
		const struct packet_encapsulation *around);

/*
 * Meters `count` (<= FLOW_BURST_MAX) packets; times_ns, ports and slots go with metas. A view with
 * PACKET_FLAG_SECOND stands directly behind the outer view of its packet. slots is read for metas
 * with PACKET_FLAG_AROUND only; NULL when there are none. Records that end here go to the outbox;
 * what finds no room there is lost and counted (at most two records a packet).
 */
void flow_table_update(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t count, struct flow_outbox *outbox);

/*
 * Moves the clock hand over `buckets` buckets and ends what is due at clock_ns. Stops early when
 * the outbox is full: the flow stays and is counted as held. Returns the buckets it visited.
 */
uint32_t flow_table_age(struct flow_table *table, int64_t clock_ns, uint32_t buckets,
		struct flow_outbox *outbox);

/*
 * Ends every flow: those past a deadline at clock_ns by it, the others as FLOW_END_FORCED. Returns
 * true when the table is empty, false when the outbox is full: publish, and call again.
 */
bool flow_table_flush(struct flow_table *table, int64_t clock_ns, struct flow_outbox *outbox);

/* The id of the live flow that this view belongs to, 0 when there is none (any more). Worker only.
 */
uint64_t flow_table_id(const struct flow_table *table, const struct packet_meta *meta);

/* Encapsulations that live flows refer to; packets that found no room for theirs. Worker only. */
uint64_t flow_table_tunnels(const struct flow_table *table);
uint64_t flow_table_tunnels_full(const struct flow_table *table);

/*
 * The two halves of flow_table_update(), for who wants to know what each costs: look_up finds where
 * the flows of a burst seem to be and fetches them, apply meters the same burst, at once after it.
 */
void flow_table_look_up(struct flow_table *table, const struct packet_meta *metas, uint32_t count);
void flow_table_apply(struct flow_table *table, const struct packet_meta *metas,
		const int64_t *times_ns, const uint16_t *ports, const uint32_t *slots,
		uint32_t count, struct flow_outbox *outbox);

/* The instructions that the table's packet path uses, never FLOW_INSTRUCTIONS_BEST. */
enum flow_instructions flow_table_instructions(const struct flow_table *table);
/* The same for a table whose settings leave the choice. */
enum flow_instructions flow_instructions_best(void);
/* "AVX2" and so on, for people. */
const char *flow_instructions_name(enum flow_instructions instructions);
const struct flow_counters *flow_table_counters(const struct flow_table *table);
uint64_t flow_table_capacity(const struct flow_table *table);
uint32_t flow_table_buckets(const struct flow_table *table);
const struct base_region *flow_table_region(const struct flow_table *table);

/*
 * Copies live flows into out[max]; their counters are what is in no record yet (the time since the
 * last record, at most the active timeout), end_reason is FLOW_END_NONE. Starts at table position
 * *cursor (0: the beginning) and advances it; returns how many were copied; 0: the scan is
 * complete. Any thread, while the worker runs: takes no lock and stops nobody; each copy is
 * consistent in its identity and period, its counters may be a packet apart.
 */
uint32_t flow_table_scan(const struct flow_table *table, uint64_t *cursor, struct flow_record *out,
		uint32_t max);

/* Live entries, and packets and octets in them that are in no record yet. Any thread, as above. */
void flow_table_resident(const struct flow_table *table, uint64_t *flows, uint64_t *packets,
		uint64_t *octets);

#endif
