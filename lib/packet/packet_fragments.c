/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_fragments.h"

#include "base_region.h"
#include "packet_numbers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * What the fragments of one datagram share, but for the protocol. In whole words: it is hashed and
 * compared as such, and narrower stores would have to be waited for.
 */
struct datagram {
	union packet_address source, destination;
	uint64_t id_and_scope; /* or the VLAN */
	uint32_t rest; /* inner VLAN id, IP version, view */
	uint32_t tag; /* part of the hash of all that */
};
static_assert(sizeof(struct datagram) == 48, "no padding");

struct entry {
	struct datagram datagram;
	int64_t time_ns; /* of the first fragment */
	uint16_t source_port, destination_port;
	uint8_t icmp_type, icmp_code;
	uint8_t protocol;
	bool used;
};
static_assert(sizeof(struct entry) == BASE_CACHE_LINE_BYTES, "one cache line");

#define ANY_PROTOCOL (-1)

struct packet_fragments {
	struct entry *entries;
	uint32_t set_mask;
	int64_t timeout_ns;
	uint64_t seed[2];
	struct packet_fragments_counters counters;
	struct base_region region;
};

int packet_fragments_create(struct packet_fragments **out, uint32_t datagrams, int64_t timeout_ns,
		uint64_t seed)
{
	struct packet_fragments *fragments = calloc(1, sizeof(*fragments));
	uint32_t sets = 1;

	if (!fragments)
		return -ENOMEM;
	while ((uint64_t)sets * PACKET_FRAGMENTS_WAYS < datagrams)
		sets *= 2;
	struct base_region_options options = {
			.name = "weir-fragments",
			.payload_bytes =
					(size_t)sets * PACKET_FRAGMENTS_WAYS * sizeof(struct entry),
			.numa_node = -1,
	};
	int rc = base_region_init(&fragments->region, &options);
	if (rc < 0) {
		free(fragments);
		return rc;
	}
	fragments->entries = fragments->region.payload;
	fragments->set_mask = sets - 1;
	fragments->timeout_ns = timeout_ns;
	fragments->seed[0] = seed ^ UINT64_C(0x9e3779b97f4a7c15);
	fragments->seed[1] = seed * UINT64_C(0xbf58476d1ce4e5b9) + 1;
	*out = fragments;
	return 0;
}

void packet_fragments_destroy(struct packet_fragments *fragments)
{
	if (!fragments)
		return;
	base_region_fini(&fragments->region);
	free(fragments);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_datagram(
		const struct packet_fragments *fragments, const struct datagram *datagram)
{
	const uint64_t *seed = fragments->seed;
	const uint64_t *from = datagram->source.halves_be, *to = datagram->destination.halves_be;

	uint64_t a = fold(from[0] ^ seed[0], from[1] ^ seed[1]);
	uint64_t b = fold(to[0] ^ seed[1], to[1] ^ seed[0]);
	return fold(a ^ datagram->id_and_scope ^ seed[0], b ^ datagram->rest ^ seed[1]);
}

/*
 * *set_out: where its entries can be. The protocol is not hashed: a fragment that does not know it
 * has one set to search, too.
 */
static struct datagram datagram_of(const struct packet_fragments *fragments,
		const struct packet_meta *meta, struct entry **set_out)
{
	struct datagram datagram = {
			.source = meta->source,
			.destination = meta->destination,
			.id_and_scope = (uint64_t)(meta->identity & PACKET_IDENTITY_SCOPE_MASK)
							<< 32
					| meta->fragment_id,
			.rest = (uint32_t)meta->vlan_inner << 16 | (uint32_t)meta->ip_version << 8
					| (meta->flags & PACKET_FLAG_INNER),
	};
	uint64_t hash = hash_datagram(fragments, &datagram);
	datagram.tag = (uint32_t)hash;
	*set_out = &fragments->entries[(size_t)((uint32_t)(hash >> 32) & fragments->set_mask)
			* PACKET_FRAGMENTS_WAYS];
	return datagram;
}

static bool is_same(const struct datagram *a, const struct datagram *b)
{
	return a->tag == b->tag && a->id_and_scope == b->id_and_scope && a->rest == b->rest
			&& memcmp(&a->source, &b->source, sizeof(a->source)) == 0
			&& memcmp(&a->destination, &b->destination, sizeof(a->destination)) == 0;
}

/* The newest that is not newer than `latest_ns`; there can be several of ANY_PROTOCOL only. */
static struct entry *find(
		struct entry *set, const struct datagram *datagram, int protocol, int64_t latest_ns)
{
	struct entry *found = NULL;

	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		struct entry *entry = &set[i];
		if (is_same(&entry->datagram, datagram) && entry->used
				&& (protocol == ANY_PROTOCOL || entry->protocol == protocol)
				&& entry->time_ns <= latest_ns
				&& (!found || entry->time_ns > found->time_ns))
			found = entry;
	}
	return found;
}

static bool is_over(
		const struct packet_fragments *fragments, const struct entry *entry, int64_t now_ns)
{
	return now_ns - entry->time_ns > fragments->timeout_ns;
}

/* Nothing that an entry can be of use to is still to come, reordered fragments included. */
static bool is_free(
		const struct packet_fragments *fragments, const struct entry *entry, int64_t now_ns)
{
	bool over = is_over(fragments, entry, now_ns - PACKET_FRAGMENTS_BACK_NS);
	bool ahead = entry->time_ns > now_ns + PACKET_FRAGMENTS_BACK_NS;

	return !entry->used | over | ahead;
}

/*
 * The datagram's own entry, else one that is free, else the oldest. Without jumps, here and in
 * is_free(): who is the oldest cannot be predicted (48 cycles a first fragment with them, 35
 * without).
 */
static struct entry *make_room(struct packet_fragments *fragments, struct entry *set,
		const struct entry *own, int64_t now_ns)
{
	struct entry *entry = find(set, &own->datagram, own->protocol, INT64_MAX);
	int64_t oldest_ns = INT64_MAX;

	if (entry)
		return entry;
	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		int64_t time_ns = is_free(fragments, &set[i], now_ns) ? INT64_MIN : set[i].time_ns;
		entry = time_ns < oldest_ns ? &set[i] : entry;
		oldest_ns = time_ns < oldest_ns ? time_ns : oldest_ns;
	}
	fragments->counters.evicted += oldest_ns != INT64_MIN;
	return entry;
}

static void remember(
		struct packet_fragments *fragments, const struct packet_meta *meta, int64_t time_ns)
{
	struct entry *set;
	const struct entry own = {
			.datagram = datagram_of(fragments, meta, &set),
			.time_ns = time_ns,
			.source_port = meta->source_port,
			.destination_port = meta->destination_port,
			.icmp_type = meta->icmp_type,
			.icmp_code = meta->icmp_code,
			.protocol = meta->protocol,
			.used = true,
	};

	if (meta->flags & PACKET_FLAG_NO_PORTS) {
		struct entry *old = find(set, &own.datagram, own.protocol, INT64_MAX);
		if (old)
			old->used = false;
		return;
	}
	*make_room(fragments, set, &own, time_ns) = own;
	fragments->counters.first++;
}

static void recall(struct packet_fragments *fragments, struct packet_meta *meta, int64_t time_ns)
{
	struct packet_fragments_counters *counters = &fragments->counters;
	struct entry *set;
	const struct datagram datagram = datagram_of(fragments, meta, &set);
	bool unknown = meta->ip_version == 6 && packet_protocol_is_extension(meta->protocol);
	const struct entry *entry = find(set, &datagram, unknown ? ANY_PROTOCOL : meta->protocol,
			time_ns + PACKET_FRAGMENTS_BACK_NS);

	if (!entry || is_over(fragments, entry, time_ns)) {
		counters->unresolved++;
		counters->expired += entry != NULL;
		return;
	}
	meta->source_port = entry->source_port;
	meta->destination_port = entry->destination_port;
	meta->icmp_type = entry->icmp_type;
	meta->icmp_code = entry->icmp_code;
	meta->protocol = entry->protocol;
	counters->resolved++;
}

void packet_fragments_resolve(
		struct packet_fragments *fragments, struct packet_meta *meta, int64_t time_ns)
{
	if (meta->flags & PACKET_FLAG_LATER_FRAGMENT)
		recall(fragments, meta, time_ns);
	else
		remember(fragments, meta, time_ns);
}

const struct packet_fragments_counters *packet_fragments_counters(
		const struct packet_fragments *fragments)
{
	return &fragments->counters;
}
