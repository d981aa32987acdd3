/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PCI device as the kernel shows it below /sys/bus/pci, and whether DPDK can drive it: bound to
 * vfio-pci or a uio driver, or to a kernel driver beside which its DPDK driver works (mlx5).
 */
#ifndef PORT_PCI_H
#define PORT_PCI_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_PCI_ADDRESS_BYTES 16

/*
 * Writes the long form, "0000:3b:00.0" for "3b:0.0"; hexadecimal in lower case. Returns 0 or
 * -EINVAL.
 */
int port_pci_parse_address(const char *text, char address[PORT_PCI_ADDRESS_BYTES]);

struct port_pci {
	char address[PORT_PCI_ADDRESS_BYTES];
	uint32_t vendor, device, class_code;
	char driver[32]; /* kernel driver it is bound to; "" none */
	char interface[16]; /* of that driver, the first; "" none */
	int numa_node; /* -1 unknown */
	bool bifurcated; /* works while the kernel's driver keeps the device */
};

/* Reads the facts. 0; -EINVAL (no address), -ENODEV (no such device). `root`: port_sysfs.h. */
int port_pci_query(struct port_pci *pci, const char *root, const char *address);

/*
 * 0 when DPDK can take it, else -errno with cause and cure in error: also when its kernel interface
 * (mlx5) holds the default route, unless `force`. `pci` is filled on success and as far as known
 * otherwise.
 */
int port_pci_check(struct port_pci *pci, const char *root, const char *address, bool force,
		char *error, size_t error_bytes) BASE_MUST_CHECK;

#endif
