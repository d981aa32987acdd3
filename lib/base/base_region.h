/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory regions: large zeroed memory on one NUMA node, on huge pages where the host has them.
 *
 * A *shared* region is a memfd (a file in memory) that starts with struct base_region_header, so
 * that another process can map it through /proc/PID/fd/N and check what it is. A *private* region
 * is anonymous. Both ask for reserved huge pages first (2 MiB), then for transparent ones; which
 * they got is in `pages`.
 */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_REGION_MAGIC UINT64_C(0x0031524945570a0d) /* "\r\nWEIR1\0" read as little endian */
#define BASE_REGION_VERSION 1

enum base_region_pages {
	BASE_REGION_PAGES_SMALL, /* 4 KiB, no huge page to be had */
	BASE_REGION_PAGES_TRANSPARENT, /* the kernel may back it with 2 MiB pages (madvise) */
	BASE_REGION_PAGES_HUGE, /* reserved 2 MiB pages */
};

/* The first cache line of a shared region. Read-only after creation. */
struct base_region_header {
	uint64_t magic;
	uint32_t version; /* of this header */
	uint32_t kind; /* four letters, e.g. "RING": what the payload is */
	uint32_t kind_version; /* of the payload's layout */
	uint32_t payload_offset;
	uint64_t payload_bytes;
	uint64_t owner_pid;
	int64_t created_ns; /* wall clock */
	uint8_t pad[16];
};
static_assert(sizeof(struct base_region_header) == BASE_CACHE_LINE_BYTES, "one cache line");

struct base_region {
	void *payload; /* cache-line aligned, zeroed */
	size_t payload_bytes;
	void *map;
	size_t map_bytes;
	int fd; /* of a shared region, else -1 */
	int numa_node; /* where the memory was bound to; -1: wherever the kernel put it */
	enum base_region_pages pages;
};

struct base_region_options {
	const char *name; /* shows in /proc/PID/maps; not NULL */
	size_t payload_bytes; /* > 0 */
	int numa_node; /* -1: no preference */
	bool shared;
	bool huge_pages; /* try reserved huge pages */
	uint32_t kind; /* shared regions only */
	uint32_t kind_version;
};

/*
 * Maps a region; the caller owns it and calls base_region_fini(). 0, or -errno (-ENOMEM: neither
 * huge nor small pages could be had). Memory is touched lazily. Not on the packet path.
 */
int base_region_init(struct base_region *region,
		const struct base_region_options *options) BASE_MUST_CHECK;
void base_region_fini(struct base_region *region);

/* "2 MiB pages", "transparent huge pages", "4 KiB pages". */
const char *base_region_pages_name(enum base_region_pages pages);

#endif
