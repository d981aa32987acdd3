/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_type.h"
#include "unit_main.h"

static const struct {
	enum ipfix_type type;
	uint16_t length;
	bool allowed;
} lengths[] = {
		{IPFIX_U64, 8, true},
		{IPFIX_U64, 4, true},
		{IPFIX_U64, 3, true},
		{IPFIX_U64, 9, false},
		{IPFIX_U64, 0, false},
		{IPFIX_U64, IPFIX_VARIABLE, false},
		{IPFIX_S32, 1, true},
		{IPFIX_S32, 5, false},
		{IPFIX_U8, 2, false},
		{IPFIX_F64, 4, true},
		{IPFIX_F64, 2, false},
		{IPFIX_F32, 4, true},
		{IPFIX_F32, 2, false},
		{IPFIX_IPV4, 4, true},
		{IPFIX_IPV4, 3, false},
		{IPFIX_IPV6, 16, true},
		{IPFIX_IPV6, 8, false},
		{IPFIX_MAC, 6, true},
		{IPFIX_MAC, 4, false},
		{IPFIX_BOOL, 1, true},
		{IPFIX_BOOL, 2, false},
		{IPFIX_SECONDS, 4, true},
		{IPFIX_SECONDS, 2, false},
		{IPFIX_MILLISECONDS, 8, true},
		{IPFIX_MILLISECONDS, 4, false},
		{IPFIX_NANOSECONDS, 8, true},
		{IPFIX_NANOSECONDS, 4, false},
		{IPFIX_STRING, 0, true},
		{IPFIX_STRING, IPFIX_VARIABLE, true},
		{IPFIX_OCTETS, 3, true},
		{IPFIX_LIST, IPFIX_VARIABLE, true},
};

START_TEST(only_numbers_may_be_shortened)
{
	ck_assert_msg(ipfix_type_allows(lengths[_i].type, lengths[_i].length)
					== lengths[_i].allowed,
			"%s in %u octets", ipfix_type_name(lengths[_i].type), lengths[_i].length);
}
END_TEST

START_TEST(every_word_has_a_name)
{
	for (unsigned int i = 0; i < IPFIX_TYPE_COUNT; i++) {
		ck_assert_str_ne(ipfix_type_name((enum ipfix_type)i), "unknown");
		ck_assert_uint_ne(ipfix_type_bytes((enum ipfix_type)i), 0);
	}
	for (unsigned int i = 0; i < IPFIX_SEM_COUNT; i++)
		ck_assert_str_ne(ipfix_semantics_name((enum ipfix_semantics)i), "unknown");
	for (unsigned int i = 0; i < IPFIX_UNIT_COUNT; i++)
		ck_assert_str_ne(ipfix_unit_name((enum ipfix_unit)i), "unknown");
	ck_assert_str_eq(ipfix_type_name((enum ipfix_type)200), "unknown");
	ck_assert_str_eq(ipfix_unit_name((enum ipfix_unit)200), "unknown");
	ck_assert_str_eq(ipfix_semantics_name((enum ipfix_semantics)200), "unknown");
}
END_TEST

/* Numbers of RFC 5610: they go over the wire in type records. */
START_TEST(numbers_are_those_of_type_records)
{
	ck_assert_int_eq(IPFIX_U64, 4);
	ck_assert_int_eq(IPFIX_F64, 10);
	ck_assert_int_eq(IPFIX_STRING, 13);
	ck_assert_int_eq(IPFIX_NANOSECONDS, 17);
	ck_assert_int_eq(IPFIX_IPV6, 19);
	ck_assert_int_eq(IPFIX_MULTILIST, 22);
	ck_assert_int_eq(IPFIX_SEM_IDENTIFIER, 4);
	ck_assert_int_eq(IPFIX_UNIT_PACKETS, 3);
	ck_assert_int_eq(IPFIX_UNIT_FRAMES, 13);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_type");
	TCase *tcase = tcase_create("types");

	tcase_add_loop_test(tcase, only_numbers_may_be_shortened, 0,
			sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(tcase, every_word_has_a_name);
	tcase_add_test(tcase, numbers_are_those_of_type_records);
	suite_add_tcase(suite, tcase);
	return suite;
}
