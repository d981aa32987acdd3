/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "base_clock.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct {
	int64_t t_ns;
	const char *text;
} iso_rows[] = {
		{0, "1970-01-01T00:00:00.000000000Z"},
		{1, "1970-01-01T00:00:00.000000001Z"},
		{-1, "1969-12-31T23:59:59.999999999Z"},
		{INT64_C(951782399999999999), "2000-02-28T23:59:59.999999999Z"},
		{INT64_C(951782400000000000), "2000-02-29T00:00:00.000000000Z"},
		{INT64_C(4107542400000000000), "2100-03-01T00:00:00.000000000Z"},
		{INT64_C(2147483648) * 1000000000, "2038-01-19T03:14:08.000000000Z"},
		{INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
		{INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
};

START_TEST(format_iso_known)
{
	char out[BASE_CLOCK_ISO_BYTES];

	ck_assert_uint_eq(base_clock_format_iso(iso_rows[_i].t_ns, out), BASE_CLOCK_ISO_BYTES - 1);
	ck_assert_str_eq(out, iso_rows[_i].text);
}
END_TEST

START_TEST(format_iso_agrees_with_the_c_library)
{
	char ours[BASE_CLOCK_ISO_BYTES], theirs[64];

	srandom(7);
	for (int i = 0; i < 20000; i++) {
		time_t sec = (time_t)(((int64_t)random() << 2) ^ random()) - INT64_C(4000000000);
		struct tm tm;
		gmtime_r(&sec, &tm);
		strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S.000000000Z", &tm);
		base_clock_format_iso(sec * BASE_NS_PER_SEC, ours);
		ck_assert_str_eq(ours, theirs);
	}
}
END_TEST

START_TEST(wall_is_now_and_never_goes_back)
{
	int64_t last = base_clock_wall_ns();
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	int64_t real = (int64_t)ts.tv_sec * BASE_NS_PER_SEC + ts.tv_nsec;
	ck_assert_int_lt(llabs(real - last), BASE_NS_PER_SEC);
	for (int i = 0; i < 10000; i++) {
		int64_t now = base_clock_wall_ns();
		ck_assert_int_ge(now, last);
		last = now;
	}
	ck_assert_int_eq(base_clock_step_ns(), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base_clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_loop_test(tcase, format_iso_known, 0, (int)BASE_COUNT_OF(iso_rows));
	tcase_add_test(tcase, format_iso_agrees_with_the_c_library);
	tcase_add_test(tcase, wall_is_now_and_never_goes_back);
	suite_add_tcase(suite, tcase);
	return suite;
}
