/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EAL's arguments, derived from the configuration and the host so that no user writes one:
 *
 *   weir --lcores=0@CPU --file-prefix=weir-PID --no-telemetry
 *        --in-memory                        reserved huge pages suffice, or
 *        --no-huge --no-shconf -m MiB       4 KiB pages, as much as the packet buffers need
 *        --no-pci  or  -a ADDRESS ...       nothing is probed that is not listed
 *        --iova-mode=va                     unless a PCI device may need physical addresses
 *        expert.eal_arguments
 *
 * --in-memory leaves nothing behind when the process is killed. DPDK 22.11 refuses it together with
 * --no-huge. One lcore: workers are threads of ours that register themselves.
 */
#ifndef PORT_EAL_ARGS_H
#define PORT_EAL_ARGS_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_EAL_NODES_MAX 32
#define PORT_EAL_ARGS_MAX 64
#define PORT_EAL_NOTE_BYTES 256

/* What the host offers. */
struct port_eal_facts {
	uint64_t huge_free_bytes[PORT_EAL_NODES_MAX]; /* in free huge pages, by NUMA node */
	uint32_t nodes;
	uint32_t cpu; /* one on which this process may run */
	uint32_t pid;
};

/* Reads them, below `root` (port_sysfs.h). A host without NUMA has one node. */
void port_eal_facts_read(struct port_eal_facts *facts, const char *root);

/* Memory for packet buffers: on a certain node, or on any. */
struct port_eal_need {
	uint64_t node_bytes[PORT_EAL_NODES_MAX];
	uint64_t any_bytes;
};
uint64_t port_eal_need_total(const struct port_eal_need *need);

struct port_eal_args {
	char *argv[PORT_EAL_ARGS_MAX + 1]; /* ends in NULL; points into text */
	int argc;
	char text[4096];
	size_t used;
	bool huge_pages; /* are used */
	char note[PORT_EAL_NOTE_BYTES]; /* why huge pages are not used, and the cure; "" they are */
};

/*
 * Derives them. 0; or -EINVAL with cause and cure in error: expert.eal_arguments holds what weir
 * sets itself, memory.packet_bytes is too little; -E2BIG: too many arguments.
 */
int port_eal_args_make(struct port_eal_args *args, const struct config *config,
		const struct port_eal_facts *facts, const struct port_eal_need *need, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

#endif
