/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_drain.h"
#include "fake_output.h"
#include "fake_worker.h"
#include "unit_main.h"

#define RINGS 3
#define OUTPUTS 2

static struct config config;
static struct export_context context;
static struct control_outputs outputs;
static struct control_ledger ledger;
static struct control_drain drain;
static struct fake_worker workers[RINGS];

static void set_up(void)
{
	char error[200];

	fake_reset();
	memset(&config, 0, sizeof(config));
	memset(&drain, 0, sizeof(drain));
	config.output_count = OUTPUTS;
	ck_assert_int_eq(
			control_outputs_open(&outputs, &config, &context, error, sizeof(error)), 0);
	control_ledger_init(&ledger, RINGS, OUTPUTS);
	drain.outputs = &outputs;
	drain.ledger = &ledger;
	drain.ring_count = RINGS;
	for (uint32_t i = 0; i < RINGS; i++) {
		fake_worker_init(&workers[i], i, 1024);
		drain.rings[i] = workers[i].ring;
	}
}

static void tear_down(void)
{
	uint64_t values[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];

	control_outputs_close(&outputs, INT64_MAX, values);
	for (uint32_t i = 0; i < RINGS; i++)
		fake_worker_fini(&workers[i]);
	fake_reset();
}

START_TEST(an_empty_ring_gives_nothing)
{
	ck_assert_uint_eq(control_drain_ring(&drain, 0, 100), 0);
	ck_assert_uint_eq(fakes[0].id_count, 0);
}
END_TEST

START_TEST(takes_no_more_than_the_budget)
{
	ck_assert_uint_eq(fake_worker_make(&workers[1], 1000), 1000);
	ck_assert_uint_eq(control_drain_ring(&drain, 1, 600), 600);
	ck_assert_uint_eq(fakes[0].id_count, 600);
	ck_assert_uint_eq(ring_consumed(workers[1].ring), 600);
	ck_assert_uint_eq(control_drain_ring(&drain, 1, 600), 400);
	ck_assert_uint_eq(control_drain_ring(&drain, 1, 600), 0);
}
END_TEST

START_TEST(runs_are_small_enough_for_the_cache)
{
	fake_worker_make(&workers[0], 1024);
	ck_assert_uint_eq(control_drain_ring(&drain, 0, 4096), 1024);
	ck_assert_uint_le(fakes[0].largest_run, CONTROL_RUN_RECORDS);
}
END_TEST

/* While an output has a run, its slots still belong to the consumer. */
static void check_not_released(struct export_output *output, uint32_t count)
{
	ck_assert_uint_le(ring_consumed(workers[0].ring), output->id_count - count);
}

START_TEST(releases_after_the_last_output)
{
	fakes[OUTPUTS - 1].on_write = check_not_released;
	fake_worker_make(&workers[0], 1024);
	ck_assert_uint_eq(control_drain_ring(&drain, 0, 4096), 1024);
	ck_assert_uint_eq(ring_consumed(workers[0].ring), 1024);
}
END_TEST

START_TEST(counts_what_the_records_hold)
{
	struct control_ledger_values values;

	fake_worker_make(&workers[0], 700);
	fake_worker_make(&workers[2], 55);
	control_drain_ring(&drain, 0, 4096);
	control_drain_ring(&drain, 2, 4096);
	control_ledger_read(&ledger, &values);
	ck_assert_uint_eq(values.control[STATS_records_taken], 755);
	ck_assert_uint_eq(values.control[STATS_records_taken_packets],
			workers[0].values[STATS_records_packets]
					+ workers[2].values[STATS_records_packets]);
	ck_assert_uint_eq(values.control[STATS_records_taken_octets],
			workers[0].values[STATS_records_octets]
					+ workers[2].values[STATS_records_octets]);
	ck_assert_uint_eq(values.rings[0], 700);
	ck_assert_uint_eq(values.rings[1], 0);
	ck_assert_uint_eq(values.rings[2], 55);
	for (int i = 0; i < OUTPUTS; i++)
		ck_assert_uint_eq(values.outputs[i][STATS_output_offered], 755);
}
END_TEST

START_TEST(feeds_the_tops)
{
	struct control_top top;

	ck_assert_int_eq(control_tops_create(&drain.tops, 1024, 1), 0);
	fake_worker_make(&workers[1], 100);
	control_drain_ring(&drain, 1, 4096);
	ck_assert_uint_eq(control_tops_list(drain.tops, &top, 1), 1);
	ck_assert_uint_eq(top.key.destination.ipv4_be, 1);
	control_tops_destroy(drain.tops);
}
END_TEST

START_TEST(works_without_outputs)
{
	uint64_t values[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];

	control_outputs_close(&outputs, INT64_MAX, values);
	outputs.count = 0;
	fake_worker_make(&workers[0], 100);
	ck_assert_uint_eq(control_drain_ring(&drain, 0, 4096), 100);
}
END_TEST

/* Every output got every record once, and those of one ring in the order they were made. */
static void check_delivery(const struct export_output *output)
{
	uint64_t next[RINGS] = {0};

	for (size_t i = 0; i < output->id_count; i++) {
		uint64_t ring = output->ids[i] >> 48;
		ck_assert_uint_lt(ring, RINGS);
		ck_assert_uint_eq(output->ids[i] & FAKE_SEQUENCE_MASK, next[ring]);
		next[ring]++;
	}
	for (uint32_t i = 0; i < RINGS; i++)
		ck_assert_uint_eq(next[i], workers[i].sequence);
}

START_TEST(delivers_all_in_order_whatever_the_turns)
{
	unsigned int seed = (unsigned int)time(NULL);

	printf("# seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		uint32_t ring = (uint32_t)random() % RINGS;
		if (random() % 2)
			fake_worker_make(&workers[ring], (uint32_t)random() % 700);
		else
			control_drain_ring(&drain, ring, (uint32_t)random() % 1500);
	}
	for (uint32_t i = 0; i < RINGS; i++)
		control_drain_ring(&drain, i, 4096);
	for (int i = 0; i < OUTPUTS; i++)
		check_delivery(&fakes[i]);
	ck_assert_uint_gt(fakes[0].id_count, 100000);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_drain");
	TCase *tcase = tcase_create("drain");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_empty_ring_gives_nothing);
	tcase_add_test(tcase, takes_no_more_than_the_budget);
	tcase_add_test(tcase, runs_are_small_enough_for_the_cache);
	tcase_add_test(tcase, releases_after_the_last_output);
	tcase_add_test(tcase, counts_what_the_records_hold);
	tcase_add_test(tcase, feeds_the_tops);
	tcase_add_test(tcase, works_without_outputs);
	tcase_add_test(tcase, delivers_all_in_order_whatever_the_turns);
	suite_add_tcase(suite, tcase);
	return suite;
}
