/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers of the registries that decode branches on: EtherTypes (IEEE), IP protocols (IANA), PPP
 * protocols (IANA), LLC service access points.
 */
#ifndef PACKET_NUMBERS_H
#define PACKET_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

enum packet_ethertype {
	/* Up to here the field of an Ethernet header is a length and LLC follows (IEEE 802.3). */
	PACKET_ETHERTYPE_LENGTH_MAX = 1500,
	PACKET_ETHERTYPE_IPV4 = 0x0800,
	PACKET_ETHERTYPE_ARP = 0x0806,
	PACKET_ETHERTYPE_TRANSPARENT = 0x6558, /* Ethernet in GRE and others */
	PACKET_ETHERTYPE_VLAN = 0x8100, /* 802.1Q customer tag */
	PACKET_ETHERTYPE_IPV6 = 0x86dd,
	PACKET_ETHERTYPE_PPP = 0x880b,
	PACKET_ETHERTYPE_WCCP = 0x883e, /* redirected by a router to a cache */
	PACKET_ETHERTYPE_MPLS = 0x8847,
	PACKET_ETHERTYPE_MPLS_UP = 0x8848, /* upstream-assigned label (RFC 5332) */
	PACKET_ETHERTYPE_PPPOE = 0x8864, /* session stage; discovery carries no IP */
	PACKET_ETHERTYPE_VLAN_S = 0x88a8, /* 802.1ad service tag */
	PACKET_ETHERTYPE_PBB = 0x88e7, /* 802.1ah service instance tag */
	PACKET_ETHERTYPE_CMD = 0x8909, /* Cisco metadata: security group tag */
	PACKET_ETHERTYPE_ERSPAN = 0x88be, /* types I and II */
	PACKET_ETHERTYPE_ERSPAN3 = 0x22eb,
	PACKET_ETHERTYPE_NSH = 0x894f,
	PACKET_ETHERTYPE_VNTAG = 0x8926,
	PACKET_ETHERTYPE_ETAG = 0x893f, /* 802.1BR */
	PACKET_ETHERTYPE_VLAN_9100 = 0x9100, /* QinQ before 802.1ad */
	PACKET_ETHERTYPE_VLAN_9200 = 0x9200,
	PACKET_ETHERTYPE_VLAN_9300 = 0x9300,
};

enum packet_protocol {
	PACKET_PROTOCOL_HOP_BY_HOP = 0,
	PACKET_PROTOCOL_ICMP = 1,
	PACKET_PROTOCOL_IPV4 = 4,
	PACKET_PROTOCOL_TCP = 6,
	PACKET_PROTOCOL_UDP = 17,
	PACKET_PROTOCOL_DCCP = 33,
	PACKET_PROTOCOL_IPV6 = 41,
	PACKET_PROTOCOL_ROUTING = 43,
	PACKET_PROTOCOL_FRAGMENT = 44,
	PACKET_PROTOCOL_GRE = 47,
	PACKET_PROTOCOL_ICMPV6 = 58,
	PACKET_PROTOCOL_NO_NEXT = 59,
	PACKET_PROTOCOL_DESTINATION = 60,
	PACKET_PROTOCOL_ETHERIP = 97,
	PACKET_PROTOCOL_L2TP = 115, /* version 3 */
	PACKET_PROTOCOL_SCTP = 132,
	PACKET_PROTOCOL_UDP_LITE = 136,
	PACKET_PROTOCOL_MPLS = 137,
};

/* IPv6 extension headers that are walked; the other ones are protocols of their own to weir. */
static inline bool packet_protocol_is_extension(uint8_t protocol)
{
	return protocol == PACKET_PROTOCOL_HOP_BY_HOP || protocol == PACKET_PROTOCOL_ROUTING
			|| protocol == PACKET_PROTOCOL_FRAGMENT
			|| protocol == PACKET_PROTOCOL_DESTINATION;
}

enum packet_ppp {
	PACKET_PPP_IPV4 = 0x0021,
	PACKET_PPP_IPV6 = 0x0057,
	PACKET_PPP_MPLS = 0x0281,
	PACKET_PPP_MPLS_MULTICAST = 0x0283,
};

enum packet_sap {
	PACKET_SAP_IP = 0x06,
	PACKET_SAP_SNAP = 0xaa,
};

#endif
