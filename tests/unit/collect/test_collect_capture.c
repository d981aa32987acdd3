/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_capture.h"
#include "collect_messages.h"
#include "unit_main.h"

#include <stdlib.h>

#define FRAME_BYTES 2048
#define UDP 17
#define TCP 6
#define SCTP 132
#define SYN 0x02
#define FIN 0x11
#define PUSH 0x18

/* What a packet of the tests may have besides its payload. */
struct shape {
	uint8_t protocol;
	uint16_t port; /* 0: 4739 */
	bool ipv6;
	uint8_t extension; /* octets of IPv4 options, or of an IPv6 extension header */
	uint16_t fragment; /* IPv4 flags and offset */
	uint32_t cut; /* octets that were not captured */
	bool no_checksum;
	uint8_t flags; /* TCP */
	uint32_t sequence;
};

static struct collect *collect;
static struct collect_capture capture;
static uint8_t message[FRAME_BYTES];

static void setup(void)
{
	collect = collect_create(&(struct collect_settings){0});
	ck_assert_int_eq(collect_capture_init(&capture, collect), 0);
	collect_capture_choose(&capture, 4739);
}

static void teardown(void)
{
	collect_capture_fini(&capture);
	collect_destroy(collect);
}

static size_t write_transport(
		uint8_t *at, const struct shape *shape, const uint8_t *payload, size_t length)
{
	size_t head = shape->protocol == TCP ? 20 : shape->protocol == UDP ? 8 : 12;

	memset(at, 0, head);
	sample_u16(at, 5000);
	sample_u16(at + 2, shape->port ? shape->port : 4739);
	if (shape->protocol == UDP) {
		sample_u16(at + 4, (uint32_t)(8 + length));
		sample_u16(at + 6, shape->no_checksum ? 0 : 0xbeef);
	} else if (shape->protocol == TCP) {
		sample_u32(at + 4, shape->sequence);
		at[12] = 0x50;
		at[13] = shape->flags;
	}
	if (length > 0)
		memcpy(at + head, payload, length);
	return head + length;
}

static size_t write_ip(uint8_t *at, const struct shape *shape, size_t length)
{
	if (shape->ipv6) {
		memset(at, 0, 40 + shape->extension);
		at[0] = 0x60;
		sample_u16(at + 4, (uint32_t)(shape->extension + length));
		at[6] = shape->extension ? 60 : shape->protocol;
		at[7] = 64;
		at[8] = at[24] = 0x20;
		at[23] = 1;
		at[39] = 9;
		if (shape->extension) {
			at[40] = shape->protocol;
			at[41] = (uint8_t)(shape->extension / 8 - 1);
			at[42] = 1;
			at[43] = (uint8_t)(shape->extension - 4);
		}
		return 40u + shape->extension;
	}
	memset(at, 0, 20 + shape->extension);
	at[0] = (uint8_t)(0x45 + shape->extension / 4);
	memset(at + 20, 1, shape->extension);
	sample_u16(at + 2, (uint32_t)(20 + shape->extension + length));
	sample_u16(at + 6, shape->fragment);
	at[8] = 64;
	at[9] = shape->protocol;
	sample_u32(at + 12, 0xc0000201);
	sample_u32(at + 16, 0xc0000209);
	return 20u + shape->extension;
}

/* Gives the capture a packet, in a block of exactly the octets that it holds. */
static void take(const struct shape *shape, const uint8_t *payload, size_t length)
{
	static uint8_t transport[FRAME_BYTES], frame[FRAME_BYTES];
	size_t bytes = write_transport(transport, shape, payload, length), at = 14;

	memset(frame, 0, sizeof(frame));
	sample_u16(frame + 12, shape->ipv6 ? 0x86dd : 0x0800);
	at += write_ip(frame + at, shape, bytes);
	memcpy(frame + at, transport, bytes);
	at += bytes;
	if (at < 60)
		at = 60;
	uint8_t *copy = malloc(at - shape->cut);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, frame, at - shape->cut);
	collect_capture_take(&capture,
			&(struct packet_frame){copy, (uint32_t)(at - shape->cut), (uint32_t)at,
					PACKET_LINK_ETHERNET},
			SAMPLE_NS);
	free(copy);
}

static void take_message(const struct shape *shape, const char *sets, uint32_t sequence)
{
	take(shape, message, sample_message(sets, sequence, message));
}

static uint64_t records(void)
{
	struct ipfix_check_totals totals;

	collect_sum(collect, &totals);
	return totals.records;
}

static const struct shape carriers[] = {
		{.protocol = UDP},
		{.protocol = UDP, .ipv6 = true},
		{.protocol = UDP, .extension = 12},
		{.protocol = UDP, .ipv6 = true, .extension = 24},
		{.protocol = TCP, .flags = PUSH},
		{.protocol = TCP, .flags = PUSH, .ipv6 = true},
		{.protocol = TCP, .flags = PUSH, .extension = 40},
		{.protocol = TCP, .flags = PUSH, .ipv6 = true, .extension = 8},
};

START_TEST(message_is_found_in_its_packet)
{
	struct shape shape = carriers[_i];

	shape.sequence = 7000;
	if (shape.protocol == TCP)
		take(&(struct shape){.protocol = TCP,
				     .flags = SYN,
				     .sequence = 6999,
				     .ipv6 = shape.ipv6},
				NULL, 0);
	take_message(&shape, SAMPLE_TEMPLATE SAMPLE_RECORD, 0);
	shape.sequence += 16 + 20 + 16;
	/* short: the frame is padded, and the padding is no payload */
	size_t length = sample_message(SAMPLE_RECORD, 1, message);
	for (size_t at = 0; shape.protocol == TCP && at < length; at++, shape.sequence++)
		take(&shape, message + at, 1);
	if (shape.protocol == UDP)
		take(&shape, message, length);
	collect_finish(collect);
	ck_assert_ptr_null(collect_session_at(collect, 1));
	ck_assert_uint_eq(records(), 2);
	ck_assert_uint_eq(collect_broken(collect, IPFIX_SEVERITY_ERROR), 0);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
}
END_TEST

START_TEST(ports_are_chosen)
{
	const struct shape other = {.protocol = UDP, .port = 2056};

	take_message(&other, SAMPLE_TEMPLATE SAMPLE_RECORD, 0);
	take(&other, (const uint8_t *)"x", 1);
	take(&(struct shape){.protocol = TCP, .port = 80, .flags = PUSH}, (const uint8_t *)"GET",
			3);
	take(&(struct shape){.protocol = TCP, .port = 80, .flags = SYN}, NULL, 0);
	ck_assert_ptr_null(collect_session_at(collect, 0));
	ck_assert_uint_eq(capture.udp[2056].packets, 2);
	ck_assert_uint_eq(capture.udp[2056].resembling, 1);
	ck_assert_uint_eq(capture.tcp[80].packets, 1);
	ck_assert_uint_eq(capture.tcp[80].resembling, 0);
	collect_capture_choose(&capture, 2056);
	take_message(&other, SAMPLE_TEMPLATE SAMPLE_RECORD, 0);
	ck_assert_uint_eq(records(), 1);
}
END_TEST

START_TEST(what_is_no_message_makes_no_session)
{
	take(&(struct shape){.protocol = UDP}, (const uint8_t *)"hello, collector", 16);
	take(&(struct shape){.protocol = SCTP}, (const uint8_t *)"chunk", 5);
	ck_assert_ptr_null(collect_session_at(collect, 0));
	ck_assert_uint_eq(capture.foreign, 1);
	ck_assert_uint_eq(capture.sctp, 1);
	/* of a session that is there it is a finding */
	take_message(&(struct shape){.protocol = UDP}, SAMPLE_TEMPLATE, 0);
	take(&(struct shape){.protocol = UDP}, (const uint8_t *)"hello, collector", 16);
	ck_assert_uint_eq(sample_broken(collect, 101), 1);
}
END_TEST

START_TEST(what_is_cut_is_counted)
{
	take_message(&(struct shape){.protocol = UDP}, SAMPLE_TEMPLATE SAMPLE_RECORD, 0);
	take_message(&(struct shape){.protocol = UDP, .cut = 5}, SAMPLE_RECORD, 1);
	take_message(&(struct shape){.protocol = UDP, .cut = 50}, SAMPLE_RECORD, 2);
	take_message(&(struct shape){.protocol = UDP}, SAMPLE_RECORD, 3);
	collect_finish(collect);
	ck_assert_uint_eq(collect_session_at(collect, 0)->cut, 1);
	ck_assert_uint_eq(records(), 2);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
	ck_assert_uint_eq(capture.packets, 4);
}
END_TEST

START_TEST(fragments_are_told)
{
	take_message(&(struct shape){.protocol = UDP, .fragment = 0x2000}, SAMPLE_TEMPLATE, 0);
	take_message(&(struct shape){.protocol = UDP, .fragment = 0x00b9}, SAMPLE_TEMPLATE, 0);
	ck_assert_uint_eq(capture.fragments, 2);
	ck_assert_uint_eq(sample_broken(collect, 504), 1);
	ck_assert_uint_eq(collect_session_at(collect, 0)->fragmented, 1);
	ck_assert_uint_eq(records(), 0);
}
END_TEST

START_TEST(missing_checksums_are_told)
{
	take_message(&(struct shape){.protocol = UDP, .no_checksum = true}, SAMPLE_TEMPLATE, 0);
	take_message(&(struct shape){.protocol = UDP, .no_checksum = true}, SAMPLE_RECORD, 0);
	take_message(&(struct shape){.protocol = UDP}, SAMPLE_RECORD, 1);
	ck_assert_uint_eq(sample_broken(collect, 503), 2);
	ck_assert_uint_eq(records(), 2);
}
END_TEST

static void segment(uint32_t offset, const char *sets, uint32_t sequence)
{
	take_message(&(struct shape){.protocol = TCP, .flags = PUSH, .sequence = 1000 + offset},
			sets, sequence);
}

/* A capture that lacks a segment goes on at the next message, and blames nobody. */
START_TEST(holes_are_passed_over)
{
	take(&(struct shape){.protocol = TCP, .flags = SYN, .sequence = 999}, NULL, 0);
	segment(0, SAMPLE_TEMPLATE SAMPLE_RECORD, 0);
	segment(152, SAMPLE_RECORD, 9);
	segment(184, SAMPLE_RECORD, 10);
	collect_finish(collect);
	ck_assert_uint_eq(records(), 3);
	ck_assert_uint_eq(collect_session_at(collect, 0)->holes, 1);
	ck_assert_uint_eq(collect_session_at(collect, 0)->hole_octets, 100);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
	ck_assert_uint_eq(collect_broken(collect, IPFIX_SEVERITY_ERROR), 0);
}
END_TEST

/* Without a SYN the templates may have come before; so it is a note, no error. */
START_TEST(connections_may_be_joined)
{
	take(&(struct shape){.protocol = TCP, .flags = PUSH, .sequence = 990},
			(const uint8_t *)"rest of it", 10);
	segment(0, SAMPLE_RECORD, 500);
	segment(32, SAMPLE_RECORD, 501);
	collect_finish(collect);
	const struct collect_session *session = collect_session_at(collect, 0);
	ck_assert(session->joined);
	ck_assert_uint_eq(session->unsearched, 10);
	ck_assert_uint_eq(ipfix_check_totals(session->check)->messages, 2);
	ck_assert_uint_eq(sample_broken(collect, 302), 0);
	ck_assert_uint_gt(sample_broken(collect, 0), 0);
}
END_TEST

START_TEST(ports_that_are_used_again_are_a_new_session)
{
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t first = 1000 + i * 5000;
		size_t length = sample_message(SAMPLE_TEMPLATE SAMPLE_RECORD, 0, message);
		take(&(struct shape){.protocol = TCP, .flags = SYN, .sequence = first - 1}, NULL,
				0);
		/* a SYN that comes again is the same connection */
		take(&(struct shape){.protocol = TCP, .flags = SYN, .sequence = first - 1}, NULL,
				0);
		take(&(struct shape){.protocol = TCP, .flags = PUSH, .sequence = first}, message,
				length);
		take(&(struct shape){.protocol = TCP,
				     .flags = FIN,
				     .sequence = first + (uint32_t)length},
				NULL, 0);
		/* sent again after the end */
		take(&(struct shape){.protocol = TCP, .flags = PUSH, .sequence = first}, message,
				length);
	}
	collect_finish(collect);
	ck_assert_ptr_nonnull(collect_session_at(collect, 1));
	ck_assert_ptr_null(collect_session_at(collect, 2));
	ck_assert_uint_eq(records(), 2);
	ck_assert_uint_eq(collect_broken(collect, IPFIX_SEVERITY_ERROR), 0);
}
END_TEST

/* The exporter ends the connection within a message: the one that was seen to its end is told. */
START_TEST(connection_may_end_too_early)
{
	size_t length = sample_message(SAMPLE_TEMPLATE SAMPLE_RECORD, 0, message);

	take(&(struct shape){.protocol = TCP, .flags = SYN, .sequence = 999}, NULL, 0);
	take(&(struct shape){.protocol = TCP, .flags = PUSH, .sequence = 1000}, message,
			length - 6);
	take(&(struct shape){.protocol = TCP,
			     .flags = FIN,
			     .sequence = 1000 + (uint32_t)length - (_i ? 6 : 0)},
			NULL, 0);
	collect_finish(collect);
	ck_assert_uint_eq(sample_broken(collect, 102), (unsigned int)_i);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("collect_capture");
	TCase *tcase = tcase_create("capture");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, message_is_found_in_its_packet, 0, BASE_COUNT_OF(carriers));
	tcase_add_test(tcase, ports_are_chosen);
	tcase_add_test(tcase, what_is_no_message_makes_no_session);
	tcase_add_test(tcase, what_is_cut_is_counted);
	tcase_add_test(tcase, fragments_are_told);
	tcase_add_test(tcase, missing_checksums_are_told);
	tcase_add_test(tcase, holes_are_passed_over);
	tcase_add_test(tcase, connections_may_be_joined);
	tcase_add_test(tcase, ports_that_are_used_again_are_a_new_session);
	tcase_add_loop_test(tcase, connection_may_end_too_early, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
