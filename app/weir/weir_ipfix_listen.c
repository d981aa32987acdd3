/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir ipfix check PORT: a collector that keeps nothing. UDP and TCP on the same port number of
 * each address, one thread, one poll loop; each connection has a slot.
 */
#include "base_clock.h"
#include "base_units.h"
#include "weir_ipfix.h"
#include "weir_ipfix_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES 65536
#define DATAGRAMS_A_TURN 256
#define READS_A_TURN 4
#define REFRESH_NS BASE_NS_PER_SEC

struct connection {
	int fd; /* -1: free */
	struct collect_session *session;
};

struct listener {
	struct weir_ipfix *ipfix;
	struct weir_ipfix_sockets sockets;
	struct connection connections[COLLECT_SESSIONS_MAX];
	struct pollfd polls[WEIR_IPFIX_SOCKETS_MAX + COLLECT_SESSIONS_MAX];
	uint32_t dropped[WEIR_IPFIX_SOCKETS_MAX]; /* by the kernel, as each socket said last */
	int64_t began_ns;
	int64_t drawn_ns; /* when the line of progress was drawn last */
	bool draws;
	uint8_t octets[BUFFER_BYTES];
};

static bool is_over(const struct listener *listener)
{
	const struct weir_ipfix_options *options = &listener->ipfix->options;

	/* relaxed: the flag carries nothing but itself */
	if (atomic_load_explicit(listener->ipfix->stop, memory_order_relaxed))
		return true;
	if (options->limit_ns > 0 && base_clock_mono_ns() - listener->began_ns >= options->limit_ns)
		return true;
	return weir_ipfix_is_enough(listener->ipfix);
}

/* An IPv4 peer of an IPv6 socket is an IPv4 peer. */
static void read_address(const struct sockaddr_storage *from, union packet_address *address,
		uint16_t *port, uint8_t *ip_version)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

	*address = (union packet_address){.words_be = {0}};
	*ip_version = 4;
	if (from->ss_family == AF_INET) {
		address->ipv4_be = in->sin_addr.s_addr;
		*port = ntohs(in->sin_port);
		return;
	}
	*port = ntohs(in6->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(address->octets, in6->sin6_addr.s6_addr + 12, 4);
		return;
	}
	memcpy(address->octets, in6->sin6_addr.s6_addr, 16);
	*ip_version = 6;
}

static struct collect_session *find_session(struct listener *listener, int fd,
		const struct sockaddr_storage *peer, enum collect_transport transport)
{
	struct collect_endpoints endpoints = {.transport = (uint8_t)transport};
	const struct collect_arrival arrival = {.received_ns = base_clock_wall_ns()};
	struct sockaddr_storage own = {0};
	socklen_t length = sizeof(own);
	uint8_t ip_version;

	read_address(peer, &endpoints.source, &endpoints.source_port, &endpoints.ip_version);
	if (getsockname(fd, (struct sockaddr *)&own, &length) == 0)
		read_address(&own, &endpoints.destination, &endpoints.destination_port,
				&ip_version);
	return collect_open(listener->ipfix->collect, &endpoints, &arrival);
}

/* The kernel counts, in 32 bits, what found no room in the socket. */
static void note_dropped(struct listener *listener, unsigned int index, struct msghdr *message)
{
	for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one)) {
		uint32_t dropped;
		if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&dropped, CMSG_DATA(one), sizeof(dropped));
		listener->ipfix->kernel_dropped += dropped - listener->dropped[index];
		listener->dropped[index] = dropped;
	}
}

/* False when none is there. */
static bool take_datagram(struct listener *listener, unsigned int index)
{
	int fd = listener->sockets.list[index].fd;
	struct sockaddr_storage peer = {0};
	struct iovec octets = {listener->octets, sizeof(listener->octets)};
	char control[64];
	struct msghdr message = {.msg_name = &peer,
			.msg_namelen = sizeof(peer),
			.msg_iov = &octets,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
	ssize_t bytes = recvmsg(fd, &message, MSG_DONTWAIT);

	if (bytes < 0)
		return false;
	note_dropped(listener, index, &message);
	struct collect_session *session = find_session(listener, fd, &peer, COLLECT_UDP);
	const struct collect_arrival arrival = {.received_ns = base_clock_wall_ns()};
	if (session)
		collect_datagram(listener->ipfix->collect, session, listener->octets, (size_t)bytes,
				&arrival);
	return true;
}

static void take_connection(struct listener *listener, unsigned int index)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof(peer);
	unsigned int slot = 0;
	int fd = accept4(listener->sockets.list[index].fd, (struct sockaddr *)&peer, &length,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	while (slot < COLLECT_SESSIONS_MAX && listener->connections[slot].fd >= 0)
		slot++;
	struct collect_session *session = slot < COLLECT_SESSIONS_MAX
			? find_session(listener, fd, &peer, COLLECT_TCP)
			: NULL;
	if (!session) {
		close(fd);
		return;
	}
	listener->connections[slot] = (struct connection){fd, session};
}

static void take_octets(struct listener *listener, struct connection *connection)
{
	for (unsigned int i = 0; i < READS_A_TURN && !is_over(listener); i++) {
		ssize_t bytes = read(connection->fd, listener->octets, sizeof(listener->octets));
		const struct collect_arrival arrival = {.received_ns = base_clock_wall_ns()};
		if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (bytes > 0) {
			weir_ipfix_feed(listener->ipfix, connection->session, listener->octets,
					(size_t)bytes, &arrival);
			continue;
		}
		collect_close(listener->ipfix->collect, connection->session, bytes == 0, &arrival);
		close(connection->fd);
		connection->fd = -1;
		return;
	}
}

static void draw(struct listener *listener)
{
	struct base_strbuf line = BASE_STRBUF_EMPTY;
	struct ipfix_check_totals totals;
	char a[BASE_UNITS_BYTES], b[BASE_UNITS_BYTES];

	collect_sum(listener->ipfix->collect, &totals);
	base_strbuf_printf(&line, "\r\033[K%s messages, %s records; ",
			base_units_count(totals.messages, a), base_units_count(totals.records, b));
	weir_ipfix_describe_verdict(listener->ipfix->collect, &line);
	base_strbuf_puts(&line, " so far");
	if (line.text)
		fputs(line.text, stderr);
	base_strbuf_fini(&line);
}

static unsigned int fill_polls(struct listener *listener)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < listener->sockets.count; i++)
		listener->polls[count++] = (struct pollfd){
				.fd = listener->sockets.list[i].fd, .events = POLLIN};
	/* poll passes over descriptors below 0 */
	for (unsigned int i = 0; i < COLLECT_SESSIONS_MAX; i++)
		listener->polls[count++] = (struct pollfd){
				.fd = listener->connections[i].fd, .events = POLLIN};
	return count;
}

static struct timespec next_wait(const struct listener *listener)
{
	int64_t wait_ns = REFRESH_NS;

	if (listener->ipfix->options.limit_ns > 0) {
		int64_t left_ns = listener->ipfix->options.limit_ns
				- (base_clock_mono_ns() - listener->began_ns);
		wait_ns = left_ns < 0 ? 0 : left_ns < wait_ns ? left_ns : wait_ns;
	}
	return (struct timespec){wait_ns / BASE_NS_PER_SEC, wait_ns % BASE_NS_PER_SEC};
}

static void turn(struct listener *listener, const sigset_t *while_waiting)
{
	unsigned int count = fill_polls(listener);
	struct timespec wait = next_wait(listener);

	if (ppoll(listener->polls, count, &wait, while_waiting) < 0)
		return;
	for (unsigned int i = 0; i < count; i++) {
		if (!listener->polls[i].revents)
			continue;
		if (i >= listener->sockets.count) {
			take_octets(listener, &listener->connections[i - listener->sockets.count]);
		} else if (!listener->sockets.list[i].datagrams) {
			take_connection(listener, i);
		} else {
			unsigned int left = DATAGRAMS_A_TURN;
			while (left-- > 0 && !is_over(listener) && take_datagram(listener, i))
				;
		}
	}
	if (listener->ipfix->options.dump)
		fflush(stdout);
}

static void watch(struct listener *listener)
{
	sigset_t stops, before;

	/* so that a signal between the question and the wait is not missed */
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigprocmask(SIG_BLOCK, &stops, &before);
	while (!is_over(listener)) {
		turn(listener, &before);
		if (listener->draws && base_clock_mono_ns() - listener->drawn_ns >= REFRESH_NS) {
			listener->drawn_ns = base_clock_mono_ns();
			draw(listener);
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (listener->draws)
		fputs("\r\033[K", stderr);
}

int weir_ipfix_listen(struct weir_ipfix *ipfix, const struct weir_ipfix_endpoint *endpoint)
{
	static struct listener listener;
	int rc;

	listener.ipfix = ipfix;
	for (unsigned int i = 0; i < COLLECT_SESSIONS_MAX; i++)
		listener.connections[i].fd = -1;
	rc = weir_ipfix_sockets_open(&listener.sockets, endpoint);
	if (rc != 0)
		return rc;
	ipfix->kind = WEIR_IPFIX_LIVE;
	weir_ipfix_sockets_describe(&listener.sockets, ipfix->listening, sizeof(ipfix->listening));
	fprintf(stderr, "listening on %s; Ctrl-C ends it\n", ipfix->listening);
	listener.draws = isatty(STDERR_FILENO) && !ipfix->options.dump;
	listener.began_ns = listener.drawn_ns = base_clock_mono_ns();
	watch(&listener);
	for (unsigned int i = 0; i < COLLECT_SESSIONS_MAX; i++) {
		if (listener.connections[i].fd >= 0)
			close(listener.connections[i].fd);
	}
	weir_ipfix_sockets_close(&listener.sockets);
	if (collect_used(ipfix->collect) == 0)
		return weir_ipfix_fail(endpoint->host[0]
						? "does the exporter send to this address and "
						  "port? see: tcpdump -ni any udp or tcp"
						: "from other hosts nothing can come here: "
						  "--listen 0.0.0.0 takes all; or see: tcpdump "
						  "-ni any udp or tcp",
				"%s on %s",
				collect_session_at(ipfix->collect, 0)
						? "connections came, and nothing over them,"
						: "nothing came",
				ipfix->listening);
	return 0;
}
