/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk over one packet, inside the packet module.
 *
 * Idea: a cursor and the name of the header that stands there. A step reads that header, moves the
 * cursor behind it and names the next one; the loop in packet_walk.c calls steps until one says
 * STOP. No step calls another, so the stack is flat and one counter bounds the work.
 *
 *      0                offset         limit          end
 *      |-- walked ------|-- readable --|-- not captured --|
 *
 * Invariants: `end` is where the innermost length that was believed ends, on the wire; `limit` is
 * the smaller of `end` and what was captured; no octet at or behind `limit` is read. A length is
 * believed when it fits into `end`. `offset` may stand behind `limit` (a header was cut in its
 * middle), never behind `end`.
 */
#ifndef PACKET_WALK_H
#define PACKET_WALK_H

#include "packet_decode.h"

#include <stdbool.h>
#include <stdint.h>

enum packet_step {
	PACKET_STEP_STOP, /* the verdict stands */
	PACKET_STEP_ETHERNET,
	PACKET_STEP_ETHERTYPE, /* cursor behind the EtherType, which is in walk->ethertype */
	PACKET_STEP_LLC,
	PACKET_STEP_MPLS,
	PACKET_STEP_PPP,
	PACKET_STEP_CHDLC,
	PACKET_STEP_IP, /* version by its nibble */
	PACKET_STEP_IPV4,
	PACKET_STEP_IPV6,
	PACKET_STEP_EXTENSION, /* walk->protocol names an IPv6 extension header */
	PACKET_STEP_TRANSPORT, /* walk->protocol is what is left */
};

struct packet_walk {
	const uint8_t *data;
	uint32_t captured_bytes;
	uint32_t end;
	uint32_t limit;
	uint32_t offset;
	struct packet_meta *meta;
	uint32_t payload; /* IPv6: offset of the first octet behind the fixed header */
	uint16_t ethertype;
	uint16_t vlan;
	uint16_t vlan_inner;
	uint8_t protocol;
	uint8_t layers;
	uint8_t tags;
	uint8_t extensions;
	bool jumbo; /* IPv6: the payload length is still to be read from an option */
	enum packet_verdict verdict;
};

static inline enum packet_step packet_walk_stop(
		struct packet_walk *walk, enum packet_verdict verdict)
{
	walk->verdict = verdict;
	return PACKET_STEP_STOP;
}

/* True when `bytes` octets at the cursor may be read. */
static inline bool packet_walk_has(const struct packet_walk *walk, uint32_t bytes)
{
	return (uint64_t)walk->offset + bytes <= walk->limit;
}

static inline const uint8_t *packet_walk_here(const struct packet_walk *walk)
{
	return walk->data + walk->offset;
}

/* Believes a length: the current header's packet ends at `end`, which is not behind walk->end. */
static inline void packet_walk_narrow(struct packet_walk *walk, uint32_t end)
{
	walk->end = end;
	walk->limit = end < walk->captured_bytes ? end : walk->captured_bytes;
}

/* packet_decode() by the walk alone. */
enum packet_verdict packet_walk_run(enum packet_link link, const uint8_t *data,
		uint32_t captured_bytes, uint32_t wire_bytes, struct packet_meta *meta);

/* The first step of each link type (packet_link.c). */
enum packet_step packet_walk_link(struct packet_walk *walk, enum packet_link link);

/* packet_ether.c */
enum packet_step packet_walk_ethernet(struct packet_walk *walk);
enum packet_step packet_walk_ethertype(struct packet_walk *walk);
enum packet_step packet_walk_llc(struct packet_walk *walk);
enum packet_step packet_walk_mpls(struct packet_walk *walk);
enum packet_step packet_walk_ppp(struct packet_walk *walk);
enum packet_step packet_walk_chdlc(struct packet_walk *walk);

/* packet_ip.c */
enum packet_step packet_walk_ip(struct packet_walk *walk);
enum packet_step packet_walk_ipv4(struct packet_walk *walk);
enum packet_step packet_walk_ipv6(struct packet_walk *walk);
enum packet_step packet_walk_extension(struct packet_walk *walk);

/* packet_transport.c */
enum packet_step packet_walk_transport(struct packet_walk *walk);

#endif
