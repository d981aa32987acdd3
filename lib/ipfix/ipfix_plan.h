/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plan of an export: which templates there are, each compiled to a flat list of copies.
 *
 *     fields whose traits it has          template                     a record
 *     sourceIPv4Address  4  COPY   ->   | 8,4 | 12,4 | 7,2 | ... |    | addresses | ports | ...
 *     destinationIPv4... 4  COPY          ops: copy 4 from 0 to 0        ^ each op stores at its
 *     sourceTransport... 2  PORT               copy 4 from 16 to 4         own fixed place
 *
 * Invariant: all records of a template have the same length, and its ops fill each octet of it. A
 * plan does not change once made, so a template id never changes its meaning (RFC 7011, section
 * 8), and any number of sessions and threads may read one.
 */
#ifndef IPFIX_PLAN_H
#define IPFIX_PLAN_H

#include "flow_record.h"
#include "ipfix_field.h"

#include <stddef.h>

#define IPFIX_PLAN_TEMPLATES 16
#define IPFIX_TEMPLATE_FIELDS_MAX 48
#define IPFIX_TEMPLATE_BYTES_MAX (4 + 8 * IPFIX_TEMPLATE_FIELDS_MAX)

enum ipfix_protocol {
	IPFIX_PROTOCOL_IPFIX,
	IPFIX_PROTOCOL_NETFLOW9, /* RFC 3954: uniflows, no elements of enterprises */
	IPFIX_PROTOCOL_NETFLOW5, /* no templates, IPv4 only */
};

struct ipfix_settings {
	enum ipfix_protocol protocol;
	bool uniflow; /* two records for a flow with a way back, instead of one (RFC 5103) */
	bool nanoseconds; /* times as NTP time stamps, else milliseconds */
	bool plain; /* what stands around packets is left out */
	bool unpadded; /* sets end where their last record ends, else at a multiple of 4 */
	uint8_t selector_id; /* named in every record; 0: not named */
	uint16_t sampling; /* version 5: mode in the upper 2 bits, interval in the others */
	uint32_t enterprise; /* of weir's own elements; 0: IPFIX_PEN_DOCUMENTATION */
	int64_t boot_ns; /* wall clock at which the uptime of NetFlow is 0: no later than any flow
			  */
};

/* One store into a record. */
struct ipfix_op {
	uint8_t kind; /* enum ipfix_op_kind */
	uint8_t length;
	uint8_t source; /* offset in struct flow_record */
	uint8_t detail;
	uint16_t target; /* offset in the record on the wire */
};

struct ipfix_template {
	uint16_t id;
	uint16_t traits;
	uint16_t record_bytes; /* 0: this plan has no such template */
	uint16_t field_count;
	uint16_t spec_bytes;
	uint16_t op_count;
	uint16_t turned_count;
	uint64_t keys; /* flowKeyIndicator: bit i is set when field i is part of the key */
	struct ipfix_op ops[IPFIX_TEMPLATE_FIELDS_MAX];
	struct ipfix_op turned[IPFIX_TEMPLATE_FIELDS_MAX]; /* of the way back, as its own record */
	uint8_t specs[IPFIX_TEMPLATE_BYTES_MAX]; /* the template record, as it is sent */
};

struct ipfix_plan {
	struct ipfix_settings settings;
	unsigned int header_bytes; /* of a message */
	struct ipfix_template templates[IPFIX_PLAN_TEMPLATES];
};

/* Fills *plan; cannot fail. Its templates fit messages of IPFIX_MESSAGE_MIN. */
void ipfix_plan_init(struct ipfix_plan *plan, const struct ipfix_settings *settings);

/* The enterprise number in a field specifier; 0 for none. */
uint32_t ipfix_plan_enterprise(const struct ipfix_plan *plan, enum ipfix_space space);

/* Index of the template for a record: with_reverse as one biflow. */
static inline unsigned int ipfix_plan_pick(
		const struct ipfix_plan *plan, const struct flow_record *record, bool with_reverse)
{
	unsigned int index = (record->ip_version != 4) | (unsigned int)with_reverse << 1;

	if ((record->flags & PACKET_FLAG_AROUND) && !plan->settings.plain)
		index |= 4 + (record->around.outer_version == 4) * 4u
				+ (record->around.outer_version == 6) * 8u;
	return index;
}

#endif
