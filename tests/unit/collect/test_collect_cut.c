/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_cut.h"
#include "collect_messages.h"
#include "unit_main.h"

#include <errno.h>
#include <stdlib.h>

#define V9_HEAD "0009 0002 00001388 6b010203 00000000 00000001 "
#define V9_SET "0100 000c c0000201 c0000202 "

static const struct {
	const char *name;
	const char *octets;
	bool ended;
	int bytes;
} cuts[] = {
		{"nothing", "", false, 0},
		{"half a version", "00", false, 0},
		{"ipfix without a length", "000a 00", false, 0},
		{"ipfix, half there", "000a 0014 00000000", false, 0},
		{"ipfix", "000a 0010 00000000 00000000 00000000", false, 16},
		{"ipfix with more behind it", "000a 0010 00000000 00000000 00000000 000a", false,
				16},
		{"ipfix shorter than its header", "000a 000f", false, -EBADMSG},
		{"no version", "0007 0010", false, -EBADMSG},
		{"text", "474554202f", false, -EBADMSG},
		{"netflow 5 without a record", "0005 0000", false, -EBADMSG},
		{"netflow 5 with too many", "0005 ffff", false, -EBADMSG},
		{"netflow 5, half there", "0005 0001 00000000", false, 0},
		{"netflow 9, more may come", V9_HEAD V9_SET, false, 0},
		{"netflow 9, all there", V9_HEAD V9_SET, true, 32},
		{"netflow 9, two sets", V9_HEAD V9_SET V9_SET V9_HEAD, false, 44},
		{"netflow 9, another one behind", V9_HEAD V9_SET "0009 0001", false, 32},
		{"netflow 9, a set without length", V9_HEAD "0100 0003", false, -EBADMSG},
		{"netflow 9, a set that is cut", V9_HEAD "0100 0100 0000", true, 26},
		{"netflow 9, a header alone", V9_HEAD, true, 0},
};

/* A copy of just that size, so that a read past the end is seen. */
static uint8_t *copy_of(const char *hex, size_t *length)
{
	static uint8_t octets[4096];

	*length = sample_octets(hex, octets);
	uint8_t *copy = malloc(*length ? *length : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, octets, *length);
	return copy;
}

START_TEST(message_is_cut)
{
	size_t length;
	uint8_t *octets = copy_of(cuts[_i].octets, &length);
	int bytes = collect_cut(octets, length, cuts[_i].ended);

	ck_assert_msg(bytes == cuts[_i].bytes, "%s: %d, not %d", cuts[_i].name, bytes,
			cuts[_i].bytes);
	free(octets);
}
END_TEST

START_TEST(netflow5_is_cut_by_its_count)
{
	uint8_t octets[24 + 2 * 48 + 10] = {0, 5, 0, 2};

	ck_assert_int_eq(collect_cut(octets, sizeof(octets), false), 24 + 2 * 48);
	ck_assert(!collect_resembles(octets, sizeof(octets), true));
	ck_assert(collect_resembles(octets, 24 + 2 * 48, true));
}
END_TEST

static const struct {
	const char *name;
	const char *octets;
	bool begins, datagram, stream, encrypted;
} looks[] = {
		{"nothing", "", false, false, false, false},
		{"ipfix",
				"000a0020 60000000 00000000 00000001 0002 0010 01000002 00080004 "
				"000c0004",
				true, true, true, false},
		{"ipfix, first of two", "000a0020 60000000 00000000 00000001 0002 0010 01000002",
				true, false, true, false},
		{"ipfix with a set that means nothing",
				"000a0018 60000000 00000000 00000001 0011 0008 01000000", true,
				false, false, false},
		{"ipfix with a set longer than it",
				"000a0018 60000000 00000000 00000001 0002 0020 01000000", true,
				false, false, false},
		{"netflow 9", V9_HEAD V9_SET, true, true, true, false},
		{"netflow 9 without records",
				"0009 0000 00001388 6b010203 00000000 00000001 " V9_SET, true,
				false, false, false},
		{"tls", "160303 0100 01 0000fc 0303 00000000000000", false, false, false, true},
		{"dtls", "16fefd 0000 00000000 0000 0100 010000fc00", false, false, false, true},
		{"dns", "1234 0100 0001 0000 0000 0000 03777777 0000 0100 01", false, false, false,
				false},
};

START_TEST(octets_look_like_it)
{
	size_t length;
	uint8_t *octets = copy_of(looks[_i].octets, &length);

	ck_assert_msg(collect_begins(octets, length) == looks[_i].begins, "%s", looks[_i].name);
	ck_assert_msg(collect_resembles(octets, length, true) == looks[_i].datagram, "%s",
			looks[_i].name);
	ck_assert_msg(collect_resembles(octets, length, false) == looks[_i].stream, "%s",
			looks[_i].name);
	ck_assert_msg(collect_is_encrypted(octets, length) == looks[_i].encrypted, "%s",
			looks[_i].name);
	free(octets);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("collect_cut");
	TCase *tcase = tcase_create("cut");

	tcase_add_loop_test(tcase, message_is_cut, 0, BASE_COUNT_OF(cuts));
	tcase_add_test(tcase, netflow5_is_cut_by_its_count);
	tcase_add_loop_test(tcase, octets_look_like_it, 0, BASE_COUNT_OF(looks));
	suite_add_tcase(suite, tcase);
	return suite;
}
