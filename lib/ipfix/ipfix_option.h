/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options records: what a collector must know beside flows. Names of interfaces, how packets were
 * selected, and what was not metered or not sent: the ledger of losses, in band.
 */
#ifndef IPFIX_OPTION_H
#define IPFIX_OPTION_H

#include "ipfix_message.h"
#include "ipfix_plan.h"

/* Longest text of an options record in octets; longer ones are cut between characters. */
#define IPFIX_OPTION_TEXT_MAX 120
#define IPFIX_OPTION_FIELDS_MAX 8

enum ipfix_option_kind {
	IPFIX_OPTION_INTERFACE,
	IPFIX_OPTION_DESCRIPTION,
	IPFIX_OPTION_SELECTOR_SYSTEMATIC, /* RFC 5476, section 6.5.2.1 */
	IPFIX_OPTION_SELECTOR_RANDOM, /* ... 6.5.2.3: n out of N */
	IPFIX_OPTION_SEQUENCE, /* ... 6.5.1: observation point and selectors in order */
	IPFIX_OPTION_SEQUENCE_STATISTICS, /* ... 6.5.3 */
	IPFIX_OPTION_METERING, /* RFC 7011, section 4.1 */
	IPFIX_OPTION_METERING_RELIABILITY, /* ... 4.2 */
	IPFIX_OPTION_EXPORTING_RELIABILITY, /* ... 4.3 */
	IPFIX_OPTION_FLOW_KEYS, /* ... 4.4 */
	IPFIX_OPTION_TYPE, /* RFC 5610 */
	IPFIX_OPTION_V9_INTERFACE, /* RFC 3954, section 6.1 */
	IPFIX_OPTION_V9_DESCRIPTION,
	IPFIX_OPTION_V9_SAMPLER,
	IPFIX_OPTION_V9_TOTALS,
	/* The rate by the element before RFC 5477, which collectors read that know no selectors. */
	IPFIX_OPTION_RATE,
	IPFIX_OPTION_V9_RATE,
	IPFIX_OPTION_COUNT,
};

struct ipfix_option_field {
	uint16_t id;
	uint16_t length; /* IPFIX_VARIABLE: a text */
};

/* One options template; the first scope_count fields are its scope. */
struct ipfix_option {
	const char *name; /* for the reference */
	uint8_t protocol; /* enum ipfix_protocol */
	uint8_t scope_count;
	uint8_t field_count;
	struct ipfix_option_field fields[IPFIX_OPTION_FIELDS_MAX];
};

extern const struct ipfix_option ipfix_options[IPFIX_OPTION_COUNT];

/* One value of a record; which member counts is the field's length to say. */
struct ipfix_value {
	uint64_t number;
	const char *text; /* may be NULL: empty */
};

static inline uint16_t ipfix_option_id(enum ipfix_option_kind kind)
{
	return (uint16_t)(IPFIX_SET_FIRST_DATA + IPFIX_PLAN_TEMPLATES + (unsigned int)kind);
}

/* Octets of its template record. */
uint32_t ipfix_option_spec_bytes(enum ipfix_option_kind kind);
/* Writes that many octets at `out`. */
void ipfix_option_write_spec(enum ipfix_option_kind kind, uint8_t *out);

/* Octets that a record of these values needs at most. */
uint32_t ipfix_option_record_bytes(enum ipfix_option_kind kind, const struct ipfix_value *values);
/*
 * Writes a record at `out`, which has room for ipfix_option_record_bytes(); returns its octets.
 * *cut counts texts that were cut.
 */
uint32_t ipfix_option_write(enum ipfix_option_kind kind, const struct ipfix_value *values,
		uint8_t *out, uint32_t *cut);

#endif
