/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_error.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	int rc;
	int exit_code;
} codes[] = {
		{0, EX_OK},
		{-EINVAL, EX_CONFIG},
		{-E2BIG, EX_CONFIG},
		{-ENODEV, EX_NOINPUT},
		{-ENETDOWN, EX_UNAVAILABLE},
		{-EBUSY, EX_UNAVAILABLE},
		{-EPERM, EX_NOPERM},
		{-EACCES, EX_NOPERM},
		{-ENOMEM, EX_OSERR},
		{-EMFILE, EX_OSERR},
		{-EDOM, EX_SOFTWARE},
};

START_TEST(errors_have_exit_codes)
{
	ck_assert_int_eq(port_error_exit_code(codes[_i].rc), codes[_i].exit_code);
}
END_TEST

START_TEST(set_writes_and_returns)
{
	char error[32];

	ck_assert_int_eq(
			port_error_set(error, sizeof(error), -EBUSY, "port %d\n  cure: %s", 3, "x"),
			-EBUSY);
	ck_assert_str_eq(error, "port 3\n  cure: x");
}
END_TEST

START_TEST(set_cuts_to_the_buffer)
{
	char error[8];

	port_error_set(error, sizeof(error), -EBUSY, "0123456789");
	ck_assert_str_eq(error, "0123456");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_error");
	TCase *tcase = tcase_create("errors");

	tcase_add_loop_test(tcase, errors_have_exit_codes, 0, sizeof(codes) / sizeof(codes[0]));
	tcase_add_test(tcase, set_writes_and_returns);
	tcase_add_test(tcase, set_cuts_to_the_buffer);
	suite_add_tcase(suite, tcase);
	return suite;
}
