/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "ipfix_text.h"
#include "unit_main.h"

#include <string.h>

static const struct {
	const char *text;
	size_t size;
	const char *copied;
	bool cut;
} texts[] = {
		{"eth0", 16, "eth0", false},
		{"", 16, "", false},
		{NULL, 16, "", false},
		{"eth0", 4, "eth0", false},
		{"eth01", 4, "eth0", true},
		{"\xc3\xa4\xc3\xb6", 16, "\xc3\xa4\xc3\xb6", false},
		{"\xc3\xa4\xc3\xb6", 3, "\xc3\xa4", true}, /* characters are not torn */
		{"a\xff", 16, "a\xef\xbf\xbd", false},
		{"a\xff", 3, "a", true},
		{"\xc0\xaf", 16, "\xef\xbf\xbd\xef\xbf\xbd", false}, /* a detour for / */
		{"\xed\xa0\x80", 16, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", false}, /* surrogate */
		{"\xf0\x9f\x8c\x8a", 16, "\xf0\x9f\x8c\x8a", false},
		{"\xf4\x90\x80\x80", 4, "\xef\xbf\xbd", true}, /* above U+10FFFF */
		{"\xe2\x82", 16, "\xef\xbf\xbd\xef\xbf\xbd", false}, /* ends too early */
		{"\xe0\x9f\x80", 3, "\xef\xbf\xbd", true},
		{"\xf0\x8f\xbf\xbf", 3, "\xef\xbf\xbd", true},
};

START_TEST(text_is_copied_as_utf8)
{
	uint8_t out[64];
	bool cut;
	size_t len = ipfix_text_copy(out, texts[_i].size, texts[_i].text, &cut);

	ck_assert_uint_eq(len, strlen(texts[_i].copied));
	ck_assert_mem_eq(out, texts[_i].copied, len);
	ck_assert_int_eq(cut, texts[_i].cut);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, text_is_copied_as_utf8, 0, BASE_COUNT_OF(texts));
	suite_add_tcase(suite, tcase);
	return suite;
}
