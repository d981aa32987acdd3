/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_ledger.h"
#include "unit_main.h"

#include <pthread.h>
#include <string.h>

static struct control_ledger ledger;

START_TEST(starts_at_zero)
{
	struct control_ledger_values values;

	memset(&values, 0xff, sizeof(values));
	control_ledger_init(&ledger, 2, 1);
	control_ledger_read(&ledger, &values);
	ck_assert_uint_eq(values.control[STATS_records_taken], 0);
	ck_assert_uint_eq(values.rings[1], 0);
	ck_assert_uint_eq(values.outputs[0][STATS_output_offered], 0);
}
END_TEST

START_TEST(reads_what_was_published)
{
	static struct control_ledger_values in, out;

	control_ledger_init(&ledger, CONFIG_MAX_WORKERS, CONFIG_MAX_OUTPUTS);
	for (int i = 0; i < CONFIG_MAX_WORKERS; i++)
		in.rings[i] = 1000 + (uint64_t)i;
	for (int i = 0; i < STATS_CONTROL_COUNT; i++)
		in.control[i] = 2000 + (uint64_t)i;
	for (int i = 0; i < CONFIG_MAX_OUTPUTS; i++) {
		for (int j = 0; j < STATS_OUTPUT_COUNT; j++)
			in.outputs[i][j] = 3000 + (uint64_t)(i * 100 + j);
	}
	control_ledger_publish(&ledger, &in);
	control_ledger_read(&ledger, &out);
	ck_assert_mem_eq(out.control, in.control, sizeof(in.control));
	ck_assert_mem_eq(out.outputs, in.outputs, sizeof(in.outputs));
	ck_assert_mem_eq(out.rings, in.rings, CONFIG_MAX_WORKERS * sizeof(in.rings[0]));
}
END_TEST

#define TURNS 20000
#define OUTPUTS 4

static void *publish_turns(void *arg)
{
	struct control_ledger_values values = {0};

	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		values.control[STATS_records_taken] = turn;
		values.rings[0] = turn;
		for (int i = 0; i < OUTPUTS; i++)
			values.outputs[i][STATS_output_offered] = turn;
		control_ledger_publish(&ledger, &values);
	}
	return arg;
}

/* "Taken" of one block and "offered" of the others are of one turn in every reading. */
static void *read_turns(void *arg)
{
	struct control_ledger_values values;
	uint64_t torn = 0, last = 0;

	do {
		control_ledger_read(&ledger, &values);
		uint64_t taken = values.control[STATS_records_taken];
		torn += values.rings[0] != taken || taken < last;
		for (int i = 0; i < OUTPUTS; i++)
			torn += values.outputs[i][STATS_output_offered] != taken;
		last = taken;
	} while (last < TURNS);
	*(uint64_t *)arg = torn;
	return NULL;
}

START_TEST(blocks_are_never_of_two_turns)
{
	pthread_t writer, readers[2];
	uint64_t torn[2] = {1, 1};

	control_ledger_init(&ledger, 1, OUTPUTS);
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
	Suite *suite = suite_create("control_ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, starts_at_zero);
	tcase_add_test(tcase, reads_what_was_published);
	tcase_add_test(tcase, blocks_are_never_of_two_turns);
	suite_add_tcase(suite, tcase);
	return suite;
}
