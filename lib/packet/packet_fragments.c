/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_fragments.h"

#include "base_region.h"
#include "packet_numbers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What the fragments of one datagram share, but for the protocol. */
struct datagram {
	union packet_address source, destination;
	uint32_t id;
	uint32_t scope; /* or the VLAN */
	uint16_t vlan_inner;
	uint8_t ip_version;
	uint8_t view; /* PACKET_FLAG_INNER */
	uint32_t pad;
};
static_assert(sizeof(struct datagram) == 48, "no hidden padding: compared as octets");

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
	uint64_t w[6];

	memcpy(w, datagram, sizeof(w));
	uint64_t a = fold(w[0] ^ fragments->seed[0], w[1] ^ fragments->seed[1]);
	uint64_t b = fold(w[2] ^ fragments->seed[1], w[3] ^ fragments->seed[0]);
	return fold(a ^ w[4] ^ fragments->seed[0], b ^ w[5] ^ fragments->seed[1]);
}

static struct datagram datagram_of(const struct packet_meta *meta)
{
	return (struct datagram){
			.source = meta->source,
			.destination = meta->destination,
			.id = meta->fragment_id,
			.scope = meta->scope ^ meta->vlan,
			.vlan_inner = meta->vlan_inner,
			.ip_version = meta->ip_version,
			.view = meta->flags & PACKET_FLAG_INNER,
	};
}

/* The protocol is not hashed: a fragment that does not know it has one set to search, too. */
static struct entry *find_set(
		const struct packet_fragments *fragments, const struct datagram *datagram)
{
	uint32_t number =
			(uint32_t)(hash_datagram(fragments, datagram) >> 32) & fragments->set_mask;

	return &fragments->entries[(size_t)number * PACKET_FRAGMENTS_WAYS];
}

/* The newest that is not newer than `latest_ns`; there can be several of ANY_PROTOCOL only. */
static struct entry *find(
		struct entry *set, const struct datagram *datagram, int protocol, int64_t latest_ns)
{
	struct entry *found = NULL;

	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		struct entry *entry = &set[i];
		if (entry->used && (protocol == ANY_PROTOCOL || entry->protocol == protocol)
				&& entry->time_ns <= latest_ns
				&& (!found || entry->time_ns > found->time_ns)
				&& memcmp(&entry->datagram, datagram, sizeof(*datagram)) == 0)
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
	return !entry->used || is_over(fragments, entry, now_ns - PACKET_FRAGMENTS_BACK_NS)
			|| entry->time_ns > now_ns + PACKET_FRAGMENTS_BACK_NS;
}

/* The datagram's own entry, else one that is free, else the oldest. */
static struct entry *make_room(struct packet_fragments *fragments, struct entry *set,
		const struct entry *own, int64_t now_ns)
{
	struct entry *entry = find(set, &own->datagram, own->protocol, INT64_MAX);

	if (entry)
		return entry;
	entry = &set[0];
	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		if (is_free(fragments, &set[i], now_ns))
			return &set[i];
		if (set[i].time_ns < entry->time_ns)
			entry = &set[i];
	}
	fragments->counters.evicted++;
	return entry;
}

static void remember(
		struct packet_fragments *fragments, const struct packet_meta *meta, int64_t time_ns)
{
	const struct entry own = {
			.datagram = datagram_of(meta),
			.time_ns = time_ns,
			.source_port = meta->source_port,
			.destination_port = meta->destination_port,
			.icmp_type = meta->icmp_type,
			.icmp_code = meta->icmp_code,
			.protocol = meta->protocol,
			.used = true,
	};
	struct entry *set = find_set(fragments, &own.datagram);

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
	const struct datagram datagram = datagram_of(meta);
	struct entry *set = find_set(fragments, &datagram);
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
