/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_tops.h"
#include "unit_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONVERSATIONS 20000

/* The naive model: one number a conversation, which is its own index. */
static uint64_t truth[CONVERSATIONS];
static struct control_top listed[CONVERSATIONS];

static struct flow_record make_record(uint32_t conversation, uint64_t bytes)
{
	struct flow_record record = {
			.ip_version = 4,
			.protocol = 6,
			.source_port = (uint16_t)random(), /* not part of a conversation */
			.packets = 1,
			.bytes = bytes,
	};

	record.source.ipv4_be = conversation;
	record.destination.ipv4_be = UINT32_C(0x0a000001);
	record.destination_port = 443;
	return record;
}

static void add(struct control_tops *tops, uint32_t conversation, uint64_t bytes)
{
	struct flow_record record = make_record(conversation, bytes);

	control_tops_add(tops, &record, 1);
	truth[conversation] += bytes;
}

static struct control_tops *create(uint32_t counters)
{
	struct control_tops *tops;

	memset(truth, 0, sizeof(truth));
	ck_assert_int_eq(control_tops_create(&tops, counters, (uint64_t)random()), 0);
	return tops;
}

/* Few conversations carry most of the weight, as on a link. */
static uint32_t skewed(void)
{
	double u = (double)(random() % 1000000 + 1) / 1000001.0;

	return (uint32_t)((double)(CONVERSATIONS - 1) * u * u * u * u);
}

START_TEST(refuses_counts_that_do_not_fit_the_index)
{
	struct control_tops *tops;

	ck_assert_int_eq(control_tops_create(&tops, 0, 1), -EINVAL);
	ck_assert_int_eq(control_tops_create(&tops, 1, 1), -EINVAL);
	ck_assert_int_eq(control_tops_create(&tops, CONTROL_TOPS_COUNTERS + 1, 1), -EINVAL);
	control_tops_destroy(NULL);
}
END_TEST

START_TEST(is_exact_while_counters_suffice)
{
	struct control_tops *tops = create(CONVERSATIONS);

	for (int i = 0; i < 200000; i++)
		add(tops, skewed(), (uint64_t)(random() % 3000));
	uint32_t count = control_tops_list(tops, listed, CONVERSATIONS);
	uint64_t total = 0;
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_eq(listed[i].bytes, truth[listed[i].key.source.ipv4_be]);
		ck_assert_uint_eq(listed[i].error_bytes, 0);
		ck_assert(i == 0 || listed[i - 1].bytes >= listed[i].bytes);
		total += listed[i].bytes;
	}
	for (int i = 0; i < CONVERSATIONS; i++)
		total -= truth[i];
	ck_assert_uint_eq(total, 0);
	ck_assert_uint_eq(control_tops_floor(tops), 0);
	control_tops_destroy(tops);
}
END_TEST

static const uint32_t counter_rows[] = {2, 3, 16, 100, 1000, 4096, CONVERSATIONS - 1};

/* estimate - error <= true <= estimate; what has no counter weighs at most the floor. */
START_TEST(keeps_its_bounds_with_too_few_counters)
{
	uint32_t counters = counter_rows[_i];
	unsigned int seed = (unsigned int)time(NULL);
	struct control_tops *tops = create(counters);
	uint64_t total = 0;
	static bool has_counter[CONVERSATIONS];

	printf("# seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 200000; i++) {
		uint64_t bytes = (uint64_t)(random() % 3000);
		add(tops, i % 3 ? skewed() : (uint32_t)random() % CONVERSATIONS, bytes);
		total += bytes;
	}
	memset(has_counter, 0, sizeof(has_counter));
	uint32_t count = control_tops_list(tops, listed, CONVERSATIONS);
	ck_assert_uint_le(count, counters);
	uint64_t floor = control_tops_floor(tops);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t conversation = listed[i].key.source.ipv4_be;
		ck_assert_uint_ge(listed[i].bytes, truth[conversation]);
		ck_assert_uint_le(listed[i].bytes - listed[i].error_bytes, truth[conversation]);
		ck_assert_uint_le(listed[i].error_bytes, floor);
		has_counter[conversation] = true;
	}
	for (uint32_t i = 0; i < CONVERSATIONS; i++)
		ck_assert(has_counter[i] || truth[i] <= floor);
	ck_assert_uint_le(floor, 2 * total / counters);
	control_tops_destroy(tops);
}
END_TEST

START_TEST(an_elephant_survives_a_flood_of_mice)
{
	struct control_tops *tops;
	struct control_top top;

	ck_assert_int_eq(control_tops_create(&tops, 64, 5), 0);
	for (uint32_t i = 0; i < 100000; i++) {
		struct flow_record mouse = make_record(1000 + i, 64), elephant = make_record(7, 64);
		control_tops_add(tops, &mouse, 1);
		if (i % 10 == 0)
			control_tops_add(tops, &elephant, 1);
	}
	ck_assert_uint_eq(control_tops_list(tops, &top, 1), 1);
	ck_assert_uint_eq(top.key.source.ipv4_be, 7);
	ck_assert_uint_ge(top.bytes, 640000);
	ck_assert_uint_le(top.bytes - top.error_bytes, 640000);
	control_tops_destroy(tops);
}
END_TEST

/* All equal: every drop takes all counters. */
START_TEST(equal_weights_do_not_fill_it_up)
{
	struct control_tops *tops = create(8);

	for (uint32_t i = 0; i < 1000; i++)
		add(tops, i, 100);
	uint32_t count = control_tops_list(tops, listed, CONVERSATIONS);
	ck_assert_uint_ge(count, 1);
	ck_assert_uint_le(count, 8);
	ck_assert_uint_le(control_tops_floor(tops), 2 * 100000 / 8);
	control_tops_destroy(tops);
}
END_TEST

/* The summary of a replay must not depend on how many workers it had. */
START_TEST(order_of_arrival_does_not_show)
{
	static struct flow_record records[5000];
	struct control_top first[20], second[20];
	struct control_tops *a = create(5000), *b = create(5000);

	for (uint32_t i = 0; i < 5000; i++)
		records[i] = make_record(i % 1000, 100 * (i % 13));
	control_tops_add(a, records, 5000);
	for (uint32_t i = 5000; i > 0; i--)
		control_tops_add(b, &records[i - 1], 1);
	ck_assert_uint_eq(control_tops_list(a, first, 20), 20);
	ck_assert_uint_eq(control_tops_list(b, second, 20), 20);
	ck_assert_mem_eq(first, second, sizeof(first));
	control_tops_destroy(a);
	control_tops_destroy(b);
}
END_TEST

START_TEST(a_conversation_is_two_hosts_a_protocol_and_a_service)
{
	struct control_tops *tops = create(16);
	struct flow_record records[6];

	for (int i = 0; i < 6; i++)
		records[i] = make_record(1, 100);
	records[1].source_port = 9; /* the same */
	records[2].destination_port = 80;
	records[3].protocol = 17;
	records[4].ip_version = 6;
	records[5].destination.octets[3]++;
	control_tops_add(tops, records, 6);
	ck_assert_uint_eq(control_tops_list(tops, listed, 16), 5);
	ck_assert_uint_eq(listed[0].bytes, 200);
	ck_assert_uint_eq(listed[0].key.destination_port, 443);
	ck_assert_uint_eq(listed[0].key.protocol, 6);
	ck_assert_uint_eq(listed[0].key.ip_version, 4);
	ck_assert_uint_eq(listed[0].key.source_port, 0);
	control_tops_destroy(tops);
}
END_TEST

START_TEST(both_directions_count)
{
	struct control_tops *tops = create(4);
	struct flow_record record = make_record(1, 100);
	struct control_top top;

	record.rev_bytes = 1000;
	record.rev_packets = 3;
	control_tops_add(tops, &record, 1);
	ck_assert_uint_eq(control_tops_list(tops, &top, 1), 1);
	ck_assert_uint_eq(top.bytes, 1100);
	ck_assert_uint_eq(top.packets, 4);
	control_tops_destroy(tops);
}
END_TEST

START_TEST(lists_no_more_than_asked)
{
	struct control_tops *tops = create(100);

	ck_assert_uint_eq(control_tops_list(tops, listed, 10), 0);
	for (uint32_t i = 0; i < 50; i++)
		add(tops, i, i);
	ck_assert_uint_eq(control_tops_list(tops, listed, 0), 0);
	ck_assert_uint_eq(control_tops_list(tops, listed, 3), 3);
	ck_assert_uint_eq(listed[0].bytes, 49);
	ck_assert_uint_eq(listed[2].bytes, 47);
	ck_assert_uint_eq(control_tops_list(tops, listed, 1000), 50);
	control_tops_destroy(tops);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_tops");
	TCase *tcase = tcase_create("tops");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, refuses_counts_that_do_not_fit_the_index);
	tcase_add_test(tcase, is_exact_while_counters_suffice);
	tcase_add_loop_test(tcase, keeps_its_bounds_with_too_few_counters, 0,
			(int)BASE_COUNT_OF(counter_rows));
	tcase_add_test(tcase, an_elephant_survives_a_flood_of_mice);
	tcase_add_test(tcase, equal_weights_do_not_fill_it_up);
	tcase_add_test(tcase, order_of_arrival_does_not_show);
	tcase_add_test(tcase, a_conversation_is_two_hosts_a_protocol_and_a_service);
	tcase_add_test(tcase, both_directions_count);
	tcase_add_test(tcase, lists_no_more_than_asked);
	suite_add_tcase(suite, tcase);
	return suite;
}
