/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of a port, for the files that make it up: port.c (life), port_kernel.c (kernel
 * interfaces), port_counters.c (counters). Nobody else includes it.
 */
#ifndef PORT_PRIVATE_H
#define PORT_PRIVATE_H

#include "port.h"
#include "port_device.h"
#include "port_eal.h"
#include "port_interface.h"
#include "port_xdp.h"

#include <stdatomic.h>

struct port {
	/* read-only after port_start() */
	const struct config_port *config;
	uint32_t index;
	uint32_t workers;
	struct port_plan_input plan_input;
	struct port_device device;
	struct port_info info;
	bool kernel; /* a kernel interface stands behind it */
	bool watched; /* interface.index is to be watched and asked for the link */
	struct port_interface interface; /* as it was before we touched it */
	struct port_xdp_sockets sockets; /* of AF_XDP, else none */
	unsigned int offloads_changed; /* to be set back */
	int socket_fd; /* to ask the kernel; -1 none */
	int promiscuous_fd; /* -1 none */

	/* written by port_read(), which is called by one thread at a time */
	uint64_t baseline[STATS_PORT_COUNT];
	uint64_t last[STATS_PORT_COUNT];

	/* shared: port_read() writes, workers read */
	atomic_bool lost;
};

/* Adds a clause to what the driver costs or hides. */
void port_add_note(struct port *port, const char *text);

/* Opens a kernel interface by AF_XDP or AF_PACKET. 0 or -errno with error. */
int port_kernel_open(struct port *port, char *error, size_t error_bytes);
/* After the device started: promiscuous mode. */
void port_kernel_start(struct port *port);
/* After the device is gone: sets back what was changed on the interface. */
void port_kernel_close(struct port *port);

#endif
