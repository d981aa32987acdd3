/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A kernel interface: what it is, whether weir may take it, and how. Judgement only; the facts come
 * from port_netdev.h.
 */
#ifndef PORT_INTERFACE_H
#define PORT_INTERFACE_H

#include "config.h"
#include "port_plan.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offloads that make a packet sniffed differ from the packet on the wire. */
enum port_offload {
	PORT_OFFLOAD_GRO = 1 << 0,
	PORT_OFFLOAD_LRO = 1 << 1,
	PORT_OFFLOAD_TSO = 1 << 2,
	PORT_OFFLOAD_GSO = 1 << 3,
	PORT_OFFLOAD_RXVLAN = 1 << 4, /* the tag leaves the frame: an XDP program does not see it */
};

struct port_interface {
	char name[IFNAMSIZ];
	int index;
	bool up; /* IFF_UP */
	bool running; /* carrier */
	bool promiscuous; /* set by somebody */
	bool loopback;
	bool has_address; /* an IPv4 address, or an IPv6 address that is not link-local */
	bool enslaved; /* part of a bridge, bond or team */
	uint32_t mtu;
	uint32_t rx_queues; /* in use, all kinds */
	uint32_t combined_queues; /* of those, combined ones; 0: the driver does not use the term */
	unsigned int offloads; /* set of enum port_offload that are on */
	uint32_t xdp_program; /* id of the attached XDP program, 0 none */
	char xdp_name[16]; /* its name, "" unknown */
	char driver[32]; /* the kernel's: "veth", "ice" */
	char mac[18];
	int numa_node; /* -1 unknown */
	/* from port_route.h */
	unsigned int default_route;
	char default_via[IFNAMSIZ];
};

/*
 * May weir take it? 0; or with cause and cure in error: -EBUSY (holds the default route),
 * -ENETDOWN, -EINVAL (AF_XDP is asked for and would not see every packet).
 */
int port_interface_check(const struct port_interface *interface, const struct config_port *config,
		char *error, size_t error_bytes) BASE_MUST_CHECK;

/*
 * In which order to try AF_XDP and AF_PACKET. `reason` says why AF_XDP is not tried although the
 * configuration leaves the choice open; "" when it is.
 */
struct port_interface_choice {
	enum port_backend backends[2];
	size_t count;
	char reason[128];
};
void port_interface_choose(struct port_interface_choice *choice,
		const struct port_interface *interface, const struct config_port *config);

/* Does the host itself use the interface (an address, a bridge, the default route)? */
bool port_interface_in_use(const struct port_interface *interface);

/* What AF_XDP has to take: the queues in use. */
uint32_t port_interface_xdp_queues(const struct port_interface *interface);
/* Largest frame that can arrive: MTU, Ethernet header, two VLAN tags; octets. */
uint32_t port_interface_frame_bytes(const struct port_interface *interface);

/* "gro off lro off", as ethtool -K wants it; of the offloads in `set`. Returns out. */
const char *port_interface_offload_arguments(unsigned int set, char *out, size_t bytes);

#endif
