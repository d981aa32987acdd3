/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control-plane thread: drains the rings of all workers, hands the records to the outputs,
 * keeps the tops, watches the ports; and the view of the whole program that the API and the exit
 * summary read.
 *
 * Threads: everything in struct control_setup is read-only after control_create(). The thread owns
 * outputs and tops. Other threads read through control_snapshot() and the accessors, which only
 * read counter blocks (stats_block.h), ring indices and flow tables (flow_table_scan), never a lock
 * that a worker could wait for.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "base_cacheline.h"
#include "config.h"
#include "export_output.h"
#include "flow_record.h"
#include "flow_table.h"
#include "ring_records.h"
#include "stats_audit.h"
#include "stats_block.h"
#include "tap.h"

#include <stdbool.h>
#include <stdint.h>

/* A worker as the rest of the program sees it. All pointers outlive the control. */
struct control_worker {
	const struct stats_block *stats;
	struct ring_records *ring;
	const struct flow_table *table;
	struct tap *tap; /* copies of its packets; the api opens it */
	uint64_t capacity; /* flows */
	uint64_t memory_bytes; /* table and ring */
	const char *memory_pages; /* "2 MiB pages", ... */
	int cpu; /* -1: not pinned */
	int numa_node; /* of the memory; -1 unknown */
	char queues[64]; /* "p0q0 p1q0", or "replay" */
};

/* A port as the rest of the program sees it. */
struct control_port {
	char name[CONFIG_NAME_BYTES]; /* as configured */
	char device[CONFIG_NAME_BYTES]; /* eth1, 0000:3b:00.0, net_null0 */
	char driver[CONFIG_NAME_BYTES]; /* net_af_xdp */
	char mac[18];
	int numa_node;
	uint32_t queues, rx_descriptors;
	char rss[128]; /* what is really hashed, in words */
	char note[256]; /* what this driver costs or hides; "" none */
	bool promiscuous;
	/* Fills STATS_PORT_ROWS values; called by any thread, serialised by the control. */
	void (*read)(void *arg, uint64_t values[STATS_PORT_COUNT]);
	/*
	 * Packets that the workers took from this port so far; called as read(). NULL, of a single
	 * port only: the sum of rx_packets.
	 */
	uint64_t (*polled)(void *arg);
	/* Link speed in Mb/s, 0 unknown. */
	uint32_t (*speed)(void *arg);
	void *arg;
};

struct control_setup {
	const struct config *config;
	const struct control_worker *workers;
	uint32_t worker_count;
	const struct control_port *ports;
	uint32_t port_count;
	bool replay; /* outputs may block; no ports */
	uint32_t top_count; /* talkers kept, 0: none */
};

struct control;

/* Opens the outputs. 0, or -errno with cause and cure in error[error_bytes]. */
int control_create(struct control **control, const struct control_setup *setup, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/* Starts the thread. 0 or -errno. */
int control_start(struct control *control) BASE_MUST_CHECK;
/*
 * After the workers have ended: drains what is left, closes the outputs and joins, all by
 * deadline_ns (monotonic, as worker_stop() takes it; INT64_MAX: no limit). What was not taken from
 * a ring by then stays counted as waiting. If the thread hangs in an output it is left behind, a
 * second after the deadline, and control_destroy() then keeps its memory.
 */
void control_stop(struct control *control, int64_t deadline_ns);
/* Stops at once, if that was not done. NULL is allowed. */
void control_destroy(struct control *control);
/* SIGHUP: outputs open their files again. Any thread. */
void control_reopen(struct control *control);

const struct control_setup *control_get_setup(const struct control *control);
int64_t control_started_ns(const struct control *control); /* wall clock */

/* A reading of everything, downstream first. The views live in the caller's `view`. Any thread. */
struct control_view {
	struct stats_snapshot snapshot;
	struct stats_port_view ports[CONFIG_MAX_PORTS];
	struct stats_output_view outputs[CONFIG_MAX_OUTPUTS];
	uint64_t workers[CONFIG_MAX_WORKERS][STATS_WORKER_COUNT];
	uint64_t ring_waiting[CONFIG_MAX_WORKERS];
	int64_t taken_ns; /* monotonic */
};
void control_snapshot(struct control *control, struct control_view *view);
/*
 * The same, and scans the flow tables for what is resident; if no packet came in meanwhile the
 * snapshot says `scanned`. Slow (a pass over the tables). Any thread.
 */
void control_snapshot_scanned(struct control *control, struct control_view *view);

/* The stages of a worker's turn, in the order of the counters stage_receive_cycles and so on. */
#define CONTROL_STAGES (STATS_stage_publish_cycles - STATS_stage_receive_cycles + 1)

/*
 * Packets a second and so on over about the last second, from samples of the counters. 0 until
 * 200 ms after the start. Any thread.
 */
struct control_rates {
	double packets_per_sec, bits_per_sec, flows_per_sec, records_per_sec;
	double busy[CONFIG_MAX_WORKERS]; /* 0..1 */
	/* the busiest second of the last minute, of the last hour, since start */
	double busy_minute[CONFIG_MAX_WORKERS], busy_hour[CONFIG_MAX_WORKERS];
	double busy_ever[CONFIG_MAX_WORKERS];
	/* TSC cycles a packet by stage, of the turns that were timed; 0: none was */
	double stage_cycles[CONFIG_MAX_WORKERS][CONTROL_STAGES];
	double worker_packets_per_sec[CONFIG_MAX_WORKERS];
	double port_packets_per_sec[CONFIG_MAX_PORTS];
	double port_bits_per_sec[CONFIG_MAX_PORTS];
	double drops_per_sec[PACKET_REASON_COUNT]; /* packets not metered, by reason */
};
void control_get_rates(struct control *control, struct control_rates *rates);

#define CONTROL_OUTPUT_ERROR_BYTES 512

struct control_output_error {
	char text[CONTROL_OUTPUT_ERROR_BYTES]; /* the last one; "": none since start */
	int64_t at_ns; /* wall clock: when it was last there */
	bool now; /* it is there now */
};

/* Of each output in the order of the configuration: fills errors[output_count]. Any thread. */
void control_get_output_errors(struct control *control, struct control_output_error *errors);
/*
 * The last messages that an output sent, to be freed by the caller: how many, 0 when it sends none
 * or is closed, or -errno. Any thread.
 */
int control_get_recent(struct control *control, uint32_t output,
		struct export_recent_message **list) BASE_MUST_CHECK;

/* Heaviest talkers so far, by octets: conversations summed over their records. */
struct control_top {
	struct flow_record key; /* addresses, destination port, protocol; source_port is 0 */
	uint64_t packets, bytes; /* both directions */
	uint64_t error_bytes; /* bytes may be over by at most this; 0: exact */
};
/* After control_stop(), or from the control thread. Returns how many (<= max), largest first. */
uint32_t control_tops(struct control *control, struct control_top *tops, uint32_t max);

#endif
