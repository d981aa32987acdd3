/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the loop and the flow table count to the rows of STATS_WORKER_ROWS. */
#ifndef WORKER_COUNTERS_H
#define WORKER_COUNTERS_H

#include "flow_table.h"
#include "packet_fragments.h"
#include "packet_meta.h"
#include "stats_table.h"
#include "worker_stages.h"

#include <stdint.h>

/* What the loop itself counts, since its start. Worker only. */
struct worker_counts {
	uint64_t rx_packets, rx_octets, rx_bursts, rx_empty_polls;
	uint64_t metered_packets, metered_wire_octets;
	uint64_t inner_packets, inner_octets; /* metered a second time, inside */
	uint64_t tunnels, tunnels_full;
	struct packet_fragments_counters fragments;
	uint64_t drop_packets[PACKET_REASON_COUNT];
	uint64_t drop_octets[PACKET_REASON_COUNT];
	int64_t drop_last_ns[PACKET_REASON_COUNT]; /* wall clock or packet time */
	uint64_t backwards, rewinds;
	uint64_t busy_ns, idle_ns;
	struct worker_stages stages;
};

/* Fills all rows of `values`. */
void worker_counters_fill(uint64_t values[STATS_WORKER_COUNT], const struct worker_counts *counts,
		const struct flow_counters *flows);

#endif
