/* SPDX-License-Identifier: BSD-3-Clause */
/* The ports of a run: opened, dealt out to the workers queue by queue, started, closed. */
#ifndef WEIR_RUNPORTS_H
#define WEIR_RUNPORTS_H

#include "config.h"
#include "port.h"
#include "source.h"
#include "weir_engine.h"

#include <stdint.h>

#define WEIR_MAX_QUEUES 128

struct weir_queue {
	struct source *source;
	uint32_t port, queue;
	uint32_t worker, position; /* dealt to: its number among the worker's sources */
};

struct weir_runports {
	struct port *ports[CONFIG_MAX_PORTS];
	uint32_t count;
	struct weir_queue queues[WEIR_MAX_QUEUES];
	uint32_t queue_count;
	struct weir_engine *engine;
	struct weir_port_view {
		struct weir_runports *all;
		uint32_t port;
	} views[CONFIG_MAX_PORTS]; /* what the callbacks of control get */
};

/* Starts DPDK and opens all configured ports for `workers` workers. 0, or the exit code after a
 * message. */
int weir_runports_open(struct weir_runports *ports, const struct config *config, uint32_t workers);
/* Deals the queues to at most `workers` workers of the engine, in turn. 0 or the exit code. */
int weir_runports_deal(struct weir_runports *ports, struct weir_engine *engine, uint32_t workers);
/* Packets come. 0 or the exit code. */
int weir_runports_start(struct weir_runports *ports);
/* After the workers have ended. */
void weir_runports_close(struct weir_runports *ports);

#endif
