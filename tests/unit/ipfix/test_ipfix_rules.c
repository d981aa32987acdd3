/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads rules.md: each rule that an exporter must keep has a test, and the test exists. */
#include "ipfix_rule.h"
#include "unit_main.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 128
#define CELLS 5

struct row {
	char text[1024];
	char *cells[CELLS]; /* rule, level, what, tests, state */
};

static struct row rows[ROWS_MAX];
static unsigned int row_count;

static const char *path_of(const char *name)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/tests/%s", root ? root : ".", name);
	return path;
}

static char *trim(char *text)
{
	text += strspn(text, " ");
	for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = 0;
	return text;
}

static void split(struct row *row)
{
	char *at = row->text + 1;

	for (unsigned int i = 0; i < CELLS; i++) {
		char *end = strchr(at, '|');
		ck_assert_msg(end != NULL, "a row has %u cells: %s", i, row->text);
		*end = 0;
		row->cells[i] = trim(at);
		at = end + 1;
	}
}

static void read_rows(void)
{
	FILE *file = fopen(path_of("unit/ipfix/rules.md"), "r");

	ck_assert_ptr_nonnull(file);
	row_count = 0;
	while (row_count < ROWS_MAX && fgets(rows[row_count].text, sizeof(rows[0].text), file)) {
		if (strncmp(rows[row_count].text, "| IPX-", 6) != 0)
			continue;
		split(&rows[row_count]);
		row_count++;
	}
	fclose(file);
	ck_assert_uint_gt(row_count, 70);
}

/* A test of Python is a function, one of Check is begun and added to a case. */
static bool has_test(const char *source, const char *name, bool python)
{
	char begin[160], run[160];

	snprintf(begin, sizeof(begin), python ? "def %s(" : "START_TEST(%s)", name);
	snprintf(run, sizeof(run), "tcase, %s", name);
	return strstr(source, begin) && (python || strstr(source, run));
}

/* "pair/test", or "test_file/test_..." of tests/system. */
static bool is_test(const char *name)
{
	static char source[1 << 17];
	char file_name[160];
	const char *slash = strchr(name, '/');
	bool python = strncmp(name, "test_", 5) == 0;

	if (!slash)
		return false;
	int module_len = (int)strcspn(name, "_"), pair_len = (int)(slash - name);
	if (python)
		snprintf(file_name, sizeof(file_name), "system/%.*s.py", pair_len, name);
	else
		snprintf(file_name, sizeof(file_name), "unit/%.*s/test_%.*s.c", module_len, name,
				pair_len, name);
	FILE *file = fopen(path_of(file_name), "r");
	if (!file)
		return false;
	size_t len = fread(source, 1, sizeof(source) - 1, file);
	fclose(file);
	source[len] = 0;
	return has_test(source, slash + 1, python);
}

START_TEST(every_test_that_is_named_exists)
{
	read_rows();
	for (unsigned int i = 0; i < row_count; i++) {
		for (char *name = strtok(rows[i].cells[3], " "); name; name = strtok(NULL, " "))
			ck_assert_msg(is_test(name), "%s names %s, which is no test",
					rows[i].cells[0], name);
	}
}
END_TEST

START_TEST(every_must_has_a_test)
{
	read_rows();
	for (unsigned int i = 0; i < row_count; i++) {
		const char *state = rows[i].cells[4];
		bool tested = strcmp(state, "tested") == 0;
		bool reasoned = strncmp(state, "not offered: ", 13) == 0;
		bool documented = strncmp(state, "documented: ", 12) == 0;
		ck_assert_msg(tested || reasoned || documented, "%s: state \"%s\"",
				rows[i].cells[0], state);
		ck_assert_msg(!tested || *rows[i].cells[3], "%s is tested by nothing",
				rows[i].cells[0]);
		if (strncmp(rows[i].cells[1], "MUST", 4) == 0)
			ck_assert_msg(tested || documented, "%s is a %s: %s", rows[i].cells[0],
					rows[i].cells[1], state);
	}
}
END_TEST

/* In order, none twice; and every rule of the check is one of the table. */
START_TEST(rules_are_those_of_the_check)
{
	unsigned int last = 0, found = 0;

	read_rows();
	for (unsigned int i = 0; i < row_count; i++) {
		unsigned int number = (unsigned int)atoi(rows[i].cells[0] + 4);
		ck_assert_uint_gt(number, last);
		last = number;
		found += ipfix_rule_find((uint16_t)number) < ipfix_rule_count;
	}
	/* but the one that is about the check itself */
	ck_assert_uint_eq(found, ipfix_rule_count - 1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_rules");
	TCase *tcase = tcase_create("rules");

	tcase_add_test(tcase, every_test_that_is_named_exists);
	tcase_add_test(tcase, every_must_has_a_test);
	tcase_add_test(tcase, rules_are_those_of_the_check);
	suite_add_tcase(suite, tcase);
	return suite;
}
