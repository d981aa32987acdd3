/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_routes.h"
#include "unit_main.h"

#include <stdio.h>
#include <string.h>

#define ALL_WORK UINT32_MAX
#define MANY 3000

static struct config config;
static struct control_routes routes;
static struct flow_record records[MANY];
static struct control_route chosen[MANY];

static void set_up(void)
{
	memset(&config, 0, sizeof(config));
	memset(records, 0, sizeof(records));
	for (uint32_t i = 0; i < MANY; i++) {
		records[i].ip_version = 4;
		records[i].protocol = 6;
		records[i].source.ipv4_be = 0x0100000a + (i << 24);
		records[i].destination.ipv4_be = 0x0200000a + (i << 16);
		records[i].source_port = (uint16_t)(1024 + i);
		records[i].destination_port = i % 3 == 0 ? 53 : 443;
	}
}

static struct config_output *add(const char *filter, const char *spread, const char *failover)
{
	struct config_output *output = &config.outputs[config.output_count];

	snprintf(output->name, sizeof(output->name), "out%zu", config.output_count++);
	snprintf(output->filter, sizeof(output->filter), "%s", filter);
	snprintf(output->spread, sizeof(output->spread), "%s", spread);
	snprintf(output->failover, sizeof(output->failover), "%s", failover);
	return output;
}

static void choose(control_outputs_set works, uint32_t count)
{
	char error[256] = "";

	ck_assert_msg(control_routes_init(&routes, &config, error, sizeof(error)) == 0, "%s",
			error);
	control_routes_choose(&routes, works, records, count, chosen);
}

static uint32_t share_of(uint32_t output)
{
	uint32_t share = 0;

	for (uint32_t i = 0; i < MANY; i++)
		share += chosen[i].given >> output & 1;
	return share;
}

START_TEST(plain_outputs_get_all)
{
	add("", "", "");
	add("", "", "");
	choose(0, 10); /* working or not: each has a queue of its own */
	ck_assert_uint_eq(routes.plain, 3);
	for (int i = 0; i < 10; i++) {
		ck_assert_uint_eq(chosen[i].fits, 3);
		ck_assert_uint_eq(chosen[i].given, 3);
	}
}
END_TEST

START_TEST(filter_leaves_out)
{
	add("port 53", "", "");
	add("", "", "");
	choose(ALL_WORK, 6);
	ck_assert_uint_eq(routes.plain, 2);
	for (uint32_t i = 0; i < 6; i++) {
		ck_assert_uint_eq(chosen[i].fits, i % 3 == 0 ? 3 : 2);
		ck_assert_uint_eq(chosen[i].given, chosen[i].fits);
	}
}
END_TEST

START_TEST(unreadable_filter_is_named)
{
	char error[256] = "";

	add("", "", "");
	add("prot 53", "", "");
	ck_assert_int_lt(control_routes_init(&routes, &config, error, sizeof(error)), 0);
	ck_assert_msg(strstr(error, "output out1: \"prot\" at character 1 of the filter; ")
					== error,
			"%s", error);
}
END_TEST

START_TEST(spread_gives_each_record_to_one_and_shares_fairly)
{
	add("", "", "");
	for (int i = 0; i < 3; i++)
		add("", "east", "");
	choose(ALL_WORK, MANY);
	for (int i = 0; i < MANY; i++) {
		ck_assert_uint_eq(chosen[i].fits, 0xf);
		ck_assert(chosen[i].given & 1);
		ck_assert_int_eq(__builtin_popcount(chosen[i].given & 0xe), 1);
	}
	for (uint32_t i = 1; i < 4; i++) {
		ck_assert_uint_gt(share_of(i), MANY / 3 - 150);
		ck_assert_uint_lt(share_of(i), MANY / 3 + 150);
	}
}
END_TEST

START_TEST(both_directions_go_to_the_same_member)
{
	static struct control_route there[MANY];

	for (int i = 0; i < 3; i++)
		add("", "east", "");
	choose(ALL_WORK, MANY);
	memcpy(there, chosen, sizeof(there));
	for (uint32_t i = 0; i < MANY; i++) {
		union packet_address address = records[i].source;
		uint16_t port = records[i].source_port;
		records[i].source = records[i].destination;
		records[i].source_port = records[i].destination_port;
		records[i].destination = address;
		records[i].destination_port = port;
		records[i].vlan = 7; /* ways may differ */
	}
	choose(ALL_WORK, MANY);
	ck_assert(memcmp(there, chosen, sizeof(there)) == 0);
}
END_TEST

START_TEST(a_failed_member_moves_its_share_alone)
{
	static struct control_route before[MANY];

	for (int i = 0; i < 3; i++)
		add("", "east", "");
	choose(ALL_WORK, MANY);
	memcpy(before, chosen, sizeof(before));
	choose(ALL_WORK & ~2u, MANY);
	for (int i = 0; i < MANY; i++) {
		ck_assert_int_eq(__builtin_popcount(chosen[i].given), 1);
		ck_assert(!(chosen[i].given & 2));
		if (before[i].given != 2)
			ck_assert_uint_eq(chosen[i].given, before[i].given);
	}
	choose(0, MANY); /* when none works it is as if all did */
	ck_assert(memcmp(before, chosen, sizeof(before)) == 0);
}
END_TEST

static const struct {
	control_outputs_set works, given;
} failovers[] = {
		{ALL_WORK, 2},
		{ALL_WORK & ~2u, 4},
		{8, 8},
		{0, 2},
};

START_TEST(failover_takes_the_first_that_works)
{
	add("", "", "");
	for (int i = 0; i < 3; i++)
		add("", "", "west");
	choose(failovers[_i].works, 5);
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_eq(chosen[i].fits, 0xf);
		ck_assert_uint_eq(chosen[i].given, failovers[_i].given | 1);
	}
}
END_TEST

START_TEST(groups_do_not_mix)
{
	add("", "a", "");
	add("", "", "a");
	add("", "a", "");
	add("", "", "a");
	choose(ALL_WORK, 50);
	ck_assert_uint_eq(routes.group_count, 2);
	for (int i = 0; i < 50; i++) {
		ck_assert_uint_eq(chosen[i].given & 0xa, 2);
		ck_assert_int_eq(__builtin_popcount(chosen[i].given & 5), 1);
	}
}
END_TEST

START_TEST(filter_of_a_group_comes_first)
{
	add("port 53", "a", "");
	add("port 53", "a", "");
	choose(ALL_WORK, MANY);
	for (int i = 0; i < MANY; i++) {
		ck_assert_uint_eq(chosen[i].fits, i % 3 == 0 ? 3 : 0);
		ck_assert_int_eq(__builtin_popcount(chosen[i].given), i % 3 == 0);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("routes");
	TCase *tcase = tcase_create("choose");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, plain_outputs_get_all);
	tcase_add_test(tcase, filter_leaves_out);
	tcase_add_test(tcase, unreadable_filter_is_named);
	tcase_add_test(tcase, spread_gives_each_record_to_one_and_shares_fairly);
	tcase_add_test(tcase, both_directions_go_to_the_same_member);
	tcase_add_test(tcase, a_failed_member_moves_its_share_alone);
	tcase_add_loop_test(tcase, failover_takes_the_first_that_works, 0,
			sizeof(failovers) / sizeof(failovers[0]));
	tcase_add_test(tcase, groups_do_not_mix);
	tcase_add_test(tcase, filter_of_a_group_comes_first);
	suite_add_tcase(suite, tcase);
	return suite;
}
