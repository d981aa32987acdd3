/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting and ending DPDK's environment. Once a process; main thread. Workers are plain threads
 * that call rte_thread_register() before they touch a port.
 */
#ifndef PORT_EAL_H
#define PORT_EAL_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Starts EAL with arguments derived from `config` (port_eal_args.h) for `workers` workers. The CPU
 * affinity of the calling thread is as before afterwards; nothing reaches the terminal. Returns 0
 * or -errno with cause and cure in error.
 */
int port_eal_init(const struct config *config, uint32_t workers, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/* After all ports are closed. */
void port_eal_fini(void);

/* After port_eal_init(): do packet buffers lie in huge pages, and if not, why not ("" they do). */
bool port_eal_uses_huge_pages(void);
const char *port_eal_memory_note(void);

/* Of the DPDK library in use, "22.11.11"; valid before port_eal_init(). */
const char *port_eal_version(void);
/* The same as PORT_DRIVER_VERSION() makes it. */
uint32_t port_eal_version_number(void);

#endif
