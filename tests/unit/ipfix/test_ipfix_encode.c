/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sample.h"
#include "unit_main.h"

static struct ipfix_plan plan;
static uint8_t octets[IPFIX_MESSAGE_MIN];

#define REV IPFIX_PEN_REVERSE
#define OWN IPFIX_PEN_DOCUMENTATION

static const struct ipfix_template *encode(const struct flow_record *record,
		const struct ipfix_settings *settings, bool turned)
{
	const struct ipfix_template *template;

	ipfix_plan_init(&plan, settings);
	template = &plan.templates[ipfix_plan_pick(
			&plan, record, record->rev_packets > 0 && !plan.settings.uniflow)];
	memset(octets, 0xee, sizeof(octets));
	if (turned)
		ipfix_encode(template->turned, template->turned_count, record, &sample_scene,
				octets);
	else
		ipfix_encode(template->ops, template->op_count, record, &sample_scene, octets);
	ck_assert_uint_eq(octets[template->record_bytes], 0xee);
	return template;
}

struct value {
	uint32_t enterprise;
	uint16_t id;
	uint64_t number;
};

static void check_values(const struct ipfix_template *template, const struct value *values,
		unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t number =
				sample_value(template, octets, values[i].enterprise, values[i].id);
		ck_assert_msg(number == values[i].number, "%u/%u: %#lx, not %#lx",
				values[i].enterprise, values[i].id, (unsigned long)number,
				(unsigned long)values[i].number);
	}
}

START_TEST(biflow_says_both_ways)
{
	static const struct value values[] = {{0, 8, 0xc0000201}, {0, 12, 0xc6336402},
			{0, 7, 40000}, {0, 11, 443}, {0, 4, 6}, {0, 136, 3}, {0, 239, 1},
			{0, 52, 60}, {0, 53, 64}, {0, 5, 0xb8}, {0, 302, 9}, {0, 6, 0x0f1b},
			{0, 32, 0}, {0, 10, 11}, {0, 14, 12}, {0, 58, 100}, {0, 243, 100},
			{0, 245, 7}, {0, 1, 5000000000}, {0, 2, 10}, {0, 152, 1795224600123},
			{0, 153, 1795224601987}, {0, 148, 0x0123456789abcdef}, {REV, 1, 6000000001},
			{REV, 2, 7}, {REV, 152, 1795224600200}, {REV, 6, 0x0112}, {REV, 52, 50},
			{REV, 53, 55}, {REV, 5, 0x20}};
	struct flow_record record = sample_record();
	const struct ipfix_template *template =
			encode(&record, &(struct ipfix_settings){.selector_id = 9}, false);

	check_values(template, values, BASE_COUNT_OF(values));
}
END_TEST

START_TEST(one_way_has_no_reverse)
{
	struct flow_record record = sample_record();

	record.rev_packets = 0;
	record.rev_port = 0xffff;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert(!sample_has(template, REV, 2));
	ck_assert_uint_eq(sample_value(template, octets, 0, 2), 10);
	/* where it leaves is not seen: what the port of entry is configured with */
	ck_assert_uint_eq(sample_value(template, octets, 0, 14), 12);
}
END_TEST

START_TEST(uniflows_are_both_halves)
{
	static const struct value there[] = {{0, 8, 0xc0000201}, {0, 12, 0xc6336402}, {0, 7, 40000},
			{0, 11, 443}, {0, 1, 5000000000}, {0, 2, 10}, {0, 152, 1795224600123},
			{0, 6, 0x0f1b}, {0, 10, 11}, {0, 14, 12}, {0, 52, 60}, {0, 5, 0xb8},
			{0, 148, 0x0123456789abcdef}, {0, 58, 100}, {0, 136, 3}};
	static const struct value back[] = {{0, 8, 0xc6336402}, {0, 12, 0xc0000201}, {0, 7, 443},
			{0, 11, 40000}, {0, 1, 6000000001}, {0, 2, 7}, {0, 152, 1795224600200},
			{0, 153, 1795224601987}, {0, 6, 0x0112}, {0, 10, 12}, {0, 14, 11},
			{0, 52, 50}, {0, 53, 55}, {0, 5, 0x20}, {0, 148, 0x0123456789abcdee},
			{0, 58, 100}, {0, 136, 3}};
	const struct ipfix_settings settings = {.uniflow = true};
	struct flow_record record = sample_record();

	check_values(encode(&record, &settings, false), there, BASE_COUNT_OF(there));
	check_values(encode(&record, &settings, true), back, BASE_COUNT_OF(back));
}
END_TEST

START_TEST(ipv6_is_whole)
{
	struct flow_record record = sample_record6();
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	unsigned int length;

	ck_assert_mem_eq(octets + sample_offset(template, 0, 27, &length), &record.source, 16);
	ck_assert_uint_eq(length, 16);
	ck_assert_mem_eq(octets + sample_offset(template, 0, 28, &length), &record.destination, 16);
	template = encode(&record, &(struct ipfix_settings){.uniflow = true}, true);
	ck_assert_mem_eq(octets + sample_offset(template, 0, 27, &length), &record.destination, 16);
}
END_TEST

START_TEST(around_is_said)
{
	static const struct value values[] = {{OWN, IPFIX_OWN_TUNNEL_KIND, 9},
			{OWN, IPFIX_OWN_TUNNEL_ID, 0x123456},
			{OWN, IPFIX_OWN_PPPOE_SESSION, 0x1234}, {0, 351, 0x0100000000123456},
			{0, 296, 0}, {0, 507, 0}, {0, 70, 0xabcde0},
			{OWN, IPFIX_OWN_BOTTOM_LABEL, 0x000101},
			{OWN, IPFIX_OWN_OUTER_FLOW_ID, 0xfeedface12345678},
			{OWN, IPFIX_OWN_OUTER_SOURCE_IPV4, 0x0a000001},
			{OWN, IPFIX_OWN_OUTER_DESTINATION_IPV4, 0x0a000002}};
	static const struct value turned[] = {{OWN, IPFIX_OWN_OUTER_SOURCE_IPV4, 0x0a000002},
			{OWN, IPFIX_OWN_OUTER_DESTINATION_IPV4, 0x0a000001}};
	struct flow_record record = sample_record_around();

	check_values(encode(&record, &(struct ipfix_settings){0}, false), values,
			BASE_COUNT_OF(values));
	check_values(encode(&record, &(struct ipfix_settings){.uniflow = true}, true), turned,
			BASE_COUNT_OF(turned));
}
END_TEST

static const struct {
	enum packet_tunnel tunnel;
	uint64_t segment, gre_key, teid;
} ids[] = {
		{PACKET_TUNNEL_VXLAN, UINT64_C(1) << 56 | 77, 0, 0},
		{PACKET_TUNNEL_NVGRE, UINT64_C(2) << 56 | 77, 0, 0},
		{PACKET_TUNNEL_GRE, 0, 77, 0},
		{PACKET_TUNNEL_GTPU, 0, 0, 77},
		{PACKET_TUNNEL_GENEVE, 0, 0, 0},
};

START_TEST(tunnel_id_stands_in_the_element_of_its_kind)
{
	struct flow_record record = sample_record_around();

	record.around.tunnel = (uint8_t)ids[_i].tunnel;
	record.around.tunnel_id = 77;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, 351), ids[_i].segment);
	ck_assert_uint_eq(sample_value(template, octets, 0, 296), ids[_i].gre_key);
	ck_assert_uint_eq(sample_value(template, octets, 0, 507), ids[_i].teid);
	ck_assert_uint_eq(sample_value(template, octets, OWN, IPFIX_OWN_TUNNEL_ID), 77);
}
END_TEST

START_TEST(no_label_reads_zero)
{
	struct flow_record record = sample_record_around();

	record.around.mpls_outermost = record.around.mpls_innermost = 0;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, 70), 0);
	ck_assert_uint_eq(sample_value(template, octets, OWN, IPFIX_OWN_BOTTOM_LABEL), 0);
}
END_TEST

START_TEST(icmp_has_a_type_and_no_ports)
{
	struct flow_record record = _i ? sample_record6() : sample_record();

	record.protocol = _i ? 58 : 1;
	record.icmp_type = 8;
	record.icmp_code = 3;
	record.source_port = record.destination_port = 4321; /* an echo's identifier */
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, _i ? 139 : 32), 0x0803);
	ck_assert_uint_eq(sample_value(template, octets, 0, 7), 0);
	ck_assert_uint_eq(sample_value(template, octets, 0, 11), 0);
}
END_TEST

START_TEST(unknown_interfaces_are_zero)
{
	struct flow_record record = sample_record();

	record.port = 7;
	record.rev_port = 9;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, 10), 0);
	ck_assert_uint_eq(sample_value(template, octets, 0, 14), 0);
}
END_TEST

static const struct {
	int64_t ns;
	uint64_t ntp;
} times[] = {
		{0, UINT64_C(2208988800) << 32},
		{-5, UINT64_C(2208988800) << 32}, /* before 1970 */
		{1, UINT64_C(2208988800) << 32 | 5},
		{500000000, UINT64_C(2208988800) << 32 | UINT64_C(0x80000000)},
		{999999999, UINT64_C(2208988800) << 32 | UINT64_C(0xfffffffc)},
		{1000000000, UINT64_C(2208988801) << 32},
		/* 2036-02-07T06:28:16Z: the NTP era ends */
		{INT64_C(2085978496000000000), 0},
		{INT64_C(2085978495999999999), UINT64_C(0xfffffffffffffffc)},
		{INT64_C(2085978497250000000), UINT64_C(1) << 32 | UINT64_C(0x40000000)},
};

START_TEST(ntp_time_stamps)
{
	ck_assert_uint_eq(ipfix_ntp_from_ns(times[_i].ns), times[_i].ntp);
	ck_assert_int_eq(ipfix_ntp_to_ns(times[_i].ntp), times[_i].ns < 0 ? 0 : times[_i].ns);
}
END_TEST

START_TEST(ntp_gives_every_nanosecond_back)
{
	uint64_t state = 1;

	for (unsigned int i = 0; i < 100000; i++) {
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
		int64_t ns = (int64_t)(state % UINT64_C(4000000000000000000));
		ck_assert_int_eq(ipfix_ntp_to_ns(ipfix_ntp_from_ns(ns)), ns);
	}
}
END_TEST

START_TEST(nanosecond_templates_use_ntp)
{
	struct flow_record record = sample_record();
	const struct ipfix_template *template =
			encode(&record, &(struct ipfix_settings){.nanoseconds = true}, false);

	ck_assert(!sample_has(template, 0, 152));
	ck_assert_int_eq(ipfix_ntp_to_ns(sample_value(template, octets, 0, 156)), record.start_ns);
	ck_assert_int_eq(ipfix_ntp_to_ns(sample_value(template, octets, 0, 157)), record.end_ns);
	ck_assert_int_eq(ipfix_ntp_to_ns(sample_value(template, octets, REV, 156)),
			record.rev_start_ns);
}
END_TEST

START_TEST(times_before_1970_read_1970)
{
	struct flow_record record = sample_record();

	record.start_ns = INT64_MIN;
	record.end_ns = -1;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, 152), 0);
	ck_assert_uint_eq(sample_value(template, octets, 0, 153), 0);
}
END_TEST

/* Largest values of every member come through whole. */
START_TEST(counters_are_never_cut)
{
	struct flow_record record = sample_record();

	record.bytes = record.packets = UINT64_MAX;
	record.rev_bytes = record.rev_packets = UINT64_MAX - 1;
	const struct ipfix_template *template = encode(&record, &(struct ipfix_settings){0}, false);
	ck_assert_uint_eq(sample_value(template, octets, 0, 1), UINT64_MAX);
	ck_assert_uint_eq(sample_value(template, octets, 0, 2), UINT64_MAX);
	ck_assert_uint_eq(sample_value(template, octets, REV, 1), UINT64_MAX - 1);
	ck_assert_uint_eq(sample_value(template, octets, REV, 2), UINT64_MAX - 1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_encode");
	TCase *tcase = tcase_create("encode");

	tcase_add_test(tcase, biflow_says_both_ways);
	tcase_add_test(tcase, one_way_has_no_reverse);
	tcase_add_test(tcase, uniflows_are_both_halves);
	tcase_add_test(tcase, ipv6_is_whole);
	tcase_add_test(tcase, around_is_said);
	tcase_add_loop_test(
			tcase, tunnel_id_stands_in_the_element_of_its_kind, 0, BASE_COUNT_OF(ids));
	tcase_add_test(tcase, no_label_reads_zero);
	tcase_add_loop_test(tcase, icmp_has_a_type_and_no_ports, 0, 2);
	tcase_add_test(tcase, unknown_interfaces_are_zero);
	tcase_add_loop_test(tcase, ntp_time_stamps, 0, BASE_COUNT_OF(times));
	tcase_add_test(tcase, ntp_gives_every_nanosecond_back);
	tcase_add_test(tcase, nanosecond_templates_use_ntp);
	tcase_add_test(tcase, times_before_1970_read_1970);
	tcase_add_test(tcase, counters_are_never_cut);
	suite_add_tcase(suite, tcase);
	return suite;
}
