/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCTP: each IPFIX message is one of SCTP, on stream 0, reliable and in order (RFC 7011, section
 * 10.2), which is what the kernel does with a message that is sent without further word. Messages
 * fit one packet of the path, so that none is cut.
 */
#include "export_connection.h"

#include <errno.h>
#include <linux/sctp.h>
#include <linux/sock_diag.h>
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

/*
 * What the kernel charges for chunks that it keeps is more than their octets. Once the association
 * is gone they are, too, whatever became of them.
 */
static int64_t unacknowledged_sctp(const struct export_transport *transport, bool ended)
{
	struct sctp_status status = {0};
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(status);

	if (getsockopt(transport->fd, IPPROTO_SCTP, SCTP_STATUS, &status, &len) != 0)
		return ended ? 0 : -1;
	len = sizeof(memory);
	if (getsockopt(transport->fd, SOL_SOCKET, SO_MEMINFO, memory, &len) != 0)
		return -1;
	return memory[SK_MEMINFO_WMEM_QUEUED];
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
		transport->written += (uint64_t)sent;
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
		.unacknowledged = unacknowledged_sctp,
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
