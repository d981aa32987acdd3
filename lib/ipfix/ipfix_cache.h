/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The templates that an exporter has announced, by observation domain and id, as a collector keeps
 * them: of any exporter, so in bounded memory.
 */
#ifndef IPFIX_CACHE_H
#define IPFIX_CACHE_H

#include "base_cacheline.h"
#include "ipfix_type.h"

#include <stddef.h>

/* More fields in one template are not believed. */
#define IPFIX_CACHE_FIELDS_MAX 1024
#define IPFIX_CACHE_BUCKETS 256

/* Scopes of NetFlow version 9 are no elements; they are kept under this number. */
#define IPFIX_PEN_V9_SCOPE UINT32_MAX

struct ipfix_spec {
	uint32_t enterprise;
	uint16_t id;
	uint16_t length; /* IPFIX_VARIABLE: in each record */
};

struct ipfix_known {
	struct ipfix_known *next;
	uint32_t domain;
	uint16_t id;
	uint16_t scope_count; /* 0: flow records; else the first so many fields are a scope */
	uint16_t field_count;
	bool variable; /* records differ in length */
	uint32_t min_bytes; /* no record is shorter */
	/* when it was announced last */
	int64_t export_sec;
	int64_t received_ns;
	uint64_t message;
	/* since it was announced first, or became what it is */
	uint64_t announced;
	uint64_t records;
	struct ipfix_spec specs[];
};

struct ipfix_cache {
	struct ipfix_known *buckets[IPFIX_CACHE_BUCKETS];
	uint32_t templates;
	uint32_t fields;
	uint32_t templates_max;
	uint32_t fields_max;
};

void ipfix_cache_init(struct ipfix_cache *cache, uint32_t templates_max, uint32_t fields_max);
void ipfix_cache_fini(struct ipfix_cache *cache);

/* NULL when that id was not announced in that domain. */
struct ipfix_known *ipfix_cache_find(const struct ipfix_cache *cache, uint32_t domain, uint16_t id);

/* A template to fill, not yet in the cache; freed with free() or put in. NULL: no memory. */
struct ipfix_known *ipfix_cache_make(uint16_t field_count) BASE_MUST_CHECK;

/* True when both say the same, times aside. */
bool ipfix_known_equals(const struct ipfix_known *a, const struct ipfix_known *b);

/*
 * Puts in a template that was made; the cache owns it then and frees the one it replaces. Works out
 * min_bytes and variable. -ENOSPC when the bounds are reached: it stays the caller's.
 */
int ipfix_cache_put(struct ipfix_cache *cache, struct ipfix_known *known) BASE_MUST_CHECK;

/* Forgets one; false when it was not there. */
bool ipfix_cache_forget(struct ipfix_cache *cache, uint32_t domain, uint16_t id);
/* Forgets all templates of the domain that are (or are not) options templates; says how many. */
uint32_t ipfix_cache_forget_all(struct ipfix_cache *cache, uint32_t domain, bool options);

#endif
