/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_fragments.h"

#include "base_region.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct key {
	union packet_address source, destination;
	uint32_t id;
	uint32_t scope; /* or the VLAN */
	uint8_t protocol;
	uint8_t ip_version;
	uint8_t view; /* PACKET_FLAG_INNER */
	uint8_t used; /* 1; 0: a free entry */
	uint32_t pad;
};
static_assert(sizeof(struct key) == 48, "no hidden padding: keys are compared as octets");

struct entry {
	struct key key;
	int64_t time_ns; /* of the first fragment */
	uint16_t source_port, destination_port;
	uint32_t pad;
};
static_assert(sizeof(struct entry) == BASE_CACHE_LINE_BYTES, "one cache line");

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

static uint64_t hash_key(const struct packet_fragments *fragments, const struct key *key)
{
	uint64_t w[6];

	memcpy(w, key, sizeof(w));
	uint64_t a = fold(w[0] ^ fragments->seed[0], w[1] ^ fragments->seed[1]);
	uint64_t b = fold(w[2] ^ fragments->seed[1], w[3] ^ fragments->seed[0]);
	return fold(a ^ w[4] ^ fragments->seed[0], b ^ w[5] ^ fragments->seed[1]);
}

static struct key key_of(const struct packet_meta *meta)
{
	return (struct key){
			.source = meta->source,
			.destination = meta->destination,
			.id = meta->fragment_id,
			.scope = meta->scope ^ meta->vlan,
			.protocol = meta->protocol,
			.ip_version = meta->ip_version,
			.view = meta->flags & PACKET_FLAG_INNER,
			.used = 1,
	};
}

static struct entry *find(struct entry *set, const struct key *key)
{
	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		if (memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
	}
	return NULL;
}

/* A time that goes back a little is no reason to forget. */
static bool is_over(
		const struct packet_fragments *fragments, const struct entry *entry, int64_t now_ns)
{
	return !entry->key.used || now_ns - entry->time_ns > fragments->timeout_ns;
}

/* The datagram's own entry, else one that is free or over, else the oldest. */
static struct entry *make_room(struct packet_fragments *fragments, struct entry *set,
		const struct key *key, int64_t now_ns)
{
	struct entry *entry = find(set, key);

	if (entry)
		return entry;
	entry = &set[0];
	for (int i = 0; i < PACKET_FRAGMENTS_WAYS; i++) {
		if (is_over(fragments, &set[i], now_ns))
			return &set[i];
		if (set[i].time_ns < entry->time_ns)
			entry = &set[i];
	}
	fragments->counters.evicted++;
	return entry;
}

void packet_fragments_resolve(
		struct packet_fragments *fragments, struct packet_meta *meta, int64_t time_ns)
{
	struct packet_fragments_counters *counters = &fragments->counters;
	const struct key key = key_of(meta);
	uint32_t set_number = (uint32_t)(hash_key(fragments, &key) >> 32) & fragments->set_mask;
	struct entry *set = &fragments->entries[(size_t)set_number * PACKET_FRAGMENTS_WAYS];

	if (meta->flags & PACKET_FLAG_LATER_FRAGMENT) {
		const struct entry *entry = find(set, &key);
		if (!entry || is_over(fragments, entry, time_ns)) {
			counters->unresolved++;
			return;
		}
		meta->source_port = entry->source_port;
		meta->destination_port = entry->destination_port;
		counters->resolved++;
		return;
	}
	if (meta->flags & PACKET_FLAG_NO_PORTS)
		return;
	*make_room(fragments, set, &key, time_ns) = (struct entry){
			.key = key,
			.time_ns = time_ns,
			.source_port = meta->source_port,
			.destination_port = meta->destination_port,
	};
	counters->first++;
}

const struct packet_fragments_counters *packet_fragments_counters(
		const struct packet_fragments *fragments)
{
	return &fragments->counters;
}
