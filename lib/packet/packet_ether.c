/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What stands between the link header and IP: tags, label stacks, LLC and PPP. All of it is link
 * layer to weir; none of it is octets of a flow.
 */
#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#define ADDRESSES_BYTES 12u
#define MPLS_BOTTOM 0x100u

/* Goes on behind a 16-bit field that is an EtherType, mostly IP's, or the length of an LLC frame.
 */
static enum packet_step to_type_or_length(struct packet_walk *walk, uint16_t value)
{
	if (value == PACKET_ETHERTYPE_IPV4)
		return PACKET_STEP_IPV4;
	if (value == PACKET_ETHERTYPE_IPV6)
		return PACKET_STEP_IPV6;
	if (value <= PACKET_ETHERTYPE_LENGTH_MAX)
		return PACKET_STEP_LLC;
	walk->ethertype = value;
	return PACKET_STEP_ETHERTYPE;
}

/* Skips a tag of `bytes` octets, the last two of which are the next type. */
static enum packet_step skip_tag(struct packet_walk *walk, uint32_t bytes)
{
	if (!packet_walk_has(walk, bytes))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += bytes;
	return to_type_or_length(walk, packet_read_be16(packet_walk_here(walk) - 2));
}

enum packet_step packet_walk_ethernet(struct packet_walk *walk)
{
	return skip_tag(walk, ADDRESSES_BYTES + 2);
}

static enum packet_step read_vlan(struct packet_walk *walk)
{
	if (walk->tags == PACKET_MAX_VLAN_TAGS)
		return packet_walk_stop(walk, PACKET_depth_exceeded);
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint16_t id = packet_read_be16(packet_walk_here(walk)) & 0x0fff;
	if (walk->tags == 0)
		walk->vlan = id;
	else if (walk->tags == 1)
		walk->vlan_inner = id;
	walk->tags++;
	return skip_tag(walk, 4);
}

/* RFC 2516: version and type 1, code 0 is session data, the length covers the PPP frame. */
static enum packet_step read_pppoe(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 6))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *header = packet_walk_here(walk);
	if (header[1] != 0)
		return packet_walk_stop(walk, PACKET_non_ip);
	uint32_t length = packet_read_be16(header + 4);
	if (header[0] != 0x11 || length > walk->end - walk->offset - 6)
		return packet_walk_stop(walk, PACKET_malformed_link);
	walk->around.pppoe_session = packet_read_be16(header + 2);
	walk->offset += 6;
	packet_walk_narrow(walk, walk->offset + length);
	return PACKET_STEP_PPP;
}

enum packet_step packet_walk_ethertype(struct packet_walk *walk)
{
	switch (walk->ethertype) {
	case PACKET_ETHERTYPE_IPV4:
		return PACKET_STEP_IPV4;
	case PACKET_ETHERTYPE_IPV6:
		return PACKET_STEP_IPV6;
	case PACKET_ETHERTYPE_VLAN:
	case PACKET_ETHERTYPE_VLAN_S:
	case PACKET_ETHERTYPE_VLAN_9100:
	case PACKET_ETHERTYPE_VLAN_9200:
	case PACKET_ETHERTYPE_VLAN_9300:
		return read_vlan(walk);
	case PACKET_ETHERTYPE_MPLS:
	case PACKET_ETHERTYPE_MPLS_UP:
		return PACKET_STEP_MPLS;
	case PACKET_ETHERTYPE_PPPOE:
		return read_pppoe(walk);
	case PACKET_ETHERTYPE_PPP:
		return PACKET_STEP_PPP;
	case PACKET_ETHERTYPE_PBB:
		return skip_tag(walk, 4 + ADDRESSES_BYTES + 2);
	case PACKET_ETHERTYPE_VNTAG:
		return skip_tag(walk, 6);
	case PACKET_ETHERTYPE_ETAG:
		return skip_tag(walk, 8);
	case PACKET_ETHERTYPE_CMD: /* a tag of links; behind GRE it is left alone */
		return walk->views_found ? packet_walk_stop(walk, PACKET_non_ip)
					 : skip_tag(walk, 8);
	case PACKET_ETHERTYPE_NSH:
		return PACKET_STEP_NSH;
	default:
		return packet_walk_stop(walk, PACKET_non_ip);
	}
}

/* IEEE 802.2; SNAP carries an EtherType under the OUIs 0 (RFC 1042) and 0000f8 (802.1H). */
enum packet_step packet_walk_llc(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 3))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *llc = packet_walk_here(walk);
	if (llc[0] == PACKET_SAP_IP && llc[1] == PACKET_SAP_IP && llc[2] == 3) {
		walk->offset += 3;
		return PACKET_STEP_IPV4;
	}
	if (llc[0] != PACKET_SAP_SNAP || llc[1] != PACKET_SAP_SNAP || llc[2] != 3)
		return packet_walk_stop(walk, PACKET_non_ip);
	if (!packet_walk_has(walk, 8))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if (llc[3] != 0 || llc[4] != 0 || (llc[5] != 0 && llc[5] != 0xf8))
		return packet_walk_stop(walk, PACKET_non_ip);
	walk->ethertype = packet_read_be16(llc + 6);
	walk->offset += 8;
	return PACKET_STEP_ETHERTYPE;
}

static void note_label(struct packet_encapsulation *around, uint32_t label)
{
	around->mpls_innermost = label | PACKET_LABEL_PRESENT;
	if (!around->mpls_outermost)
		around->mpls_outermost = around->mpls_innermost;
	if (around->tunnel == PACKET_TUNNEL_MPLS)
		around->tunnel_id = label;
}

/*
 * RFC 4928: behind the bottom of the stack the first nibble tells IP from pseudowires. One without
 * control word may start with any nibble, so what does not fit as IP is one too.
 */
static enum packet_step behind_labels(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 1))
		return packet_walk_stop(walk, PACKET_truncated_link);
	uint8_t nibble = *packet_walk_here(walk) >> 4;
	bool may_be_ip = nibble == 4 || nibble == 6;
	bool may_be_frame = walk->around.tunnel != PACKET_TUNNEL_NONE
			|| (walk->policy
					&& walk->policy->open[PACKET_TUNNEL_PSEUDOWIRE]
							!= PACKET_OPEN_OUTER);
	if (may_be_frame && !(may_be_ip && packet_walk_fits_ip(walk, walk->offset)))
		return PACKET_STEP_PSEUDOWIRE;
	return PACKET_STEP_IP;
}

/* RFC 3032: 20 bits of label, 3 of class, the bottom bit, 8 of TTL. */
enum packet_step packet_walk_mpls(struct packet_walk *walk)
{
	for (uint32_t labels = 0; labels < PACKET_MAX_MPLS_LABELS; labels++) {
		if (!packet_walk_has(walk, 4))
			return packet_walk_stop(walk, PACKET_truncated_link);
		uint32_t entry = packet_read_be32(packet_walk_here(walk));
		walk->offset += 4;
		note_label(&walk->around, entry >> 12);
		if (entry & MPLS_BOTTOM)
			return behind_labels(walk);
	}
	return packet_walk_stop(walk, PACKET_depth_exceeded);
}

/* Cisco HDLC: address, control, EtherType. */
enum packet_step packet_walk_chdlc(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 4))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->ethertype = packet_read_be16(packet_walk_here(walk) + 2);
	walk->offset += 4;
	return PACKET_STEP_ETHERTYPE;
}

static enum packet_step to_ppp_protocol(struct packet_walk *walk, uint16_t protocol)
{
	switch (protocol) {
	case PACKET_PPP_IPV4:
		return PACKET_STEP_IPV4;
	case PACKET_PPP_IPV6:
		return PACKET_STEP_IPV6;
	case PACKET_PPP_MPLS:
	case PACKET_PPP_MPLS_MULTICAST:
		return PACKET_STEP_MPLS;
	default:
		return packet_walk_stop(walk, PACKET_non_ip);
	}
}

/*
 * RFC 1661, 1662: address and control may be left out, the protocol may be one octet (then it is
 * odd). Serial captures mix in Cisco HDLC, whose addresses no PPP frame starts with.
 */
enum packet_step packet_walk_ppp(struct packet_walk *walk)
{
	if (!packet_walk_has(walk, 2))
		return packet_walk_stop(walk, PACKET_truncated_link);
	const uint8_t *ppp = packet_walk_here(walk);
	if ((ppp[0] == 0x0f || ppp[0] == 0x8f) && ppp[1] == 0)
		return PACKET_STEP_CHDLC;
	if (ppp[0] == 0xff && ppp[1] == 0x03) {
		walk->offset += 2;
		ppp += 2;
	}
	if (!packet_walk_has(walk, 1))
		return packet_walk_stop(walk, PACKET_truncated_link);
	if (ppp[0] & 1) {
		walk->offset += 1;
		return to_ppp_protocol(walk, ppp[0]);
	}
	if (!packet_walk_has(walk, 2))
		return packet_walk_stop(walk, PACKET_truncated_link);
	walk->offset += 2;
	return to_ppp_protocol(walk, packet_read_be16(ppp));
}
