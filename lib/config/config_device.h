/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three ways to name a device, checked for their form: whether it exists is asked later.
 */
#ifndef CONFIG_DEVICE_H
#define CONFIG_DEVICE_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stddef.h>

/* Octets of a PCI address as config_device_parse_pci() writes it, with its NUL. */
#define CONFIG_PCI_BYTES 20

/* A name that the kernel would accept, and that DPDK can be given (no comma). */
bool config_device_is_interface(const char *text);
/* "3b:00.0" or "0000:3B:00.0", written to `out` in the long form and small letters. 0 or -EINVAL.
 */
int config_device_parse_pci(const char *text, char out[CONFIG_PCI_BYTES]) BASE_MUST_CHECK;
/* "net_tap0,iface=tap0": a driver, a number, and arguments without spaces. */
bool config_device_is_vdev(const char *text);
/* Octets of a device string before its arguments. */
size_t config_device_name_len(const char *device);

#endif
