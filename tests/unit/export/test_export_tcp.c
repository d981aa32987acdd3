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

START_TEST(all_addresses_are_tried)
{
	int listener = peer_bind("127.0.0.3", SOCK_STREAM, &port);

	lookup_zone.addresses[0] = "127.0.0.1";
	lookup_zone.addresses[1] = "127.0.0.2";
	lookup_zone.addresses[2] = "127.0.0.3";
	peer_open_to(&transport, &export_tcp_ops, &config, "flows.example.net", port);
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
	peer_open_to(&transport, &export_tcp_ops, &config, "flows.example.net", port);
	peer_tick_until(&transport, start_ns, EXPORT_LINK_DOWN);
	ck_assert_int_eq(transport.error, ECONNREFUSED);
	peer_expect_text(&transport, "cannot send to flows.example.net:");
	peer_expect_text(&transport, "nobody listens there");
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
	peer_open_to(&transport, &export_tcp_ops, &config, "flwos.example.net", port);
	peer_tick_until(&transport, start_ns, EXPORT_LINK_DOWN);
	peer_expect_text(&transport,
			"cannot send to flwos.example.net:4739: there is no such name; check "
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
	peer_open_to(&transport, &export_tcp_ops, &config, "flows.example.net", port);
	int64_t before_ns = base_clock_mono_ns();
	for (int i = 0; i < 20; i++)
		peer_tick(&transport, start_ns + i * PEER_SECOND / 10);
	ck_assert_int_lt(base_clock_mono_ns() - before_ns, PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_CONNECTING);
	peer_tick(&transport, start_ns + 8 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "no answer from the name servers");
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

static const struct {
	int64_t retry_sec;
	int64_t delays_sec[9]; /* after each attempt that failed */
} backoffs[] = {
		{60, {60, 60, 60, 60, 60, 60, 60, 60, 60}}, /* RFC 7011, section 10.4.5 */
		{1, {1, 2, 4, 8, 16, 32, 60, 60, 60}},
		{25, {25, 50, 60, 60, 60, 60, 60, 60, 60}},
		{600, {600, 600, 600, 600, 600, 600, 600, 600, 600}},
};

START_TEST(attempts_back_off_by_a_random_part_more)
{
	unsigned int punctual = 0;
	int64_t now_ns = start_ns;

	close(peer_bind("127.0.0.1", SOCK_STREAM, &port));
	config.retry_ns = backoffs[_i].retry_sec * PEER_SECOND;
	peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
	for (unsigned int i = 0; i < BASE_COUNT_OF(backoffs[0].delays_sec); i++) {
		peer_tick_until(&transport, now_ns, EXPORT_LINK_DOWN);
		int64_t base_ns = backoffs[_i].delays_sec[i] * PEER_SECOND;
		int64_t delay_ns = transport.next_try_ns - transport.tried_ns;
		ck_assert_int_ge(delay_ns, base_ns);
		ck_assert_int_le(delay_ns, base_ns + base_ns / 4);
		punctual += delay_ns == base_ns;
		ck_assert_uint_eq(transport.failures, i + 1);
		/* not a moment earlier */
		peer_tick(&transport, transport.next_try_ns - 1);
		ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
		now_ns = transport.next_try_ns;
		peer_tick(&transport, now_ns);
		ck_assert_int_eq(transport.tried_ns, now_ns);
	}
	ck_assert_uint_lt(punctual, 3);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(a_collector_that_accepted_is_tried_soon)
{
	int listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);

	peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, start_ns, EXPORT_LINK_UP);
	close(peer_accept(listener));
	/* two hours later it is restarted */
	int64_t now_ns = start_ns + 7200 * PEER_SECOND;
	LOOKUP_AWAIT((peer_tick(&transport, now_ns), transport.link == EXPORT_LINK_DOWN));
	peer_expect_text(&transport, "the collector closed the connection");
	ck_assert_uint_eq(transport.failures, 1);
	ck_assert_int_le(transport.next_try_ns, now_ns + PEER_SECOND);
	ck_assert_int_eq(peer_tick_until(&transport, transport.next_try_ns, EXPORT_LINK_UP),
			EXPORT_EVENT_SESSION);
	ck_assert_uint_eq(transport.sessions, 2);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

/* Its queue of connections is full, so nothing answers: a host that is away looks the same. */
START_TEST(a_connection_has_its_time)
{
	int fillers[4];
	int listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);
	struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = htons(port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	ck_assert_int_eq(listen(listener, 0), 0);
	for (unsigned int i = 0; i < BASE_COUNT_OF(fillers); i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fillers[i], (const struct sockaddr *)&address, sizeof(address));
	}
	peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
	peer_tick(&transport, start_ns + 9 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_CONNECTING);
	peer_tick(&transport, start_ns + 11 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "no answer; check the address");
	for (unsigned int i = 0; i < BASE_COUNT_OF(fillers); i++)
		close(fillers[i]);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

static uint8_t octets_of[1 << 16];

/* Sends pieces until no more is taken; returns the octets that were. */
static size_t send_until_full(void)
{
	struct iovec pieces[4];
	size_t total = 0;
	ssize_t sent;

	for (unsigned int i = 0; i < BASE_COUNT_OF(pieces); i++)
		pieces[i] = (struct iovec){octets_of, sizeof(octets_of)};
	for (;;) {
		/* goes on in the middle of a piece */
		size_t torn = total % sizeof(octets_of);
		pieces[0].iov_base = octets_of + torn;
		pieces[0].iov_len = sizeof(octets_of) - torn;
		sent = transport.ops->send(&transport, pieces, BASE_COUNT_OF(pieces));
		if (sent < 0)
			break;
		total += (size_t)sent;
	}
	ck_assert_int_eq(sent, -EAGAIN);
	return total;
}

static int connect_full(int *listener, size_t *sent)
{
	for (size_t i = 0; i < sizeof(octets_of); i++)
		octets_of[i] = (uint8_t)(i * 2654435761u >> 24);
	*listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);
	peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, start_ns, EXPORT_LINK_UP);
	*sent = send_until_full();
	ck_assert_uint_gt(*sent, 0);
	ck_assert_uint_eq(transport.written, *sent);
	return peer_accept(*listener);
}

START_TEST(a_slow_collector_gets_every_octet)
{
	static uint8_t piece[50000];
	size_t sent, got = 0;
	int listener, fd = connect_full(&listener, &sent);

	usleep(50000);
	peer_tick(&transport, start_ns);
	ck_assert_uint_gt(transport.acknowledged, 0);
	ck_assert_uint_lt(transport.acknowledged, sent);
	while (got < sent) {
		ssize_t some = recv(fd, piece, sizeof(piece), 0);
		ck_assert_int_gt(some, 0);
		for (ssize_t i = 0; i < some; i++, got++)
			ck_assert_uint_eq(piece[i], octets_of[got % sizeof(octets_of)]);
	}
	LOOKUP_AWAIT((peer_tick(&transport, start_ns), transport.acknowledged == sent));
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	ck_assert_int_eq(transport.error, 0);
	close(fd);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

/* How far the last connection came is known after its end, too. */
START_TEST(a_reset_leaves_what_was_not_acknowledged)
{
	struct linger reset = {.l_onoff = 1};
	size_t sent;
	int listener, fd = connect_full(&listener, &sent);

	usleep(50000);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	LOOKUP_AWAIT((peer_tick(&transport, start_ns), transport.link == EXPORT_LINK_DOWN));
	ck_assert_int_eq(transport.error, ECONNRESET);
	peer_expect_text(&transport, "the collector closed the connection");
	ck_assert_uint_gt(transport.acknowledged, 0);
	ck_assert_uint_lt(transport.acknowledged, sent);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(sending_to_nobody_is_no_signal)
{
	struct linger reset = {.l_onoff = 1};
	int listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);

	peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, start_ns, EXPORT_LINK_UP);
	int fd = peer_accept(listener);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	for (int i = 0; i < 3 && transport.link == EXPORT_LINK_UP; i++)
		ck_assert_int_lt(peer_send(&transport, "message", 7), 8);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

static const bool readers[] = {true, false};

/* The end waits for what is not acknowledged, not for a collector that never hangs up. */
START_TEST(an_end_waits_for_acknowledgements_alone)
{
	int listener = peer_bind("127.0.0.1", SOCK_STREAM, &port);
	size_t sent = 7;
	int fd;

	if (readers[_i]) {
		peer_open_to(&transport, &export_tcp_ops, &config, "127.0.0.1", port);
		peer_tick_until(&transport, start_ns, EXPORT_LINK_UP);
		fd = peer_accept(listener);
		ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	} else {
		close(listener);
		fd = connect_full(&listener, &sent);
	}
	int64_t before_ns = base_clock_mono_ns();
	export_transport_close(&transport, before_ns + PEER_SECOND);
	int64_t took_ns = base_clock_mono_ns() - before_ns;
	ck_assert(readers[_i] ? took_ns < PEER_SECOND / 2 : took_ns >= PEER_SECOND);
	ck_assert((transport.acknowledged == sent) == readers[_i]);
	close(fd);
	close(listener);
}
END_TEST

static TCase *connections(void)
{
	TCase *tcase = tcase_create("connections");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(
			tcase, attempts_back_off_by_a_random_part_more, 0, BASE_COUNT_OF(backoffs));
	tcase_add_test(tcase, a_collector_that_accepted_is_tried_soon);
	tcase_add_test(tcase, a_connection_has_its_time);
	tcase_add_test(tcase, a_slow_collector_gets_every_octet);
	tcase_add_test(tcase, a_reset_leaves_what_was_not_acknowledged);
	tcase_add_test(tcase, sending_to_nobody_is_no_signal);
	tcase_add_loop_test(
			tcase, an_end_waits_for_acknowledgements_alone, 0, BASE_COUNT_OF(readers));
	return tcase;
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_tcp");

	suite_add_tcase(suite, names());
	suite_add_tcase(suite, connections());
	return suite;
}
