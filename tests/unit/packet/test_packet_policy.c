/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_guard.h"
#include "packet_policy.h"
#include "packet_tunnel_samples.h"
#include "unit_main.h"

#include <errno.h>

START_TEST(every_kind_has_a_name_of_its_own)
{
	for (int kind = PACKET_TUNNEL_NONE + 1; kind < PACKET_TUNNEL_COUNT; kind++) {
		const char *name = packet_tunnel_name((enum packet_tunnel)kind);
		ck_assert_int_eq(packet_tunnel_from_name(name), kind);
		ck_assert_uint_gt(strlen(packet_tunnel_id_name((enum packet_tunnel)kind)), 0);
	}
	ck_assert_str_eq(packet_tunnel_name(PACKET_TUNNEL_NONE), "none");
	ck_assert_str_eq(packet_tunnel_name((enum packet_tunnel)200), "none");
	ck_assert_int_eq(packet_tunnel_from_name("none"), PACKET_TUNNEL_NONE);
	ck_assert_int_eq(packet_tunnel_from_name("vxlam"), PACKET_TUNNEL_NONE);
}
END_TEST

START_TEST(ids_that_differ_by_direction_are_not_shared)
{
	ck_assert(packet_tunnel_id_is_shared(PACKET_TUNNEL_VXLAN));
	ck_assert(packet_tunnel_id_is_shared(PACKET_TUNNEL_GENEVE));
	ck_assert(packet_tunnel_id_is_shared(PACKET_TUNNEL_GRE));
	ck_assert(!packet_tunnel_id_is_shared(PACKET_TUNNEL_GTPU));
	ck_assert(!packet_tunnel_id_is_shared(PACKET_TUNNEL_L2TP));
	ck_assert(!packet_tunnel_id_is_shared(PACKET_TUNNEL_PPTP));
	ck_assert(!packet_tunnel_id_is_shared(PACKET_TUNNEL_NONE));
}
END_TEST

static uint32_t count_views(const struct packet_policy *policy, const char *hex)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(hex, octets);
	struct packet_frame frame = {guard_copy(octets, bytes), bytes, bytes, PACKET_LINK_ETHERNET};
	struct packet_meta metas[PACKET_VIEWS_MAX];
	struct packet_views views;

	return packet_decode_views(policy, &frame, metas, &views);
}

START_TEST(a_port_of_ones_own_opens_its_tunnel)
{
	static const char hex[] =
			MACS "0800" OUT4("5a", "11") UDP_TO("3039", "46") VXLAN("09") ETH4;
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	ck_assert_uint_eq(count_views(&policy, hex), 1);
	ck_assert_int_eq(packet_policy_add_port(&policy, PACKET_TUNNEL_VXLAN, 12345), 0);
	ck_assert_uint_eq(count_views(&policy, hex), 2);
}
END_TEST

START_TEST(a_port_belongs_to_one_kind)
{
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	ck_assert_int_eq(packet_policy_add_port(&policy, PACKET_TUNNEL_VXLAN, 4789), 0);
	ck_assert_int_eq(packet_policy_add_port(&policy, PACKET_TUNNEL_GENEVE, 4789), -EEXIST);
	uint32_t known = policy.port_count;
	for (uint16_t port = 20000; policy.port_count < PACKET_POLICY_PORTS_MAX; port++)
		ck_assert_int_eq(packet_policy_add_port(&policy, PACKET_TUNNEL_GTPU, port), 0);
	ck_assert_uint_gt(policy.port_count, known);
	ck_assert_int_eq(packet_policy_add_port(&policy, PACKET_TUNNEL_GTPU, 1), -ENOSPC);
}
END_TEST

START_TEST(nesting_is_capped)
{
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 1000);
	ck_assert_uint_eq(policy.max_tunnels, PACKET_MAX_TUNNELS);
	packet_policy_init(&policy, PACKET_OPEN_BOTH, 0);
	ck_assert_uint_eq(count_views(&policy, MACS "0800" OUT4("3c", "04") V4_TCP), 1);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_policy");
	TCase *tcase = tcase_create("packet_policy");

	tcase_add_test(tcase, every_kind_has_a_name_of_its_own);
	tcase_add_test(tcase, ids_that_differ_by_direction_are_not_shared);
	tcase_add_test(tcase, a_port_of_ones_own_opens_its_tunnel);
	tcase_add_test(tcase, a_port_belongs_to_one_kind);
	tcase_add_test(tcase, nesting_is_capped);
	suite_add_tcase(suite, tcase);
	return suite;
}
