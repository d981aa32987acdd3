/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_lint.h"
#include "ipfix_sample.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>

#define REV IPFIX_PEN_REVERSE
#define VAR IPFIX_VARIABLE

static const struct {
	struct ipfix_spec specs[5];
	const char *rules; /* in the order in which they are found */
} templates[] = {
		{{{0, 8, 4}, {0, 12, 4}, {0, 1, 8}}, ""},
		{{{0, 8, 4}, {0, 12, 4}, {0, 1, 4}, {0, 2, 3}}, ""},
		{{{0, 1, 9}}, "207"},
		{{{0, 4, 2}}, "207"},
		{{{0, 1, VAR}}, "207"},
		{{{0, 8, 3}}, "404"},
		{{{0, 27, 8}}, "404"},
		{{{0, 152, 4}}, "404"},
		{{{0, 276, 2}}, "207"},
		{{{0, 311, 4}}, ""},
		{{{0, 82, 0}, {0, 10, 4}}, "208"},
		{{{0, 82, VAR}}, ""},
		{{{0, 1, 0}}, "404 209"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 1, 8}}, ""},
		{{{0, 7, 2}, {0, 11, 2}, {REV, 1, 8}}, ""},
		{{{0, 8, 4}, {REV, 1, 8}}, "701"},
		{{{0, 8, 4}, {0, 28, 16}, {REV, 1, 8}}, "701"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 148, 8}}, "702"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 149, 4}}, "702"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 210, 4}}, "702"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 239, 1}}, "702"},
		{{{0, 8, 4}, {0, 12, 4}, {REV, 1, 9}}, "207"},
		{{{0, 1, 8}, {0, 85, 8}}, "408"},
		{{{0, 158, 4}}, "405"},
		{{{0, 6, 1}}, "409"},
		{{{0, 6, 2}}, ""},
		{{{11111, 1, 99}}, ""},
		{{{32473, 2, 5}}, "207"},
};

static void take(void *context, uint16_t rule, const char *sentence)
{
	char *found = context;

	sprintf(found + strlen(found), "%s%u", *found ? " " : "", rule);
	ck_assert_int_eq(strncmp(sentence, "template 300: ", 14), 0);
}

START_TEST(template_is_judged)
{
	struct ipfix_known *known = ipfix_cache_make(5);
	char found[256] = "";

	ck_assert_ptr_nonnull(known);
	known->id = 300;
	known->field_count = 0;
	for (unsigned int i = 0; i < 5 && templates[_i].specs[i].id; i++)
		known->specs[known->field_count++] = templates[_i].specs[i];
	ipfix_lint_template(known, IPFIX_PEN_DOCUMENTATION, take, found);
	ck_assert_str_eq(found, templates[_i].rules);
	free(known);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_lint");
	TCase *tcase = tcase_create("lint");

	tcase_add_loop_test(tcase, template_is_judged, 0, BASE_COUNT_OF(templates));
	suite_add_tcase(suite, tcase);
	return suite;
}
