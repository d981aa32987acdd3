/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_decode.h"
#include "unit_main.h"

START_TEST(every_verdict_has_its_own_name_and_a_help)
{
	for (int a = 0; a <= PACKET_METERED; a++) {
		const char *name = packet_verdict_name((enum packet_verdict)a);
		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_gt(strlen(packet_verdict_help((enum packet_verdict)a)), 0);
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(name, packet_verdict_name((enum packet_verdict)b));
	}
}
END_TEST

START_TEST(names_are_those_of_the_table)
{
	ck_assert_str_eq(packet_verdict_name(PACKET_non_ip), "non_ip");
	ck_assert_str_eq(packet_verdict_name(PACKET_table_full), "table_full");
	ck_assert_str_eq(packet_verdict_name(PACKET_METERED), "metered");
}
END_TEST

START_TEST(a_number_that_is_no_verdict_is_harmless)
{
	ck_assert_str_eq(packet_verdict_name((enum packet_verdict)(PACKET_METERED + 1)), "unknown");
	ck_assert_str_eq(packet_verdict_help((enum packet_verdict)1000), "not a verdict");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_verdict");
	TCase *tcase = tcase_create("packet_verdict");

	tcase_add_test(tcase, every_verdict_has_its_own_name_and_a_help);
	tcase_add_test(tcase, names_are_those_of_the_table);
	tcase_add_test(tcase, a_number_that_is_no_verdict_is_harmless);
	suite_add_tcase(suite, tcase);
	return suite;
}
