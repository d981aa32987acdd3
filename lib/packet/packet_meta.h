/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decode says of one packet. One cache line, filled by packet_decode(), read by the flow
 * table.
 */
#ifndef PACKET_META_H
#define PACKET_META_H

#include "base_cacheline.h"
#include "base_reason.h"

#include <stdint.h>

/* PACKET_METERED or the one reason why not; order and names are those of BASE_REASONS. */
enum packet_verdict {
#define PACKET_VERDICT(name, help) PACKET_##name,
	BASE_REASONS(PACKET_VERDICT)
#undef PACKET_VERDICT
			PACKET_REASON_COUNT,
	PACKET_METERED = PACKET_REASON_COUNT,
};

/* Link types that weir reads; packet_link_from_linktype() maps those of capture files to them. */
enum packet_link {
	PACKET_LINK_ETHERNET,
	PACKET_LINK_RAW, /* IPv4 or IPv6 by the version nibble: DLT_RAW, DLT_IPV4, DLT_IPV6 */
	PACKET_LINK_SLL, /* Linux cooked v1 */
	PACKET_LINK_SLL2, /* Linux cooked v2 */
	PACKET_LINK_NULL, /* BSD loopback, family in the byte order of the capturing host */
	PACKET_LINK_LOOP, /* OpenBSD loopback, family in network byte order */
	PACKET_LINK_PPP,
	PACKET_LINK_CHDLC, /* Cisco HDLC */
	PACKET_LINK_RADIOTAP,
	PACKET_LINK_IEEE80211,
	PACKET_LINK_PPPOE, /* PPPoE without the Ethernet header */
	PACKET_LINK_MPLS, /* a label stack */
	PACKET_LINK_NFLOG, /* Linux netfilter log */
	PACKET_LINK_UNKNOWN,
};

/* IPv6 or IPv4 address in network order; an IPv4 address is the first four octets, the rest is 0.
 */
union packet_address {
	uint8_t octets[16];
	uint32_t ipv4_be;
	uint32_t words_be[4];
	uint64_t halves_be[2];
};
static_assert(sizeof(union packet_address) == 16, "address");

/* All 16 octets are set: of a union initialised by a smaller member the rest is anything. */
static BASE_ALWAYS_INLINE union packet_address packet_address_from_ipv4(uint32_t ipv4_be)
{
	return (union packet_address){.words_be = {ipv4_be, 0, 0, 0}};
}

enum packet_flag {
	PACKET_FLAG_FRAGMENT = 1 << 0, /* any fragment but an atomic one */
	PACKET_FLAG_LATER_FRAGMENT = 1 << 1, /* offset > 0: no transport header, ports are 0 */
	PACKET_FLAG_INNER = 1 << 2, /* this view was found inside a tunnel */
	PACKET_FLAG_NO_PORTS = 1 << 3, /* transport header was not captured; ports are 0 */
	PACKET_FLAG_AROUND = 1 << 4, /* something stands around it; set by who keeps scopes */
	PACKET_FLAG_SECOND = 1 << 5, /* an outer view of the same packet is metered, too */
};

struct packet_meta {
	union packet_address source;
	union packet_address destination;
	/* The last word of a flow's key, but for the order of the ports: read at once there. */
	union {
		struct {
			uint16_t source_port; /* host order; 0 where the protocol has none */
			uint16_t destination_port;
			union {
				struct {
					/*
					 * Outermost VLAN id, 0 when untagged; with scope_high the
					 * scope of the flow key, once something stands around it.
					 */
					uint16_t vlan;
					uint8_t scope_high;
					uint8_t protocol; /* IPv6: after the extension headers */
				};
				uint32_t identity; /* protocol, and the scope: 24 bits */
			};
		};
		uint64_t ports_and_identity;
	};
	uint32_t ip_bytes; /* IPv4 total length; IPv6 40 + payload length (jumbo honoured) */
	uint16_t tcp_flags; /* low 12 bits of the flags word (RFC 9565) */
	uint8_t ttl; /* or hop limit */
	uint8_t tos; /* or traffic class: DSCP and ECN */
	/* The same for most packets, and so written at once. */
	uint32_t fragment_id; /* identification of a fragment (RFC 791, 8200), else 0 */
	uint8_t icmp_type; /* ICMP and ICMPv6 only, else 0 */
	uint8_t icmp_code;
	uint8_t flags; /* enum packet_flag */
	uint8_t ip_version; /* 4 or 6 */
	uint16_t vlan_inner; /* second VLAN id (QinQ), 0 when absent */
	uint16_t l4_offset; /* octets from the start of the frame; 0: no transport header */
	uint32_t depth; /* layers that were walked */
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct packet_meta) == BASE_CACHE_LINE_BYTES, "one cache line");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "struct packet_meta lays out two words");

#define PACKET_IDENTITY_PROTOCOL_SHIFT 24
#define PACKET_IDENTITY_SCOPE_MASK ((UINT32_C(1) << PACKET_IDENTITY_PROTOCOL_SHIFT) - 1)

#endif
