/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TLS over a connection of TCP. OpenSSL writes to the socket through a BIO of weir's own, which
 * neither waits nor raises SIGPIPE and counts what the kernel took.
 *
 *     TCP is there -> handshake -> (TLS 1.3: accepted?) -> UP
 *
 * In TLS 1.3 the client is done before the collector has seen its certificate. So a connection is
 * believed when the collector's first ticket came, which follows that check, or when for a while
 * no alert did.
 *
 * All files are read anew for each connection, so certificates can be renewed under way.
 */
#include "base_clock.h"
#include "export_connection.h"
#include "export_tls_error.h"
#include "export_tls_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCEPTED_NS BASE_NS_PER_SEC
/* What a collector says in a tick at most: alerts, tickets, keys. */
#define READS_MAX 8

struct export_tls {
	struct export_transport *transport;
	SSL_CTX *context;
	SSL *session;
	int system_error; /* errno of the last call that failed */
	bool ended; /* the collector closed its side */
	bool ticket; /* it sent one */
	int64_t finished_ns; /* the handshake; 0: not yet */
	struct export_tls_refusal refusal;
	char expected[CONFIG_COLLECTOR_BYTES];
};

static BIO_METHOD *socket_method;

static int write_socket(BIO *bio, const char *octets, int len)
{
	struct export_tls *tls = BIO_get_data(bio);
	ssize_t sent = send(tls->transport->fd, octets, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (sent >= 0) {
		tls->transport->written += (uint64_t)sent;
		return (int)sent;
	}
	tls->system_error = errno;
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM)
		BIO_set_retry_write(bio);
	return -1;
}

static int read_socket(BIO *bio, char *octets, int len)
{
	struct export_tls *tls = BIO_get_data(bio);
	ssize_t got = recv(tls->transport->fd, octets, (size_t)len, MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (got >= 0) {
		tls->ended = got == 0;
		return (int)got;
	}
	tls->system_error = errno;
	if (errno == EAGAIN || errno == EINTR)
		BIO_set_retry_read(bio);
	return -1;
}

static long control_socket(BIO *bio, int command, long number, void *pointer)
{
	const struct export_tls *tls = BIO_get_data(bio);

	(void)number, (void)pointer;
	if (command == BIO_CTRL_EOF)
		return tls->ended;
	return command == BIO_CTRL_FLUSH;
}

static void make_method(void)
{
	socket_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir socket");
	if (!socket_method)
		return;
	BIO_meth_set_write(socket_method, write_socket);
	BIO_meth_set_read(socket_method, read_socket);
	BIO_meth_set_ctrl(socket_method, control_socket);
}

static BIO *make_bio(struct export_tls *tls)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_method);
	BIO *bio = socket_method ? BIO_new(socket_method) : NULL;
	if (bio) {
		BIO_set_data(bio, tls);
		BIO_set_init(bio, 1);
	}
	return bio;
}

/* Notes which certificate failed, for words about it. */
static int note_refusal(int good, X509_STORE_CTX *store)
{
	const SSL *session =
			X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct export_tls *tls = SSL_get_app_data(session);
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);

	if (good || tls->refusal.code != X509_V_OK)
		return good;
	if (certificate && X509_up_ref(certificate)) {
		tls->refusal.certificate = certificate;
		tls->refusal.code = X509_STORE_CTX_get_error(store);
	}
	return good;
}

static int note_ticket(SSL *session, SSL_SESSION *ticket)
{
	struct export_tls *tls = SSL_get_app_data(session);

	(void)ticket;
	tls->ticket = true;
	return 0; /* not kept: each connection is checked in full */
}

/* The host of `collector`, or server_name. */
static void name_expected(struct export_tls *tls)
{
	const struct config_output *config = &tls->transport->config;
	size_t len = strlen(config->collector);

	if (config->server_name[0]) {
		memcpy(tls->expected, config->server_name, sizeof(tls->expected));
	} else {
		memcpy(tls->expected, config->collector, sizeof(tls->expected));
		char *colon = strrchr(tls->expected, ':');
		if (colon)
			*colon = '\0';
		len = strlen(tls->expected);
		if (tls->expected[0] == '[') {
			tls->expected[len - 1] = '\0';
			memmove(tls->expected, tls->expected + 1, len - 1);
		}
	}
	len = strlen(tls->expected);
	if (len > 1 && tls->expected[len - 1] == '.') /* the root is in no certificate */
		tls->expected[len - 1] = '\0';
	tls->refusal.expected = tls->expected;
}

static bool expect_name(struct export_tls *tls)
{
	X509_VERIFY_PARAM *parameters = SSL_get0_param(tls->session);

	name_expected(tls);
	if (X509_VERIFY_PARAM_set1_ip_asc(parameters, tls->expected) == 1)
		return true;
	ERR_clear_error();
	X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(tls->session, tls->expected) == 1
			&& SSL_set_tlsext_host_name(tls->session, tls->expected) == 1;
}

static void leave_tls(struct export_transport *transport)
{
	struct export_tls *tls = transport->tls;

	if (!tls)
		return;
	X509_free(tls->refusal.certificate);
	SSL_free(tls->session);
	SSL_CTX_free(tls->context);
	free(tls);
	transport->tls = NULL;
	transport->events = 0;
}

static int fail_files(struct export_transport *transport)
{
	leave_tls(transport);
	return export_transport_told(transport);
}

static int begin_tls(struct export_transport *transport)
{
	struct export_tls *tls = calloc(1, sizeof(*tls));

	transport->tls = tls;
	if (!tls)
		return ENOMEM;
	tls->transport = transport;
	if (export_tls_files_load(&tls->context, &transport->config, transport->cause,
			    sizeof(transport->cause))
			< 0)
		return fail_files(transport);
	SSL_CTX_set_session_cache_mode(
			tls->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(tls->context, note_ticket);
	tls->session = SSL_new(tls->context);
	BIO *bio = tls->session ? make_bio(tls) : NULL;
	if (!bio) {
		leave_tls(transport);
		return ENOMEM;
	}
	SSL_set_bio(tls->session, bio, bio);
	SSL_set_app_data(tls->session, tls);
	SSL_set_verify(tls->session, SSL_VERIFY_PEER, note_refusal);
	if (expect_name(tls))
		return 0;
	snprintf(transport->cause, sizeof(transport->cause),
			"\"%s\" can be no name in a certificate; set server_name", tls->expected);
	return fail_files(transport);
}

/* What to do after a call that did not succeed: 0 to try again, or an error. */
static int judge(struct export_transport *transport, int result)
{
	struct export_tls *tls = transport->tls;
	int status = SSL_get_error(tls->session, result);

	if (status == SSL_ERROR_WANT_READ || status == SSL_ERROR_WANT_WRITE) {
		transport->events = status == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	export_tls_explain(&tls->refusal, status, tls->ended ? 0 : tls->system_error,
			tls->finished_ns == 0, transport->cause, sizeof(transport->cause));
	return export_transport_told(transport);
}

/* Takes in what the collector says. 0, or an error: also that it said goodbye. */
static int listen_tls(struct export_transport *transport)
{
	short events = transport->events;
	char unread[512];

	for (int turn = 0; turn < READS_MAX; turn++) {
		ERR_clear_error();
		int got = SSL_read(transport->tls->session, unread, sizeof(unread));
		if (got > 0)
			continue;
		int error = judge(transport, got);
		if (error != 0)
			return error;
		break;
	}
	transport->events = events;
	return 0;
}

static int greet_tls(struct export_transport *transport, int64_t now_ns)
{
	if (!transport->tls) {
		int error = begin_tls(transport);
		if (error != 0)
			return error;
	}
	struct export_tls *tls = transport->tls;
	if (tls->finished_ns == 0) {
		ERR_clear_error();
		int result = SSL_connect(tls->session);
		if (result != 1) {
			int error = judge(transport, result);
			return error != 0 ? error : -EAGAIN;
		}
		tls->finished_ns = now_ns;
		transport->events = POLLIN;
	}
	if (SSL_version(tls->session) >= TLS1_3_VERSION) {
		int error = listen_tls(transport);
		if (error != 0)
			return error;
		if (!tls->ticket && now_ns - tls->finished_ns < ACCEPTED_NS)
			return -EAGAIN;
	}
	transport->events = POLLOUT;
	return 0;
}

static ssize_t send_tls(
		struct export_transport *transport, const struct iovec *pieces, unsigned int count)
{
	(void)count; /* 1 */
	ERR_clear_error();
	int sent = SSL_write(transport->tls->session, pieces->iov_base, (int)pieces->iov_len);
	if (sent > 0)
		return sent;
	int error = judge(transport, sent);
	if (error == 0)
		return -EAGAIN;
	export_connection_drop(transport, error, base_clock_mono_ns());
	return -error;
}

/* Says goodbye (close_notify), so that the collector knows that nothing was cut off. */
static void end_tls(struct export_transport *transport)
{
	ERR_clear_error();
	SSL_shutdown(transport->tls->session);
	ERR_clear_error();
}

static int open_tls(struct export_transport *transport)
{
	SSL_CTX *context;
	int error = export_tls_files_load(
			&context, &transport->config, transport->cause, sizeof(transport->cause));

	if (error < 0)
		return -export_transport_told(transport);
	SSL_CTX_free(context);
	return export_connection_open(transport);
}

static const struct export_connection_ops connection = {
		.make = export_tcp_make,
		.greet = greet_tls,
		.listen = listen_tls,
		.unacknowledged = export_tcp_unacknowledged,
		.end = end_tls,
		.leave = leave_tls,
};

const struct export_transport_ops export_tls_ops = {
		.single = true,
		.connection = &connection,
		.open = open_tls,
		.tick = export_connection_tick,
		.send = send_tls,
		.wait = export_connection_wait,
		.close = export_connection_close,
};
