/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hand-made packets, one a header that decode reads, and what decode has to say of them. Octets are
 * hexadecimal text; the pieces below are put together by the compiler.
 */
#ifndef PACKET_SAMPLES_H
#define PACKET_SAMPLES_H

#include "packet_decode.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_BYTES_MAX 2048

#define MACS "020000000002 020000000001 "
/* The last eight bits of total length and the protocol vary. */
#define IPV4(length, protocol) "45b800" length " 12340000 40" protocol "0000 c0000201 c6336402 "
#define IPV4_FRAGMENT(length, protocol, fragment) \
	"45b800" length " 1234" fragment " 40" protocol "0000 c0000201 c6336402 "
#define IPV6(length, protocol)                                               \
	"6b800000 00" length protocol "40 20010db8000000000000000000000001 " \
	"20010db8000000000000000000000002 "
#define TCP "c35001bb 00000001 00000002 5112ffff 00000000 "
#define UDP "c3500035 00080000 "
#define SCTP "c3500b59 01020304 00000000 "
#define V4_TCP IPV4("28", "06") TCP
#define V4_UDP IPV4("1c", "11") UDP
#define V6_TCP IPV6("14", "06") TCP
#define V6_UDP IPV6("08", "11") UDP
#define SNAP "aaaa03 000000 "

struct sample {
	const char *name;
	const char *hex;
	enum packet_link link;
	enum packet_verdict verdict;
	/* When metered. Addresses are those of the pieces above. */
	uint32_t ip_bytes;
	uint16_t source_port;
	uint16_t destination_port;
	uint16_t vlan;
	uint16_t vlan_inner;
	uint16_t tcp_flags;
	uint8_t ip_version;
	uint8_t protocol;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t flags;
	uint16_t l4_offset;
};

/* What the pieces above say, for rows that only differ in what stands before them. */
#define IS_V4_TCP(bytes)                                                                \
	.verdict = PACKET_METERED, .ip_version = 4, .protocol = 6, .ip_bytes = (bytes), \
	.source_port = 50000, .destination_port = 443, .tcp_flags = 0x112
#define IS_V4_UDP(bytes)                                                                 \
	.verdict = PACKET_METERED, .ip_version = 4, .protocol = 17, .ip_bytes = (bytes), \
	.source_port = 50000, .destination_port = 53
#define IS_V6_TCP(bytes)                                                                \
	.verdict = PACKET_METERED, .ip_version = 6, .protocol = 6, .ip_bytes = (bytes), \
	.source_port = 50000, .destination_port = 443, .tcp_flags = 0x112
#define IS_V6_UDP(bytes)                                                                 \
	.verdict = PACKET_METERED, .ip_version = 6, .protocol = 17, .ip_bytes = (bytes), \
	.source_port = 50000, .destination_port = 53

static const struct sample samples[] = {
		{"ethernet, IPv4, TCP", MACS "0800" V4_TCP, IS_V4_TCP(40), .l4_offset = 34},
		{"ethernet, IPv4, UDP, padded to 60 octets",
				MACS "0800" V4_UDP "0000000000000000000000000000 00000000",
				IS_V4_UDP(28), .l4_offset = 34},
		{"ethernet, IPv6, TCP", MACS "86dd" V6_TCP, IS_V6_TCP(60), .l4_offset = 54},
		{"ethernet, IPv6, UDP", MACS "86dd" V6_UDP, IS_V6_UDP(48), .l4_offset = 54},
		{"IPv4, SCTP", MACS "0800" IPV4("20", "84") SCTP, .verdict = PACKET_METERED,
				.ip_version = 4, .protocol = 132, .ip_bytes = 32,
				.source_port = 50000, .destination_port = 2905, .l4_offset = 34},
		{"IPv4, DCCP", MACS "0800" IPV4("20", "21") SCTP, .verdict = PACKET_METERED,
				.ip_version = 4, .protocol = 33, .ip_bytes = 32,
				.source_port = 50000, .destination_port = 2905, .l4_offset = 34},
		{"IPv4, UDP-Lite", MACS "0800" IPV4("1c", "88") UDP, .verdict = PACKET_METERED,
				.ip_version = 4, .protocol = 136, .ip_bytes = 28,
				.source_port = 50000, .destination_port = 53, .l4_offset = 34},
		{"IPv4, ICMP port unreachable", MACS "0800" IPV4("1c", "01") "03030000 00000000",
				.verdict = PACKET_METERED, .ip_version = 4, .protocol = 1,
				.ip_bytes = 28, .icmp_type = 3, .icmp_code = 3, .l4_offset = 34},
		{"IPv6, ICMPv6 too big", MACS "86dd" IPV6("08", "3a") "02000000 00000500",
				.verdict = PACKET_METERED, .ip_version = 6, .protocol = 58,
				.ip_bytes = 48, .icmp_type = 2, .l4_offset = 54},
		{"IPv4, ESP", MACS "0800" IPV4("1c", "32") "00000100 00000001",
				.verdict = PACKET_METERED, .ip_version = 4, .protocol = 50,
				.ip_bytes = 28, .l4_offset = 34},
		{"IPv4, protocol 253, no payload", MACS "0800" IPV4("14", "fd"),
				.verdict = PACKET_METERED, .ip_version = 4, .protocol = 253,
				.ip_bytes = 20},
		{"IPv4 with 8 octets of options",
				MACS "0800 47b80030 12340000 40060000 c0000201 c6336402 "
				     "9404000001010100" TCP,
				IS_V4_TCP(48), .l4_offset = 42},
		{"IPv4, first fragment", MACS "0800" IPV4_FRAGMENT("28", "06", "2000") TCP,
				IS_V4_TCP(40), .flags = PACKET_FLAG_FRAGMENT, .l4_offset = 34},
		{"IPv4, first fragment of a long UDP datagram",
				MACS "0800" IPV4_FRAGMENT("1c", "11", "2000") "c3500035 20000000",
				IS_V4_UDP(28), .flags = PACKET_FLAG_FRAGMENT, .l4_offset = 34},
		{"IPv4, first fragment of 8 octets",
				MACS "0800" IPV4_FRAGMENT("1c", "06", "2000") "c35001bb 00000001",
				.verdict = PACKET_METERED, .ip_version = 4, .protocol = 6,
				.ip_bytes = 28, .source_port = 50000, .destination_port = 443,
				.flags = PACKET_FLAG_FRAGMENT, .l4_offset = 34},
		{"IPv4, last fragment",
				MACS "0800" IPV4_FRAGMENT("1c", "06", "00b9") "0102030405060708",
				.verdict = PACKET_METERED, .ip_version = 4, .protocol = 6,
				.ip_bytes = 28,
				.flags = PACKET_FLAG_FRAGMENT | PACKET_FLAG_LATER_FRAGMENT},
		{"IPv4, do not fragment", MACS "0800" IPV4_FRAGMENT("28", "06", "4000") TCP,
				IS_V4_TCP(40), .l4_offset = 34},
		{"IPv6, hop-by-hop", MACS "86dd" IPV6("1c", "00") "0600 0502 0000 0100" TCP,
				IS_V6_TCP(68), .l4_offset = 62},
		{"IPv6, routing header",
				MACS "86dd" IPV6("2c", "2b") "0602 0400 00000000 "
							     "20010db8000000000000000000000003" TCP,
				IS_V6_TCP(84), .l4_offset = 78},
		{"IPv6, hop-by-hop, destination options, routing, fragment (atomic), destination "
		 "options",
				MACS "86dd" IPV6("30", "00") "3c00 010400000000 "
							     "2b00 010400000000 "
							     "2c00 0400 00000000 "
							     "3c000000 00000001 "
							     "1100 010400000000" UDP,
				IS_V6_UDP(88), .l4_offset = 94},
		{"IPv6, first fragment", MACS "86dd" IPV6("1c", "2c") "06000001 0000abcd" TCP,
				IS_V6_TCP(68), .flags = PACKET_FLAG_FRAGMENT, .l4_offset = 62},
		{"IPv6, later fragment whose next header is an extension",
				MACS "86dd" IPV6("10", "2c") "3c0000b9 0000abcd 0102030405060708",
				.verdict = PACKET_METERED, .ip_version = 6, .protocol = 60,
				.ip_bytes = 56,
				.flags = PACKET_FLAG_FRAGMENT | PACKET_FLAG_LATER_FRAGMENT},
		{"IPv6, AH is a protocol of its own",
				MACS "86dd" IPV6("10", "33") "06020000 00000100 00000001 00000000",
				.verdict = PACKET_METERED, .ip_version = 6, .protocol = 51,
				.ip_bytes = 56, .l4_offset = 54},
		{"IPv6, no next header", MACS "86dd" IPV6("00", "3b"), .verdict = PACKET_METERED,
				.ip_version = 6, .protocol = 59, .ip_bytes = 40},
		{"802.1Q", MACS "8100 6064 0800" V4_TCP, IS_V4_TCP(40), .vlan = 100,
				.l4_offset = 38},
		{"802.1Q, IPv6", MACS "8100 6064 86dd" V6_UDP, IS_V6_UDP(48), .vlan = 100,
				.l4_offset = 58},
		{"802.1Q, priority tag only", MACS "8100 e000 0800" V4_UDP, IS_V4_UDP(28),
				.l4_offset = 38},
		{"802.1ad", MACS "88a8 00c8 8100 0064 0800" V4_UDP, IS_V4_UDP(28), .vlan = 200,
				.vlan_inner = 100, .l4_offset = 42},
		{"QinQ of old, three tags", MACS "9100 0001 9200 0002 9300 0003 0800" V4_UDP,
				IS_V4_UDP(28), .vlan = 1, .vlan_inner = 2, .l4_offset = 46},
		{"802.3, LLC/SNAP", MACS "0024" SNAP "0800" V4_UDP, IS_V4_UDP(28), .l4_offset = 42},
		{"802.1Q, LLC/SNAP of a bridge", MACS "8100 0005 0024 aaaa03 0000f8 0800" V4_UDP,
				IS_V4_UDP(28), .vlan = 5, .l4_offset = 46},
		{"802.3, LLC with IP's own access point", MACS "001f 060603" V4_UDP, IS_V4_UDP(28),
				.l4_offset = 37},
		{"MPLS, two labels", MACS "8847 000100ff 000201ff" V4_TCP, IS_V4_TCP(40),
				.l4_offset = 42},
		{"MPLS, upstream label, IPv6", MACS "8848 000101ff" V6_TCP, IS_V6_TCP(60),
				.l4_offset = 58},
		{"802.1ah", MACS "88e7 00000123 0a0000000002 0a0000000001 0800" V4_UDP,
				IS_V4_UDP(28), .l4_offset = 52},
		{"802.1ah between VLAN tags",
				MACS "88a8 0007 88e7 00000123 0a0000000002 0a0000000001 8100 0008 "
				     "0800" V4_UDP,
				IS_V4_UDP(28), .vlan = 7, .vlan_inner = 8, .l4_offset = 60},
		{"VN-Tag", MACS "8926 00000000 0800" V4_UDP, IS_V4_UDP(28), .l4_offset = 40},
		{"802.1BR E-Tag", MACS "893f 000000000000 0800" V4_UDP, IS_V4_UDP(28),
				.l4_offset = 42},
		{"security group tag", MACS "8909 0101 0001 0064 0800" V4_UDP, IS_V4_UDP(28),
				.l4_offset = 42},
		{"PPPoE", MACS "8864 1100 002a 001e 0021" V4_UDP, IS_V4_UDP(28), .l4_offset = 42},
		{"PPPoE, protocol in one octet, IPv6", MACS "8864 1100 002a 0031 57" V6_UDP,
				IS_V6_UDP(48), .l4_offset = 61},
		{"PPP over Ethernet type 880b", MACS "880b 0021" V4_UDP, IS_V4_UDP(28),
				.l4_offset = 36},
		{"raw IPv4", V4_TCP, .link = PACKET_LINK_RAW, IS_V4_TCP(40), .l4_offset = 20},
		{"raw IPv6", V6_TCP, .link = PACKET_LINK_RAW, IS_V6_TCP(60), .l4_offset = 40},
		{"Linux cooked", "0000 0001 0006 020000000001 0000 0800" V4_TCP,
				.link = PACKET_LINK_SLL, IS_V4_TCP(40), .l4_offset = 36},
		{"Linux cooked, VLAN", "0000 0001 0006 020000000001 0000 8100 0009 0800" V4_TCP,
				.link = PACKET_LINK_SLL, IS_V4_TCP(40), .vlan = 9, .l4_offset = 40},
		{"Linux cooked, LLC/SNAP",
				"0000 0001 0006 020000000001 0000 0004" SNAP "0800" V4_TCP,
				.link = PACKET_LINK_SLL, IS_V4_TCP(40), .l4_offset = 44},
		{"Linux cooked v2", "86dd 0000 00000002 0001 00 06 0200000000010000" V6_TCP,
				.link = PACKET_LINK_SLL2, IS_V6_TCP(60), .l4_offset = 60},
		{"null, little endian", "02000000" V4_TCP, .link = PACKET_LINK_NULL, IS_V4_TCP(40),
				.l4_offset = 24},
		{"null, big endian, IPv6 of FreeBSD", "0000001c" V6_TCP, .link = PACKET_LINK_NULL,
				IS_V6_TCP(60), .l4_offset = 44},
		{"null, IPv6 of Darwin", "1e000000" V6_TCP, .link = PACKET_LINK_NULL, IS_V6_TCP(60),
				.l4_offset = 44},
		{"loop, IPv6 of OpenBSD", "00000018" V6_TCP, .link = PACKET_LINK_LOOP,
				IS_V6_TCP(60), .l4_offset = 44},
		{"PPP, address and control", "ff03 0021" V4_TCP, .link = PACKET_LINK_PPP,
				IS_V4_TCP(40), .l4_offset = 24},
		{"PPP, all compressed", "21" V4_TCP, .link = PACKET_LINK_PPP, IS_V4_TCP(40),
				.l4_offset = 21},
		{"PPP, MPLS", "ff03 0281 000101ff" V4_TCP, .link = PACKET_LINK_PPP, IS_V4_TCP(40),
				.l4_offset = 28},
		{"PPP link that carries Cisco HDLC", "0f00 0800" V4_TCP, .link = PACKET_LINK_PPP,
				IS_V4_TCP(40), .l4_offset = 24},
		{"Cisco HDLC", "0f00 86dd" V6_TCP, .link = PACKET_LINK_CHDLC, IS_V6_TCP(60),
				.l4_offset = 44},
		{"PPPoE as link", "1100 002a 001e 0021" V4_UDP, .link = PACKET_LINK_PPPOE,
				IS_V4_UDP(28), .l4_offset = 28},
		{"MPLS as link", "000101ff" V4_UDP, .link = PACKET_LINK_MPLS, IS_V4_UDP(28),
				.l4_offset = 24},
		{"netfilter log", "02000001 0800 0100 08000100 0600 0a00 65740000 2000 0900" V4_UDP,
				.link = PACKET_LINK_NFLOG, IS_V4_UDP(28), .l4_offset = 44},
		{"netfilter log, big endian", "02000001 0008 0001 08000100 0020 0009" V4_UDP,
				.link = PACKET_LINK_NFLOG, IS_V4_UDP(28), .l4_offset = 36},
		{"802.11 data",
				"0801 0000 020000000001 020000000002 020000000003 1000" SNAP
				"0800" V4_TCP,
				.link = PACKET_LINK_IEEE80211, IS_V4_TCP(40), .l4_offset = 52},
		{"802.11 QoS data over four addresses, HT control",
				"8883 0000 020000000001 020000000002 020000000003 1000 "
				"020000000004 0000 "
				"00000000" SNAP "0800" V4_TCP,
				.link = PACKET_LINK_IEEE80211, IS_V4_TCP(40), .l4_offset = 64},
		{"radiotap, time stamp and flags, padded header",
				"0000 1900 030000a0 00000020 00000000 0011223344556677 20 "
				"8801 0000 020000000001 020000000002 020000000003 1000 0000 "
				"0000" SNAP "0800" V4_TCP,
				.link = PACKET_LINK_RADIOTAP, IS_V4_TCP(40), .l4_offset = 81},
		{"radiotap, two words of flags, padded header",
				"0000 0d00 02000080 00000000 20 "
				"8801 0000 020000000001 020000000002 020000000003 1000 0000 "
				"0000" SNAP "0800" V4_TCP,
				.link = PACKET_LINK_RADIOTAP, IS_V4_TCP(40), .l4_offset = 69},
		{"radiotap, words of flags without an end",
				"0000 0800 02000080 0801 0000 020000000001 "
				"020000000002 020000000003 1000" SNAP "0800" V4_TCP,
				.link = PACKET_LINK_RADIOTAP, IS_V4_TCP(40), .l4_offset = 60},
		{"MPLS, associated channel", MACS "8847 000101ff 10000021" V4_TCP,
				.verdict = PACKET_non_ip},
		{"ARP", MACS "0806 0001080006040001 020000000001 c0000201 000000000000 c0000202",
				.verdict = PACKET_non_ip},
		{"spanning tree", MACS "0026 424203 0000000000", .verdict = PACKET_non_ip},
		{"SNAP of another organisation", MACS "0026 aaaa03 00000c 2000",
				.verdict = PACKET_non_ip},
		{"LLDP behind a VLAN tag", MACS "8100 0001 88cc 0207", .verdict = PACKET_non_ip},
		{"PPPoE discovery code in a session", MACS "8864 11a7 002a 0000",
				.verdict = PACKET_non_ip},
		{"PPP LCP", "ff03 c021 0101", .link = PACKET_LINK_PPP, .verdict = PACKET_non_ip},
		{"MPLS, pseudowire with control word",
				MACS "8847 000101ff 00000000" MACS "0800" V4_TCP,
				.verdict = PACKET_non_ip},
		{"netlink message in Linux cooked", "0000 0338 0000 0000000000000000 0800" V4_TCP,
				.link = PACKET_LINK_SLL, .verdict = PACKET_non_ip},
		{"null, other family", "07000000 0000", .link = PACKET_LINK_NULL,
				.verdict = PACKET_non_ip},
		{"802.11 beacon", "8000 0000", .link = PACKET_LINK_IEEE80211,
				.verdict = PACKET_non_ip},
		{"802.11 protected data", "0841 0000", .link = PACKET_LINK_IEEE80211,
				.verdict = PACKET_non_ip},
		{"802.11 aggregate",
				"8801 0000 020000000001 020000000002 020000000003 1000 8000" SNAP,
				.link = PACKET_LINK_IEEE80211, .verdict = PACKET_non_ip},
		{"raw, version 5", "55000014", .link = PACKET_LINK_RAW, .verdict = PACKET_non_ip},
		{"unknown link", "00010203", .link = PACKET_LINK_UNKNOWN,
				.verdict = PACKET_unknown_link},
};

static inline uint8_t sample_nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Writes the octets of `hex` (blanks between are skipped) to `out`; returns how many. */
static inline uint32_t sample_octets(const char *hex, uint8_t out[static SAMPLE_BYTES_MAX])
{
	uint32_t count = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		if (count == SAMPLE_BYTES_MAX)
			abort();
		out[count++] = (uint8_t)(sample_nibble(hex[0]) << 4 | sample_nibble(hex[1]));
		hex++;
	}
	return count;
}

#endif
