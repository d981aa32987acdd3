/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_connection.h"

#include "base_clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#define CONNECT_NS (10 * BASE_NS_PER_SEC)
#define BACKOFF_MAX_NS (60 * BASE_NS_PER_SEC)
/* After a look-up that found nothing: a question to name servers, not to the collector. */
#define LOOKUP_RETRY_NS (10 * BASE_NS_PER_SEC)
/* An answer to a look-up wakes nobody. */
#define LOOKUP_WAIT_NS (5 * BASE_NS_PER_MS)
/* Nothing tells when the last octet was acknowledged. */
#define END_STEP_NS (2 * BASE_NS_PER_MS)
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
	if (export_transport_is_lookup(transport->error) && delay_ns > LOOKUP_RETRY_NS)
		delay_ns = LOOKUP_RETRY_NS;
	return delay_ns + jitter(delay_ns);
}

static void hang_up(struct export_transport *transport)
{
	const struct export_connection_ops *ops = transport->ops->connection;

	if (ops->leave)
		ops->leave(transport);
	transport->greeting = false;
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
}

static void note(struct export_transport *transport, bool ended)
{
	int64_t left = transport->ops->connection->unacknowledged(transport, ended);

	if (left >= 0 && transport->acknowledged + (uint64_t)left < transport->written)
		transport->acknowledged = transport->written - (uint64_t)left;
}

void export_connection_note(struct export_transport *transport)
{
	if (transport->link == EXPORT_LINK_UP)
		note(transport, false);
}

void export_connection_drop(struct export_transport *transport, int error, int64_t now_ns)
{
	export_connection_note(transport);
	hang_up(transport);
	if (transport->link == EXPORT_LINK_UP)
		transport->failures = 0;
	transport->failures++;
	transport->link = EXPORT_LINK_DOWN;
	transport->error = error;
	transport->next_try_ns = transport->tried_ns + backoff(transport);
	if (transport->next_try_ns < now_ns)
		transport->next_try_ns = now_ns + jitter(BASE_NS_PER_SEC);
}

/* This address did not answer as it should; the next tick tries the next one. */
static void pass_on(struct export_transport *transport, int error, int64_t now_ns)
{
	hang_up(transport);
	if (!export_target_next(&transport->target))
		export_connection_drop(transport, error, now_ns);
}

static void begin(struct export_transport *transport, int64_t now_ns)
{
	const struct export_address *to = export_target_current(&transport->target);

	transport->aimed_ns = now_ns;
	transport->fd = transport->ops->connection->make(to->address.ss_family);
	if (transport->fd < 0) {
		int error = -transport->fd;
		transport->fd = -1;
		pass_on(transport, error, now_ns);
		return;
	}
	if (connect(transport->fd, (const struct sockaddr *)&to->address, to->len) != 0
			&& errno != EINPROGRESS)
		pass_on(transport, errno, now_ns);
}

/* On the way, but without a socket: what is the address? */
static void aim(struct export_transport *transport, int64_t now_ns)
{
	switch (export_target_poll(&transport->target, now_ns)) {
	case EXPORT_TARGET_WAITING:
		return;
	case EXPORT_TARGET_UNKNOWN:
		transport->error = EXPORT_ERROR_LOOKUP - transport->target.error;
		export_connection_drop(transport, transport->error, now_ns);
		return;
	case EXPORT_TARGET_KNOWN:
		begin(transport, now_ns);
		return;
	}
}

static void start(struct export_transport *transport, int64_t now_ns)
{
	transport->tried_ns = now_ns;
	transport->link = EXPORT_LINK_CONNECTING;
	transport->target.current = 0;
	export_target_ask(&transport->target, now_ns);
	aim(transport, now_ns);
}

int export_connection_open(struct export_transport *transport)
{
	start(transport, base_clock_mono_ns());
	return 0;
}

static bool is_writable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

	return poll(&poll_fd, 1, 0) > 0;
}

/* 0 once the socket is connected, -EAGAIN, or an error. */
static int ask_socket(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (!is_writable(fd))
		return -EAGAIN;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

static enum export_event finish_connect(struct export_transport *transport, int64_t now_ns)
{
	const struct export_connection_ops *ops = transport->ops->connection;
	int state = transport->greeting ? 0 : ask_socket(transport->fd);

	if (state == 0 && ops->greet) {
		if (!transport->greeting)
			transport->aimed_ns = now_ns;
		transport->greeting = true;
		state = ops->greet(transport, now_ns);
	}
	if (state == -EAGAIN) {
		if (now_ns - transport->aimed_ns > CONNECT_NS)
			pass_on(transport, transport->greeting ? EPROTO : ETIMEDOUT, now_ns);
		return EXPORT_EVENT_NONE;
	}
	if (state != 0) {
		pass_on(transport, state, now_ns);
		return EXPORT_EVENT_NONE;
	}
	transport->link = EXPORT_LINK_UP;
	transport->error = 0;
	transport->sessions++;
	return EXPORT_EVENT_SESSION;
}

enum export_event export_connection_tick(
		struct export_transport *transport, int64_t now_ns, int64_t wall_ns)
{
	(void)wall_ns;
	if (transport->link == EXPORT_LINK_UP) {
		int error = transport->ops->connection->listen(transport);
		export_connection_note(transport);
		if (error != 0)
			export_connection_drop(transport, error, now_ns);
		return EXPORT_EVENT_NONE;
	}
	if (transport->link == EXPORT_LINK_DOWN && now_ns >= transport->next_try_ns)
		start(transport, now_ns);
	else if (transport->link == EXPORT_LINK_CONNECTING && transport->fd < 0)
		aim(transport, now_ns);
	return transport->fd >= 0 ? finish_connect(transport, now_ns) : EXPORT_EVENT_NONE;
}

int export_connection_fail_send(struct export_transport *transport, int error)
{
	if (error == EAGAIN || error == ENOBUFS || error == ENOMEM)
		return -EAGAIN;
	export_connection_drop(transport, error, base_clock_mono_ns());
	return -error;
}

void export_connection_wait(struct export_transport *transport, int64_t timeout_ns)
{
	struct pollfd poll_fd = {.fd = transport->fd,
			.events = transport->events ? transport->events : POLLOUT};
	bool looks_up = transport->fd < 0 && transport->link == EXPORT_LINK_CONNECTING;

	if (looks_up && timeout_ns > LOOKUP_WAIT_NS)
		timeout_ns = LOOKUP_WAIT_NS;
	struct timespec timeout = {timeout_ns / BASE_NS_PER_SEC, timeout_ns % BASE_NS_PER_SEC};
	ppoll(&poll_fd, transport->fd >= 0, &timeout, NULL);
}

/* Until the collector closes too, or has acknowledged all. */
static void await_end(struct export_transport *transport, int64_t deadline_ns)
{
	const struct export_connection_ops *ops = transport->ops->connection;
	struct pollfd poll_fd = {.fd = transport->fd, .events = POLLIN};
	struct timespec step = {.tv_nsec = END_STEP_NS};
	char unread[512];

	while (ops->unacknowledged(transport, true) != 0 && base_clock_mono_ns() < deadline_ns) {
		if (ppoll(&poll_fd, 1, &step, NULL) > 0
				&& recv(transport->fd, unread, sizeof(unread), MSG_DONTWAIT) <= 0)
			break;
	}
	note(transport, true);
	/* what is left unread would make the end a reset */
	while (recv(transport->fd, unread, sizeof(unread), MSG_DONTWAIT) > 0) {
	}
}

void export_connection_close(struct export_transport *transport, int64_t deadline_ns)
{
	const struct export_connection_ops *ops = transport->ops->connection;

	if (transport->link == EXPORT_LINK_UP) {
		if (ops->end)
			ops->end(transport);
		if (shutdown(transport->fd, SHUT_WR) == 0)
			await_end(transport, deadline_ns);
		else
			note(transport, false);
	}
	hang_up(transport);
}
