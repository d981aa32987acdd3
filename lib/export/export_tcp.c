/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection at a time to a collector. It is made without waiting; when it fails, the next
 * attempt comes `retry` later at the earliest (RFC 7011, section 10.4.5), and a random part more,
 * so that exporters which lost the same collector do not come back as one.
 */
#include "base_clock.h"
#include "export_transport.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CONNECT_NS (10 * BASE_NS_PER_SEC)
/* Octets that nobody acknowledges for so long end the connection. */
#define USER_TIMEOUT_MS 30000u
#define BACKOFF_MAX_NS (60 * BASE_NS_PER_SEC)
/* The random part: up to a quarter more. */
#define JITTER_DIVISOR 4

static int64_t jitter(int64_t delay_ns)
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = (uint64_t)base_clock_mono_ns();
	return (int64_t)(random % (uint64_t)(delay_ns / JITTER_DIVISOR + 1));
}

static int64_t backoff(const struct export_transport *transport)
{
	int64_t delay_ns = transport->config.retry_ns;

	for (unsigned int i = 1; i < transport->failures && delay_ns < BACKOFF_MAX_NS; i++)
		delay_ns *= 2;
	if (delay_ns > BACKOFF_MAX_NS && transport->config.retry_ns < BACKOFF_MAX_NS)
		delay_ns = BACKOFF_MAX_NS;
	return delay_ns + jitter(delay_ns);
}

static void drop(struct export_transport *transport, int error, int64_t now_ns)
{
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
	if (transport->link == EXPORT_LINK_UP)
		transport->failures = 0;
	transport->failures++;
	transport->link = EXPORT_LINK_DOWN;
	transport->error = error;
	transport->next_try_ns = transport->tried_ns + backoff(transport);
	if (transport->next_try_ns < now_ns)
		transport->next_try_ns = now_ns + jitter(BASE_NS_PER_SEC);
}

static void begin(struct export_transport *transport, int64_t now_ns)
{
	unsigned int user_timeout = USER_TIMEOUT_MS;
	int on = 1;

	transport->tried_ns = now_ns;
	transport->fd = socket(transport->address.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (transport->fd < 0) {
		drop(transport, errno, now_ns);
		return;
	}
	setsockopt(transport->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
			sizeof(user_timeout));
	setsockopt(transport->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	transport->link = EXPORT_LINK_CONNECTING;
	if (connect(transport->fd, (const struct sockaddr *)&transport->address,
			    transport->address_len)
					!= 0
			&& errno != EINPROGRESS)
		drop(transport, errno, now_ns);
}

static int open_tcp(struct export_transport *transport)
{
	begin(transport, base_clock_mono_ns());
	return 0;
}

static bool is_writable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

	return poll(&poll_fd, 1, 0) > 0;
}

static enum export_event finish_connect(struct export_transport *transport, int64_t now_ns)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (!is_writable(transport->fd)) {
		if (now_ns - transport->tried_ns > CONNECT_NS)
			drop(transport, ETIMEDOUT, now_ns);
		return EXPORT_EVENT_NONE;
	}
	getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0) {
		drop(transport, error, now_ns);
		return EXPORT_EVENT_NONE;
	}
	transport->link = EXPORT_LINK_UP;
	transport->error = 0;
	transport->sessions++;
	return EXPORT_EVENT_SESSION;
}

/* Collectors say nothing; what comes is thrown away, and an end is the end. */
static void listen_to(struct export_transport *transport, int64_t now_ns)
{
	char unread[512];
	ssize_t got = recv(transport->fd, unread, sizeof(unread), MSG_DONTWAIT);

	if (got == 0)
		drop(transport, EPIPE, now_ns);
	else if (got < 0 && errno != EAGAIN && errno != EINTR)
		drop(transport, errno, now_ns);
}

static enum export_event tick_tcp(
		struct export_transport *transport, int64_t now_ns, int64_t wall_ns)
{
	(void)wall_ns;
	if (transport->link == EXPORT_LINK_UP)
		listen_to(transport, now_ns);
	if (transport->link == EXPORT_LINK_DOWN && now_ns >= transport->next_try_ns)
		begin(transport, now_ns);
	return transport->link == EXPORT_LINK_CONNECTING ? finish_connect(transport, now_ns)
							 : EXPORT_EVENT_NONE;
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
	if (sent >= 0)
		return sent;
	int error = errno;
	if (error == EAGAIN || error == ENOBUFS || error == ENOMEM)
		return -EAGAIN;
	drop(transport, error, base_clock_mono_ns());
	return -error;
}

static void wait_tcp(struct export_transport *transport, int64_t timeout_ns)
{
	struct pollfd poll_fd = {.fd = transport->fd, .events = POLLOUT};
	struct timespec timeout = {timeout_ns / BASE_NS_PER_SEC, timeout_ns % BASE_NS_PER_SEC};

	ppoll(&poll_fd, transport->fd >= 0, &timeout, NULL);
}

/* The end is told, and the collector is given time to take what the kernel still holds. */
static void close_tcp(struct export_transport *transport, int64_t deadline_ns)
{
	struct pollfd poll_fd = {.fd = transport->fd, .events = POLLIN};
	char unread[512];

	if (transport->fd < 0)
		return;
	if (transport->link == EXPORT_LINK_UP && shutdown(transport->fd, SHUT_WR) == 0) {
		int64_t left_ns;
		while ((left_ns = deadline_ns - base_clock_mono_ns()) > 0) {
			int64_t left_ms = left_ns / BASE_NS_PER_MS + 1;
			if (poll(&poll_fd, 1, left_ms < 1000 ? (int)left_ms : 1000) > 0
					&& recv(transport->fd, unread, sizeof(unread), 0) <= 0)
				break;
		}
	}
	close(transport->fd);
	transport->fd = -1;
}

const struct export_transport_ops export_tcp_ops = {
		.open = open_tcp,
		.tick = tick_tcp,
		.send = send_tcp,
		.wait = wait_tcp,
		.close = close_tcp,
};
