/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ipfix_cache_init(struct ipfix_cache *cache, uint32_t templates_max, uint32_t fields_max)
{
	*cache = (struct ipfix_cache){.templates_max = templates_max, .fields_max = fields_max};
}

void ipfix_cache_fini(struct ipfix_cache *cache)
{
	for (unsigned int i = 0; i < IPFIX_CACHE_BUCKETS; i++) {
		while (cache->buckets[i]) {
			struct ipfix_known *known = cache->buckets[i];
			cache->buckets[i] = known->next;
			free(known);
		}
	}
	cache->templates = cache->fields = 0;
}

static unsigned int pick_bucket(uint32_t domain, uint16_t id)
{
	return (domain * UINT32_C(2654435761) + id) % IPFIX_CACHE_BUCKETS;
}

/* The link that points to it, or the empty one at the end. */
static struct ipfix_known **find_link(struct ipfix_known **link, uint32_t domain, uint16_t id)
{
	while (*link && ((*link)->domain != domain || (*link)->id != id))
		link = &(*link)->next;
	return link;
}

struct ipfix_known *ipfix_cache_find(const struct ipfix_cache *cache, uint32_t domain, uint16_t id)
{
	struct ipfix_known *known = cache->buckets[pick_bucket(domain, id)];

	return *find_link(&known, domain, id);
}

struct ipfix_known *ipfix_cache_make(uint16_t field_count)
{
	struct ipfix_known *known =
			calloc(1, sizeof(*known) + field_count * sizeof(struct ipfix_spec));

	if (known)
		known->field_count = field_count;
	return known;
}

bool ipfix_known_equals(const struct ipfix_known *a, const struct ipfix_known *b)
{
	if (a->field_count != b->field_count || a->scope_count != b->scope_count)
		return false;
	for (unsigned int i = 0; i < a->field_count; i++) {
		if (a->specs[i].enterprise != b->specs[i].enterprise
				|| a->specs[i].id != b->specs[i].id
				|| a->specs[i].length != b->specs[i].length)
			return false;
	}
	return true;
}

static void measure(struct ipfix_known *known)
{
	known->min_bytes = 0;
	known->variable = false;
	for (unsigned int i = 0; i < known->field_count; i++) {
		bool variable = known->specs[i].length == IPFIX_VARIABLE;
		known->variable |= variable;
		known->min_bytes += variable ? 1 : known->specs[i].length;
	}
}

static void drop(struct ipfix_cache *cache, struct ipfix_known **link)
{
	struct ipfix_known *known = *link;

	*link = known->next;
	cache->templates--;
	cache->fields -= known->field_count;
	free(known);
}

int ipfix_cache_put(struct ipfix_cache *cache, struct ipfix_known *known)
{
	struct ipfix_known **bucket = &cache->buckets[pick_bucket(known->domain, known->id)];
	struct ipfix_known **link = find_link(bucket, known->domain, known->id);
	uint32_t templates = cache->templates + 1, fields = cache->fields + known->field_count;

	if (*link) {
		templates--;
		fields -= (*link)->field_count;
	}
	if (templates > cache->templates_max || fields > cache->fields_max)
		return -ENOSPC;
	if (*link)
		drop(cache, link);
	measure(known);
	known->next = *bucket;
	*bucket = known;
	cache->templates = templates;
	cache->fields = fields;
	return 0;
}

bool ipfix_cache_forget(struct ipfix_cache *cache, uint32_t domain, uint16_t id)
{
	struct ipfix_known **link = find_link(&cache->buckets[pick_bucket(domain, id)], domain, id);

	if (!*link)
		return false;
	drop(cache, link);
	return true;
}

uint32_t ipfix_cache_forget_all(struct ipfix_cache *cache, uint32_t domain, bool options)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < IPFIX_CACHE_BUCKETS; i++) {
		struct ipfix_known **link = &cache->buckets[i];
		while (*link) {
			if ((*link)->domain == domain && ((*link)->scope_count > 0) == options) {
				drop(cache, link);
				count++;
			} else {
				link = &(*link)->next;
			}
		}
	}
	return count;
}
