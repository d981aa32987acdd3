/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_sample.h"
#include "export_stream.h"
#include "unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

static char block[1 << 16];
static const struct iovec whole = {block, sizeof(block)};

/* Writes until the reader is full; the octets that were taken. */
static size_t fill(const struct export_stream *stream)
{
	size_t total = 0;
	ssize_t written;

	while ((written = export_stream_write(stream, &whole, 1)) > 0)
		total += (size_t)written;
	ck_assert_int_eq(written, -EAGAIN);
	return total;
}

static size_t drain(int fd, size_t len)
{
	size_t total = 0;

	while (total < len) {
		ssize_t got = read(fd, block,
				len - total < sizeof(block) ? len - total : sizeof(block));
		ck_assert_int_gt(got, 0);
		total += (size_t)got;
	}
	return total;
}

static int64_t elapsed_ms(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* A pipe can be opened anew, a socket cannot: it is polled before small writes. */
static void make_channel(int ends[2], bool socket)
{
	if (socket)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	else
		ck_assert_int_eq(pipe(ends), 0);
}

START_TEST(a_full_reader_never_blocks_the_writer)
{
	struct export_stream stream;
	int ends[2];

	make_channel(ends, _i);
	export_stream_borrow(&stream, ends[1]);
	ck_assert_int_eq(stream.polled, _i);
	size_t taken = fill(&stream);
	ck_assert_uint_gt(taken, 4096);
	ck_assert(!export_stream_wait(&stream, 0));

	drain(ends[0], taken);
	ck_assert(export_stream_wait(&stream, 1000000000));
	ck_assert_int_gt(export_stream_write(&stream, &whole, 1), 0);
	export_stream_close(&stream);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* The shell and its other programs share the descriptor: it has to stay as it was. */
START_TEST(a_borrowed_descriptor_keeps_its_flags_and_stays_open)
{
	struct export_stream stream;
	int ends[2];

	make_channel(ends, _i);
	int before = fcntl(ends[1], F_GETFL);
	export_stream_borrow(&stream, ends[1]);
	fill(&stream);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL), before);
	export_stream_close(&stream);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL), before);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(wait_ends_at_its_time)
{
	struct export_stream stream;
	struct timespec start;
	int ends[2];

	make_channel(ends, false);
	export_stream_borrow(&stream, ends[1]);
	fill(&stream);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert(!export_stream_wait(&stream, 30000000));
	ck_assert_int_ge(elapsed_ms(&start), 29);
	export_stream_close(&stream);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_reader_that_went_away_is_an_error)
{
	struct export_stream stream;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	make_channel(ends, _i);
	export_stream_borrow(&stream, ends[1]);
	close(ends[0]);
	ck_assert_int_eq(export_stream_write(&stream, &whole, 1), -EPIPE);
	export_stream_close(&stream);
	close(ends[1]);
}
END_TEST

START_TEST(an_owned_descriptor_is_closed_once)
{
	struct export_stream stream;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	export_stream_init(&stream, ends[1]);
	fill(&stream);
	export_stream_close(&stream);
	ck_assert_int_eq(fcntl(ends[1], F_GETFL), -1);
	export_stream_close(&stream);
	close(ends[0]);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_stream");
	TCase *tcase = tcase_create("stream");

	tcase_add_loop_test(tcase, a_full_reader_never_blocks_the_writer, 0, 2);
	tcase_add_loop_test(tcase, a_borrowed_descriptor_keeps_its_flags_and_stays_open, 0, 2);
	tcase_add_test(tcase, wait_ends_at_its_time);
	tcase_add_loop_test(tcase, a_reader_that_went_away_is_an_error, 0, 2);
	tcase_add_test(tcase, an_owned_descriptor_is_closed_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
