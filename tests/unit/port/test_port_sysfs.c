/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "fake_root.h"
#include "port_sysfs.h"

#include <errno.h>

START_TEST(read_drops_the_newline)
{
	char text[32];

	fake_root_file("/sys/a/name", "vfio-pci \n");
	ck_assert_int_eq(port_sysfs_read(fake_root, text, sizeof(text), "/sys/%s/name", "a"), 0);
	ck_assert_str_eq(text, "vfio-pci");
}
END_TEST

START_TEST(read_cuts_to_the_buffer)
{
	char text[4];

	fake_root_file("/sys/long", "abcdefgh");
	ck_assert_int_eq(port_sysfs_read(fake_root, text, sizeof(text), "/sys/long"), 0);
	ck_assert_str_eq(text, "abc");
}
END_TEST

/* A kernel file larger than a page comes in several reads. */
START_TEST(read_gets_a_large_proc_file_whole)
{
	char *text = malloc(1 << 20);

	ck_assert_int_eq(port_sysfs_read("", text, 1 << 20, "/proc/kallsyms"), 0);
	ck_assert_uint_gt(strlen(text), 5000);
	free(text);
}
END_TEST

START_TEST(missing_files_are_enoent)
{
	char text[32];
	int64_t number;

	ck_assert_int_eq(port_sysfs_read(fake_root, text, sizeof(text), "/none"), -ENOENT);
	ck_assert_int_eq(port_sysfs_number(fake_root, &number, "/none"), -ENOENT);
	ck_assert_int_eq(port_sysfs_link(fake_root, text, sizeof(text), "/none"), -ENOENT);
	ck_assert(!port_sysfs_exists(fake_root, "/none"));
}
END_TEST

static const struct {
	const char *text;
	int rc;
	int64_t number;
} numbers[] = {
		{"0\n", 0, 0},
		{"-1\n", 0, -1},
		{"0x8086\n", 0, 0x8086},
		{"18446744073709551616\n", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"12 apples\n", -EINVAL, 0},
};

START_TEST(number_reads_decimal_and_hex)
{
	int64_t number = 0;

	fake_root_file("/sys/number", numbers[_i].text);
	ck_assert_int_eq(port_sysfs_number(fake_root, &number, "/sys/number"), numbers[_i].rc);
	ck_assert_int_eq(number, numbers[_i].number);
}
END_TEST

START_TEST(link_gives_the_last_part)
{
	char text[16];

	fake_root_link("/sys/dev/driver", "../../bus/pci/drivers/ice");
	ck_assert_int_eq(port_sysfs_link(fake_root, text, sizeof(text), "/sys/dev/driver"), 0);
	ck_assert_str_eq(text, "ice");
	ck_assert_int_eq(port_sysfs_link(fake_root, text, 3, "/sys/dev/driver"), -ENAMETOOLONG);
}
END_TEST

static bool count_to_two(void *arg, const char *name)
{
	ck_assert_str_ne(name, "..");
	return ++*(int *)arg < 2;
}

START_TEST(each_stops_when_told)
{
	int seen = 0;

	fake_root_file("/d/a", "");
	fake_root_file("/d/b", "");
	fake_root_file("/d/c", "");
	ck_assert_int_eq(port_sysfs_each(fake_root, "/d", count_to_two, &seen), 0);
	ck_assert_int_eq(seen, 2);
	ck_assert_int_eq(port_sysfs_each(fake_root, "/none", count_to_two, &seen), -ENOENT);
}
END_TEST

START_TEST(too_long_paths_are_refused)
{
	char path[600], text[8];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(
			port_sysfs_read(fake_root, text, sizeof(text), "/%s", path), -ENAMETOOLONG);
	ck_assert_int_eq(port_sysfs_each(fake_root, path, count_to_two, NULL), -ENAMETOOLONG);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_sysfs");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, fake_root_create, fake_root_remove);
	tcase_add_test(tcase, read_drops_the_newline);
	tcase_add_test(tcase, read_cuts_to_the_buffer);
	tcase_add_test(tcase, read_gets_a_large_proc_file_whole);
	tcase_add_test(tcase, missing_files_are_enoent);
	tcase_add_loop_test(tcase, number_reads_decimal_and_hex, 0,
			sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_test(tcase, link_gives_the_last_part);
	tcase_add_test(tcase, each_stops_when_told);
	tcase_add_test(tcase, too_long_paths_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
