/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_run.h"
#include "unit_main.h"

#include <sys/resource.h>
#include <sys/stat.h>

#define FILES 3000

/* File `number`, a packet in each; four of a thousand are bad, which returns false. */
static bool make_numbered_file(const char *path, uint32_t number)
{
	struct octets o = {.swapped = number % 2};
	uint32_t kind = number % 1000;
	uint8_t frame[200];
	uint32_t len = make_flow(frame, number, false);

	pcap_begin(&o, number % 3 ? PCAP_MICRO : PCAP_NANO, 65535, 1);
	pcap_packet(&o, BASE_SEC + number, 0, frame, len, len);
	if (kind == 7) {
		o.len = 0; /* an empty file */
	} else if (kind == 8) {
		o.len--; /* a cut one */
	} else if (kind == 9) {
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	if (kind < 9 || kind > 10) { /* 10: a missing one */
		int fd = open(path, O_CREAT | O_WRONLY, 0600);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(write(fd, o.data, o.len), (ssize_t)o.len);
		close(fd);
	}
	octets_free(&o);
	return kind < 7 || kind > 10;
}

/* Thousands of files, some of them bad, with few descriptors to spare. */
START_TEST(goes_on_after_bad_files)
{
	char folder[] = "/tmp/weir_replay_XXXXXX";
	char(*names)[64] = calloc(FILES, sizeof(*names));
	const char **paths = calloc(FILES, sizeof(*paths));
	uint32_t bad = 0;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (uint32_t i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/%u", folder, i);
		paths[i] = names[i];
		bad += !make_numbered_file(names[i], i);
	}
	struct rlimit limit = {.rlim_cur = 32, .rlim_max = 32};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (uint32_t workers = 1; workers <= 4; workers++) {
		struct run run;

		run_files(&run, paths, FILES, workers);
		ck_assert_uint_eq(run.all.count, FILES - bad);
		ck_assert_uint_eq(run.errors, bad);
		ck_assert_uint_eq(run.progress.files_failed, bad);
		run_free(&run);
	}
	for (uint32_t i = 0; i < FILES; i++)
		remove(names[i]);
	rmdir(folder);
	free(names);
	free(paths);
}
END_TEST

static const struct {
	const char *path;
	const char *says;
} missing_rows[] = {
		{"/nonexistent/file.pcap", "cannot be opened: No such file or directory"},
		{"/tmp", "cannot be opened: Is a directory"},
		{"/dev/null", "the file is empty; no packet was read"},
};

START_TEST(says_in_one_line_what_is_wrong)
{
	const char *paths[] = {missing_rows[_i].path};
	struct run run;

	run_files(&run, paths, 1, 1);
	ck_assert_uint_eq(run.errors, 1);
	ck_assert_str_eq(run.error, missing_rows[_i].says);
	ck_assert_str_eq(run.error_path, missing_rows[_i].path);
	run_free(&run);
}
END_TEST

START_TEST(says_how_much_was_read_before_the_damage)
{
	struct octets o = {0};
	struct run run;
	uint8_t frame[200];
	uint32_t len = make_flow(frame, 1, false);

	pcap_begin(&o, PCAP_MICRO, 65535, 1);
	for (uint32_t i = 0; i < 3; i++)
		pcap_packet(&o, BASE_SEC + i, 0, frame, len, len);
	run_octets(&run, o.data, o.len - 10, 1);
	ck_assert_uint_eq(run.all.count, 2);
	ck_assert_str_eq(run.error,
			"ends inside a packet: 77 octets expected, 67 there; 2 packets were read "
			"before");
	run_free(&run);
	run_octets(&run, o.data, o.len - 2 * (len + 16) + 1, 1);
	ck_assert_str_eq(run.error,
			"ends inside a packet header: 16 octets expected, 1 there; "
			"1 packet was read before");
	run_free(&run);
	octets_free(&o);
}
END_TEST

START_TEST(no_files_are_an_end_too)
{
	for (uint32_t workers = 1; workers <= 2; workers++) {
		struct run run;

		run_files(&run, NULL, 0, workers);
		ck_assert_uint_eq(run.all.count, 0);
		ck_assert_int_eq(run.progress.first_ns, 0);
		run_free(&run);
	}
}
END_TEST

START_TEST(reads_standard_input)
{
	struct octets o;
	struct run run;
	char path[32];
	const char *paths[] = {"-"};

	make_traffic(&o);
	int fd = file_make(o.data, o.len, path);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	run_files(&run, paths, 1, 1);
	ck_assert_uint_eq(run.errors, 0);
	ck_assert_uint_eq(run.all.count, PACKETS);
	ck_assert_uint_eq(run.progress.bytes_total, o.len);
	run_free(&run);
	octets_free(&o);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_reader");
	TCase *tcase = tcase_create("reader");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, goes_on_after_bad_files);
	tcase_add_loop_test(
			tcase, says_in_one_line_what_is_wrong, 0, (int)BASE_COUNT_OF(missing_rows));
	tcase_add_test(tcase, says_how_much_was_read_before_the_damage);
	tcase_add_test(tcase, no_files_are_an_end_too);
	tcase_add_test(tcase, reads_standard_input);
	suite_add_tcase(suite, tcase);
	return suite;
}
