/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which flows a query wants, in the words that people know from tcpdump:
 *
 *     [src|dst] host ADDRESS      [src|dst] net ADDRESS/LENGTH     [src|dst] port N[-M]
 *     proto NAME|N, or the name alone: tcp udp icmp icmp6 sctp     ip  ip6
 *     vlan N                      bytes|packets <|<=|=|>=|> N      (both directions together)
 *     inner  outer                tunnel KIND, such as vxlan       tunnelid N (VNI, TEID, ...)
 *
 * combined with `and` (which may be left out), `or`, `not` and parentheses. src is the initiator
 * of the flow, dst the other end.
 */
#ifndef FLOW_FILTER_H
#define FLOW_FILTER_H

#include "base_cacheline.h"
#include "flow_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_FILTER_MAX_NODES 64

enum flow_filter_side { FLOW_FILTER_EITHER, FLOW_FILTER_SRC, FLOW_FILTER_DST };

enum flow_filter_kind {
	FLOW_FILTER_AND,
	FLOW_FILTER_OR,
	FLOW_FILTER_NOT,
	FLOW_FILTER_NET, /* a host is a net of full length */
	FLOW_FILTER_PORT,
	FLOW_FILTER_PROTOCOL,
	FLOW_FILTER_VERSION,
	FLOW_FILTER_VLAN,
	FLOW_FILTER_VIEW,
	FLOW_FILTER_TUNNEL,
	FLOW_FILTER_TUNNEL_ID,
	FLOW_FILTER_BYTES,
	FLOW_FILTER_PACKETS,
};

struct flow_filter_node {
	enum flow_filter_kind kind;
	enum flow_filter_side side;
	uint8_t left, right; /* indices of operands; NOT uses left */
	uint8_t ip_version; /* of a net */
	uint8_t prefix_bits;
	union packet_address address;
	uint64_t low, high; /* inclusive range of every number */
};

/* A parsed filter. Plain data: copy it, share it between threads. */
struct flow_filter {
	struct flow_filter_node nodes[FLOW_FILTER_MAX_NODES];
	uint8_t count; /* 0: everything matches */
	uint8_t root;
};

/*
 * Parses `text`. 0, or -EINVAL with one line in error[error_bytes]: what was found where, and what
 * was expected.
 */
int flow_filter_parse(struct flow_filter *filter, const char *text, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

bool flow_filter_matches(const struct flow_filter *filter, const struct flow_record *record);

#endif
