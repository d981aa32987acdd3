/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_region.h"

#include "base_clock.h"

#include <numa.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB (21U << 26)
#endif
#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

#define HUGE_BYTES ((size_t)2 << 20)

static size_t round_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

/* Maps `bytes`; huge pages are reserved by mmap itself, so that no fault can fail (SIGBUS) later.
 */
static int map_shared(struct base_region *region, const char *name, size_t bytes, bool huge)
{
	int fd = memfd_create(name, MFD_CLOEXEC | (huge ? MFD_HUGETLB | MFD_HUGE_2MB : 0));

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes) < 0)
		goto err_close;
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		goto err_close;
	region->map = map;
	region->fd = fd;
	return 0;
err_close:;
	int rc = -errno;
	close(fd);
	return rc;
}

static int map_private(struct base_region *region, size_t bytes, bool huge)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS
			| (huge ? MAP_HUGETLB | MAP_HUGE_2MB : MAP_NORESERVE);
	/* A transparent huge page has to start at a multiple of its size: map more and trim. */
	size_t slack = huge ? 0 : HUGE_BYTES;
	char *map = mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	if (slack) {
		size_t before = (HUGE_BYTES - (uintptr_t)map % HUGE_BYTES) % HUGE_BYTES;
		if (before)
			munmap(map, before);
		if (slack - before)
			munmap(map + before + bytes, slack - before);
		map += before;
	}
	region->map = map;
	return 0;
}

static int map_pages(struct base_region *region, const struct base_region_options *options,
		size_t bytes, bool huge)
{
	int rc = options->shared ? map_shared(region, options->name, bytes, huge)
				 : map_private(region, bytes, huge);

	if (rc < 0)
		return rc;
	region->map_bytes = bytes;
	if (huge) {
		region->pages = BASE_REGION_PAGES_HUGE;
	} else {
		/* Shared memory seldom may have transparent pages (shmem_enabled): claim nothing.
		 */
		bool advised = madvise(region->map, bytes, MADV_HUGEPAGE) == 0;
		region->pages = advised && !options->shared ? BASE_REGION_PAGES_TRANSPARENT
							    : BASE_REGION_PAGES_SMALL;
	}
	return 0;
}

int base_region_init(struct base_region *region, const struct base_region_options *options)
{
	size_t header = options->shared ? sizeof(struct base_region_header) : 0;
	size_t bytes = round_up(options->payload_bytes + header, HUGE_BYTES);
	int rc = -ENOMEM;

	*region = (struct base_region){.fd = -1, .numa_node = -1};
	if (options->payload_bytes == 0 || bytes < options->payload_bytes)
		return -EINVAL;
	if (options->huge_pages)
		rc = map_pages(region, options, bytes, true);
	if (rc < 0)
		rc = map_pages(region, options, bytes, false);
	if (rc < 0)
		return rc;
	if (options->numa_node >= 0 && numa_available() >= 0
			&& options->numa_node <= numa_max_node()) {
		/* preferred, not bound: a node without free memory must not kill us at a fault */
		numa_set_bind_policy(0);
		numa_tonode_memory(region->map, bytes, options->numa_node);
		region->numa_node = options->numa_node;
	}
	region->payload = (char *)region->map + header;
	region->payload_bytes = bytes - header;
	if (options->shared) {
		struct base_region_header *head = region->map;
		*head = (struct base_region_header){
				.magic = BASE_REGION_MAGIC,
				.version = BASE_REGION_VERSION,
				.kind = options->kind,
				.kind_version = options->kind_version,
				.payload_offset = (uint32_t)header,
				.payload_bytes = region->payload_bytes,
				.owner_pid = (uint64_t)getpid(),
				.created_ns = base_clock_wall_ns(),
		};
	}
	return 0;
}

void base_region_fini(struct base_region *region)
{
	if (region->map)
		munmap(region->map, region->map_bytes);
	if (region->fd >= 0)
		close(region->fd);
	*region = (struct base_region){.fd = -1, .numa_node = -1};
}

const char *base_region_pages_name(enum base_region_pages pages)
{
	switch (pages) {
	case BASE_REGION_PAGES_HUGE:
		return "2 MiB pages";
	case BASE_REGION_PAGES_TRANSPARENT:
		return "transparent huge pages";
	default:
		return "4 KiB pages";
	}
}
