/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An exporting process (RFC 7011): flow records to messages of IPFIX or NetFlow, and these to one
 * collector or file.
 *
 *     records -> builder -> data -------+
 *                 (in the ring itself)  +-> stamped -> transport
 *     templates, options -> announced --+ first
 *
 * Accounting: offered = sent + queued + lost, by reason, as of every output. A record is queued
 * while it is in the ring or in the message that is being filled; it is sent when its message was
 * accepted whole by the kernel, or, over a connection, acknowledged by the collector's host: in
 * between it is in flight, and still queued. What is in flight when a connection breaks may have
 * arrived or not; it is not sent again, but counted apart. Messages are stamped when the transport
 * is given them, and those that it did not take give their numbers back, so the sequence numbers of
 * a session have a gap only where a message left weir and was lost, or was too long for the path.
 *
 * Nothing here waits but in a replay: a collector that is slow, absent or refuses costs its own
 * records once its queue is full.
 */
#ifndef EXPORT_EXPORTER_H
#define EXPORT_EXPORTER_H

#include "base_log.h"
#include "export_delivery.h"
#include "export_flight.h"
#include "export_messages.h"
#include "export_output.h"
#include "export_recent.h"
#include "export_transport.h"
#include "ipfix_builder.h"
#include "ipfix_session.h"

/* One thread. */
struct export_exporter {
	const struct export_context *context;
	struct config_output config;
	struct ipfix_plan plan;
	struct ipfix_session session;
	struct ipfix_builder builder;
	struct ipfix_interface *interfaces;
	unsigned int interface_count;
	uint32_t message_bytes;
	uint8_t *spare; /* a message for which the ring has no room; and announcements */
	bool spare_used; /* the builder writes there: what it makes is lost */
	struct export_messages data;
	struct export_messages announced;
	struct export_recent recent; /* any thread: to look at */
	struct export_flight *flight; /* over connections; else NULL */
	struct export_transport transport;
	uint64_t counters[STATS_OUTPUT_COUNT]; /* but output_offered */
	bool has_flows; /* this session brought some over */
	struct ipfix_loss lost; /* what this exporter did not send */
	struct ipfix_refused refused; /* of the builder's, what is in `lost` already */
	int64_t packet_clock_ns; /* NetFlow in a replay: the time is the packets' own; 0: none yet
				  */
	bool closed;
	int reported; /* errno of the last line in the log */
	struct base_log_limit log_limit;
	struct base_log_limit good_limit; /* of the good news */
	/* of a connection: when the collector's host last acknowledged something */
	uint64_t acknowledged;
	int64_t progress_ns; /* monotonic */
	bool stalled; /* too long ago for what is in flight */
	char error[EXPORT_ERROR_BYTES];
};

/* 0, or -errno with cause and cure in cause[EXPORT_ERROR_BYTES]. */
int export_exporter_open(struct export_exporter *exporter, const struct config_output *config,
		const struct export_context *context, char *cause) BASE_MUST_CHECK;
void export_exporter_fini(struct export_exporter *exporter);

void export_exporter_write(struct export_exporter *exporter, const struct flow_record *records,
		uint32_t count);
/* Connects, sends what waits, repeats templates when they are due. wall_ns: wall clock. */
void export_exporter_tick(struct export_exporter *exporter, int64_t wall_ns);
/* Between two ticks: sends what waits, if anything does. */
void export_exporter_push(struct export_exporter *exporter);
void export_exporter_reopen(struct export_exporter *exporter);
/* Sends for up to deadline_ns (from now), counts the rest as lost and closes. */
void export_exporter_finish(struct export_exporter *exporter, int64_t deadline_ns);

/* False while the collector cannot be reached, or a file written. */
bool export_exporter_works(const struct export_exporter *exporter);

/* Brings counters[] up to date. */
void export_exporter_count(struct export_exporter *exporter);

#endif
