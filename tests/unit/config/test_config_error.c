/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How errors come out: in the order of the file, and with nothing in them that a terminal would
 * obey.
 */
#include "base_cacheline.h"
#include "config_error.h"
#include "unit_main.h"

#include <string.h>

static void add(struct config_errors *errors, int line, int column, const char *path, int number)
{
	config_errors_add(errors, (struct config_mark){line, column}, path, "%d", number);
}

START_TEST(order_is_that_of_the_file)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	struct config_errors errors;

	config_errors_init(&errors);
	add(&errors, 10, 1, "e", 1);
	add(&errors, 2, 5, "c", 2);
	add(&errors, 2, 3, "a", 3);
	add(&errors, 2, 5, "d", 4);
	add(&errors, 2, 3, "b", 5);
	config_errors_write(&errors, "file.yaml", &out);
	ck_assert_str_eq(out.text,
			"file.yaml:2:3: a: 3\n"
			"file.yaml:2:3: b: 5\n"
			"file.yaml:2:5: c: 2\n"
			"file.yaml:2:5: d: 4\n"
			"file.yaml:10:1: e: 1\n");
	ck_assert_uint_eq(errors.count, 5);
	config_errors_fini(&errors);
	base_strbuf_fini(&out);
}
END_TEST

START_TEST(none_is_nothing)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	struct config_errors errors;

	config_errors_init(&errors);
	config_errors_write(&errors, "file.yaml", &out);
	ck_assert_uint_eq(out.len, 0);
	config_errors_fini(&errors);
}
END_TEST

START_TEST(number_shown_is_limited)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	struct config_errors errors;
	unsigned int lines = 0;

	config_errors_init(&errors);
	for (int i = 0; i < CONFIG_ERRORS_SHOWN + 7; i++) {
		ck_assert_int_eq(config_errors_full(&errors), i >= CONFIG_ERRORS_SHOWN);
		add(&errors, 1, 1, "x", i);
	}
	config_errors_write(&errors, "f", &out);
	for (const char *c = out.text; *c; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, CONFIG_ERRORS_SHOWN + 1);
	ck_assert_ptr_nonnull(strstr(out.text, "\nf: 7 more errors\n"));
	config_errors_fini(&errors);
	base_strbuf_fini(&out);
}
END_TEST

START_TEST(want_of_memory_is_said)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	struct config_errors errors;

	config_errors_init(&errors);
	errors.texts.failed = true;
	add(&errors, 1, 1, "x", 1);
	config_errors_write(&errors, "f", &out);
	ck_assert_str_eq(out.text, "f: 1 errors, and no memory to say which\n");
	config_errors_fini(&errors);
	base_strbuf_fini(&out);
}
END_TEST

#define QUOTE(text, quoted)                     \
	{                                       \
		text, sizeof(text) - 1, quoted, \
	}

static const struct {
	const char *text;
	size_t len;
	const char *quoted;
} quotes[] = {
		QUOTE("", "\"\""),
		QUOTE("15 sec", "\"15 sec\""),
		QUOTE("a\"b", "\"a\"b\""),
		QUOTE("a\nb\tc", "\"a\\x0ab\\x09c\""),
		QUOTE("\x1b[31m", "\"\\x1b[31m\""),
		QUOTE("\x7f", "\"\\x7f\""),
		QUOTE("a\0b", "\"a\\x00b\""),
		/* U+009B introduces control sequences on its own. */
		QUOTE("\xc2\x9b"
		      "31m",
				"\"\\x9b31m\""),
		QUOTE("\xc2\xa0", "\"\xc2\xa0\""),
		QUOTE("\xe2\x82\xac", "\"\xe2\x82\xac\""),
		QUOTE("0123456789012345678901234567890123456",
				"\"01234567890123456789012345678901234"
				"56\""),
		QUOTE("012345678901234567890123456789012345678",
				"\"012345678901234567890123456789012345678\""),
		QUOTE("0123456789012345678901234567890123456789",
				"\"012345678901234567890123456789012345678...\""),
		QUOTE("01234567890123456789012345678901234567\xe2\x82\xac",
				"\"01234567890123456789012345678901234567...\""),
		QUOTE("0123456789012345678901234567890123456\n",
				"\"0123456789012345678901234567890123456...\""),
		/* Not UTF-8 at all: as long as nothing is read past its end. */
		QUOTE("\x80\x80\x80\x80\x80\x80", "\"...\""),
};

START_TEST(quoted)
{
	char out[CONFIG_QUOTE_BYTES];

	memset(out, 'x', sizeof(out));
	ck_assert_ptr_eq(config_quote(quotes[_i].text, quotes[_i].len, out), out);
	ck_assert_str_eq(out, quotes[_i].quoted);
	ck_assert_uint_lt(strlen(out), CONFIG_QUOTE_BYTES);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_error");
	TCase *tcase = tcase_create("errors");

	tcase_add_test(tcase, order_is_that_of_the_file);
	tcase_add_test(tcase, none_is_nothing);
	tcase_add_test(tcase, number_shown_is_limited);
	tcase_add_test(tcase, want_of_memory_is_said);
	tcase_add_loop_test(tcase, quoted, 0, BASE_COUNT_OF(quotes));
	suite_add_tcase(suite, tcase);
	return suite;
}
