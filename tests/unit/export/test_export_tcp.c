/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_peer.h"
#include "unit_main.h"

static struct export_transport transport;
static struct config_output config;
static int64_t start_ns;
static uint16_t port;

static void set_up(void)
{
	config = (struct config_output){
			.format = CONFIG_OUTPUT_IPFIX,
			.transport = CONFIG_TRANSPORT_TCP,
			.retry_ns = 60 * PEER_SECOND,
	};
	start_ns = base_clock_mono_ns();
	port = 0;
}

static void open_to(const char *host)
{
	snprintf(config.collector, sizeof(config.collector), "%s:%u", host, port);
	peer_open(&transport, &export_tcp_ops, &config);
}

static void expect_text(const char *part)
{
	char text[EXPORT_TRANSPORT_ERROR_BYTES];

	export_transport_explain(&transport, text, sizeof(text));
	ck_assert_msg(strstr(text, part) != NULL, "%s", text);
}

START_TEST(all_addresses_are_tried)
{
	int listener = peer_bind("127.0.0.3", SOCK_STREAM, &port);

	lookup_zone.addresses[0] = "127.0.0.1";
	lookup_zone.addresses[1] = "127.0.0.2";
	lookup_zone.addresses[2] = "127.0.0.3";
	open_to("flows.example.net");
	ck_assert_int_eq(peer_tick_until(&transport, start_ns, EXPORT_LINK_UP),
			EXPORT_EVENT_SESSION);
	ck_assert_int_eq(transport.error, 0);
	int fd = peer_accept(listener);
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	char text[8] = "";
	ck_assert_int_eq(recv(fd, text, 7, MSG_WAITALL), 7);
	ck_assert_str_eq(text, "message");
	close(fd);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(when_all_addresses_fail_the_next_try_is_a_minute_away)
{
	close(peer_bind("127.0.0.1", SOCK_STREAM, &port));
	lookup_zone.addresses[0] = "127.0.0.1";
	lookup_zone.addresses[1] = "127.0.0.2";
	open_to("flows.example.net");
	peer_tick_until(&transport, start_ns, EXPORT_LINK_DOWN);
	ck_assert_int_eq(transport.error, ECONNREFUSED);
	expect_text("cannot send to flows.example.net:");
	expect_text("nobody listens there");
	ck_assert_int_ge(transport.next_try_ns, start_ns + 60 * PEER_SECOND);
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 1);

	/* it has moved meanwhile */
	int listener = peer_bind("127.0.0.9", SOCK_STREAM, &port);
	lookup_zone.addresses[0] = "127.0.0.9";
	lookup_zone.addresses[1] = NULL;
	peer_tick(&transport, start_ns + 59 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	ck_assert_int_eq(peer_tick_until(&transport, start_ns + 80 * PEER_SECOND, EXPORT_LINK_UP),
			EXPORT_EVENT_SESSION);
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 2);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(a_name_that_is_not_found_is_told_and_tried_again)
{
	lookup_zone.error = EAI_NONAME;
	port = 4739;
	open_to("flwos.example.net");
	peer_tick_until(&transport, start_ns, EXPORT_LINK_DOWN);
	expect_text("cannot send to flwos.example.net:4739: there is no such name; check "
		    "collector");
	ck_assert_int_eq(export_transport_lost_row(&transport), STATS_output_lost_unreachable);
	/* a question to name servers is no attempt to connect */
	ck_assert_int_ge(transport.next_try_ns, start_ns + 10 * PEER_SECOND);
	ck_assert_int_lt(transport.next_try_ns, start_ns + 15 * PEER_SECOND);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(name_servers_that_hang_hold_up_no_tick)
{
	int listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);

	atomic_store(&lookup_zone.held, true);
	lookup_zone.addresses[0] = "127.0.0.1";
	open_to("flows.example.net");
	int64_t before_ns = base_clock_mono_ns();
	for (int i = 0; i < 20; i++)
		peer_tick(&transport, start_ns + i * PEER_SECOND / 10);
	ck_assert_int_lt(base_clock_mono_ns() - before_ns, PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_CONNECTING);
	peer_tick(&transport, start_ns + 8 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	expect_text("no answer from the name servers");
	atomic_store(&lookup_zone.held, false);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.answered) == 1);
	ck_assert_int_eq(peer_tick_until(&transport, start_ns + 30 * PEER_SECOND, EXPORT_LINK_UP),
			EXPORT_EVENT_SESSION);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

static TCase *names(void)
{
	TCase *tcase = tcase_create("names");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, all_addresses_are_tried);
	tcase_add_test(tcase, when_all_addresses_fail_the_next_try_is_a_minute_away);
	tcase_add_test(tcase, a_name_that_is_not_found_is_told_and_tried_again);
	tcase_add_test(tcase, name_servers_that_hang_hold_up_no_tick);
	return tcase;
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_tcp");

	suite_add_tcase(suite, names());
	return suite;
}
