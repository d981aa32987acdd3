/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which output gets which record. An output without filter and group gets all; a filter leaves
 * records out; of a group one member gets each record:
 *
 *     spread    by the flow: both directions, and all its records, go to one member. Rendezvous
 *               hashing: when a member fails, only its share goes to the others
 *     failover  the first in the order of the configuration that works
 *
 * When no member works, the choice is as if all did: records wait in their queues.
 */
#ifndef CONTROL_ROUTES_H
#define CONTROL_ROUTES_H

#include "config.h"
#include "flow_filter.h"
#include "flow_record.h"

#include <stdbool.h>
#include <stdint.h>

/* A set of outputs by their index. */
typedef uint32_t control_outputs_set;
static_assert(CONFIG_MAX_OUTPUTS <= 32, "one bit each");

struct control_route_group {
	control_outputs_set members;
	bool spread; /* else failover */
};

/* Read-only after init. */
struct control_routes {
	uint32_t output_count;
	control_outputs_set plain; /* get all records */
	control_outputs_set alone; /* are in no group */
	control_outputs_set filtered;
	uint32_t group_count;
	struct control_route_group groups[CONFIG_MAX_OUTPUTS];
	struct flow_filter filters[CONFIG_MAX_OUTPUTS]; /* of the filtered */
};

/* Where a record goes. */
struct control_route {
	control_outputs_set fits; /* whose filter lets it pass */
	control_outputs_set given; /* of these: who gets it */
};

/* 0, or -EINVAL when a filter cannot be read, with one line in error[error_bytes]. */
int control_routes_init(struct control_routes *routes, const struct config *config, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

/* Fills chosen[count]. works: the outputs that take records now. Any thread. */
void control_routes_choose(const struct control_routes *routes, control_outputs_set works,
		const struct flow_record *records, uint32_t count, struct control_route *chosen);

#endif
