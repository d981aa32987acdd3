/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the counters of a driver are worth. `offered = received + missed + errors` is only an
 * identity where the driver counts what it drops; a driver that is not in the table is blind until
 * a test has shown otherwise, and a blind driver's drops read "unknown", never 0.
 */
#ifndef PORT_DRIVER_H
#define PORT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum port_class {
	PORT_CLASS_BLIND, /* drops cannot be seen */
	PORT_CLASS_EXACT, /* received + missed + errors = offered */
	PORT_CLASS_LOSSLESS, /* cannot drop: what it does not hand over still waits in it */
	PORT_CLASS_KERNEL, /* exact together with tx_dropped of its kernel interface */
};

/* Who spreads packets over the queues. */
enum port_spread {
	PORT_SPREAD_RSS, /* the NIC, as the driver was asked to */
	PORT_SPREAD_KERNEL, /* the kernel's set-up of the NIC */
	PORT_SPREAD_FANOUT, /* PACKET_FANOUT_HASH: symmetric, computed by the kernel */
	PORT_SPREAD_NONE, /* nobody: each queue is a source of its own */
};

struct port_verdict {
	enum port_class class;
	enum port_spread spread;
	bool no_buffer_is_loss; /* rx_nombuf counts packets lost, not tries repeated */
	const char *note; /* what it costs or hides, for the person; "" nothing */
};

/* As RTE_VERSION_NUM() makes it, so that the table can be tested for other releases. */
#define PORT_DRIVER_VERSION(year, month) ((uint32_t)(year) << 24 | (uint32_t)(month) << 16)

/*
 * Judges `driver`, the name in rte_eth_dev_info, e.g. "net_af_xdp", "net_ice", "mlx5_pci".
 * `arguments` are the device's (a vdev string) or ""; `rx_descriptors` those in use; `version` of
 * DPDK at run time.
 */
void port_driver_judge(struct port_verdict *verdict, const char *driver, const char *arguments,
		uint32_t rx_descriptors, uint32_t version);

/* Whether the class lets drops be reported. */
bool port_driver_observable(enum port_class class);

/*
 * Writes the name of the Debian package that holds the driver of a vdev or a PMD, e.g.
 * "librte-net-af-xdp23" for "net_af_xdp0"; the number is the ABI of DPDK 22.11 plus one a year.
 * Returns false (and "") when the name does not start with "net_".
 */
bool port_driver_package(char *out, size_t bytes, const char *device, uint32_t version);
/* The packages whose drivers serve NICs of a PCI vendor, e.g. 0x8086; NULL when not known. */
const char *port_driver_packages_of_vendor(uint32_t vendor);

#endif
