/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What of a flow record is exported, and how: one row a field, in the order of the templates. A
 * template is the rows whose traits it has; nothing else knows which elements there are.
 *
 * `source` is where the value stands in struct flow_record. A record of two directions that is
 * exported as two uniflows needs the second one turned round; `turned` is where that one's value
 * stands. Reverse elements are those of a biflow's way back (RFC 5103).
 */
#ifndef IPFIX_FIELD_H
#define IPFIX_FIELD_H

#include "ipfix_element.h"

enum ipfix_trait {
	IPFIX_TRAIT_IPV4 = 1 << 0,
	IPFIX_TRAIT_IPV6 = 1 << 1,
	IPFIX_TRAIT_BIFLOW = 1 << 2, /* biflows are not parted: the direction is said */
	IPFIX_TRAIT_REVERSE = 1 << 3, /* ... and there is a way back */
	IPFIX_TRAIT_AROUND = 1 << 4, /* something stands around the packets */
	IPFIX_TRAIT_OUTER4 = 1 << 5, /* ... with an IPv4 header */
	IPFIX_TRAIT_OUTER6 = 1 << 6,
	IPFIX_TRAIT_MILLISECONDS = 1 << 7,
	IPFIX_TRAIT_NANOSECONDS = 1 << 8,
	IPFIX_TRAIT_SELECTOR = 1 << 9, /* records name the selector that chose their packets */
	IPFIX_TRAIT_IPFIX = 1 << 10,
	IPFIX_TRAIT_NETFLOW9 = 1 << 11,
};

/* How octets of a flow record become octets of a field. */
enum ipfix_op_kind {
	IPFIX_OP_COPY, /* as they are */
	IPFIX_OP_U16,
	IPFIX_OP_U32,
	IPFIX_OP_U64,
	IPFIX_OP_LOW8, /* low octet of 16 bits */
	IPFIX_OP_PORT, /* 16 bits, 0 for ICMP */
	IPFIX_OP_ICMP, /* type * 256 + code, 0 for other protocols */
	IPFIX_OP_MILLISECONDS,
	IPFIX_OP_NTP,
	IPFIX_OP_UPTIME, /* milliseconds since the exporter's start */
	IPFIX_OP_INGRESS, /* number of the interface behind a port of entry */
	IPFIX_OP_EGRESS, /* ... on the other side */
	IPFIX_OP_FLOW_ID, /* a uniflow that was turned gets the same, with its lowest bit flipped */
	IPFIX_OP_SELECTOR,
	IPFIX_OP_TUNNEL_KIND,
	IPFIX_OP_TUNNEL_ID, /* when the tunnel is of the kind `detail`, else 0 */
	IPFIX_OP_SEGMENT, /* VNI or virtual subnet, with its kind in the highest octet */
	IPFIX_OP_LABEL, /* 3 octets of a label stack entry; detail 1: it is the bottom */
};

struct ipfix_field {
	uint16_t id;
	uint8_t space; /* enum ipfix_space */
	uint8_t length; /* octets on the wire */
	uint8_t op; /* enum ipfix_op_kind */
	uint8_t detail; /* what the op needs to know beyond that */
	uint8_t source; /* offset in struct flow_record */
	uint8_t turned;
	bool key; /* part of what tells flows apart */
	uint16_t traits; /* all of them are needed */
	const char *from; /* for the reference: what the value is */
};

extern const struct ipfix_field ipfix_fields[];
extern const unsigned int ipfix_field_count;

#endif
