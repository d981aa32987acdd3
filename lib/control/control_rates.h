/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rates from samples of the counters: what was added between the two newest samples, which are
 * about a second apart, divided by the time between them. Time is an argument.
 */
#ifndef CONTROL_RATES_H
#define CONTROL_RATES_H

#include "config.h"
#include "control.h"
#include "packet_meta.h"

#include <stdbool.h>
#include <stdint.h>

/* The counters that rates are made of, at one moment. */
struct control_sample {
	int64_t now_ns; /* monotonic */
	uint64_t records_taken;
	uint64_t flows_created;
	uint64_t rx_octets;
	uint64_t drops[PACKET_REASON_COUNT]; /* packets, all workers */
	uint64_t rx_packets[CONFIG_MAX_WORKERS];
	uint64_t busy_ns[CONFIG_MAX_WORKERS];
	uint64_t idle_ns[CONFIG_MAX_WORKERS];
	uint64_t stage_packets[CONFIG_MAX_WORKERS];
	uint64_t stage_cycles[CONFIG_MAX_WORKERS][CONTROL_STAGES];
	uint64_t port_packets[CONFIG_MAX_PORTS];
	uint64_t port_octets[CONFIG_MAX_PORTS];
};

/* Not thread-safe: the control guards it with a mutex. */
struct control_meter {
	uint32_t worker_count, port_count;
	bool started; /* `newest` holds a sample */
	bool warm; /* `rates` were made from a period */
	struct control_sample newest;
	struct control_rates rates;
	/* the busiest second of each of the last 60 seconds and minutes, and of all */
	float busy_seconds[CONFIG_MAX_WORKERS][60], busy_minutes[CONFIG_MAX_WORKERS][60];
	float busy_ever[CONFIG_MAX_WORKERS];
	uint32_t seconds; /* samples taken */
};

/* True when it is time for another sample: the first period is short, later ones last a second. */
bool control_meter_due(const struct control_meter *meter, int64_t now_ns);
/* Takes the sample and makes the rates since the one before; a sample without time is ignored. */
void control_meter_add(struct control_meter *meter, const struct control_sample *sample);

/*
 * The rates of the period between two samples. A counter that went back (a driver's that was
 * reset) gives 0, never a negative or a huge rate.
 */
void control_rates_between(const struct control_sample *before, const struct control_sample *after,
		uint32_t worker_count, uint32_t port_count, struct control_rates *rates);

#endif
