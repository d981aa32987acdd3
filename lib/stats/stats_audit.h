/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The identities: every packet and every record is in exactly one place. Pure arithmetic over a
 * snapshot, so that the exit summary, the control socket and the tests judge alike.
 */
#ifndef STATS_AUDIT_H
#define STATS_AUDIT_H

#include "stats_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_NAME_BYTES 64
#define STATS_MAX_TERMS 20
#define STATS_MAX_IDENTITIES 96

struct stats_port_view {
	char name[STATS_NAME_BYTES]; /* "0 net_af_xdp veth1" */
	uint64_t values[STATS_PORT_COUNT];
	uint64_t polled_packets; /* by the workers, of this port */
	bool drops_observable; /* else the offered number is unknown */
};

struct stats_output_view {
	char name[STATS_NAME_BYTES];
	uint64_t values[STATS_OUTPUT_COUNT];
};

/*
 * One reading of the whole program. Take it downstream first (outputs, control, rings, workers,
 * ports), so that what is still in flight shows as >= 0.
 */
struct stats_snapshot {
	uint64_t worker[STATS_WORKER_COUNT]; /* summed over workers */
	uint64_t control[STATS_CONTROL_COUNT];
	uint64_t ring_waiting; /* records published, not yet taken */
	const struct stats_port_view *ports;
	size_t port_count;
	const struct stats_output_view *outputs;
	size_t output_count;
	/* What a scan of the tables found, if it was exact (no packet came in between). */
	bool scanned;
	uint64_t scan_flows, scan_packets, scan_octets;
};

struct stats_term {
	char name[STATS_NAME_BYTES];
	uint64_t value;
	char sign; /* '=' first term of the left side; '+' or '-' on the right side */
	bool unknown; /* the driver cannot tell: print "unknown" */
};

struct stats_identity {
	char subject[STATS_NAME_BYTES]; /* "workers", "port 0 ...", "output flows.jsonl" */
	const char *unit; /* "packets", "octets", "flows", "records" */
	struct stats_term terms[STATS_MAX_TERMS]; /* terms[0] = sum of the others */
	size_t term_count;
	int64_t residual; /* left - right; 0: holds */
	bool judged; /* false: cannot be judged (unknown term); never counted as holding */
	const char *note; /* why it is not judged, or what it rests on; may be NULL */
};

/*
 * Writes the identities of `snapshot` and returns how many (<= max). Ports first, then workers,
 * flows, packets and octets in records, rings, outputs: the order of the path.
 */
size_t stats_audit(const struct stats_snapshot *snapshot, struct stats_identity *identities,
		size_t max);

/* True when every judged identity has residual 0. */
bool stats_audit_holds(const struct stats_identity *identities, size_t count);

#endif
