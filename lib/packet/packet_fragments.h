/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments of one datagram: the first has the ports, the rest do not. This table remembers the
 * ports of first fragments for the rest, so that all of a datagram is metered in one flow.
 *
 *     first fragment -> its ports, under (addresses, id, protocol, family, scope or VLANs, view)
 *     later fragment <- those ports, if the first came before it, not longer ago than the timeout
 *
 * Not held back: a later fragment that comes before its first is metered with ports 0 and counted
 * as unresolved. Ports come from the newest first fragment, never from a later one, so overlapping
 * fragments (RFC 1858, 5722) cannot change them: at 10,000 datagrams a second between two hosts ids
 * of IPv4 come round in 7 s. A first fragment too short for its ports makes the old ones void: they
 * belong to another datagram.
 *
 * IPv6: behind the header of a later fragment stands the middle of something, so all it knows is
 * what its first began with. Where that is an extension header (RFC 8200 allows destination options
 * in the fragmented part), it belongs to any first of its addresses and id, and gets the protocol
 * that was found there, too.
 *
 * Sets of PACKET_FRAGMENTS_WAYS entries, a keyed hash, nothing else is searched: the cost is
 * bounded. A full set gives up its oldest entry. Time is that of the packets, and what a fragment
 * gets depends on its own time and that of its first alone, so that while no set is full the
 * answers are the same for any number of tables.
 *
 * Threads: one.
 */
#ifndef PACKET_FRAGMENTS_H
#define PACKET_FRAGMENTS_H

#include "packet_meta.h"

#include <stdint.h>

#define PACKET_FRAGMENTS_WAYS 4
/* Reordering: a first fragment that is further in the future is of another recording. */
#define PACKET_FRAGMENTS_BACK_NS INT64_C(1000000000)

struct packet_fragments;

struct packet_fragments_counters {
	uint64_t first; /* first fragments that were remembered */
	uint64_t resolved; /* later fragments that got ports */
	uint64_t unresolved; /* ... that did not: their first was not seen, or came after them */
	uint64_t expired; /* ... of the unresolved, those whose first came too long before them */
	uint64_t evicted; /* datagrams forgotten before their time, for want of room */
};

/*
 * Room for `datagrams` (rounded up to a power of two), 64 octets each; timeout in ns of packet
 * time. seed: any number that senders do not know. 0 or -ENOMEM.
 */
int packet_fragments_create(struct packet_fragments **fragments, uint32_t datagrams,
		int64_t timeout_ns, uint64_t seed) BASE_MUST_CHECK;
/* NULL is allowed. */
void packet_fragments_destroy(struct packet_fragments *fragments);

/*
 * For a view with PACKET_FLAG_FRAGMENT, its scope set: fills in the ports (ICMP: type and code) of
 * a later fragment, or remembers those of a first. No allocation, bounded time.
 */
void packet_fragments_resolve(
		struct packet_fragments *fragments, struct packet_meta *meta, int64_t time_ns);

const struct packet_fragments_counters *packet_fragments_counters(
		const struct packet_fragments *fragments);

#endif
