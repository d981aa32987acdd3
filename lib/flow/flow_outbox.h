/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the table writes records: free slots of the ring, reserved by the worker, so that a record
 * is built in place and copied never. The flow module does not know the ring.
 */
#ifndef FLOW_OUTBOX_H
#define FLOW_OUTBOX_H

#include "flow_record.h"

#include <stddef.h>
#include <stdint.h>

struct flow_outbox {
	struct flow_record *slots;
	uint64_t mask; /* slot i of the reservation is slots[(first + i) & mask] */
	uint64_t first;
	uint32_t room; /* slots reserved */
	uint32_t used; /* records written; the worker publishes them */
	uint8_t worker; /* goes into each record */
};

static inline uint32_t flow_outbox_free(const struct flow_outbox *outbox)
{
	return outbox->room - outbox->used;
}

/* The next free slot, or NULL when there is none. */
static inline struct flow_record *flow_outbox_next(struct flow_outbox *outbox)
{
	if (outbox->used == outbox->room)
		return NULL;
	return &outbox->slots[(outbox->first + outbox->used++) & outbox->mask];
}

#endif
