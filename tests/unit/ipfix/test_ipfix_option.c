/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_option.h"
#include "ipfix_registry.h"
#include "unit_main.h"

#include <string.h>

static uint8_t octets[1024];

/* RFC 7011, section 3.4.2.2, and for version 9 RFC 3954, section 6.1. */
START_TEST(templates_are_well_formed)
{
	enum ipfix_option_kind kind = (enum ipfix_option_kind)_i;
	const struct ipfix_option *option = &ipfix_options[_i];
	bool v9 = option->protocol == IPFIX_PROTOCOL_NETFLOW9;
	unsigned int unit = v9 ? 4 : 1;

	memset(octets, 0xee, sizeof(octets));
	ipfix_option_write_spec(kind, octets);
	ck_assert_uint_eq(octets[ipfix_option_spec_bytes(kind)], 0xee);
	ck_assert_uint_eq(octets[0] << 8 | octets[1], 256 + 16 + _i);
	unsigned int second = (unsigned int)(octets[2] << 8 | octets[3]);
	unsigned int third = (unsigned int)(octets[4] << 8 | octets[5]);
	ck_assert_uint_eq(v9 ? second : third, unit * option->scope_count);
	ck_assert_uint_eq(v9 ? second + third : second, unit * option->field_count);
	ck_assert_uint_ge(option->scope_count, 1);
	ck_assert_uint_gt(option->field_count, option->scope_count);
	for (unsigned int i = 0; i < option->field_count; i++) {
		const uint8_t *spec = octets + 6 + 4 * i;
		uint16_t id = (uint16_t)(spec[0] << 8 | spec[1]);
		uint16_t length = (uint16_t)(spec[2] << 8 | spec[3]);
		if (v9 && i < option->scope_count)
			continue;
		const struct ipfix_element *element = ipfix_registry_find(id);
		ck_assert_ptr_nonnull(element);
		ck_assert_msg(ipfix_type_allows(element->type, length), "%s", element->name);
		ck_assert(!v9 || length != IPFIX_VARIABLE);
	}
}
END_TEST

START_TEST(numbers_are_written_in_their_length)
{
	static const struct ipfix_value values[] = {{.number = 0x1122334455667788}, {.number = 1},
			{.number = 1}, {.number = 999}};
	static const uint8_t expected[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0, 1, 0,
			0, 0, 1, 0, 0, 3, 0xe7};
	uint32_t cut = 0;

	ck_assert_uint_eq(ipfix_option_record_bytes(IPFIX_OPTION_SELECTOR_SYSTEMATIC, values),
			sizeof(expected));
	ck_assert_uint_eq(
			ipfix_option_write(IPFIX_OPTION_SELECTOR_SYSTEMATIC, values, octets, &cut),
			sizeof(expected));
	ck_assert_mem_eq(octets, expected, sizeof(expected));
	ck_assert_uint_eq(cut, 0);
}
END_TEST

START_TEST(texts_have_their_own_length)
{
	static const struct ipfix_value values[] = {{.number = 5}, {.text = "lan"}};
	static const struct ipfix_value empty[] = {{.number = 5}, {.text = NULL}};
	static const uint8_t expected[] = {0, 0, 0, 5, 3, 'l', 'a', 'n'};
	uint32_t cut = 0, bytes;

	memset(octets, 0xee, sizeof(octets));
	bytes = ipfix_option_record_bytes(IPFIX_OPTION_DESCRIPTION, values);
	ck_assert_uint_eq(bytes, sizeof(expected));
	ck_assert_uint_eq(
			ipfix_option_write(IPFIX_OPTION_DESCRIPTION, values, octets, &cut), bytes);
	ck_assert_mem_eq(octets, expected, sizeof(expected));
	ck_assert_uint_eq(octets[bytes], 0xee);
	ck_assert_uint_eq(ipfix_option_write(IPFIX_OPTION_DESCRIPTION, empty, octets, &cut), 5);
	ck_assert_uint_eq(octets[4], 0);
}
END_TEST

START_TEST(long_texts_are_cut_and_counted)
{
	char text[400];
	const struct ipfix_value values[] = {{.number = 5}, {.text = text}};
	uint32_t cut = 0, bytes;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	bytes = ipfix_option_record_bytes(IPFIX_OPTION_DESCRIPTION, values);
	ck_assert_uint_eq(bytes, 4 + 1 + IPFIX_OPTION_TEXT_MAX);
	ck_assert_uint_eq(
			ipfix_option_write(IPFIX_OPTION_DESCRIPTION, values, octets, &cut), bytes);
	ck_assert_uint_eq(octets[4], IPFIX_OPTION_TEXT_MAX);
	ck_assert_uint_eq(cut, 1);
	ck_assert_uint_eq(ipfix_option_write(IPFIX_OPTION_INTERFACE, values, octets, &cut), 36);
	ck_assert_uint_eq(octets[35], 'x');
	ck_assert_uint_eq(cut, 2);
}
END_TEST

START_TEST(texts_of_fixed_length_are_filled_with_zeros)
{
	static const struct ipfix_value values[] = {{.number = 5}, {.text = "a\xff"}};
	uint32_t cut = 0;

	memset(octets, 0xee, sizeof(octets));
	ck_assert_uint_eq(
			ipfix_option_write(IPFIX_OPTION_V9_DESCRIPTION, values, octets, &cut), 68);
	ck_assert_mem_eq(octets + 4, "a\xef\xbf\xbd\0\0", 6);
	ck_assert_uint_eq(octets[67], 0);
	ck_assert_uint_eq(octets[68], 0xee);
	ck_assert_uint_eq(cut, 0);
}
END_TEST

/* The longest record there can be, with its set and message headers, fits the smallest message. */
START_TEST(longest_record_fits)
{
	char text[400];
	struct ipfix_value values[IPFIX_OPTION_FIELDS_MAX];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	for (unsigned int i = 0; i < IPFIX_OPTION_FIELDS_MAX; i++)
		values[i].text = text;
	ck_assert_uint_le(ipfix_option_record_bytes((enum ipfix_option_kind)_i, values) + 4 + 20,
			IPFIX_MESSAGE_MIN);
	ck_assert_uint_ge(ipfix_option_record_bytes((enum ipfix_option_kind)_i, values), 4);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_option");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, templates_are_well_formed, 0, IPFIX_OPTION_COUNT);
	tcase_add_loop_test(tcase, longest_record_fits, 0, IPFIX_OPTION_COUNT);
	tcase_add_test(tcase, numbers_are_written_in_their_length);
	tcase_add_test(tcase, texts_have_their_own_length);
	tcase_add_test(tcase, long_texts_are_cut_and_counted);
	tcase_add_test(tcase, texts_of_fixed_length_are_filled_with_zeros);
	suite_add_tcase(suite, tcase);
	return suite;
}
