/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_option.h"
#include "ipfix_sample.h"
#include "unit_main.h"

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1795224600) * SECOND)

static struct ipfix_plan plan;
static struct ipfix_session session;
static struct ipfix_builder builder;
static struct sample_sink sink;
static uint8_t octets[IPFIX_MESSAGE_MAX], data[IPFIX_MESSAGE_MAX];

static const struct ipfix_selector selector = {.id = 1,
		.algorithm = IPFIX_ALGORITHM_SYSTEMATIC,
		.interval = 1,
		.observed_packets = 1000,
		.selected_packets = 1000};

static const struct ipfix_report report = {.interfaces = sample_interfaces,
		.interface_count = 2,
		.selectors = &selector,
		.selector_count = 1,
		.metering_id = 1,
		.exporting_id = 2,
		.ignored = {.packets = 5,
				.octets = 320,
				.first_ns = START,
				.last_ns = START + SECOND},
		.not_sent = {.flows = 3, .packets = 30, .octets = 4000}};

static void start(
		bool datagrams, uint32_t message_bytes, const struct ipfix_settings *plan_settings)
{
	const struct ipfix_session_settings settings = {.domain = 0xd0d0d0d0,
			.message_bytes = message_bytes,
			.datagrams = datagrams,
			.template_refresh_ns = 60 * SECOND,
			.template_refresh_messages = 1000,
			.options_refresh_ns = 30 * SECOND};

	memset(&sink, 0, sizeof(sink));
	sink.session = &session;
	sink.now_ns = START;
	ipfix_plan_init(&plan, plan_settings);
	ck_assert_int_eq(ipfix_session_init(&session, &plan, &settings), 0);
	ipfix_session_open(&session);
	ck_assert_int_eq(
			ipfix_builder_init(&builder, &plan, &sample_scene, data, message_bytes), 0);
	ipfix_builder_set_sink(&builder, sample_stamp_and_take, &sink);
}

static void announce(int64_t now_ns)
{
	sink.now_ns = now_ns;
	ipfix_session_announce(&session, now_ns, &report, octets, sample_take, &sink);
}

static void send_data(unsigned int count)
{
	struct flow_record record = sample_record();

	for (unsigned int i = 0; i < count; i++)
		ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
}

static uint32_t field_of(unsigned int index, unsigned int offset)
{
	return (uint32_t)sample_number(sample_message(&sink, index) + offset, 4);
}

/* Counts sets of that id in a message. */
static unsigned int count_sets(unsigned int index, uint16_t low, uint16_t high)
{
	const uint8_t *message = sample_message(&sink, index);
	unsigned int sets = 0;

	for (size_t at = plan.header_bytes; at < sample_length(&sink, index);
			at += sample_number(message + at + 2, 2)) {
		uint16_t id = (uint16_t)sample_number(message + at, 2);
		sets += id >= low && id <= high;
		ck_assert_uint_ge(sample_number(message + at + 2, 2), 8);
	}
	return sets;
}

START_TEST(header_is_that_of_rfc_7011)
{
	start(true, 1400, &(struct ipfix_settings){0});
	announce(START + 999999999);
	for (unsigned int i = 0; i < sink.count; i++) {
		const uint8_t *message = sample_message(&sink, i);
		ck_assert_uint_eq(sample_number(message, 2), 10);
		ck_assert_uint_eq(sample_number(message + 2, 2), sample_length(&sink, i));
		ck_assert_uint_eq(field_of(i, 4), 1795224600);
		ck_assert_uint_eq(field_of(i, 12), 0xd0d0d0d0);
	}
	ck_assert_uint_eq(field_of(0, 8), 0);
}
END_TEST

/* Over a wrap: message k + 1 begins with the number of k and the data records in k. */
START_TEST(sequence_counts_data_records)
{
	uint32_t expected = UINT32_MAX - 2;

	start(true, 464, &(struct ipfix_settings){0});
	session.sequence = expected;
	announce(START);
	send_data(20);
	announce(START + 61 * SECOND);
	send_data(5);
	for (unsigned int i = 0; i < sink.count; i++) {
		ck_assert_uint_eq(field_of(i, 8), expected);
		expected += sink.data_records[i];
	}
	ck_assert_uint_lt(expected, 1000); /* it did wrap */
	ck_assert_uint_eq(session.sequence, expected);
}
END_TEST

START_TEST(templates_and_options_templates_count_nothing)
{
	start(true, 1400, &(struct ipfix_settings){0});
	announce(START);
	for (unsigned int i = 0; i < sink.count; i++) {
		if (count_sets(i, 2, 3) > 0 && count_sets(i, 256, UINT16_MAX) == 0)
			ck_assert_uint_eq(sink.data_records[i], 0);
	}
	ck_assert_uint_eq(sink.data_records[0], 0);
}
END_TEST

/* Which messages hold template 258, the one of the sample's biflow. */
static bool has_template(unsigned int index, uint16_t id)
{
	const uint8_t *message = sample_message(&sink, index);

	for (size_t at = plan.header_bytes; at < sample_length(&sink, index);
			at += sample_number(message + at + 2, 2)) {
		size_t end = at + sample_number(message + at + 2, 2);
		if (sample_number(message + at, 2) != 2)
			continue;
		for (size_t spec = at + 4; spec + 4 < end;) {
			unsigned int fields = (unsigned int)sample_number(message + spec + 2, 2);
			if (sample_number(message + spec, 2) == id)
				return true;
			for (spec += 4; fields > 0; fields--)
				spec += message[spec] & 0x80 ? 8 : 4;
		}
	}
	return false;
}

START_TEST(templates_come_twice_before_data)
{
	unsigned int copies = 0;

	start(true, (uint32_t)_i, &(struct ipfix_settings){0});
	ck_assert(ipfix_session_due(&session, START));
	announce(START);
	ck_assert(!ipfix_session_due(&session, START));
	unsigned int before = sink.count;
	send_data(1);
	for (unsigned int i = 0; i < before; i++)
		copies += has_template(i, 258);
	ck_assert_uint_eq(copies, 2);
	ck_assert_uint_eq(count_sets(before, 258, 258), 1);
	for (unsigned int i = 0; i < sink.count; i++)
		ck_assert_uint_le(sample_length(&sink, i), (unsigned int)_i);
}
END_TEST

START_TEST(streams_hear_them_once)
{
	unsigned int copies = 0;

	start(false, 9000, &(struct ipfix_settings){0});
	announce(START);
	for (unsigned int i = 0; i < sink.count; i++)
		copies += has_template(i, 258);
	ck_assert_uint_eq(copies, 1);
	/* never again, but for options */
	unsigned int before = sink.count;
	announce(START + 10000 * SECOND);
	ck_assert_uint_gt(sink.count, before);
	for (unsigned int i = before; i < sink.count; i++)
		ck_assert_uint_eq(count_sets(i, 2, 3), 0);
}
END_TEST

START_TEST(templates_are_repeated_by_time)
{
	start(true, 1400, &(struct ipfix_settings){0});
	announce(START);
	ck_assert(!ipfix_session_due(&session, START + 29 * SECOND));
	ck_assert(ipfix_session_due(&session, START + 30 * SECOND)); /* options */
	announce(START + 30 * SECOND);
	unsigned int before = sink.count;
	announce(START + 59 * SECOND);
	ck_assert_uint_eq(sink.count, before);
	announce(START + 60 * SECOND);
	ck_assert_uint_gt(count_sets(before, 2, 2), 0);
	ck_assert(!ipfix_session_due(&session, START + 60 * SECOND));
}
END_TEST

START_TEST(templates_are_repeated_by_messages)
{
	start(true, 464, &(struct ipfix_settings){0});
	announce(START);
	session.messages_since = 0;
	for (unsigned int i = 0; i < 999; i++)
		send_data(1);
	ck_assert(!ipfix_session_due(&session, START));
	send_data(1);
	ck_assert(ipfix_session_due(&session, START));
	unsigned int before = sink.count;
	announce(START);
	ck_assert(has_template(before, 256));
	ck_assert(!ipfix_session_due(&session, START));
}
END_TEST

START_TEST(templates_are_repeated_on_demand)
{
	start(false, 1400, &(struct ipfix_settings){0});
	announce(START);
	unsigned int before = sink.count;
	ipfix_session_repeat(&session);
	ck_assert(ipfix_session_due(&session, START));
	announce(START);
	ck_assert(has_template(before, 256));
}
END_TEST

/* Reconnect: sequence 0, templates before data, totals go on. */
START_TEST(new_session_begins_anew)
{
	start(false, 1400, &(struct ipfix_settings){0});
	announce(START);
	send_data(100);
	uint64_t messages = session.totals.messages;
	unsigned int before = sink.count;
	ipfix_session_open(&session);
	ck_assert(ipfix_session_due(&session, START + SECOND));
	announce(START + SECOND);
	ck_assert_uint_eq(field_of(before, 8), 0);
	ck_assert(has_template(before, 256));
	ck_assert_uint_gt(session.totals.messages, messages);
	ck_assert_uint_eq(session.totals.sessions, 2);
}
END_TEST

START_TEST(export_time_never_goes_back)
{
	start(true, 1400, &(struct ipfix_settings){0});
	announce(START + 10 * SECOND);
	unsigned int before = sink.count;
	sink.now_ns = START; /* the clock was set back */
	send_data(1);
	ck_assert_uint_eq(field_of(before, 4), 1795224610);
	sink.now_ns = START + 11 * SECOND;
	send_data(1);
	ck_assert_uint_eq(field_of(before + 1, 4), 1795224611);
}
END_TEST

/* In 2106 the 32 bits of the export time begin anew. */
START_TEST(export_time_wraps)
{
	int64_t end = INT64_C(4294967295) * SECOND;

	start(true, 1400, &(struct ipfix_settings){0});
	announce(end);
	ck_assert_uint_eq(field_of(0, 4), UINT32_MAX);
	unsigned int before = sink.count;
	sink.now_ns = end + 2 * SECOND;
	send_data(1);
	ck_assert_uint_eq(field_of(before, 4), 1);
}
END_TEST

/* Finds an options record by its template; returns its nth occurrence or NULL. */
/* The first record of the kind, or NULL. */
static const uint8_t *seek_option(enum ipfix_option_kind kind, unsigned int *bytes)
{
	for (unsigned int i = 0; i < sink.count; i++) {
		const uint8_t *message = sample_message(&sink, i);
		for (size_t at = plan.header_bytes; at < sample_length(&sink, i);
				at += sample_number(message + at + 2, 2)) {
			if (sample_number(message + at, 2) != ipfix_option_id(kind))
				continue;
			*bytes = (unsigned int)sample_number(message + at + 2, 2) - 4;
			return message + at + 4;
		}
	}
	return NULL;
}

static const uint8_t *find_option(enum ipfix_option_kind kind, unsigned int *bytes)
{
	const uint8_t *record = seek_option(kind, bytes);

	ck_assert_msg(record != NULL, "no options record %d", kind);
	return record;
}

START_TEST(interfaces_are_named)
{
	static const uint8_t descriptions[] = {0, 0, 0, 11, 6, 'u', 'p', 'l', 'i', 'n', 'k', 0, 0,
			0, 12, 3, 'l', 'a', 'n'};
	unsigned int bytes;

	start(true, 1400, &(struct ipfix_settings){0});
	announce(START);
	const uint8_t *record = find_option(IPFIX_OPTION_INTERFACE, &bytes);
	ck_assert_uint_eq(bytes, 72);
	ck_assert_uint_eq(sample_number(record, 4), 11);
	ck_assert_str_eq((const char *)record + 4, "eth0");
	ck_assert_uint_eq(sample_number(record + 36, 4), 12);
	ck_assert_str_eq((const char *)record + 40, "eth1");
	record = find_option(IPFIX_OPTION_DESCRIPTION, &bytes);
	ck_assert_uint_ge(bytes, sizeof(descriptions));
	ck_assert_mem_eq(record, descriptions, sizeof(descriptions));
}
END_TEST

/* Collectors trip over each other's favourite forms: a set holds one options template. */
START_TEST(options_templates_stand_alone)
{
	start(true, 65535, &(struct ipfix_settings){0});
	announce(START);
	ck_assert_uint_eq(count_sets(0, 2, 2), 1);
	/* those before the first of version 9, and the rate */
	ck_assert_uint_eq(count_sets(0, 3, 3), IPFIX_OPTION_V9_INTERFACE + 1);
}
END_TEST

static const struct {
	uint8_t algorithm;
	uint32_t interval;
	enum ipfix_option_kind kind;
	uint64_t first, second;
} selectors[] = {
		{IPFIX_ALGORITHM_SYSTEMATIC, 1, IPFIX_OPTION_SELECTOR_SYSTEMATIC, 1, 0},
		{IPFIX_ALGORITHM_SYSTEMATIC, 1000, IPFIX_OPTION_SELECTOR_SYSTEMATIC, 1, 999},
		{IPFIX_ALGORITHM_RANDOM, 64, IPFIX_OPTION_SELECTOR_RANDOM, 1, 64},
};

START_TEST(selector_is_reported)
{
	const struct ipfix_selector own = {.id = 3,
			.algorithm = selectors[_i].algorithm,
			.interval = selectors[_i].interval,
			.observed_packets = 64000,
			.selected_packets = 1000};
	struct ipfix_report with = report;
	unsigned int bytes;

	with.selectors = &own;
	start(true, 1400, &(struct ipfix_settings){0});
	ipfix_session_announce(&session, START, &with, octets, sample_take, &sink);
	const uint8_t *record = find_option(selectors[_i].kind, &bytes);
	ck_assert_uint_eq(sample_number(record, 8), 3);
	ck_assert_uint_eq(sample_number(record + 8, 2), selectors[_i].algorithm);
	ck_assert_uint_eq(sample_number(record + 10, 4), selectors[_i].first);
	ck_assert_uint_eq(sample_number(record + 14, 4), selectors[_i].second);
	record = seek_option(IPFIX_OPTION_RATE, &bytes);
	if (selectors[_i].interval == 1) {
		ck_assert_ptr_null(record);
	} else {
		ck_assert_uint_eq(sample_number(record, 8), 3);
		ck_assert_uint_eq(sample_number(record + 8, 4), selectors[_i].interval);
	}
	record = find_option(IPFIX_OPTION_SEQUENCE, &bytes);
	ck_assert_uint_eq(sample_number(record, 8), 1);
	ck_assert_uint_eq(sample_number(record + 8, 4), 0xd0d0d0d0);
	ck_assert_uint_eq(sample_number(record + 12, 8), 3);
	record = find_option(IPFIX_OPTION_SEQUENCE_STATISTICS, &bytes);
	ck_assert_uint_eq(sample_number(record, 8), 1);
	ck_assert_uint_eq(sample_number(record + 8, 8), 64000);
	ck_assert_uint_eq(sample_number(record + 16, 8), 1000);
}
END_TEST

/* The ledger of losses, and totals that equal what a collector counted up to there. */
START_TEST(losses_and_totals_are_reported)
{
	unsigned int bytes, messages = 0;
	uint64_t all = 0;

	start(true, 1400, &(struct ipfix_settings){.uniflow = true});
	announce(START);
	send_data(50);
	announce(START + 61 * SECOND);
	const uint8_t *record = find_option(IPFIX_OPTION_METERING_RELIABILITY, &bytes);
	ck_assert_uint_eq(sample_number(record, 4), 0xd0d0d0d0);
	ck_assert_uint_eq(sample_number(record + 4, 4), 1);
	ck_assert_uint_eq(sample_number(record + 8, 8), 5);
	ck_assert_uint_eq(sample_number(record + 16, 8), 320);
	ck_assert_uint_eq(sample_number(record + 24, 8), 1795224600000);
	ck_assert_uint_eq(sample_number(record + 32, 8), 1795224601000);
	record = find_option(IPFIX_OPTION_EXPORTING_RELIABILITY, &bytes);
	ck_assert_uint_eq(sample_number(record, 4), 2);
	ck_assert_uint_eq(sample_number(record + 4, 8), 3);
	ck_assert_uint_eq(sample_number(record + 12, 8), 30);
	ck_assert_uint_eq(sample_number(record + 20, 8), 4000);
	ck_assert_uint_eq(sample_number(record + 28, 8), 0);
	/* the last message is the one that carries the totals */
	const uint8_t *last = sample_message(&sink, sink.count - 1);
	ck_assert_uint_eq(sample_number(last + 16, 2), ipfix_option_id(IPFIX_OPTION_METERING));
	for (; messages + 1 < sink.count; messages++)
		all += sample_length(&sink, messages);
	ck_assert_uint_eq(sample_number(last + 28, 8), messages);
	ck_assert_uint_eq(sample_number(last + 36, 8), 100);
	ck_assert_uint_eq(sample_number(last + 44, 8), all);
	ck_assert_uint_eq(session.totals.flow_records, 50);
	ck_assert_uint_eq(session.totals.exported_records, 100);
}
END_TEST

START_TEST(own_elements_explain_themselves)
{
	unsigned int bytes;

	start(true, 65535, &(struct ipfix_settings){.enterprise = 4711});
	announce(START);
	const uint8_t *record = find_option(IPFIX_OPTION_TYPE, &bytes);
	for (unsigned int i = 0; i < ipfix_own_element_count; i++) {
		const struct ipfix_own_element *own = &ipfix_own_elements[i];
		ck_assert_uint_eq(sample_number(record, 4), 4711);
		ck_assert_uint_eq(sample_number(record + 4, 2), own->element.id);
		ck_assert_uint_eq(record[6], own->element.type);
		ck_assert_uint_eq(record[7], own->element.semantics);
		ck_assert_uint_eq(sample_number(record + 8, 2), own->element.unit);
		ck_assert_uint_eq(record[10], strlen(own->element.name));
		ck_assert_mem_eq(record + 11, own->element.name, record[10]);
		record += 11 + record[10];
		ck_assert_mem_eq(record + 1, own->description, record[0]);
		record += 1 + record[0];
	}
}
END_TEST

START_TEST(keys_are_told_for_each_template)
{
	unsigned int bytes;

	start(true, 65535, &(struct ipfix_settings){0});
	announce(START);
	const uint8_t *record = find_option(IPFIX_OPTION_FLOW_KEYS, &bytes);
	ck_assert_uint_ge(bytes, 160);
	for (unsigned int i = 0; i < IPFIX_PLAN_TEMPLATES; i++) {
		ck_assert_uint_eq(sample_number(record + 10 * i, 2), 256 + i);
		ck_assert_uint_eq(sample_number(record + 10 * i + 2, 8), plan.templates[i].keys);
	}
}
END_TEST

/* One message for several collectors: each header has its own session's numbers. */
START_TEST(message_is_stamped_for_each_session)
{
	const struct ipfix_session_settings settings = {.domain = 2, .message_bytes = 1400};
	struct flow_record record = sample_record();
	struct ipfix_session other;

	start(true, 1400, &(struct ipfix_settings){0});
	ck_assert_int_eq(ipfix_session_init(&other, &plan, &settings), 0);
	ipfix_session_open(&other);
	other.sequence = 77;
	ipfix_builder_set_sink(&builder, sample_take, &sink);
	ipfix_builder_add(&builder, &record, 1);
	ck_assert(ipfix_message_finish(&builder.message));
	ipfix_session_stamp(&session, &builder.message, START);
	ck_assert_uint_eq(sample_number(data + 8, 4), 0);
	ck_assert_uint_eq(sample_number(data + 12, 4), 0xd0d0d0d0);
	ipfix_session_stamp(&other, &builder.message, START + SECOND);
	ck_assert_uint_eq(sample_number(data + 8, 4), 77);
	ck_assert_uint_eq(sample_number(data + 12, 4), 2);
	ck_assert_uint_eq(other.sequence, 78);
	ck_assert_uint_eq(session.sequence, 1);
}
END_TEST

START_TEST(length_of_messages_is_checked)
{
	struct ipfix_session_settings settings = {.message_bytes = IPFIX_MESSAGE_MIN - 1};

	ck_assert_int_lt(ipfix_session_init(&session, &plan, &settings), 0);
	settings.message_bytes = IPFIX_MESSAGE_MAX + 1;
	ck_assert_int_lt(ipfix_session_init(&session, &plan, &settings), 0);
}
END_TEST

/* RFC 3954, section 5: records of all kinds in the count, messages in the sequence. */
START_TEST(version_9_counts_messages)
{
	const struct ipfix_settings settings = {.protocol = IPFIX_PROTOCOL_NETFLOW9,
			.selector_id = 1,
			.boot_ns = START - 5000 * SECOND};
	unsigned int bytes;

	start(true, 464, &settings);
	announce(START);
	send_data(20);
	for (unsigned int i = 0; i < sink.count; i++) {
		const uint8_t *message = sample_message(&sink, i);
		ck_assert_uint_eq(sample_number(message, 2), 9);
		ck_assert_uint_eq(sample_number(message + 4, 4), 5000000);
		ck_assert_uint_eq(sample_number(message + 8, 4), 1795224600);
		ck_assert_uint_eq(sample_number(message + 12, 4), i);
		ck_assert_uint_eq(sample_number(message + 16, 4), 0xd0d0d0d0);
		ck_assert_uint_eq(sample_length(&sink, i) % 4, 0);
		if (sink.data_records[i] > 0)
			ck_assert_uint_eq(sample_number(message + 2, 2), sink.data_records[i]);
		else
			ck_assert_uint_ge(sample_number(message + 2, 2), 2);
		ck_assert_uint_eq(count_sets(i, 2, 255), 0);
	}
	const uint8_t *record = find_option(IPFIX_OPTION_V9_SAMPLER, &bytes);
	ck_assert_uint_eq(record[4], 1);
	ck_assert_uint_eq(sample_number(record + 6, 4), 1);
	ck_assert_ptr_null(seek_option(IPFIX_OPTION_V9_RATE, &bytes));
	record = find_option(IPFIX_OPTION_V9_INTERFACE, &bytes);
	ck_assert_uint_eq(sample_number(record, 4), 11);
	ck_assert_str_eq((const char *)record + 4, "eth0");
}
END_TEST

/* What collectors take for the boot is the same from each message, to the millisecond. */
START_TEST(netflow_boots_at_one_moment)
{
	static const int64_t fractions[] = {0, 1, 999999, 1000000, 398765432, 999999999};
	const struct ipfix_settings settings = {
			.protocol = _i == 0 ? IPFIX_PROTOCOL_NETFLOW9 : IPFIX_PROTOCOL_NETFLOW5,
			.boot_ns = START - 5000 * SECOND + 123456789};

	start(true, 1400, &settings);
	for (unsigned int i = 0; i < BASE_COUNT_OF(fractions); i++) {
		sink.now_ns = START + i * SECOND + fractions[i];
		send_data(1);
		const uint8_t *message = sample_message(&sink, i);
		uint64_t unix_ms = sample_number(message + 8, 4) * 1000;
		if (_i == 1)
			unix_ms += sample_number(message + 12, 4) / 1000000;
		uint64_t uptime_ms = sample_number(message + 4, 4);
		ck_assert_uint_eq(unix_ms - uptime_ms, settings.boot_ns / 1000000);
		ck_assert_uint_ge(unix_ms, sink.now_ns / 1000000); /* no flow ends later */
		ck_assert_uint_le(unix_ms, sink.now_ns / 1000000 + 1000);
	}
}
END_TEST

START_TEST(version_9_times_are_of_the_uptime)
{
	const struct ipfix_settings settings = {.protocol = IPFIX_PROTOCOL_NETFLOW9,
			.boot_ns = INT64_C(1795224600123000000)};
	struct flow_record record = sample_record();
	unsigned int length;

	start(true, 464, &settings);
	ipfix_builder_add(&builder, &record, 1);
	ipfix_builder_flush(&builder);
	const uint8_t *there = sample_message(&sink, 0) + 24;
	const uint8_t *back = there + plan.templates[0].record_bytes;
	ck_assert_uint_eq(sample_value(&plan.templates[0], there, 0, 22), 0);
	ck_assert_uint_eq(sample_value(&plan.templates[0], there, 0, 21), 1864);
	ck_assert_uint_eq(sample_value(&plan.templates[0], back, 0, 22), 77);
	ck_assert_uint_eq(sample_value(&plan.templates[0], there, 0, 6), 0x1b);
	ck_assert_uint_eq(sample_value(&plan.templates[0], back, 0, 8), 0xc6336402);
	sample_offset(&plan.templates[0], 0, 6, &length);
	ck_assert_uint_eq(length, 1);
}
END_TEST

static void add_more(TCase *tcase)
{
	tcase_add_test(tcase, interfaces_are_named);
	tcase_add_test(tcase, options_templates_stand_alone);
	tcase_add_loop_test(tcase, selector_is_reported, 0, BASE_COUNT_OF(selectors));
	tcase_add_test(tcase, losses_and_totals_are_reported);
	tcase_add_test(tcase, own_elements_explain_themselves);
	tcase_add_test(tcase, keys_are_told_for_each_template);
	tcase_add_test(tcase, message_is_stamped_for_each_session);
	tcase_add_test(tcase, length_of_messages_is_checked);
	tcase_add_test(tcase, version_9_counts_messages);
	tcase_add_test(tcase, version_9_times_are_of_the_uptime);
	tcase_add_loop_test(tcase, netflow_boots_at_one_moment, 0, 2);
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_session");
	TCase *tcase = tcase_create("session");

	tcase_add_test(tcase, header_is_that_of_rfc_7011);
	tcase_add_test(tcase, sequence_counts_data_records);
	tcase_add_test(tcase, templates_and_options_templates_count_nothing);
	tcase_add_loop_test(tcase, templates_come_twice_before_data, 464, 473);
	tcase_add_test(tcase, streams_hear_them_once);
	tcase_add_test(tcase, templates_are_repeated_by_time);
	tcase_add_test(tcase, templates_are_repeated_by_messages);
	tcase_add_test(tcase, templates_are_repeated_on_demand);
	tcase_add_test(tcase, new_session_begins_anew);
	tcase_add_test(tcase, export_time_never_goes_back);
	tcase_add_test(tcase, export_time_wraps);
	add_more(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}
