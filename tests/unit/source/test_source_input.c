/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_input.h"
#include "source_run.h"
#include "unit_main.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

static atomic_bool stop;

static void open_pipe(struct source_input *input, int *writer)
{
	int fds[2];
	char path[32];

	ck_assert_int_eq(pipe(fds), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	ck_assert_int_eq(source_input_open(input, path, &stop), 0);
	close(fds[0]);
	*writer = fds[1];
}

START_TEST(keeps_what_is_unread_over_chunks)
{
	static uint8_t data[SOURCE_CHUNK_BYTES * 4 + 77];
	struct source_chunk chunks[2];
	struct source_input input;
	char path[32];
	size_t at = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	int fd = file_make(data, sizeof(data), path);
	ck_assert_int_eq(source_chunk_init(&chunks[0]), 0);
	ck_assert_int_eq(source_chunk_init(&chunks[1]), 0);
	ck_assert_int_eq(source_input_open(&input, path, &stop), 0);
	for (uint32_t round = 0; at < sizeof(data); round++) {
		/* now and then the same chunk again, and more than a chunk */
		size_t need = round == 2 ? SOURCE_CHUNK_BYTES + 1000 : 1;
		ck_assert_int_eq(source_input_refill(&input, &chunks[round / 2 % 2], need), 0);
		size_t unread = source_input_unread(&input);
		ck_assert_uint_ge(unread, need);
		size_t take = unread > 333 ? unread - 333 : unread;
		ck_assert_int_eq(memcmp(source_input_at(&input), data + at, unread), 0);
		input.start += take;
		at += take;
	}
	ck_assert_int_eq(source_input_refill(&input, &chunks[0], 1), 0);
	ck_assert(input.ended);
	ck_assert_uint_eq(source_input_unread(&input), 0);
	ck_assert_uint_eq(input.taken_bytes, sizeof(data));
	source_input_close(&input);
	source_chunk_fini(&chunks[0]);
	source_chunk_fini(&chunks[1]);
	close(fd);
}
END_TEST

START_TEST(takes_of_a_pipe_what_is_there)
{
	struct source_chunk chunk;
	struct source_input input;
	int writer;

	ck_assert_int_eq(source_chunk_init(&chunk), 0);
	open_pipe(&input, &writer);
	ck_assert(input.waits);
	ck_assert(!source_input_ready(&input));
	ck_assert_int_eq(write(writer, "hello", 5), 5);
	ck_assert(source_input_ready(&input));
	ck_assert_int_eq(source_input_refill(&input, &chunk, 1), 0);
	ck_assert_uint_eq(source_input_unread(&input), 5);
	ck_assert(!input.ended);
	close(writer);
	ck_assert_int_eq(source_input_refill(&input, &chunk, 6), 0);
	ck_assert(input.ended);
	ck_assert_uint_eq(source_input_unread(&input), 5);
	source_input_close(&input);
	source_chunk_fini(&chunk);
}
END_TEST

static void *stop_soon(void *arg)
{
	(void)arg;
	usleep(30000);
	atomic_store(&stop, true);
	return NULL;
}

START_TEST(a_stop_ends_the_wait_for_a_writer)
{
	char folder[] = "/tmp/weir_input_XXXXXX";
	char path[64];
	struct source_chunk chunk;
	struct source_input input;
	pthread_t thread;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(source_chunk_init(&chunk), 0);
	ck_assert_int_eq(source_input_open(&input, path, &stop), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	ck_assert_int_eq(source_input_refill(&input, &chunk, 1), -ECANCELED);
	pthread_join(thread, NULL);
	source_input_close(&input);
	source_chunk_fini(&chunk);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(a_fifo_waits_for_its_writer)
{
	char folder[] = "/tmp/weir_input_XXXXXX";
	char path[64];
	struct source_chunk chunk;
	struct source_input input;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(source_chunk_init(&chunk), 0);
	ck_assert_int_eq(source_input_open(&input, path, &stop), 0);
	ck_assert(!source_input_ready(&input)); /* no writer is not the end */
	int writer = open(path, O_WRONLY);
	ck_assert_int_eq(write(writer, "x", 1), 1);
	close(writer);
	ck_assert_int_eq(source_input_refill(&input, &chunk, 1), 0);
	ck_assert_uint_eq(source_input_unread(&input), 1);
	source_input_close(&input);
	source_chunk_fini(&chunk);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(says_why_it_cannot_open)
{
	struct source_input input;

	ck_assert_int_eq(source_input_open(&input, "/nonexistent", &stop), -ENOENT);
	ck_assert_int_eq(source_input_open(&input, "/tmp", &stop), -EISDIR);
}
END_TEST

START_TEST(leaves_standard_input_open)
{
	struct source_input input;

	ck_assert_int_ge(dup2(open("/dev/null", O_RDONLY), STDIN_FILENO), 0);
	ck_assert_int_eq(source_input_open(&input, "-", &stop), 0);
	source_input_close(&input);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_input");
	TCase *tcase = tcase_create("input");

	tcase_add_test(tcase, keeps_what_is_unread_over_chunks);
	tcase_add_test(tcase, takes_of_a_pipe_what_is_there);
	tcase_add_test(tcase, a_stop_ends_the_wait_for_a_writer);
	tcase_add_test(tcase, a_fifo_waits_for_its_writer);
	tcase_add_test(tcase, says_why_it_cannot_open);
	tcase_add_test(tcase, leaves_standard_input_open);
	suite_add_tcase(suite, tcase);
	return suite;
}
