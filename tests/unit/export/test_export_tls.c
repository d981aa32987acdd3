/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_tls_peer.h"
#include "unit_main.h"

#include <signal.h>

static struct export_transport transport;
static struct config_output config;
static struct tls_peer peer;
static int64_t now_ns;
static char text[EXPORT_TRANSPORT_ERROR_BYTES];

/* Who is who: each row is a pair of files. */
static void make_files(void)
{
	static const struct certificate_terms root = {"Test Root", NULL, NULL, -9, 9, true},
					      other = {"Other Root", NULL, NULL, -9, 9, true};
	static const struct {
		const char *file;
		struct certificate_terms terms;
	} leaves[] = {
			{"server",
					{"collector", "DNS:flows.example.net,IP:127.0.0.1",
							"serverAuth", -9, 9, false}},
			{"elsewhere",
					{"collector", "DNS:mail.example.net,IP:192.0.2.1",
							"serverAuth", -9, 9, false}},
			{"nameless", {"127.0.0.1", NULL, NULL, -9, 9, false}},
			{"expired", {"collector", "IP:127.0.0.1", NULL, -9, -2, false}},
			{"early", {"collector", "IP:127.0.0.1", NULL, 2, 9, false}},
			{"client", {"weir", NULL, "clientAuth", -9, 9, false}},
			{"clientward", {"collector", "IP:127.0.0.1", "clientAuth", -9, 9, false}},
	};
	struct certificate issuers[] = {
			certificate_make(&root, NULL), certificate_make(&other, NULL)};

	certificate_write(&issuers[0], "root", NULL);
	certificate_write(&issuers[1], "other", NULL);
	for (size_t i = 0; i < BASE_COUNT_OF(leaves); i++)
		certificate_put(leaves[i].file, &leaves[i].terms, &issuers[0]);
	certificate_put("foreign", &leaves[0].terms, &issuers[1]);
	certificate_put("stranger", &leaves[5].terms, &issuers[1]);
	certificate_put("alone", &leaves[0].terms, NULL);
	certificate_free(&issuers[0]);
	certificate_free(&issuers[1]);
}

static void name_file(char *out, const char *name, const char *ending)
{
	snprintf(out, CONFIG_PATH_BYTES, "%s/%s%s", certificate_folder, name, ending);
}

static void set_up(void)
{
	snprintf(certificate_folder, sizeof(certificate_folder), "%s", sample_folder());
	make_files();
	config = (struct config_output){.format = CONFIG_OUTPUT_IPFIX,
			.transport = CONFIG_TRANSPORT_TLS,
			.retry_ns = 60 * PEER_SECOND};
	name_file(config.ca_file, "root", ".pem");
	peer = (struct tls_peer){.name = "server"};
	now_ns = base_clock_mono_ns();
}

static void tear_down(void)
{
	sample_remove(certificate_folder);
}

static void set_certificate(const char *name)
{
	name_file(config.certificate, name, ".pem");
	name_file(config.key, name, ".key");
}

static void connect_to(const char *host)
{
	tls_peer_start(&peer);
	snprintf(config.collector, sizeof(config.collector), "%s:%u", host, peer.port);
	peer_open(&transport, &export_tls_ops, &config);
}

/* The clock goes on: some of it is waiting for alerts. */
static enum export_event tick_until(enum export_link link)
{
	enum export_event last = EXPORT_EVENT_NONE;

	for (int turn = 0; turn < 4000; turn++) {
		enum export_event event = peer_tick(&transport, now_ns);
		if (event != EXPORT_EVENT_NONE)
			last = event;
		if (transport.link == link)
			break;
		usleep(1000);
		now_ns += BASE_NS_PER_MS;
	}
	export_transport_explain(&transport, text, sizeof(text));
	ck_assert_msg(transport.link == link, "%s: %s", export_link_name(transport.link), text);
	return last;
}

static void close_all(void)
{
	atomic_store(&peer.go_on, true);
	export_transport_close(&transport, base_clock_mono_ns() + 10 * PEER_SECOND);
	tls_peer_join(&peer);
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION, 0};

START_TEST(messages_arrive_and_the_end_is_told)
{
	peer.version = versions[_i];
	peer.issuer = "root";
	set_certificate("client");
	connect_to("127.0.0.1");
	ck_assert_int_eq(tick_until(EXPORT_LINK_UP), EXPORT_EVENT_SESSION);
	ck_assert_int_eq(transport.error, 0);
	ck_assert_uint_eq(transport.sessions, 1);
	ck_assert_int_eq(peer_send(&transport, "message", 7), 7);
	ck_assert_int_eq(peer_send(&transport, "another", 7), 7);
	/* the peer's copy lives until it is joined */
	export_transport_close(&transport, base_clock_mono_ns() + 10 * PEER_SECOND);
	ck_assert_int_eq(pthread_join(peer.thread, NULL), 0);
	ck_assert(peer.accepted);
	ck_assert(peer.goodbye);
	ck_assert_uint_eq(peer.len, 14);
	ck_assert_int_eq(memcmp(peer.octets, "messageanother", 14), 0);
	/* an address is not called by name */
	ck_assert_str_eq(peer.called, "");
	close(peer.listener);
	free(peer.octets);
}
END_TEST

static const struct {
	const char *host, *server_name, *called, *certificate;
} good_names[] = {
		{"127.0.0.1", "", "", "server"},
		{"127.0.0.1", "flows.example.net", "flows.example.net", "server"},
		{"flows.example.net", "", "flows.example.net", "server"},
		{"flows.example.net.", "", "flows.example.net", "server"},
		{"flows.example.net", "192.0.2.1", "", "elsewhere"},
		{"other.example.net", "mail.example.net", "mail.example.net", "elsewhere"},
};

START_TEST(the_name_that_was_asked_for_is_checked)
{
	lookup_zone.addresses[0] = "127.0.0.1";
	peer.name = good_names[_i].certificate;
	snprintf(config.server_name, sizeof(config.server_name), "%s", good_names[_i].server_name);
	connect_to(good_names[_i].host);
	tick_until(EXPORT_LINK_UP);
	close_all();
	ck_assert_str_eq(peer.called, good_names[_i].called);
}
END_TEST

static const struct {
	struct tls_peer peer;
	const char *ca, *own, *server_name;
	const char *text;
} refusals[] = {
		{{.name = "foreign"}, "root", "", "",
				"its certificate was signed by \"Other Root\", who is not known "
				"here; "
				"set ca_file"},
		{{.name = "server"}, "other", "", "", "signed by \"Test Root\""},
		{{.name = "alone"}, "root", "", "", "signed by \"collector\""},
		{{.name = "server"}, "", "", "", "signed by \"Test Root\""},
		{{.name = "elsewhere"}, "root", "", "",
				"its certificate is not for 127.0.0.1 but for mail.example.net, "
				"192.0.2.1; set collector or server_name"},
		{{.name = "server"}, "root", "", "mail.example.net",
				"is not for mail.example.net but for flows.example.net, 127.0.0.1"},
		{{.name = "nameless"}, "root", "", "", "is not for 127.0.0.1 but for no name"},
		{{.name = "expired"}, "root", "", "", "its certificate expired on 20"},
		{{.name = "early"}, "root", "", "", "its certificate is not valid before 20"},
		{{.name = "clientward"}, "root", "", "", "its certificate is not for servers"},
		{{.name = "server", .issuer = "root", .version = TLS1_3_VERSION}, "root", "", "",
				"it wants a certificate of weir; set certificate and key"},
		{{.name = "server", .issuer = "root", .version = TLS1_2_VERSION}, "root", "", "",
				"certificate and key"},
		{{.name = "server", .issuer = "root", .version = TLS1_3_VERSION}, "root",
				"stranger", "", "it does not know who signed weir's certificate"},
		{{.name = "server", .issuer = "root", .version = TLS1_2_VERSION}, "root",
				"stranger", "", "it does not know who signed weir's certificate"},
		{{.name = "server", .version = TLS1_1_VERSION}, "root", "", "",
				"it speaks no TLS 1.2 or newer"},
		{{.name = "server", .way = TLS_PEER_PLAIN}, "root", "", "",
				"it does not speak TLS on this port; check the port"},
		{{.name = "server", .way = TLS_PEER_HANGS_UP}, "root", "", "",
				"it closed the connection in the handshake"},
};

/* In words, and before any record went out. */
START_TEST(a_check_that_fails_says_which)
{
	peer = refusals[_i].peer;
	if (refusals[_i].ca[0])
		name_file(config.ca_file, refusals[_i].ca, ".pem");
	else
		config.ca_file[0] = '\0'; /* those of the system */
	if (refusals[_i].own[0])
		set_certificate(refusals[_i].own);
	snprintf(config.server_name, sizeof(config.server_name), "%s", refusals[_i].server_name);
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_DOWN);
	peer_expect_text(&transport, refusals[_i].text);
	ck_assert_uint_eq(transport.sessions, 0);
	ck_assert_int_eq(export_transport_lost_row(&transport), STATS_output_lost_unreachable);
	ck_assert_int_ge(transport.next_try_ns, now_ns + 50 * PEER_SECOND);
	close_all();
	ck_assert_uint_eq(peer.len, 0);
}
END_TEST

START_TEST(a_handshake_has_its_time)
{
	peer.way = TLS_PEER_MUTE;
	connect_to("127.0.0.1");
	for (int i = 0; i < 50; i++, usleep(1000))
		peer_tick(&transport, now_ns);
	ck_assert_int_eq(transport.link, EXPORT_LINK_CONNECTING);
	peer_tick(&transport, now_ns + 9 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_CONNECTING);
	peer_tick(&transport, now_ns + 11 * PEER_SECOND);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "no answer in the TLS handshake");
	close_all();
}
END_TEST

START_TEST(files_are_read_for_each_connection)
{
	char renewed[CONFIG_PATH_BYTES];

	peer.name = "foreign";
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_DOWN);
	tls_peer_join(&peer);

	name_file(renewed, "other", ".pem");
	ck_assert_int_eq(rename(renewed, config.ca_file), 0);
	peer = (struct tls_peer){.name = "foreign", .port = peer.port};
	tls_peer_start(&peer);
	now_ns = transport.next_try_ns;
	ck_assert_int_eq(tick_until(EXPORT_LINK_UP), EXPORT_EVENT_SESSION);
	ck_assert_int_eq(transport.error, 0);
	close_all();

	/* and a file that is broken then is told */
	peer = (struct tls_peer){.name = "foreign"};
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_UP);
	sample_write(config.ca_file, "half a file");
	shutdown(transport.fd, SHUT_RDWR);
	tick_until(EXPORT_LINK_DOWN);
	tls_peer_join(&peer);
	peer = (struct tls_peer){.name = "foreign", .port = peer.port};
	tls_peer_start(&peer);
	now_ns = transport.next_try_ns;
	peer_tick(&transport, now_ns);
	tick_until(EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "holds no PEM certificate");
	close_all();
}
END_TEST

/* Octets that say where they are in the stream. */
static void fill(uint8_t *octets, size_t len, uint64_t from)
{
	for (size_t i = 0; i < len; i++)
		octets[i] = (uint8_t)((from + i) * 2654435761u >> 24);
}

START_TEST(a_slow_collector_gets_every_octet)
{
	static uint8_t message[16384], expected[16384];
	size_t sent = 0, stalls = 0;

	peer.way = TLS_PEER_WAITS;
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_UP);
	while (sent < TLS_PEER_BYTES - sizeof(message)) {
		fill(message, sizeof(message), sent);
		for (size_t done = 0; done < sizeof(message);) {
			ssize_t some = peer_send(
					&transport, message + done, sizeof(message) - done);
			if (some == -EAGAIN) {
				stalls++;
				atomic_store(&peer.go_on, stalls > 20);
				transport.ops->wait(&transport, BASE_NS_PER_MS);
				continue;
			}
			ck_assert_int_gt(some, 0);
			done += (size_t)some;
		}
		sent += sizeof(message);
	}
	ck_assert_uint_gt(stalls, 20);
	export_transport_close(&transport, base_clock_mono_ns() + 10 * PEER_SECOND);
	ck_assert_int_eq(pthread_join(peer.thread, NULL), 0);
	ck_assert_uint_eq(peer.len, sent);
	for (size_t at = 0; at < sent; at += sizeof(message)) {
		fill(expected, sizeof(expected), at);
		ck_assert_int_eq(memcmp(peer.octets + at, expected, sizeof(expected)), 0);
	}
	close(peer.listener);
	free(peer.octets);
}
END_TEST

static const enum tls_peer_way ends[] = {TLS_PEER_LEAVES, TLS_PEER_RESETS};

START_TEST(a_collector_that_leaves_is_noticed)
{
	peer.way = ends[_i];
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_UP);
	atomic_store(&peer.go_on, true);
	tick_until(EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "the collector closed the connection");
	close_all();
}
END_TEST

START_TEST(sending_to_nobody_is_no_signal)
{
	peer.way = TLS_PEER_RESETS;
	connect_to("127.0.0.1");
	tick_until(EXPORT_LINK_UP);
	atomic_store(&peer.go_on, true);
	ck_assert_int_eq(pthread_join(peer.thread, NULL), 0);
	signal(SIGPIPE, SIG_DFL);
	for (int i = 0; i < 3 && transport.link == EXPORT_LINK_UP; i++)
		ck_assert_int_lt(peer_send(&transport, "message", 7), 8);
	ck_assert_int_eq(transport.link, EXPORT_LINK_DOWN);
	peer_expect_text(&transport, "the collector closed the connection");
	export_transport_close(&transport, 0);
	close(peer.listener);
	free(peer.octets);
}
END_TEST

static const struct {
	const char *key, *name, *text;
} files[] = {
		{"ca_file", "missing.pem", "does not exist; check the path"},
		{"ca_file", "", "is no file; name a PEM file"},
		{"ca_file", "root.key", "holds no PEM certificate"},
		{"ca_file", "expired-root.pem", "expired on 20"},
		{"certificate", "missing.pem", "does not exist"},
		{"certificate", "client.key", "is no PEM certificate"},
		{"certificate", "expired.pem", "expired on 20"},
		{"certificate", "early.pem", "is not valid before 20"},
		{"key", "missing.key", "does not exist"},
		{"key", "client.pem", "is no PEM private key"},
		{"key", "server.key", "does not fit certificate"},
		{"key", "secret.key", "has a passphrase; take it away: openssl pkey -in"},
};

START_TEST(files_are_judged_at_the_start)
{
	static const struct certificate_terms old = {"Old Root", NULL, NULL, -9, -2, true};
	static const struct certificate_terms own = {"weir", NULL, NULL, -9, 9, false};
	struct certificate secret = certificate_make(&own, NULL);
	char cause[EXPORT_CAUSE_BYTES], *path = config.ca_file;

	certificate_put("expired-root", &old, NULL);
	certificate_write(&secret, "secret", "open sesame");
	certificate_free(&secret);
	set_certificate("client");
	snprintf(config.collector, sizeof(config.collector), "127.0.0.1:4740");
	ck_assert_int_eq(export_transport_check(&config, cause, sizeof(cause)), 0);
	if (strcmp(files[_i].key, "ca_file") != 0)
		path = files[_i].key[0] == 'k' ? config.key : config.certificate;
	name_file(path, files[_i].name, "");
	ck_assert_int_lt(export_transport_check(&config, cause, sizeof(cause)), 0);
	ck_assert_msg(strstr(cause, files[_i].text) != NULL, "%s", cause);
	ck_assert_msg(strstr(cause, files[_i].key) != NULL, "%s", cause);
	/* and what does not pass is not opened */
	int error = export_transport_open(&transport, &config);
	ck_assert_int_lt(error, 0);
	transport.error = -error;
	peer_expect_text(&transport, files[_i].text);
}
END_TEST

START_TEST(what_is_not_over_tls_needs_no_files)
{
	char cause[EXPORT_CAUSE_BYTES];

	name_file(config.ca_file, "missing", ".pem");
	snprintf(config.collector, sizeof(config.collector), "127.0.0.1:4740");
	ck_assert_int_lt(export_transport_check(&config, cause, sizeof(cause)), 0);
	config.transport = CONFIG_TRANSPORT_TCP;
	ck_assert_int_eq(export_transport_check(&config, cause, sizeof(cause)), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, messages_arrive_and_the_end_is_told, 0, BASE_COUNT_OF(versions));
	tcase_add_loop_test(tcase, the_name_that_was_asked_for_is_checked, 0,
			BASE_COUNT_OF(good_names));
	tcase_add_loop_test(tcase, a_check_that_fails_says_which, 0, BASE_COUNT_OF(refusals));
	tcase_add_test(tcase, a_handshake_has_its_time);
	tcase_add_test(tcase, files_are_read_for_each_connection);
	tcase_add_test(tcase, a_slow_collector_gets_every_octet);
	tcase_add_loop_test(tcase, a_collector_that_leaves_is_noticed, 0, BASE_COUNT_OF(ends));
	tcase_add_test(tcase, sending_to_nobody_is_no_signal);
	tcase_add_loop_test(tcase, files_are_judged_at_the_start, 0, BASE_COUNT_OF(files));
	tcase_add_test(tcase, what_is_not_over_tls_needs_no_files);
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_tls");
	TCase *tcase = tcase_create("tls");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}
