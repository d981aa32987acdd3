/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_counters.h"

static const struct port_raw raw = {
		.packets = 1000,
		.octets = 64000,
		.missed = 7,
		.errors = 3,
		.no_buffer = 11,
		.ring_full = 5,
		.tx_dropped = 100,
};

static const struct {
	struct port_verdict verdict;
	uint64_t missed;
} folds[] = {
		/* A failed allocation is a retry: counting it as a loss would count the packet
		   twice. */
		{{PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}, 7 + 5},
		{{PORT_CLASS_BLIND, PORT_SPREAD_RSS, false, ""}, 7 + 5},
		{{PORT_CLASS_EXACT, PORT_SPREAD_NONE, true, ""}, 7 + 5 + 11},
		{{PORT_CLASS_KERNEL, PORT_SPREAD_KERNEL, false, ""}, 7 + 5 + 100},
};

START_TEST(fold_counts_losses_by_the_drivers_meaning)
{
	uint64_t values[STATS_PORT_COUNT] = {0};

	port_counters_fold(values, &raw, &folds[_i].verdict);
	ck_assert_uint_eq(values[STATS_port_received_packets], 1000);
	ck_assert_uint_eq(values[STATS_port_received_octets], 64000);
	ck_assert_uint_eq(values[STATS_port_missed_packets], folds[_i].missed);
	ck_assert_uint_eq(values[STATS_port_error_packets], 3);
	ck_assert_uint_eq(values[STATS_port_no_buffer_events], 11);
}
END_TEST

START_TEST(since_starts_at_the_baseline)
{
	uint64_t baseline = 100;

	ck_assert_uint_eq(port_counters_since(100, &baseline, 0), 0);
	ck_assert_uint_eq(port_counters_since(150, &baseline, 0), 50);
	ck_assert_uint_eq(baseline, 100);
}
END_TEST

/* Some drivers clear their counters when the port starts, after the baseline was taken. */
START_TEST(since_survives_a_reset_at_start)
{
	uint64_t baseline = 100;

	ck_assert_uint_eq(port_counters_since(3, &baseline, 0), 3);
	ck_assert_uint_eq(port_counters_since(120, &baseline, 3), 120);
}
END_TEST

START_TEST(since_never_goes_back)
{
	uint64_t baseline = 0;

	ck_assert_uint_eq(port_counters_since(10, &baseline, 40), 40);
	ck_assert_uint_eq(port_counters_since(41, &baseline, 40), 41);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_counters");
	TCase *tcase = tcase_create("counters");

	tcase_add_loop_test(tcase, fold_counts_losses_by_the_drivers_meaning, 0,
			sizeof(folds) / sizeof(folds[0]));
	tcase_add_test(tcase, since_starts_at_the_baseline);
	tcase_add_test(tcase, since_survives_a_reset_at_start);
	tcase_add_test(tcase, since_never_goes_back);
	suite_add_tcase(suite, tcase);
	return suite;
}
