/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "base_units.h"
#include "unit_main.h"

#include <errno.h>

static const struct {
	char *(*format)(uint64_t, char *);
	uint64_t value;
	const char *text;
} format_rows[] = {
		{base_units_count, 0, "0"},
		{base_units_count, 912, "912"},
		{base_units_count, 999, "999"},
		{base_units_count, 1000, "1.00 k"},
		{base_units_count, 88400, "88.4 k"},
		{base_units_count, 999949, "1.00 M"},
		{base_units_count, 1210000, "1.21 M"},
		{base_units_count, UINT64_MAX, "18.4 E"},
		{base_units_exact, 0, "0"},
		{base_units_exact, 999, "999"},
		{base_units_exact, 1234567, "1,234,567"},
		{base_units_exact, UINT64_MAX, "18,446,744,073,709,551,615"},
		{base_units_bytes_si, 41, "41 B"},
		{base_units_bytes_si, 1200000000, "1.20 GB"},
		{base_units_bytes_iec, 4095, "4.0 KiB"},
		{base_units_bytes_iec, UINT64_C(4) << 30, "4.0 GiB"},
};

START_TEST(formats)
{
	char out[BASE_UNITS_BYTES];

	ck_assert_str_eq(format_rows[_i].format(format_rows[_i].value, out), format_rows[_i].text);
}
END_TEST

static const struct {
	int64_t ns;
	const char *text;
} duration_rows[] = {
		{0, "0 ns"},
		{999, "999 ns"},
		{61000000, "61 ms"},
		{2500000000, "2.50 s"},
		{INT64_C(420000000000), "7 min 0 s"},
		{INT64_C(1051200000000000), "12 d 4 h"},
		{-61000000, "-61 ms"},
};

START_TEST(durations)
{
	char out[BASE_UNITS_BYTES];

	ck_assert_str_eq(base_units_duration(duration_rows[_i].ns, out), duration_rows[_i].text);
}
END_TEST

START_TEST(rates)
{
	char out[BASE_UNITS_BYTES];

	ck_assert_str_eq(base_units_rate(8.42e6, "pkt", out), "8.42 Mpkt/s");
	ck_assert_str_eq(base_units_rate(12, "pkt", out), "12 pkt/s");
	ck_assert_str_eq(base_units_rate(-1, "b", out), "0 b/s");
}
END_TEST

static int parse_duration(const char *text, uint64_t *value)
{
	int64_t ns = 0;
	int rc = base_units_parse_duration(text, &ns);

	*value = (uint64_t)ns;
	return rc;
}

static const struct {
	int (*parse)(const char *, uint64_t *);
	const char *text;
	int rc;
	uint64_t value;
} parse_rows[] = {
		{base_units_parse_count, "64", 0, 64},
		{base_units_parse_count, "100k", 0, 100000},
		{base_units_parse_count, "1.5M", 0, 1500000},
		{base_units_parse_count, "1.0000001M", -EINVAL, 0},
		{base_units_parse_count, "", -EINVAL, 0},
		{base_units_parse_count, "-1", -EINVAL, 0},
		{base_units_parse_count, "k", -EINVAL, 0},
		{base_units_parse_count, "1.k", -EINVAL, 0},
		{base_units_parse_count, "18446744073709551615", 0, UINT64_MAX},
		{base_units_parse_count, "18446744073709551616", -ERANGE, 0},
		{base_units_parse_count, "18446744073709551615k", -ERANGE, 0},
		{base_units_parse_bytes, "4GiB", 0, UINT64_C(4) << 30},
		{base_units_parse_bytes, "100 MB", 0, 100000000},
		{base_units_parse_bytes, "4gib", -EINVAL, 0},
		{parse_duration, "15s", 0, UINT64_C(15000000000)},
		{parse_duration, "0.5s", 0, 500000000},
		{parse_duration, "2min", 0, UINT64_C(120000000000)},
		{parse_duration, "1d", 0, UINT64_C(86400000000000)},
		{parse_duration, "15 sec", -EINVAL, 0},
		{parse_duration, "15", -EINVAL, 0},
		{parse_duration, "200000d", -ERANGE, 0},
};

START_TEST(parses)
{
	uint64_t value = 0;

	ck_assert_int_eq(parse_rows[_i].parse(parse_rows[_i].text, &value), parse_rows[_i].rc);
	if (parse_rows[_i].rc == 0)
		ck_assert_uint_eq(value, parse_rows[_i].value);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base_units");
	TCase *tcase = tcase_create("units");

	tcase_add_loop_test(tcase, formats, 0, (int)BASE_COUNT_OF(format_rows));
	tcase_add_loop_test(tcase, durations, 0, (int)BASE_COUNT_OF(duration_rows));
	tcase_add_test(tcase, rates);
	tcase_add_loop_test(tcase, parses, 0, (int)BASE_COUNT_OF(parse_rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
