/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "export_lookup.h"
#include "export_target.h"
#include "unit_main.h"

#include <errno.h>
#include <stdio.h>

#define SECOND BASE_NS_PER_SEC

static struct export_target target;
static char text[EXPORT_ADDRESS_TEXT_BYTES];

static void zone(const char *first, const char *second, const char *third)
{
	lookup_zone.addresses[0] = first;
	lookup_zone.addresses[1] = second;
	lookup_zone.addresses[2] = third;
}

static void ask(int64_t now_ns)
{
	unsigned int answered = atomic_load(&lookup_zone.answered);

	export_target_ask(&target, now_ns);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.answered) == answered + 1);
	LOOKUP_AWAIT(export_target_poll(&target, now_ns) != EXPORT_TARGET_WAITING);
}

static const char *current(void)
{
	ck_assert(export_target_print(&target, text, sizeof(text)));
	return text;
}

START_TEST(an_address_is_known_at_once)
{
	ck_assert_int_eq(export_target_open(&target, "192.0.2.1:4739", lookup_fake), 0);
	ck_assert_int_eq(export_target_poll(&target, 0), EXPORT_TARGET_KNOWN);
	export_target_ask(&target, 0);
	ck_assert_int_eq(export_target_poll(&target, 0), EXPORT_TARGET_KNOWN);
	ck_assert_int_eq(export_target_current(&target)->address.ss_family, AF_INET);
	ck_assert(!export_target_next(&target));
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 0);
	/* it is what the user wrote: no need to say it twice */
	ck_assert(!export_target_print(&target, text, sizeof(text)));
	export_target_close(&target);
	ck_assert_int_eq(export_target_open(&target, "192.0.2.1", NULL), -EINVAL);
}
END_TEST

START_TEST(addresses_of_a_name_have_their_turn)
{
	zone("192.0.2.1", "2001:db8::1", NULL);
	ck_assert_int_eq(export_target_open(&target, "flows.example.net:4739", lookup_fake), 0);
	ck_assert_int_eq(export_target_poll(&target, 0), EXPORT_TARGET_UNKNOWN);
	ck_assert(!export_target_print(&target, text, sizeof(text)));
	ask(0);
	ck_assert_str_eq(current(), "192.0.2.1");
	ck_assert(export_target_next(&target));
	ck_assert_str_eq(current(), "2001:db8::1");
	ck_assert(!export_target_next(&target));
	ck_assert_str_eq(current(), "192.0.2.1");
	export_target_close(&target);
}
END_TEST

/* Name servers turn the order round with every answer: that is no reason to move. */
START_TEST(the_current_address_stays_while_it_is_one)
{
	zone("192.0.2.1", "192.0.2.2", NULL);
	ck_assert_int_eq(export_target_open(&target, "flows.example.net:4739", lookup_fake), 0);
	ask(0);
	zone("192.0.2.3", "192.0.2.2", "192.0.2.1");
	ask(SECOND);
	ck_assert_str_eq(current(), "192.0.2.1");
	zone("192.0.2.4", "192.0.2.2", NULL);
	ask(2 * SECOND);
	ck_assert_str_eq(current(), "192.0.2.4");
	export_target_close(&target);
}
END_TEST

START_TEST(the_last_good_answer_is_kept)
{
	zone("192.0.2.1", NULL, NULL);
	ck_assert_int_eq(export_target_open(&target, "flows.example.net:4739", lookup_fake), 0);
	lookup_zone.error = EAI_NONAME;
	ask(0);
	ck_assert_int_eq(export_target_poll(&target, 0), EXPORT_TARGET_UNKNOWN);
	ck_assert_int_eq(target.error, EAI_NONAME);
	lookup_zone.error = 0;
	ask(SECOND);
	lookup_zone.error = EAI_AGAIN;
	ask(2 * SECOND);
	ck_assert_int_eq(export_target_poll(&target, 0), EXPORT_TARGET_KNOWN);
	ck_assert_str_eq(current(), "192.0.2.1");
	ck_assert_int_eq(target.error, EAI_AGAIN);
	export_target_close(&target);
}
END_TEST

START_TEST(name_servers_that_hang_are_not_waited_for)
{
	zone("192.0.2.1", NULL, NULL);
	atomic_store(&lookup_zone.held, true);
	ck_assert_int_eq(export_target_open(&target, "flows.example.net:4739", lookup_fake), 0);
	export_target_ask(&target, 0);
	ck_assert_int_eq(export_target_poll(&target, SECOND), EXPORT_TARGET_WAITING);
	ck_assert_int_eq(export_target_poll(&target, 10 * SECOND), EXPORT_TARGET_UNKNOWN);
	ck_assert_int_eq(target.error, EAI_AGAIN);
	/* asked again, the look-up under way serves */
	export_target_ask(&target, 20 * SECOND);
	ck_assert_int_eq(export_target_poll(&target, 21 * SECOND), EXPORT_TARGET_WAITING);
	atomic_store(&lookup_zone.held, false);
	LOOKUP_AWAIT(export_target_poll(&target, 21 * SECOND) == EXPORT_TARGET_KNOWN);
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 1);

	/* with an address, they hold up nothing for long */
	atomic_store(&lookup_zone.held, true);
	export_target_ask(&target, 30 * SECOND);
	ck_assert_int_eq(export_target_poll(&target, 31 * SECOND), EXPORT_TARGET_WAITING);
	ck_assert_int_eq(export_target_poll(&target, 40 * SECOND), EXPORT_TARGET_KNOWN);
	atomic_store(&lookup_zone.held, false);
	export_target_close(&target);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_target");
	TCase *tcase = tcase_create("target");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, an_address_is_known_at_once);
	tcase_add_test(tcase, addresses_of_a_name_have_their_turn);
	tcase_add_test(tcase, the_current_address_stays_while_it_is_one);
	tcase_add_test(tcase, the_last_good_answer_is_kept);
	tcase_add_test(tcase, name_servers_that_hang_are_not_waited_for);
	suite_add_tcase(suite, tcase);
	return suite;
}
