/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "meminfo_file.h"
#include "weir_meminfo.h"

START_TEST(a_line_is_found_by_its_whole_name)
{
	char path[32];
	FILE *file = meminfo_file(path,
			"MemTotal:       24599500 kB\n"
			"MemAvailable:   23400128 kB\n"
			"HugePages_Free:       12\n");

	ck_assert_uint_eq(weir_meminfo_read(path, "MemTotal"), 24599500);
	ck_assert_uint_eq(weir_meminfo_read(path, "MemAvailable"), 23400128);
	ck_assert_uint_eq(weir_meminfo_read(path, "HugePages_Free"), 12);
	ck_assert_uint_eq(weir_meminfo_read(path, "Mem"), 0);
	ck_assert_uint_eq(weir_meminfo_read(path, "MemAvailables"), 0);
	fclose(file);
}
END_TEST

START_TEST(without_a_file_there_is_nothing)
{
	ck_assert_uint_eq(weir_meminfo_read("/absent/meminfo", "MemTotal"), 0);
	ck_assert_uint_gt(weir_meminfo_read(WEIR_MEMINFO, "MemTotal"), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weir_meminfo");
	TCase *tcase = tcase_create("meminfo");

	tcase_add_test(tcase, a_line_is_found_by_its_whole_name);
	tcase_add_test(tcase, without_a_file_there_is_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
