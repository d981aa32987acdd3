/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A flow record: what a flow did since its last record. This is the only part of the flow module
 * that ring, export and control know, and the payload of the shared-memory ring.
 *
 * Counters are deltas since the flow's previous record (RFC 7011 delta counters), so the records of
 * one flow add up to it. "Forward" is the direction of the initiator: source -> destination.
 */
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include "base_cacheline.h"
#include "packet_encapsulation.h"

#include <stdint.h>

/* flowEndReason, IANA element 136; values are those of the registry. */
enum flow_end_reason {
	FLOW_END_NONE = 0,
	FLOW_END_IDLE = 1, /* no packet for the idle timeout */
	FLOW_END_ACTIVE = 2, /* the flow goes on; this is what it did so far */
	FLOW_END_DETECTED = 3, /* TCP FIN from both ends, or RST */
	FLOW_END_FORCED = 4, /* weir stopped, or the capture file ended */
	FLOW_END_RESOURCES = 5, /* its table entry was needed for another flow */
	FLOW_END_REASON_COUNT,
};

/* What biflowDirection (IANA element 239) says of how the initiator was found. */
enum flow_direction_basis {
	FLOW_DIRECTION_ARBITRARY = 0, /* first packet seen, the flow may be older */
	FLOW_DIRECTION_INITIATOR = 1, /* first packet was a TCP SYN, or SYN+ACK seen from behind */
};

/* In the record's own layout version: raise it when a field moves. */
#define FLOW_RECORD_VERSION 2

struct flow_record {
	/* line 0: who, how much */
	union packet_address source; /* of the initiator */
	union packet_address destination;
	uint16_t source_port; /* host order; 0 for protocols without ports */
	uint16_t destination_port;
	uint8_t protocol;
	uint8_t ip_version; /* 4 or 6 */
	uint8_t end_reason; /* enum flow_end_reason */
	uint8_t direction_basis; /* enum flow_direction_basis */
	uint64_t packets; /* forward */
	uint64_t bytes; /* forward, IP header included, layer 2 excluded */
	uint64_t flow_id; /* same in all records of a flow; from key and first time */

	/* line 1: when, and the way back */
	uint64_t rev_packets;
	uint64_t rev_bytes;
	int64_t start_ns; /* first packet of this record, wall clock */
	int64_t end_ns; /* last packet of this record */
	int64_t flow_start_ns; /* first packet of the flow */
	int64_t rev_start_ns; /* first reverse packet of this record; 0: none */
	uint16_t tcp_flags; /* OR of the 12 flag bits, forward */
	uint16_t rev_tcp_flags;
	uint16_t vlan; /* 0: untagged */
	uint16_t vlan_inner;
	uint16_t port; /* port of entry of the first forward packet */
	uint16_t rev_port; /* ... of the first reverse packet; 0xffff: none seen */
	uint8_t icmp_type; /* of the first packet */
	uint8_t icmp_code;
	uint8_t worker; /* who metered it; not part of any output */
	uint8_t flags; /* enum packet_flag of the first packet */

	/* line 2: what it looked like, and what stood around its first packet */
	uint8_t ttl_min; /* forward */
	uint8_t ttl_max;
	uint8_t rev_ttl_min; /* 0 when no reverse packet */
	uint8_t rev_ttl_max;
	uint8_t tos; /* of the first forward packet */
	uint8_t rev_tos;
	uint8_t reserved[2];
	/*
	 * PACKET_FLAG_SECOND: the flow_id of the outer flow that carried its first packet. Sums
	 * over all records without that flag count each packet once.
	 */
	uint64_t outer_flow_id;
	/* PACKET_FLAG_AROUND: outer addresses in the direction source -> destination */
	struct packet_encapsulation around;
};
static_assert(sizeof(struct flow_record) == 3 * BASE_CACHE_LINE_BYTES, "three cache lines");
static_assert(__builtin_offsetof(struct flow_record, rev_packets) == 64, "line 1");
static_assert(__builtin_offsetof(struct flow_record, ttl_min) == 128, "line 2");

/* "idle", "active", "end", "forced", "resources": the words of the outputs. NULL is never returned.
 */
const char *flow_end_reason_name(enum flow_end_reason reason);

#endif
