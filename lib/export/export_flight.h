/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that the kernel took and the collector's host has not acknowledged yet: how far the
 * octets of a connection must have been acknowledged for each of them to have arrived.
 *
 *     oldest                             newest
 *     | up to 4096: 41 records | up to 20480: 160 records | ...
 *
 * Bounded: when there are more than fit, two become one, which has arrived when the later has.
 */
#ifndef EXPORT_FLIGHT_H
#define EXPORT_FLIGHT_H

#include "export_messages.h"

/* More than a send buffer of some megaoctets holds of long messages. */
#define EXPORT_FLIGHT_MAX 1024

struct export_flight_message {
	uint64_t end; /* octets of the connection, this message included */
	struct export_load load;
};

/* Zeroed is empty. One thread. */
struct export_flight {
	struct export_flight_message messages[EXPORT_FLIGHT_MAX];
	unsigned int first;
	unsigned int count;
	struct export_load load; /* of all */
};

/* `end` never goes back. */
void export_flight_add(struct export_flight *flight, uint64_t end, const struct export_load *load);
/* Takes out those that end at or before `acknowledged`; returns what they held. */
struct export_load export_flight_land(struct export_flight *flight, uint64_t acknowledged);
/* Takes out all; returns what they held. */
struct export_load export_flight_clear(struct export_flight *flight);

static inline bool export_flight_is_full(const struct export_flight *flight)
{
	return flight->count == EXPORT_FLIGHT_MAX;
}

#endif
