/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one table of counters. Each row: X(name, unit, kind, help).
 *
 * From it come the counter blocks, the control socket's answer, the reference page and the metrics
 * text (weir_<name>_total for a counter, weir_<name> for a gauge). Counters only grow and are never
 * reset; each block has one writer.
 *
 * Rows named decode_drop_<reason>_packets, _octets and _last_ns exist for each row of BASE_REASONS.
 */
#ifndef STATS_TABLE_H
#define STATS_TABLE_H

#include "base_reason.h"

#include <stdint.h>

enum stats_kind {
	STATS_COUNTER,
	STATS_GAUGE,
	STATS_MAXIMUM, /* a gauge; of several blocks the largest, not the sum */
};

/* Written by one worker; summed over workers. */
#define STATS_WORKER_ROWS(X)                                                                      \
	X(rx_packets, "packets", COUNTER, "packets taken from the sources")                       \
	X(rx_octets, "octets", COUNTER, "octets of those packets on the wire, layer 2 included")  \
	X(rx_bursts, "bursts", COUNTER, "turns of the loop that found packets")                   \
	X(rx_empty_polls, "polls", COUNTER, "turns of the loop that found none")                  \
	X(metered_packets, "packets", COUNTER, "packets counted in a flow")                       \
	X(metered_wire_octets, "octets", COUNTER, "octets of those on the wire")                  \
	X(metered_octets, "octets", COUNTER, "octets of those from the IP header on")             \
	X(inner_packets, "packets", COUNTER,                                                      \
			"of the metered packets, those metered a second time inside a tunnel")    \
	X(inner_octets, "octets", COUNTER, "octets of their inner views from the IP header on")   \
	X(tunnels_active, "tunnels", GAUGE, "encapsulations that live flows refer to")            \
	X(tunnels_full_packets, "packets", COUNTER,                                               \
			"views whose tunnel found no room (decode.tunnels_per_worker)")           \
	X(fragments_first, "packets", COUNTER, "first fragments whose ports were kept")           \
	X(fragments_resolved, "packets", COUNTER, "later fragments that got those ports")         \
	X(fragments_unresolved, "packets", COUNTER,                                               \
			"later fragments whose first was not seen before them; metered without "  \
			"ports")                                                                  \
	X(fragments_expired, "packets", COUNTER,                                                  \
			"of the unresolved, those whose first came longer before them than "      \
			"decode.fragment_timeout")                                                \
	X(fragments_evicted, "datagrams", COUNTER,                                                \
			"datagrams whose ports were given up for want of room")                   \
	X(flows_created, "flows", COUNTER, "flows that began")                                    \
	X(flows_ended_idle, "flows", COUNTER, "flows that ended by the idle timeout")             \
	X(flows_ended_detected, "flows", COUNTER, "flows that ended by TCP FIN or RST")           \
	X(flows_ended_forced, "flows", COUNTER, "flows ended by a stop or the end of a file")     \
	X(flows_ended_resources, "flows", COUNTER, "flows evicted for a new one, table full")     \
	X(flows_active, "flows", GAUGE, "flows in the table now")                                 \
	X(resident_packets, "packets", GAUGE, "packets of live flows that are in no record yet")  \
	X(resident_octets, "octets", GAUGE, "octets of live flows that are in no record yet")     \
	X(records_idle, "records", COUNTER, "records made by the idle timeout")                   \
	X(records_active, "records", COUNTER, "records made by the active timeout")               \
	X(records_detected, "records", COUNTER, "records made by TCP FIN or RST")                 \
	X(records_forced, "records", COUNTER, "records made by a stop or the end of a file")      \
	X(records_resources, "records", COUNTER, "records made by eviction")                      \
	X(records_packets, "packets", COUNTER, "packets in all records made, lost ones included") \
	X(records_octets, "octets", COUNTER, "octets in all records made, lost ones included")    \
	X(ring_drop_full, "records", COUNTER, "records lost because the ring was full")           \
	X(ring_drop_full_packets, "packets", COUNTER, "packets in those records")                 \
	X(ring_drop_full_octets, "octets", COUNTER, "octets in those records")                    \
	X(ring_held, "events", COUNTER, "expiries put off because the ring was full")             \
	X(time_backwards_packets, "packets", COUNTER, "packets older than one before them")       \
	X(time_rewinds, "events", COUNTER,                                                        \
			"times that a capture went back further than reordering explains")        \
	X(age_lateness_max_ns, "ns", MAXIMUM,                                                     \
			"longest time that an expired flow waited for the clock hand")            \
	X(busy_ns, "ns", COUNTER, "time spent in turns that found packets or aged flows")         \
	X(idle_ns, "ns", COUNTER, "time spent waiting for packets")                               \
	X(stage_packets, "packets", COUNTER, "packets of the turns that were timed, one in 16")   \
	X(stage_receive_cycles, "cycles", COUNTER, "TSC cycles of them: taken from the source")   \
	X(stage_decode_cycles, "cycles", COUNTER, "... decoded")                                  \
	X(stage_lookup_cycles, "cycles", COUNTER,                                                 \
			"... keys made and hashed, buckets and entries fetched")                  \
	X(stage_update_cycles, "cycles", COUNTER, "... compared and metered")                     \
	X(stage_age_cycles, "cycles", COUNTER, "... the clock hand")                              \
	X(stage_publish_cycles, "cycles", COUNTER, "... records published")

/* Written by the control thread. */
#define STATS_CONTROL_ROWS(X)                                                    \
	X(records_taken, "records", COUNTER, "records taken from the rings")     \
	X(records_taken_packets, "packets", COUNTER, "packets in those records") \
	X(records_taken_octets, "octets", COUNTER, "octets in those records")    \
	X(control_turns, "turns", COUNTER, "turns of the control loop")          \
	X(clock_steps, "events", COUNTER, "steps of the system's wall clock seen")

/* Written by the control thread, one block an output. taken = sent + queued + lost (all rows). */
#define STATS_OUTPUT_ROWS(X)                                                                    \
	X(output_offered, "records", COUNTER, "records handed to the output")                   \
	X(output_filtered, "records", COUNTER, "records that its filter left out")              \
	X(output_elsewhere, "records", COUNTER, "records that another output of its group got") \
	X(output_sent, "records", COUNTER,                                                      \
			"records that the system accepted; over tcp, tls and sctp, that the "   \
			"collector's host acknowledged")                                        \
	X(output_sent_octets, "octets", COUNTER, "octets that the system accepted")             \
	X(output_queued, "records", GAUGE, "records formatted but not sent yet")                \
	X(output_in_flight, "records", GAUGE,                                                   \
			"of those, the ones that the system accepted, not yet acknowledged")    \
	X(output_lost_no_space, "records", COUNTER, "records lost: the disk is full")           \
	X(output_lost_io_error, "records", COUNTER, "records lost: they could not be written")  \
	X(output_lost_queue_full, "records", COUNTER,                                           \
			"records lost: the queue was full, as they are taken too slowly or "    \
			"not at all")                                                           \
	X(output_lost_closed, "records", COUNTER, "records lost: the reader went away")         \
	X(output_lost_unreachable, "records", COUNTER,                                          \
			"records lost: the collector refused or could not be reached")          \
	X(output_lost_unacknowledged, "records", COUNTER,                                       \
			"records lost: the connection ended before the collector's host had "   \
			"acknowledged them; it may have got some")                              \
	X(output_lost_unfit, "records", COUNTER,                                                \
			"records lost: the format (NetFlow 5: IPv6) or the path has no room "   \
			"for them")                                                             \
	X(output_messages, "messages", COUNTER,                                                 \
			"IPFIX or NetFlow messages sent, those without records included")       \
	X(output_template_messages, "messages", COUNTER, "of those, the ones with templates")   \
	X(output_sessions, "sessions", COUNTER,                                                 \
			"transport sessions begun: connections, sockets, files")                \
	X(output_sequence, "number", GAUGE, "sequence number of the next message")              \
	X(output_link, "state", GAUGE, "to a collector: 0 down, 1 connecting, 2 probing, 3 up") \
	X(output_rotations, "files", COUNTER, "files that were closed and followed by another")

/* Read from the driver by the control thread, one block a port. */
#define STATS_PORT_ROWS(X)                                                                        \
	X(port_received_packets, "packets", COUNTER, "packets that the driver handed over")       \
	X(port_received_octets, "octets", COUNTER, "octets of those, as the driver counts them")  \
	X(port_missed_packets, "packets", COUNTER,                                                \
			"packets lost for want of a free descriptor (imissed)")                   \
	X(port_error_packets, "packets", COUNTER, "packets the port refused as broken (ierrors)") \
	X(port_no_buffer_events, "events", COUNTER,                                               \
			"allocations that failed (rx_nombuf): retries on most drivers")           \
	X(port_link_up, "state", GAUGE, "1 when the link is up")                                  \
	X(port_drops_observable, "state", GAUGE, "1 when the driver can report drops")

#define STATS_INDEX(name, unit, kind, help) STATS_##name,
enum stats_worker_index {
	STATS_WORKER_ROWS(STATS_INDEX)
/* by reason, in the order of BASE_REASONS */
#define STATS_DROP_INDEX(name, help)                                           \
	STATS_decode_drop_##name##_packets, STATS_decode_drop_##name##_octets, \
			STATS_decode_drop_##name##_last_ns,
			BASE_REASONS(STATS_DROP_INDEX)
#undef STATS_DROP_INDEX
					STATS_WORKER_COUNT,
};
#define STATS_DROP_FIRST STATS_decode_drop_non_ip_packets
#define STATS_DROP_ROWS 3
/* The rows of reason number r (enum packet_verdict). */
#define STATS_DROP_PACKETS(r) (STATS_DROP_FIRST + STATS_DROP_ROWS * (r))
#define STATS_DROP_OCTETS(r) (STATS_DROP_PACKETS(r) + 1)
#define STATS_DROP_LAST_NS(r) (STATS_DROP_PACKETS(r) + 2)

enum stats_control_index { STATS_CONTROL_ROWS(STATS_INDEX) STATS_CONTROL_COUNT };
enum stats_output_index { STATS_OUTPUT_ROWS(STATS_INDEX) STATS_OUTPUT_COUNT };
enum stats_port_index { STATS_PORT_ROWS(STATS_INDEX) STATS_PORT_COUNT };
#undef STATS_INDEX

struct stats_row {
	const char *name;
	const char *unit;
	const char *help;
	enum stats_kind kind;
};

/* Indexed by the enums above. */
extern const struct stats_row stats_worker_rows[STATS_WORKER_COUNT];
extern const struct stats_row stats_control_rows[STATS_CONTROL_COUNT];
extern const struct stats_row stats_output_rows[STATS_OUTPUT_COUNT];
extern const struct stats_row stats_port_rows[STATS_PORT_COUNT];

/* The reason of a row output_lost_<reason>: "queue_full"; NULL for every other row. */
const char *stats_output_loss(enum stats_output_index row);
/* Why such records were lost, in words. Of no other row. */
const char *stats_output_loss_words(enum stats_output_index row);
/* Sum over all reasons. values: STATS_OUTPUT_COUNT. */
uint64_t stats_output_lost(const uint64_t *values);

#endif
