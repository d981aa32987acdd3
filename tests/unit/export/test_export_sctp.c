/* SPDX-License-Identifier: BSD-3-Clause */
/* Many kernels have no SCTP: there, that this is told is all that is tested. */
#include "export_connection.h"
#include "export_peer.h"
#include "unit_main.h"

static struct export_transport transport;
static struct config_output config;
static int64_t now_ns;
static uint16_t port;

static void set_up(void)
{
	config = (struct config_output){.format = CONFIG_OUTPUT_IPFIX,
			.transport = CONFIG_TRANSPORT_SCTP,
			.mtu = 1400,
			.retry_ns = 60 * PEER_SECOND};
	now_ns = base_clock_mono_ns();
	port = 0;
}

static void name_collector(void)
{
	snprintf(config.collector, sizeof(config.collector), "127.0.0.1:%u", port);
}

static int listen_sctp(void)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	port = ntohs(address.sin_port);
	name_collector();
	return fd;
}

START_TEST(a_kernel_without_it_says_what_to_do)
{
	char cause[EXPORT_CAUSE_BYTES], text[EXPORT_TRANSPORT_ERROR_BYTES];

	port = 4739;
	name_collector();
	ck_assert_int_eq(export_transport_check(&config, cause, sizeof(cause)), -EPROTONOSUPPORT);
	ck_assert_str_eq(cause,
			"this kernel has no SCTP; load the module sctp (modprobe sctp) or "
			"use tcp");
	int error = export_transport_open(&transport, &config);
	ck_assert_int_lt(error, 0);
	transport.error = -error;
	export_transport_explain(&transport, text, sizeof(text));
	ck_assert_str_eq(text,
			"cannot send to 127.0.0.1:4739: this kernel has no SCTP; load the "
			"module sctp (modprobe sctp) or use tcp");
}
END_TEST

/* A message is a message there, too: its bounds, its order, and all of them on one stream. */
START_TEST(messages_keep_their_bounds)
{
	int listener = listen_sctp();
	char octets[64], cause[EXPORT_CAUSE_BYTES];
	struct iovec pieces[] = {{(void *)(uintptr_t) "template", 8},
			{(void *)(uintptr_t) "data", 4}, {(void *)(uintptr_t) "more data", 9}};

	ck_assert_int_eq(export_transport_check(&config, cause, sizeof(cause)), 0);
	peer_open(&transport, &export_sctp_ops, &config);
	ck_assert_int_eq(peer_tick_until(&transport, now_ns, EXPORT_LINK_UP), EXPORT_EVENT_SESSION);
	int fd = peer_accept(listener);
	ck_assert_int_eq(transport.ops->send(&transport, pieces, 3), 21);
	for (size_t i = 0; i < BASE_COUNT_OF(pieces); i++) {
		ck_assert(peer_is_readable(fd, 5000));
		ck_assert_int_eq(recv(fd, octets, sizeof(octets), 0), (ssize_t)pieces[i].iov_len);
		ck_assert_int_eq(memcmp(octets, pieces[i].iov_base, pieces[i].iov_len), 0);
	}
	export_transport_close(&transport, base_clock_mono_ns() + PEER_SECOND);
	ck_assert_int_eq(recv(fd, octets, sizeof(octets), 0), 0);
	close(fd);
	close(listener);
}
END_TEST

START_TEST(a_collector_that_leaves_is_noticed)
{
	int listener = listen_sctp();

	peer_open(&transport, &export_sctp_ops, &config);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_UP);
	close(peer_accept(listener));
	peer_tick_until(&transport, now_ns, EXPORT_LINK_DOWN);
	ck_assert(transport.error == EPIPE || transport.error == ECONNRESET);
	close(listener);
	export_transport_close(&transport, 0);
}
END_TEST

START_TEST(a_collector_that_does_not_listen_refuses)
{
	close(listen_sctp());
	peer_open(&transport, &export_sctp_ops, &config);
	peer_tick_until(&transport, now_ns, EXPORT_LINK_DOWN);
	ck_assert_int_eq(transport.error, ECONNREFUSED);
	export_transport_close(&transport, 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_sctp");
	TCase *tcase = tcase_create("sctp");
	char cause[EXPORT_CAUSE_BYTES];

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 30);
	if (export_sctp_check(cause, sizeof(cause)) < 0) {
		printf("# skipped, all but one: %s\n", cause);
		fflush(stdout);
		tcase_add_test(tcase, a_kernel_without_it_says_what_to_do);
	} else {
		tcase_add_test(tcase, messages_keep_their_bounds);
		tcase_add_test(tcase, a_collector_that_leaves_is_noticed);
		tcase_add_test(tcase, a_collector_that_does_not_listen_refuses);
	}
	suite_add_tcase(suite, tcase);
	return suite;
}
