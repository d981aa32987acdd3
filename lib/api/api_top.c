/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_top.h"

#include "base_clock.h"
#include "packet_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const order_names[API_TOP_ORDER_COUNT] = {
		[API_TOP_BYTES] = "bytes",
		[API_TOP_PACKETS] = "packets",
		[API_TOP_RATE] = "rate",
		[API_TOP_AGE] = "age",
		[API_TOP_START] = "start",
		[API_TOP_IDLE] = "idle",
		[API_TOP_SOURCE] = "source",
		[API_TOP_DESTINATION] = "destination",
};

const char *api_top_order_name(enum api_top_order order)
{
	return order_names[order];
}

enum api_top_order api_top_order_lookup(const char *name)
{
	int i = 0;

	while (i < API_TOP_ORDER_COUNT && strcmp(order_names[i], name) != 0)
		i++;
	return (enum api_top_order)i;
}

uint64_t api_top_rate_bits(const struct flow_record *record, int64_t now_ns)
{
	int64_t life_ns = now_ns - record->flow_start_ns;

	if (life_ns < BASE_NS_PER_SEC)
		life_ns = BASE_NS_PER_SEC;
	return (uint64_t)((double)(record->bytes + record->rev_bytes) * 8e9 / (double)life_ns);
}

/* Times lie anywhere in 64 bits with a sign; ranks have none. */
static uint64_t time_rank(int64_t t_ns)
{
	return (uint64_t)t_ns ^ (UINT64_C(1) << 63);
}

static uint64_t rank_of(const struct api_top *top, const struct flow_record *record)
{
	uint64_t rank = 0;

	switch (top->order) {
	case API_TOP_BYTES:
		rank = record->bytes + record->rev_bytes;
		break;
	case API_TOP_PACKETS:
		rank = record->packets + record->rev_packets;
		break;
	case API_TOP_RATE:
		rank = api_top_rate_bits(record, top->now_ns);
		break;
	case API_TOP_AGE:
		rank = ~time_rank(record->flow_start_ns);
		break;
	case API_TOP_START:
		rank = time_rank(record->flow_start_ns);
		break;
	case API_TOP_IDLE:
		rank = ~time_rank(record->end_ns);
		break;
	default:
		break;
	}
	return top->reverse ? ~rank : rank;
}

static int compare_end(const struct flow_record *a, const struct flow_record *b, bool source)
{
	int order = (int)a->ip_version - (int)b->ip_version;

	if (order == 0)
		order = memcmp(source ? &a->source : &a->destination,
				source ? &b->source : &b->destination, sizeof(a->source));
	if (order == 0)
		order = source ? (int)a->source_port - (int)b->source_port
			       : (int)a->destination_port - (int)b->destination_port;
	return order;
}

/* Negative when a is listed before b. Never 0 for different flows, so that lists are stable. */
static int compare(const struct api_top *top, const struct api_top_entry *a,
		const struct api_top_entry *b)
{
	bool source_first = top->order != API_TOP_DESTINATION;

	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	int order = compare_end(&a->record, &b->record, source_first);
	if (order == 0)
		order = compare_end(&a->record, &b->record, !source_first);
	if (order == 0)
		order = (int)a->record.protocol - (int)b->record.protocol;
	if (order == 0)
		order = (a->record.flow_id > b->record.flow_id)
				- (a->record.flow_id < b->record.flow_id);
	return top->reverse && top->order >= API_TOP_SOURCE ? -order : order;
}

int api_top_init(struct api_top *top, enum api_top_order order, bool reverse, size_t max,
		int64_t now_ns)
{
	*top = (struct api_top){.order = order, .reverse = reverse, .max = max, .now_ns = now_ns};
	top->entries = calloc(max ? max : 1, sizeof(*top->entries));
	return top->entries ? 0 : -ENOMEM;
}

void api_top_fini(struct api_top *top)
{
	free(top->entries);
	free(top->index);
	*top = (struct api_top){0};
}

static void swap(struct api_top_entry *a, struct api_top_entry *b)
{
	struct api_top_entry other = *a;

	*a = *b;
	*b = other;
}

static void sift_up(struct api_top *top, size_t i)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;
		if (compare(top, &top->entries[i], &top->entries[parent]) <= 0)
			return;
		swap(&top->entries[i], &top->entries[parent]);
		i = parent;
	}
}

static void sift_down(struct api_top *top, size_t i)
{
	for (;;) {
		size_t last = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < top->count; child++) {
			if (compare(top, &top->entries[child], &top->entries[last]) > 0)
				last = child;
		}
		if (last == i)
			return;
		swap(&top->entries[i], &top->entries[last]);
		i = last;
	}
}

void api_top_add(struct api_top *top, const struct flow_record *record)
{
	struct api_top_entry entry = {.rank = rank_of(top, record)};

	if (top->max == 0)
		return;
	/* Most flows end here, before their 192 octets are copied. */
	if (top->count == top->max && entry.rank < top->entries[0].rank)
		return;
	entry.record = *record;
	if (top->count < top->max) {
		top->entries[top->count] = entry;
		sift_up(top, top->count++);
	} else if (compare(top, &entry, &top->entries[0]) < 0) {
		top->entries[0] = entry;
		sift_down(top, 0);
	}
}

/* What makes two entries the same flow, whichever end each worker took for the initiator. */
struct key {
	union packet_address low, high;
	uint16_t low_port, high_port;
	union packet_address outer_low, outer_high;
	uint32_t tunnel_id;
	uint16_t pppoe_session;
	uint8_t tunnel, view; /* PACKET_FLAG_INNER and SECOND */
	uint16_t vlan;
	uint8_t protocol, ip_version;
};

/* What both directions have in common. Ids that may differ between them are left out. */
static void key_of_tunnel(struct key *key, const struct packet_encapsulation *around)
{
	bool swapped = memcmp(&around->outer_source, &around->outer_destination,
				       sizeof(around->outer_source))
			> 0;

	key->outer_low = swapped ? around->outer_destination : around->outer_source;
	key->outer_high = swapped ? around->outer_source : around->outer_destination;
	key->tunnel = around->tunnel;
	key->pppoe_session = around->pppoe_session;
	if (packet_tunnel_id_is_shared((enum packet_tunnel)around->tunnel))
		key->tunnel_id = around->tunnel_id;
}

static bool key_of(struct key *key, const struct flow_record *record)
{
	int order = memcmp(&record->source, &record->destination, sizeof(record->source));
	bool swapped = order > 0 || (order == 0 && record->source_port > record->destination_port);

	memset(key, 0, sizeof(*key));
	key->low = swapped ? record->destination : record->source;
	key->high = swapped ? record->source : record->destination;
	key->low_port = swapped ? record->destination_port : record->source_port;
	key->high_port = swapped ? record->source_port : record->destination_port;
	key_of_tunnel(key, &record->around);
	key->view = record->flags & (PACKET_FLAG_INNER | PACKET_FLAG_SECOND);
	key->vlan = record->vlan;
	key->protocol = record->protocol;
	key->ip_version = record->ip_version;
	return swapped;
}

static size_t hash_key(const struct key *key)
{
	const unsigned char *p = (const unsigned char *)key;
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ (hash >> 29));
}

/* The place in the index of this key, or the free one where it belongs. */
static size_t find_place(const struct api_top *top, const struct key *key)
{
	size_t place = hash_key(key) & top->index_mask;

	while (top->index[place] != 0) {
		struct key other;
		key_of(&other, &top->entries[top->index[place] - 1].record);
		if (!memcmp(&other, key, sizeof(other)))
			break;
		place = (place + 1) & top->index_mask;
	}
	return place;
}

int api_top_merge_begin(struct api_top *top)
{
	size_t size = 16, kept = 0;

	while (size < 2 * top->count)
		size *= 2;
	top->index = calloc(size, sizeof(*top->index));
	if (!top->index)
		return -ENOMEM;
	top->index_mask = size - 1;
	for (size_t i = 0; i < top->count; i++) {
		struct key key;
		key_of(&key, &top->entries[i].record);
		size_t place = find_place(top, &key);
		if (top->index[place] != 0)
			continue; /* a part of a flow that is kept already */
		top->entries[kept] = top->entries[i];
		top->index[place] = (uint32_t)++kept;
	}
	top->count = kept;
	return 0;
}

static void add_part(struct flow_record *sum, const struct flow_record *part, bool reversed)
{
	sum->packets += reversed ? part->rev_packets : part->packets;
	sum->bytes += reversed ? part->rev_bytes : part->bytes;
	sum->rev_packets += reversed ? part->packets : part->rev_packets;
	sum->rev_bytes += reversed ? part->bytes : part->rev_bytes;
	sum->tcp_flags |= reversed ? part->rev_tcp_flags : part->tcp_flags;
	sum->rev_tcp_flags |= reversed ? part->tcp_flags : part->rev_tcp_flags;
	if (part->end_ns > sum->end_ns)
		sum->end_ns = part->end_ns;
	if (part->start_ns < sum->start_ns)
		sum->start_ns = part->start_ns;
	if (part->flow_start_ns < sum->flow_start_ns)
		sum->flow_start_ns = part->flow_start_ns;
}

void api_top_merge(struct api_top *top, const struct flow_record *record)
{
	struct key key;
	bool swapped = key_of(&key, record);
	uint32_t number = top->index[find_place(top, &key)];

	if (number == 0)
		return;
	struct api_top_entry *entry = &top->entries[number - 1];
	if (!entry->merged) {
		entry->record = *record;
		entry->merged = true;
		return;
	}
	add_part(&entry->record, record, key_of(&key, &entry->record) != swapped);
}

void api_top_merge_end(struct api_top *top)
{
	for (size_t i = 0; i < top->count; i++)
		top->entries[i].rank = rank_of(top, &top->entries[i].record);
	free(top->index);
	top->index = NULL;
}

static int compare_entries(const void *a, const void *b, void *top)
{
	return compare(top, a, b);
}

void api_top_sort(struct api_top *top, size_t max)
{
	qsort_r(top->entries, top->count, sizeof(top->entries[0]), compare_entries, top);
	if (top->count > max)
		top->count = max;
}
