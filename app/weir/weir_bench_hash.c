/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_hash.h"

#include "weir_bench_sizes.h"

#include <rte_errno.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_malloc.h>

#include <errno.h>

#define HEAP "weir-bench"
/* The region is a multiple of it and starts at one, whatever its pages are. */
#define PAGE_BYTES ((size_t)2 << 20)

static int make_heap(struct weir_bench_hash *hash, uint64_t bytes)
{
	const struct base_region_options options = {.name = "weir-hash",
			.numa_node = -1,
			.huge_pages = true,
			.payload_bytes = bytes};
	int rc = base_region_init(&hash->region, &options);

	if (rc < 0)
		return rc;
	if (rte_malloc_heap_create(HEAP) != 0)
		return -rte_errno;
	rc = rte_malloc_heap_memory_add(HEAP, hash->region.payload, hash->region.payload_bytes,
			NULL, 0, PAGE_BYTES);
	return rc == 0 ? 0 : -rte_errno;
}

int weir_bench_hash_create(struct weir_bench_hash *hash, uint32_t entries, uint32_t key_bytes)
{
	struct rte_hash_parameters parameters = {.name = "weir-bench",
			.entries = entries,
			.key_len = key_bytes,
			.hash_func = rte_hash_crc};

	*hash = (struct weir_bench_hash){.region.fd = -1};
	int rc = make_heap(hash, weir_bench_hash_bytes(entries, key_bytes));
	if (rc < 0)
		return rc;
	parameters.socket_id = rte_malloc_heap_get_socket(HEAP);
	hash->hash = rte_hash_create(&parameters);
	return hash->hash ? 0 : -rte_errno;
}

void weir_bench_hash_destroy(struct weir_bench_hash *hash)
{
	rte_hash_free(hash->hash);
	if (hash->region.map) {
		rte_malloc_heap_memory_remove(
				HEAP, hash->region.payload, hash->region.payload_bytes);
		rte_malloc_heap_destroy(HEAP);
	}
	base_region_fini(&hash->region);
	hash->hash = NULL;
}
