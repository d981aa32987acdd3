/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_messages.h"
#include "unit_main.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 400u

static struct export_messages queue;

static void make(void)
{
	ck_assert_int_eq(export_messages_init(&queue, 4096), 0);
}

static void drop(void)
{
	export_messages_fini(&queue);
}

/* A message of `length` octets, all of them `mark`; false when the ring is full. */
static bool put(uint32_t length, uint8_t mark)
{
	struct ipfix_message message = {.length = length,
			.records = 3,
			.data_records = 2,
			.flow_records = 1,
			.flow_packets = mark,
			.flow_octets = 10u * mark};
	uint8_t *room = export_messages_reserve(&queue, ROOM);

	if (!room)
		return false;
	memset(room, mark, length);
	export_messages_publish(&queue, &message);
	return true;
}

START_TEST(peek_shows_messages_in_order)
{
	struct export_message_head *heads[8];
	struct iovec pieces[8];

	put(100, 1);
	put(37, 2);
	put(400, 3);
	ck_assert_uint_eq(export_messages_peek(&queue, pieces, heads, 8), 3);
	ck_assert_uint_eq(pieces[0].iov_len, 100);
	ck_assert_uint_eq(pieces[1].iov_len, 37);
	ck_assert_uint_eq(pieces[2].iov_len, 400);
	for (int i = 0; i < 3; i++) {
		const uint8_t *octets = pieces[i].iov_base;
		ck_assert_uint_eq(octets[0], i + 1);
		ck_assert_uint_eq(octets[pieces[i].iov_len - 1], i + 1);
		ck_assert_ptr_eq(export_messages_octets(heads[i]), octets);
		ck_assert_uint_eq(heads[i]->data_records, 2);
		ck_assert_uint_eq(heads[i]->records, 3);
	}
	ck_assert_uint_eq(export_messages_peek(&queue, pieces, heads, 2), 2);
	ck_assert_uint_eq(queue.waiting.messages, 3);
	ck_assert_uint_eq(queue.waiting.packets, 6);
	ck_assert_uint_eq(queue.waiting.octets, 60);
}
END_TEST

START_TEST(a_part_that_was_taken_is_not_shown_again)
{
	struct export_load done = {0};
	struct export_message_head *head;
	struct iovec piece;

	put(100, 1);
	put(50, 2);
	export_messages_accept(&queue, 99, &done);
	ck_assert_uint_eq(done.messages, 0);
	export_messages_peek(&queue, &piece, &head, 1);
	ck_assert_uint_eq(piece.iov_len, 1);
	export_messages_accept(&queue, 1 + 20, &done);
	ck_assert_uint_eq(done.messages, 1);
	ck_assert_uint_eq(done.records, 1);
	ck_assert_uint_eq(done.packets, 1);
	ck_assert_uint_eq(done.octets, 10);
	export_messages_peek(&queue, &piece, &head, 1);
	ck_assert_uint_eq(piece.iov_len, 30);
	/* another connection: whole again */
	export_messages_rewind(&queue);
	export_messages_peek(&queue, &piece, &head, 1);
	ck_assert_uint_eq(piece.iov_len, 50);
}
END_TEST

START_TEST(a_full_ring_takes_no_more)
{
	uint8_t count = 0;

	while (put(ROOM, count))
		count++;
	ck_assert_uint_eq(count, 4096 / (ROOM + sizeof(struct export_message_head)));
	struct export_load rest = export_messages_clear(&queue);
	ck_assert_uint_eq(rest.messages, count);
	ck_assert_uint_eq(rest.records, count);
	ck_assert(export_messages_is_empty(&queue));
	ck_assert(put(ROOM, 1));
}
END_TEST

START_TEST(what_is_being_written_survives_the_emptying)
{
	struct export_load done = {0};
	struct ipfix_message message = {.length = 8};

	put(100, 1);
	uint8_t *room = export_messages_reserve(&queue, ROOM);
	memset(room, 9, 8);
	export_messages_accept(&queue, 100, &done);
	ck_assert(export_messages_is_empty(&queue));
	export_messages_publish(&queue, &message);
	struct export_message_head *head;
	struct iovec piece;
	ck_assert_uint_eq(export_messages_peek(&queue, &piece, &head, 1), 1);
	ck_assert_ptr_eq(piece.iov_base, room);
	ck_assert_uint_eq(piece.iov_len, 8);
}
END_TEST

/* Random lengths and takings against a list of what has to come out. */
START_TEST(nothing_is_lost_or_turned_round)
{
	uint8_t next_in = 0, next_out = 0;

	srandom(4711);
	for (int round = 0; round < 20000; round++) {
		struct export_message_head *heads[4];
		struct iovec pieces[4];
		struct export_load done = {0};

		if (random() % 2) {
			next_in += put((uint32_t)(random() % ROOM) + 1, next_in);
			continue;
		}
		unsigned int count = export_messages_peek(&queue, pieces, heads, 4);
		size_t all = 0;
		for (unsigned int i = 0; i < count; i++) {
			const uint8_t *octets = pieces[i].iov_base;
			ck_assert_uint_eq(octets[0], (uint8_t)(next_out + i));
			ck_assert_uint_eq(octets[pieces[i].iov_len - 1], (uint8_t)(next_out + i));
			all += pieces[i].iov_len;
		}
		export_messages_accept(&queue, all ? (size_t)random() % (all + 1) : 0, &done);
		next_out = (uint8_t)(next_out + done.messages);
		ck_assert_uint_eq(queue.waiting.messages, (uint8_t)(next_in - next_out));
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_messages");
	TCase *tcase = tcase_create("messages");

	tcase_add_checked_fixture(tcase, make, drop);
	tcase_add_test(tcase, peek_shows_messages_in_order);
	tcase_add_test(tcase, a_part_that_was_taken_is_not_shown_again);
	tcase_add_test(tcase, a_full_ring_takes_no_more);
	tcase_add_test(tcase, what_is_being_written_survives_the_emptying);
	tcase_add_test(tcase, nothing_is_lost_or_turned_round);
	suite_add_tcase(suite, tcase);
	return suite;
}
