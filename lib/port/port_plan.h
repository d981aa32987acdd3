/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much of everything a port needs: queues, descriptors, octets in a packet buffer, buffers.
 * Arithmetic only, because it is asked twice: before EAL starts, to size its memory, and when the
 * port is opened.
 *
 * buffers = queues * (held by the device + 2 bursts) + (workers + 1) * 1.5 caches, rounded up to
 * 2^n - 1, the size at which a mempool's ring wastes nothing.
 */
#ifndef PORT_PLAN_H
#define PORT_PLAN_H

#include "config.h"

#include <stdint.h>

/* Fewer, and AF_XDP loses packets that its driver counts nowhere. Also what it always holds. */
#define PORT_PLAN_XDP_DESCRIPTORS 2048
/* Largest frame that fits an AF_XDP chunk (a page) after buffer and kernel headroom, octets. */
#define PORT_PLAN_XDP_FRAME_MAX 3520
/* Frame to reckon with where nobody said otherwise: Ethernet with two VLAN tags. */
#define PORT_PLAN_FRAME_BYTES 1526

enum port_backend {
	PORT_BACKEND_AF_XDP,
	PORT_BACKEND_AF_PACKET,
	PORT_BACKEND_PCI,
	PORT_BACKEND_VDEV,
};

struct port_plan_input {
	enum port_backend backend;
	const struct config_port *config;
	uint32_t workers;
	uint32_t burst; /* packets a turn of a worker */
	uint32_t device_queues; /* that the device has, or must be taken: see port_plan_make() */
	uint32_t frame_bytes; /* largest frame of the interface; 0 unknown */
};

struct port_plan {
	enum port_backend backend;
	uint32_t queues;
	uint32_t descriptors; /* a queue */
	uint32_t data_room; /* octets of a packet buffer, headroom included */
	uint32_t cache; /* buffers in a worker's cache */
	uint32_t buffers;
	uint64_t pool_bytes; /* memory of all that */
	/* af_packet's ring */
	uint32_t ring_frame_bytes;
	uint32_t ring_block_bytes;
	uint32_t ring_frames;
};

/*
 * AF_XDP takes every queue of the interface (device_queues): a packet that arrives on one that it
 * does not hold passes weir by, uncounted. Others get a queue a worker, at most device_queues
 * (0: no limit known), or what the configuration says.
 */
void port_plan_make(struct port_plan *plan, const struct port_plan_input *input);

#endif
