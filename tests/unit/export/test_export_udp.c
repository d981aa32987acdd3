/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_peer.h"
#include "unit_main.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

static struct export_transport transport;
static struct config_output config;
static int64_t now_ns;
static uint16_t port;

static void set_up(void)
{
	config = (struct config_output){.format = CONFIG_OUTPUT_IPFIX, .mtu = 1400};
	now_ns = base_clock_mono_ns();
	port = 0;
}

static void expect_message(int fd)
{
	char text[16];

	ck_assert(peer_is_readable(fd, 5000));
	ck_assert_int_eq(recv(fd, text, sizeof(text), 0), 7);
}

/* Sends until the answer to a datagram before is there. */
static void send_until_refused(void)
{
	for (int turn = 0; turn < 1000 && transport.link == EXPORT_LINK_UP; turn++) {
		peer_send(&transport, "message", 7);
		usleep(1000);
	}
	ck_assert_int_eq(transport.error, ECONNREFUSED);
}

START_TEST(a_name_that_moves_begins_a_session)
{
	int first = peer_bind("127.0.0.1", SOCK_DGRAM, &port);
	int second = peer_bind("127.0.0.2", SOCK_DGRAM, &port);

	lookup_zone.addresses[0] = "127.0.0.1";
	peer_open_to(&transport, &export_udp_ops, &config, "flows.example.net", port);
	ck_assert_int_eq(peer_tick_until(&transport, now_ns, EXPORT_LINK_UP), EXPORT_EVENT_SESSION);
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	expect_message(first);

	/* some minutes later; the old address is one of them still */
	lookup_zone.addresses[0] = "127.0.0.2";
	lookup_zone.addresses[1] = "127.0.0.1";
	peer_tick(&transport, now_ns + 301 * PEER_SECOND);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.answered) == 2);
	/* until the answer, which the look-up has still to hand over, is taken, and then some */
	for (int i = 0; i < 20 || transport.target.asked; i++, usleep(1000))
		ck_assert_int_eq(peer_tick(&transport, now_ns + 302 * PEER_SECOND),
				EXPORT_EVENT_NONE);
	ck_assert_uint_eq(transport.sessions, 1);

	/* and then no longer */
	lookup_zone.addresses[1] = NULL;
	enum export_event event = peer_tick(&transport, now_ns + 602 * PEER_SECOND);
	LOOKUP_AWAIT(event == EXPORT_EVENT_SESSION
			|| peer_tick(&transport, now_ns + 603 * PEER_SECOND)
					== EXPORT_EVENT_SESSION);
	ck_assert_uint_eq(transport.sessions, 2);
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	expect_message(second);
	ck_assert(!peer_is_readable(first, 0));

	/* name servers that fail move nothing */
	lookup_zone.error = EAI_AGAIN;
	peer_tick(&transport, now_ns + 1000 * PEER_SECOND);
	LOOKUP_AWAIT(atomic_load(&lookup_zone.answered) == 4);
	for (int i = 0; i < 20 || transport.target.asked; i++, usleep(1000))
		peer_tick(&transport, now_ns + 1001 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	ck_assert_int_eq(transport.error, 0);
	close(first);
	close(second);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(an_address_that_refuses_gives_way_to_the_next)
{
	int second = peer_bind("127.0.0.2", SOCK_DGRAM, &port);

	lookup_zone.addresses[0] = "127.0.0.1";
	lookup_zone.addresses[1] = "127.0.0.2";
	peer_open_to(&transport, &export_udp_ops, &config, "flows.example.net", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	send_until_refused();
	/* templates first, data when nobody refuses them */
	ck_assert_int_eq(peer_tick(&transport, now_ns), EXPORT_EVENT_SESSION);
	ck_assert_int_eq(transport.link, EXPORT_LINK_PROBING);
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	expect_message(second);
	ck_assert_int_eq(peer_tick(&transport, now_ns + 2 * PEER_SECOND), EXPORT_EVENT_NONE);
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	ck_assert_int_eq(transport.error, 0);
	close(second);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(a_name_that_is_not_found_is_told_and_looked_up_again)
{
	int peer = peer_bind("127.0.0.1", SOCK_DGRAM, &port);

	lookup_zone.error = EAI_NONAME;
	lookup_zone.addresses[0] = "127.0.0.1";
	peer_open_to(&transport, &export_udp_ops, &config, "flows.example.net", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "there is no such name");
	lookup_zone.error = 0;
	ck_assert_int_eq(peer_tick(&transport, now_ns + PEER_SECOND), EXPORT_EVENT_NONE);
	ck_assert_uint_eq(atomic_load(&lookup_zone.asked), 1);
	ck_assert_int_eq(peer_tick_until(&transport, now_ns + 11 * PEER_SECOND, EXPORT_LINK_UP),
			EXPORT_EVENT_SESSION);
	ck_assert_int_eq(transport.error, 0);
	close(peer);
	export_transport_close(&transport, 0);
}
END_TEST

/* What is shorter passes all the while, and must not hide that the rest is lost. */
START_TEST(messages_that_are_too_long_are_told)
{
	static const char octets[65508]; /* one more than a datagram of IPv4 holds */
	int fd = peer_bind("127.0.0.1", SOCK_DGRAM, &port);

	peer_open_to(&transport, &export_udp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	ck_assert_int_eq(peer_send(&transport, octets, sizeof(octets)), -EMSGSIZE);
	peer_expect_text(&transport, "lower mtu");
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	expect_message(fd);
	ck_assert_int_eq(transport.error, EMSGSIZE);
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	transport.too_long = 7; /* the path has become wider */
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	ck_assert_int_eq(transport.error, 0);
	close(fd);
	export_transport_close(&transport, 0);
}
END_TEST

/* A loopback interface of the test's own. False where that is not allowed. */
static bool set_path(int mtu)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	request.ifr_mtu = mtu;
	bool done = ioctl(fd, SIOCSIFMTU, &request) == 0;
	request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return done;
}

/* Nothing as long may come any more that would show it: what works gets the records meanwhile. */
START_TEST(a_path_that_became_wider_is_seen)
{
	static const char octets[1300 - 28];
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !set_path(1299))
		return;
	fd = peer_bind("127.0.0.1", SOCK_DGRAM, &port);
	peer_open_to(&transport, &export_udp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	ck_assert_int_eq(peer_send(&transport, octets, sizeof(octets)), -EMSGSIZE);
	peer_tick(&transport, now_ns + PEER_SECOND);
	ck_assert_int_eq(transport.error, EMSGSIZE);
	ck_assert(set_path(1300));
	peer_tick(&transport, now_ns + 2 * PEER_SECOND);
	ck_assert_int_eq(transport.error, 0);
	ck_assert_int_eq(peer_send(&transport, octets, sizeof(octets)), sizeof(octets));
	close(fd);
	export_transport_close(&transport, 0);
}
END_TEST

/* Templates go ahead to see whether somebody is there again; data waits for that. */
START_TEST(a_collector_that_refused_is_probed)
{
	close(peer_bind("127.0.0.1", SOCK_DGRAM, &port));
	peer_open_to(&transport, &export_udp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	send_until_refused();
	peer_expect_text(&transport, "nobody listens there");
	now_ns = base_clock_mono_ns();
	ck_assert_int_eq(peer_tick(&transport, now_ns), EXPORT_EVENT_NONE);

	/* nobody yet */
	now_ns += 2 * PEER_SECOND;
	ck_assert_int_eq(peer_tick(&transport, now_ns), EXPORT_EVENT_REPEAT);
	ck_assert_int_eq(transport.link, EXPORT_LINK_PROBING);
	ck_assert_int_eq(peer_send(&transport, "probing", 7), 7);
	usleep(20000);
	peer_tick(&transport, now_ns + 2 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);

	int fd = peer_bind("127.0.0.1", SOCK_DGRAM, &port);
	now_ns += 6 * PEER_SECOND;
	ck_assert_int_eq(peer_tick(&transport, now_ns), EXPORT_EVENT_REPEAT);
	ck_assert_int_eq(peer_send(&transport, "probing", 7), 7);
	expect_message(fd);
	peer_tick(&transport, now_ns + 2 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_UP);
	ck_assert_int_eq(transport.error, 0);
	ck_assert_uint_eq(transport.sessions, 1);
	close(fd);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(datagrams_have_a_checksum_and_are_not_cut)
{
	int fd = peer_bind("127.0.0.1", SOCK_DGRAM, &port), without = -1, discover = -1;
	socklen_t len = sizeof(int);

	peer_open_to(&transport, &export_udp_ops, &config, "127.0.0.1", port);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	ck_assert_int_eq(getsockopt(transport.fd, SOL_SOCKET, SO_NO_CHECK, &without, &len), 0);
	ck_assert_int_eq(without, 0);
	ck_assert_int_eq(getsockopt(transport.fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, &len), 0);
	ck_assert_int_eq(discover, IP_PMTUDISC_DO);
	close(fd);
	export_transport_close(&transport, 0);
}
END_TEST

static TCase *names(void)
{
	TCase *tcase = tcase_create("names");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_name_that_moves_begins_a_session);
	tcase_add_test(tcase, an_address_that_refuses_gives_way_to_the_next);
	tcase_add_test(tcase, a_name_that_is_not_found_is_told_and_looked_up_again);
	tcase_add_test(tcase, messages_that_are_too_long_are_told);
	tcase_add_test(tcase, a_path_that_became_wider_is_seen);
	return tcase;
}

static TCase *datagrams(void)
{
	TCase *tcase = tcase_create("datagrams");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_collector_that_refused_is_probed);
	tcase_add_test(tcase, datagrams_have_a_checksum_and_are_not_cut);
	return tcase;
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_udp");

	suite_add_tcase(suite, names());
	suite_add_tcase(suite, datagrams());
	return suite;
}
