/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions to the kernel about an interface, and the few changes weir makes to one. Everything
 * goes through sockets of the network namespace in which the port was opened, so the answers stay
 * right whatever is mounted on /sys. Not on the packet path.
 */
#ifndef PORT_NETDEV_H
#define PORT_NETDEV_H

#include "port_interface.h"

#include <stdbool.h>
#include <stdint.h>

/* A socket for the calls below, of the calling thread's network namespace; or -errno. */
int port_netdev_socket(void);

/*
 * Everything about the interface but its default route. Returns 0 or -errno (-ENODEV: no such
 * interface). Needs no privilege; the name of an XDP program stays "" without CAP_SYS_ADMIN.
 */
int port_netdev_query(
		struct port_interface *interface, int socket_fd, const char *name) BASE_MUST_CHECK;

/*
 * Switches the offloads of `set` (GRO, LRO, RXVLAN) on or off and returns those that did change.
 * Needs CAP_NET_ADMIN.
 */
unsigned int port_netdev_set_offloads(int socket_fd, const char *name, unsigned int set, bool on);

/* Is the interface with this index still there (-ENODEV: gone), and has it a carrier? */
int port_netdev_running(int socket_fd, int index, bool *running);
/* Link speed in Mb/s, 0 unknown. */
uint32_t port_netdev_speed(int socket_fd, const char *name);

/* Sets or clears IFF_PROMISC, as `ip link set promisc` does. 0 or -errno. */
int port_netdev_set_promiscuous(int socket_fd, const char *name, bool on);
/*
 * A socket that keeps the interface promiscuous for as long as it is open, so that not even a
 * killed process leaves it so. Returns the descriptor or -errno.
 */
int port_netdev_hold_promiscuous(int index);

/* Packets that the kernel could not send out through the interface; 0 or -errno. */
int port_netdev_tx_dropped(int index, uint64_t *value);

#endif
