/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_strbuf.h"
#include "unit_main.h"

#include <string.h>

START_TEST(grows_and_stays_terminated)
{
	struct base_strbuf buf = BASE_STRBUF_EMPTY;

	for (int i = 0; i < 5000; i++) {
		base_strbuf_putc(&buf, (char)('a' + i % 26));
		ck_assert_uint_eq(buf.len, (size_t)i + 1);
		ck_assert_uint_eq(strlen(buf.text), buf.len);
	}
	base_strbuf_reset(&buf);
	base_strbuf_printf(&buf, "%s=%d", "x", 42);
	base_strbuf_u64(&buf, UINT64_MAX);
	base_strbuf_u64(&buf, 0);
	ck_assert_str_eq(buf.text, "x=42184467440737095516150");
	base_strbuf_fini(&buf);
	ck_assert_ptr_null(buf.text);
}
END_TEST

START_TEST(consume_keeps_the_rest)
{
	struct base_strbuf buf = BASE_STRBUF_EMPTY;

	base_strbuf_puts(&buf, "one\ntwo\n");
	base_strbuf_consume(&buf, 4);
	ck_assert_str_eq(buf.text, "two\n");
	base_strbuf_consume(&buf, 400);
	ck_assert_uint_eq(buf.len, 0);
	base_strbuf_fini(&buf);
}
END_TEST

START_TEST(failure_sticks)
{
	struct base_strbuf buf = BASE_STRBUF_EMPTY;

	base_strbuf_puts(&buf, "kept");
	ck_assert_int_lt(base_strbuf_reserve(&buf, SIZE_MAX / 2), 0);
	ck_assert(buf.failed);
	base_strbuf_puts(&buf, " dropped");
	ck_assert_str_eq(buf.text, "kept");
	base_strbuf_fini(&buf);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base_strbuf");
	TCase *tcase = tcase_create("strbuf");

	tcase_add_test(tcase, grows_and_stays_terminated);
	tcase_add_test(tcase, consume_keeps_the_rest);
	tcase_add_test(tcase, failure_sticks);
	suite_add_tcase(suite, tcase);
	return suite;
}
