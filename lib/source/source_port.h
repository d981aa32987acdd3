/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A queue of a port as a source of bursts. Packets stay where the driver put them; only one whose
 * headers are spread over several segments, or whose VLAN tag the driver took out, is put together
 * in a small buffer of the source.
 */
#ifndef SOURCE_PORT_H
#define SOURCE_PORT_H

#include "base_cacheline.h"
#include "port.h"
#include "source.h"

#include <stdint.h>

/* Octets of a packet in several segments that are readable in one piece: far beyond all headers. */
#define SOURCE_PORT_LINEAR_BYTES 512

/*
 * Creates the source of one queue (0 to port_get_info()->queues - 1) after port_open(); the port
 * outlives it. Freed by source_destroy(). Returns 0, or -EINVAL (no such queue) or -ENOMEM. Time of
 * a packet is when its burst was received. The thread that receives is registered with DPDK
 * (rte_thread_register()). A source never ends; a lost port (port_is_lost()) gives nothing more.
 */
int source_port_create(
		struct source **source, const struct port *port, uint32_t queue) BASE_MUST_CHECK;

#endif
