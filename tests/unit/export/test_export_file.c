/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_file.h"
#include "export_sample.h"
#include "unit_main.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#define HEADER "src_ip,dst_ip\n"

static const char *folder;
static char path[CONFIG_PATH_BYTES];

static void make_folder(void)
{
	folder = sample_folder();
	snprintf(path, sizeof(path), "%s/flows.csv", folder);
}

static void remove_folder(void)
{
	sample_remove(folder);
}

static void check_file(const char *name, const char *expected)
{
	size_t len;
	char *text = sample_read(name, &len);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* The path of the one other file in the folder; the caller frees. */
static char *other_file(void)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char *found = NULL;

	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "flows.csv"))
			continue;
		ck_assert_ptr_null(found);
		ck_assert_int_gt(asprintf(&found, "%s/%s", folder, entry->d_name), 0);
	}
	closedir(directory);
	return found;
}

static void put(struct export_file *file, const char *lines)
{
	struct iovec piece = {(void *)(uintptr_t)lines, strlen(lines)};

	ck_assert_int_ge(export_file_write_lead(file), 0);
	ck_assert_int_eq(export_file_write(file, &piece, 1), (int)strlen(lines));
}

static void open_and_put(const char *header, const char *lines)
{
	struct export_file file;

	ck_assert_int_eq(export_file_open(&file, path, header, strlen(header)), 0);
	put(&file, lines);
	export_file_close(&file);
}

START_TEST(a_new_file_is_readable_by_all)
{
	struct stat status;

	umask(022);
	open_and_put("", "one\n");
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0644);
	check_file(path, "one\n");
}
END_TEST

START_TEST(the_header_stands_once_in_a_file)
{
	open_and_put(HEADER, "one\n");
	open_and_put(HEADER, "two\n");
	check_file(path, HEADER "one\ntwo\n");
}
END_TEST

START_TEST(the_lead_counts_as_octets_but_not_as_lines)
{
	struct export_file file;

	ck_assert_int_eq(export_file_open(&file, path, HEADER, strlen(HEADER)), 0);
	ck_assert(!export_file_has_lines(&file));
	ck_assert_int_eq(export_file_write_lead(&file), (int)strlen(HEADER));
	ck_assert_int_eq(export_file_write_lead(&file), 0);
	ck_assert_uint_eq(file.bytes, strlen(HEADER));
	ck_assert(!export_file_has_lines(&file));
	put(&file, "one\n");
	ck_assert(export_file_has_lines(&file));
	ck_assert_uint_eq(file.bytes, strlen(HEADER) + 4);
	export_file_close(&file);
}
END_TEST

/* A crash left half a line: it must not spoil the next one. */
START_TEST(an_unfinished_line_is_ended)
{
	sample_write(path, "one\ntw");
	open_and_put("", "three\n");
	check_file(path, "one\ntw\nthree\n");
}
END_TEST

START_TEST(other_columns_are_set_aside)
{
	sample_write(path, "src_ip,dst_ip,old\n1,2,3\n");
	open_and_put(HEADER, "one\n");
	check_file(path, HEADER "one\n");
	char *aside = other_file();
	ck_assert_ptr_nonnull(aside);
	check_file(aside, "src_ip,dst_ip,old\n1,2,3\n");
	free(aside);
}
END_TEST

START_TEST(a_foreign_file_is_left_alone)
{
	struct export_file file;

	sample_write(path, "root:x:0:0\n");
	ck_assert_int_eq(export_file_open(&file, path, HEADER, strlen(HEADER)), -EEXIST);
	check_file(path, "root:x:0:0\n");
	ck_assert_ptr_null(other_file());
}
END_TEST

START_TEST(cut_takes_the_end_off)
{
	struct export_file file;

	ck_assert_int_eq(export_file_open(&file, path, "", 0), 0);
	put(&file, "one\ntwo\nthr");
	ck_assert_int_eq(export_file_cut(&file, 3), 0);
	check_file(path, "one\ntwo\n");
	put(&file, "four\n");
	check_file(path, "one\ntwo\nfour\n");
	ck_assert_uint_eq(file.bytes, 13);
	export_file_close(&file);
}
END_TEST

/* Somebody else wrote behind us: their octets are not ours to cut. */
START_TEST(cut_refuses_when_others_wrote)
{
	struct export_file file;

	ck_assert_int_eq(export_file_open(&file, path, "", 0), 0);
	put(&file, "one\ntw");
	int other = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_eq(write(other, "theirs\n", 7), 7);
	close(other);
	ck_assert_int_eq(export_file_cut(&file, 2), -EBUSY);
	check_file(path, "one\ntwtheirs\n");
	export_file_close(&file);
}
END_TEST

START_TEST(rotate_renames_and_begins_anew)
{
	struct export_file file;
	char moved_path[CONFIG_PATH_BYTES + 32];
	bool moved;

	ck_assert_int_eq(export_file_open(&file, path, HEADER, strlen(HEADER)), 0);
	put(&file, "one\n");
	ck_assert_int_eq(export_file_rotate(&file, SAMPLE_NS, &moved), 0);
	ck_assert(moved);
	ck_assert(!export_file_has_lines(&file));
	put(&file, "two\n");
	check_file(path, HEADER "two\n");
	snprintf(moved_path, sizeof(moved_path), "%s.20261121T013000Z", path);
	check_file(moved_path, HEADER "one\n");
	export_file_close(&file);
}
END_TEST

START_TEST(reopen_follows_the_path)
{
	struct export_file file;
	char away[CONFIG_PATH_BYTES + 8];
	bool moved;

	ck_assert_int_eq(export_file_open(&file, path, HEADER, strlen(HEADER)), 0);
	put(&file, "one\n");
	ck_assert_int_eq(export_file_reopen(&file, &moved), 0);
	ck_assert(!moved);
	put(&file, "two\n");
	snprintf(away, sizeof(away), "%s.1", path);
	ck_assert_int_eq(rename(path, away), 0);
	put(&file, "three\n");
	ck_assert_int_eq(export_file_reopen(&file, &moved), 0);
	ck_assert(moved);
	put(&file, "four\n");
	check_file(away, HEADER "one\ntwo\nthree\n");
	check_file(path, HEADER "four\n");
	export_file_close(&file);
}
END_TEST

START_TEST(a_failed_reopen_keeps_the_old_file)
{
	struct export_file file;
	char away[CONFIG_PATH_BYTES + 8];
	bool moved;

	ck_assert_int_eq(export_file_open(&file, path, "", 0), 0);
	snprintf(away, sizeof(away), "%s.1", path);
	ck_assert_int_eq(rename(path, away), 0);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(export_file_reopen(&file, &moved), -EISDIR);
	put(&file, "one\n");
	check_file(away, "one\n");
	export_file_close(&file);
}
END_TEST

START_TEST(devices_and_pipes_are_not_rotated)
{
	struct export_file file;

	ck_assert_int_eq(export_file_open(&file, "/dev/null", "", 0), 0);
	ck_assert(!export_file_can_rotate(&file));
	ck_assert_int_lt(export_file_cut(&file, 1), 0);
	export_file_close(&file);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(export_file_open(&file, path, "", 0), -ENXIO);
}
END_TEST

struct standard_row {
	int flags;
	const char *expected;
};

static const struct standard_row standard_rows[] = {
		{O_TRUNC, HEADER "one\n"}, /* > file */
		{O_APPEND, "src_ip,dst_ip\nzero\none\n"}, /* >> file that has its header */
};

START_TEST(standard_output_may_be_a_file)
{
	struct export_file file;

	sample_write(path, "src_ip,dst_ip\nzero\n");
	int fd = open(path, O_WRONLY | standard_rows[_i].flags);
	ck_assert_int_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	ck_assert_int_eq(export_file_open(&file, "-", HEADER, strlen(HEADER)), 0);
	ck_assert(!export_file_can_rotate(&file));
	put(&file, "one\ntw");
	ck_assert_int_eq(export_file_cut(&file, 2), 0);
	export_file_close(&file);
	ck_assert_int_ne(fcntl(STDOUT_FILENO, F_GETFL), -1);
	check_file(path, standard_rows[_i].expected);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
	struct export_file file;
	char longest[CONFIG_PATH_BYTES + 1];

	memset(longest, 'x', sizeof(longest));
	longest[CONFIG_PATH_BYTES] = '\0';
	ck_assert_int_eq(export_file_open(&file, longest, "", 0), -ENAMETOOLONG);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_file");
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, a_new_file_is_readable_by_all);
	tcase_add_test(tcase, the_header_stands_once_in_a_file);
	tcase_add_test(tcase, the_lead_counts_as_octets_but_not_as_lines);
	tcase_add_test(tcase, an_unfinished_line_is_ended);
	tcase_add_test(tcase, other_columns_are_set_aside);
	tcase_add_test(tcase, a_foreign_file_is_left_alone);
	tcase_add_test(tcase, cut_takes_the_end_off);
	tcase_add_test(tcase, cut_refuses_when_others_wrote);
	tcase_add_test(tcase, rotate_renames_and_begins_anew);
	tcase_add_test(tcase, reopen_follows_the_path);
	tcase_add_test(tcase, a_failed_reopen_keeps_the_old_file);
	tcase_add_test(tcase, devices_and_pipes_are_not_rotated);
	tcase_add_loop_test(
			tcase, standard_output_may_be_a_file, 0, (int)BASE_COUNT_OF(standard_rows));
	tcase_add_test(tcase, a_path_that_is_too_long_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
