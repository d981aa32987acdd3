/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_recent.h"
#include "unit_main.h"

#include <stdlib.h>
#include <string.h>

static struct export_recent recent;
static struct export_recent_message *list;

static void make(void)
{
	ck_assert_int_eq(export_recent_init(&recent), 0);
	list = NULL;
}

static void drop(void)
{
	free(list);
	export_recent_fini(&recent);
}

static void add(uint32_t length, uint8_t mark, bool templates)
{
	static uint8_t octets[65536];

	memset(octets, mark, length);
	export_recent_add(&recent, octets, length, templates, mark);
}

static int copy(void)
{
	free(list);
	return export_recent_copy(&recent, &list);
}

static void check(int at, uint32_t length, uint8_t mark, bool earlier)
{
	ck_assert_uint_eq(list[at].length, length);
	ck_assert_int_eq(list[at].sent_ns, mark);
	ck_assert_int_eq(list[at].earlier, earlier);
	for (uint32_t i = 0; i < length; i++)
		ck_assert_uint_eq(list[at].octets[i], mark);
}

START_TEST(nothing_was_sent)
{
	ck_assert_int_eq(copy(), 0);
}
END_TEST

START_TEST(messages_stand_as_they_were_sent)
{
	add(100, 1, true);
	add(50, 2, true);
	add(1000, 3, false);
	add(16, 4, true);
	add(16, 5, false);
	ck_assert_int_eq(copy(), 5);
	check(0, 100, 1, false);
	check(1, 50, 2, false);
	check(2, 1000, 3, false);
	check(3, 16, 4, false);
	check(4, 16, 5, false);
}
END_TEST

/* Of the largest messages three are too many, so each that is added pushes out others. */
START_TEST(templates_outlast_the_messages_around_them)
{
	add(100, 1, true);
	add(101, 2, true);
	add(60000, 3, false);
	add(60000, 4, false);
	add(60, 5, true);
	add(65000, 6, false);
	ck_assert_int_eq(copy(), 5);
	check(0, 100, 1, true);
	check(1, 101, 2, true);
	check(2, 60000, 4, false);
	check(3, 60, 5, false);
	check(4, 65000, 6, false);

	add(65000, 7, false);
	add(65001, 8, false);
	ck_assert_int_eq(copy(), 3);
	check(0, 60, 5, true);
	check(1, 65000, 7, false);
	check(2, 65001, 8, false);
}
END_TEST

START_TEST(the_oldest_messages_go_first)
{
	for (uint32_t i = 0; i < 250; i++)
		add(1000 + i, (uint8_t)i, false);
	int count = copy();
	ck_assert_int_gt(count, 100);
	ck_assert_int_lt(count, 131);
	for (int i = 0; i < count; i++) {
		uint32_t n = 250u - (uint32_t)count + (uint32_t)i;
		check(i, 1000 + n, (uint8_t)n, false);
	}
}
END_TEST

START_TEST(one_of_the_largest_fits)
{
	add(100, 1, false);
	add(65535, 2, false);
	add(65535, 3, false);
	ck_assert_int_eq(copy(), 1);
	check(0, 65535, 3, false);
}
END_TEST

START_TEST(templates_beyond_the_room_are_left_out)
{
	for (uint8_t i = 0; i < 20; i++)
		add(1400, i, true);
	add(60000, 20, false);
	add(65000, 21, false);
	add(65000, 22, false);
	ck_assert_int_eq(copy(), 13);
	check(10, 1400, 10, true);
	check(11, 65000, 21, false);
}
END_TEST

START_TEST(a_new_session_begins_empty)
{
	add(100, 1, true);
	add(100, 2, false);
	export_recent_clear(&recent);
	ck_assert_int_eq(copy(), 0);
	add(100, 3, false);
	ck_assert_int_eq(copy(), 1);
	check(0, 100, 3, false);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("recent");
	TCase *tcase = tcase_create("recent");

	tcase_add_checked_fixture(tcase, make, drop);
	tcase_add_test(tcase, nothing_was_sent);
	tcase_add_test(tcase, messages_stand_as_they_were_sent);
	tcase_add_test(tcase, templates_outlast_the_messages_around_them);
	tcase_add_test(tcase, the_oldest_messages_go_first);
	tcase_add_test(tcase, one_of_the_largest_fits);
	tcase_add_test(tcase, templates_beyond_the_room_are_left_out);
	tcase_add_test(tcase, a_new_session_begins_empty);
	suite_add_tcase(suite, tcase);
	return suite;
}
