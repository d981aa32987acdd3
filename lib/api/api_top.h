/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first `max` flows of a given order out of any number, in bounded memory: a heap whose root is
 * the last of those kept, so that most flows cost one comparison.
 *
 * A flow whose fragments went to another worker has an entry there too. When there are several
 * workers a second pass (api_top_merge_*) adds up all entries of each key that was kept.
 */
#ifndef API_TOP_H
#define API_TOP_H

#include "base_cacheline.h"
#include "flow_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum api_top_order {
	API_TOP_BYTES, /* most first, both directions */
	API_TOP_PACKETS,
	API_TOP_RATE, /* mean bits a second since the flow began, highest first */
	API_TOP_AGE, /* oldest first */
	API_TOP_START, /* newest first */
	API_TOP_IDLE, /* longest without a packet first */
	API_TOP_SOURCE, /* lowest address first */
	API_TOP_DESTINATION,
	API_TOP_ORDER_COUNT,
};

/* "bytes", "packets", ...: the words of the query. */
const char *api_top_order_name(enum api_top_order order);
/* API_TOP_ORDER_COUNT when there is none of that name. */
enum api_top_order api_top_order_lookup(const char *name);

struct api_top_entry {
	struct flow_record record;
	uint64_t rank; /* compared first, higher is listed first */
	bool merged; /* met in the second pass */
};

struct api_top {
	enum api_top_order order;
	bool reverse;
	int64_t now_ns; /* wall clock, for rate, age and idle */
	size_t max, count;
	struct api_top_entry *entries;
	uint32_t *index; /* second pass: entry number + 1 by hash of the key */
	size_t index_mask;
};

/* 0 or -ENOMEM. */
int api_top_init(struct api_top *top, enum api_top_order order, bool reverse, size_t max,
		int64_t now_ns) BASE_MUST_CHECK;
void api_top_fini(struct api_top *top);

/* First pass: offers a flow. */
void api_top_add(struct api_top *top, const struct flow_record *record);

/* Second pass: begin, offer every flow again (also those that were not kept), end. 0 or -ENOMEM. */
int api_top_merge_begin(struct api_top *top) BASE_MUST_CHECK;
void api_top_merge(struct api_top *top, const struct flow_record *record);
void api_top_merge_end(struct api_top *top);

/* Puts the entries into their order and keeps the first `max` of them. */
void api_top_sort(struct api_top *top, size_t max);

/* Mean bits a second of both directions since the flow began; the first second counts whole. */
uint64_t api_top_rate_bits(const struct flow_record *record, int64_t now_ns);

#endif
