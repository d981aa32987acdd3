/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_error.h"
#include "export_sample.h"
#include "unit_main.h"

#include <errno.h>

struct lost_row {
	int error;
	enum stats_output_index row;
};

static const struct lost_row lost_rows[] = {
		{0, STATS_output_lost_queue_full},
		{ENOSPC, STATS_output_lost_no_space},
		{EDQUOT, STATS_output_lost_no_space},
		{EFBIG, STATS_output_lost_no_space},
		{EPIPE, STATS_output_lost_closed},
		{ECONNRESET, STATS_output_lost_closed},
		{EIO, STATS_output_lost_io_error},
		{EBADF, STATS_output_lost_io_error},
		{ENOENT, STATS_output_lost_io_error},
};

START_TEST(each_error_has_its_counter)
{
	ck_assert_int_eq(export_error_lost_row(lost_rows[_i].error), lost_rows[_i].row);
}
END_TEST

struct explain_row {
	const char *path;
	int error;
	const char *expected;
};

static const struct explain_row explain_rows[] = {
		{"/no/such/flows.jsonl", ENOENT,
				"cannot write /no/such/flows.jsonl: the directory /no/such does "
				"not "
				"exist; make it: mkdir -p /no/such"},
		{"/top.jsonl", ENOTDIR,
				"cannot write /top.jsonl: / is not a directory; set another path"},
		{"flows.csv", ENOENT,
				"cannot write flows.csv: the directory . does not exist; make it: "
				"mkdir -p ."},
		{"/tmp", EISDIR,
				"cannot write /tmp: it is a directory; name a file in it: "
				"/tmp/flows.jsonl"},
		{"-", EPIPE, "cannot write standard output: the reader went away"},
		{"/x", ENOSPC,
				"cannot write /x: the disk is full; make room, writing goes on by "
				"itself"},
		{"/x", EIO, "cannot write /x: Input/output error"},
};

START_TEST(causes_come_with_a_cure)
{
	const struct explain_row *row = &explain_rows[_i];
	char text[1024];

	ck_assert_str_eq(export_error_explain(row->path, row->error, text, sizeof(text)),
			row->expected);
}
END_TEST

START_TEST(permission_names_the_file_or_its_folder)
{
	char text[1024];

	export_error_explain("/tmp/is-not-there/flows", EACCES, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " on /tmp/is-not-there;"));
	export_error_explain("/dev/null", EACCES, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " on /dev/null;"));
}
END_TEST

START_TEST(a_short_buffer_is_not_overrun)
{
	char text[16] = "";

	export_error_explain("/no/such/flows.jsonl", ENOENT, text, sizeof(text));
	ck_assert_str_eq(text, "cannot write /n");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_error");
	TCase *tcase = tcase_create("error");

	tcase_add_loop_test(tcase, each_error_has_its_counter, 0, (int)BASE_COUNT_OF(lost_rows));
	tcase_add_loop_test(tcase, causes_come_with_a_cure, 0, (int)BASE_COUNT_OF(explain_rows));
	tcase_add_test(tcase, permission_names_the_file_or_its_folder);
	tcase_add_test(tcase, a_short_buffer_is_not_overrun);
	suite_add_tcase(suite, tcase);
	return suite;
}
