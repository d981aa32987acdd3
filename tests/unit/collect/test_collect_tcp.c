/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "collect_tcp.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 8

static char text[512];

/* "abc", or "<3>abc" with a hole of 3 octets before it. */
static void take(void *context, const uint8_t *octets, size_t length, uint32_t hole)
{
	size_t at = strlen(text);

	(void)context;
	if (hole > 0)
		at += (size_t)sprintf(text + at, "<%u>", hole);
	memcpy(text + at, octets, length);
	text[at + length] = 0;
}

/* Segments as offset and text; without a start the first one is where it begins. */
static const struct {
	const char *name;
	uint32_t first;
	bool start;
	struct {
		uint32_t offset;
		const char *octets;
	} segments[SEGMENTS];
	const char *given;
	const char *at_end;
} connections[] = {
		{"in order", 100, true, {{0, "abc"}, {3, "de"}, {5, "f"}}, "abcdef", "abcdef"},
		{"over the wrap", 0xfffffffe, true, {{0, "abc"}, {3, "de"}}, "abcde", "abcde"},
		{"again", 100, true, {{0, "abc"}, {0, "abc"}, {3, "de"}, {1, "bc"}}, "abcde",
				"abcde"},
		{"again, and more", 100, true, {{0, "abc"}, {1, "bcde"}}, "abcde", "abcde"},
		{"swapped", 100, true, {{3, "de"}, {0, "abc"}}, "abcde", "abcde"},
		{"backwards", 100, true, {{5, "f"}, {3, "de"}, {0, "abc"}}, "abcdef", "abcdef"},
		{"early ones overlap", 100, true, {{3, "def"}, {2, "cde"}, {0, "abc"}}, "abcdef",
				"abcdef"},
		{"a hole", 100, true, {{0, "abc"}, {5, "f"}, {6, "gh"}}, "abc", "abc<2>fgh"},
		{"two holes", 100, true, {{0, "a"}, {8, "i"}, {3, "d"}}, "a", "a<2>d<4>i"},
		{"a hole that is filled late", 100, true, {{0, "a"}, {2, "cd"}, {1, "b"}}, "abcd",
				"abcd"},
		{"joined", 100, false, {{7, "hi"}, {9, "jk"}, {3, "de"}}, "hijk", "hijk"},
		{"swapped over the wrap", 0xfffffffd, true, {{3, "de"}, {0, "abc"}}, "abcde",
				"abcde"},
};

START_TEST(segments_become_a_stream)
{
	struct collect_tcp tcp;

	text[0] = 0;
	collect_tcp_init(&tcp);
	if (connections[_i].start)
		collect_tcp_start(&tcp, connections[_i].first);
	for (unsigned int i = 0; i < SEGMENTS && connections[_i].segments[i].octets; i++)
		collect_tcp_segment(&tcp,
				connections[_i].first + connections[_i].segments[i].offset,
				(const uint8_t *)connections[_i].segments[i].octets,
				strlen(connections[_i].segments[i].octets), take, NULL);
	ck_assert_msg(strcmp(text, connections[_i].given) == 0, "%s: %s, not %s",
			connections[_i].name, text, connections[_i].given);
	collect_tcp_end(&tcp, take, NULL);
	ck_assert_msg(strcmp(text, connections[_i].at_end) == 0, "%s: %s, not %s",
			connections[_i].name, text, connections[_i].at_end);
	ck_assert_uint_eq(tcp.early_bytes, 0);
	collect_tcp_fini(&tcp);
}
END_TEST

struct sum {
	uint64_t octets, holes;
};

static void add(void *context, const uint8_t *octets, size_t length, uint32_t hole)
{
	struct sum *sum = context;

	(void)octets;
	sum->octets += length;
	sum->holes += hole;
}

/* One octet never comes: what is kept is bounded, and given on behind a hole of one. */
START_TEST(what_is_kept_is_bounded)
{
	static uint8_t octets[60000];
	struct collect_tcp tcp;
	struct sum sum = {0};

	collect_tcp_init(&tcp);
	collect_tcp_start(&tcp, 0);
	for (uint32_t i = 0; i < 100; i++) {
		uint32_t length = _i ? sizeof(octets) : 10;
		collect_tcp_segment(&tcp, 1 + i * length, octets, length, add, &sum);
		ck_assert_uint_le(tcp.early_count, COLLECT_TCP_EARLY_MAX);
		ck_assert_uint_le(tcp.early_bytes, COLLECT_TCP_EARLY_BYTES);
	}
	collect_tcp_end(&tcp, add, &sum);
	ck_assert_uint_eq(sum.octets, _i ? 100 * sizeof(octets) : 1000);
	ck_assert_uint_eq(sum.holes, 1);
	collect_tcp_fini(&tcp);
}
END_TEST

/* Segments of random size, shuffled within windows, some of them twice. */
START_TEST(any_order_gives_the_same_stream)
{
	enum { COUNT = 400, WINDOW = 20 };
	struct {
		uint32_t at, length;
	} segments[COUNT];
	static uint8_t octets[COUNT * 64];
	struct collect_tcp tcp;
	struct sum sum = {0};
	uint32_t total = 0;

	srand((unsigned int)_i);
	for (unsigned int i = 0; i < COUNT; i++) {
		segments[i].at = total;
		segments[i].length = 1 + (uint32_t)rand() % 64;
		total += segments[i].length;
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		unsigned int other = i / WINDOW * WINDOW + (unsigned int)rand() % WINDOW;
		uint32_t at = segments[i].at, length = segments[i].length;
		segments[i] = segments[other];
		segments[other].at = at;
		segments[other].length = length;
	}
	collect_tcp_init(&tcp);
	collect_tcp_start(&tcp, 0xffffff00);
	for (unsigned int i = 0; i < COUNT; i++) {
		for (int times = rand() % 4 == 0 ? 2 : 1; times > 0; times--)
			collect_tcp_segment(&tcp, 0xffffff00 + segments[i].at,
					octets + segments[i].at, segments[i].length, add, &sum);
	}
	ck_assert_uint_eq(sum.octets, total);
	ck_assert_uint_eq(sum.holes, 0);
	ck_assert_uint_eq(tcp.early_count, 0);
	collect_tcp_fini(&tcp);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("collect_tcp");
	TCase *tcase = tcase_create("tcp");

	tcase_add_loop_test(tcase, segments_become_a_stream, 0, BASE_COUNT_OF(connections));
	tcase_add_loop_test(tcase, what_is_kept_is_bounded, 0, 2);
	tcase_add_loop_test(tcase, any_order_gives_the_same_stream, 0, 20);
	suite_add_tcase(suite, tcase);
	return suite;
}
