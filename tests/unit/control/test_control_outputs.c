/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_outputs.h"
#include "fake_output.h"
#include "unit_main.h"

#define SEC BASE_NS_PER_SEC
#define MS BASE_NS_PER_MS

static struct config config;
static struct export_context context;
static struct control_outputs outputs;
static uint64_t values[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];
static struct flow_record records[10];

static void set_up(void)
{
	fake_reset();
	memset(&config, 0, sizeof(config));
	memset(values, 0, sizeof(values));
	memset(records, 0, sizeof(records));
	context = (struct export_context){0};
	config.output_count = 3;
	for (int i = 0; i < 3; i++)
		snprintf(config.outputs[i].name, sizeof(config.outputs[i].name), "out%d", i);
}

static void open_all(void)
{
	char error[200] = "";

	ck_assert_int_eq(
			control_outputs_open(&outputs, &config, &context, error, sizeof(error)), 0);
}

START_TEST(opens_all_in_order)
{
	open_all();
	ck_assert_uint_eq(outputs.count, 3);
	ck_assert_str_eq(outputs.names[0], "out0");
	ck_assert_str_eq(outputs.names[2], "out2");
	control_outputs_close(&outputs, INT64_MAX, values);
}
END_TEST

START_TEST(opens_none_when_one_fails)
{
	char error[200] = "";

	fakes[2].open_error = -EACCES;
	ck_assert_int_eq(control_outputs_open(&outputs, &config, &context, error, sizeof(error)),
			-EACCES);
	ck_assert_str_eq(error, "output out2: no");
	ck_assert(fakes[0].closed && fakes[1].closed);
}
END_TEST

START_TEST(all_get_the_same_records)
{
	open_all();
	for (uint64_t i = 0; i < 10; i++)
		records[i].flow_id = i;
	control_outputs_write(&outputs, records, 4);
	control_outputs_write(&outputs, records + 4, 6);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(fakes[i].id_count, 10);
		for (uint64_t j = 0; j < 10; j++)
			ck_assert_uint_eq(fakes[i].ids[j], j);
	}
	control_outputs_close(&outputs, INT64_MAX, values);
}
END_TEST

static uint64_t passed(int output, enum stats_output_index row)
{
	return fakes[output].counters[row];
}

START_TEST(filters_and_groups_choose)
{
	snprintf(config.outputs[0].filter, sizeof(config.outputs[0].filter), "udp");
	snprintf(config.outputs[1].failover, sizeof(config.outputs[1].failover), "x");
	snprintf(config.outputs[2].failover, sizeof(config.outputs[2].failover), "x");
	for (uint64_t i = 0; i < 10; i++) {
		records[i].flow_id = i;
		records[i].protocol = i % 5 < 2 ? 17 : 6;
	}
	open_all();
	control_outputs_write(&outputs, records, 10);
	ck_assert_uint_eq(fakes[0].id_count, 4);
	for (uint64_t j = 0; j < 4; j++)
		ck_assert_uint_eq(fakes[0].ids[j], j < 2 ? j : j + 3);
	ck_assert_uint_eq(fakes[0].largest_run, 2);
	ck_assert_uint_eq(fakes[1].id_count, 10);
	ck_assert_uint_eq(fakes[2].id_count, 0);
	fakes[1].broken = true;
	control_outputs_write(&outputs, records, 5);
	ck_assert_uint_eq(fakes[1].id_count, 10);
	ck_assert_uint_eq(fakes[2].id_count, 5);
	ck_assert_uint_eq(passed(0, STATS_output_filtered), 9);
	ck_assert_uint_eq(passed(0, STATS_output_elsewhere), 0);
	ck_assert_uint_eq(passed(1, STATS_output_elsewhere), 5);
	ck_assert_uint_eq(passed(2, STATS_output_elsewhere), 10);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(passed(i, STATS_output_offered) + passed(i, STATS_output_filtered)
						+ passed(i, STATS_output_elsewhere),
				15);
	control_outputs_close(&outputs, INT64_MAX, values);
}
END_TEST

START_TEST(ticks_and_reopens_all)
{
	open_all();
	fakes[0].reopen_error = -ENOENT;
	control_outputs_tick(&outputs, 1);
	control_outputs_push(&outputs);
	control_outputs_reopen(&outputs);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(fakes[i].ticks, 1);
		ck_assert_uint_eq(fakes[i].pushes, 1);
		ck_assert_uint_eq(fakes[i].reopens, 1);
	}
	control_outputs_close(&outputs, INT64_MAX, values);
}
END_TEST

START_TEST(errors_are_kept_when_they_are_over)
{
	static struct control_output_error errors[CONFIG_MAX_OUTPUTS];

	open_all();
	fakes[1].error = "no way";
	control_outputs_tick(&outputs, 5 * SEC);
	fakes[1].error = NULL;
	control_outputs_read_errors(&outputs, errors);
	ck_assert_str_eq(errors[0].text, "");
	ck_assert(!errors[0].now && errors[1].now);
	control_outputs_tick(&outputs, 6 * SEC);
	control_outputs_read_errors(&outputs, errors);
	ck_assert(!errors[1].now);
	ck_assert_str_eq(errors[1].text, "no way");
	ck_assert_int_eq(errors[1].at_ns, 5 * SEC);
	control_outputs_close(&outputs, INT64_MAX, values);
}
END_TEST

START_TEST(recent_messages_are_those_of_the_output)
{
	struct export_recent_message *list;

	open_all();
	control_outputs_tick(&outputs, SEC);
	ck_assert_int_eq(control_outputs_recent(&outputs, 1, &list), 1);
	free(list);
	control_outputs_close(&outputs, INT64_MAX, values);
	ck_assert_int_eq(control_outputs_recent(&outputs, 1, &list), 0);
	ck_assert_ptr_null(list);
}
END_TEST

START_TEST(final_counters_outlive_the_outputs)
{
	open_all();
	fakes[1].blocked = true;
	control_outputs_write(&outputs, records, 10);
	control_outputs_close(&outputs, base_clock_mono_ns() + 20 * MS, values);
	ck_assert(fakes[0].closed && fakes[1].closed && fakes[2].closed);
	ck_assert_uint_eq(values[0][STATS_output_sent], 10);
	ck_assert_uint_eq(values[1][STATS_output_sent], 0);
	ck_assert_uint_eq(values[1][STATS_output_lost_closed], 10);
	ck_assert_uint_eq(values[2][STATS_output_sent], 10);
	/* closed ones keep the values that they had */
	control_outputs_read(&outputs, values);
	ck_assert_uint_eq(values[0][STATS_output_sent], 10);
}
END_TEST

START_TEST(those_that_wait_for_nobody_close_first)
{
	open_all();
	fakes[0].blocked = true;
	control_outputs_write(&outputs, records, 10);
	control_outputs_close(&outputs, base_clock_mono_ns() + 20 * MS, values);
	ck_assert_uint_eq(fakes[1].finish_rank, 1);
	ck_assert_uint_eq(fakes[2].finish_rank, 2);
	ck_assert_uint_eq(fakes[0].finish_rank, 3);
}
END_TEST

START_TEST(those_that_wait_share_the_time)
{
	int64_t start_ns = base_clock_mono_ns();

	open_all();
	fakes[0].blocked = fakes[1].blocked = true;
	control_outputs_write(&outputs, records, 10);
	control_outputs_close(&outputs, start_ns + 400 * MS, values);
	ck_assert_int_ge(fakes[0].finish_share_ns, 100 * MS);
	ck_assert_int_le(fakes[0].finish_share_ns, 200 * MS);
	ck_assert_int_gt(fakes[1].finish_share_ns, 0);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, 2 * SEC);
}
END_TEST

/* A collector that froze while nothing was to be sent takes its time for the end all the same. */
START_TEST(those_without_records_leave_time_for_the_others)
{
	open_all();
	fakes[0].lingers = fakes[2].lingers = true;
	control_outputs_write(&outputs, records, 10);
	fakes[1].blocked = true;
	control_outputs_write(&outputs, records, 10);
	control_outputs_close(&outputs, base_clock_mono_ns() + 600 * MS, values);
	ck_assert_int_le(fakes[0].finish_share_ns, 200 * MS);
	ck_assert_int_gt(fakes[1].finish_share_ns, 50 * MS);
	ck_assert_uint_eq(fakes[1].finish_rank, 3);
}
END_TEST

START_TEST(a_deadline_that_passed_leaves_no_time)
{
	open_all();
	fakes[0].blocked = true;
	control_outputs_write(&outputs, records, 1);
	control_outputs_close(&outputs, base_clock_mono_ns() - SEC, values);
	ck_assert_int_eq(fakes[0].finish_share_ns, 0);
	ck_assert_uint_eq(values[0][STATS_output_lost_closed], 1);
}
END_TEST

START_TEST(no_limit_can_be_added_to_a_time)
{
	open_all();
	control_outputs_close(&outputs, INT64_MAX, values);
	ck_assert_int_gt(fakes[0].finish_share_ns, 365 * 24 * 3600 * SEC);
	ck_assert_int_lt(fakes[0].finish_share_ns, INT64_MAX - base_clock_mono_ns());
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_outputs");
	TCase *tcase = tcase_create("outputs");

	tcase_add_checked_fixture(tcase, set_up, fake_reset);
	tcase_add_test(tcase, opens_all_in_order);
	tcase_add_test(tcase, opens_none_when_one_fails);
	tcase_add_test(tcase, all_get_the_same_records);
	tcase_add_test(tcase, filters_and_groups_choose);
	tcase_add_test(tcase, ticks_and_reopens_all);
	tcase_add_test(tcase, errors_are_kept_when_they_are_over);
	tcase_add_test(tcase, recent_messages_are_those_of_the_output);
	tcase_add_test(tcase, final_counters_outlive_the_outputs);
	tcase_add_test(tcase, those_that_wait_for_nobody_close_first);
	tcase_add_test(tcase, those_that_wait_share_the_time);
	tcase_add_test(tcase, those_without_records_leave_time_for_the_others);
	tcase_add_test(tcase, a_deadline_that_passed_leaves_no_time);
	tcase_add_test(tcase, no_limit_can_be_added_to_a_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
