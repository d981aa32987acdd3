/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A transport session with one collector: sequence number, export time, and which templates and
 * options the collector was told (RFC 7011, sections 3.1, 8 and 10).
 *
 *     ipfix_session_open()            a new connection, socket or file: all begins anew
 *     ipfix_session_due()             before data: is something to be announced?
 *     ipfix_session_announce()        templates, then options records, as whole messages
 *     ipfix_session_stamp()           header of a data message, just before it leaves
 *
 * Invariant: a message that was stamped has taken its sequence numbers. Who then cannot send it
 * leaves a gap, by which the collector sees the loss (RFC 7011, section 10.2.2); who drops it
 * unstamped leaves none. Export times never go back, so that no data is older than its template.
 *
 * One thread at a time.
 */
#ifndef IPFIX_SESSION_H
#define IPFIX_SESSION_H

#include "ipfix_builder.h"
#include "ipfix_report.h"

struct ipfix_session_settings {
	uint32_t domain; /* observation domain; source id of version 9; engine of version 5 */
	uint32_t message_bytes; /* no message is longer; IPFIX_MESSAGE_MIN to IPFIX_MESSAGE_MAX */
	bool datagrams; /* may be lost: templates are sent twice at first, and again and again */
	/* Templates are sent anew after that time or that many messages, with datagrams only. */
	int64_t template_refresh_ns;
	uint32_t template_refresh_messages;
	int64_t options_refresh_ns; /* options records, with any transport */
};

/* Since ipfix_session_init(): they outlive connections. */
struct ipfix_totals {
	uint64_t sessions;
	uint64_t messages;
	uint64_t octets; /* of messages, without transport headers */
	uint64_t data_records; /* options data included */
	uint64_t flow_records; /* flow records of weir */
	uint64_t exported_records; /* ... as data records: two for a flow parted in uniflows */
	uint64_t template_messages; /* messages that hold templates */
	uint64_t texts_cut; /* texts of options records that were too long */
};

struct ipfix_session {
	const struct ipfix_plan *plan;
	struct ipfix_session_settings settings;
	uint32_t sequence; /* of the next message */
	int64_t export_sec; /* export time of the last one */
	unsigned int copies; /* of the templates that are still to be sent */
	bool options_due;
	int64_t templates_ns; /* when they were sent last */
	int64_t options_ns;
	uint32_t messages_since; /* ... the templates */
	struct ipfix_totals totals;
};

/* Fills *session, all totals 0. plan stays the caller's. 0, or -EINVAL when message_bytes is out
 * of range. */
int ipfix_session_init(struct ipfix_session *session, const struct ipfix_plan *plan,
		const struct ipfix_session_settings *settings) BASE_MUST_CHECK;

/* A new transport session begins: sequence 0, nothing announced. */
void ipfix_session_open(struct ipfix_session *session);

/* True when ipfix_session_announce() has something to say before the next data message. */
bool ipfix_session_due(const struct ipfix_session *session, int64_t now_ns);

/*
 * Emits what is due: whole messages, stamped. `octets` holds settings.message_bytes. Also to be
 * called when idle, so that a collector which began to listen learns the templates. When a message
 * with templates could not be sent, call ipfix_session_repeat() and send no data before it could.
 */
void ipfix_session_announce(struct ipfix_session *session, int64_t now_ns,
		const struct ipfix_report *report, uint8_t *octets, ipfix_emit_fn emit,
		void *context);

/* Templates and options are due at once: on demand, or because they were not sent. */
void ipfix_session_repeat(struct ipfix_session *session);

/*
 * Writes the header over the first octets of a finished message, for this session, and takes its
 * sequence numbers. now_ns is wall clock.
 */
void ipfix_session_stamp(
		struct ipfix_session *session, struct ipfix_message *message, int64_t now_ns);

/*
 * Takes back what the message stamped last took, because it did not leave after all: it, or another
 * one, will get those numbers. Of several, the last one first. Only what a message holds is looked
 * at, not its octets.
 */
void ipfix_session_unstamp(struct ipfix_session *session, const struct ipfix_message *message);

#endif
