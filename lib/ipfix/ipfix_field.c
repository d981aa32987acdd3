/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_field.h"

#include "flow_record.h"

#define AT(member) __builtin_offsetof(struct flow_record, member)

/* id, octets, op, where in a record, where in a turned one, traits, what it is */
#define ANY(id, length, op, source, turned, traits, from)                                      \
	{                                                                                      \
		id, IPFIX_SPACE_IANA, length, IPFIX_OP_##op, 0, AT(source), AT(turned), false, \
				traits, from                                                   \
	}
#define KEY(id, length, op, source, turned, traits, from)                                     \
	{                                                                                     \
		id, IPFIX_SPACE_IANA, length, IPFIX_OP_##op, 0, AT(source), AT(turned), true, \
				traits, from                                                  \
	}
/* The way back of a biflow: never in a record that is parted. */
#define REV(id, length, op, source, from)                                                         \
	{                                                                                         \
		id, IPFIX_SPACE_REVERSE, length, IPFIX_OP_##op, 0, AT(source), AT(source), false, \
				IPFIX | REVERSE, from                                             \
	}
#define OWN(id, length, op, source, turned, traits, from)                                          \
	{                                                                                          \
		IPFIX_OWN_##id, IPFIX_SPACE_OWN, length, IPFIX_OP_##op, 0, AT(source), AT(turned), \
				false, IPFIX | (traits), from                                      \
	}
/* With a detail for the op. */
#define OPT(id, space, length, op, detail, source, from)                                        \
	{                                                                                       \
		id, IPFIX_SPACE_##space, length, IPFIX_OP_##op, detail, AT(source), AT(source), \
				false, IPFIX | AROUND, from                                     \
	}

/* clang-format off */
enum {
	V4 = IPFIX_TRAIT_IPV4, V6 = IPFIX_TRAIT_IPV6,
	BIFLOW = IPFIX_TRAIT_BIFLOW, REVERSE = IPFIX_TRAIT_REVERSE,
	AROUND = IPFIX_TRAIT_AROUND,
	OUTER4 = IPFIX_TRAIT_OUTER4, OUTER6 = IPFIX_TRAIT_OUTER6,
	MS = IPFIX_TRAIT_MILLISECONDS, NS = IPFIX_TRAIT_NANOSECONDS,
	SELECTOR = IPFIX_TRAIT_SELECTOR,
	IPFIX = IPFIX_TRAIT_IPFIX, V9 = IPFIX_TRAIT_NETFLOW9,
};

const struct ipfix_field ipfix_fields[] = {
	KEY(8, 4, COPY, source, destination, V4, "initiator"),
	KEY(12, 4, COPY, destination, source, V4, "the other end"),
	KEY(27, 16, COPY, source, destination, V6, "initiator"),
	KEY(28, 16, COPY, destination, source, V6, "the other end"),
	KEY(7, 2, PORT, source_port, destination_port, 0, "0 when the protocol has none"),
	KEY(11, 2, PORT, destination_port, source_port, 0, "0 when the protocol has none"),
	KEY(4, 1, COPY, protocol, protocol, 0, "after IPv6 extension headers"),
	/*
	 * Before their forward elements: readers that mind no enterprise numbers (nfdump 1.7.1 takes
	 * reverse flags and times for forward ones) keep what comes last.
	 */
	REV(1, 8, U64, rev_bytes, "from the IP header on"),
	REV(2, 8, U64, rev_packets, "in this record"),
	{152, IPFIX_SPACE_REVERSE, 8, IPFIX_OP_MILLISECONDS, 0, AT(rev_start_ns),
		AT(rev_start_ns), false, IPFIX | REVERSE | MS, "first packet of the way back"},
	{156, IPFIX_SPACE_REVERSE, 8, IPFIX_OP_NTP, 0, AT(rev_start_ns),
		AT(rev_start_ns), false, IPFIX | REVERSE | NS, "first packet of the way back"},
	REV(6, 2, U16, rev_tcp_flags, "all seen, 12 bits"),
	REV(52, 1, COPY, rev_ttl_min, "of the packets of the way back"),
	REV(53, 1, COPY, rev_ttl_max, "of the packets of the way back"),
	REV(5, 1, COPY, rev_tos, "of its first packet"),
	ANY(136, 1, COPY, end_reason, end_reason, IPFIX, "why the record was made"),
	ANY(239, 1, COPY, direction_basis, direction_basis, IPFIX | BIFLOW,
		"1 when the source opened the flow, 0 when it was seen first"),
	ANY(52, 1, COPY, ttl_min, rev_ttl_min, 0, "of the packets of this direction"),
	ANY(53, 1, COPY, ttl_max, rev_ttl_max, 0, "of the packets of this direction"),
	ANY(5, 1, COPY, tos, rev_tos, 0, "of the first packet"),
	ANY(302, 1, SELECTOR, flags, flags, IPFIX | SELECTOR, "see the selector's options record"),
	ANY(48, 1, SELECTOR, flags, flags, V9 | SELECTOR, "see the sampler's options record"),
	ANY(6, 2, U16, tcp_flags, rev_tcp_flags, IPFIX, "all seen, 12 bits (RFC 9565)"),
	ANY(6, 1, LOW8, tcp_flags, rev_tcp_flags, V9, "all seen, the lower 8"),
	ANY(32, 2, ICMP, icmp_type, icmp_type, V4, "of the first packet, 0 when not ICMP"),
	ANY(139, 2, ICMP, icmp_type, icmp_type, IPFIX | V6, "of the first packet, 0 when not ICMP"),
	ANY(32, 2, ICMP, icmp_type, icmp_type, V9 | V6, "of the first packet, 0 when not ICMP"),
	ANY(10, 4, INGRESS, port, rev_port, 0, "of the port of entry"),
	ANY(14, 4, EGRESS, rev_port, port, 0,
		"of the port where the way back enters, else as configured for the port of entry"),
	KEY(58, 2, U16, vlan, vlan, 0, "outermost, 0 when untagged"),
	KEY(243, 2, U16, vlan, vlan, IPFIX, "outermost, 0 when untagged"),
	ANY(245, 2, U16, vlan_inner, vlan_inner, IPFIX, "second tag, 0 when there is none"),
	ANY(1, 8, U64, bytes, rev_bytes, 0, "from the IP header on"),
	ANY(2, 8, U64, packets, rev_packets, 0, "in this record"),
	ANY(152, 8, MILLISECONDS, start_ns, rev_start_ns, IPFIX | MS, "first packet of this record"),
	ANY(153, 8, MILLISECONDS, end_ns, end_ns, IPFIX | MS, "last packet of this record"),
	ANY(156, 8, NTP, start_ns, rev_start_ns, IPFIX | NS, "first packet of this record"),
	ANY(157, 8, NTP, end_ns, end_ns, IPFIX | NS, "last packet of this record"),
	ANY(22, 4, UPTIME, start_ns, rev_start_ns, V9, "first packet of this record"),
	ANY(21, 4, UPTIME, end_ns, end_ns, V9, "last packet of this record"),
	ANY(148, 8, FLOW_ID, flow_id, flow_id, IPFIX, "the same in all records of a flow"),
	OPT(IPFIX_OWN_TUNNEL_KIND, OWN, 1, TUNNEL_KIND, 0, around.tunnel, "see below"),
	OWN(PPPOE_SESSION, 2, U16, around.pppoe_session, around.pppoe_session, AROUND, "0 when none"),
	OWN(TUNNEL_ID, 4, U32, around.tunnel_id, around.tunnel_id, AROUND, "0 when the kind has none"),
	OPT(351, IANA, 8, SEGMENT, 0, around.tunnel_id, "VXLAN and NVGRE, else 0"),
	OPT(296, IANA, 4, TUNNEL_ID, PACKET_TUNNEL_GRE, around.tunnel_id, "GRE, else 0"),
	OPT(507, IANA, 4, TUNNEL_ID, PACKET_TUNNEL_GTPU, around.tunnel_id, "GTP-U, else 0"),
	OPT(70, IANA, 3, LABEL, 0, around.mpls_outermost, "outermost label, 0 when none"),
	OPT(IPFIX_OWN_BOTTOM_LABEL, OWN, 3, LABEL, 1, around.mpls_innermost, "0 when none"),
	OWN(OUTER_FLOW_ID, 8, U64, outer_flow_id, outer_flow_id, AROUND,
		"not 0: another record counts the same packets from outside; do not add both"),
	OWN(OUTER_SOURCE_IPV4, 4, COPY, around.outer_source, around.outer_destination, OUTER4,
		"tunnels over IPv4"),
	OWN(OUTER_DESTINATION_IPV4, 4, COPY, around.outer_destination, around.outer_source, OUTER4,
		"tunnels over IPv4"),
	OWN(OUTER_SOURCE_IPV6, 16, COPY, around.outer_source, around.outer_destination, OUTER6,
		"tunnels over IPv6"),
	OWN(OUTER_DESTINATION_IPV6, 16, COPY, around.outer_destination, around.outer_source, OUTER6,
		"tunnels over IPv6"),
};
/* clang-format on */

const unsigned int ipfix_field_count = BASE_COUNT_OF(ipfix_fields);
