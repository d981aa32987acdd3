/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_memory.h"

#include "flow_key.h"
#include "flow_table.h"
#include "weir_bench_sizes.h"
#include "weir_meminfo.h"

#define HUGE_KIB 2048

void weir_bench_memory_set(struct weir_bench_memory *memory, const struct weir_bench_shape *shape)
{
	struct weir_bench_sizes sizes;

	weir_bench_sizes_set(&sizes, shape);
	const uint64_t table_bytes = flow_table_memory_bytes(sizes.capacity);
	*memory = (struct weir_bench_memory){
			.regions_bytes = {weir_bench_hash_bytes(
							  sizes.entries, sizeof(struct flow_key)),
					(uint64_t)sizes.lines * WEIR_BENCH_LINE_BYTES,
					(uint64_t)sizes.places * WEIR_BENCH_PLACE_BYTES,
					table_bytes, table_bytes},
			.other_bytes = (uint64_t)sizes.capacity * sizeof(struct flow_key),
	};
}

bool weir_bench_memory_fits(const struct weir_bench_memory *memory, const char *meminfo,
		uint64_t *takes_bytes, uint64_t *room_bytes)
{
	uint64_t available_bytes = weir_meminfo_read(meminfo, "MemAvailable") << 10;
	uint64_t reserved_bytes = 0;

	/* regions take no others */
	if (weir_meminfo_read(meminfo, "Hugepagesize") == HUGE_KIB)
		reserved_bytes = weir_meminfo_read(meminfo, "HugePages_Free") * HUGE_KIB << 10;
	*takes_bytes = memory->other_bytes;
	for (int i = 0; i < WEIR_BENCH_REGIONS; i++) {
		if (memory->regions_bytes[i] <= reserved_bytes)
			reserved_bytes -= memory->regions_bytes[i];
		else
			*takes_bytes += memory->regions_bytes[i];
	}
	*room_bytes = available_bytes / 4 * 3;
	return available_bytes == 0 || *takes_bytes <= *room_bytes;
}
