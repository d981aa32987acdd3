/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_strbuf.h"
#include "proto_frame.h"
#include "unit_main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Feeds `text` in pieces of `step` octets and appends each line found, in brackets, to `out`. */
static int split(const char *text, size_t len, size_t step, size_t limit, struct base_strbuf *out)
{
	struct proto_frame frame;
	const char *line;
	size_t line_len, room;
	int rc = 0;

	proto_frame_init(&frame, limit);
	for (size_t at = 0; at < len && rc >= 0;) {
		char *data = proto_frame_room(&frame, &room);
		size_t n = step < room ? step : room;
		n = n < len - at ? n : len - at;
		memcpy(data, text + at, n);
		proto_frame_filled(&frame, n);
		at += n;
		while ((rc = proto_frame_next(&frame, &line, &line_len)) == 1) {
			base_strbuf_putc(out, '[');
			base_strbuf_add(out, line, line_len);
			base_strbuf_putc(out, ']');
		}
	}
	if (rc == 0)
		base_strbuf_puts(out, proto_frame_is_partial(&frame) ? "..." : "");
	proto_frame_fini(&frame);
	return rc;
}

static const struct {
	const char *text, *lines;
} splits[] = {
		{"", ""},
		{"a", "..."},
		{"a\n", "[a]"},
		{"a\nbc\n", "[a][bc]"},
		{"a\nbc", "[a]..."},
		{"{\"id\":1}\r\n{\"id\":2}\r\n", "[{\"id\":1}][{\"id\":2}]"},
		{"\n\n \t\r\na\n\n", "[a]"},
		{"  a b \nc", "[  a b]..."},
		{"\xff\xfe\x01\n\x80\n", "[\xff\xfe\x01][\x80]"},
};

START_TEST(same_lines_however_the_stream_is_cut)
{
	size_t len = strlen(splits[_i].text);

	for (size_t step = 1; step <= len + 1; step++) {
		struct base_strbuf out = BASE_STRBUF_EMPTY;
		ck_assert_int_eq(split(splits[_i].text, len, step, 100, &out), 0);
		ck_assert_str_eq(out.text ? out.text : "", splits[_i].lines);
		base_strbuf_fini(&out);
	}
}
END_TEST

START_TEST(nul_is_an_octet_like_others)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	ck_assert_int_eq(split("a\0b\n\0\n", 6, 1, 100, &out), 0);
	ck_assert_uint_eq(out.len, 8);
	ck_assert_mem_eq(out.text, "[a\0b][\0]", 8);
	base_strbuf_fini(&out);
}
END_TEST

/* At the limit a line passes, one octet more and it does not, wherever the reads were cut. */
START_TEST(limit_is_exact)
{
	enum { LIMIT = 5000 };
	static char text[2 * LIMIT + 3];
	static const size_t steps[] = {1, 7, 4096, LIMIT, LIMIT + 1, sizeof(text)};

	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		struct base_strbuf out = BASE_STRBUF_EMPTY;
		memset(text, 'x', sizeof(text));
		text[LIMIT] = '\n';
		text[2 * LIMIT + 1] = '\n';
		ck_assert_int_eq(split(text, 2 * LIMIT + 2, steps[s], LIMIT, &out), 0);
		ck_assert_uint_eq(out.len, 2 * (LIMIT + 2));
		text[2 * LIMIT + 1] = 'x';
		text[2 * LIMIT + 2] = '\n';
		ck_assert_int_eq(split(text, 2 * LIMIT + 3, steps[s], LIMIT, &out), -EMSGSIZE);
		base_strbuf_fini(&out);
	}
}
END_TEST

START_TEST(endless_line_is_refused_in_bounded_memory)
{
	struct proto_frame frame;
	const char *line;
	size_t len, room, fed = 0;
	int rc = 0;

	proto_frame_init(&frame, PROTO_REQUEST_MAX_BYTES);
	while (rc == 0 && fed < 64u * 1024 * 1024) {
		char *data = proto_frame_room(&frame, &room);
		ck_assert_ptr_nonnull(data);
		memset(data, '[', room);
		proto_frame_filled(&frame, room);
		fed += room;
		rc = proto_frame_next(&frame, &line, &len);
	}
	ck_assert_int_eq(rc, -EMSGSIZE);
	ck_assert_uint_eq(fed, PROTO_REQUEST_MAX_BYTES + 1);
	ck_assert_uint_le(frame.size, PROTO_REQUEST_MAX_BYTES + 1);
	ck_assert_int_eq(proto_frame_next(&frame, &line, &len), -EMSGSIZE); /* and stays so */
	proto_frame_fini(&frame);
}
END_TEST

START_TEST(random_streams_lose_nothing)
{
	static char text[20000];

	for (unsigned int seed = 1; seed <= 30; seed++) {
		struct base_strbuf small = BASE_STRBUF_EMPTY, large = BASE_STRBUF_EMPTY;
		srandom(seed);
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = "abc \n\r\t{"[random() % 8];
		size_t step = 1 + (size_t)random() % 40;
		ck_assert_int_eq(split(text, sizeof(text), step, 4000, &small), 0);
		ck_assert_int_eq(split(text, sizeof(text), sizeof(text), 4000, &large), 0);
		ck_assert_str_eq(small.text, large.text);
		base_strbuf_fini(&small);
		base_strbuf_fini(&large);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("proto_frame");
	TCase *tcase = tcase_create("split");

	tcase_add_loop_test(tcase, same_lines_however_the_stream_is_cut, 0,
			sizeof(splits) / sizeof(splits[0]));
	tcase_add_test(tcase, nul_is_an_octet_like_others);
	tcase_add_test(tcase, limit_is_exact);
	tcase_add_test(tcase, endless_line_is_refused_in_bounded_memory);
	tcase_add_test(tcase, random_streams_lose_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
