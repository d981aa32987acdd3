/* SPDX-License-Identifier: BSD-3-Clause */
/* The control with the real outputs: what it drains is what stands in the files. */
#include "base_clock.h"
#include "control.h"
#include "fake_worker.h"
#include "unit_main.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORKERS 2
#define RECORDS 20000
#define MS BASE_NS_PER_MS

static char folder[64];
static struct config config;
static struct fake_worker workers[WORKERS];
static struct control_worker described[WORKERS];
static struct control_setup setup;
static struct control *control;
static struct control_view view;
static struct stats_identity identities[STATS_MAX_IDENTITIES];

static void add_output(enum config_output_format format, const char *file)
{
	struct config_output *output = &config.outputs[config.output_count++];

	snprintf(output->name, sizeof(output->name), "%s", file);
	output->format = format;
	snprintf(output->path, sizeof(output->path), "%s/%s", folder, file);
	output->queue_bytes = 1 << 20;
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/weir-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	memset(&config, 0, sizeof(config));
	config.workers.control_cpu = -1;
	for (uint32_t i = 0; i < WORKERS; i++) {
		fake_worker_init(&workers[i], i, 1024);
		fake_worker_describe(&workers[i], &described[i]);
	}
	setup = (struct control_setup){
			.config = &config, .workers = described, .worker_count = WORKERS};
}

static void tear_down(void)
{
	char path[CONFIG_PATH_BYTES + 8];

	control_destroy(control);
	for (uint32_t i = 0; i < WORKERS; i++)
		fake_worker_fini(&workers[i]);
	for (size_t i = 0; i < config.output_count; i++) {
		unlink(config.outputs[i].path);
		snprintf(path, sizeof(path), "%s.1", config.outputs[i].path);
		unlink(path);
	}
	rmdir(folder);
}

static void start(void)
{
	char error[512] = "";
	int rc = control_create(&control, &setup, error, sizeof(error));

	ck_assert_msg(rc == 0, "%d %s", rc, error);
	ck_assert_int_eq(control_start(control), 0);
}

static void run_workers(uint64_t records_each)
{
	pthread_t threads[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		workers[i].to_make = records_each;
		ck_assert_int_eq(
				pthread_create(&threads[i], NULL, fake_worker_run, &workers[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
}

static uint64_t count_lines(const char *path)
{
	uint64_t lines = 0;
	FILE *file = fopen(path, "r");

	ck_assert_ptr_nonnull(file);
	for (int c; (c = fgetc(file)) != EOF;)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static void check_ledger_closes(void)
{
	control_snapshot(control, &view);
	size_t count = stats_audit(&view.snapshot, identities, STATS_MAX_IDENTITIES);
	ck_assert(stats_audit_holds(identities, count));
	ck_assert_uint_eq(view.snapshot.output_count, config.output_count);
}

START_TEST(every_record_is_a_line_in_every_file)
{
	add_output(CONFIG_OUTPUT_JSONL, "flows.jsonl");
	add_output(CONFIG_OUTPUT_CSV, "flows.csv");
	setup.replay = true;
	start();
	run_workers(RECORDS);
	control_stop(control, INT64_MAX);
	check_ledger_closes();
	ck_assert_uint_eq(view.snapshot.control[STATS_records_taken], WORKERS * RECORDS);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(view.outputs[i].values[STATS_output_sent], WORKERS * RECORDS);
	ck_assert_uint_eq(count_lines(config.outputs[0].path), WORKERS * RECORDS);
	ck_assert_uint_eq(count_lines(config.outputs[1].path), WORKERS * RECORDS + 1);
}
END_TEST

START_TEST(reopen_goes_on_in_a_new_file)
{
	char moved[CONFIG_PATH_BYTES + 8];
	struct stat info;
	int64_t until_ns = base_clock_mono_ns() + 5000 * MS;

	add_output(CONFIG_OUTPUT_JSONL, "flows.jsonl");
	snprintf(moved, sizeof(moved), "%s.1", config.outputs[0].path);
	setup.replay = true;
	start();
	run_workers(100);
	ck_assert_int_eq(rename(config.outputs[0].path, moved), 0);
	control_reopen(control);
	while (stat(config.outputs[0].path, &info) < 0 && base_clock_mono_ns() < until_ns)
		usleep(1000);
	run_workers(200);
	control_stop(control, INT64_MAX);
	check_ledger_closes();
	ck_assert_uint_gt(count_lines(config.outputs[0].path), 0);
	ck_assert_uint_eq(count_lines(config.outputs[0].path) + count_lines(moved), WORKERS * 200);
}
END_TEST

/* A named pipe that somebody opened and never reads: a replay waits, and a stop ends that. */
START_TEST(a_pipe_that_nobody_reads_does_not_hold_a_stop)
{
	add_output(CONFIG_OUTPUT_JSONL, "flows.pipe");
	add_output(CONFIG_OUTPUT_JSONL, "flows.jsonl");
	config.outputs[0].queue_bytes = 1 << 16;
	ck_assert_int_eq(mkfifo(config.outputs[0].path, 0600), 0);
	int reader = open(config.outputs[0].path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(reader, 0);
	setup.replay = true;
	start();
	/* more than pipe and queue hold, in both rings */
	for (int i = 0; i < 20; i++) {
		fake_worker_make(&workers[0], 1024);
		fake_worker_make(&workers[1], 1024);
		usleep(2000);
	}
	int64_t start_ns = base_clock_mono_ns();
	control_stop(control, start_ns + 300 * MS);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, 1500 * MS);
	check_ledger_closes();
	ck_assert_uint_gt(view.outputs[0].values[STATS_output_lost_queue_full]
					+ view.outputs[0].values[STATS_output_lost_closed],
			0);
	ck_assert_uint_eq(view.outputs[1].values[STATS_output_sent],
			view.snapshot.control[STATS_records_taken]);
	close(reader);
}
END_TEST

START_TEST(an_output_that_cannot_be_opened_is_named)
{
	char error[512] = "";

	add_output(CONFIG_OUTPUT_JSONL, "missing/flows.jsonl");
	ck_assert_int_lt(control_create(&control, &setup, error, sizeof(error)), 0);
	ck_assert_ptr_nonnull(strstr(error, "missing/flows.jsonl"));
	control = NULL;
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_files");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, every_record_is_a_line_in_every_file);
	tcase_add_test(tcase, reopen_goes_on_in_a_new_file);
	tcase_add_test(tcase, a_pipe_that_nobody_reads_does_not_hold_a_stop);
	tcase_add_test(tcase, an_output_that_cannot_be_opened_is_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
