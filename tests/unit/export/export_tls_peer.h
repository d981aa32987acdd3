/* SPDX-License-Identifier: BSD-3-Clause */
/* A collector that speaks TLS, for one connection, in a thread of its own. */
#ifndef EXPORT_TLS_PEER_H
#define EXPORT_TLS_PEER_H

#include "export_certificates.h"
#include "export_peer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>

#define TLS_PEER_BYTES ((size_t)8 << 20)

enum tls_peer_way {
	TLS_PEER_READS, /* all there is */
	TLS_PEER_MUTE, /* takes the connection and says nothing */
	TLS_PEER_PLAIN, /* answers, but not in TLS */
	TLS_PEER_HANGS_UP, /* in the middle of the handshake */
	TLS_PEER_LEAVES, /* with a goodbye, once it is told to go on */
	TLS_PEER_RESETS, /* once it is told to go on */
	TLS_PEER_WAITS, /* with reading, until it is told to go on */
};

struct tls_peer {
	enum tls_peer_way way;
	const char *name; /* of its certificate's files */
	const char *issuer; /* of weir's certificate, which it demands; NULL: it does not */
	int version; /* the only one it speaks; 0: any */

	int listener;
	uint16_t port;
	pthread_t thread;
	atomic_bool go_on;
	bool accepted; /* the handshake */
	bool goodbye; /* weir said close_notify */
	char called[300]; /* by weir (SNI) */
	uint8_t *octets;
	size_t len;
};

static inline SSL_CTX *tls_peer_context(const struct tls_peer *peer)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	char path[CONFIG_PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s.pem", certificate_folder, peer->name);
	ck_assert_int_eq(SSL_CTX_use_certificate_chain_file(context, path), 1);
	snprintf(path, sizeof(path), "%s/%s.key", certificate_folder, peer->name);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM), 1);
	if (peer->version) {
		SSL_CTX_set_security_level(context, 0); /* so that old versions are offered */
		SSL_CTX_set_min_proto_version(context, peer->version);
		SSL_CTX_set_max_proto_version(context, peer->version);
	}
	if (peer->issuer) {
		snprintf(path, sizeof(path), "%s/%s.pem", certificate_folder, peer->issuer);
		ck_assert_int_eq(SSL_CTX_load_verify_locations(context, path, NULL), 1);
		SSL_CTX_set_verify(
				context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return context;
}

static inline void tls_peer_read(struct tls_peer *peer, SSL *session)
{
	int got;

	while ((got = SSL_read(session, peer->octets + peer->len,
				(int)(TLS_PEER_BYTES - peer->len)))
			> 0)
		peer->len += (size_t)got;
	peer->goodbye = SSL_get_error(session, got) == SSL_ERROR_ZERO_RETURN;
}

static inline void tls_peer_talk(struct tls_peer *peer, int fd)
{
	SSL_CTX *context = tls_peer_context(peer);
	struct linger reset = {.l_onoff = 1};
	SSL *session = SSL_new(context);

	SSL_set_fd(session, fd);
	peer->accepted = SSL_accept(session) == 1;
	const char *called = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
	snprintf(peer->called, sizeof(peer->called), "%s", called ? called : "");
	while (peer->accepted && peer->way >= TLS_PEER_LEAVES && !atomic_load(&peer->go_on))
		usleep(1000);
	if (peer->accepted && peer->way == TLS_PEER_LEAVES)
		SSL_shutdown(session);
	else if (peer->accepted && peer->way == TLS_PEER_RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	else if (peer->accepted)
		tls_peer_read(peer, session);
	SSL_free(session);
	SSL_CTX_free(context);
}

static inline void *tls_peer_run(void *arg)
{
	struct timeval patience = {.tv_sec = 15};
	struct tls_peer *peer = arg;
	char hello[64];
	int fd = peer_accept(peer->listener);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	switch (peer->way) {
	case TLS_PEER_MUTE:
		while (!atomic_load(&peer->go_on))
			usleep(1000);
		break;
	case TLS_PEER_PLAIN:
		ck_assert_int_eq(send(fd, "220 mail.example.net ESMTP\r\n", 28, 0), 28);
		while (recv(fd, hello, sizeof(hello), 0) > 0) {
		}
		break;
	case TLS_PEER_HANGS_UP:
		while (peer_is_readable(fd, 100) && recv(fd, hello, sizeof(hello), 0) > 0) {
		}
		break;
	default:
		tls_peer_talk(peer, fd);
	}
	close(fd);
	ERR_clear_error();
	OPENSSL_thread_stop();
	return NULL;
}

/* A port that is 0 becomes any. */
static inline void tls_peer_start(struct tls_peer *peer)
{
	signal(SIGPIPE, SIG_IGN); /* of the peer, which is not what is tested */
	peer->octets = malloc(TLS_PEER_BYTES);
	peer->listener = peer_bind("127.0.0.1", SOCK_STREAM, &peer->port);
	ck_assert_int_eq(pthread_create(&peer->thread, NULL, tls_peer_run, peer), 0);
}

static inline void tls_peer_join(struct tls_peer *peer)
{
	atomic_store(&peer->go_on, true);
	ck_assert_int_eq(pthread_join(peer->thread, NULL), 0);
	close(peer->listener);
	free(peer->octets);
}

#endif
