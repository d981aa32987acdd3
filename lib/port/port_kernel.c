/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports on a kernel interface: AF_XDP where the kernel, the driver and the use of the interface
 * allow it, else AF_PACKET.
 *
 * AF_XDP takes the packets out of the kernel's hands; AF_PACKET copies them and the host goes on.
 * So an interface that the host itself uses is only listened to, unless AF_XDP is asked for.
 * What weir changes on an interface of its own (GRO, LRO, VLAN stripping, promiscuous mode, the XDP
 * program), it sets back when it closes the port; an interface of the host's is left as it is.
 */
#include "port_caps.h"
#include "port_error.h"
#include "port_log.h"
#include "port_netdev.h"
#include "port_private.h"
#include "port_route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVARGS_BYTES 256
#define REASON_BYTES 160
#define RING_FRAMES_MIN 256

static int find_interface(struct port *port, char *error, size_t error_bytes)
{
	const char *name = port->config->device;

	port->socket_fd = port_netdev_socket();
	if (port->socket_fd < 0)
		return port_error_set(error, error_bytes, port->socket_fd,
				"port \"%s\": no socket: %s", name, strerror(-port->socket_fd));
	int rc = port_netdev_query(&port->interface, port->socket_fd, name);
	if (rc)
		return port_error_set(error, error_bytes, rc,
				"there is no interface \"%s\"\n"
				"  see them: ip -brief link",
				name);
	port->interface.default_route = port_route_default_through(
			"", name, port->interface.default_via, sizeof(port->interface.default_via));
	return port_interface_check(&port->interface, port->config, error, error_bytes);
}

static void make_devargs(
		char *out, size_t bytes, const struct port *port, const struct port_plan *plan)
{
	if (plan->backend == PORT_BACKEND_AF_XDP)
		snprintf(out, bytes, "net_af_xdp_weir%u,iface=%s,queue_count=%u", port->index,
				port->interface.name, plan->queues);
	else
		snprintf(out, bytes,
				"net_af_packet_weir%u,iface=%s,qpairs=%u,framesz=%u,blocksz=%u,"
				"framecnt=%u",
				port->index, port->interface.name, plan->queues,
				plan->ring_frame_bytes, plan->ring_block_bytes, plan->ring_frames);
}

static void plan_backend(struct port *port, enum port_backend backend, struct port_plan *plan)
{
	struct port_plan_input input = port->plan_input;
	uint32_t wanted = port->config->rx_descriptors;

	input.backend = backend;
	input.frame_bytes = port_interface_frame_bytes(&port->interface);
	if (backend == PORT_BACKEND_AF_XDP)
		input.device_queues = port_interface_xdp_queues(&port->interface);
	port_plan_make(plan, &input);
	if (backend == PORT_BACKEND_AF_XDP && wanted && wanted < PORT_PLAN_XDP_DESCRIPTORS)
		port_log_say(BASE_LOG_NOTICE,
				"port %s: rx_descriptors raised from %u to %u, as fewer lose "
				"packets uncounted",
				port->info.name, wanted, plan->descriptors);
	port->info.buffers = plan->buffers;
	port->info.numa_node = port->interface.numa_node;
}

static int attach(struct port *port, const struct port_plan *plan)
{
	char devargs[DEVARGS_BYTES];

	make_devargs(devargs, sizeof(devargs), port, plan);
	int rc = port_device_attach(&port->device, devargs);
	if (!rc)
		rc = port_device_setup(&port->device, plan, devargs, 0, port->interface.numa_node);
	if (rc)
		port_device_detach(&port->device);
	return rc;
}

static int try_xdp(struct port *port)
{
	struct port_xdp_sockets before;
	struct port_plan plan;

	plan_backend(port, PORT_BACKEND_AF_XDP, &plan);
	port_xdp_list_sockets(&before);
	int rc = attach(port, &plan);
	if (rc)
		return rc;
	port_xdp_list_sockets(&port->sockets);
	port_xdp_subtract(&port->sockets, &before);
	return 0;
}

/* The ring is locked memory: where that is scarce a shorter one is better than none. */
static int try_packet(struct port *port)
{
	struct port_plan plan;

	plan_backend(port, PORT_BACKEND_AF_PACKET, &plan);
	uint32_t wanted = plan.ring_frames;
	int rc = attach(port, &plan);
	while (rc && strstr(port_log_cause(), "mmap") && plan.ring_frames > RING_FRAMES_MIN) {
		port_log_forget();
		plan.ring_frames /= 2;
		plan.descriptors = plan.ring_frames;
		rc = attach(port, &plan);
	}
	if (!rc && plan.ring_frames < wanted)
		port_log_say(BASE_LOG_WARNING,
				"port %s: a ring of %u packets, not %u, for want of locked memory; "
				"cure: raise LimitMEMLOCK or add the capability IPC_LOCK",
				port->info.name, plan.ring_frames, wanted);
	return rc;
}

/* One clause why it failed: what is missing, else DPDK's own words. */
static void explain_try(char *reason, size_t bytes, enum port_backend backend, int rc)
{
	bool xdp = backend == PORT_BACKEND_AF_XDP;
	const char *why = port_log_cause();
	char missing[64];

	port_caps_missing(
			"", xdp ? PORT_CAPS_AF_XDP : PORT_CAPS_AF_PACKET, missing, sizeof(missing));
	if (strstr(why, "failed to parse device")) {
		port_driver_package(missing, sizeof(missing), xdp ? "net_af_xdp" : "net_af_packet",
				port_eal_version_number());
		snprintf(reason, bytes, "its driver is not installed (%s)", missing);
	} else if (missing[0]) {
		snprintf(reason, bytes, "it lacks the capabilities %s", missing);
	} else {
		snprintf(reason, bytes, "%.*s", (int)bytes - 1, why[0] ? why : strerror(-rc));
	}
}

static int explain_failure(const struct port *port, enum port_backend backend, int rc,
		const char *reason, char *error, size_t error_bytes)
{
	const char *name = port->interface.name;
	char missing[64];

	if (rc == -ENOMEM)
		return port_error_set(error, error_bytes, rc,
				"interface \"%s\": no memory for %u packet buffers\n"
				"  cure:     fewer rx_descriptors or workers",
				name, port->info.buffers);
	bool xdp = backend == PORT_BACKEND_AF_XDP;
	port_caps_missing(
			"", xdp ? PORT_CAPS_AF_XDP : PORT_CAPS_AF_PACKET, missing, sizeof(missing));
	if (missing[0])
		return port_error_set(error, error_bytes, -EPERM,
				"no permission to measure on interface \"%s\"\n"
				"  cure:     run as root, or with the capabilities %s",
				name, missing);
	return port_error_set(error, error_bytes, -EIO,
			"%s cannot take interface \"%s\": %s\n"
			"  cure:     driver: %s in the configuration of the port",
			xdp ? "AF_XDP" : "AF_PACKET", name, reason, xdp ? "af_packet" : "af_xdp");
}

/* What the chosen way costs, and why it was chosen. */
static void note_backend(struct port *port, enum port_backend backend, const char *reason)
{
	char text[REASON_BYTES + 32];

	port_add_note(port, port->device.verdict.note);
	if (backend == PORT_BACKEND_AF_PACKET) {
		if (reason[0]) {
			snprintf(text, sizeof(text), "not AF_XDP: %s", reason);
			port_add_note(port, text);
		}
		if (port->interface.loopback)
			port_add_note(port, "packets are seen twice, leaving and arriving");
		return;
	}
	switch (port_xdp_get_mode(&port->sockets)) {
	case PORT_XDP_ZERO_COPY:
		port_add_note(port, "AF_XDP, no copying");
		break;
	case PORT_XDP_COPY:
		port_add_note(port, "AF_XDP, packets are copied");
		break;
	case PORT_XDP_UNKNOWN:
		break;
	}
	port_add_note(port, "the host does not see packets that arrive here");
}

/* On an interface of our own they are switched off; on the host's we say what it costs. */
static void treat_offloads(struct port *port, enum port_backend backend)
{
	const struct port_interface *interface = &port->interface;
	unsigned int merging = PORT_OFFLOAD_GRO | PORT_OFFLOAD_LRO;
	char arguments[64];

	if (backend == PORT_BACKEND_AF_XDP)
		merging |= PORT_OFFLOAD_RXVLAN;
	if (!port_interface_in_use(interface)) {
		port->offloads_changed = port_netdev_set_offloads(port->socket_fd, interface->name,
				interface->offloads & merging, false);
		merging &= ~port->offloads_changed;
	} else {
		/* What the host sends is seen too, before the NIC cuts it into packets. */
		merging |= PORT_OFFLOAD_TSO | PORT_OFFLOAD_GSO;
	}
	merging &= interface->offloads;
	if (merging == 0)
		return;
	port_interface_offload_arguments(merging, arguments, sizeof(arguments));
	port_add_note(port, "offloads merge packets (see the log)");
	port_log_say(BASE_LOG_WARNING,
			"port %s: packets are merged before weir sees them, so there are fewer and "
			"larger ones than on the wire; cure: ethtool -K %s %s",
			port->info.name, interface->name, arguments);
}

int port_kernel_open(struct port *port, char *error, size_t error_bytes)
{
	struct port_interface_choice choice;
	char reason[REASON_BYTES];
	int rc = find_interface(port, error, error_bytes);

	if (rc)
		return rc;
	snprintf(port->info.device, sizeof(port->info.device), "%s", port->interface.name);
	port_interface_choose(&choice, &port->interface, port->config);
	snprintf(reason, sizeof(reason), "%s", choice.reason);
	for (size_t i = 0; i < choice.count; i++) {
		port_log_forget();
		bool xdp = choice.backends[i] == PORT_BACKEND_AF_XDP;
		rc = xdp ? try_xdp(port) : try_packet(port);
		if (rc == 0) {
			port->kernel = true;
			port->watched = true;
			note_backend(port, choice.backends[i], reason);
			treat_offloads(port, choice.backends[i]);
			return 0;
		}
		explain_try(reason, sizeof(reason), choice.backends[i], rc);
	}
	return explain_failure(
			port, choice.backends[choice.count - 1], rc, reason, error, error_bytes);
}

void port_kernel_start(struct port *port)
{
	/* DPDK switches promiscuous mode off at start, also when somebody else had it on. */
	if (port->interface.promiscuous)
		port_netdev_set_promiscuous(port->socket_fd, port->interface.name, true);
	if (!port->config->promiscuous)
		return;
	port->promiscuous_fd = port_netdev_hold_promiscuous(port->interface.index);
	port->info.promiscuous = port->promiscuous_fd >= 0;
}

void port_kernel_close(struct port *port)
{
	struct port_interface now;
	const struct port_interface *was = &port->interface;

	/* Whoever holds this name now may be another interface. */
	if (port_netdev_query(&now, port->socket_fd, was->name) != 0 || now.index != was->index)
		return;
	if (was->promiscuous && !now.promiscuous)
		port_netdev_set_promiscuous(port->socket_fd, was->name, true);
	port_netdev_set_offloads(port->socket_fd, was->name, port->offloads_changed, true);
	/*
	 * The driver leaves its program behind at times, and a killed process always. All queues
	 * were ours, so nobody else can be using it.
	 */
	if (port->sockets.count && now.xdp_program && strcmp(now.xdp_name, "xsk_def_prog") == 0)
		port_xdp_detach(was->index);
}
