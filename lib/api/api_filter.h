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
#ifndef API_FILTER_H
#define API_FILTER_H

#include "base_cacheline.h"
#include "flow_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_FILTER_MAX_NODES 64

enum api_filter_side { API_FILTER_EITHER, API_FILTER_SRC, API_FILTER_DST };

enum api_filter_kind {
	API_FILTER_AND,
	API_FILTER_OR,
	API_FILTER_NOT,
	API_FILTER_NET, /* a host is a net of full length */
	API_FILTER_PORT,
	API_FILTER_PROTOCOL,
	API_FILTER_VERSION,
	API_FILTER_VLAN,
	API_FILTER_VIEW,
	API_FILTER_TUNNEL,
	API_FILTER_TUNNEL_ID,
	API_FILTER_BYTES,
	API_FILTER_PACKETS,
};

struct api_filter_node {
	enum api_filter_kind kind;
	enum api_filter_side side;
	uint8_t left, right; /* indices of operands; NOT uses left */
	uint8_t ip_version; /* of a net */
	uint8_t prefix_bits;
	union packet_address address;
	uint64_t low, high; /* inclusive range of every number */
};

/* A parsed filter. Plain data: copy it, share it between threads. */
struct api_filter {
	struct api_filter_node nodes[API_FILTER_MAX_NODES];
	uint8_t count; /* 0: everything matches */
	uint8_t root;
};

/*
 * Parses `text`. 0, or -EINVAL with one line in error[error_bytes]: what was found where, and what
 * was expected.
 */
int api_filter_parse(struct api_filter *filter, const char *text, char *error,
		size_t error_bytes) BASE_MUST_CHECK;

bool api_filter_matches(const struct api_filter *filter, const struct flow_record *record);

#endif
