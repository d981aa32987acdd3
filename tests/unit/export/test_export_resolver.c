/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_lookup.h"
#include "export_resolver.h"
#include "unit_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>

static struct export_resolver *resolver;
static struct export_addresses addresses;
static int error;

static void make(export_lookup_fn lookup, const char *host)
{
	ck_assert_int_eq(export_resolver_create(&resolver, host, 4739, lookup), 0);
}

static void expect(unsigned int i, const char *text, uint16_t port)
{
	char host[64], service[16];

	ck_assert_int_eq(getnameinfo((const struct sockaddr *)&addresses.at[i].address,
					 addresses.at[i].len, host, sizeof(host), service,
					 sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV),
			0);
	ck_assert_str_eq(host, text);
	ck_assert_int_eq(atoi(service), port);
}

START_TEST(all_addresses_come_in_order)
{
	lookup_zone.addresses[0] = "2001:db8::1";
	lookup_zone.addresses[1] = "192.0.2.1";
	make(lookup_fake, "flows.example.net");
	ck_assert(!export_resolver_take(resolver, &addresses, &error));
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 0);
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(error, 0);
	ck_assert_str_eq(lookup_zone.host, "flows.example.net");
	ck_assert_uint_eq(addresses.count, 2);
	expect(0, "2001:db8::1", 4739);
	expect(1, "192.0.2.1", 4739);
	/* once */
	ck_assert(!export_resolver_take(resolver, &addresses, &error));
	export_resolver_destroy(resolver);
}
END_TEST

START_TEST(more_addresses_than_fit_are_left_out)
{
	for (unsigned int i = 0; i < 11; i++)
		lookup_zone.addresses[i] = "192.0.2.9";
	make(lookup_fake, "many.example.net");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_uint_eq(addresses.count, EXPORT_ADDRESSES_MAX);
	export_resolver_destroy(resolver);
}
END_TEST

START_TEST(errors_are_told_and_the_next_look_up_is_new)
{
	lookup_zone.error = EAI_AGAIN;
	lookup_zone.addresses[0] = "192.0.2.1";
	make(lookup_fake, "flows.example.net");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(error, EAI_AGAIN);
	ck_assert_uint_eq(addresses.count, 0);
	lookup_zone.error = 0;
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(error, 0);
	expect(0, "192.0.2.1", 4739);
	export_resolver_destroy(resolver);
}
END_TEST

START_TEST(an_empty_answer_is_an_error)
{
	make(lookup_fake, "empty.example.net");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(error, EAI_NODATA);
	export_resolver_destroy(resolver);
}
END_TEST

START_TEST(asking_never_waits_nor_asks_twice)
{
	lookup_zone.addresses[0] = "192.0.2.1";
	atomic_store(&lookup_zone.held, true);
	make(lookup_fake, "slow.example.net");
	for (unsigned int i = 0; i < 5; i++)
		ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.asked) == 1);
	ck_assert(!export_resolver_take(resolver, &addresses, &error));
	atomic_store(&lookup_zone.held, false);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 1);
	export_resolver_destroy(resolver);
}
END_TEST

/* Under the sanitizers: nothing is used after it was freed, nothing is left. */
START_TEST(the_end_does_not_wait_for_an_answer)
{
	lookup_zone.addresses[0] = "192.0.2.1";
	atomic_store(&lookup_zone.held, true);
	make(lookup_fake, "slow.example.net");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.asked) == 1);
	export_resolver_destroy(resolver);
	export_resolver_destroy(NULL);
	atomic_store(&lookup_zone.held, false);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.answered) == 1);
	usleep(20000); /* for what the thread still does */
}
END_TEST

static atomic_int blocked;

static int look_at_signals(const char *host, const char *port, const struct addrinfo *hints,
		struct addrinfo **found)
{
	sigset_t mask;

	(void)host, (void)port, (void)hints, (void)found;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	atomic_store(&blocked, sigismember(&mask, SIGTERM) && sigismember(&mask, SIGHUP));
	return EAI_NONAME;
}

START_TEST(signals_are_left_to_other_threads)
{
	sigset_t mask;

	make(look_at_signals, "flows.example.net");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(atomic_load(&blocked), 1);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	ck_assert_int_eq(sigismember(&mask, SIGTERM), 0);
	export_resolver_destroy(resolver);
}
END_TEST

/* What /etc/hosts of every system has. */
START_TEST(the_system_knows_this_host)
{
	make(NULL, "localhost");
	ck_assert_int_eq(export_resolver_ask(resolver), 0);
	LOOKUP_AWAIT(export_resolver_take(resolver, &addresses, &error));
	ck_assert_int_eq(error, 0);
	ck_assert_uint_ge(addresses.count, 1);
	for (unsigned int i = 0; i < addresses.count; i++)
		expect(i, addresses.at[i].address.ss_family == AF_INET ? "127.0.0.1" : "::1", 4739);
	export_resolver_destroy(resolver);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_resolver");
	TCase *tcase = tcase_create("resolver");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, all_addresses_come_in_order);
	tcase_add_test(tcase, more_addresses_than_fit_are_left_out);
	tcase_add_test(tcase, errors_are_told_and_the_next_look_up_is_new);
	tcase_add_test(tcase, an_empty_answer_is_an_error);
	tcase_add_test(tcase, asking_never_waits_nor_asks_twice);
	tcase_add_test(tcase, the_end_does_not_wait_for_an_answer);
	tcase_add_test(tcase, signals_are_left_to_other_threads);
	tcase_add_test(tcase, the_system_knows_this_host);
	suite_add_tcase(suite, tcase);
	return suite;
}
