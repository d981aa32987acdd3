/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AF_XDP behind the back of DPDK's driver: which mode its sockets got, what they dropped, and the
 * XDP program that it or a killed process leaves on the interface.
 */
#ifndef PORT_XDP_H
#define PORT_XDP_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stdint.h>

#define PORT_XDP_SOCKETS_MAX 256

/* Writes at most 16 octets with the NUL; "" when it cannot be asked (needs CAP_SYS_ADMIN). */
void port_xdp_program_name(uint32_t id, char name[16]);
/* Takes any XDP program off the interface. Returns 0 or -errno. Needs CAP_NET_ADMIN. */
int port_xdp_detach(int index);

/* AF_XDP sockets of this process. The descriptors belong to whoever opened them. */
struct port_xdp_sockets {
	int fds[PORT_XDP_SOCKETS_MAX];
	uint32_t count;
};

void port_xdp_list_sockets(struct port_xdp_sockets *sockets);
/* Leaves in `now` those that are not in `before`: the ones a driver opened in between. */
void port_xdp_subtract(struct port_xdp_sockets *now, const struct port_xdp_sockets *before);

enum port_xdp_mode { PORT_XDP_UNKNOWN, PORT_XDP_COPY, PORT_XDP_ZERO_COPY };
enum port_xdp_mode port_xdp_get_mode(const struct port_xdp_sockets *sockets);

/*
 * Packets dropped because the receive ring was full, over all the sockets. The kernel counts them,
 * the driver does not put them into imissed.
 */
uint64_t port_xdp_ring_full(const struct port_xdp_sockets *sockets);

#endif
