/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trace: the taps of all workers, open for one client that reads by polling. Whoever does not
 * read for API_TRACE_LEASE_NS has lost it.
 */
#ifndef API_TRACE_H
#define API_TRACE_H

#include "control.h"

#include <stdbool.h>
#include <stdint.h>

#define API_TRACE_LEASE_NS (5 * INT64_C(1000000000))

struct api_trace {
	uint64_t id; /* 0: none is open */
	uint64_t last_id;
	int64_t expires_ns; /* monotonic */
	uint32_t wanted; /* packets */
	uint32_t given;
	int32_t holder_pid;
};

/* Ends a trace whose lease is over. To be called now and then. */
void api_trace_tick(struct api_trace *trace, const struct control_setup *setup, int64_t now_ns);
/* Ends any. */
void api_trace_end(struct api_trace *trace, const struct control_setup *setup);

#endif
