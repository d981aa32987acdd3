/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "stats_table.h"
#include "unit_main.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const struct stats_row *rows;
	size_t count;
} tables[] = {
		{stats_worker_rows, STATS_WORKER_COUNT},
		{stats_control_rows, STATS_CONTROL_COUNT},
		{stats_output_rows, STATS_OUTPUT_COUNT},
		{stats_port_rows, STATS_PORT_COUNT},
};

START_TEST(rows_are_complete)
{
	for (size_t i = 0; i < tables[_i].count; i++) {
		const struct stats_row *row = &tables[_i].rows[i];
		ck_assert_ptr_nonnull(row->name);
		ck_assert_uint_gt(strlen(row->unit), 0);
		ck_assert_uint_gt(strlen(row->help), 8);
		/* A name of a metric: lower case, digits and underscores only. */
		for (const char *p = row->name; *p; p++)
			ck_assert_msg(islower(*p) || isdigit(*p) || *p == '_', "%s", row->name);
		ck_assert_msg(!strchr(row->help, '|'), "%s breaks the reference page", row->name);
	}
}
END_TEST

START_TEST(names_are_unique_over_all_tables)
{
	for (size_t i = 0; i < tables[_i].count; i++) {
		int seen = 0;
		for (size_t t = 0; t < BASE_COUNT_OF(tables); t++) {
			for (size_t j = 0; j < tables[t].count; j++)
				seen += !strcmp(tables[t].rows[j].name, tables[_i].rows[i].name);
		}
		ck_assert_msg(seen == 1, "%s occurs %d times", tables[_i].rows[i].name, seen);
	}
}
END_TEST

/* Decode counts by position. */
START_TEST(drops_lie_in_the_order_of_the_reasons)
{
	static const char *const reasons[] = {
#define NAME(name, help) #name,
			BASE_REASONS(NAME)
#undef NAME
	};

	ck_assert_uint_eq(STATS_DROP_PACKETS(BASE_COUNT_OF(reasons)), STATS_WORKER_COUNT);
	for (size_t r = 0; r < BASE_COUNT_OF(reasons); r++) {
		char name[80];
		const struct stats_row *row = &stats_worker_rows[STATS_DROP_PACKETS(r)];
		snprintf(name, sizeof(name), "decode_drop_%s_packets", reasons[r]);
		ck_assert_str_eq(row[0].name, name);
		ck_assert_str_eq(row[0].unit, "packets");
		snprintf(name, sizeof(name), "decode_drop_%s_octets", reasons[r]);
		ck_assert_str_eq(row[1].name, name);
		ck_assert_str_eq(row[1].unit, "octets");
		snprintf(name, sizeof(name), "decode_drop_%s_last_ns", reasons[r]);
		ck_assert_str_eq(row[2].name, name);
		ck_assert_int_eq(row[2].kind, STATS_MAXIMUM);
		ck_assert_uint_eq(STATS_DROP_OCTETS(r), STATS_DROP_PACKETS(r) + 1);
		ck_assert_uint_eq(STATS_DROP_LAST_NS(r), STATS_DROP_PACKETS(r) + 2);
	}
}
END_TEST

START_TEST(index_and_row_agree)
{
	ck_assert_str_eq(stats_worker_rows[STATS_rx_packets].name, "rx_packets");
	ck_assert_int_eq(stats_worker_rows[STATS_rx_packets].kind, STATS_COUNTER);
	ck_assert_str_eq(stats_worker_rows[STATS_flows_active].name, "flows_active");
	ck_assert_int_eq(stats_worker_rows[STATS_flows_active].kind, STATS_GAUGE);
	ck_assert_str_eq(stats_output_rows[STATS_output_queued].name, "output_queued");
	ck_assert_str_eq(stats_port_rows[STATS_port_missed_packets].name, "port_missed_packets");
	ck_assert_str_eq(stats_control_rows[STATS_clock_steps].name, "clock_steps");
}
END_TEST

START_TEST(losses_have_words)
{
	uint64_t values[STATS_OUTPUT_COUNT] = {0};
	uint64_t losses = 0;

	for (int row = 0; row < STATS_OUTPUT_COUNT; row++) {
		enum stats_output_index at = (enum stats_output_index)row;
		values[row] = 1;
		if (!stats_output_loss(at))
			continue;
		losses++;
		ck_assert_ptr_eq(strstr(stats_output_rows[row].help, "records lost: "),
				stats_output_rows[row].help);
		ck_assert_uint_gt(strlen(stats_output_loss_words(at)), 5);
	}
	ck_assert_str_eq(stats_output_loss(STATS_output_lost_queue_full), "queue_full");
	ck_assert_ptr_null(stats_output_loss(STATS_output_sent));
	ck_assert_uint_ge(losses, 7);
	ck_assert_uint_eq(stats_output_lost(values), losses);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("stats_table");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, rows_are_complete, 0, BASE_COUNT_OF(tables));
	tcase_add_loop_test(tcase, names_are_unique_over_all_tables, 0, BASE_COUNT_OF(tables));
	tcase_add_test(tcase, drops_lie_in_the_order_of_the_reasons);
	tcase_add_test(tcase, index_and_row_agree);
	tcase_add_test(tcase, losses_have_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
