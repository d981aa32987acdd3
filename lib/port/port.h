/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports: where packets enter. Each row of the configuration becomes one, whatever stands behind it:
 * a kernel interface (AF_XDP, else AF_PACKET), a PCI function, or any virtual device of DPDK.
 *
 *   port_eal_init()     once
 *   port_open()         checks, attaches, sets up queues and pool; nothing is polled yet
 *   source_port_create()  a source per queue, for the workers
 *   port_start()        packets come
 *   port_read()         counters, by the control-plane thread
 *   port_close()        after the workers have ended and the sources are destroyed
 *   port_eal_fini()     once
 *
 * Threads: open, start and close on the main thread; port_read() and port_speed() on any, one at a
 * time; port_is_lost() on any.
 */
#ifndef PORT_H
#define PORT_H

#include "config.h"
#include "stats_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

struct port_setup {
	const struct config_port *config; /* outlives the port */
	uint32_t index; /* in the configuration: source_packet.port */
	uint32_t workers;
	uint32_t burst;
};

/* What there is to tell of a port. Read-only after port_start(). */
struct port_info {
	char name[CONFIG_NAME_BYTES]; /* as configured */
	char device[CONFIG_NAME_BYTES]; /* eth1, 0000:3b:00.0, net_null0 */
	char driver[CONFIG_NAME_BYTES]; /* net_af_xdp */
	char mac[18];
	int numa_node; /* -1 unknown */
	uint32_t queues; /* may be more or fewer than workers: deal them out in turn */
	uint32_t rx_descriptors; /* a queue */
	uint32_t buffers; /* in the pool */
	char rss[128]; /* what is really hashed, in words */
	char note[256]; /* what this driver costs or hides; "" none */
	bool promiscuous;
	bool drops_observable;
};

/*
 * Opens a port. Returns 0, or -errno with cause and cure in error (at least PORT_ERROR_BYTES of
 * port_error.h; port_error_exit_code() gives the exit code).
 */
int port_open(struct port **port, const struct port_setup *setup, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
int port_start(struct port *port, char *error, size_t error_bytes) BASE_MUST_CHECK;
void port_close(struct port *port);

const struct port_info *port_get_info(const struct port *port);
uint32_t port_get_index(const struct port *port);
/* DPDK's number of the port, for rte_eth_rx_burst(). */
uint16_t port_get_id(const struct port *port);

/*
 * Fills the rows of STATS_PORT_ROWS: counters since port_start(), never going back. `port` is a
 * struct port *; the type fits a callback.
 */
void port_read(void *port, uint64_t values[STATS_PORT_COUNT]);
/* Link speed in Mb/s, 0 unknown. */
uint32_t port_speed(void *port);

/*
 * The interface behind it was deleted: noticed by port_read(). Such a port gives no packets any
 * more and is not polled; its counters keep their last values.
 */
bool port_is_lost(const struct port *port);

#endif
