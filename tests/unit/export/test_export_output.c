/* SPDX-License-Identifier: BSD-3-Clause */
/* Every step is followed by the ledger: offered = sent + queued + lost, in the published counters.
 */
#include "export_format.h"
#include "export_output.h"
#include "export_sample.h"
#include "unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#define SECOND INT64_C(1000000000)

static const char *const names[] = {"eth0", "eth1"};
static struct export_context context = {.port_names = names, .port_count = 2};
static const char *folder;
static struct config_output config;
static struct export_output *output;
static uint64_t values[STATS_OUTPUT_COUNT];

static void make_folder(void)
{
	folder = sample_folder();
	context.may_block = false;
	config = (struct config_output){
			.name = "flows", .format = CONFIG_OUTPUT_JSONL, .queue_bytes = 1 << 20};
	snprintf(config.path, sizeof(config.path), "%s/flows.jsonl", folder);
}

static void remove_folder(void)
{
	sample_remove(folder);
}

static uint64_t lost(void)
{
	return values[STATS_output_lost_no_space] + values[STATS_output_lost_io_error]
			+ values[STATS_output_lost_queue_full] + values[STATS_output_lost_closed];
}

static void check_ledger(void)
{
	stats_block_read(export_output_stats(output), values);
	ck_assert_uint_eq(values[STATS_output_offered],
			values[STATS_output_sent] + values[STATS_output_queued] + lost());
}

static void open_output(void)
{
	char error[1024] = "";

	ck_assert_msg(export_output_open(&output, &config, &context, error, sizeof(error)) == 0,
			"%s", error);
	check_ledger();
}

static void offer(uint32_t count)
{
	struct flow_record burst[64];
	uint64_t offered = values[STATS_output_offered];

	for (uint32_t i = 0; i < 64; i++)
		burst[i] = sample_record();
	for (uint32_t left = count; left > 0;) {
		uint32_t some = left < 64 ? left : 64;
		export_output_write(output, burst, some);
		check_ledger();
		left -= some;
	}
	ck_assert_uint_eq(values[STATS_output_offered], offered + count);
}

static void tick(int64_t seconds)
{
	export_output_tick(output, SAMPLE_NS + seconds * SECOND);
	check_ledger();
}

static void finish(int64_t deadline_ns)
{
	export_output_finish(output, deadline_ns);
	check_ledger();
	ck_assert_uint_eq(values[STATS_output_queued], 0);
	export_output_close(output, 0);
	output = NULL;
}

/* Whole lines of JSON only; returns how many. */
static uint64_t check_lines(const char *text, size_t len)
{
	const char *at = text;

	while (at < text + len) {
		const char *end = memchr(at, '\n', (size_t)(text + len - at));
		ck_assert_msg(end != NULL, "a torn line: %.40s", at);
		ck_assert_int_eq(*at, '{');
		ck_assert_int_eq(end[-1], '}');
		at = end + 1;
	}
	return sample_lines(text, len);
}

static uint64_t check_file(const char *path, size_t *len)
{
	char *text = sample_read(path, len);

	ck_assert_msg(text != NULL, "%s is missing", path);
	uint64_t lines = check_lines(text, *len);
	free(text);
	return lines;
}

START_TEST(a_file_gets_every_record)
{
	size_t len;

	open_output();
	ck_assert_str_eq(export_output_name(output), "flows");
	ck_assert_str_eq(export_output_error(output), "");
	offer(5000);
	tick(0);
	ck_assert_uint_eq(values[STATS_output_sent], 5000);
	ck_assert_uint_eq(check_file(config.path, &len), 5000);
	ck_assert_uint_eq(values[STATS_output_sent_octets], len);
	offer(1);
	finish(0);
	ck_assert_uint_eq(values[STATS_output_sent], 5001);
	ck_assert_uint_eq(lost(), 0);
	ck_assert_uint_eq(check_file(config.path, &len), 5001);
}
END_TEST

/* Large pieces between ticks, so that a tick is not what bounds memory. */
START_TEST(writes_without_waiting_for_a_tick)
{
	open_output();
	offer(1);
	ck_assert_uint_eq(values[STATS_output_queued], 1);
	offer(5000);
	ck_assert_uint_gt(values[STATS_output_sent], 4000);
	finish(0);
}
END_TEST

START_TEST(csv_has_its_header_even_without_records)
{
	size_t len;

	config.format = CONFIG_OUTPUT_CSV;
	open_output();
	tick(0);
	char *text = sample_read(config.path, &len);
	ck_assert_uint_eq(sample_lines(text, len), 1);
	ck_assert_int_eq(strncmp(text, "src_ip,dst_ip,", 14), 0);
	ck_assert_uint_eq(values[STATS_output_sent], 0);
	ck_assert_uint_eq(values[STATS_output_sent_octets], len);
	free(text);
	offer(10);
	finish(0);
	open_output();
	offer(5);
	finish(0);
	text = sample_read(config.path, &len);
	ck_assert_uint_eq(sample_lines(text, len), 16);
	free(text);
}
END_TEST

struct open_row {
	const char *path;
	int error;
	const char *says;
};

static const struct open_row open_rows[] = {
		{"/no-such-folder/x/flows.jsonl", -ENOENT, "mkdir -p /no-such-folder/x"},
		{"/tmp", -EISDIR, "is a directory"},
		{"/dev/null/flows.jsonl", -ENOTDIR, "/dev/null is not a directory"},
};

START_TEST(open_says_cause_and_cure_in_a_line)
{
	const struct open_row *row = &open_rows[_i];
	char error[1024] = "";

	snprintf(config.path, sizeof(config.path), "%s", row->path);
	ck_assert_int_eq(export_output_open(&output, &config, &context, error, sizeof(error)),
			row->error);
	ck_assert_msg(strstr(error, row->says) != NULL, "%s", error);
	ck_assert_int_eq(strncmp(error, "output flows: cannot write ", 27), 0);
	ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

START_TEST(a_full_disk_keeps_then_counts_records)
{
	snprintf(config.path, sizeof(config.path), "/dev/full");
	config.queue_bytes = 64 << 10;
	open_output();
	offer(10);
	tick(0);
	ck_assert_uint_eq(values[STATS_output_queued], 10);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "the disk is full"));
	offer(2000);
	tick(1);
	ck_assert_uint_gt(values[STATS_output_queued], 50);
	ck_assert_uint_gt(values[STATS_output_lost_no_space], 1000);
	ck_assert_uint_eq(values[STATS_output_lost_no_space], lost());
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_lost_no_space], 2010);
}
END_TEST

/*
 * Offers `count` records and ticks while no file may grow beyond `bytes`. Nothing is asserted in
 * between: the test's own report is a file, too.
 */
static void offer_limited(rlim_t bytes, uint32_t count, int64_t seconds)
{
	struct flow_record record = sample_record();
	struct rlimit before, limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = bytes;
	int error = setrlimit(RLIMIT_FSIZE, &limit);
	for (uint32_t i = 0; i < count; i++)
		export_output_write(output, &record, 1);
	export_output_tick(output, SAMPLE_NS + seconds * SECOND);
	error |= setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(error, 0);
	check_ledger();
}

/* The limit cuts a write anywhere in a line; what stays in the file are whole lines, each once. */
START_TEST(no_torn_line_when_space_ends_and_returns)
{
	static const rlim_t limits[] = {1, 1000, 4096, 65536, 100001, 300003};
	size_t len;

	open_output();
	offer_limited(limits[_i], 1000, 0);
	ck_assert_uint_eq(lost(), 0);
	ck_assert_uint_gt(values[STATS_output_queued], 0);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "ulimit -f"));
	ck_assert_uint_eq(check_file(config.path, &len), values[STATS_output_sent]);
	ck_assert_uint_eq(len, values[STATS_output_sent_octets]);
	ck_assert_uint_le(len, limits[_i]);
	offer_limited(limits[_i] + 100, 0, 1);
	ck_assert_uint_eq(check_file(config.path, &len), values[STATS_output_sent]);

	tick(2);
	ck_assert_uint_eq(values[STATS_output_sent], 1000);
	ck_assert_str_eq(export_output_error(output), "");
	offer(10);
	finish(0);
	ck_assert_uint_eq(check_file(config.path, &len), 1010);
	ck_assert_uint_eq(len, values[STATS_output_sent_octets]);
}
END_TEST

/* The header is cut back, too, and written once when there is room. */
START_TEST(no_torn_header_either)
{
	size_t len;

	config.format = CONFIG_OUTPUT_CSV;
	open_output();
	offer_limited(100, 3, 0);
	ck_assert_uint_eq(values[STATS_output_sent_octets], 0);
	char *text = sample_read(config.path, &len);
	ck_assert_uint_eq(len, 0);
	free(text);
	finish(0);
	text = sample_read(config.path, &len);
	ck_assert_uint_eq(sample_lines(text, len), 4);
	ck_assert_int_eq(strncmp(text, "src_ip,", 7), 0);
	ck_assert_uint_eq(len, values[STATS_output_sent_octets]);
	free(text);
}
END_TEST

/* Puts a pipe in the place of standard output; returns the end to read. */
static int pipe_standard_output(void)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	snprintf(config.path, sizeof(config.path), "-");
	return ends[0];
}

/* Reads to the end; the caller frees. */
static char *read_all(int fd, size_t *len)
{
	size_t size = 64 << 20;
	char *text = malloc(size);
	ssize_t got;

	*len = 0;
	while ((got = read(fd, text + *len, size - *len)) > 0)
		*len += (size_t)got;
	ck_assert_int_eq(got, 0);
	return text;
}

START_TEST(a_slow_reader_costs_records_not_time)
{
	size_t len;
	int reader = pipe_standard_output();

	config.queue_bytes = 100000;
	open_output();
	offer(3000);
	tick(0);
	ck_assert_uint_gt(values[STATS_output_sent], 50);
	ck_assert_uint_gt(values[STATS_output_queued], 100);
	ck_assert_uint_gt(values[STATS_output_lost_queue_full], 2000);
	ck_assert_uint_eq(values[STATS_output_lost_queue_full], lost());

	finish(0); /* nobody reads: what is queued is lost */
	close(STDOUT_FILENO);
	char *text = read_all(reader, &len);
	uint64_t whole = sample_lines(text, len);
	ck_assert_uint_eq(whole, values[STATS_output_sent]);
	free(text);
}
END_TEST

static void *read_slowly(void *arg)
{
	int fd = *(int *)arg;
	char piece[5000];
	char *text = calloc(1, 64 << 20);
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		memcpy(text + len, piece, (size_t)got);
		len += (size_t)got;
		if (len / 50000 != (len - (size_t)got) / 50000)
			usleep(1000);
	}
	return text;
}

/* Replay: the reader sets the pace and gets everything. */
START_TEST(a_slow_reader_may_hold_the_caller)
{
	int reader = pipe_standard_output();
	pthread_t thread;
	void *text;

	context.may_block = true;
	config.queue_bytes = 20000;
	open_output();
	ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	offer(5000);
	finish(10 * SECOND);
	close(STDOUT_FILENO);
	ck_assert_int_eq(pthread_join(thread, &text), 0);
	ck_assert_uint_eq(values[STATS_output_sent], 5000);
	ck_assert_uint_eq(check_lines(text, strlen(text)), 5000);
	free(text);
}
END_TEST

static void *stop_waiting(void *arg)
{
	usleep(50000);
	__atomic_store_n(&context.may_block, false, __ATOMIC_RELAXED);
	return arg;
}

START_TEST(waiting_ends_when_it_is_no_longer_allowed)
{
	pthread_t thread;

	pipe_standard_output();
	context.may_block = true;
	config.queue_bytes = 20000;
	open_output();
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_waiting, NULL), 0);
	offer(1000); /* nobody reads */
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_gt(values[STATS_output_lost_queue_full], 0);
	finish(0);
}
END_TEST

static void *read_late(void *arg)
{
	size_t len;

	usleep(50000);
	return read_all(*(int *)arg, &len);
}

START_TEST(finish_waits_for_the_reader_until_its_deadline)
{
	int reader = pipe_standard_output();
	pthread_t thread;
	void *text;

	open_output();
	offer(500);
	tick(0);
	ck_assert_uint_gt(values[STATS_output_queued], 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, read_late, &reader), 0);
	finish(_i == 0 ? 10 * SECOND : INT64_MAX);
	ck_assert_uint_eq(values[STATS_output_sent], 500);
	close(STDOUT_FILENO);
	ck_assert_int_eq(pthread_join(thread, &text), 0);
	free(text);
}
END_TEST

START_TEST(a_reader_that_went_away_is_counted)
{
	int reader = pipe_standard_output();

	open_output();
	offer(200);
	tick(0);
	uint64_t sent = values[STATS_output_sent];
	close(reader);
	tick(1);
	ck_assert_uint_eq(values[STATS_output_queued], 0);
	ck_assert_uint_eq(values[STATS_output_lost_closed], 200 - sent);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "the reader went away"));
	offer(100);
	tick(2);
	ck_assert_uint_eq(values[STATS_output_lost_closed], 300 - sent);
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], sent);
}
END_TEST

START_TEST(a_named_pipe_waits_for_its_next_reader)
{
	char line[64], *text;
	size_t len;

	config.format = CONFIG_OUTPUT_CSV;
	ck_assert_int_eq(mkfifo(config.path, 0600), 0);
	int reader = open(config.path, O_RDONLY | O_NONBLOCK);
	open_output();
	offer(5);
	tick(0);
	ck_assert_uint_eq(values[STATS_output_sent], 5);
	close(reader);
	offer(5);
	tick(1);
	tick(2);
	ck_assert_uint_eq(values[STATS_output_lost_closed], 5);

	reader = open(config.path, O_RDONLY | O_NONBLOCK);
	tick(3);
	ck_assert_str_eq(export_output_error(output), "");
	offer(7);
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent], 12);
	text = read_all(reader, &len); /* a new reader gets a header of its own */
	ck_assert_uint_eq(sample_lines(text, len), 8);
	snprintf(line, sizeof(line), "%.14s", text);
	ck_assert_str_eq(line, "src_ip,dst_ip,");
	free(text);
}
END_TEST

START_TEST(reopen_of_standard_output_is_nothing)
{
	size_t len;
	int reader = pipe_standard_output();

	open_output();
	offer(3);
	ck_assert_int_eq(export_output_reopen(output), 0);
	offer(3);
	finish(SECOND);
	close(STDOUT_FILENO);
	char *text = read_all(reader, &len);
	ck_assert_uint_eq(check_lines(text, len), 6);
	free(text);
}
END_TEST

START_TEST(after_the_end_nothing_is_written)
{
	size_t len;

	open_output();
	offer(3);
	export_output_finish(output, 0);
	check_ledger();
	offer(2);
	tick(0);
	ck_assert_int_eq(export_output_reopen(output), 0);
	export_output_finish(output, 0);
	check_ledger();
	ck_assert_uint_eq(values[STATS_output_sent], 3);
	ck_assert_uint_eq(values[STATS_output_lost_closed], 2);
	export_output_close(output, 0);
	export_output_close(NULL, 0);
	ck_assert_uint_eq(check_file(config.path, &len), 3);
}
END_TEST

START_TEST(the_smallest_queue_holds_a_record)
{
	size_t len;

	config.queue_bytes = 1;
	config.community_id = true;
	open_output();
	offer(100);
	finish(0);
	ck_assert_uint_eq(values[STATS_output_sent], 100);
	ck_assert_uint_eq(check_file(config.path, &len), 100);
}
END_TEST

static void add_file_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_file_gets_every_record);
	tcase_add_test(tcase, writes_without_waiting_for_a_tick);
	tcase_add_test(tcase, csv_has_its_header_even_without_records);
	tcase_add_loop_test(tcase, open_says_cause_and_cure_in_a_line, 0,
			(int)BASE_COUNT_OF(open_rows));
	tcase_add_test(tcase, a_full_disk_keeps_then_counts_records);
	tcase_add_loop_test(tcase, no_torn_line_when_space_ends_and_returns, 0, 6);
	tcase_add_test(tcase, no_torn_header_either);
	tcase_add_test(tcase, after_the_end_nothing_is_written);
	tcase_add_test(tcase, the_smallest_queue_holds_a_record);
}

static void add_stream_tests(TCase *tcase)
{
	tcase_add_test(tcase, a_slow_reader_costs_records_not_time);
	tcase_add_test(tcase, a_slow_reader_may_hold_the_caller);
	tcase_add_test(tcase, waiting_ends_when_it_is_no_longer_allowed);
	tcase_add_loop_test(tcase, finish_waits_for_the_reader_until_its_deadline, 0, 2);
	tcase_add_test(tcase, a_reader_that_went_away_is_counted);
	tcase_add_test(tcase, a_named_pipe_waits_for_its_next_reader);
	tcase_add_test(tcase, reopen_of_standard_output_is_nothing);
}

Suite *unit_suite(void)
{
	static void (*const add[])(TCase *) = {add_file_tests, add_stream_tests};
	static const char *const cases[] = {"file", "stream"};
	Suite *suite = suite_create("export_output");

	for (unsigned int i = 0; i < BASE_COUNT_OF(add); i++) {
		TCase *tcase = tcase_create(cases[i]);
		tcase_add_checked_fixture(tcase, make_folder, remove_folder);
		tcase_set_timeout(tcase, 30);
		add[i](tcase);
		suite_add_tcase(suite, tcase);
	}
	return suite;
}
