/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit_main.h"
#include "weirctl_table.h"

#include <string.h>

static const struct weirctl_column two[] = {{"NAME", false}, {"N", true}};
static const struct weirctl_column headless[] = {{NULL, false}, {NULL, true}, {NULL, false}};

static void assert_table(const struct weirctl_column *columns, size_t count,
		const char *const *cells, unsigned int indent, bool colour, const char *expected)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	const struct weirctl_style style = {.colour = colour};
	struct weirctl_table table;

	weirctl_table_init(&table, columns, count);
	for (; *cells; cells++)
		weirctl_table_add_coloured(&table, colour ? WEIRCTL_BAD : WEIRCTL_PLAIN, *cells);
	weirctl_table_write(&table, &style, indent, &out);
	ck_assert_str_eq(out.text ? out.text : "", expected);
	weirctl_table_fini(&table);
	base_strbuf_fini(&out);
}

START_TEST(columns_are_aligned)
{
	static const char *const cells[] = {"a", "1", "longer", "12345", "", "7", NULL};

	assert_table(two, 2, cells, 0, false,
			"NAME        N\n"
			"a           1\n"
			"longer  12345\n"
			"            7\n");
}
END_TEST

START_TEST(no_rows_leave_the_head)
{
	static const char *const cells[] = {NULL};

	assert_table(two, 2, cells, 2, false, "  NAME  N\n");
	assert_table(headless, 3, cells, 2, false, "");
}
END_TEST

START_TEST(empty_cells_leave_no_blanks_at_the_end)
{
	static const char *const cells[] = {"a", "", "", "bb", "1", "x", "", "", "", NULL};

	assert_table(headless, 3, cells, 4, false,
			"    a\n"
			"    bb  1  x\n"
			"\n");
}
END_TEST

START_TEST(characters_count_not_octets)
{
	static const char *const cells[] = {"\xc3\xa9\xe2\x82\xac", "1", "abcd", "2", NULL};

	assert_table(two, 2, cells, 0, false,
			"NAME  N\n"
			"\xc3\xa9\xe2\x82\xac    1\n"
			"abcd  2\n");
}
END_TEST

START_TEST(colours_take_no_room)
{
	static const char *const cells[] = {"a", "1", NULL};

	assert_table(two, 2, cells, 0, true,
			"\033[1mNAME\033[0m  \033[1mN\033[0m\n"
			"\033[1;31ma\033[0m     \033[1;31m1\033[0m\n");
}
END_TEST

START_TEST(many_rows)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	const struct weirctl_style style = {0};
	struct weirctl_table table;
	size_t lines = 0;

	weirctl_table_init(&table, two, 2);
	for (int i = 0; i < 1000; i++) {
		weirctl_table_add(&table, "x");
		weirctl_table_add(&table, "1");
	}
	weirctl_table_write(&table, &style, 0, &out);
	for (const char *p = out.text; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_uint_eq(lines, 1001);
	weirctl_table_fini(&table);
	base_strbuf_fini(&out);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weirctl_table");
	TCase *tcase = tcase_create("table");

	tcase_add_test(tcase, columns_are_aligned);
	tcase_add_test(tcase, no_rows_leave_the_head);
	tcase_add_test(tcase, empty_cells_leave_no_blanks_at_the_end);
	tcase_add_test(tcase, characters_count_not_octets);
	tcase_add_test(tcase, colours_take_no_room);
	tcase_add_test(tcase, many_rows);
	suite_add_tcase(suite, tcase);
	return suite;
}
