/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection at a time to a collector, for the transports that have them. It is made without
 * waiting, to each address of the collector in turn; when all fail, the next attempt comes `retry`
 * later at the earliest (RFC 7011, section 10.4.5), and a random part more, so that exporters which
 * lost the same collector do not come back as one.
 */
#ifndef EXPORT_CONNECTION_H
#define EXPORT_CONNECTION_H

#include "export_transport.h"

/* What a transport does its own way. */
struct export_connection_ops {
	/* A non-blocking socket, or -errno. */
	int (*make)(int family);
	/*
	 * What is left to do once the socket is connected: 0 when all is, -EAGAIN when it wants
	 * another try, else an error. NULL: nothing.
	 */
	int (*greet)(struct export_transport *transport, int64_t now_ns);
	/* Takes in what the collector says. 0, or the error that ends the connection. */
	int (*listen)(struct export_transport *transport);
	/*
	 * Octets that the kernel holds because the collector's host did not acknowledge them: no
	 * fewer than these. -1: nobody knows any more. `ended`: the end of the stream may be one.
	 */
	int64_t (*unacknowledged)(const struct export_transport *transport, bool ended);
	/* Says that no more will come. NULL: the socket's own end says it. */
	void (*end)(struct export_transport *transport);
	/* The socket is about to be closed. NULL: nothing to free. */
	void (*leave)(struct export_transport *transport);
};

/* The parts of struct export_transport_ops; `connection` of those is not NULL. */
int export_connection_open(struct export_transport *transport) BASE_MUST_CHECK;
enum export_event export_connection_tick(
		struct export_transport *transport, int64_t now_ns, int64_t wall_ns);
void export_connection_wait(struct export_transport *transport, int64_t timeout_ns);
/* Tells the end, and gives the collector time to take what the kernel still holds. */
void export_connection_close(struct export_transport *transport, int64_t deadline_ns);

/* Brings transport->acknowledged up to date. */
void export_connection_note(struct export_transport *transport);
/* The connection, or the attempt, is over. */
void export_connection_drop(struct export_transport *transport, int error, int64_t now_ns);
/* A socket of TCP, that ends when nobody acknowledges for some time. */
int export_tcp_make(int family);
/* listen() of a socket that has no layer above it. */
int export_tcp_listen(struct export_transport *transport);
int64_t export_tcp_unacknowledged(const struct export_transport *transport, bool ended);

/* Has this kernel SCTP? 0, or -EPROTONOSUPPORT with "cause; cure" in cause[bytes]. */
int export_sctp_check(char *cause, size_t bytes) BASE_MUST_CHECK;

/* What to return from send() after a failed system call: -EAGAIN, or the connection is dropped. */
int export_connection_fail_send(struct export_transport *transport, int error);

#endif
