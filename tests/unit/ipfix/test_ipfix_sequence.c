/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "ipfix_sequence.h"
#include "unit_main.h"

#include <stdio.h>
#include <string.h>

#define MESSAGES 8

/* Messages as (number, count); what each step was, and what is missing in the end. */
static const struct {
	const char *name;
	bool datagrams;
	struct {
		uint32_t number, count;
	} messages[MESSAGES];
	unsigned int length;
	const char *steps;
	uint64_t missing;
} ways[] = {
		{"in order", true, {{5, 10}, {15, 0}, {15, 1}, {16, 1}}, 4, "F...", 0},
		{"over the wrap", true, {{0xfffffffe, 4}, {2, 1}}, 2, "F.", 0},
		{"gap", true, {{0, 10}, {30, 10}, {40, 1}}, 3, "F>.", 20},
		{"gap over the wrap", true, {{0xfffffff0, 8}, {4, 1}}, 2, "F>", 12},
		{"two swapped", true, {{0, 10}, {20, 10}, {10, 10}, {30, 1}}, 4, "F>L.", 0},
		{"late in the middle of a gap", true,
				{{0, 10}, {60, 1}, {20, 10}, {10, 10}, {61, 1}}, 5, "F>LL.", 30},
		{"late, and again", true, {{0, 10}, {20, 10}, {10, 10}, {10, 10}, {30, 1}}, 5,
				"F>LA.", 0},
		{"longer than its gap", true, {{0, 10}, {15, 5}, {10, 9}, {20, 1}}, 4, "F>L.", 0},
		{"each twice", true, {{0, 3}, {0, 3}, {3, 3}, {3, 3}}, 4, "FA.A", 0},
		{"restart", true, {{500, 10}, {0, 3}, {3, 3}, {6, 3}}, 4, "FAR.", 0},
		{"restart with a loss", true, {{500, 10}, {0, 3}, {3, 3}, {9, 3}}, 4, "FAR>", 3},
		{"stream goes back", false, {{500, 10}, {0, 3}, {3, 3}}, 3, "FB.", 0},
		{"stream with a gap", false, {{500, 10}, {511, 3}}, 2, "F>", 1},
};

static char letter(enum ipfix_step step)
{
	return "F.>BLAR"[step];
}

START_TEST(way_is_followed)
{
	struct ipfix_sequence sequence = {0};
	char steps[MESSAGES + 1] = "";
	uint32_t distance;

	for (unsigned int i = 0; i < ways[_i].length; i++)
		steps[i] = letter(ipfix_sequence_take(&sequence, ways[_i].messages[i].number,
				ways[_i].messages[i].count, ways[_i].datagrams, &distance));
	ck_assert_msg(strcmp(steps, ways[_i].steps) == 0, "%s: %s, not %s", ways[_i].name, steps,
			ways[_i].steps);
	ck_assert_uint_eq(sequence.missing, ways[_i].missing);
}
END_TEST

START_TEST(distance_is_told_either_way)
{
	struct ipfix_sequence sequence = {0};
	uint32_t distance;

	ipfix_sequence_take(&sequence, 100, 10, true, &distance);
	ck_assert_uint_eq(distance, 0);
	ipfix_sequence_take(&sequence, 117, 3, true, &distance);
	ck_assert_uint_eq(distance, 7);
	ipfix_sequence_take(&sequence, 110, 7, true, &distance);
	ck_assert_uint_eq(distance, 10);
}
END_TEST

/* More gaps than are kept: what is missing of the oldest stays missing, the others can be filled.
 */
START_TEST(gaps_are_bounded)
{
	struct ipfix_sequence sequence = {0};
	uint32_t distance, number = 0;

	for (unsigned int i = 0; i < IPFIX_SEQUENCE_GAPS + 5; i++, number += 2)
		ipfix_sequence_take(&sequence, number, 1, true, &distance);
	ck_assert_uint_eq(sequence.missing, IPFIX_SEQUENCE_GAPS + 4);
	ck_assert_uint_eq(sequence.gaps_seen, IPFIX_SEQUENCE_GAPS + 4);
	for (number = 1; sequence.late + sequence.again < IPFIX_SEQUENCE_GAPS + 4; number += 2)
		ipfix_sequence_take(&sequence, number, 1, true, &distance);
	ck_assert_uint_eq(sequence.missing, 4);
	ck_assert_uint_eq(sequence.again, 4);
	ck_assert_uint_eq(sequence.gap_count, 0);
}
END_TEST

START_TEST(nothing_is_blamed_after_forgetting)
{
	struct ipfix_sequence sequence = {0};
	uint32_t distance;

	ipfix_sequence_take(&sequence, 0, 10, true, &distance);
	ipfix_sequence_take(&sequence, 20, 10, true, &distance);
	ipfix_sequence_forget(&sequence);
	ck_assert_int_eq(
			ipfix_sequence_take(&sequence, 500, 10, true, &distance), IPFIX_STEP_FIRST);
	ck_assert_uint_eq(distance, 0);
	ck_assert_uint_eq(sequence.missing, 10);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_sequence");
	TCase *tcase = tcase_create("sequence");

	tcase_add_loop_test(tcase, way_is_followed, 0, BASE_COUNT_OF(ways));
	tcase_add_test(tcase, distance_is_told_either_way);
	tcase_add_test(tcase, gaps_are_bounded);
	tcase_add_test(tcase, nothing_is_blamed_after_forgetting);
	suite_add_tcase(suite, tcase);
	return suite;
}
