/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which capabilities this process lacks, so that an error can name them instead of "run as root".
 */
#ifndef PORT_CAPS_H
#define PORT_CAPS_H

#include <stddef.h>
#include <stdint.h>

/* Bits as in capability.h of the kernel; names for the sets that drivers need (measured). */
#define PORT_CAPS_NET_ADMIN (UINT64_C(1) << 12)
#define PORT_CAPS_NET_RAW (UINT64_C(1) << 13)
#define PORT_CAPS_IPC_LOCK (UINT64_C(1) << 14)
#define PORT_CAPS_SYS_ADMIN (UINT64_C(1) << 21)
#define PORT_CAPS_BPF (UINT64_C(1) << 39)

#define PORT_CAPS_AF_PACKET (PORT_CAPS_NET_RAW | PORT_CAPS_NET_ADMIN)
#define PORT_CAPS_AF_XDP                                                               \
	(PORT_CAPS_NET_RAW | PORT_CAPS_NET_ADMIN | PORT_CAPS_BPF | PORT_CAPS_SYS_ADMIN \
			| PORT_CAPS_IPC_LOCK)

/*
 * Writes the names of those in `wanted` that are not effective, "NET_RAW and NET_ADMIN"; "" when
 * none is missing, or when it cannot be told. Reads /proc/self/status below `root` (port_sysfs.h).
 * Returns out.
 */
const char *port_caps_missing(const char *root, uint64_t wanted, char *out, size_t bytes);

#endif
