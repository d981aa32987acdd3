/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_netflow5.h"
#include "ipfix_sample.h"
#include "ipfix_vectors.h"
#include "unit_main.h"

#define SECOND INT64_C(1000000000)
#define BOOT INT64_C(1795224000000000000)

static struct ipfix_plan plan;
static struct ipfix_session session;
static struct ipfix_builder builder;
static struct sample_sink sink;
static uint8_t data[IPFIX_MESSAGE_MAX];

static void start(uint32_t limit)
{
	const struct ipfix_settings settings = {
			.protocol = IPFIX_PROTOCOL_NETFLOW5, .sampling = 0x4064, .boot_ns = BOOT};
	const struct ipfix_session_settings session_settings = {
			.domain = 0x0102, .message_bytes = limit, .datagrams = true};

	memset(&sink, 0, sizeof(sink));
	sink.session = &session;
	sink.now_ns = BOOT + 700 * SECOND + 5;
	ipfix_plan_init(&plan, &settings);
	ck_assert_int_eq(ipfix_session_init(&session, &plan, &session_settings), 0);
	ipfix_session_open(&session);
	ck_assert_int_eq(ipfix_builder_init(&builder, &plan, &sample_scene, data, limit), 0);
	ipfix_builder_set_sink(&builder, sample_stamp_and_take, &sink);
}

static struct flow_record small_record(void)
{
	struct flow_record record = sample_record();

	record.bytes = 5000;
	record.rev_bytes = 6001;
	return record;
}

START_TEST(message_is_as_routers_send_it)
{
	uint8_t expected[256];
	size_t length = vector_octets(
			"0005 0002 000aae60 6b00f47c 00000005 00000000 0102 4064"
			/* there */
			"c0000201 c6336402 00000000 000b 000c 0000000a 00001388"
			"0009283b 00092f83 9c40 01bb 00 1b 06 b8 0000 0000 00 00 0000"
			/* and back */
			"c6336402 c0000201 00000000 000c 000b 00000007 00001771"
			"00092888 00092f83 01bb 9c40 00 12 06 20 0000 0000 00 00 0000",
			expected);
	struct flow_record record = small_record();

	start(1464);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	ck_assert_uint_eq(sink.count, 1);
	ck_assert_uint_eq(sample_length(&sink, 0), length);
	for (size_t i = 0; i < length; i++)
		ck_assert_msg(sample_message(&sink, 0)[i] == expected[i],
				"octet %zu is %02x, not %02x", i, sample_message(&sink, 0)[i],
				expected[i]);
}
END_TEST

START_TEST(nothing_is_announced)
{
	const struct ipfix_report report = {0};

	start(1464);
	ck_assert(!ipfix_session_due(&session, INT64_MAX));
	ipfix_session_announce(&session, BOOT, &report, data, sample_take, &sink);
	ck_assert_uint_eq(sink.count, 0);
}
END_TEST

/* 30 records at most, and never over the limit; the sequence counts records. */
START_TEST(messages_are_bounded)
{
	uint32_t limit = (uint32_t[]){464, 600, 1464, 9000}[_i];
	uint32_t most = limit < 1464 ? (limit - 24) / 48 : 30, sequence = 0;
	struct flow_record record = small_record();

	start(limit);
	for (unsigned int i = 0; i < 100; i++)
		ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	for (unsigned int i = 0; i < sink.count; i++) {
		const uint8_t *message = sample_message(&sink, i);
		uint32_t records = (uint32_t)sample_number(message + 2, 2);
		ck_assert_uint_le(records, most);
		ck_assert_uint_eq(sample_length(&sink, i), 24 + 48 * records);
		ck_assert_uint_eq(sample_number(message + 16, 4), sequence);
		sequence += records;
		if (i + 1 < sink.count)
			ck_assert_uint_eq(records, most);
	}
	ck_assert_uint_eq(sequence, 200);
	ck_assert_uint_eq(session.totals.flow_records, 100);
	ck_assert_uint_eq(session.totals.exported_records, 200);
}
END_TEST

static const struct {
	uint64_t octets, packets;
	unsigned int records;
} large[] = {
		{0, 0, 1},
		{UINT32_MAX, 1, 1},
		{UINT64_C(1) << 32, 3, 2},
		{UINT64_C(2) * UINT32_MAX, 1, 2},
		{UINT64_C(2) * UINT32_MAX + 1, 1, 3},
		{100, UINT64_C(1) << 32, 2},
		{UINT64_C(1000) << 32, UINT64_C(3) << 32, 1001},
};

START_TEST(large_flows_become_several_records)
{
	struct flow_record record = small_record();
	uint64_t octets = 0, packets = 0;
	unsigned int records = 0;

	record.bytes = large[_i].octets;
	record.packets = large[_i].packets;
	record.rev_packets = record.rev_bytes = 0;
	start(1464);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	for (unsigned int i = 0; i < sink.count; i++) {
		for (size_t at = 24; at < sample_length(&sink, i); at += 48, records++) {
			packets += sample_number(sample_message(&sink, i) + at + 16, 4);
			octets += sample_number(sample_message(&sink, i) + at + 20, 4);
		}
	}
	ck_assert_uint_eq(octets, large[_i].octets);
	ck_assert_uint_eq(packets, large[_i].packets);
	ck_assert_uint_eq(records, large[_i].records);
	ck_assert_uint_eq(session.totals.flow_records, 1);
	ck_assert_uint_eq(builder.refused.octets, 0);
}
END_TEST

START_TEST(what_does_not_fit_at_all_is_counted)
{
	struct flow_record record = small_record();
	struct ipfix_netflow5_flow flow;

	record.bytes = UINT64_MAX;
	flow = ipfix_netflow5_begin(&record, false);
	ck_assert_uint_eq(flow.parts, IPFIX_NETFLOW5_PARTS_MAX);
	ck_assert(flow.cut);
	while (flow.parts > 0) {
		uint32_t packets, octets;
		ipfix_netflow5_write(&flow, &sample_scene, data, &packets, &octets);
		ck_assert_uint_eq(octets, UINT32_MAX);
	}
	ck_assert_uint_eq(
			flow.octets, UINT64_MAX - (uint64_t)UINT32_MAX * IPFIX_NETFLOW5_PARTS_MAX);
	ck_assert_uint_eq(flow.packets, 0);
}
END_TEST

START_TEST(ipv6_is_refused_and_counted)
{
	struct flow_record record = sample_record6();

	start(1464);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	ck_assert_uint_eq(sink.count, 0);
	ck_assert_uint_eq(builder.refused.records, 1);
	ck_assert_uint_eq(builder.refused.packets, 17);
	ck_assert_uint_eq(builder.refused.octets, UINT64_C(11000000001));
}
END_TEST

START_TEST(icmp_has_its_type_as_destination_port)
{
	struct flow_record record = small_record();

	record.protocol = 1;
	record.icmp_type = 3;
	record.icmp_code = 4;
	record.rev_packets = 0;
	record.rev_port = 0xffff;
	start(1464);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	const uint8_t *first = sample_message(&sink, 0) + 24;
	ck_assert_uint_eq(sample_number(first + 32, 2), 0);
	ck_assert_uint_eq(sample_number(first + 34, 2), 0x0304);
	ck_assert_uint_eq(sample_number(first + 14, 2), 12);
	ck_assert_uint_eq(sample_length(&sink, 0), 72);
}
END_TEST

START_TEST(numbers_of_interfaces_are_capped)
{
	static const struct ipfix_interface wide[] = {{.index = 70000, .egress_index = 0xffffffff}};
	const struct ipfix_scene scene = {.interfaces = wide, .interface_count = 1};
	struct flow_record record = small_record();
	struct ipfix_netflow5_flow flow = ipfix_netflow5_begin(&record, false);
	uint32_t packets, octets;

	record.rev_port = 0xffff;
	ipfix_netflow5_write(&flow, &scene, data, &packets, &octets);
	ck_assert_uint_eq(sample_number(data + 12, 2), 0xffff);
	ck_assert_uint_eq(sample_number(data + 14, 2), 0xffff);
}
END_TEST

/* Read back by the check of foreign messages: no rule is broken, sums are the same. */
START_TEST(check_finds_nothing)
{
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_DATAGRAMS, 0);
	struct flow_record record = small_record();

	start(1000);
	for (unsigned int i = 0; i < 50; i++)
		ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	for (unsigned int i = 0; i < sink.count; i++)
		ipfix_check_message(check, sample_message(&sink, i), sample_length(&sink, i), 0);
	ipfix_check_finish(check);
	ck_assert_uint_eq(ipfix_check_broken(check, IPFIX_SEVERITY_ERROR), 0);
	ck_assert_uint_eq(ipfix_check_broken(check, IPFIX_SEVERITY_WARNING), 0);
	ck_assert_uint_eq(ipfix_check_totals(check)->records, 100);
	ipfix_check_destroy(check);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_netflow5");
	TCase *tcase = tcase_create("netflow5");

	tcase_add_test(tcase, message_is_as_routers_send_it);
	tcase_add_test(tcase, nothing_is_announced);
	tcase_add_loop_test(tcase, messages_are_bounded, 0, 4);
	tcase_add_loop_test(tcase, large_flows_become_several_records, 0, BASE_COUNT_OF(large));
	tcase_add_test(tcase, what_does_not_fit_at_all_is_counted);
	tcase_add_test(tcase, ipv6_is_refused_and_counted);
	tcase_add_test(tcase, icmp_has_its_type_as_destination_port);
	tcase_add_test(tcase, numbers_of_interfaces_are_capped);
	tcase_add_test(tcase, check_finds_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
