/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "meminfo_file.h"
#include "weir_bench_memory.h"

#define M 1000000u
#define MIB (UINT64_C(1) << 20)

static uint64_t sum(const struct weir_bench_memory *memory)
{
	uint64_t bytes = memory->other_bytes;

	for (int i = 0; i < WEIR_BENCH_REGIONS; i++)
		bytes += memory->regions_bytes[i];
	return bytes;
}

/* By flow: hash and its line 149 octets, LIMIT 166, two tables 338, the key once more 40. */
START_TEST(takes_seven_hundred_octets_a_flow)
{
	static const uint32_t counts[] = {64000, M, 4 * M, 16 * M, 64 * M, 256 * M};
	const struct weir_bench_shape shape = {.flows = counts[_i]};
	struct weir_bench_memory memory;

	weir_bench_memory_set(&memory, &shape);
	ck_assert_uint_ge(sum(&memory) / shape.flows, 690);
	ck_assert_uint_le(sum(&memory) / shape.flows, 720);
}
END_TEST

START_TEST(new_flows_take_memory_too)
{
	const struct weir_bench_shape old = {.flows = 2 * M}, new = {.flows = M, .new_percent = 5};
	struct weir_bench_memory memories[2];

	weir_bench_memory_set(&memories[0], &old);
	weir_bench_memory_set(&memories[1], &new);
	ck_assert_uint_eq(sum(&memories[0]), sum(&memories[1]));
}
END_TEST

static const struct {
	const char *meminfo;
	uint64_t takes, room; /* MiB */
	bool fits;
} judged[] = {
		{"MemFree: 1 kB\nMemAvailable: 2097152 kB\n", 1500, 1536, true},
		{"MemAvailable: 2048000 kB\n", 1500, 1500, true},
		{"MemAvailable: 2046976 kB\n", 1500, 1499, false},
		{"MemAvailable: 1048576 kB\n", 1500, 768, false},
		/* reserved: the first two regions; the third finds too little; the fourth fits
		   again */
		{"MemAvailable: 1048576 kB\nHugePages_Free: 350\nHugepagesize: 2048 kB\n", 800, 768,
				false},
		{"MemAvailable: 1048576 kB\nHugePages_Free: 650\nHugepagesize: 2048 kB\n", 200, 768,
				true},
		/* of a size that regions do not take */
		{"MemAvailable: 1048576 kB\nHugePages_Free: 99\nHugepagesize: 1048576 kB\n", 1500,
				768, false},
		/* an old kernel does not say */
		{"MemFree: 1 kB\n", 1500, 0, true},
};

START_TEST(a_quarter_stays_for_others)
{
	const struct weir_bench_memory memory = {
			.regions_bytes = {300 * MIB, 200 * MIB, 600 * MIB, 200 * MIB},
			.other_bytes = 200 * MIB};
	uint64_t takes_bytes, room_bytes;
	char path[32];
	FILE *file = meminfo_file(path, judged[_i].meminfo);
	bool fits = weir_bench_memory_fits(&memory, path, &takes_bytes, &room_bytes);

	fclose(file);
	ck_assert_int_eq(fits, judged[_i].fits);
	ck_assert_uint_eq(takes_bytes / MIB, judged[_i].takes);
	ck_assert_uint_eq(room_bytes / MIB, judged[_i].room);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_bench_memory");
	TCase *tcase = tcase_create("memory");

	tcase_add_loop_test(tcase, takes_seven_hundred_octets_a_flow, 0, 6);
	tcase_add_test(tcase, new_flows_take_memory_too);
	tcase_add_loop_test(tcase, a_quarter_stays_for_others, 0, BASE_COUNT_OF(judged));
	suite_add_tcase(suite, tcase);
	return suite;
}
