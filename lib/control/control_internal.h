/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control as its own files see it. Who writes what:
 *
 *     thread         outputs, tops, drain, clock; publishes the ledger
 *     any thread     reads the ledger, counter blocks, ring indices, tables without a lock;
 *                    ports under ports_lock, rates under rates_lock
 *     any thread     asks through `wake` and the flags beside it
 *
 * No lock is ever taken by a worker. rates_lock may be held when ports_lock is taken, not the other
 * way round.
 */
#ifndef CONTROL_INTERNAL_H
#define CONTROL_INTERNAL_H

#include "control.h"
#include "control_clock.h"
#include "control_drain.h"
#include "control_ledger.h"
#include "control_outputs.h"
#include "control_rates.h"
#include "control_tops.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct control {
	/* read-only after create */
	struct control_setup setup;
	int64_t started_ns; /* wall clock */
	struct export_context context; /* but may_block, which a stop clears */
	const char *port_names[CONFIG_MAX_PORTS];
	const char *port_descriptions[CONFIG_MAX_PORTS];
	uint32_t port_indexes[CONFIG_MAX_PORTS];
	int wake_fd;

	/* the owner's thread: create, start, stop, destroy */
	pthread_t thread;
	bool started;
	bool stopped;
	bool abandoned; /* the thread did not end by the deadline: its memory must stay */

	/* control thread only */
	struct control_outputs outputs;
	struct control_tops *tops;
	struct control_drain drain;
	struct control_clock clock;
	int64_t next_tick_ns;
	int64_t ignored_first_ns; /* when packets that were not metered were first noticed */

	/* shared: the control thread writes, any thread reads */
	struct control_ledger ledger;

	/* shared: any thread asks, the control thread answers */
	_Atomic bool stopping BASE_CACHE_ALIGNED;
	_Atomic bool reopen;
	_Atomic int64_t until_ns; /* of the stop */

	/* guarded by ended_lock */
	pthread_mutex_t ended_lock;
	pthread_cond_t ended_cond;
	bool ended;

	pthread_mutex_t ports_lock; /* around control_port.read and .polled */
	pthread_mutex_t rates_lock; /* around the meter */
	struct control_meter meter;
};

/* What exporters report of losses before them; `arg` is the control. Control thread. */
void control_read_metering(void *arg, struct export_metering *metering);

/* Takes a sample for the rates when one is due. Any thread. */
void control_sample_rates(struct control *control, int64_t now_ns);

#endif
