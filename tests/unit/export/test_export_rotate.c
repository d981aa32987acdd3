/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_rotate.h"
#include "export_sample.h"
#include "unit_main.h"

#include <errno.h>

static const char *folder;
static char path[CONFIG_PATH_BYTES];

static void make_folder(void)
{
	folder = sample_folder();
	snprintf(path, sizeof(path), "%s/flows.jsonl", folder);
}

static void remove_folder(void)
{
	sample_remove(folder);
}

/* A path in the folder; valid until the next call but one. */
static const char *in_folder(const char *name)
{
	static char paths[2][CONFIG_PATH_BYTES + 64];
	static unsigned int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", folder, name);
	return paths[turn];
}

static bool exists(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

START_TEST(names_say_when_in_utc)
{
	char name[EXPORT_ROTATE_PATH_BYTES];

	export_rotate_format(name, "/var/flows.jsonl", SAMPLE_NS + 999999999, 0);
	ck_assert_str_eq(name, "/var/flows.jsonl.20261121T013000Z");
	export_rotate_format(name, "flows.jsonl", SAMPLE_NS, 12);
	ck_assert_str_eq(name, "flows.jsonl.20261121T013000Z.12");
}
END_TEST

struct parse_row {
	const char *name;
	bool ours;
	uint64_t key[2];
};

static const struct parse_row parse_rows[] = {
		{"f.20261121T013000Z", true, {UINT64_C(20261121013000), 0}},
		{"f.20261121T013000Z.7", true, {UINT64_C(20261121013000), 7}},
		{"f.20261121T013000Z.10", true, {UINT64_C(20261121013000), 10}},
		{"f", false, {0, 0}},
		{"f.", false, {0, 0}},
		{"f.20261121T013000", false, {0, 0}},
		{"f.20261121T013000Z.", false, {0, 0}},
		{"f.20261121T013000Z.0", false, {0, 0}},
		{"f.20261121T013000Z.1x", false, {0, 0}},
		{"f.20261121T013000Z.gz", false, {0, 0}},
		{"f.20261121T01300zZ", false, {0, 0}},
		{"g.20261121T013000Z", false, {0, 0}},
		{"ff.20261121T013000Z", false, {0, 0}},
		{"f.20261121T013000Z.12345678901", false, {0, 0}},
};

START_TEST(only_rotated_names_are_taken_for_such)
{
	const struct parse_row *row = &parse_rows[_i];
	uint64_t key[2];

	ck_assert_int_eq(export_rotate_parse(row->name, "f", key), row->ours);
	if (row->ours) {
		ck_assert_uint_eq(key[0], row->key[0]);
		ck_assert_uint_eq(key[1], row->key[1]);
	}
}
END_TEST

START_TEST(rename_never_overwrites)
{
	static const char *const expected[] = {"flows.jsonl.20261121T013000Z",
			"flows.jsonl.20261121T013000Z.1", "flows.jsonl.20261121T013000Z.2"};
	char moved[EXPORT_ROTATE_PATH_BYTES], content[8];
	size_t len;

	for (unsigned int i = 0; i < 3; i++) {
		snprintf(content, sizeof(content), "%u\n", i);
		sample_write(path, content);
		ck_assert_int_eq(export_rotate_rename(path, SAMPLE_NS, moved), 0);
		ck_assert_str_eq(moved, in_folder(expected[i]));
	}
	for (unsigned int i = 0; i < 3; i++) {
		char *text = sample_read(in_folder(expected[i]), &len);
		ck_assert_int_eq(text[0], (char)('0' + i));
		free(text);
	}
	ck_assert(!exists("flows.jsonl"));
	ck_assert_int_eq(export_rotate_rename(path, SAMPLE_NS, moved), -ENOENT);
}
END_TEST

START_TEST(prune_keeps_the_newest_and_what_is_not_ours)
{
	static const char *const names[] = {"flows.jsonl.20261121T013000Z",
			"flows.jsonl.20261121T013000Z.9", "flows.jsonl.20261121T013000Z.10",
			"flows.jsonl.20251231T235959Z", "flows.jsonl.20261121T013001Z"};
	static const char *const others[] = {"flows.jsonl", "flows.jsonl.bak", "flows.csv",
			"flows.jsonl.20200101T000000Z.gz", "flows.jsonl.20200101T000000Z.d"};

	for (unsigned int i = 0; i < BASE_COUNT_OF(names); i++)
		sample_write(in_folder(names[i]), "x\n");
	for (unsigned int i = 0; i < BASE_COUNT_OF(others); i++)
		sample_write(in_folder(others[i]), "x\n");
	ck_assert_int_eq(mkdir(in_folder("flows.jsonl.20190101T000000Z"), 0755), 0);

	export_rotate_prune(path, 0);
	ck_assert(exists(names[3]));
	export_rotate_prune(path, 3);
	ck_assert(!exists(names[3]) && !exists(names[0]));
	ck_assert(exists(names[1]) && exists(names[2]) && exists(names[4]));
	export_rotate_prune(path, 1);
	ck_assert(!exists(names[1]) && !exists(names[2]));
	ck_assert(exists(names[4]));
	for (unsigned int i = 0; i < BASE_COUNT_OF(others); i++)
		ck_assert_msg(exists(others[i]), "%s is gone", others[i]);
	ck_assert(exists("flows.jsonl.20190101T000000Z"));
}
END_TEST

START_TEST(prune_finds_the_working_directory)
{
	ck_assert_int_eq(chdir(folder), 0);
	sample_write("f.20261121T013000Z", "x\n");
	sample_write("f.20261121T013001Z", "x\n");
	export_rotate_prune("f", 1);
	ck_assert_int_ne(access("f.20261121T013000Z", F_OK), 0);
	ck_assert_int_eq(access("f.20261121T013001Z", F_OK), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_rotate");
	TCase *names = tcase_create("names");
	TCase *files = tcase_create("files");

	tcase_add_test(names, names_say_when_in_utc);
	tcase_add_loop_test(names, only_rotated_names_are_taken_for_such, 0,
			(int)BASE_COUNT_OF(parse_rows));
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, rename_never_overwrites);
	tcase_add_test(files, prune_keeps_the_newest_and_what_is_not_ours);
	tcase_add_test(files, prune_finds_the_working_directory);
	suite_add_tcase(suite, names);
	suite_add_tcase(suite, files);
	return suite;
}
