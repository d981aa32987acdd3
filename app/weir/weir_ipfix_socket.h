/* SPDX-License-Identifier: BSD-3-Clause */
/* The sockets on which weir ipfix check listens. */
#ifndef WEIR_IPFIX_SOCKET_H
#define WEIR_IPFIX_SOCKET_H

#include "weir_ipfix.h"

#define WEIR_IPFIX_SOCKETS_MAX 16

struct weir_ipfix_socket {
	int fd;
	bool datagrams;
};

struct weir_ipfix_sockets {
	struct weir_ipfix_socket list[WEIR_IPFIX_SOCKETS_MAX];
	unsigned int count;
	uint16_t port; /* the one that all of them have */
};

/*
 * Opens UDP and TCP on each address of the endpoint; port 0: one that is free for all. 0, or an
 * exit code after it said cause and cure.
 */
int weir_ipfix_sockets_open(
		struct weir_ipfix_sockets *sockets, const struct weir_ipfix_endpoint *endpoint);
void weir_ipfix_sockets_close(struct weir_ipfix_sockets *sockets);

/* "127.0.0.1:4739 and [::1]:4739, UDP and TCP" */
void weir_ipfix_sockets_describe(const struct weir_ipfix_sockets *sockets, char *out, size_t size);

#endif
