/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rotation and opening again, with lines of 20 octets. What an output does with slow readers and
 * full disks is in test_export_output.c.
 */
#include "export_delivery.h"
#include "export_sample.h"
#include "unit_main.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#define SECOND INT64_C(1000000000)
#define LINE_BYTES 20

static const bool may_block;
static const char *folder;
static struct config_output config;
static struct export_delivery delivery;
static uint64_t offered;

static void make_folder(void)
{
	folder = sample_folder();
	offered = 0;
	config = (struct config_output){.name = "flows", .queue_bytes = 1 << 20};
	snprintf(config.path, sizeof(config.path), "%s/flows.jsonl", folder);
}

static void remove_folder(void)
{
	sample_remove(folder);
}

static uint64_t get(enum stats_output_index row)
{
	return delivery.counters[row];
}

static uint64_t lost(void)
{
	return get(STATS_output_lost_no_space) + get(STATS_output_lost_io_error)
			+ get(STATS_output_lost_queue_full) + get(STATS_output_lost_closed);
}

static void check_ledger(void)
{
	ck_assert_uint_eq(offered, get(STATS_output_sent) + delivery.queue.lines + lost());
}

static void open_delivery(void)
{
	const struct export_delivery_options options = {
			.header = "", .line_bytes = LINE_BYTES, .may_block = &may_block};
	char cause[EXPORT_ERROR_BYTES] = "";

	ck_assert_msg(export_delivery_open(&delivery, &config, &options, cause) == 0, "%s", cause);
}

static void offer(unsigned int count)
{
	export_delivery_begin(&delivery);
	for (unsigned int i = 0; i < count; i++) {
		char *line = export_delivery_reserve(&delivery);
		ck_assert_ptr_nonnull(line);
		memcpy(line, "{ a line of twenty }", LINE_BYTES);
		line[LINE_BYTES - 1] = '\n';
		export_delivery_publish(&delivery, LINE_BYTES);
		offered++;
	}
	check_ledger();
}

static void tick(int64_t seconds)
{
	export_delivery_tick(&delivery, SAMPLE_NS + seconds * SECOND);
	check_ledger();
}

static void finish(void)
{
	export_delivery_finish(&delivery, 0);
	check_ledger();
	ck_assert_uint_eq(delivery.queue.lines, 0);
	export_delivery_fini(&delivery);
}

/* Whole lines only; returns how many. */
static uint64_t check_file(const char *path, size_t *len)
{
	char *text = sample_read(path, len);

	ck_assert_msg(text != NULL, "%s is missing", path);
	uint64_t lines = sample_lines(text, *len);
	ck_assert_uint_eq(*len, lines * LINE_BYTES);
	free(text);
	return lines;
}

/* All files of the folder, largest first counted: lines in all, octets of the largest. */
static unsigned int count_folder(uint64_t *lines, size_t *largest)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	unsigned int files = 0;

	*lines = 0;
	*largest = 0;
	while ((entry = readdir(directory)) != NULL) {
		char path[CONFIG_PATH_BYTES + 64];
		size_t len;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		*lines += check_file(path, &len);
		*largest = len > *largest ? len : *largest;
		files++;
	}
	closedir(directory);
	return files;
}

START_TEST(rotation_by_size_never_exceeds_it)
{
	uint64_t lines;
	size_t largest;

	config.rotate_bytes = 1010;
	open_delivery();
	tick(0);
	offer(2000);
	finish();
	unsigned int files = count_folder(&lines, &largest);
	ck_assert_uint_eq(lines, 2000);
	ck_assert_uint_eq(largest, 1000);
	ck_assert_uint_eq(files, get(STATS_output_rotations) + 1);
	ck_assert_uint_eq(files, 40);
	ck_assert_uint_eq(get(STATS_output_sent_octets), 2000 * LINE_BYTES);
}
END_TEST

START_TEST(a_line_longer_than_the_limit_gets_its_own_file)
{
	uint64_t lines;
	size_t largest;

	config.rotate_bytes = 10;
	open_delivery();
	for (unsigned int i = 0; i < 5; i++) {
		offer(1);
		tick(i);
	}
	finish();
	ck_assert_uint_eq(count_folder(&lines, &largest), 5);
	ck_assert_uint_eq(lines, 5);
}
END_TEST

static bool exists(const char *suffix)
{
	char path[CONFIG_PATH_BYTES + 64];

	snprintf(path, sizeof(path), "%s%s", config.path, suffix);
	return access(path, F_OK) == 0;
}

START_TEST(rotation_by_time_happens_at_round_times)
{
	config.rotate_ns = 300 * SECOND;
	config.keep_files = 2;
	open_delivery();
	tick(10); /* 01:30:10 */
	offer(1);
	tick(299);
	ck_assert_uint_eq(get(STATS_output_rotations), 0);
	tick(301);
	ck_assert_uint_eq(get(STATS_output_rotations), 1);
	ck_assert(exists(".20261121T013500Z"));
	tick(650); /* nothing was written: no empty file */
	ck_assert_uint_eq(get(STATS_output_rotations), 1);
	offer(1);
	tick(910);
	ck_assert(exists(".20261121T014500Z"));
	offer(1);
	tick(5000); /* long after: named by the last round time */
	ck_assert(exists(".20261121T025000Z"));
	ck_assert(!exists(".20261121T013500Z"));
	ck_assert(exists(".20261121T014500Z"));
	finish();
}
END_TEST

/* What an earlier run left belongs to its own time. */
START_TEST(an_old_file_is_rotated_first)
{
	struct timespec times[2] = {{SAMPLE_NS / SECOND - 3600, 0}, {SAMPLE_NS / SECOND - 3600, 0}};

	sample_write(config.path, "{}\n");
	ck_assert_int_eq(utimensat(AT_FDCWD, config.path, times, 0), 0);
	config.rotate_ns = 300 * SECOND;
	open_delivery();
	tick(1);
	ck_assert_uint_eq(get(STATS_output_rotations), 1);
	ck_assert(exists(".20261121T013000Z"));
	finish();
}
END_TEST

START_TEST(rotation_that_finds_the_file_gone_begins_a_new_one)
{
	size_t len;

	config.rotate_ns = 300 * SECOND;
	open_delivery();
	tick(0);
	offer(3);
	tick(1);
	ck_assert_int_eq(unlink(config.path), 0);
	tick(301);
	offer(4);
	finish();
	ck_assert_uint_eq(check_file(config.path, &len), 4);
}
END_TEST

START_TEST(rotation_that_is_not_possible_loses_nothing)
{
	char away[CONFIG_PATH_BYTES + 64];
	size_t len;

	config.rotate_bytes = 100;
	open_delivery();
	offer(2);
	tick(0);
	snprintf(away, sizeof(away), "%s-away", folder);
	ck_assert_int_eq(rename(folder, away), 0);
	offer(100);
	tick(1);
	ck_assert_uint_eq(get(STATS_output_sent), 102);
	ck_assert_str_ne(delivery.error, "");
	ck_assert_int_eq(rename(away, folder), 0);
	tick(2);
	ck_assert_str_eq(delivery.error, "");
	offer(1);
	finish();
	ck_assert_uint_eq(lost(), 0);
	ck_assert_uint_gt(check_file(config.path, &len), 0);
}
END_TEST

START_TEST(reopen_after_others_rotated)
{
	char away[CONFIG_PATH_BYTES + 8];
	size_t len;

	open_delivery();
	offer(3);
	snprintf(away, sizeof(away), "%s.1", config.path);
	ck_assert_int_eq(rename(config.path, away), 0);
	ck_assert_int_eq(export_delivery_reopen(&delivery), 0);
	check_ledger();
	offer(4);
	finish();
	ck_assert_uint_eq(check_file(away, &len), 3);
	ck_assert_uint_eq(check_file(config.path, &len), 4);
	ck_assert_uint_eq(get(STATS_output_rotations), 1);
}
END_TEST

START_TEST(reopen_keeps_trying)
{
	char away[CONFIG_PATH_BYTES + 8];
	size_t len;

	open_delivery();
	offer(3);
	snprintf(away, sizeof(away), "%s.1", config.path);
	ck_assert_int_eq(rename(config.path, away), 0);
	ck_assert_int_eq(mkdir(config.path, 0755), 0);
	ck_assert_int_eq(export_delivery_reopen(&delivery), -EISDIR);
	ck_assert_ptr_nonnull(strstr(delivery.error, "is a directory"));
	offer(4); /* meanwhile the old file takes them */
	tick(0);
	ck_assert_uint_eq(get(STATS_output_sent), 7);
	ck_assert_int_eq(rmdir(config.path), 0);
	tick(1);
	ck_assert_str_eq(delivery.error, "");
	offer(5);
	finish();
	ck_assert_uint_eq(check_file(away, &len), 7);
	ck_assert_uint_eq(check_file(config.path, &len), 5);
}
END_TEST

START_TEST(rotated_by_size_and_time_alike)
{
	uint64_t lines;
	size_t largest;

	config.rotate_bytes = 10 * LINE_BYTES;
	config.rotate_ns = 300 * SECOND;
	config.keep_files = 100;
	open_delivery();
	for (unsigned int i = 0; i < 40; i++) {
		tick(60 * i);
		offer(3);
	}
	finish();
	count_folder(&lines, &largest);
	ck_assert_uint_eq(lines, 120);
	ck_assert_uint_le(largest, 10 * LINE_BYTES);
	ck_assert_uint_ge(get(STATS_output_rotations), 12);
}
END_TEST

/* Between the end of a file and the next, lines wait; where nothing helps they are counted. */
START_TEST(a_full_queue_says_why)
{
	config.queue_bytes = 10 * LINE_BYTES;
	snprintf(config.path, sizeof(config.path), "/dev/full");
	open_delivery();
	offer(10);
	tick(0);
	export_delivery_begin(&delivery);
	ck_assert_ptr_null(export_delivery_reserve(&delivery));
	export_delivery_lose(&delivery, 7);
	offered += 7;
	check_ledger();
	ck_assert_uint_eq(get(STATS_output_lost_no_space), 7);
	finish();
	ck_assert_uint_eq(get(STATS_output_lost_no_space), 17);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_delivery");
	TCase *tcase = tcase_create("delivery");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, rotation_by_size_never_exceeds_it);
	tcase_add_test(tcase, a_line_longer_than_the_limit_gets_its_own_file);
	tcase_add_test(tcase, rotation_by_time_happens_at_round_times);
	tcase_add_test(tcase, an_old_file_is_rotated_first);
	tcase_add_test(tcase, rotated_by_size_and_time_alike);
	tcase_add_test(tcase, rotation_that_finds_the_file_gone_begins_a_new_one);
	tcase_add_test(tcase, rotation_that_is_not_possible_loses_nothing);
	tcase_add_test(tcase, reopen_after_others_rotated);
	tcase_add_test(tcase, reopen_keeps_trying);
	tcase_add_test(tcase, a_full_queue_says_why);
	suite_add_tcase(suite, tcase);
	return suite;
}
