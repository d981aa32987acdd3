/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DPDK Ethernet device from attach to detach: probed when it has to be, its queues and its one
 * pool of packet buffers set up after a plan. What stands behind it (an interface, a PCI function)
 * is the business of port.c.
 */
#ifndef PORT_DEVICE_H
#define PORT_DEVICE_H

#include "port_driver.h"
#include "port_plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rte_device;
struct rte_mempool;

struct port_device {
	uint16_t id; /* DPDK's port number */
	bool attached;
	bool probed; /* by us, so we remove it */
	bool started;
	char name[64]; /* DPDK's name of the device */
	char driver[64];
	struct rte_device *device;
	struct rte_mempool *pool;
	uint32_t queues, descriptors;
	uint32_t queues_max; /* of the device */
	uint64_t hash_functions;
	bool symmetric;
	struct port_verdict verdict;
};

/*
 * Attaches the device that `arguments` names, "net_null0,size=64" or a PCI address; probes it
 * unless EAL did. 0 or -errno (-EEXIST: another port has it); then port_log_cause() has DPDK's
 * reason.
 */
int port_device_attach(struct port_device *device, const char *arguments);
/*
 * Sets up the queues of `plan`, as many as the device can have, and its pool on `numa_node` (-1:
 * any). Its verdict, queues and hashing are valid afterwards. 0 or -errno.
 */
int port_device_setup(struct port_device *device, const struct port_plan *plan,
		const char *arguments, uint32_t mtu, int numa_node);
int port_device_start(struct port_device *device);
/* Stops it and gives everything back. Nobody polls it any more. Does nothing when not attached. */
void port_device_detach(struct port_device *device);

/* The NUMA node of the device; -1 unknown. */
int port_device_node(const struct port_device *device);

#endif
