/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "config_suggest.h"
#include "unit_main.h"

#include <string.h>

static const struct {
	const char *parent, *name, *text;
} rows[] = {
		{"", "exporters", "did you mean \"outputs\"?"},
		{"", "prots", "did you mean \"ports\"?"},
		{"", "active_timeout", "it stands at flows.active_timeout"},
		{"flows", "active_timout", "did you mean \"active_timeout\"?"},
		{"flows", "level", "it stands at log.level"},
		{"ports[]", "promiscuos", "did you mean \"promiscuous\"?"},
};

START_TEST(suggests)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	config_suggest(rows[_i].parent, rows[_i].name, strlen(rows[_i].name), &out);
	ck_assert_str_eq(out.text, rows[_i].text);
	base_strbuf_fini(&out);
}
END_TEST

START_TEST(far_names_list_what_there_is)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	config_suggest("log", "zzzzzzzz", 8, &out);
	ck_assert_str_eq(out.text, "expected one of level");
	base_strbuf_fini(&out);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_suggest");
	TCase *tcase = tcase_create("suggest");

	tcase_add_loop_test(tcase, suggests, 0, (int)BASE_COUNT_OF(rows));
	tcase_add_test(tcase, far_names_list_what_there_is);
	suite_add_tcase(suite, tcase);
	return suite;
}
