/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_log.h"
#include "unit_main.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char captured[8192];

/* Standard error of `body` as text. Check runs each case in a process of its own. */
static const char *capture(void (*body)(void))
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	int saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	body();
	dup2(saved, STDERR_FILENO);
	close(fds[1]);
	ssize_t len = read(fds[0], captured, sizeof(captured) - 1);
	captured[len > 0 ? len : 0] = '\0';
	return captured;
}

static void log_two(void)
{
	base_log_debug("hidden");
	base_log_error("disk %d is full", 7);
}

START_TEST(level_decides)
{
	unsetenv("JOURNAL_STREAM");
	ck_assert_str_eq(capture(log_two), "weir: error: disk 7 is full\n");
	base_log_set_level(BASE_LOG_DEBUG);
	ck_assert_str_eq(capture(log_two), "weir: debug: hidden\nweir: error: disk 7 is full\n");
}
END_TEST

START_TEST(journal_gets_its_prefix)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	ck_assert_str_eq(capture(log_two), "<3>disk 7 is full\n");
}
END_TEST

static void log_flood(void)
{
	for (int i = 0; i < 1000; i++)
		base_log_every(60, BASE_LOG_WARNING, "again");
}

START_TEST(flood_is_held_back)
{
	unsetenv("JOURNAL_STREAM");
	ck_assert_str_eq(capture(log_flood), "weir: warning: again\n");
}
END_TEST

static void log_long(void)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	base_log_error("%s", text);
}

START_TEST(long_line_is_cut_and_ends)
{
	const char *text = capture(log_long);

	ck_assert_uint_le(strlen(text), 1024);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base_log");
	TCase *tcase = tcase_create("log");

	tcase_add_test(tcase, level_decides);
	tcase_add_test(tcase, journal_gets_its_prefix);
	tcase_add_test(tcase, flood_is_held_back);
	tcase_add_test(tcase, long_line_is_cut_and_ends);
	suite_add_tcase(suite, tcase);
	return suite;
}
