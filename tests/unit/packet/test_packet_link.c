/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_link.h"
#include "unit_main.h"

static const struct {
	int linktype;
	enum packet_link link;
} types[] = {
		{0, PACKET_LINK_NULL},
		{1, PACKET_LINK_ETHERNET},
		{9, PACKET_LINK_PPP},
		{12, PACKET_LINK_RAW},
		{50, PACKET_LINK_PPP},
		{51, PACKET_LINK_PPPOE},
		{101, PACKET_LINK_RAW},
		{104, PACKET_LINK_CHDLC},
		{105, PACKET_LINK_IEEE80211},
		{108, PACKET_LINK_LOOP},
		{113, PACKET_LINK_SLL},
		{127, PACKET_LINK_RADIOTAP},
		{219, PACKET_LINK_MPLS},
		{228, PACKET_LINK_RAW},
		{229, PACKET_LINK_RAW},
		{239, PACKET_LINK_NFLOG},
		{276, PACKET_LINK_SLL2},
		{189, PACKET_LINK_UNKNOWN}, /* USB */
		{-1, PACKET_LINK_UNKNOWN},
};

START_TEST(a_linktype_maps_to_its_link)
{
	ck_assert_int_eq(packet_link_from_linktype(types[_i].linktype), types[_i].link);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_link");
	TCase *tcase = tcase_create("packet_link");

	tcase_add_loop_test(tcase, a_linktype_maps_to_its_link, 0, (int)BASE_COUNT_OF(types));
	suite_add_tcase(suite, tcase);
	return suite;
}
