/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_log.h"

#include <rte_log.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What reaches standard output and standard error, as the terminal would see it. */
static FILE *terminal;
static int real[2];

static void watch(void)
{
	terminal = tmpfile();
	ck_assert_ptr_nonnull(terminal);
	fflush(NULL);
	real[0] = dup(STDOUT_FILENO);
	real[1] = dup(STDERR_FILENO);
	dup2(fileno(terminal), STDOUT_FILENO);
	dup2(fileno(terminal), STDERR_FILENO);
	ck_assert_int_eq(port_log_open(), 0);
}

static void unwatch(void)
{
	port_log_close();
	fflush(NULL);
	dup2(real[0], STDOUT_FILENO);
	dup2(real[1], STDERR_FILENO);
	fclose(terminal);
}

static const char *seen(void)
{
	static char text[4096];

	fflush(NULL);
	ssize_t len = pread(fileno(terminal), text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

START_TEST(dpdk_is_silent_at_the_usual_level)
{
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: chatter\n");
	port_log_capture_begin();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: more of it\n");
	printf("a library prints\n");
	fprintf(stderr, "libbpf: and complains\n");
	port_log_capture_end();
	ck_assert_str_eq(seen(), "");
}
END_TEST

START_TEST(at_debug_level_all_of_it_is_there_in_order)
{
	base_log_set_level(BASE_LOG_DEBUG);
	port_log_capture_begin();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: first\n");
	fprintf(stderr, "libbpf: second\n");
	port_log_capture_end();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: third\n");
	const char *first = strstr(seen(), "debug: dpdk: EAL: first\n");
	ck_assert_ptr_nonnull(first);
	const char *second = strstr(first, "debug: dpdk: libbpf: second\n");
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(strstr(second, "debug: dpdk: EAL: third\n"));
}
END_TEST

START_TEST(output_works_again_after_the_capture)
{
	port_log_capture_begin();
	port_log_capture_end();
	printf("hello ");
	fflush(stdout);
	fprintf(stderr, "there");
	ck_assert_str_eq(seen(), "hello there");
}
END_TEST

START_TEST(cause_is_the_first_error)
{
	port_log_capture_begin();
	rte_log(RTE_LOG_INFO, RTE_LOGTYPE_EAL, "EAL: probing\n");
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: xsk_configure(): Failed to create umem\n");
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: Failed to attach device\n");
	port_log_capture_end();
	ck_assert_str_eq(port_log_cause(), "Failed to create umem");
	port_log_capture_begin();
	port_log_capture_end();
	ck_assert_str_eq(port_log_cause(), "");
}
END_TEST

START_TEST(forget_starts_a_new_try)
{
	port_log_capture_begin();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: one\n");
	port_log_forget();
	ck_assert_str_eq(port_log_cause(), "");
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: two\n");
	ck_assert_str_eq(port_log_cause(), "two");
	port_log_capture_end();
	ck_assert_str_eq(port_log_cause(), "two");
}
END_TEST

/* getopt does not know DPDK's log. */
START_TEST(cause_of_a_bad_argument_is_what_getopt_says)
{
	port_log_capture_begin();
	fprintf(stderr, "weir: unrecognized option '--bogus'\n");
	printf("\nUsage: ...\n");
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: FATAL: Invalid 'command line' arguments.\n");
	port_log_capture_end();
	ck_assert_str_eq(port_log_cause(), "weir: unrecognized option '--bogus'");
}
END_TEST

START_TEST(lines_of_ours_wait_for_the_end_of_the_capture)
{
	port_log_capture_begin();
	port_log_say(BASE_LOG_WARNING, "port %s is odd", "eth1");
	ck_assert_str_eq(seen(), "");
	port_log_capture_end();
	ck_assert_ptr_nonnull(strstr(seen(), "warning: port eth1 is odd\n"));
	port_log_say(BASE_LOG_WARNING, "at once");
	ck_assert_ptr_nonnull(strstr(seen(), "warning: at once\n"));
}
END_TEST

START_TEST(long_and_broken_lines_do_no_harm)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	base_log_set_level(BASE_LOG_DEBUG);
	port_log_capture_begin();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "%s\n", text);
	fprintf(stderr, "%s", text);
	port_log_say(BASE_LOG_WARNING, "%s", text);
	port_log_capture_end();
	ck_assert_uint_lt(strlen(port_log_cause()), PORT_LOG_LINE_BYTES);
	ck_assert_uint_gt(strlen(port_log_cause()), 100);
}
END_TEST

/* A daemon may have closed them. */
START_TEST(closed_standard_streams_are_survived)
{
	close(STDOUT_FILENO);
	port_log_capture_begin();
	rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "EAL: still kept\n");
	port_log_capture_end();
	ck_assert_str_eq(port_log_cause(), "still kept");
	ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFD), -1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, watch, unwatch);
	tcase_add_test(tcase, dpdk_is_silent_at_the_usual_level);
	tcase_add_test(tcase, at_debug_level_all_of_it_is_there_in_order);
	tcase_add_test(tcase, output_works_again_after_the_capture);
	tcase_add_test(tcase, cause_is_the_first_error);
	tcase_add_test(tcase, forget_starts_a_new_try);
	tcase_add_test(tcase, cause_of_a_bad_argument_is_what_getopt_says);
	tcase_add_test(tcase, lines_of_ours_wait_for_the_end_of_the_capture);
	tcase_add_test(tcase, long_and_broken_lines_do_no_harm);
	tcase_add_test(tcase, closed_standard_streams_are_survived);
	suite_add_tcase(suite, tcase);
	return suite;
}
