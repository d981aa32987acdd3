/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "weir_bench_sizes.h"

#define M 1000000u

static const struct {
	struct weir_bench_shape shape;
	struct weir_bench_sizes sizes;
} sized[] = {
		{{.flows = 64000}, {64000, 80000, 80001, 83201}},
		/* new flows stay for a second: 20 M packets, of which 5 % begin one */
		{{.flows = M, .new_percent = 5}, {2 * M, 2500000, 2500001, 2600001}},
		/* those of a flood have to go at once */
		{{.flows = 256000, .new_percent = 100}, {256000, 320000, 320001, 332801}},
		{{.flows = 16 * M}, {16 * M, 20 * M, 20 * M + 1, 20800001}},
		{{.flows = 400 * M}, {400 * M, 500 * M, 500 * M + 1, 520000001}},
};

START_TEST(everything_has_room_for_the_flows)
{
	struct weir_bench_sizes sizes;

	weir_bench_sizes_set(&sizes, &sized[_i].shape);
	ck_assert_uint_eq(sizes.capacity, sized[_i].sizes.capacity);
	ck_assert_uint_eq(sizes.entries, sized[_i].sizes.entries);
	ck_assert_uint_eq(sizes.lines, sized[_i].sizes.lines);
	ck_assert_uint_eq(sizes.places, sized[_i].sizes.places);
}
END_TEST

/* As measured with DPDK 22.11, less what each hash has besides. */
START_TEST(a_hash_grows_by_keys_and_by_powers_of_two)
{
	static const struct {
		uint32_t entries;
		uint64_t bytes;
	} hashes[] = {{80000, 5412912}, {131071, 7864320}, {131072, 8388656}, {131073, 9437280},
			{1250000, 85165872}, {20000000, 1362653232}};

	for (size_t i = 0; i < BASE_COUNT_OF(hashes); i++) {
		uint64_t bytes = weir_bench_hash_bytes(hashes[i].entries, 40);
		ck_assert_uint_ge(bytes, hashes[i].bytes + 2048);
		ck_assert_uint_le(bytes, hashes[i].bytes + (128 << 10));
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_bench_sizes");
	TCase *tcase = tcase_create("sizes");

	tcase_add_loop_test(tcase, everything_has_room_for_the_flows, 0, BASE_COUNT_OF(sized));
	tcase_add_test(tcase, a_hash_grows_by_keys_and_by_powers_of_two);
	suite_add_tcase(suite, tcase);
	return suite;
}
