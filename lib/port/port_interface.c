/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_interface.h"

#include "port_error.h"
#include "port_route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ETHERNET_HEADER_BYTES 14
#define VLAN_TAG_BYTES 4

static bool is_xdp_socket_program(const struct port_interface *interface)
{
	/* What libxdp attaches for AF_XDP sockets; a later one can share it. */
	return strcmp(interface->xdp_name, "xsk_def_prog") == 0
			|| strcmp(interface->xdp_name, "xdp_dispatcher") == 0;
}

bool port_interface_in_use(const struct port_interface *interface)
{
	return interface->has_address || interface->enslaved || interface->default_route;
}

uint32_t port_interface_xdp_queues(const struct port_interface *interface)
{
	return interface->combined_queues ? interface->combined_queues : 1;
}

uint32_t port_interface_frame_bytes(const struct port_interface *interface)
{
	return interface->mtu + ETHERNET_HEADER_BYTES + 2 * VLAN_TAG_BYTES;
}

static uint32_t largest_frame(
		const struct port_interface *interface, const struct config_port *config)
{
	return config->mtu ? config->mtu : port_interface_frame_bytes(interface);
}

/* What AF_XDP would not see it would not count either, so that is refused. */
static int check_xdp(const struct port_interface *interface, const struct config_port *config,
		char *error, size_t error_bytes)
{
	uint32_t held = port_interface_xdp_queues(interface);
	uint32_t frame = largest_frame(interface, config);

	if (interface->rx_queues > held)
		return port_error_set(error, error_bytes, -EINVAL,
				"AF_XDP can hold %u of the %u receive queues of \"%s\"; packets of "
				"the others would pass by uncounted\n"
				"  cure:     ethtool -L %s rx %u      (or driver: af_packet)",
				held, interface->rx_queues, interface->name, interface->name,
				interface->combined_queues ? 0 : 1);
	if (frame > PORT_PLAN_XDP_FRAME_MAX)
		return port_error_set(error, error_bytes, -EINVAL,
				"frames of %u octets on \"%s\" do not fit AF_XDP (at most %u)\n"
				"  cure:     ip link set dev %s mtu 1500      (or driver: "
				"af_packet)",
				frame, interface->name, PORT_PLAN_XDP_FRAME_MAX, interface->name);
	return 0;
}

int port_interface_check(const struct port_interface *interface, const struct config_port *config,
		char *error, size_t error_bytes)
{
	static const char *const families[] = {"", "IPv4 ", "IPv6 ", ""};
	const char *name = interface->name;

	if (interface->default_route && !config->force) {
		char through[48] = "";
		if (strcmp(interface->default_via, name) != 0)
			snprintf(through, sizeof(through), " (through %s)", interface->default_via);
		return port_error_set(error, error_bytes, -EBUSY,
				"interface \"%s\" holds the %sdefault route of this host%s\n"
				"  cure:     measure on another interface, or add force: true to "
				"the port (with -i: --force) to listen in beside the host",
				name, families[interface->default_route & 3], through);
	}
	if (!interface->up)
		return port_error_set(error, error_bytes, -ENETDOWN,
				"interface \"%s\" is down\n"
				"  cure:     ip link set dev %s up",
				name, name);
	return config->driver == CONFIG_DRIVER_AF_XDP
			? check_xdp(interface, config, error, error_bytes)
			: 0;
}

/* Why AF_XDP cannot or should not take it; "" when nothing speaks against it. */
static void object_to_xdp(char *reason, size_t bytes, const struct port_interface *interface,
		const struct config_port *config)
{
	uint32_t frame = largest_frame(interface, config);

	snprintf(reason, bytes, "%s", "");
	if (port_interface_in_use(interface))
		snprintf(reason, bytes, "the host uses %s and would lose its packets",
				interface->name);
	else if (interface->xdp_program && !is_xdp_socket_program(interface))
		snprintf(reason, bytes, "an XDP program (%s) is attached",
				interface->xdp_name[0] ? interface->xdp_name : "unknown");
	else if (interface->rx_queues > port_interface_xdp_queues(interface))
		snprintf(reason, bytes, "it can hold %u of %u receive queues (ethtool -L %s rx 1)",
				port_interface_xdp_queues(interface), interface->rx_queues,
				interface->name);
	else if (frame > PORT_PLAN_XDP_FRAME_MAX)
		snprintf(reason, bytes, "frames of %u octets do not fit (at most %u)", frame,
				PORT_PLAN_XDP_FRAME_MAX);
}

void port_interface_choose(struct port_interface_choice *choice,
		const struct port_interface *interface, const struct config_port *config)
{
	*choice = (struct port_interface_choice){.count = 0};
	switch (config->driver) {
	case CONFIG_DRIVER_AF_XDP:
		choice->backends[choice->count++] = PORT_BACKEND_AF_XDP;
		return;
	case CONFIG_DRIVER_AF_PACKET:
		choice->backends[choice->count++] = PORT_BACKEND_AF_PACKET;
		return;
	case CONFIG_DRIVER_AUTO:
		break;
	}
	object_to_xdp(choice->reason, sizeof(choice->reason), interface, config);
	if (choice->reason[0] == '\0')
		choice->backends[choice->count++] = PORT_BACKEND_AF_XDP;
	choice->backends[choice->count++] = PORT_BACKEND_AF_PACKET;
}

const char *port_interface_offload_arguments(unsigned int set, char *out, size_t bytes)
{
	static const struct {
		enum port_offload offload;
		const char *name;
	} names[] = {
			{PORT_OFFLOAD_GRO, "gro"},
			{PORT_OFFLOAD_LRO, "lro"},
			{PORT_OFFLOAD_TSO, "tso"},
			{PORT_OFFLOAD_GSO, "gso"},
			{PORT_OFFLOAD_RXVLAN, "rxvlan"},
	};
	size_t len = 0;

	snprintf(out, bytes, "%s", "");
	for (size_t i = 0; i < BASE_COUNT_OF(names); i++) {
		if (!(set & names[i].offload) || len >= bytes)
			continue;
		len += (size_t)snprintf(
				out + len, bytes - len, "%s%s off", len ? " " : "", names[i].name);
	}
	return out;
}
