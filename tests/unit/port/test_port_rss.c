/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_rss.h"

#include <rte_ethdev.h>
#include <rte_thash.h>

#include <stdlib.h>
#include <string.h>

static uint32_t hash(const uint8_t *key, const uint32_t tuple[3])
{
	uint32_t copy[3];

	memcpy(copy, tuple, sizeof(copy));
	return rte_softrss(copy, 3, key);
}

/* By DPDK's own Toeplitz: what the NIC computes does not change when the ends are swapped. */
START_TEST(key_is_symmetric)
{
	uint8_t key[40];

	port_rss_make_key(key, sizeof(key));
	srandom(7);
	for (int i = 0; i < 1000; i++) {
		uint32_t a = (uint32_t)random(), b = (uint32_t)random();
		uint32_t pa = (uint32_t)random() & 0xffff, pb = (uint32_t)random() & 0xffff;
		uint32_t there[3] = {a, b, pa << 16 | pb};
		uint32_t back[3] = {b, a, pb << 16 | pa};
		ck_assert_uint_eq(hash(key, there), hash(key, back));
	}
}
END_TEST

/* A symmetric key that sends all flows to one queue would be useless. */
START_TEST(key_spreads_over_queues)
{
	uint8_t key[40];
	unsigned int queues[8] = {0};

	port_rss_make_key(key, sizeof(key));
	srandom(7);
	for (int i = 0; i < 8000; i++) {
		uint32_t tuple[3] = {0x0a000000 | (uint32_t)(random() & 0xffff),
				0xc0a80000 | (uint32_t)(random() & 0xffff), (uint32_t)random()};
		queues[hash(key, tuple) % 8]++;
	}
	for (int q = 0; q < 8; q++) {
		ck_assert_uint_gt(queues[q], 700);
		ck_assert_uint_lt(queues[q], 1300);
	}
}
END_TEST

START_TEST(key_fits_any_length)
{
	uint8_t key[PORT_RSS_KEY_MAX + 1] = {0};

	port_rss_make_key(key, 52);
	ck_assert_uint_eq(key[50], 0x6d);
	ck_assert_uint_eq(key[51], 0x5a);
	ck_assert_uint_eq(key[52], 0);
}
END_TEST

START_TEST(choose_asks_only_for_what_is_offered)
{
	ck_assert_uint_eq(port_rss_choose(0), 0);
	ck_assert_uint_eq(port_rss_choose(RTE_ETH_RSS_L2_PAYLOAD | RTE_ETH_RSS_ESP), 0);
	ck_assert_uint_eq(port_rss_choose(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP
					  | RTE_ETH_RSS_L2_PAYLOAD),
			RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP);
	ck_assert_uint_eq(port_rss_choose(UINT64_MAX),
			RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP);
}
END_TEST

#define ALL (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP)

static const struct {
	struct port_rss_state state;
	const char *text;
} described[] = {
		{{PORT_SPREAD_RSS, ALL, true, 4, 4},
				"IPv4 and IPv6 addresses, TCP/UDP/SCTP ports; symmetric: both "
				"directions meet one worker"},
		{{PORT_SPREAD_RSS, ALL, false, 4, 4},
				"IPv4 and IPv6 addresses, TCP/UDP/SCTP ports; not symmetric: "
				"directions may meet two workers"},
		{{PORT_SPREAD_RSS, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6, true, 2, 2},
				"IPv4 and IPv6 addresses; symmetric: both directions meet one "
				"worker"},
		{{PORT_SPREAD_RSS, RTE_ETH_RSS_NONFRAG_IPV4_UDP, true, 2, 2},
				"only IPv4 addresses, UDP ports; symmetric: both directions meet "
				"one worker"},
		{{PORT_SPREAD_RSS, RTE_ETH_RSS_IPV6_EX, true, 2, 2},
				"only IPv6 addresses; symmetric: both directions meet one worker"},
		{{PORT_SPREAD_RSS, 0, false, 2, 2},
				"unknown: the driver spreads packets over the queues by itself"},
		{{PORT_SPREAD_RSS, ALL, true, 1, 1}, "one queue, one worker: nothing to hash"},
		{{PORT_SPREAD_RSS, ALL, true, 1, 4}, "one queue: one worker gets all of this port"},
		{{PORT_SPREAD_NONE, 0, false, 2, 2}, "nothing: each queue is a source of its own"},
		{{PORT_SPREAD_KERNEL, 0, false, 2, 2},
				"as the NIC is set up in the kernel (ethtool -x); directions may "
				"meet two workers"},
		{{PORT_SPREAD_FANOUT, 0, false, 2, 2},
				"by the kernel's flow hash of addresses and ports; symmetric, but "
				"a full queue spills into the next"},
};

START_TEST(description_says_what_is_hashed)
{
	char text[PORT_RSS_TEXT_BYTES];

	port_rss_describe(text, sizeof(text), &described[_i].state);
	ck_assert_str_eq(text, described[_i].text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_rss");
	TCase *tcase = tcase_create("rss");

	tcase_add_test(tcase, key_is_symmetric);
	tcase_add_test(tcase, key_spreads_over_queues);
	tcase_add_test(tcase, key_fits_any_length);
	tcase_add_test(tcase, choose_asks_only_for_what_is_offered);
	tcase_add_loop_test(tcase, description_says_what_is_hashed, 0,
			sizeof(described) / sizeof(described[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
