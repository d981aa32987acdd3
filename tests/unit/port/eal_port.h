/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process of its own with EAL in it: each case of a suite starts it, opens what it needs and ends
 * it, in the child that Check forks.
 */
#ifndef EAL_PORT_H
#define EAL_PORT_H

#include "port.h"
#include "port_eal.h"
#include "port_error.h"

#include <check.h>

#include <stdio.h>
#include <string.h>

/* Start-up loads every driver of DPDK: tenths of a second, more under a sanitizer. */
#define EAL_TIMEOUT_SEC 60

static struct config eal_config;
static char eal_error[PORT_ERROR_BYTES];

/* A configuration with one port; `kind` and device as in the file. */
static inline struct config_port *eal_configure(enum config_port_kind kind, const char *device)
{
	eal_config = (struct config){.port_count = 1};
	eal_config.memory.huge_pages = true;
	eal_config.workers.burst = 64;
	struct config_port *port = &eal_config.ports[0];
	port->kind = kind;
	port->promiscuous = true;
	snprintf(port->device, sizeof(port->device), "%s", device);
	return port;
}

static inline void eal_start(uint32_t workers)
{
	int rc = port_eal_init(&eal_config, workers, eal_error, sizeof(eal_error));

	ck_assert_msg(rc == 0, "%d: %s", rc, eal_error);
}

/* Opens port `index` of the configuration; returns what port_open() does. */
static inline int eal_open(struct port **port, uint32_t index, uint32_t workers)
{
	struct port_setup setup = {
			.config = &eal_config.ports[index],
			.index = index,
			.workers = workers,
			.burst = 64,
	};

	eal_error[0] = '\0';
	return port_open(port, &setup, eal_error, sizeof(eal_error));
}

static inline struct port *eal_must_open(uint32_t index, uint32_t workers)
{
	struct port *port;
	int rc = eal_open(&port, index, workers);

	ck_assert_msg(rc == 0, "%d: %s", rc, eal_error);
	rc = port_start(port, eal_error, sizeof(eal_error));
	ck_assert_msg(rc == 0, "%d: %s", rc, eal_error);
	return port;
}

#endif
