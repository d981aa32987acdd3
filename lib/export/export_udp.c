/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams from a connected socket. A message counts as sent when the kernel took it: what happens
 * then is seen by the collector alone, in the sequence numbers. But when the collector's host
 * answers that nobody listens (ECONNREFUSED, which belongs to a datagram before), data waits, and
 * templates are sent now and then to see whether somebody is there again.
 */
#include "base_clock.h"
#include "export_transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define RETRY_NS BASE_NS_PER_SEC
/* A probe is believed when no refusal came back for so long: a round trip and then some. */
#define PROBE_NS BASE_NS_PER_SEC
/* ENOBUFS: poll() says nothing about it */
#define NO_BUFFER_NS BASE_NS_PER_MS
/* Names are looked up again, for collectors that move; sooner when nothing is known. */
#define LOOKUP_NS (300 * BASE_NS_PER_SEC)
#define LOOKUP_RETRY_NS (10 * BASE_NS_PER_SEC)
#define LOOKUP_WAIT_NS (5 * BASE_NS_PER_MS)

/* Never fragments: a message that is too long for the path is an error that names its cure. */
static void forbid_fragments(int fd, int family)
{
	int v4 = IP_PMTUDISC_DO, v6 = IPV6_PMTUDISC_DO;

	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
}

static int connect_udp(struct export_transport *transport)
{
	const struct export_address *to = export_target_current(&transport->target);
	int fd = socket(to->address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to->address, to->len) != 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	transport->fd = fd;
	forbid_fragments(fd, to->address.ss_family);
	return 0;
}

/* A socket of its own is a session of its own. */
static void hang_up(struct export_transport *transport)
{
	if (transport->fd >= 0)
		close(transport->fd);
	transport->fd = -1;
}

static enum export_event try_connect(struct export_transport *transport, int64_t now_ns)
{
	int error = connect_udp(transport);

	if (error < 0) {
		transport->link = EXPORT_LINK_DOWN;
		transport->error = -error;
		if (!export_target_next(&transport->target))
			transport->next_try_ns = now_ns + RETRY_NS;
		return EXPORT_EVENT_NONE;
	}
	/* after a refusal, whether by this address or another, templates go ahead */
	bool probes = transport->failures > 0;
	transport->link = probes ? EXPORT_LINK_PROBING : EXPORT_LINK_UP;
	transport->next_try_ns = now_ns + (probes ? PROBE_NS : 0);
	if (!probes)
		transport->error = 0;
	transport->sessions++;
	return EXPORT_EVENT_SESSION;
}

static int open_udp(struct export_transport *transport)
{
	export_pace_init(&transport->pace, transport->config.pace);
	/* the first tick connects: a route may come later */
	transport->link = EXPORT_LINK_CONNECTING;
	export_target_ask(&transport->target, base_clock_mono_ns());
	return 0;
}

static void refuse(struct export_transport *transport, int error)
{
	transport->link = EXPORT_LINK_DOWN;
	transport->error = error;
	transport->failures++;
	transport->next_try_ns = base_clock_mono_ns() + RETRY_NS;
	if (transport->target.addresses.count < 2)
		return;
	hang_up(transport);
	if (export_target_next(&transport->target))
		transport->next_try_ns = 0;
}

/* False when there is no address to send to, yet. */
static bool look_up(struct export_transport *transport, int64_t now_ns)
{
	struct export_target *target = &transport->target;
	const struct export_address before = *export_target_current(target);

	if (!target->resolver)
		return true;
	int64_t every_ns = target->addresses.count > 0 ? LOOKUP_NS : LOOKUP_RETRY_NS;
	if (now_ns - target->asked_ns >= every_ns)
		export_target_ask(target, now_ns);
	enum export_target_state state = export_target_poll(target, now_ns);
	if (target->addresses.count == 0) {
		bool waits = state == EXPORT_TARGET_WAITING;
		transport->link = waits ? EXPORT_LINK_CONNECTING : EXPORT_LINK_DOWN;
		if (!waits)
			transport->error = EXPORT_ERROR_LOOKUP - target->error;
		return false;
	}
	const struct export_address *now = export_target_current(target);
	if (transport->fd >= 0
			&& (before.len != now->len
					|| memcmp(&before.address, &now->address, now->len) != 0)) {
		hang_up(transport);
		transport->next_try_ns = 0;
		transport->link = EXPORT_LINK_DOWN;
	}
	return true;
}

/* An answer that came in since the last look; 0: none. */
static int take_error(const struct export_transport *transport)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* As the kernel knows it now: it forgets what routers told it some minutes ago. */
static bool is_path_wide(const struct export_transport *transport)
{
	bool v4 = export_target_current(&transport->target)->address.ss_family == AF_INET;
	size_t headers = sizeof(struct udphdr)
			+ (v4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr));
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	return getsockopt(transport->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU,
			       &mtu, &len)
			== 0
			&& transport->too_long + headers <= (size_t)mtu;
}

static enum export_event tick_udp(
		struct export_transport *transport, int64_t now_ns, int64_t wall_ns)
{
	(void)wall_ns;
	if (!look_up(transport, now_ns))
		return EXPORT_EVENT_NONE;
	if (transport->link != EXPORT_LINK_UP && now_ns < transport->next_try_ns)
		return EXPORT_EVENT_NONE;
	if (transport->fd < 0)
		return try_connect(transport, now_ns);
	int error = take_error(transport);
	if (error == EMSGSIZE)
		error = 0; /* news of the path's size: the next send says what it means */
	switch (transport->link) {
	case EXPORT_LINK_DOWN:
		transport->link = EXPORT_LINK_PROBING;
		transport->next_try_ns = now_ns + PROBE_NS;
		return EXPORT_EVENT_REPEAT;
	case EXPORT_LINK_PROBING:
		if (error != 0) {
			refuse(transport, error);
			break;
		}
		transport->link = EXPORT_LINK_UP;
		transport->error = 0;
		transport->failures = 0;
		break;
	default:
		if (error != 0)
			refuse(transport, error);
		/* of a group another output gets the records, so none will show it */
		else if (transport->error == EMSGSIZE && is_path_wide(transport))
			transport->error = 0;
		break;
	}
	return EXPORT_EVENT_NONE;
}

/* Sends each piece as one datagram; how many were taken, or -errno when none. */
static int send_pieces(int fd, const struct iovec *pieces, unsigned int count)
{
	struct mmsghdr headers[EXPORT_TRANSPORT_PIECES];
	struct iovec copies[EXPORT_TRANSPORT_PIECES];
	int sent;

	memcpy(copies, pieces, count * sizeof(*copies));
	memset(headers, 0, count * sizeof(*headers));
	for (unsigned int i = 0; i < count; i++)
		headers[i].msg_hdr = (struct msghdr){.msg_iov = &copies[i], .msg_iovlen = 1};
	do {
		sent = sendmmsg(fd, headers, count, MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

/* Shorter messages pass: only one as long says that the path has become wider. */
static bool is_path_narrow(
		const struct export_transport *transport, const struct iovec *pieces, int sent)
{
	for (int i = 0; i < sent; i++) {
		if (pieces[i].iov_len >= transport->too_long)
			return false;
	}
	return transport->error == EMSGSIZE;
}

static ssize_t send_udp(
		struct export_transport *transport, const struct iovec *pieces, unsigned int count)
{
	ssize_t octets = 0;

	count = export_pace_allow(&transport->pace, base_clock_mono_ns(), count);
	if (count == 0)
		return -EAGAIN;
	int sent = send_pieces(transport->fd, pieces, count);

	switch (sent < 0 ? -sent : 0) {
	case 0:
		export_pace_took(&transport->pace, (unsigned int)sent);
		for (int i = 0; i < sent; i++)
			octets += (ssize_t)pieces[i].iov_len;
		if (transport->link == EXPORT_LINK_UP && !is_path_narrow(transport, pieces, sent))
			transport->error = 0;
		return octets;
	case EAGAIN:
		return -EAGAIN;
	case ENOBUFS:
	case ENOMEM:
		transport->error = ENOBUFS;
		return -EAGAIN;
	case EMSGSIZE:
		transport->error = EMSGSIZE;
		transport->too_long = pieces[0].iov_len;
		return -EMSGSIZE;
	default:
		refuse(transport, -sent);
		return sent;
	}
}

static void wait_udp(struct export_transport *transport, int64_t timeout_ns)
{
	struct pollfd poll_fd = {.fd = transport->fd, .events = POLLOUT};
	int64_t pace_ns = export_pace_wait_ns(&transport->pace, base_clock_mono_ns());

	if (transport->link == EXPORT_LINK_CONNECTING && timeout_ns > LOOKUP_WAIT_NS)
		timeout_ns = LOOKUP_WAIT_NS;
	if (transport->error == ENOBUFS)
		timeout_ns = NO_BUFFER_NS;
	if (pace_ns > 0 && pace_ns < timeout_ns)
		timeout_ns = pace_ns;
	struct timespec timeout = {timeout_ns / BASE_NS_PER_SEC, timeout_ns % BASE_NS_PER_SEC};
	/* a probe, and a pace, want time, not room */
	ppoll(&poll_fd, transport->link == EXPORT_LINK_UP && pace_ns == 0, &timeout, NULL);
}

static void close_udp(struct export_transport *transport, int64_t deadline_ns)
{
	(void)deadline_ns;
	hang_up(transport);
}

const struct export_transport_ops export_udp_ops = {
		.datagrams = true,
		.open = open_udp,
		.tick = tick_udp,
		.send = send_udp,
		.wait = wait_udp,
		.close = close_udp,
};
