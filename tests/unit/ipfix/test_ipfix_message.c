/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "ipfix_message.h"
#include "unit_main.h"

#include <string.h>

static uint8_t octets[IPFIX_MESSAGE_MAX + 64];
static struct ipfix_message message;

static uint16_t number_at(uint32_t offset)
{
	return (uint16_t)(octets[offset] << 8 | octets[offset + 1]);
}

static void start(uint32_t limit, bool padded)
{
	memset(octets, 0xee, sizeof(octets));
	ipfix_message_start(&message, octets, limit, IPFIX_HEADER_BYTES, padded);
}

static void add(uint16_t set_id, uint32_t bytes)
{
	uint8_t *room = ipfix_message_reserve(&message, set_id, bytes);

	ck_assert_ptr_nonnull(room);
	memset(room, 0xaa, bytes);
}

/* Records of 5 to 8 octets: 1 to 4 modulo 4. */
START_TEST(sets_are_padded_with_zeros)
{
	uint32_t bytes = (uint32_t)_i;

	start(512, true);
	add(256, bytes);
	add(256, bytes);
	add(257, bytes);
	ck_assert(ipfix_message_finish(&message));
	uint32_t first = 4 + 2 * bytes, padded = (first + 3) / 4 * 4;
	ck_assert_uint_eq(number_at(16), 256);
	ck_assert_uint_eq(number_at(18), padded);
	for (uint32_t i = first; i < padded; i++)
		ck_assert_uint_eq(octets[16 + i], 0);
	ck_assert_uint_lt(padded - first, bytes);
	ck_assert_uint_eq(number_at(16 + padded), 257);
	ck_assert_uint_eq(message.length, 16 + padded + (4 + bytes + 3) / 4 * 4);
}
END_TEST

START_TEST(padding_can_be_left_out)
{
	start(512, false);
	add(256, 5);
	add(257, 7);
	ck_assert(ipfix_message_finish(&message));
	ck_assert_uint_eq(number_at(18), 9);
	ck_assert_uint_eq(number_at(16 + 9 + 2), 11);
	ck_assert_uint_eq(message.length, 16 + 9 + 11);
}
END_TEST

START_TEST(records_of_one_template_share_a_set)
{
	start(512, true);
	add(256, 8);
	add(256, 8);
	ipfix_message_close_set(&message);
	ipfix_message_close_set(&message); /* nothing is open: no empty set */
	add(256, 8);
	ck_assert(ipfix_message_finish(&message));
	ck_assert_uint_eq(number_at(18), 20);
	ck_assert_uint_eq(number_at(16 + 20 + 2), 12);
	ck_assert_uint_eq(message.length, 16 + 20 + 12);
}
END_TEST

START_TEST(empty_messages_are_not_sent)
{
	start(512, true);
	ck_assert(!ipfix_message_finish(&message));
	ck_assert_ptr_null(ipfix_message_reserve(&message, 256, 600));
	ck_assert(!ipfix_message_finish(&message));
	add(256, 8);
	message.data_records = 3;
	ipfix_message_restart(&message);
	ck_assert(ipfix_message_is_empty(&message));
	ck_assert_uint_eq(message.data_records, 0);
	ck_assert(!ipfix_message_finish(&message));
}
END_TEST

/* Every limit and record length: never a single octet over it, padding included. */
START_TEST(limit_holds_with_padding)
{
	for (uint32_t limit = 464; limit < 475; limit++) {
		for (uint32_t bytes = 5; bytes < 200; bytes++) {
			start(limit, _i);
			for (uint16_t id = 256; ipfix_message_reserve(&message, id, bytes); id++)
				;
			ck_assert(ipfix_message_finish(&message));
			ck_assert_uint_le(message.length, limit);
			ck_assert_uint_gt(message.length + 4 + bytes + 6, limit);
			ck_assert_uint_eq(octets[limit], 0xee);
			if (_i)
				ck_assert_uint_eq(message.length % 4, 0);
		}
	}
}
END_TEST

START_TEST(limit_is_what_the_length_field_holds)
{
	start(IPFIX_MESSAGE_MAX + 1, false);
	while (ipfix_message_reserve(&message, 256, 5))
		;
	ck_assert(ipfix_message_finish(&message));
	ck_assert_uint_le(message.length, IPFIX_MESSAGE_MAX);
	ck_assert_uint_gt(message.length, IPFIX_MESSAGE_MAX - 5);
	ck_assert_uint_eq(number_at(18), message.length - 16);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_message");
	TCase *tcase = tcase_create("message");

	tcase_add_loop_test(tcase, sets_are_padded_with_zeros, 5, 9);
	tcase_add_test(tcase, padding_can_be_left_out);
	tcase_add_test(tcase, records_of_one_template_share_a_set);
	tcase_add_test(tcase, empty_messages_are_not_sent);
	tcase_add_loop_test(tcase, limit_holds_with_padding, 0, 2);
	tcase_add_test(tcase, limit_is_what_the_length_field_holds);
	suite_add_tcase(suite, tcase);
	return suite;
}
