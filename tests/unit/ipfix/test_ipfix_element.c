/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_element.h"
#include "ipfix_registry.h"
#include "unit_main.h"

#include <string.h>

static const struct {
	uint16_t id;
	const char *name;
	enum ipfix_type type;
} known[] = {
		{1, "octetDeltaCount", IPFIX_U64},
		{6, "tcpControlBits", IPFIX_U16},
		{8, "sourceIPv4Address", IPFIX_IPV4},
		{10, "ingressInterface", IPFIX_U32},
		{27, "sourceIPv6Address", IPFIX_IPV6},
		{56, "sourceMacAddress", IPFIX_MAC},
		{82, "interfaceName", IPFIX_STRING},
		{136, "flowEndReason", IPFIX_U8},
		{148, "flowId", IPFIX_U64},
		{152, "flowStartMilliseconds", IPFIX_MILLISECONDS},
		{156, "flowStartNanoseconds", IPFIX_NANOSECONDS},
		{239, "biflowDirection", IPFIX_U8},
		{276, "dataRecordsReliability", IPFIX_BOOL},
		{291, "basicList", IPFIX_LIST},
		{311, "samplingProbability", IPFIX_F64},
		{346, "privateEnterpriseNumber", IPFIX_U32},
		{507, "gtpuTEid", IPFIX_U32},
};

START_TEST(registry_knows)
{
	const struct ipfix_element *element = ipfix_registry_find(known[_i].id);

	ck_assert_ptr_nonnull(element);
	ck_assert_str_eq(element->name, known[_i].name);
	ck_assert_uint_eq(element->type, known[_i].type);
	ck_assert_ptr_eq(ipfix_registry_find_name(known[_i].name), element);
}
END_TEST

START_TEST(registry_is_in_order)
{
	for (unsigned int i = 1; i < ipfix_registry_count; i++)
		ck_assert_uint_lt(ipfix_registry[i - 1].id, ipfix_registry[i].id);
	for (unsigned int i = 0; i < ipfix_registry_count; i++)
		ck_assert_ptr_eq(ipfix_registry_find(ipfix_registry[i].id), &ipfix_registry[i]);
	ck_assert_ptr_null(ipfix_registry_find(0));
	ck_assert_ptr_null(ipfix_registry_find(97));
	ck_assert_ptr_null(ipfix_registry_find(UINT16_MAX));
	ck_assert_ptr_null(ipfix_registry_find_name("noSuchElement"));
}
END_TEST

/* RFC 5103, section 6.1: these say something of the record or its exporter, not of a direction. */
START_TEST(some_elements_have_no_reverse)
{
	static const uint16_t ids[] = {40, 41, 42, 130, 131, 137, 145, 148, 149, 163, 164, 165, 166,
			167, 168, 173, 210, 211, 212, 213, 214, 215, 216, 217, 239};

	for (unsigned int i = 0; i < BASE_COUNT_OF(ids); i++) {
		ck_assert_ptr_nonnull(ipfix_element_of(IPFIX_SPACE_IANA, ids[i]));
		ck_assert_ptr_null(ipfix_element_of(IPFIX_SPACE_REVERSE, ids[i]));
		ck_assert_ptr_null(ipfix_element_find(IPFIX_PEN_REVERSE, ids[i], 1));
	}
	ck_assert_ptr_nonnull(ipfix_element_of(IPFIX_SPACE_REVERSE, 1));
}
END_TEST

START_TEST(own_elements_are_numbered_and_explained)
{
	for (unsigned int i = 0; i < ipfix_own_element_count; i++) {
		const struct ipfix_own_element *own = &ipfix_own_elements[i];
		ck_assert_uint_eq(own->element.id, i + 1);
		ck_assert_int_eq(strncmp(own->element.name, "weir", 4), 0);
		ck_assert_ptr_null(ipfix_registry_find_name(own->element.name));
		ck_assert_uint_gt(strlen(own->description), 10);
		ck_assert_uint_le(strlen(own->description), 120);
		ck_assert_ptr_eq(ipfix_element_find(32473, own->element.id, 32473), &own->element);
		ck_assert_ptr_null(ipfix_element_find(32473, own->element.id, 99));
	}
	ck_assert_ptr_null(ipfix_element_of(IPFIX_SPACE_OWN, 0));
	ck_assert_ptr_null(
			ipfix_element_of(IPFIX_SPACE_OWN, (uint16_t)(ipfix_own_element_count + 1)));
}
END_TEST

START_TEST(every_tunnel_has_its_own_number)
{
	for (unsigned int tunnel = 1; tunnel < PACKET_TUNNEL_COUNT; tunnel++) {
		uint8_t number = ipfix_tunnel_number((enum packet_tunnel)tunnel);
		ck_assert_uint_ne(number, 0);
		ck_assert_int_eq(ipfix_tunnel_from_number(number), tunnel);
	}
	ck_assert_uint_eq(ipfix_tunnel_number(PACKET_TUNNEL_NONE), 0);
	ck_assert_uint_eq(ipfix_tunnel_number((enum packet_tunnel)250), 0);
	ck_assert_int_eq(ipfix_tunnel_from_number(0), PACKET_TUNNEL_NONE);
	ck_assert_int_eq(ipfix_tunnel_from_number(250), PACKET_TUNNEL_NONE);
	/* stored by collectors: these must never change */
	ck_assert_uint_eq(ipfix_tunnel_number(PACKET_TUNNEL_GRE), 1);
	ck_assert_uint_eq(ipfix_tunnel_number(PACKET_TUNNEL_VXLAN), 9);
	ck_assert_uint_eq(ipfix_tunnel_number(PACKET_TUNNEL_PSEUDOWIRE), 19);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_element");
	TCase *tcase = tcase_create("elements");

	tcase_add_loop_test(tcase, registry_knows, 0, BASE_COUNT_OF(known));
	tcase_add_test(tcase, registry_is_in_order);
	tcase_add_test(tcase, some_elements_have_no_reverse);
	tcase_add_test(tcase, own_elements_are_numbered_and_explained);
	tcase_add_test(tcase, every_tunnel_has_its_own_number);
	suite_add_tcase(suite, tcase);
	return suite;
}
