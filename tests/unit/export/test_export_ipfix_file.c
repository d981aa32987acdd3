/* SPDX-License-Identifier: BSD-3-Clause */
/* IPFIX files (RFC 5655): each is whole, begins with its templates, and can be read alone. */
#include "export_output.h"
#include "export_sending.h"
#include "unit_main.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

static const char *folder;

static void set_up_file(void)
{
	set_up_udp();
	folder = sample_folder();
	config.collector[0] = '\0';
	snprintf(config.path, sizeof(config.path), "%s/flows.ipfix", folder);
}

static void remove_file(void)
{
	tear_down();
	sample_remove(folder);
}

/* Reads a file as a session of its own, to its last octet, and judges it; returns its flows. */
static uint64_t judge_file(const char *path)
{
	size_t len;
	char *octets = sample_read(path, &len);
	uint64_t before = fake->flows;

	ck_assert_msg(octets != NULL, "%s is missing", path);
	fake_begin_session(fake);
	const uint8_t *at = (const uint8_t *)octets;
	while (len > 0) {
		int length = ipfix_reader_split(at, len);
		ck_assert_msg(length > 0, "%s ends with a part of a message", path);
		fake_take_message(fake, at, (size_t)length);
		at += length;
		len -= (size_t)length;
	}
	free(octets);
	ck_assert_uint_ge(fake->templates_before_data, 1);
	ck_assert_uint_eq(fake_missing(fake), 0);
	ck_assert_uint_eq(fake->doubles, 0);
	return fake->flows - before;
}

/* Judges all files of the folder; returns how many they are. */
static unsigned int judge_all(void)
{
	struct dirent *entry;
	DIR *directory = opendir(folder);
	unsigned int files = 0;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL) {
		char path[512];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		judge_file(path);
		files++;
	}
	closedir(directory);
	return files;
}

START_TEST(a_file_has_it_all)
{
	struct stat status;

	fake->stream = true; /* in files, as over streams, templates stand once */
	open_output();
	offer(1000);
	tick();
	finish(SECOND);
	ck_assert_uint_eq(judge_file(config.path), 1000);
	ck_assert_int_eq(stat(config.path, &status), 0);
	ck_assert_uint_eq(values[STATS_output_sent], 1000);
	ck_assert_uint_eq(values[STATS_output_sent_octets], (uint64_t)status.st_size);
	ck_assert_uint_eq(values[STATS_output_messages], fake->messages);
	ck_assert_uint_eq(fake->last[FAKE_FLOWS_SENT], 1000);
	fake_judge(fake, 0);
}
END_TEST

/* The control thread gives some hundred at once: more messages than the least queue holds. */
START_TEST(a_short_queue_loses_nothing_that_is_taken_at_once)
{
	struct flow_record records[512];

	fake->stream = true;
	config.queue_bytes = 64 << 10;
	open_output();
	for (int turn = 0; turn < 20; turn++) {
		for (unsigned int i = 0; i < 512; i++)
			records[i] = recent_record();
		export_output_write(output, records, 512);
		check_ledger();
	}
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], 20 * 512);
	ck_assert_uint_eq(judge_file(config.path), 20 * 512);
}
END_TEST

START_TEST(a_file_of_before_is_set_aside)
{
	fake->stream = true;
	for (int i = 0; i < 3; i++) {
		open_output();
		offer(100);
		finish(SECOND);
		ck_assert_uint_eq(values[STATS_output_sent], 100);
		export_output_close(output, 0);
		output = NULL;
	}
	ck_assert_uint_eq(judge_all(), 3);
	ck_assert_uint_eq(fake->flows, 300);
}
END_TEST

START_TEST(each_file_of_many_is_whole)
{
	fake->stream = true;
	config.rotate_bytes = 100000;
	open_output();
	offer(5000);
	tick();
	finish(SECOND);
	ck_assert_uint_ge(judge_all(), 6);
	ck_assert_uint_eq(fake->flows, 5000);
	ck_assert_uint_eq(values[STATS_output_rotations] + 1, fake->sessions - 1);
	ck_assert_uint_eq(values[STATS_output_sessions], fake->sessions - 1);
}
END_TEST

/* Templates alone are longer than that: a file then holds what no smaller one could. */
START_TEST(files_that_are_too_short_hold_a_message_each)
{
	fake->stream = true;
	config.rotate_bytes = 4096;
	open_output();
	offer(500);
	tick();
	offer(500);
	tick();
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], 1000);
	ck_assert_uint_le(values[STATS_output_rotations], 20);
	ck_assert_uint_eq(judge_all(), values[STATS_output_rotations] + 1);
	ck_assert_uint_eq(fake->flows, 1000);
}
END_TEST

/* The name fits the file system, but not with the time behind it. */
START_TEST(a_rotation_that_fails_is_told)
{
	ck_assert_int_eq(chdir(folder), 0);
	memset(config.path, 'x', 240);
	config.path[240] = '\0';
	fake->stream = true;
	config.rotate_bytes = 30000;
	open_output();
	offer(100);
	tick();
	ck_assert_str_eq(export_output_error(output), "");
	offer(2000);
	tick();
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "set a shorter one"));
	ck_assert_uint_eq(values[STATS_output_rotations], 0);
	ck_assert_uint_eq(values[STATS_output_sent], 2100);
	offer(100);
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], 2200);
	ck_assert_uint_eq(judge_file(config.path), 2200);
}
END_TEST

START_TEST(a_file_that_others_rotate_is_whole)
{
	char moved[600];

	fake->stream = true;
	open_output();
	offer(300);
	tick();
	snprintf(moved, sizeof(moved), "%s.1", config.path);
	ck_assert_int_eq(rename(config.path, moved), 0);
	ck_assert_int_eq(export_output_reopen(output), 0);
	offer(200);
	finish(SECOND);
	ck_assert_uint_eq(judge_file(moved), 300);
	ck_assert_uint_eq(judge_file(config.path), 200);
}
END_TEST

/* Meanwhile records go into the file of before, which nobody can see. */
START_TEST(a_path_that_is_away_is_tried_again)
{
	char away[80], file[120];

	fake->stream = true;
	open_output();
	offer(300);
	tick();
	snprintf(away, sizeof(away), "%s.away", folder);
	ck_assert_int_eq(rename(folder, away), 0);
	(void)export_output_reopen(output);
	offer(100);
	tick();
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "does not exist"));
	ck_assert_uint_eq(values[STATS_output_sent], 400);
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	tick();
	ck_assert_str_eq(export_output_error(output), "");
	offer(200);
	finish(SECOND);
	ck_assert_uint_eq(judge_file(config.path), 200);
	ck_assert_uint_eq(values[STATS_output_rotations], 1);
	snprintf(file, sizeof(file), "%s/flows.ipfix", away);
	ck_assert_uint_eq(judge_file(file), 400);
	sample_remove(away);
}
END_TEST

/* Offers records while no file may grow beyond `bytes`; nothing is asserted meanwhile, as
 * the test's own report is a file, too. */
static void offer_limited(rlim_t bytes, uint32_t count)
{
	struct flow_record record = recent_record();
	struct rlimit before, limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = bytes;
	int error = setrlimit(RLIMIT_FSIZE, &limit);
	for (uint32_t i = 0; i < count; i++) {
		record.flow_id = next_id++;
		export_output_write(output, &record, 1);
	}
	export_output_tick(output, base_clock_wall_ns());
	error |= setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(error, 0);
	check_ledger();
}

/* The limit cuts anywhere, also among the templates; whole messages stay, each record once. */
START_TEST(no_message_is_torn_when_space_ends_and_returns)
{
	static const rlim_t limits[] = {1, 100, 3000, 4300, 20000, 50001};

	fake->stream = true;
	open_output();
	offer_limited(limits[_i], 1000);
	ck_assert_uint_eq(lost_of_all(), 0);
	ck_assert_uint_gt(values[STATS_output_queued], 0);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "ulimit -f"));
	tick();
	ck_assert_uint_eq(values[STATS_output_sent], 1000);
	ck_assert_str_eq(export_output_error(output), "");
	offer(10);
	finish(SECOND);
	ck_assert_uint_eq(judge_file(config.path), 1010);
	fake_judge(fake, 0);
}
END_TEST

/* Who makes room by moving the file away gets it, and what waits goes into the new file. */
START_TEST(a_full_disk_does_not_hold_a_file_that_was_moved)
{
	static const rlim_t limits[] = {100, 20000};
	struct rlimit before, limit;
	char moved[600];

	fake->stream = true;
	open_output();
	offer_limited(limits[_i], 1000);
	ck_assert_uint_gt(values[STATS_output_queued], 0);
	snprintf(moved, sizeof(moved), "%s.1", config.path);
	ck_assert_int_eq(rename(config.path, moved), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = limits[_i];
	int error = setrlimit(RLIMIT_FSIZE, &limit);
	error |= export_output_reopen(output);
	error |= setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(error, 0);
	tick();
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], 1000);
	ck_assert_uint_gt(judge_file(config.path), 0);
	if (limits[_i] > 4096) /* the other one holds nothing */
		judge_file(moved);
	ck_assert_uint_eq(fake->flows, 1000);
}
END_TEST

START_TEST(a_full_disk_costs_what_the_queue_does_not_hold)
{
	snprintf(config.path, sizeof(config.path), "/dev/full");
	config.queue_bytes = 128 << 10;
	open_output();
	offer(100);
	tick();
	ck_assert_uint_eq(values[STATS_output_queued], 100);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "the disk is full"));
	offer(5000);
	ck_assert_uint_gt(values[STATS_output_lost_no_space], 3000);
	ck_assert_uint_eq(values[STATS_output_lost_no_space], lost_of_all());
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_lost_no_space], 5100);
}
END_TEST

/* A replay waits for readers that are slow; a device without room is none, and files are not
 * either.
 */
START_TEST(a_replay_does_not_wait_for_a_full_disk)
{
	snprintf(config.path, sizeof(config.path), "/dev/full");
	config.queue_bytes = 128 << 10;
	context.may_block = true;
	open_output();
	offer(5100);
	int64_t began_ns = base_clock_mono_ns();
	finish(PATIENCE_NS);
	ck_assert_int_lt(base_clock_mono_ns() - began_ns, PATIENCE_NS / 2);
	ck_assert_uint_eq(values[STATS_output_lost_no_space], 5100);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_ipfix_file");
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, set_up_file, remove_file);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_file_has_it_all);
	tcase_add_test(tcase, a_short_queue_loses_nothing_that_is_taken_at_once);
	tcase_add_test(tcase, a_file_of_before_is_set_aside);
	tcase_add_test(tcase, each_file_of_many_is_whole);
	tcase_add_test(tcase, files_that_are_too_short_hold_a_message_each);
	tcase_add_test(tcase, a_rotation_that_fails_is_told);
	tcase_add_test(tcase, a_file_that_others_rotate_is_whole);
	tcase_add_test(tcase, a_path_that_is_away_is_tried_again);
	tcase_add_loop_test(tcase, a_full_disk_does_not_hold_a_file_that_was_moved, 0, 2);
	tcase_add_loop_test(tcase, no_message_is_torn_when_space_ends_and_returns, 0, 6);
	tcase_add_test(tcase, a_full_disk_costs_what_the_queue_does_not_hold);
	tcase_add_test(tcase, a_replay_does_not_wait_for_a_full_disk);
	suite_add_tcase(suite, tcase);
	return suite;
}
