/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A flow's entry: two cache lines.
 *
 *     line 0, touched by every packet:
 *         key 40 | last 8 | bytes 8 | packets+ttl 4 | due 2 | flags 1 | state 1
 *     line 1, touched by reverse packets, by rare events and by records:
 *         starts, reverse counters, ttl, tos, ports of entry, generation
 *
 * Invariant: counters hold what is in no record yet (the delta); `generation` is odd while identity
 * or delta are replaced as a whole, so that a reader on another core can tell a torn copy.
 * Every field that a reader may see is stored with a relaxed atomic store: on x86 the same
 * instruction as a plain one.
 */
#ifndef FLOW_ENTRY_H
#define FLOW_ENTRY_H

#include "base_cacheline.h"
#include "flow_key.h"

#include <stdint.h>

enum flow_state {
	FLOW_STATE_INITIATOR_KNOWN = 1 << 0, /* by SYN; else the first packet's sender */
	FLOW_STATE_EMPTY = 1 << 1, /* no packet since the last record */
	FLOW_STATE_REVERSE = 1 << 2, /* a reverse packet since the last record */
	FLOW_STATE_FIN_FORWARD = 1 << 3,
	FLOW_STATE_FIN_REVERSE = 1 << 4,
	FLOW_STATE_CLOSED = 1 << 5, /* FIN from both ends, or RST */
	/*
	 * The initiator is the key's high endpoint. The value is the distance of the two lines: as
	 * an offset it leads to the counters of a packet's direction.
	 */
	FLOW_STATE_INITIATOR_HIGH = BASE_CACHE_LINE_BYTES,
	FLOW_STATE_REPORTED = 1 << 7, /* a record was made before: the flow's start is fixed */
};

/* Packets of the delta: 24 bits here, carried to (rev_)packets_high every 2^24 packets. */
#define FLOW_ENTRY_PACKETS_MASK UINT32_C(0xffffff)
#define FLOW_ENTRY_TTL_SHIFT 24
#define FLOW_ENTRY_NO_PORT UINT16_C(0xffff)

/*
 * The active timeout in 16 bits: units of 2^32 ns (4.3 s) with a half range of 39 h. When a
 * packet's tick reaches `due_tick`, the exact times on line 1 decide. An entry that is empty or
 * closed has the tick of its last packet there, so that one comparison finds it, too.
 */
#define FLOW_ENTRY_TICK_SHIFT 32

/* What each packet of one direction changes. Both directions have it at the same place of a line.
 */
struct flow_way {
	uint64_t bytes;
	union {
		struct {
			/* packets, and the TTL of the last one in the top octet */
			uint32_t packets_ttl;
			uint8_t others[2];
			uint8_t tcp_flags; /* low eight */
			uint8_t other;
		};
		uint64_t word;
	};
};
#define FLOW_WAY_TCP_FLAGS_SHIFT 48

struct flow_entry {
	/* line 0 */
	struct flow_key key;
	int64_t last_ns; /* newest packet of either direction */
	union {
		struct flow_way forward;
		struct {
			uint64_t bytes;
			uint32_t packets_ttl;
			uint16_t due_tick; /* start + active timeout; last_ns if empty or closed */
			uint8_t tcp_flags;
			uint8_t state; /* enum flow_state */
		};
	};

	/* line 1 */
	int64_t flow_start_ns; /* first packet of the flow */
	int64_t start_ns; /* first packet of the delta */
	int64_t rev_start_ns; /* first reverse packet of the delta */
	uint32_t packets_high; /* units of 2^24 */
	uint32_t rev_packets_high;
	uint16_t port;
	uint16_t rev_port;
	uint16_t vlan_inner;
	uint16_t generation; /* odd: being replaced */
	uint8_t ttl_min, ttl_max;
	uint8_t rev_ttl_min, rev_ttl_max;
	uint8_t tos, rev_tos;
	uint8_t icmp_type, icmp_code;
	union {
		struct flow_way reverse;
		struct {
			uint64_t rev_bytes;
			uint32_t rev_packets_ttl;
			uint8_t packet_flags; /* of the first packet */
			uint8_t tcp_flags_high; /* bits 8-11: forward low, reverse high half */
			uint8_t rev_tcp_flags;
			uint8_t probe; /* how far from its home bucket, 0 to 7 */
		};
	};
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct flow_entry) == 2 * BASE_CACHE_LINE_BYTES, "two cache lines");
static_assert(__builtin_offsetof(struct flow_entry, flow_start_ns) == 64, "line 1");
static_assert(__builtin_offsetof(struct flow_entry, reverse)
				== __builtin_offsetof(struct flow_entry, forward)
						+ BASE_CACHE_LINE_BYTES,
		"flow_entry_way()");
static_assert(__builtin_offsetof(struct flow_entry,
			      tcp_flags) == __builtin_offsetof(struct flow_entry, forward.tcp_flags)
				&& __builtin_offsetof(struct flow_entry, rev_tcp_flags)
						== __builtin_offsetof(struct flow_entry,
								reverse.tcp_flags),
		"names of one field");

/* Eight octets of an entry, whatever fields they are. */
typedef uint64_t __attribute__((may_alias)) flow_entry_word;

/* Single writer: a relaxed store of a value that only the writer changes is an increment. */
#define FLOW_STORE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define FLOW_LOAD(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

static inline uint64_t flow_entry_packets(const struct flow_entry *entry)
{
	return ((uint64_t)entry->packets_high << 24)
			+ (entry->packets_ttl & FLOW_ENTRY_PACKETS_MASK);
}

static inline uint64_t flow_entry_rev_packets(const struct flow_entry *entry)
{
	return ((uint64_t)entry->rev_packets_high << 24)
			+ (entry->rev_packets_ttl & FLOW_ENTRY_PACKETS_MASK);
}

/*
 * The counters of a direction (FLOW_STATE_INITIATOR_HIGH: reverse; else 0), found without a branch:
 * directions are random.
 */
static BASE_ALWAYS_INLINE struct flow_way *flow_entry_way(
		struct flow_entry *entry, uint64_t reverse)
{
	return (struct flow_way *)(void *)((char *)&entry->forward + reverse);
}

/* Each packet from now on shall be looked at closely: the entry is empty or closed. */
static inline void flow_entry_watch(struct flow_entry *entry)
{
	FLOW_STORE(entry->due_tick, (uint16_t)(entry->last_ns >> FLOW_ENTRY_TICK_SHIFT));
}

static inline void *flow_entry_line1(struct flow_entry *entry)
{
	return &entry->flow_start_ns;
}

/*
 * Writer: what follows replaces identity or delta. The release fence keeps the stores after it from
 * being seen before the odd generation; pairs with the acquire fence in flow_scan.c.
 */
static inline void flow_entry_replace_begin(struct flow_entry *entry)
{
	FLOW_STORE(entry->generation, (uint16_t)(entry->generation + 1));
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Writer: replaced. Release: pairs with the acquire load of the generation in flow_scan.c. */
static inline void flow_entry_replace_end(struct flow_entry *entry)
{
	__atomic_store_n(&entry->generation, (uint16_t)(entry->generation + 1), __ATOMIC_RELEASE);
}

#endif
