/* SPDX-License-Identifier: BSD-3-Clause */
/* rte_hash gets along with what was reckoned for it, and nothing is left of it. */
#include "../unit_main.h"
#include "flow_key.h"
#include "port_eal.h"
#include "port_error.h"
#include "weir_bench_hash.h"
#include "weir_bench_sizes.h"

#include <rte_hash.h>
#include <rte_malloc.h>

#include <errno.h>

/* Start-up loads every driver of DPDK: tenths of a second, more under a sanitizer. */
#define EAL_TIMEOUT_SEC 60
/* What the heap may keep for itself of a region, which is rounded up to whole huge pages. */
#define UNUSED_BYTES ((2 << 20) + (128 << 10))

/* Its parts are powers of two: around one, and between two. */
static const uint32_t entry_counts[] = {1250, 80000, 131071, 131072, 131073, 1250000};

static void start_eal(void)
{
	static struct config config;
	char error[PORT_ERROR_BYTES] = "";
	int rc = port_eal_init(&config, 1, error, sizeof(error));

	ck_assert_msg(rc == 0, "%d: %s", rc, error);
}

static void fill(struct rte_hash *hash, uint32_t count)
{
	struct flow_key key = {0};

	for (uint32_t i = 0; i < count; i++) {
		key.identity = i;
		ck_assert_int_ge(rte_hash_add_key(hash, &key), 0);
	}
}

START_TEST(takes_what_was_reckoned)
{
	const uint32_t entries = entry_counts[_i];
	struct rte_malloc_socket_stats heap;
	struct weir_bench_hash hash;

	start_eal();
	ck_assert_int_eq(weir_bench_hash_create(&hash, entries, sizeof(struct flow_key)), 0);
	ck_assert_int_eq(rte_hash_max_key_id(hash.hash), (int)entries);
	ck_assert_int_eq(rte_malloc_get_socket_stats(
					 rte_malloc_heap_get_socket("weir-bench"), &heap),
			0);
	ck_assert_uint_ge(heap.heap_totalsz_bytes,
			weir_bench_hash_bytes(entries, sizeof(struct flow_key)));
	ck_assert_uint_le(heap.heap_freesz_bytes, UNUSED_BYTES);
	fill(hash.hash, entries / 5 * 4);
	weir_bench_hash_destroy(&hash);
	port_eal_fini();
}
END_TEST

START_TEST(leaves_nothing_for_the_next_one)
{
	struct weir_bench_hash hash;

	start_eal();
	for (int turn = 0; turn < 3; turn++) {
		ck_assert_int_eq(weir_bench_hash_create(&hash, 1000 << 4 * turn, 40), 0);
		weir_bench_hash_destroy(&hash);
		ck_assert_int_lt(rte_malloc_heap_get_socket("weir-bench"), 0);
	}
	/* nor does one that cannot be made */
	ck_assert_int_eq(weir_bench_hash_create(&hash, 1000, 0), -EINVAL);
	weir_bench_hash_destroy(&hash);
	ck_assert_int_eq(weir_bench_hash_create(&hash, 1000, 40), 0);
	weir_bench_hash_destroy(&hash);
	port_eal_fini();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_bench_hash");
	TCase *tcase = tcase_create("hash");

	tcase_set_timeout(tcase, EAL_TIMEOUT_SEC);
	tcase_add_loop_test(tcase, takes_what_was_reckoned, 0, BASE_COUNT_OF(entry_counts));
	tcase_add_test(tcase, leaves_nothing_for_the_next_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
