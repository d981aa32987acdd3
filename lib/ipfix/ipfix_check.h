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

enum ipfix_carrier {
	IPFIX_CARRIER_FILE,
	IPFIX_CARRIER_STREAM,
	IPFIX_CARRIER_DATAGRAMS,
};

struct ipfix_finding {
	uint16_t rule;
	uint64_t message; /* its index, from 0 */
	uint32_t offset; /* in the message */
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

struct ipfix_check;

/* Findings and memory of a new check, or NULL without memory. own_enterprise may be 0. */
struct ipfix_check *ipfix_check_create(enum ipfix_carrier carrier, uint32_t own_enterprise);
void ipfix_check_destroy(struct ipfix_check *check);

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

/* How often the rule with that index (see ipfix_rule_find()) was broken. */
uint64_t ipfix_check_count(const struct ipfix_check *check, unsigned int rule_index);
/* ... and at most IPFIX_CHECK_EXAMPLES first findings; *count gets how many. */
const struct ipfix_finding *ipfix_check_examples(
		const struct ipfix_check *check, unsigned int rule_index, unsigned int *count);
/* Rules of that severity that were broken. */
unsigned int ipfix_check_broken(const struct ipfix_check *check, enum ipfix_severity severity);

/* Called with each record, for who wants to show them; set before the first message. */
typedef void (*ipfix_check_record_fn)(void *context, const struct ipfix_record_seen *record);
void ipfix_check_set_listener(
		struct ipfix_check *check, ipfix_check_record_fn listener, void *context);

#endif
