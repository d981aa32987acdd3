/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCTP: each IPFIX message is one of SCTP, on stream 0, reliable and in order (RFC 7011, section
 * 10.2), which is what the kernel does with a message that is sent without further word. Messages
 * fit one packet of the path, so that none is cut.
 */
#include "export_connection.h"

#include <errno.h>
#include <linux/sctp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

/* Together they end an association that acknowledges nothing for about half a minute. */
#define RTO_MAX_MS 5000u
#define RETRANSMISSIONS_MAX 8

static int make_sctp(int family)
{
	struct sctp_initmsg streams = {.sinit_num_ostreams = 1};
	struct sctp_rtoinfo times = {.srto_max = RTO_MAX_MS};
	struct sctp_assocparams attempts = {.sasoc_asocmaxrxt = RETRANSMISSIONS_MAX};
	int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof(streams));
	setsockopt(fd, IPPROTO_SCTP, SCTP_RTOINFO, &times, sizeof(times));
	setsockopt(fd, IPPROTO_SCTP, SCTP_ASSOCINFO, &attempts, sizeof(attempts));
	setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on));
	return fd;
}

static ssize_t send_sctp(
		struct export_transport *transport, const struct iovec *pieces, unsigned int count)
{
	ssize_t octets = 0;

	for (unsigned int i = 0; i < count; i++) {
		ssize_t sent;
		do {
			sent = send(transport->fd, pieces[i].iov_base, pieces[i].iov_len,
					MSG_DONTWAIT | MSG_NOSIGNAL);
		} while (sent < 0 && errno == EINTR);
		/* what fails after others went will fail again as the first */
		if (sent < 0 && octets > 0)
			return octets;
		if (sent < 0 && errno == EMSGSIZE) {
			transport->error = EMSGSIZE;
			return -EMSGSIZE;
		}
		if (sent < 0)
			return export_connection_fail_send(transport, errno);
		octets += sent;
	}
	transport->error = 0;
	return octets;
}

int export_sctp_check(char *cause, size_t bytes)
{
	int fd = make_sctp(AF_INET);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd != -EPROTONOSUPPORT && fd != -ESOCKTNOSUPPORT)
		return 0; /* something else, which may pass */
	snprintf(cause, bytes,
			"this kernel has no SCTP; load the module sctp (modprobe sctp) or use tcp");
	return -EPROTONOSUPPORT;
}

static int open_sctp(struct export_transport *transport)
{
	if (export_sctp_check(transport->cause, sizeof(transport->cause)) < 0)
		return -export_transport_told(transport);
	return export_connection_open(transport);
}

static const struct export_connection_ops connection = {
		.make = make_sctp,
		.listen = export_tcp_listen,
};

const struct export_transport_ops export_sctp_ops = {
		.datagrams = true,
		.connection = &connection,
		.open = open_sctp,
		.tick = export_connection_tick,
		.send = send_sctp,
		.wait = export_connection_wait,
		.close = export_connection_close,
};
