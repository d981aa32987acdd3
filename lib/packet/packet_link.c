/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Link types: what stands at the start of the frame, and what LINKTYPE_ number of capture files
 * means which. The layouts are those of https://www.tcpdump.org/linktypes.html.
 */
#include "packet_link.h"

#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#include <endian.h>

#define SLL_BYTES 16u
#define SLL2_BYTES 20u
#define SLL_PROTOCOL_LLC 4
#define ARPHRD_NETLINK 824
#define NFLOG_PAYLOAD 9
#define RADIOTAP_BYTES 8u
#define RADIOTAP_TSFT (UINT32_C(1) << 0)
#define RADIOTAP_FLAGS (UINT32_C(1) << 1)
#define RADIOTAP_MORE (UINT32_C(1) << 31)
#define RADIOTAP_FLAG_DATA_PAD 0x20
#define RADIOTAP_WORDS_MAX 16
#define DOT11_DATA 2
#define DOT11_SUBTYPE_NO_DATA 0x4
#define DOT11_SUBTYPE_QOS 0x8
#define DOT11_BOTH_DS 0x03
#define DOT11_PROTECTED 0x40
#define DOT11_ORDER 0x80
#define DOT11_QOS_AMSDU 0x80

/* Linux cooked: `device` is the ARPHRD_ type, `protocol` an EtherType or one of Linux' own numbers.
 */
static enum packet_step to_cooked(struct packet_walk *walk, uint16_t device, uint16_t protocol)
{
	if (device == ARPHRD_NETLINK)
		return packet_walk_stop(walk, PACKET_non_ip);
	if (protocol == SLL_PROTOCOL_LLC)
		return PACKET_STEP_LLC;
	walk->ethertype = protocol;
	return PACKET_STEP_ETHERTYPE;
}

static enum packet_step read_sll(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, SLL_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	walk->offset += SLL_BYTES;
	return to_cooked(walk, packet_read_be16(header + 2), packet_read_be16(header + 14));
}

static enum packet_step read_sll2(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, SLL2_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	walk->offset += SLL2_BYTES;
	return to_cooked(walk, packet_read_be16(header + 8), packet_read_be16(header));
}

/* Address families are small numbers: when the upper half is set, the other byte order was meant.
 */
static enum packet_step read_family(struct packet_walk *walk, bool network_order)
{
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint32_t family = packet_read_be32(packet_walk_here(walk));
	if (!network_order && family > UINT16_MAX)
		family = __builtin_bswap32(family);
	walk->offset += 4;
	switch (family) {
	case 2: /* AF_INET everywhere */
		return PACKET_STEP_IPV4;
	case 10: /* AF_INET6: Linux, NetBSD and OpenBSD, FreeBSD, Darwin */
	case 24:
	case 28:
	case 30:
		return PACKET_STEP_IPV6;
	default:
		return packet_walk_stop(walk, PACKET_non_ip);
	}
}

/* Netlink log: attributes, each padded to 4 octets, in the byte order of the capturing host. */
static enum packet_step read_nflog(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += 4;
	for (uint32_t attributes = 0; attributes < PACKET_MAX_LAYERS; attributes++) {
		if (!packet_walk_has(walk, 4))
			return packet_walk_stop(walk, PACKET_truncated_link);
		const uint8_t *attribute = packet_walk_here(walk);
		bool big_endian = attribute[2] == 0; /* types are 1 to 255 */
		uint16_t raw = packet_read16(attribute);
		uint32_t bytes = big_endian ? be16toh(raw) : le16toh(raw);
		uint8_t type = attribute[big_endian ? 3 : 2];
		if (bytes < 4 || bytes > walk->end - walk->offset)
			return packet_walk_stop(walk, PACKET_malformed_link);
		if (type == NFLOG_PAYLOAD) {
			packet_walk_narrow(walk, walk->offset + bytes);
			walk->offset += 4;
			return PACKET_STEP_IP;
		}
		uint32_t padded = (bytes + 3) & ~3u;
		if (padded > walk->end - walk->offset)
			return packet_walk_stop(walk, PACKET_non_ip);
		walk->offset += padded;
	}
	return packet_walk_stop(walk, PACKET_depth_exceeded);
}

/*
 * IEEE 802.11 data frames in the clear. An aggregate (A-MSDU) holds several packets, of which a
 * frame can give only one verdict: it is left alone, like the later fragments of a frame.
 */
static enum packet_step read_ieee80211(struct packet_walk *walk, bool data_pad)
{
	if (!packet_walk_has(walk, 2))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *frame = packet_walk_here(walk);
	uint8_t subtype = frame[0] >> 4, flags = frame[1];
	if ((frame[0] & 3) != 0 || (frame[0] >> 2 & 3) != DOT11_DATA
			|| (subtype & DOT11_SUBTYPE_NO_DATA) || (flags & DOT11_PROTECTED))
		return packet_walk_stop(walk, PACKET_non_ip);

	bool qos = subtype & DOT11_SUBTYPE_QOS;
	uint32_t address_bytes = (flags & DOT11_BOTH_DS) == DOT11_BOTH_DS ? 30 : 24;
	uint32_t header_bytes =
			address_bytes + (qos ? 2 : 0) + (qos && (flags & DOT11_ORDER) ? 4 : 0);
	if (data_pad)
		header_bytes = (header_bytes + 3) & ~3u;
	if (!packet_walk_has(walk, header_bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if ((frame[22] & 0x0f) != 0 || (qos && (frame[address_bytes] & DOT11_QOS_AMSDU)))
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->offset += header_bytes;
	return PACKET_STEP_LLC;
}

/* The flags octet, or 0 when the header has none or it was not captured. */
static uint8_t radiotap_flags(const uint8_t *header, uint32_t bytes)
{
	uint32_t present = le32toh(packet_read32(header + 4));
	uint32_t at = RADIOTAP_BYTES;

	if (!(present & RADIOTAP_FLAGS))
		return 0;
	uint32_t most = RADIOTAP_BYTES + 4 * RADIOTAP_WORDS_MAX;
	for (uint32_t word = present; word & RADIOTAP_MORE; at += 4) {
		if (at + 4 > bytes || at == most)
			return 0;
		word = le32toh(packet_read32(header + at));
	}
	if (present & RADIOTAP_TSFT)
		at = ((at + 7) & ~7u) + 8;
	return at < bytes ? header[at] : 0;
}

static enum packet_step read_radiotap(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, RADIOTAP_BYTES))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	uint32_t bytes = header[2] | (uint32_t)header[3] << 8;
	if (header[0] != 0 || bytes < RADIOTAP_BYTES || bytes > walk->end)
		return packet_walk_stop(walk, PACKET_malformed_link);
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset = bytes;
	return read_ieee80211(walk, radiotap_flags(header, bytes) & RADIOTAP_FLAG_DATA_PAD);
}

enum packet_step packet_walk_link(struct packet_walk *walk, enum packet_link link)
{
	switch (link) {
	case PACKET_LINK_ETHERNET:
		return PACKET_STEP_ETHERNET;
	case PACKET_LINK_RAW:
		return PACKET_STEP_IP;
	case PACKET_LINK_SLL:
		return read_sll(walk);
	case PACKET_LINK_SLL2:
		return read_sll2(walk);
	case PACKET_LINK_NULL:
		return read_family(walk, false);
	case PACKET_LINK_LOOP:
		return read_family(walk, true);
	case PACKET_LINK_PPP:
		return PACKET_STEP_PPP;
	case PACKET_LINK_CHDLC:
		return PACKET_STEP_CHDLC;
	case PACKET_LINK_RADIOTAP:
		return read_radiotap(walk);
	case PACKET_LINK_IEEE80211:
		return read_ieee80211(walk, false);
	case PACKET_LINK_PPPOE:
		walk->ethertype = PACKET_ETHERTYPE_PPPOE;
		return PACKET_STEP_ETHERTYPE;
	case PACKET_LINK_MPLS:
		return PACKET_STEP_MPLS;
	case PACKET_LINK_NFLOG:
		return read_nflog(walk);
	case PACKET_LINK_UNKNOWN:
		break;
	}
	return packet_walk_stop(walk, PACKET_unknown_link);
}

/* libpcap gives some types DLT_ values of the host's own; the registry's are listed beside them. */
enum packet_link packet_link_from_linktype(int linktype)
{
	switch (linktype) {
	case 1:
		return PACKET_LINK_ETHERNET;
	case 12: /* DLT_RAW */
	case 14: /* DLT_RAW on OpenBSD */
	case 101:
	case 228: /* IPv4 */
	case 229: /* IPv6 */
		return PACKET_LINK_RAW;
	case 113:
		return PACKET_LINK_SLL;
	case 276:
		return PACKET_LINK_SLL2;
	case 0:
		return PACKET_LINK_NULL;
	case 108:
		return PACKET_LINK_LOOP;
	case 9:
	case 50: /* PPP in HDLC-like framing, or Cisco HDLC */
		return PACKET_LINK_PPP;
	case 51:
		return PACKET_LINK_PPPOE;
	case 104:
		return PACKET_LINK_CHDLC;
	case 105:
		return PACKET_LINK_IEEE80211;
	case 127:
		return PACKET_LINK_RADIOTAP;
	case 219:
		return PACKET_LINK_MPLS;
	case 239:
		return PACKET_LINK_NFLOG;
	default:
		return PACKET_LINK_UNKNOWN;
	}
}
