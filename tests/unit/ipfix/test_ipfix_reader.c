/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_vectors.h"
#include "unit_main.h"

#include <errno.h>

static struct ipfix_reader reader;
static struct vector_log logged;
static uint8_t octets[70000];

static void start(void)
{
	logged = (struct vector_log){.text = BASE_STRBUF_EMPTY};
	ipfix_reader_init(&reader, &vector_ops, &logged, 16, 2000);
}

static void stop(void)
{
	ipfix_reader_fini(&reader);
	base_strbuf_fini(&logged.text);
}

/* Sets of one message after another, and all that was told of them. */
static const struct {
	const char *name;
	const char *sets[3];
	const char *told;
} messages[] = {
		{"appendix A, all of it", {VECTOR_A21 VECTOR_A3 VECTOR_A41 VECTOR_A44},
				"template 256 at 20: 0/8:4 0/12:4 0/15:4 0/2:4 0/1:4\n"
				"256: sourceIPv4Address=192.0.2.12"
				" destinationIPv4Address=192.0.2.254"
				" ipNextHopIPv4Address=192.0.2.1 packetDeltaCount=5009"
				" octetDeltaCount=5344385\n"
				"256: sourceIPv4Address=192.0.2.27 "
				"destinationIPv4Address=192.0.2.23"
				" ipNextHopIPv4Address=192.0.2.2 packetDeltaCount=748"
				" octetDeltaCount=388934\n"
				"256: sourceIPv4Address=192.0.2.56 "
				"destinationIPv4Address=192.0.2.65"
				" ipNextHopIPv4Address=192.0.2.3 packetDeltaCount=5"
				" octetDeltaCount=6534\n"
				"options 258 at 112: 0/141:4 0/41:2 0/42:2\n"
				"258: lineCardId=1 exportedMessageTotalCount=345"
				" exportedFlowRecordTotalCount=10201\n"
				"258: lineCardId=2 exportedMessageTotalCount=690"
				" exportedFlowRecordTotalCount=20402\n"},
		{"appendix A.2.2: an element of an enterprise",
				{VECTOR_A22,
						"01010018 c000020c c00002fe aabbccdd 00001391 "
						"00518c81"},
				"template 257 at 20: 0/8:4 0/12:4 11111/15:4 0/2:4 0/1:4\n"
				"257: sourceIPv4Address=192.0.2.12"
				" destinationIPv4Address=192.0.2.254 11111/15=0xaabbccdd"
				" packetDeltaCount=5009 octetDeltaCount=5344385\n"},
		{"appendix A.4.3: a scope of an enterprise",
				{VECTOR_A43, "0104000c 00000001 015927d9"},
				"options 260 at 20: 11111/123:4 0/41:2 0/42:2\n"
				"260: 11111/123=0x00000001 exportedMessageTotalCount=345"
				" exportedFlowRecordTotalCount=10201\n"},
		{"appendix A.5: variable lengths of one and of three octets",
				{"0002000c 0100000100 52ffff",
						"01000010 0548454c4c4f ff000342 5945"},
				"template 256 at 20: 0/82:65535\n"
				"256: interfaceName=\"HELLO\"\n256: interfaceName=\"BYE\"\n"},
		{"shorter numbers", {"0002000c 01000001 00010003 01000007 010203"},
				"template 256 at 20: 0/1:3\n256: octetDeltaCount=66051\n"},
		{"padding", {"0002000c 01000001 00010004 0100000b 00000007 000000"},
				"template 256 at 20: 0/1:4\n256: octetDeltaCount=7\n"},
		{"padding that is not zero",
				{"0002000c 01000001 00010004 0100000b 00000007 000100"},
				"template 256 at 20: 0/1:4\n256: octetDeltaCount=7\n"
				"108 at 37: 3 octets of padding are not all zero\n"},
		{"no template", {"03e7000c 0000000000000000 0002000c 01000001 00010004"},
				"302 at 16: data of template 999, which was not announced\n"
				"template 256 at 32: 0/1:4\n"},
		{"reserved set", {"0004000c aaaaaaaaaaaaaaaa 0002000c 01000001 00010004"},
				"107 at 16: set id 4 means nothing\ntemplate 256 at 32: 0/1:4\n"},
		{"no set", {""}, "109 at 16: the message holds no set\n"},
		{"empty set", {"01000004"}, "109 at 16: set 256 is empty\n"},
		{"set without a record", {"0002000c 01000001 00010008", "01000006 0000"},
				"template 256 at 20: 0/1:8\n"
				"109 at 16: a set of template 256 holds no record\n"},
		{"set shorter than its header", {"01000003 00"},
				"108 at 16: set 256 says it has 3 octets, its header has 4\n"},
		{"set longer than the message", {"01000010 00000000"},
				"108 at 16: set 256 says it has 16 octets, 8 are left in the "
				"message\n"
				"302 at 16: data of template 256, which was not announced\n"},
		{"octets after the last set", {"0002000c 01000001 00010008 0102"},
				"template 256 at 20: 0/1:8\n111 at 28: 2 octets follow the last "
				"set\n"},
		{"template id too low", {"0002000c 00ff0001 00010008"},
				"201 at 20: template id 255 is below 256\n"},
		{"more fields than octets", {"0002000c 01000002 00010008"},
				"203 at 20: template 256 says it has 2 fields, the set ends "
				"before\n"},
		{"enterprise bit without a number", {"00020010 01000002 00010008 80020004"},
				"203 at 20: template 256 ends in the middle of field 1\n"},
		{"enterprise number 0", {"00020010 01000001 80010008 00000000"},
				"202 at 24: element 1 has the enterprise bit set and enterprise "
				"number 0\n"
				"template 256 at 20: 0/1:8\n"},
		{"options without a scope", {"0003000e 01000001 0000 00290008"},
				"203 at 20: options template 256 has 0 scope fields of 1\n"
				"template 256 at 20: 0/41:8\n"},
		{"more scopes than fields", {"0003000e 01000001 0002 00290008"},
				"203 at 20: options template 256 has 2 scope fields of 1\n"},
		{"options template cut off", {"00030008 01000001"},
				"203 at 20: options template 256 ends before its scope count\n"},
		{"record of no octets", {"0002000c 01000001 00010000 01000008 00000000"},
				"template 256 at 20: 0/1:0\n"},
		{"variable length over the end", {"0002000c 01000001 0052ffff 01000008 09414243"},
				"template 256 at 20: 0/82:65535\n"
				"406 at 32: field 0 of template 256 runs over the end of its "
				"set\n"},
		{"long length over the end", {"0002000c 01000001 0052ffff 01000006 ff00"},
				"template 256 at 20: 0/82:65535\n"
				"406 at 32: field 0 of template 256 runs over the end of its "
				"set\n"},
		{"withdrawn",
				{"0002000c 01000001 00010004", "00020008 01000000",
						"01000008 00000007"},
				"template 256 at 20: 0/1:4\nwithdrawn 256 of 1 at 20\n"
				"302 at 16: data of template 256, which was not announced\n"},
		{"all withdrawn",
				{"0002000c 01000001 00010004", "00020008 00020000",
						"01000008 00000007"},
				"template 256 at 20: 0/1:4\nwithdrawn 2 of 1 at 20\n"
				"302 at 16: data of template 256, which was not announced\n"},
		{"options withdrawn, templates stay",
				{"0002000c 01000001 00010004", "00030008 00030000",
						"01000008 00000007"},
				"template 256 at 20: 0/1:4\nwithdrawn 3 of 1 at 20\n"
				"256: octetDeltaCount=7\n"},
		{"withdrawal of nothing", {"00020008 01010000"},
				"withdrawn 257 of 1 at 20\n"
				"306 at 20: withdrawal of template 257, which was not announced\n"},
		{"withdrawal of what cannot be", {"00020008 00030000"},
				"306 at 20: withdrawal of template 3, which cannot be\n"},
		{"changed in place",
				{"0002000c 01000001 00010004", "0002000c 01000001 00020008",
						"0100000c 0000000000000007"},
				"template 256 at 20: 0/1:4\ntemplate 256 again at 20: 0/2:8\n"
				"256: packetDeltaCount=7\n"},
		{"two templates and padding in one set",
				{"00020018 01000001 00010004 01010001 00020004 0000 0000"},
				"template 256 at 20: 0/1:4\ntemplate 257 at 28: 0/2:4\n"},
};

START_TEST(message_is_read)
{
	start();
	for (unsigned int i = 0; i < 3 && messages[_i].sets[i]; i++) {
		size_t length = vector_message(messages[_i].sets[i], 0, octets);
		ck_assert_int_eq(vector_read(&reader, octets, length), 0);
	}
	ck_assert_msg(strcmp(logged.text.text, messages[_i].told) == 0, "%s:\n%s\nnot\n%s",
			messages[_i].name, logged.text.text, messages[_i].told);
	stop();
}
END_TEST

/* Cut anywhere, nothing outside is read and the part that is there is. */
START_TEST(message_may_be_cut_anywhere)
{
	size_t length = vector_message(messages[_i].sets[0], 0, octets);

	for (size_t cut = 0; cut < length; cut++) {
		start();
		int rc = vector_read(&reader, octets, cut);
		ck_assert(cut < 16 ? rc == -EBADMSG : rc == 0);
		ck_assert_uint_gt(logged.problems, 0);
		stop();
	}
}
END_TEST

START_TEST(record_lengths_of_the_appendix)
{
	start();
	size_t length = vector_message(VECTOR_A21 VECTOR_A3 VECTOR_A41 VECTOR_A44, 0, octets);
	ck_assert_uint_eq(length, 152);
	vector_read(&reader, octets, length);
	ck_assert_uint_eq(logged.tally.records, 5);
	ck_assert_uint_eq(logged.tally.template_records, 2);
	ck_assert(logged.tally.whole);
	ck_assert_uint_eq(logged.problems, 0);
	stop();
}
END_TEST

/* Values of exactly 254, 255 and 65000 octets, and none. */
static const uint32_t lengths[] = {0, 1, 254, 255, 256, 65000};

START_TEST(variable_lengths)
{
	uint32_t length = lengths[_i], at;
	struct ipfix_reader_ops quiet = vector_ops;

	start();
	quiet.record = NULL;
	reader.ops = &quiet;
	at = (uint32_t)vector_message("0002000c 01000001 0052ffff 0100", 0, octets) + 2;
	if (length < 255) {
		octets[at++] = (uint8_t)length;
	} else {
		octets[at] = 255;
		octets[at + 1] = (uint8_t)(length >> 8);
		octets[at + 2] = (uint8_t)length;
		at += 3;
	}
	memset(octets + at, 'x', length);
	at += length;
	uint32_t set = 28;
	octets[set + 2] = (uint8_t)((at - set) >> 8);
	octets[set + 3] = (uint8_t)(at - set);
	octets[2] = (uint8_t)(at >> 8);
	octets[3] = (uint8_t)at;
	ck_assert_int_eq(vector_read(&reader, octets, at), 0);
	ck_assert_uint_eq(logged.problems, 0);
	ck_assert_uint_eq(logged.tally.records, 1);
	ck_assert_uint_eq(reader.fields[0].length, length);
	stop();
}
END_TEST

START_TEST(length_of_the_message_is_held_against_it)
{
	start();
	size_t length = vector_message(VECTOR_A21, 0, octets);
	octets[3] = (uint8_t)(length + 4);
	vector_read(&reader, octets, length);
	ck_assert_ptr_nonnull(strstr(logged.text.text,
			"102 at 2: the message says it has 48 octets, 44 are there\n"));
	octets[3] = (uint8_t)length;
	vector_read(&reader, octets, length + 3);
	ck_assert_ptr_nonnull(strstr(
			logged.text.text, "111 at 44: 3 octets follow the end of the message\n"));
	octets[3] = 15;
	ck_assert_int_eq(vector_read(&reader, octets, length), -EBADMSG);
	octets[1] = 11;
	ck_assert_int_eq(vector_read(&reader, octets, length), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(logged.text.text, "101 at 0: version 11"));
	stop();
}
END_TEST

START_TEST(memory_for_templates_is_bounded)
{
	char sets[64];

	start();
	for (unsigned int id = 256; id < 356; id++) {
		snprintf(sets, sizeof(sets), "0002000c %04x0001 00010004", id);
		vector_read(&reader, octets, vector_message(sets, 0, octets));
	}
	ck_assert_uint_eq(reader.cache.templates, 16);
	ck_assert_uint_eq(logged.problems, 84);
	ck_assert_ptr_nonnull(strstr(logged.text.text, "0 at 20: template 272 is one too many"));
	stop();
}
END_TEST

START_TEST(streams_are_cut_by_length)
{
	size_t length = vector_message(VECTOR_A21, 0, octets);

	ck_assert_int_eq(ipfix_reader_split(octets, 0), 0);
	ck_assert_int_eq(ipfix_reader_split(octets, 3), 0);
	ck_assert_int_eq(ipfix_reader_split(octets, length - 1), 0);
	ck_assert_int_eq(ipfix_reader_split(octets, length), (int)length);
	ck_assert_int_eq(ipfix_reader_split(octets, length + 100), (int)length);
	octets[3] = 15;
	ck_assert_int_eq(ipfix_reader_split(octets, length), -EBADMSG);
	octets[1] = 9;
	ck_assert_int_eq(ipfix_reader_split(octets, length), -EBADMSG);
}
END_TEST

START_TEST(version_9_is_read)
{
	size_t length = vector_octets("00090003 00001388 40b1fc28 00000007 0000002a"
				      "00000010 01000002 00080004 00020004"
				      "00010018 01010004 00080001 00040052 00040022 00040000"
				      "0100000c c0000201 00000005"
				      "01010010 00000001 65746830 00000064",
			octets);

	start();
	ck_assert_int_eq(vector_read(&reader, octets, length), 0);
	ck_assert_str_eq(logged.text.text,
			"template 256 at 24: 0/8:4 0/2:4\n"
			"options 257 at 40: 4294967295/1:4 0/82:4 0/34:4\n"
			"256: sourceIPv4Address=192.0.2.1 packetDeltaCount=5\n"
			"257: scopeSystem=1 interfaceName=\"eth0\" "
			"samplingInterval=100\n");
	ck_assert_uint_eq(reader.head.uptime_ms, 5000);
	ck_assert_uint_eq(reader.head.sequence, 7);
	ck_assert_uint_eq(reader.head.domain, 42);
	stop();
}
END_TEST

START_TEST(version_5_is_read)
{
	size_t length = vector_octets(
			"00050001 00001388 40b1fc28 00000000 00000009 0102 4064"
			"c0000201 c6336402 00000000 0001 0002 0000000a 00001388"
			"000003e8 000007d0 9c40 01bb 00 1b 06 b8 0000 0000 00 00 0000",
			octets);

	ck_assert_uint_eq(length, 72);
	start();
	ck_assert_int_eq(vector_read(&reader, octets, length), 0);
	ck_assert_ptr_nonnull(strstr(logged.text.text,
			"sourceIPv4Address=192.0.2.1 destinationIPv4Address=198.51.100.2 "
			"ipNextHopIPv4Address=0.0.0.0 ingressInterface=1 egressInterface=2 "
			"packetDeltaCount=10 octetDeltaCount=5000 flowStartSysUpTime=1000 "
			"flowEndSysUpTime=2000 sourceTransportPort=40000 "
			"destinationTransportPort=443 "));
	ck_assert_ptr_nonnull(strstr(logged.text.text,
			"tcpControlBits=27 protocolIdentifier=6 ipClassOfService=184"));
	ck_assert_uint_eq(reader.head.sequence, 9);
	ck_assert_uint_eq(reader.head.sampling, 0x4064);
	ck_assert_uint_eq(logged.problems, 0);
	octets[3] = 2;
	vector_read(&reader, octets, length);
	ck_assert_ptr_nonnull(strstr(logged.text.text,
			"905 at 2: 2 records of version 5 do not make 72 octets"));
	stop();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_reader");
	TCase *tcase = tcase_create("reader");

	tcase_add_loop_test(tcase, message_is_read, 0, BASE_COUNT_OF(messages));
	tcase_add_loop_test(tcase, message_may_be_cut_anywhere, 0, 9);
	tcase_add_test(tcase, record_lengths_of_the_appendix);
	tcase_add_loop_test(tcase, variable_lengths, 0, BASE_COUNT_OF(lengths));
	tcase_add_test(tcase, length_of_the_message_is_held_against_it);
	tcase_add_test(tcase, memory_for_templates_is_bounded);
	tcase_add_test(tcase, streams_are_cut_by_length);
	tcase_add_test(tcase, version_9_is_read);
	tcase_add_test(tcase, version_5_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
