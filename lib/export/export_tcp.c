/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_connection.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>

/* Octets that nobody acknowledges for so long end the connection. */
#define USER_TIMEOUT_MS 30000u

int export_tcp_make(int family)
{
	unsigned int user_timeout = USER_TIMEOUT_MS;
	int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof(user_timeout));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return fd;
}

/* Collectors say nothing; what comes is thrown away, and an end is the end. */
int export_tcp_listen(struct export_transport *transport)
{
	char unread[512];
	ssize_t got = recv(transport->fd, unread, sizeof(unread), MSG_DONTWAIT);

	if (got == 0)
		return EPIPE;
	return got < 0 && errno != EAGAIN && errno != EINTR ? errno : 0;
}

/* The end (FIN) has a number like an octet; it is the last to be acknowledged. */
int64_t export_tcp_unacknowledged(const struct export_transport *transport, bool ended)
{
	int octets;

	if (ioctl(transport->fd, SIOCOUTQ, &octets) != 0)
		return -1;
	return ended && octets > 0 ? octets - 1 : octets;
}

static ssize_t send_tcp(
		struct export_transport *transport, const struct iovec *pieces, unsigned int count)
{
	struct iovec copies[EXPORT_TRANSPORT_PIECES];
	struct msghdr message = {.msg_iov = copies, .msg_iovlen = count};
	ssize_t sent;

	memcpy(copies, pieces, count * sizeof(*copies));
	do {
		sent = sendmsg(transport->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return export_connection_fail_send(transport, errno);
	transport->written += (uint64_t)sent;
	return sent;
}

static const struct export_connection_ops connection = {
		.make = export_tcp_make,
		.listen = export_tcp_listen,
		.unacknowledged = export_tcp_unacknowledged,
};

const struct export_transport_ops export_tcp_ops = {
		.connection = &connection,
		.open = export_connection_open,
		.tick = export_connection_tick,
		.send = send_tcp,
		.wait = export_connection_wait,
		.close = export_connection_close,
};
