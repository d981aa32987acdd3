/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sample.h"
#include "unit_main.h"

static struct ipfix_plan plan;
static struct ipfix_builder builder;
static struct sample_sink sink;
static uint8_t octets[IPFIX_MESSAGE_MAX];

static void start(const struct ipfix_settings *settings, uint32_t limit)
{
	memset(&sink, 0, sizeof(sink));
	ipfix_plan_init(&plan, settings);
	ck_assert_int_eq(ipfix_builder_init(&builder, &plan, &sample_scene, octets, limit), 0);
	ipfix_builder_set_sink(&builder, sample_take, &sink);
}

/* Counts records in the sets of a message by the lengths of the plan. */
static unsigned int count_records(unsigned int index)
{
	const uint8_t *message = sample_message(&sink, index);
	size_t length = sample_length(&sink, index), at = 16;
	unsigned int records = 0;

	while (at < length) {
		uint16_t id = (uint16_t)sample_number(message + at, 2);
		uint16_t bytes = (uint16_t)sample_number(message + at + 2, 2);
		ck_assert_uint_ge(id, 256);
		ck_assert_uint_lt(id, 256 + IPFIX_PLAN_TEMPLATES);
		uint16_t record = plan.templates[id - 256].record_bytes;
		ck_assert_uint_gt(record, 0);
		ck_assert_uint_ge(bytes, 4 + record);
		ck_assert_uint_lt((bytes - 4u) % record, 4);
		records += (bytes - 4u) / record;
		at += bytes;
	}
	ck_assert_uint_eq(at, length);
	return records;
}

START_TEST(small_limits_are_refused)
{
	ipfix_plan_init(&plan, &(struct ipfix_settings){0});
	ck_assert_int_lt(ipfix_builder_init(&builder, &plan, &sample_scene, octets,
					 IPFIX_MESSAGE_MIN - 1),
			0);
}
END_TEST

START_TEST(nothing_makes_no_message)
{
	start(&(struct ipfix_settings){0}, 1400);
	ipfix_builder_flush(&builder);
	ipfix_builder_add(&builder, NULL, 0);
	ipfix_builder_flush(&builder);
	ck_assert_uint_eq(sink.count, 0);
}
END_TEST

static const uint32_t limits[] = {
		IPFIX_MESSAGE_MIN, 465, 466, 467, 512, 1372, 1400, 9000, IPFIX_MESSAGE_MAX};

/* All kinds of records in turn: every one arrives, no message is over its limit. */
START_TEST(limit_is_never_passed)
{
	struct flow_record records[6] = {sample_record(), sample_record6(), sample_record_around(),
			sample_record(), sample_record6(), sample_record_around()};

	for (unsigned int mode = 0; mode < 4; mode++) {
		const struct ipfix_settings settings = {.uniflow = mode & 1, .unpadded = mode & 2};
		unsigned int total = 0;
		records[3].rev_packets = 0;
		records[4].packets = 0;
		records[5].around.outer_version = 6;
		start(&settings, limits[_i]);
		for (unsigned int i = 0; i < 300; i++)
			ipfix_builder_add(&builder, records, 6);
		ipfix_builder_flush(&builder);
		for (unsigned int i = 0; i < sink.count; i++) {
			ck_assert_uint_le(sample_length(&sink, i), limits[_i]);
			ck_assert_uint_eq(count_records(i), sink.data_records[i]);
			total += sink.data_records[i];
		}
		/* as uniflows: two each but for the one-way records */
		ck_assert_uint_eq(total, 300 * (settings.uniflow ? 10 : 6));
	}
}
END_TEST

START_TEST(messages_are_filled)
{
	struct flow_record record = sample_record();

	start(&(struct ipfix_settings){0}, 1400);
	for (unsigned int i = 0; i < 1000; i++)
		ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	for (unsigned int i = 0; i + 1 < sink.count; i++)
		ck_assert_uint_gt(
				sample_length(&sink, i) + plan.templates[2].record_bytes, 1400 - 4);
}
END_TEST

struct ledger {
	uint64_t flows, packets, octets;
};

static void add_up(void *context, struct ipfix_message *message)
{
	struct ledger *ledger = context;

	ledger->flows += message->flow_records;
	ledger->packets += message->flow_packets;
	ledger->octets += message->flow_octets;
}

START_TEST(each_message_knows_what_it_holds)
{
	struct flow_record record = sample_record();
	struct ledger ledger = {0};

	start(&(struct ipfix_settings){.uniflow = _i}, 600);
	ipfix_builder_set_sink(&builder, add_up, &ledger);
	for (unsigned int i = 0; i < 100; i++)
		ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	ck_assert_uint_eq(ledger.flows, 100);
	ck_assert_uint_eq(ledger.packets, 1700);
	ck_assert_uint_eq(ledger.octets, UINT64_C(1100000000100));
}
END_TEST

static uint8_t others[2][1500];
static unsigned int taken;

static void keep_the_buffer(void *context, struct ipfix_message *message)
{
	ck_assert_ptr_eq(message->octets, taken == 0 ? octets : others[taken - 1]);
	sample_take(context, message);
	if (taken < 2)
		message->octets = others[taken++];
}

START_TEST(sink_may_keep_the_buffer)
{
	struct flow_record record = sample_record();

	taken = 0;
	start(&(struct ipfix_settings){0}, 464);
	ipfix_builder_set_sink(&builder, keep_the_buffer, &sink);
	for (unsigned int i = 0; i < 12; i++)
		ipfix_builder_add(&builder, &record, 1);
	ck_assert_uint_eq(taken, 2);
	ck_assert_uint_eq(count_records(1), sink.data_records[1]);
}
END_TEST

/* A flow that ends without a packet since its last record still says so. */
START_TEST(flow_without_packets_is_one_record)
{
	struct flow_record record = sample_record();

	record.packets = record.rev_packets = 0;
	start(&(struct ipfix_settings){.uniflow = _i}, 600);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	ck_assert_uint_eq(count_records(0), 1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_builder");
	TCase *tcase = tcase_create("builder");

	tcase_add_test(tcase, small_limits_are_refused);
	tcase_add_test(tcase, nothing_makes_no_message);
	tcase_add_loop_test(tcase, limit_is_never_passed, 0, BASE_COUNT_OF(limits));
	tcase_add_test(tcase, messages_are_filled);
	tcase_add_loop_test(tcase, each_message_knows_what_it_holds, 0, 2);
	tcase_add_test(tcase, sink_may_keep_the_buffer);
	tcase_add_loop_test(tcase, flow_without_packets_is_one_record, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
