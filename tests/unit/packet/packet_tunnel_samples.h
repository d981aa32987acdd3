/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hand-made packets in tunnels: what is outside has addresses of its own, what is inside is one of
 * the four packets of packet_samples.h.
 */
#ifndef PACKET_TUNNEL_SAMPLES_H
#define PACKET_TUNNEL_SAMPLES_H

#include "packet_samples.h"
#include "packet_views.h"

#define OUT4(length, protocol) "450000" length " 00000000 40" protocol "0000 cb007101 cb007102 "
#define OUT4_FRAGMENT(length, protocol, fragment) \
	"450000" length " 0007" fragment " 40" protocol "0000 cb007101 cb007102 "
#define OUT6(length, protocol)                                               \
	"60000000 00" length protocol "40 20010db8ffff00000000000000000001 " \
	"20010db8ffff00000000000000000002 "
#define UDP_TO(port, length) "c000" port " 00" length "0000 "
#define ETH4 MACS "0800" V4_TCP
#define NSH(next) "0fc601" next " 00000bff 00000000 00000000 00000000 00000000 "
#define VXLAN(vni) "08000000 0000" vni "00 "

#define ROUTE "08000004 01020304 "

enum inner {
	INNER_NONE, /* there is only the outer view */
	INNER_V4_TCP,
	INNER_V6_TCP,
	INNER_V6_UDP,
};

struct tunnel_sample {
	const char *name;
	const char *hex;
	enum packet_link link;
	enum inner inner;
	enum packet_tunnel tunnel;
	uint32_t id;
	uint8_t outer_version; /* 0: no IP header outside */
	uint8_t outer_protocol;
	uint8_t depth; /* of the inner view; 0: not told */
	uint16_t inner_vlan;
	uint16_t inner_bytes; /* where they are not those of the packet inside */
	/* Of the inner view, or of the outer where there is no other. */
	uint16_t pppoe_session;
	int32_t outermost_label; /* less 1, so that 0 is none */
	int32_t innermost_label;
	enum packet_verdict inside; /* where there is no inner view */
};

#define IN4(kind, number, protocol)                                         \
	.tunnel = PACKET_TUNNEL_##kind, .id = (number), .outer_version = 4, \
	.outer_protocol = (protocol), .inside = PACKET_METERED
#define IN6(kind, number, protocol)                                         \
	.tunnel = PACKET_TUNNEL_##kind, .id = (number), .outer_version = 6, \
	.outer_protocol = (protocol), .inside = PACKET_METERED
#define ONLY4(protocol, reason) \
	.outer_version = 4, .outer_protocol = (protocol), .inside = PACKET_##reason

static const struct tunnel_sample tunnel_samples[] = {
		{"VXLAN", MACS "0800" OUT4("5a", "11") UDP_TO("12b5", "46") VXLAN("09") ETH4,
				IN4(VXLAN, 9, 17), .inner = INNER_V4_TCP, .depth = 7},
		{"VXLAN at Linux' port, VLAN outside",
				MACS "8100 0005 0800" OUT4("5a", "11") UDP_TO("2118", "46")
						VXLAN("09") ETH4,
				IN4(VXLAN, 9, 17), .inner = INNER_V4_TCP, .depth = 8},
		{"VXLAN over IPv6, VLAN inside",
				MACS "86dd" OUT6("4a", "11") UDP_TO("12b5", "4a") VXLAN("09") MACS
				"8100 0064 0800" V4_TCP,
				IN6(VXLAN, 9, 17), .inner = INNER_V4_TCP, .inner_vlan = 100},
		{"VXLAN over IPv6",
				MACS "86dd" OUT6("46", "11") UDP_TO("12b5", "46") VXLAN("09") ETH4,
				IN6(VXLAN, 9, 17), .inner = INNER_V4_TCP, .depth = 7},
		{"VXLAN, IPv6 inside",
				MACS "0800" OUT4("62", "11") UDP_TO("12b5", "4e") VXLAN("09") MACS
				"86dd" V6_UDP,
				IN4(VXLAN, 9, 17), .inner = INNER_V6_UDP},
		{"VXLAN-GPE, IPv4",
				MACS "0800" OUT4("4c", "11")
						UDP_TO("12b6", "38") "0c000001 00000a00" V4_TCP,
				IN4(VXLAN_GPE, 10, 17), .inner = INNER_V4_TCP, .depth = 6},
		{"VXLAN-GPE, IPv6",
				MACS "0800" OUT4("60", "11")
						UDP_TO("12b6", "4c") "0c000002 00000a00" V6_TCP,
				IN4(VXLAN_GPE, 10, 17), .inner = INNER_V6_TCP},
		{"VXLAN-GPE without a protocol is Ethernet",
				MACS "0800" OUT4("5a", "11") UDP_TO("12b6", "46") VXLAN("0a") ETH4,
				IN4(VXLAN_GPE, 10, 17), .inner = INNER_V4_TCP},
		{"VXLAN-GPE, NSH, IPv4",
				MACS "0800" OUT4("64", "11") UDP_TO(
						"12b6", "50") "0c000004 00000a00" NSH("01") V4_TCP,
				IN4(VXLAN_GPE, 10, 17), .inner = INNER_V4_TCP},
		{"VXLAN-GPE, MPLS",
				MACS "0800" OUT4("50", "11")
						UDP_TO("12b6", "3c") "0c000005 00000a00 "
								     "000201ff" V4_TCP,
				IN4(VXLAN_GPE, 10, 17), .inner = INNER_V4_TCP,
				.outermost_label = 33, .innermost_label = 33},
		{"GENEVE",
				MACS "0800" OUT4("5a", "11")
						UDP_TO("17c1", "46") "00006558 00000c00" ETH4,
				IN4(GENEVE, 12, 17), .inner = INNER_V4_TCP, .depth = 7},
		{"GENEVE with options",
				MACS "0800" OUT4("62", "11") UDP_TO("17c1",
						"4e") "02006558 00000c00 01020304 05060708" ETH4,
				IN4(GENEVE, 12, 17), .inner = INNER_V4_TCP},
		{"GENEVE, IPv6",
				MACS "0800" OUT4("54", "11")
						UDP_TO("17c1", "40") "000086dd 00000c00" V6_UDP,
				IN4(GENEVE, 12, 17), .inner = INNER_V6_UDP},
		{"GTP-U",
				MACS "0800" OUT4("4c", "11")
						UDP_TO("0868", "38") "30ff0028 00000007" V4_TCP,
				IN4(GTPU, 7, 17), .inner = INNER_V4_TCP, .depth = 6},
		{"GTP-U with sequence number and an extension header",
				MACS "0800" OUT4("54", "11") UDP_TO("0868",
						"40") "36ff0030 00000007 00010085 01000900" V4_TCP,
				IN4(GTPU, 7, 17), .inner = INNER_V4_TCP},
		{"GTP-U over IPv6, IPv6",
				MACS "86dd" OUT6("4c", "11")
						UDP_TO("0868", "4c") "30ff003c 00000007" V6_TCP,
				IN6(GTPU, 7, 17), .inner = INNER_V6_TCP},
		{"GRE", MACS "0800" OUT4("40", "2f") "00000800" V4_TCP, IN4(GRE, 0, 47),
				.inner = INNER_V4_TCP},
		{"GRE with checksum, key, sequence number",
				MACS "0800" OUT4("4c",
						"2f") "b0000800 00000000 00000005 00000001" V4_TCP,
				IN4(GRE, 5, 47), .inner = INNER_V4_TCP},
		{"GRE with a source route",
				MACS "0800" OUT4("50", "2f") "40000800 00000000 08000004 01020304 "
							     "00000000" V4_TCP,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP},
		{"GRE over IPv6, IPv6", MACS "86dd" OUT6("40", "2f") "000086dd" V6_TCP,
				IN6(GRE, 0, 47), .inner = INNER_V6_TCP},
		{"GRE, Ethernet, key", MACS "0800" OUT4("52", "2f") "20006558 00000005" ETH4,
				IN4(GRE, 5, 47), .inner = INNER_V4_TCP},
		{"GRE, MPLS", MACS "0800" OUT4("44", "2f") "00008847 000201ff" V4_TCP,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP, .outermost_label = 33,
				.innermost_label = 33},
		{"GRE, MPLS, pseudowire",
				MACS "0800" OUT4("56", "2f") "00008847 000101ff 00000000" ETH4,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP, .outermost_label = 17,
				.innermost_label = 17},
		{"GRE, NSH", MACS "0800" OUT4("58", "2f") "0000894f" NSH("01") V4_TCP,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP},
		{"GRE, WCCP version 1", MACS "0800" OUT4("40", "2f") "0000883e" V4_TCP,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP},
		{"GRE, WCCP version 2", MACS "0800" OUT4("44", "2f") "0000883e 00000000" V4_TCP,
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP},
		{"GRE in UDP", MACS "0800" OUT4("48", "11") UDP_TO("1292", "34") "00000800" V4_TCP,
				IN4(GRE, 0, 17), .inner = INNER_V4_TCP},
		{"NVGRE", MACS "0800" OUT4("52", "2f") "20006558 00200001" ETH4,
				IN4(NVGRE, 0x2000, 47), .inner = INNER_V4_TCP},
		{"ERSPAN type I", MACS "0800" OUT4("4e", "2f") "000088be" ETH4, IN4(ERSPAN, 0, 47),
				.inner = INNER_V4_TCP},
		{"ERSPAN type II",
				MACS
				"0800" OUT4("5a", "2f") "100088be 00000001 10000064 00000000" ETH4,
				IN4(ERSPAN, 100, 47), .inner = INNER_V4_TCP},
		{"ERSPAN type III, platform header",
				MACS "0800" OUT4("66", "2f") "100022eb 00000001 20000065 00000000 "
							     "00000001 "
							     "0000000000000000" ETH4,
				IN4(ERSPAN, 101, 47), .inner = INNER_V4_TCP},
		{"ERSPAN type III, IP",
				MACS "0800" OUT4("50", "2f") "100022eb 00000001 20000065 00000000 "
							     "00000800 " V4_TCP,
				IN4(ERSPAN, 101, 47), .inner = INNER_V4_TCP},
		{"PPTP with acknowledgment",
				MACS "0800" OUT4("50", "2f") "3081880b 002c0007 00000001 00000002 "
							     "ff030021" V4_TCP,
				IN4(PPTP, 7, 47), .inner = INNER_V4_TCP},
		{"4in4", MACS "0800" OUT4("3c", "04") V4_TCP, IN4(4IN4, 0, 4),
				.inner = INNER_V4_TCP, .depth = 5},
		{"6in4", MACS "0800" OUT4("50", "29") V6_TCP, IN4(6IN4, 0, 41),
				.inner = INNER_V6_TCP},
		{"4in6", MACS "86dd" OUT6("28", "04") V4_TCP, IN6(4IN6, 0, 4),
				.inner = INNER_V4_TCP},
		{"6in6 behind a routing header",
				MACS
				"86dd" OUT6("54", "2b") "2902040000000000 "
							"20010db8000000000000000000000009" V6_TCP,
				IN6(6IN6, 0, 41), .inner = INNER_V6_TCP},
		{"Teredo", MACS "0800" OUT4("4c", "11") UDP_TO("0dd8", "38") V6_UDP,
				IN4(TEREDO, 0, 17), .inner = INNER_V6_UDP},
		{"Teredo from its port, authentication, origin",
				MACS "0800" OUT4("65", "11") "0dd8c000 00510000"
							     "00010400 01020304 0807060504030201 "
							     "00 0000 1234 01020304" V6_UDP,
				IN4(TEREDO, 0, 17), .inner = INNER_V6_UDP},
		{"Teredo at any port, origin",
				MACS "0800" OUT4("54", "11")
						UDP_TO("3039", "40") "0000 1234 01020304" V6_UDP,
				IN4(TEREDO, 0, 17), .inner = INNER_V6_UDP},
		{"L2TP",
				MACS "0800" OUT4("4e", "11") UDP_TO(
						"06a5", "3a") "0002 0001 0002 ff030021" V4_TCP,
				IN4(L2TP, 0x10002, 17), .inner = INNER_V4_TCP},
		{"L2TP with length, sequence, offset",
				MACS "0800" OUT4("56", "11") "06a5c000 00420000"
							     "4a02 003a 0001 0002 00000000 0002 "
							     "0000 0021" V4_TCP,
				IN4(L2TP, 0x10002, 17), .inner = INNER_V4_TCP},
		{"L2TPv3 over UDP, cookie of 8, sublayer",
				MACS "0800" OUT4("66", "11") UDP_TO(
						"06a5", "52") "00030000 00000005 0102030405060708 "
							      "40000000" ETH4,
				IN4(L2TPV3, 5, 17), .inner = INNER_V4_TCP},
		{"L2TPv3 over IP, cookie of 4, VLAN",
				MACS "0800" OUT4("56", "73") "00000005 01020304" MACS
							     "8100 0064 0800" V4_TCP,
				IN4(L2TPV3, 5, 115), .inner = INNER_V4_TCP, .inner_vlan = 100},
		{"EtherIP", MACS "0800" OUT4("4c", "61") "3000" ETH4, IN4(ETHERIP, 0, 97),
				.inner = INNER_V4_TCP},
		{"MPLS in UDP, two labels",
				MACS "0800" OUT4("4c", "11")
						UDP_TO("19eb", "38") "000100ff 000201ff" V4_TCP,
				IN4(MPLS, 32, 17), .inner = INNER_V4_TCP, .outermost_label = 17,
				.innermost_label = 33},
		{"MPLS in IP", MACS "0800" OUT4("40", "89") "000201ff" V4_TCP, IN4(MPLS, 32, 137),
				.inner = INNER_V4_TCP, .outermost_label = 33,
				.innermost_label = 33},
		{"pseudowire with control word", MACS "8847 000100ff 000201ff 00000000" ETH4,
				.tunnel = PACKET_TUNNEL_PSEUDOWIRE, .id = 32, .inner = INNER_V4_TCP,
				.outermost_label = 17, .innermost_label = 33,
				.inside = PACKET_METERED},
		{"pseudowire without, address starts with 0", MACS "8847 000201ff" ETH4,
				.tunnel = PACKET_TUNNEL_PSEUDOWIRE, .id = 32, .inner = INNER_V4_TCP,
				.outermost_label = 33, .innermost_label = 33,
				.inside = PACKET_METERED},
		{"pseudowire without, address starts with 4",
				MACS "8847 000201ff 460000000002 020000000001 0800" V4_TCP,
				.tunnel = PACKET_TUNNEL_PSEUDOWIRE, .id = 32, .inner = INNER_V4_TCP,
				.outermost_label = 33, .innermost_label = 33,
				.inside = PACKET_METERED},
		{"NSH over Ethernet", MACS "894f" NSH("03") ETH4, .tunnel = PACKET_TUNNEL_NSH,
				.id = 11, .inner = INNER_V4_TCP, .inside = PACKET_METERED},
		{"PPPoE inside VXLAN",
				MACS "0800" OUT4("62", "11") UDP_TO("12b5", "4e") VXLAN("09") MACS
				"8864 1100 002a 002a 0021" V4_TCP,
				IN4(VXLAN, 9, 17), .inner = INNER_V4_TCP, .pppoe_session = 42},
		{"first fragment outside, inner packet goes on in the next",
				MACS "0800" OUT4_FRAGMENT("4c", "2f",
						"2000") "00000800"
							"45b80400 12340000 40060000 c0000201 "
							"c6336402" TCP "0000000000000000 00000000",
				IN4(GRE, 0, 47), .inner = INNER_V4_TCP, .inner_bytes = 0x400},

		{"MPLS around the outer view", MACS "8847 000100ff 000201ff" OUT4("1c", "11") UDP,
				ONLY4(17, METERED), .outermost_label = 17, .innermost_label = 33},
		{"PPPoE around the outer view",
				MACS "8864 1100 002a 001e 0021" OUT4("1c", "11") UDP,
				ONLY4(17, METERED), .pppoe_session = 42},
		{"VXLAN, ARP",
				MACS "0800" OUT4("32", "11") UDP_TO("12b5", "1e") VXLAN("09") MACS
				"0806",
				ONLY4(17, non_ip)},
		{"VXLAN without a VNI",
				MACS "0800" OUT4("5a", "11")
						UDP_TO("12b5", "46") "00000000 00000900" ETH4,
				ONLY4(17, non_ip)},
		{"VXLAN port as source only",
				MACS "0800" OUT4("5a", "11") "12b50035 00460000" VXLAN("09") ETH4,
				ONLY4(17, METERED)},
		{"VXLAN-GPE, OAM",
				MACS "0800" OUT4("4c", "11")
						UDP_TO("12b6", "38") "0d000001 00000a00" V4_TCP,
				ONLY4(17, non_ip)},
		{"VXLAN-GPE, protocol 6",
				MACS "0800" OUT4("4c", "11")
						UDP_TO("12b6", "38") "0c000006 00000a00" V4_TCP,
				ONLY4(17, non_ip)},
		{"GENEVE, control packet",
				MACS "0800" OUT4("5a", "11")
						UDP_TO("17c1", "46") "00806558 00000c00" ETH4,
				ONLY4(17, non_ip)},
		{"GTP-U echo",
				MACS "0800" OUT4("28", "11")
						UDP_TO("0868", "14") "32010004 00000000 00010000",
				ONLY4(17, METERED)},
		{"GTP-U extension header of no length",
				MACS "0800" OUT4("54", "11") UDP_TO("0868",
						"40") "34ff0030 00000007 00000085 00000900" V4_TCP,
				ONLY4(17, malformed_link)},
		{"GTP-U, no IP inside",
				MACS "0800" OUT4("2c", "11") UDP_TO(
						"0868", "18") "30ff0008 00000007 0102030405060708",
				ONLY4(17, non_ip)},
		{"GRE version 2", MACS "0800" OUT4("40", "2f") "00020800" V4_TCP,
				ONLY4(47, malformed_link)},
		{"GRE keepalive", MACS "0800" OUT4("18", "2f") "00000000", ONLY4(47, non_ip)},
		{"GRE with routes without an end",
				MACS "0800" OUT4("50", "2f") "40000800 00000000 08000004 01020304 "
							     "08000040" V4_TCP,
				ONLY4(47, malformed_link)},
		{"GRE with nine source routes",
				MACS "0800" OUT4("8c", "2f") "40000800 00000000" ROUTE ROUTE ROUTE
						ROUTE ROUTE ROUTE ROUTE ROUTE ROUTE V4_TCP,
				ONLY4(47, malformed_link)},
		{"GRE, NSH, OAM",
				MACS "0800" OUT4("58",
						"2f") "0000894f 2fc60101 00000bff 00000000 00000000"
						      "00000000 00000000" V4_TCP,
				ONLY4(47, non_ip)},
		{"ERSPAN type III, neither Ethernet nor IP",
				MACS "0800" OUT4("50", "2f") "100022eb 00000001 20000065 00000000 "
							     "00000400 " V4_TCP,
				ONLY4(47, non_ip)},
		{"PPTP acknowledgment only",
				MACS "0800" OUT4("20", "2f") "2081880b 00000007 00000002",
				ONLY4(47, METERED)},
		{"PPTP without key", MACS "0800" OUT4("44", "2f") "1001880b 00000001" V4_TCP,
				ONLY4(47, malformed_link)},
		{"L2TP control message",
				MACS "0800" OUT4("28", "11")
						UDP_TO("06a5", "14") "c802000c 00000000 00000000",
				ONLY4(17, METERED)},
		{"L2TP version 1",
				MACS "0800" OUT4("28", "11")
						UDP_TO("06a5", "14") "0001000c 00000000 00000000",
				ONLY4(17, METERED)},
		{"L2TPv3 control message over IP", MACS "0800" OUT4("1c", "73") "00000000 c8030000",
				ONLY4(115, METERED)},
		{"L2TPv3, nothing that fits",
				MACS
				"0800" OUT4("34", "73") "00000005 000102030405060708090a0b0c0d0e0f"
							"000102030405060708090a0b",
				ONLY4(115, non_ip)},
		{"Teredo's port, no Teredo",
				MACS "0800" OUT4("4c", "11") UDP_TO("0dd8", "38") V4_TCP
				"0000000000000000",
				ONLY4(17, METERED)},
		{"IPv6 in UDP at any port, no mark of Teredo",
				MACS "0800" OUT4("4c", "11") UDP_TO("3039", "38") V6_UDP,
				ONLY4(17, METERED)},
		{"EtherIP version 4", MACS "0800" OUT4("4c", "61") "4000" ETH4, ONLY4(97, non_ip)},
		{"NSH of less than its own length",
				MACS "0800" OUT4("44", "2f") "0000894f 0fc10101" V4_TCP,
				ONLY4(47, malformed_link)},
		{"4in4, version 6", MACS "0800" OUT4("50", "04") V6_TCP, ONLY4(4, malformed_ipv4)},
		{"4in4, longer than what carries it",
				MACS "0800" OUT4("3c", "04") "45b80029 12340000 40060000 c0000201 "
							     "c6336402" TCP,
				ONLY4(4, malformed_ipv4)},
		{"4in4, TCP lies",
				MACS "0800" OUT4("3c", "04")
						IPV4("28", "06") "c35001bb 00000001 00000002 "
								 "4112ffff 00000000",
				ONLY4(4, malformed_l4)},
		{"later fragment of a tunnel",
				MACS "0800" OUT4_FRAGMENT("40", "2f", "0001") "00000800" V4_TCP,
				ONLY4(47, METERED)},
		{"security group tag behind GRE stays closed",
				MACS "0800" OUT4("48", "2f") "00008909 01010001 00640800" V4_TCP,
				ONLY4(47, non_ip)},
};

#endif
