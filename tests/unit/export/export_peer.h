/* SPDX-License-Identifier: BSD-3-Clause */
/* Collectors of the tests' own on loopback, and a transport to them whose clock the test sets. */
#ifndef EXPORT_PEER_H
#define EXPORT_PEER_H

#include "base_clock.h"
#include "export_lookup.h"
#include "export_transport.h"

#include <check.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEER_SECOND BASE_NS_PER_SEC

/* A socket bound to HOST (127.0.0.N) and *port (0: any, filled in), listening where it can. */
static inline int peer_bind(const char *host, int type, uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(inet_pton(AF_INET, host, &address.sin_addr), 1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static inline bool peer_is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, timeout_ms) > 0;
}

static inline int peer_accept(int listener)
{
	ck_assert(peer_is_readable(listener, 5000));
	int fd = accept(listener, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* A transport as export_transport_open() makes it, but for the name servers. */
static inline void peer_open(struct export_transport *transport,
		const struct export_transport_ops *ops, const struct config_output *config)
{
	*transport = (struct export_transport){.config = *config, .fd = -1, .ops = ops};
	transport->file.stream.fd = -1;
	ck_assert_int_eq(export_target_open(&transport->target, config->collector, lookup_fake), 0);
	ck_assert_int_eq(ops->open(transport), 0);
}

/* ... of that kind, to HOST and the port. */
static inline void peer_open_to(struct export_transport *transport,
		const struct export_transport_ops *ops, struct config_output *config,
		const char *host, uint16_t port)
{
	snprintf(config->collector, sizeof(config->collector), "%s:%u", host, port);
	peer_open(transport, ops, config);
}

/* The transport's words for its error hold `part`. */
static inline void peer_expect_text(const struct export_transport *transport, const char *part)
{
	char text[EXPORT_TRANSPORT_ERROR_BYTES];

	export_transport_explain(transport, text, sizeof(text));
	ck_assert_msg(strstr(text, part) != NULL, "%s", text);
}

static inline enum export_event peer_tick(struct export_transport *transport, int64_t now_ns)
{
	return transport->ops->tick(transport, now_ns, base_clock_wall_ns());
}

/* Ticks at that time until the link is `link`; returns the last event that was one. */
static inline enum export_event peer_tick_until(
		struct export_transport *transport, int64_t now_ns, enum export_link link)
{
	enum export_event last = EXPORT_EVENT_NONE;

	for (int turn = 0; turn < 5000; turn++) {
		enum export_event event = peer_tick(transport, now_ns);
		if (event != EXPORT_EVENT_NONE)
			last = event;
		if (transport->link == link)
			break;
		usleep(1000);
	}
	ck_assert_str_eq(export_link_name(transport->link), export_link_name(link));
	return last;
}

static inline ssize_t peer_send(struct export_transport *transport, const void *octets, size_t len)
{
	struct iovec piece = {(void *)(uintptr_t)octets, len};

	return transport->ops->send(transport, &piece, 1);
}

#endif
