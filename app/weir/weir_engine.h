/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine: workers and the control thread, put together around sources that somebody else
 * opened. The same for ports and files.
 *
 *     weir_engine_add_worker() ...   one per worker, with its sources
 *     weir_engine_start()            control thread, then workers
 *     weir_engine_stop()             workers end their flows, control drains and closes
 *     weir_engine_fini()
 *
 * All on the main thread.
 */
#ifndef WEIR_ENGINE_H
#define WEIR_ENGINE_H

#include "config.h"
#include "control.h"
#include "filter.h"
#include "worker.h"

#include <stdbool.h>
#include <stdint.h>

struct weir_engine {
	const struct config *config;
	bool replay;
	struct worker *workers[CONFIG_MAX_WORKERS];
	struct control_worker views[CONFIG_MAX_WORKERS];
	struct filter *filters[CONFIG_MAX_WORKERS]; /* one a worker; NULL: every packet */
	uint32_t worker_count;
	struct control_port ports[CONFIG_MAX_PORTS]; /* filled by run */
	uint32_t port_count;
	struct control *control;
};

struct weir_engine_worker {
	struct source *const *sources;
	uint32_t source_count;
	int cpu; /* -1: not pinned */
	int numa_node; /* of table and ring; -1: that of the CPU */
	const char *queues; /* "p0q0 p1q0" */
	int (*thread_begin)(void);
	void (*thread_end)(void);
};

void weir_engine_init(struct weir_engine *engine, const struct config *config, bool replay);
/* 0, or the exit code after a message. */
int weir_engine_add_worker(struct weir_engine *engine, const struct weir_engine_worker *worker);
/* Opens the outputs; to be called after all workers (and ports) are known. 0 or the exit code. */
int weir_engine_connect(struct weir_engine *engine);
int weir_engine_start(struct weir_engine *engine);
bool weir_engine_is_done(const struct weir_engine *engine);
/*
 * Within about the configured deadline for the workers and again for the outputs; patient: the
 * outputs take the time they need (a replay that came to its end).
 */
void weir_engine_stop(struct weir_engine *engine, bool patient);
void weir_engine_fini(struct weir_engine *engine);

/* Which tunnels are opened. 0, or the exit code after a message. */
int weir_engine_policy(struct packet_policy *policy, const struct config *config);

/*
 * Compiles the configured filter; *filter is NULL when there is none. 0, or the exit code after a
 * message.
 */
int weir_engine_filter(struct filter **filter, const struct config *config);

/* The CPU for worker number `index` of `count`: as configured, else the last ones; -1: do not pin.
 */
int weir_engine_pick_cpu(const struct config *config, uint32_t index, uint32_t count);
/* Workers as configured: their number, else one for each named CPU, else `fallback`. */
uint32_t weir_engine_worker_count(const struct config *config, uint32_t fallback);
/* CPUs that this process may use. */
uint32_t weir_engine_cpu_count(void);

#endif
