/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The counters of a port, made comparable: every driver counts in its own way (port_driver.h), some
 * reset at start, some count what the kernel knows better. See port_read() in port.h.
 */
#ifndef PORT_COUNTERS_H
#define PORT_COUNTERS_H

#include "port_driver.h"
#include "stats_table.h"

#include <stdint.h>

struct port;

/* Takes the baseline, before the device starts. */
void port_counters_begin(struct port *port);
/* For a vdev: finds the kernel interface that a tap device made, to count and watch it. */
void port_counters_watch_vdev(struct port *port);

/* What a driver and the kernel said at one time. */
struct port_raw {
	uint64_t packets, octets, missed, errors, no_buffer;
	uint64_t ring_full; /* AF_XDP sockets */
	uint64_t tx_dropped; /* of the kernel's side of a tap */
};

/*
 * Raw values to the counters of the table, by the verdict on the driver. Absolute, not yet less the
 * baseline; the gauges are left alone.
 */
void port_counters_fold(uint64_t values[STATS_PORT_COUNT], const struct port_raw *raw,
		const struct port_verdict *verdict);
/*
 * now - baseline, never less than `last`: a driver that resets its counters at start counts from 0.
 * All three are of one counter; returns the value to show.
 */
uint64_t port_counters_since(uint64_t now, uint64_t *baseline, uint64_t last);

#endif
