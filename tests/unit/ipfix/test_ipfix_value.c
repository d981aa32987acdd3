/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_vectors.h"
#include "unit_main.h"

static uint8_t octets[256];

static const struct {
	struct ipfix_spec spec;
	const char *hex;
	const char *printed;
} values[] = {
		{{0, 4, 1}, "06", "protocolIdentifier=6"},
		{{0, 1, 3}, "010203", "octetDeltaCount=66051"},
		{{0, 1, 8}, "ffffffffffffffff", "octetDeltaCount=18446744073709551615"},
		{{0, 434, 4}, "fffffffe", "mibObjectValueInteger=-2"},
		{{0, 434, 1}, "80", "mibObjectValueInteger=-128"},
		{{0, 311, 8}, "3fb999999999999a", "samplingProbability=0.10000000000000001"},
		{{0, 311, 4}, "3f000000", "samplingProbability=0.5"},
		{{0, 276, 1}, "01", "dataRecordsReliability=true"},
		{{0, 276, 1}, "02", "dataRecordsReliability=false"},
		{{0, 56, 6}, "0123456789ab", "sourceMacAddress=01:23:45:67:89:ab"},
		{{0, 8, 4}, "c0000201", "sourceIPv4Address=192.0.2.1"},
		{{0, 27, 16}, "20010db8000000000000000000000001", "sourceIPv6Address=2001:db8::1"},
		{{0, 8, 4}, "c00002", "sourceIPv4Address=0xc00002"}, /* too short for one */
		{{0, 150, 4}, "00000001", "flowStartSeconds=1970-01-01T00:00:01.000000000Z"},
		{{0, 152, 8}, "00000000000003e9",
				"flowStartMilliseconds=1970-01-01T00:00:01.001000000Z"},
		{{0, 156, 8}, "83aa7e8080000000",
				"flowStartNanoseconds=1970-01-01T00:00:00.500000000Z"},
		/* the next era of NTP, from 2036 on */
		{{0, 154, 8}, "0000000000000000",
				"flowStartMicroseconds=2036-02-07T06:28:16.000000000Z"},
		{{0, 152, 8}, "ffffffffffffffff", "flowStartMilliseconds=0xffffffffffffffff"},
		{{0, 82, 65535}, "65746830", "interfaceName=\"eth0\""},
		{{0, 82, 8}, "6574683000000000", "interfaceName=\"eth0\""},
		{{0, 82, 65535}, "61220a5cff", "interfaceName=\"a\\x22\\x0a\\x5c\\xff\""},
		{{0, 82, 65535}, "", "interfaceName=\"\""},
		/* a control character of two octets, and a letter */
		{{0, 82, 65535}, "c29bc3a4", "interfaceName=\"\\xc2\\x9b\u00e4\""},
		{{IPFIX_PEN_V9_SCOPE, 1, 4}, "00000001", "scopeSystem=1"},
		{{IPFIX_PEN_V9_SCOPE, 2, 2}, "0007", "scopeInterface=7"},
		{{IPFIX_PEN_V9_SCOPE, 9, 2}, "0007", "scope9=0x0007"},
		{{0, 70, 3}, "abcde1", "mplsTopLabelStackSection=0xabcde1"},
		{{0, 291, 65535}, "03", "basicList=0x03"},
		{{0, 1, 8}, "", "octetDeltaCount=0x"},
		{{29305, 1, 8}, "0000000000000001", "reverseOctetDeltaCount=1"},
		{{32473, 2, 4}, "00000001", "weirTunnelId=1"},
		{{11111, 15, 2}, "abcd", "11111/15=0xabcd"},
};

START_TEST(value_is_printed)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	const struct ipfix_field_value value = {.spec = &values[_i].spec,
			.octets = octets,
			.length = (uint32_t)vector_octets(values[_i].hex, octets)};

	ipfix_value_print(&value, IPFIX_PEN_DOCUMENTATION, &out);
	ck_assert_str_eq(out.text, values[_i].printed);
	base_strbuf_fini(&out);
}
END_TEST

START_TEST(value_is_printed_as_the_caller_knows_it)
{
	static const struct ipfix_spec spec = {4711, 1, 2};
	static const struct ipfix_element number = {.id = 1, .name = "depth", .type = IPFIX_U32};
	static const struct ipfix_element address = {.id = 1, .name = "end", .type = IPFIX_IPV4};
	const struct ipfix_field_value value = {.spec = &spec, .octets = octets, .length = 2};
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	vector_octets("0102", octets);
	ipfix_value_print_as(&value, &number, &out);
	base_strbuf_putc(&out, ' ');
	ipfix_value_print_as(&value, &address, &out); /* of a length that it does not have */
	base_strbuf_putc(&out, ' ');
	ipfix_value_print_as(&value, NULL, &out);
	ck_assert_str_eq(out.text, "258 0x0102 0x0102");
	base_strbuf_fini(&out);
}
END_TEST

static const struct {
	struct ipfix_spec spec;
	const char *hex;
	uint16_t rule; /* 0: nothing is wrong */
} judged[] = {
		{{0, 136, 1}, "00", 801},
		{{0, 136, 1}, "01", 0},
		{{0, 136, 1}, "05", 0},
		{{0, 136, 1}, "06", 801},
		{{29305, 136, 1}, "06", 0}, /* not the flow's */
		{{0, 239, 1}, "03", 0},
		{{0, 239, 1}, "04", 704},
		{{0, 276, 1}, "00", 402},
		{{0, 276, 1}, "01", 0},
		{{0, 276, 1}, "02", 0},
		{{0, 276, 1}, "03", 402},
		{{0, 82, 65535}, "65746830", 0},
		{{0, 82, 65535}, "6574ff30", 402},
		{{0, 82, 65535}, "c3", 402},
		{{0, 154, 8}, "83aa7e8080000000", 0},
		{{0, 154, 8}, "83aa7e8080000001", 403},
		{{0, 156, 8}, "83aa7e8080000001", 0},
		{{11111, 136, 1}, "99", 0},
};

static void take(void *context, uint16_t rule, const char *sentence)
{
	*(uint16_t *)context = rule;
	ck_assert_uint_gt(strlen(sentence), 5);
}

START_TEST(value_is_judged)
{
	uint16_t rule = 0;
	const struct ipfix_field_value value = {.spec = &judged[_i].spec,
			.octets = octets,
			.length = (uint32_t)vector_octets(judged[_i].hex, octets)};

	ipfix_value_check(&value, IPFIX_PEN_DOCUMENTATION, take, &rule);
	ck_assert_uint_eq(rule, judged[_i].rule);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_value");
	TCase *tcase = tcase_create("value");

	tcase_add_loop_test(tcase, value_is_printed, 0, BASE_COUNT_OF(values));
	tcase_add_test(tcase, value_is_printed_as_the_caller_knows_it);
	tcase_add_loop_test(tcase, value_is_judged, 0, BASE_COUNT_OF(judged));
	suite_add_tcase(suite, tcase);
	return suite;
}
