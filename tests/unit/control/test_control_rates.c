/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "control_rates.h"
#include "unit_main.h"

#include <string.h>

#define SEC BASE_NS_PER_SEC

static struct control_sample before, after;
static struct control_rates rates;

static void reset(int64_t from_ns, int64_t to_ns)
{
	before = (struct control_sample){.now_ns = from_ns};
	after = (struct control_sample){.now_ns = to_ns};
	memset(&rates, 0x55, sizeof(rates));
}

START_TEST(divides_by_the_time_between_the_samples)
{
	reset(10 * SEC, 12 * SEC + SEC / 2);
	before.rx_packets[0] = 1000;
	after.rx_packets[0] = 1000 + 2500;
	after.rx_packets[1] = 5000;
	before.rx_octets = 7;
	after.rx_octets = 7 + 250000;
	after.flows_created = 25;
	after.records_taken = 50;
	after.drops[PACKET_filtered] = 5;
	control_rates_between(&before, &after, 2, 0, &rates);
	ck_assert_double_eq_tol(rates.worker_packets_per_sec[0], 1000, 1e-6);
	ck_assert_double_eq_tol(rates.worker_packets_per_sec[1], 2000, 1e-6);
	ck_assert_double_eq_tol(rates.packets_per_sec, 3000, 1e-6);
	ck_assert_double_eq_tol(rates.bits_per_sec, 800000, 1e-6);
	ck_assert_double_eq_tol(rates.flows_per_sec, 10, 1e-6);
	ck_assert_double_eq_tol(rates.records_per_sec, 20, 1e-6);
	ck_assert_double_eq_tol(rates.drops_per_sec[PACKET_filtered], 2, 1e-6);
	ck_assert_double_eq_tol(rates.drops_per_sec[PACKET_non_ip], 0, 1e-6);
}
END_TEST

/* The busiest second of a minute goes after a minute, that of an hour after an hour. */
START_TEST(peaks_last_as_long_as_they_say)
{
	static struct control_meter meter;
	struct control_sample sample = {.now_ns = SEC};

	meter = (struct control_meter){.worker_count = 1};
	control_meter_add(&meter, &sample);
	for (int second = 0; second < 3 * 3600; second++) {
		bool peak = second == 10;
		sample.now_ns += SEC;
		sample.busy_ns[0] += (uint64_t)(peak ? SEC * 9 / 10 : SEC / 10);
		sample.idle_ns[0] += (uint64_t)(peak ? SEC / 10 : SEC * 9 / 10);
		control_meter_add(&meter, &sample);
		double minute = meter.rates.busy_minute[0], hour = meter.rates.busy_hour[0];
		ck_assert_double_eq_tol(minute, second >= 10 && second < 70 ? 0.9 : 0.1, 1e-6);
		ck_assert_double_eq_tol(hour, second >= 10 && second < 3600 ? 0.9 : 0.1, 1e-6);
		ck_assert_double_eq_tol(meter.rates.busy_ever[0], second >= 10 ? 0.9 : 0.1, 1e-6);
	}
}
END_TEST

START_TEST(stages_are_divided_by_the_packets_that_were_timed)
{
	reset(0, SEC);
	after.stage_packets[1] = 64;
	after.stage_cycles[1][0] = 640;
	after.stage_cycles[1][CONTROL_STAGES - 1] = 32;
	control_rates_between(&before, &after, 2, 0, &rates);
	ck_assert_double_eq_tol(rates.stage_cycles[1][0], 10, 1e-9);
	ck_assert_double_eq_tol(rates.stage_cycles[1][CONTROL_STAGES - 1], 0.5, 1e-9);
	ck_assert_double_eq_tol(rates.stage_cycles[0][0], 0, 1e-9);
}
END_TEST

START_TEST(gives_each_port_its_own)
{
	reset(0, SEC);
	after.port_packets[0] = 10;
	after.port_octets[0] = 1000;
	after.port_packets[1] = 20;
	after.port_octets[1] = 3000;
	control_rates_between(&before, &after, 0, 2, &rates);
	ck_assert_double_eq_tol(rates.port_packets_per_sec[0], 10, 1e-6);
	ck_assert_double_eq_tol(rates.port_bits_per_sec[0], 8000, 1e-6);
	ck_assert_double_eq_tol(rates.port_packets_per_sec[1], 20, 1e-6);
	ck_assert_double_eq_tol(rates.port_bits_per_sec[1], 24000, 1e-6);
	ck_assert_double_eq_tol(rates.packets_per_sec, 0, 1e-6);
}
END_TEST

static const struct {
	uint64_t busy_ns, idle_ns;
	double share;
} busy_rows[] = {
		{0, 0, 0},
		{0, 1000, 0},
		{1000, 0, 1},
		{250, 750, 0.25},
};

START_TEST(busy_is_a_share)
{
	reset(0, SEC);
	before.busy_ns[0] = 5;
	before.idle_ns[0] = 6;
	after.busy_ns[0] = 5 + busy_rows[_i].busy_ns;
	after.idle_ns[0] = 6 + busy_rows[_i].idle_ns;
	control_rates_between(&before, &after, 1, 0, &rates);
	ck_assert_double_eq_tol(rates.busy[0], busy_rows[_i].share, 1e-9);
}
END_TEST

START_TEST(a_counter_that_went_back_gives_no_rate)
{
	reset(0, SEC);
	before.port_packets[0] = 1000;
	after.port_packets[0] = 3;
	before.rx_octets = UINT64_MAX;
	control_rates_between(&before, &after, 0, 1, &rates);
	ck_assert_double_eq(rates.port_packets_per_sec[0], 0);
	ck_assert_double_eq(rates.bits_per_sec, 0);
}
END_TEST

START_TEST(no_time_gives_no_rate)
{
	reset(SEC, SEC);
	after.rx_packets[0] = 1000;
	control_rates_between(&before, &after, 1, 0, &rates);
	ck_assert_double_eq(rates.packets_per_sec, 0);
}
END_TEST

START_TEST(meter_samples_soon_and_then_each_second)
{
	struct control_meter meter = {.worker_count = 1};
	struct control_sample sample = {.now_ns = 100 * SEC};

	ck_assert(control_meter_due(&meter, sample.now_ns));
	control_meter_add(&meter, &sample);
	ck_assert(!control_meter_due(&meter, sample.now_ns + SEC / 10));
	ck_assert(control_meter_due(&meter, sample.now_ns + SEC / 5));
	ck_assert_double_eq(meter.rates.packets_per_sec, 0);

	sample.now_ns += SEC / 5;
	sample.rx_packets[0] = 100;
	control_meter_add(&meter, &sample);
	ck_assert_double_eq_tol(meter.rates.packets_per_sec, 500, 1e-6);
	ck_assert(!control_meter_due(&meter, sample.now_ns + SEC - 1));
	ck_assert(control_meter_due(&meter, sample.now_ns + SEC));

	sample.now_ns += SEC;
	control_meter_add(&meter, &sample);
	ck_assert_double_eq(meter.rates.packets_per_sec, 0);
}
END_TEST

START_TEST(meter_ignores_a_sample_of_the_same_moment)
{
	struct control_meter meter = {.worker_count = 1};
	struct control_sample sample = {.now_ns = SEC};

	control_meter_add(&meter, &sample);
	sample.rx_packets[0] = 10;
	control_meter_add(&meter, &sample);
	sample.now_ns = 2 * SEC;
	control_meter_add(&meter, &sample);
	ck_assert_double_eq_tol(meter.rates.packets_per_sec, 10, 1e-6);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_rates");
	TCase *tcase = tcase_create("rates");

	tcase_add_test(tcase, divides_by_the_time_between_the_samples);
	tcase_add_test(tcase, peaks_last_as_long_as_they_say);
	tcase_add_test(tcase, stages_are_divided_by_the_packets_that_were_timed);
	tcase_add_test(tcase, gives_each_port_its_own);
	tcase_add_loop_test(tcase, busy_is_a_share, 0, (int)BASE_COUNT_OF(busy_rows));
	tcase_add_test(tcase, a_counter_that_went_back_gives_no_rate);
	tcase_add_test(tcase, no_time_gives_no_rate);
	tcase_add_test(tcase, meter_samples_soon_and_then_each_second);
	tcase_add_test(tcase, meter_ignores_a_sample_of_the_same_moment);
	suite_add_tcase(suite, tcase);
	return suite;
}
