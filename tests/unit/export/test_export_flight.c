/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_flight.h"
#include "export_sample.h"
#include "unit_main.h"

static struct export_flight flight;

static void add(uint64_t end, uint64_t records)
{
	struct export_load load = {1, records, 10 * records, 100 * records};

	export_flight_add(&flight, end, &load);
}

static void set_up(void)
{
	memset(&flight, 0, sizeof(flight));
}

START_TEST(messages_land_in_order_and_whole)
{
	add(100, 3);
	add(250, 4);
	add(250, 1); /* one send, two messages of which the kernel has all */
	add(400, 5);
	ck_assert_uint_eq(flight.load.records, 13);
	ck_assert_uint_eq(export_flight_land(&flight, 99).records, 0);
	struct export_load landed = export_flight_land(&flight, 100);
	ck_assert_uint_eq(landed.messages, 1);
	ck_assert_uint_eq(landed.records, 3);
	ck_assert_uint_eq(landed.packets, 30);
	ck_assert_uint_eq(landed.octets, 300);
	ck_assert_uint_eq(export_flight_land(&flight, 399).records, 5);
	ck_assert_uint_eq(flight.load.records, 5);
	ck_assert_uint_eq(flight.load.octets, 500);
	ck_assert_uint_eq(export_flight_land(&flight, UINT64_MAX).records, 5);
	ck_assert_uint_eq(flight.load.messages, 0);
	ck_assert_uint_eq(export_flight_land(&flight, UINT64_MAX).records, 0);
}
END_TEST

START_TEST(clear_returns_the_rest)
{
	add(100, 3);
	add(200, 4);
	export_flight_land(&flight, 100);
	struct export_load rest = export_flight_clear(&flight);
	ck_assert_uint_eq(rest.messages, 1);
	ck_assert_uint_eq(rest.packets, 40);
	ck_assert_uint_eq(export_flight_clear(&flight).messages, 0);
	add(300, 1); /* and it goes on */
	ck_assert_uint_eq(export_flight_land(&flight, 300).records, 1);
}
END_TEST

/* Too many to know apart: nothing lands too early, and nothing is lost. */
START_TEST(what_does_not_fit_lands_with_the_last)
{
	for (uint64_t i = 1; i <= EXPORT_FLIGHT_MAX + 5; i++)
		add(10 * i, 1);
	ck_assert(export_flight_is_full(&flight));
	ck_assert_uint_eq(flight.load.messages, EXPORT_FLIGHT_MAX + 5);
	ck_assert_uint_eq(export_flight_land(&flight, 10 * (EXPORT_FLIGHT_MAX + 4)).records,
			EXPORT_FLIGHT_MAX - 1);
	ck_assert_uint_eq(export_flight_land(&flight, 10 * (EXPORT_FLIGHT_MAX + 5)).records, 6);
	ck_assert_uint_eq(flight.load.records, 0);
}
END_TEST

/* Against sums that a child could keep. */
START_TEST(random_flights_close_their_ledger)
{
	uint64_t state = 0x9e3779b97f4a7c15 + (uint64_t)_i, end = 0, done = 0, added = 0,
		 landed = 0;

	for (int turn = 0; turn < 20000; turn++) {
		if (sample_random(&state) % 3) {
			uint64_t records = sample_random(&state) % 200;
			end += 1 + sample_random(&state) % 16384;
			add(end, records);
			added += records;
		} else {
			done += sample_random(&state) % 40000;
			done = done > end ? end : done;
			landed += export_flight_land(&flight, done).records;
		}
		ck_assert_uint_eq(added, landed + flight.load.records);
		ck_assert(done < end || flight.count == 0 || landed <= added);
	}
	landed += export_flight_land(&flight, end).records;
	ck_assert_uint_eq(added, landed);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_flight");
	TCase *tcase = tcase_create("flight");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, messages_land_in_order_and_whole);
	tcase_add_test(tcase, clear_returns_the_rest);
	tcase_add_test(tcase, what_does_not_fit_lands_with_the_last);
	tcase_add_loop_test(tcase, random_flights_close_their_ledger, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
