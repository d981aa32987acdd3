/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_field.h"
#include "export_record.h"
#include "export_sample.h"
#include "packet_policy.h"
#include "unit_main.h"

static const struct export_label labels[2] = {{"up", 2}, {"down", 4}};

/* The text of a field, or "-" when it does not apply. */
static const char *field_text(const char *name, const struct flow_record *record)
{
	static char text[EXPORT_TEXT_BYTES + 1];
	struct export_field_context context = {
			.ports = labels, .port_count = 2, .sampling_rate = 1000};
	unsigned int index = export_field_lookup(name);

	export_text_day_init(&context.day);
	ck_assert_int_eq(export_community_create(&context.community), 0);
	ck_assert_msg(index < export_field_count, "no field %s", name);
	char *end = export_fields[index].write(text, record, &context);
	export_community_destroy(context.community);
	if (!end)
		return "-";
	*end = '\0';
	return text;
}

struct field_row {
	const char *name;
	const char *tcp; /* of the sample, which has all of TCP */
	const char *icmp; /* of an ICMPv6 flow one way, double tagged, from an unnamed port */
	const char *part; /* of a TCP flow that is known by its later fragments alone */
};

/* In the order of the columns, which spreadsheets rely on. */
static const struct field_row rows[] = {
		{"src_ip", "10.1.4.17", "fe80::1", "10.1.4.17"},
		{"dst_ip", "151.101.1.6", "ff02::2", "151.101.1.6"},
		{"src_port", "51514", "-", "-"},
		{"dst_port", "443", "-", "-"},
		{"proto", "6", "58", "6"},
		{"packets", "3", "18446744073709551615", "0"},
		{"bytes", "180", "18446744073709551615", "0"},
		{"rev_packets", "2", "0", "2"},
		{"rev_bytes", "3000", "0", "3000"},
		{"tcp_flags", "APSF", "-", "-"},
		{"rev_tcp_flags", "ASF", "-", "-"},
		{"start", "2026-11-21T01:30:00.000000001Z", "1970-01-01T00:00:00.000000000Z",
				"2026-11-21T01:30:00.000000001Z"},
		{"end", "2026-11-21T01:30:01.500000001Z", "1970-01-01T00:00:00.000000000Z",
				"2026-11-21T01:30:01.500000001Z"},
		{"end_reason", "end", "resources", "active"},
		{"flow_id", "00c0ffee12345678", "0000000000000001", "00c0ffee12345678"},
		{"community_id", "1:uSmYP+2BJ9d5m7ikuEsGu2Q34Ac=", "?", "-"},
		{"vlan", "-", "100", "-"},
		{"vlan_inner", "-", "4095", "-"},
		{"port", "up", "-", "up"},
		{"rev_port", "down", "-", "down"},
		{"ip_version", "4", "6", "4"},
		{"ttl_min", "63", "255", "-"},
		{"ttl_max", "64", "255", "-"},
		{"rev_ttl_min", "57", "-", "57"},
		{"rev_ttl_max", "58", "-", "58"},
		{"dscp", "46", "0", "-"},
		{"rev_dscp", "0", "-", "0"},
		{"ecn", "0", "0", "-"},
		{"rev_ecn", "3", "-", "3"},
		{"icmp_type", "-", "133", "-"},
		{"icmp_code", "-", "0", "-"},
		{"flow_start", "2026-11-21T01:29:00.000000000Z", "1970-01-01T00:00:00.000000000Z",
				"2026-11-21T01:29:00.000000000Z"},
		{"rev_start", "2026-11-21T01:30:00.020000000Z", "-",
				"2026-11-21T01:30:00.020000000Z"},
		{"duration", "1.500000000", "0.000000000", "1.500000000"},
		{"direction", "initiator", "arbitrary", "initiator"},
		{"fragment", "-", "-", "later"},
		{"view", "outer", "inner", "outer"},
		{"outer_flow_id", "-", "00000000000000aa", "-"},
		{"tunnel", "-", "vxlan", "-"},
		{"tunnel_id", "-", "16777215", "-"},
		{"outer_src_ip", "-", "192.0.2.1", "-"},
		{"outer_dst_ip", "-", "192.0.2.2", "-"},
		{"pppoe_session", "-", "7", "-"},
		{"mpls_outermost", "-", "0", "-"},
		{"mpls_innermost", "-", "1048575", "-"},
		{"icmp_id", "-", "-", "-"},
		{"sampling_rate", "1000", "1000", "1000"},
};

static struct flow_record icmp_record(void)
{
	struct flow_record record = {
			.protocol = 58,
			.ip_version = 6,
			.end_reason = FLOW_END_RESOURCES,
			.packets = UINT64_MAX,
			.bytes = UINT64_MAX,
			.flow_id = 1,
			.vlan = 100,
			.vlan_inner = 4095,
			.port = 2,
			.rev_port = 0xffff,
			.icmp_type = 133,
			.ttl_min = 255,
			.ttl_max = 255,
			.flags = PACKET_FLAG_INNER | PACKET_FLAG_SECOND | PACKET_FLAG_AROUND,
			.outer_flow_id = 0xaa,
			.around = {.outer_source.octets = {192, 0, 2, 1},
					.outer_destination.octets = {192, 0, 2, 2},
					.tunnel_id = 0xffffff,
					.tunnel = PACKET_TUNNEL_VXLAN,
					.outer_version = 4,
					.pppoe_session = 7,
					.mpls_outermost = PACKET_LABEL_PRESENT,
					.mpls_innermost = PACKET_LABEL_PRESENT | 0xfffff},
	};

	sample_address(&record.source, "fe80::1");
	sample_address(&record.destination, "ff02::2");
	return record;
}

static struct flow_record fragment_record(void)
{
	struct flow_record record = sample_record();

	record.source_port = 0;
	record.destination_port = 0;
	record.end_reason = FLOW_END_ACTIVE;
	record.flags = PACKET_FLAG_FRAGMENT | PACKET_FLAG_LATER_FRAGMENT;
	record.packets = 0;
	record.bytes = 0;
	return record;
}

START_TEST(each_field_says_what_the_record_holds)
{
	const struct field_row *row = &rows[_i];
	struct flow_record tcp = sample_record(), icmp = icmp_record(), part = fragment_record();

	ck_assert_uint_eq(export_field_lookup(row->name), (unsigned int)_i);
	ck_assert_str_eq(field_text(row->name, &tcp), row->tcp);
	if (strcmp(row->icmp, "?") != 0)
		ck_assert_str_eq(field_text(row->name, &icmp), row->icmp);
	ck_assert_str_eq(field_text(row->name, &part), row->part);
}
END_TEST

START_TEST(the_table_is_whole)
{
	ck_assert_uint_eq(export_field_count, BASE_COUNT_OF(rows));
	for (unsigned int i = 0; i < export_field_count; i++) {
		const struct export_field *field = &export_fields[i];
		ck_assert_uint_le(strlen(field->name), EXPORT_FIELD_NAME_BYTES);
		ck_assert(field->write && field->form && field->present && field->help);
		ck_assert_ptr_null(strchr(field->help, '|')); /* it is a cell of a table */
	}
	ck_assert_uint_eq(export_field_lookup("bogus"), export_field_count);
}
END_TEST

/* A TCP flow without any flag has an empty word, which is not the same as no TCP. */
START_TEST(no_flag_is_an_empty_word)
{
	struct flow_record record = sample_record();

	record.tcp_flags = 0;
	ck_assert_str_eq(field_text("tcp_flags", &record), "");
	record.tcp_flags = 0x1c2;
	ck_assert_str_eq(field_text("tcp_flags", &record), "NCES");
	record.rev_packets = 0;
	ck_assert_str_eq(field_text("rev_tcp_flags", &record), "-");
}
END_TEST

START_TEST(port_zero_is_a_port)
{
	struct flow_record record = sample_record();

	record.source_port = 0;
	record.destination_port = 0;
	ck_assert_str_eq(field_text("src_port", &record), "0");
	ck_assert_str_eq(field_text("dst_port", &record), "0");
	record.flags = PACKET_FLAG_NO_PORTS;
	ck_assert_str_eq(field_text("src_port", &record), "-");
	record.flags = PACKET_FLAG_FRAGMENT;
	ck_assert_str_eq(field_text("src_port", &record), "0");
	ck_assert_str_eq(field_text("fragment", &record), "first");
}
END_TEST

START_TEST(durations_of_any_two_times)
{
	struct flow_record record = sample_record();

	record.start_ns = INT64_MIN;
	record.end_ns = INT64_MAX;
	ck_assert_str_eq(field_text("duration", &record), "9223372036.854775807");
	record.start_ns = INT64_MAX;
	record.end_ns = INT64_MIN;
	ck_assert_str_eq(field_text("duration", &record), "0.000000000");
	record.end_ns = INT64_MAX - 1;
	ck_assert_str_eq(field_text("duration", &record), "0.000000000");
}
END_TEST

START_TEST(protocols_with_ports)
{
	struct flow_record record = sample_record();

	for (unsigned int protocol = 0; protocol < 256; protocol++) {
		bool ported = protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132
				|| protocol == 136;
		record.protocol = (uint8_t)protocol;
		ck_assert_int_eq(export_record_is_ported(&record), ported);
		ck_assert_str_eq(field_text("dst_port", &record), ported ? "443" : "-");
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_field");
	TCase *tcase = tcase_create("field");

	tcase_add_loop_test(
			tcase, each_field_says_what_the_record_holds, 0, (int)BASE_COUNT_OF(rows));
	tcase_add_test(tcase, the_table_is_whole);
	tcase_add_test(tcase, no_flag_is_an_empty_word);
	tcase_add_test(tcase, port_zero_is_a_port);
	tcase_add_test(tcase, durations_of_any_two_times);
	tcase_add_test(tcase, protocols_with_ports);
	suite_add_tcase(suite, tcase);
	return suite;
}
