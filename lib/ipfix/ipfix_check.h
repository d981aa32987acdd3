/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A doctor for exporters: reads what one sent and says which rules it broke (see ipfix_rule.h).
 *
 *     message -> ipfix_reader -> problems of form -----------+
 *                             -> templates -> ipfix_lint ----+-> findings by rule: how often, and
 *                             -> records -> ipfix_value -----+   the first few with their place
 *                             -> sequence, time, what was never sent
 *
 * One check is for one transport session, of weir or of anybody else. Memory is bounded whatever is
 * sent. One thread at a time.
 */
#ifndef IPFIX_CHECK_H
#define IPFIX_CHECK_H

#include "ipfix_problem.h"
#include "ipfix_rule.h"

#define IPFIX_CHECK_EXAMPLES 3
#define IPFIX_CHECK_DOMAINS_MAX 64
#define IPFIX_CHECK_PRIVATE_MAX 256
#define IPFIX_CHECK_WAITING_MAX 64

enum ipfix_carrier {
	IPFIX_CARRIER_FILE,
	IPFIX_CARRIER_STREAM,
	IPFIX_CARRIER_DATAGRAMS,
};

#define IPFIX_SESSION_WHOLE UINT64_MAX

/* Where something was found. */
struct ipfix_spot {
	uint64_t message; /* its index, from 0; IPFIX_SESSION_WHOLE: of no message alone */
	uint64_t position; /* octets of messages before it */
	uint64_t place; /* as ipfix_check_set_place() said */
	uint32_t offset; /* in the message */
};

struct ipfix_finding {
	uint16_t rule;
	struct ipfix_spot spot;
	char sentence[IPFIX_SENTENCE_BYTES];
};

struct ipfix_check_totals {
	uint64_t messages;
	uint64_t octets;
	uint64_t records; /* data records, options data included */
	uint64_t options_records;
	uint64_t template_records;
	uint64_t unknown_sets; /* data that could not be read for want of a template */
	uint64_t missing; /* by the sequence numbers: data records (version 9: messages) */
	uint64_t unreadable; /* messages whose head made no sense */
};

/* What the sequence numbers of a domain count. */
enum ipfix_counting {
	IPFIX_COUNTING_RIGHT,
	IPFIX_COUNTING_MESSAGES, /* though they should count data records */
	IPFIX_COUNTING_TEMPLATES, /* ... template records, too */
};

/* One observation domain of the exporter in one version of the protocol. */
struct ipfix_check_domain {
	uint32_t domain;
	uint16_t version;
	uint64_t messages;
	uint64_t octets;
	uint64_t records; /* data records, options data included */
	uint64_t options_records;
	uint64_t template_records;
	uint64_t unknown_sets; /* data that came without, or before, its template */
	uint64_t waited_sets; /* ... whose template came later */
	uint32_t longest; /* octets of the longest message */
	enum ipfix_counting counting;
	/* by the sequence numbers */
	uint64_t missing;
	uint64_t gaps;
	uint64_t late; /* messages that came after later ones */
	uint64_t again; /* messages that came more than once */
	uint64_t restarts;
	uint32_t first_export_sec;
	uint32_t last_export_sec;
	/* how far export times lie behind the clock of who received, where that is known */
	bool timed;
	int64_t behind_min_ns;
	int64_t behind_max_ns;
	/* seconds between two announcements of a template; 0: none came again */
	uint32_t refresh_min_sec;
	uint32_t refresh_max_sec;
};

struct ipfix_check;

/* Findings and memory of a new check, or NULL without memory. own_enterprise may be 0. */
struct ipfix_check *ipfix_check_create(enum ipfix_carrier carrier, uint32_t own_enterprise);
void ipfix_check_destroy(struct ipfix_check *check);

/*
 * Who checks came in the middle: what is missing at first is not the exporter's fault. Datagrams
 * are always taken so, unless the first sequence number is 0. Before the first message.
 */
void ipfix_check_set_joined(struct ipfix_check *check);

/* Where the next messages come from (a packet's number), to be told with findings. */
void ipfix_check_set_place(struct ipfix_check *check, uint64_t place);

/* Some messages are missing here for a reason that is not the exporter's: no blame for the gap. */
void ipfix_check_skip(struct ipfix_check *check);

/* For who sees what a message does not show, such as its datagram: a finding at the next message.
 */
void ipfix_check_blame(struct ipfix_check *check, uint16_t rule, const char *sentence);

/* One message; received_ns is wall clock, 0 when not known. */
void ipfix_check_message(struct ipfix_check *check, const uint8_t *octets, size_t length,
		int64_t received_ns);

/*
 * Octets of a stream or file: checks each whole message at their start and returns how many octets
 * those were; the rest is to be given again with what follows. -EBADMSG when no message can begin
 * there: the stream is lost.
 */
int64_t ipfix_check_stream(struct ipfix_check *check, const uint8_t *octets, size_t length,
		int64_t received_ns);

/* What only the end shows: options that never came, templates that were not repeated. Once. */
void ipfix_check_finish(struct ipfix_check *check);

const struct ipfix_check_totals *ipfix_check_totals(const struct ipfix_check *check);

/* Domains in the order in which they came; NULL behind the last. Lives as long as the check. */
const struct ipfix_check_domain *ipfix_check_domain(
		const struct ipfix_check *check, unsigned int index);

/* Each template that is known at present, in no order. */
typedef void (*ipfix_check_template_fn)(void *context, const struct ipfix_known *known);
void ipfix_check_templates(
		const struct ipfix_check *check, ipfix_check_template_fn visit, void *context);

/* How often the rule with that index (see ipfix_rule_find()) was broken. */
uint64_t ipfix_check_count(const struct ipfix_check *check, unsigned int rule_index);
/* ... and at most IPFIX_CHECK_EXAMPLES first findings; *count gets how many. */
const struct ipfix_finding *ipfix_check_examples(
		const struct ipfix_check *check, unsigned int rule_index, unsigned int *count);
/* Rules of that severity that were broken. */
unsigned int ipfix_check_broken(const struct ipfix_check *check, enum ipfix_severity severity);

/*
 * For who wants to show what is read: told of everything when it was judged, problems as they are
 * found. *listener lives as long as the check. Set before the first message.
 */
void ipfix_check_set_listener(
		struct ipfix_check *check, const struct ipfix_reader_ops *listener, void *context);

#endif
