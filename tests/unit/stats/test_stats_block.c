/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats_block.h"
#include "unit_main.h"

#include <pthread.h>
#include <string.h>

static struct stats_block block;

START_TEST(starts_at_zero)
{
	uint64_t copy[STATS_BLOCK_MAX];

	stats_block_init(&block, 7);
	memset(copy, 0xff, sizeof(copy));
	stats_block_read(&block, copy);
	for (int i = 0; i < 7; i++)
		ck_assert_uint_eq(copy[i], 0);
	ck_assert_uint_eq(copy[7], UINT64_MAX); /* not touched */
}
END_TEST

START_TEST(reads_what_was_published)
{
	uint64_t values[STATS_BLOCK_MAX], copy[STATS_BLOCK_MAX];

	stats_block_init(&block, STATS_BLOCK_MAX);
	for (int i = 0; i < STATS_BLOCK_MAX; i++)
		values[i] = UINT64_MAX - (uint64_t)i;
	stats_block_publish(&block, values);
	stats_block_read(&block, copy);
	ck_assert_mem_eq(copy, values, sizeof(values));
}
END_TEST

START_TEST(fields_of_the_writer_and_values_are_on_lines_of_their_own)
{
	ck_assert_uint_eq(sizeof(struct stats_block) % BASE_CACHE_LINE_BYTES, 0);
	ck_assert_uint_eq(offsetof(struct stats_block, values) % BASE_CACHE_LINE_BYTES, 0);
}
END_TEST

/* The sequence number is 32 bits and wraps within minutes of publishing at full speed. */
START_TEST(survives_the_wrap_of_the_sequence)
{
	uint64_t copy[2];

	stats_block_init(&block, 2);
	atomic_store(&block.sequence, UINT32_MAX - 3);
	for (uint64_t i = 1; i < 6; i++) {
		stats_block_publish(&block, (uint64_t[]){i, 2 * i});
		stats_block_read(&block, copy);
		ck_assert_uint_eq(copy[0], i);
		ck_assert_uint_eq(copy[1], 2 * i);
	}
}
END_TEST

#define TURNS 20000
#define COUNT 64

static void *publish_turns(void *arg)
{
	uint64_t values[COUNT];

	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		for (uint64_t i = 0; i < COUNT; i++)
			values[i] = turn * (i + 1);
		stats_block_publish(&block, values);
	}
	return arg;
}

/* Every copy must be of one turn, and turns never go back. */
static void *read_turns(void *arg)
{
	uint64_t copy[COUNT], last = 0, torn = 0;

	do {
		stats_block_read(&block, copy);
		for (uint64_t i = 0; i < COUNT; i++)
			torn += copy[i] != copy[0] * (i + 1);
		torn += copy[0] < last;
		last = copy[0];
	} while (last < TURNS);
	*(uint64_t *)arg = torn;
	return NULL;
}

START_TEST(copies_are_never_torn)
{
	pthread_t writer, readers[2];
	uint64_t torn[2] = {1, 1};

	stats_block_init(&block, COUNT);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&readers[i], NULL, read_turns, &torn[i]), 0);
	ck_assert_int_eq(pthread_create(&writer, NULL, publish_turns, NULL), 0);
	pthread_join(writer, NULL);
	for (int i = 0; i < 2; i++) {
		pthread_join(readers[i], NULL);
		ck_assert_uint_eq(torn[i], 0);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("stats_block");
	TCase *tcase = tcase_create("block");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, starts_at_zero);
	tcase_add_test(tcase, reads_what_was_published);
	tcase_add_test(tcase, fields_of_the_writer_and_values_are_on_lines_of_their_own);
	tcase_add_test(tcase, survives_the_wrap_of_the_sequence);
	tcase_add_test(tcase, copies_are_never_torn);
	suite_add_tcase(suite, tcase);
	return suite;
}
