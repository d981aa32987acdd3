/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_trace.h"

#include "packet_numbers.h"
#include "packet_read.h"
#include "packet_walk.h"

#include <arpa/inet.h>
#include <stdio.h>

/*
 * Steps that only found the way to the next one, which begins where they did, are left out; so is a
 * last look for Teredo, which may be in any UDP packet and mostly is not.
 */
static void tidy(struct packet_trace *trace)
{
	uint32_t kept = 0;

	if (trace->layer_count > 0
			&& trace->layers[trace->layer_count - 1].step == PACKET_STEP_TEREDO)
		trace->layer_count--;
	for (uint32_t i = 0; i < trace->layer_count; i++) {
		const struct packet_layer *layer = &trace->layers[i];
		bool way = i > 0 && i + 1 < trace->layer_count && layer[1].offset == layer->offset;
		if (!way)
			trace->layers[kept++] = *layer;
	}
	trace->layer_count = kept;
}

void packet_trace(struct packet_trace *trace, const struct packet_policy *policy,
		const struct packet_frame *frame)
{
	trace->layer_count = 0;
	trace->view_count = packet_walk_traced(policy, frame, trace);
	tidy(trace);
}

void packet_walk_note(struct packet_trace *trace, uint8_t step, uint32_t offset, uint16_t detail)
{
	if (trace->layer_count < PACKET_TRACE_LAYERS)
		trace->layers[trace->layer_count++] = (struct packet_layer){
				.offset = offset, .detail = detail, .step = step};
}

static const char *const link_names[PACKET_LINK_UNKNOWN + 1] = {
		[PACKET_LINK_ETHERNET] = "Ethernet",
		[PACKET_LINK_RAW] = "raw IP",
		[PACKET_LINK_SLL] = "Linux cooked",
		[PACKET_LINK_SLL2] = "Linux cooked 2",
		[PACKET_LINK_NULL] = "loopback",
		[PACKET_LINK_LOOP] = "loopback",
		[PACKET_LINK_PPP] = "PPP",
		[PACKET_LINK_CHDLC] = "Cisco HDLC",
		[PACKET_LINK_RADIOTAP] = "radiotap",
		[PACKET_LINK_IEEE80211] = "IEEE 802.11",
		[PACKET_LINK_PPPOE] = "PPPoE",
		[PACKET_LINK_MPLS] = "MPLS",
		[PACKET_LINK_NFLOG] = "NFLOG",
		[PACKET_LINK_UNKNOWN] = "unknown link type",
};

static const char *const step_names[] = {
		[PACKET_STEP_STOP] = "end",
		[PACKET_STEP_ETHERNET] = "Ethernet",
		[PACKET_STEP_LLC] = "LLC",
		[PACKET_STEP_MPLS] = "MPLS",
		[PACKET_STEP_PPP] = "PPP",
		[PACKET_STEP_CHDLC] = "Cisco HDLC",
		[PACKET_STEP_IP] = "IP",
		[PACKET_STEP_IPV4] = "IPv4",
		[PACKET_STEP_IPV6] = "IPv6",
		[PACKET_STEP_PSEUDOWIRE] = "pseudowire",
		[PACKET_STEP_GRE] = "GRE",
		[PACKET_STEP_VXLAN] = "VXLAN",
		[PACKET_STEP_VXLAN_GPE] = "VXLAN-GPE",
		[PACKET_STEP_GENEVE] = "GENEVE",
		[PACKET_STEP_NSH] = "NSH",
		[PACKET_STEP_ETHERIP] = "EtherIP",
		[PACKET_STEP_GTPU] = "GTP-U",
		[PACKET_STEP_TEREDO] = "Teredo",
		[PACKET_STEP_L2TP] = "L2TP",
		[PACKET_STEP_L2TPV3] = "L2TPv3",
};

static const struct {
	uint16_t number;
	const char *name;
} ethertypes[] = {{PACKET_ETHERTYPE_IPV4, "IPv4"}, {PACKET_ETHERTYPE_IPV6, "IPv6"},
		{PACKET_ETHERTYPE_ARP, "ARP"}, {PACKET_ETHERTYPE_VLAN, "802.1Q"},
		{PACKET_ETHERTYPE_VLAN_S, "802.1ad"}, {PACKET_ETHERTYPE_VLAN_9100, "QinQ"},
		{PACKET_ETHERTYPE_VLAN_9200, "QinQ"}, {PACKET_ETHERTYPE_VLAN_9300, "QinQ"},
		{PACKET_ETHERTYPE_MPLS, "MPLS"}, {PACKET_ETHERTYPE_MPLS_UP, "MPLS"},
		{PACKET_ETHERTYPE_PPPOE, "PPPoE"}, {PACKET_ETHERTYPE_PPP, "PPP"},
		{PACKET_ETHERTYPE_PBB, "802.1ah"}, {PACKET_ETHERTYPE_VNTAG, "VN-Tag"},
		{PACKET_ETHERTYPE_ETAG, "802.1BR"}, {PACKET_ETHERTYPE_CMD, "Cisco metadata"},
		{PACKET_ETHERTYPE_NSH, "NSH"}, {0x88cc, "LLDP"}, {0x8863, "PPPoE discovery"}};

static const struct {
	uint8_t number;
	const char *name;
} protocols[] = {{0, "hop-by-hop"}, {1, "ICMP"}, {2, "IGMP"}, {4, "IPv4"}, {6, "TCP"}, {17, "UDP"},
		{33, "DCCP"}, {41, "IPv6"}, {43, "routing"}, {44, "fragment"}, {47, "GRE"},
		{50, "ESP"}, {51, "AH"}, {58, "ICMPv6"}, {59, "no next header"},
		{60, "destination options"}, {89, "OSPF"}, {97, "EtherIP"}, {115, "L2TPv3"},
		{132, "SCTP"}, {135, "mobility"}, {136, "UDP-Lite"}, {137, "MPLS"}};

static const char *ethertype_name(uint16_t number)
{
	for (size_t i = 0; i < BASE_COUNT_OF(ethertypes); i++) {
		if (ethertypes[i].number == number)
			return ethertypes[i].name;
	}
	return NULL;
}

static const char *protocol_name(uint8_t number)
{
	for (size_t i = 0; i < BASE_COUNT_OF(protocols); i++) {
		if (protocols[i].number == number)
			return protocols[i].name;
	}
	return NULL;
}

const char *packet_layer_name(const struct packet_layer *layer, enum packet_link link)
{
	const char *name = NULL;

	switch (layer->step) {
	case PACKET_LAYER_LINK:
		return link_names[link < PACKET_LINK_UNKNOWN ? link : PACKET_LINK_UNKNOWN];
	case PACKET_LAYER_TRANSPORT:
	case PACKET_STEP_EXTENSION:
		name = protocol_name((uint8_t)layer->detail);
		return name ? name : "protocol";
	case PACKET_STEP_ETHERTYPE:
		name = ethertype_name(layer->detail);
		return name ? name : "EtherType";
	default:
		return layer->step < BASE_COUNT_OF(step_names) ? step_names[layer->step] : "layer";
	}
}

/* What a description reads: the octets from the layer's first on. */
struct octets {
	const uint8_t *at;
	uint32_t count;
};

static void put_protocol(struct base_strbuf *out, uint8_t number)
{
	const char *name = protocol_name(number);

	if (name)
		base_strbuf_puts(out, name);
	else
		base_strbuf_printf(out, "protocol %u", number);
}

static void put_address(struct base_strbuf *out, int family, const uint8_t *octets)
{
	char text[INET6_ADDRSTRLEN];

	base_strbuf_puts(out, inet_ntop(family, octets, text, sizeof(text)));
}

static void put_mac(struct base_strbuf *out, const uint8_t *mac)
{
	base_strbuf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			mac[4], mac[5]);
}

static void put_type(struct base_strbuf *out, uint16_t type)
{
	const char *name = ethertype_name(type);

	if (type <= PACKET_ETHERTYPE_LENGTH_MAX)
		base_strbuf_printf(out, ", 802.3, %u octets", type);
	else if (name)
		base_strbuf_printf(out, ", %s", name);
	else
		base_strbuf_printf(out, ", type 0x%04x", type);
}

static bool describe_ethernet(struct base_strbuf *out, struct octets o)
{
	if (o.count < 14)
		return false;
	put_mac(out, o.at + 6);
	base_strbuf_puts(out, " > ");
	put_mac(out, o.at);
	put_type(out, packet_read_be16(o.at + 12));
	return true;
}

static bool describe_tag(struct base_strbuf *out, struct octets o, uint16_t type)
{
	switch (type) {
	case PACKET_ETHERTYPE_VLAN:
	case PACKET_ETHERTYPE_VLAN_S:
	case PACKET_ETHERTYPE_VLAN_9100:
	case PACKET_ETHERTYPE_VLAN_9200:
	case PACKET_ETHERTYPE_VLAN_9300:
		if (o.count < 4)
			return false;
		base_strbuf_printf(out, "id %u, priority %u", packet_read_be16(o.at) & 0xfff,
				o.at[0] >> 5);
		put_type(out, packet_read_be16(o.at + 2));
		return true;
	case PACKET_ETHERTYPE_PPPOE:
		if (o.count < 6)
			return false;
		base_strbuf_printf(out, "session %u, %u octets", packet_read_be16(o.at + 2),
				packet_read_be16(o.at + 4));
		return true;
	case PACKET_ETHERTYPE_PBB:
		if (o.count < 4)
			return false;
		base_strbuf_printf(out, "service %u", packet_read_be32(o.at) & 0xffffff);
		return true;
	default:
		if (!ethertype_name(type))
			base_strbuf_printf(out, "0x%04x", type);
		return true;
	}
}

static bool describe_mpls(struct base_strbuf *out, struct octets o)
{
	for (uint32_t at = 0; at / 4 < PACKET_MAX_MPLS_LABELS; at += 4) {
		if (at + 4 > o.count)
			return false;
		uint32_t entry = packet_read_be32(o.at + at);
		base_strbuf_printf(out, "%slabel %u (TTL %u)", at ? ", " : "", entry >> 12,
				entry & 0xff);
		if (entry & 0x100)
			break;
	}
	return true;
}

static void put_fragment(struct base_strbuf *out, uint32_t id, uint32_t offset, bool more)
{
	if (offset || more)
		base_strbuf_printf(out, ", fragment of 0x%x at %u%s", id, offset,
				more ? "" : ", last");
}

static bool describe_ipv4(struct base_strbuf *out, struct octets o)
{
	if (o.count < 20)
		return false;
	uint16_t fragment = packet_read_be16(o.at + 6);
	uint32_t header_bytes = (o.at[0] & 15u) * 4;
	put_address(out, AF_INET, o.at + 12);
	base_strbuf_puts(out, " > ");
	put_address(out, AF_INET, o.at + 16);
	base_strbuf_puts(out, ", ");
	put_protocol(out, o.at[9]);
	base_strbuf_printf(out, ", %u octets, TTL %u", packet_read_be16(o.at + 2), o.at[8]);
	if (header_bytes != 20)
		base_strbuf_printf(out, ", header of %u", header_bytes);
	put_fragment(out, packet_read_be16(o.at + 4), (fragment & 0x1fffu) * 8, fragment & 0x2000);
	return true;
}

static bool describe_ipv6(struct base_strbuf *out, struct octets o)
{
	if (o.count < 40)
		return false;
	put_address(out, AF_INET6, o.at + 8);
	base_strbuf_puts(out, " > ");
	put_address(out, AF_INET6, o.at + 24);
	base_strbuf_puts(out, ", ");
	put_protocol(out, o.at[6]);
	base_strbuf_printf(
			out, ", 40 + %u octets, hop limit %u", packet_read_be16(o.at + 4), o.at[7]);
	return true;
}

static bool describe_ip(struct base_strbuf *out, struct octets o)
{
	if (o.count == 0)
		return false;
	base_strbuf_printf(out, "version %u", o.at[0] >> 4);
	return true;
}

static bool describe_extension(struct base_strbuf *out, struct octets o, uint8_t protocol)
{
	if (o.count < 8)
		return false;
	put_protocol(out, o.at[0]);
	base_strbuf_puts(out, " follows");
	if (protocol == PACKET_PROTOCOL_FRAGMENT) {
		uint16_t fragment = packet_read_be16(o.at + 2);
		put_fragment(out, packet_read_be32(o.at + 4), fragment & 0xfff8u, fragment & 1);
	} else {
		base_strbuf_printf(out, ", %u octets", (o.at[1] + 1u) * 8);
	}
	if (protocol == PACKET_PROTOCOL_ROUTING)
		base_strbuf_printf(out, ", type %u, %u segments left", o.at[2], o.at[3]);
	return true;
}

static void put_tcp_flags(struct base_strbuf *out, uint16_t flags)
{
	static const char letters[] = "FSRPAUECN";

	for (int bit = 0; letters[bit]; bit++) {
		if (flags >> bit & 1)
			base_strbuf_putc(out, letters[bit]);
	}
}

static bool describe_transport(struct base_strbuf *out, struct octets o, uint8_t protocol)
{
	switch (protocol) {
	case PACKET_PROTOCOL_TCP:
	case PACKET_PROTOCOL_UDP:
	case PACKET_PROTOCOL_UDP_LITE:
	case PACKET_PROTOCOL_SCTP:
	case PACKET_PROTOCOL_DCCP:
		if (o.count < 4)
			return false;
		base_strbuf_printf(
				out, "%u > %u", packet_read_be16(o.at), packet_read_be16(o.at + 2));
		if (protocol == PACKET_PROTOCOL_UDP && o.count >= 6)
			base_strbuf_printf(out, ", %u octets", packet_read_be16(o.at + 4));
		if (protocol == PACKET_PROTOCOL_TCP && o.count >= 14) {
			base_strbuf_puts(out, ", flags ");
			put_tcp_flags(out, packet_read_be16(o.at + 12) & 0xfff);
		}
		return true;
	case PACKET_PROTOCOL_ICMP:
	case PACKET_PROTOCOL_ICMPV6:
		if (o.count < 2)
			return false;
		base_strbuf_printf(out, "type %u, code %u", o.at[0], o.at[1]);
		return true;
	default:
		if (!protocol_name(protocol))
			base_strbuf_printf(out, "%u", protocol);
		return true;
	}
}

static bool describe_gre(struct base_strbuf *out, struct octets o)
{
	if (o.count < 4)
		return false;
	uint16_t flags = packet_read_be16(o.at);
	uint32_t key_at = flags & 0xc000 ? 8 : 4;
	base_strbuf_printf(out, "version %u", flags & 7);
	put_type(out, packet_read_be16(o.at + 2));
	if (flags & 0x2000) {
		if (o.count < key_at + 4)
			return false;
		base_strbuf_printf(out, ", key %u", packet_read_be32(o.at + key_at));
	}
	return true;
}

static bool describe_vni(struct base_strbuf *out, struct octets o)
{
	if (o.count < 8)
		return false;
	base_strbuf_printf(out, "VNI %u", packet_read_be32(o.at + 4) >> 8);
	return true;
}

static bool describe_geneve(struct base_strbuf *out, struct octets o)
{
	if (!describe_vni(out, o))
		return false;
	put_type(out, packet_read_be16(o.at + 2));
	if (o.at[0] & 0x3f)
		base_strbuf_printf(out, ", %u octets of options", (o.at[0] & 0x3fu) * 4);
	return true;
}

static bool describe_gtpu(struct base_strbuf *out, struct octets o)
{
	if (o.count < 8)
		return false;
	base_strbuf_printf(out, "TEID 0x%08x, message %u", packet_read_be32(o.at + 4), o.at[1]);
	return true;
}

static bool describe_nsh(struct base_strbuf *out, struct octets o)
{
	if (o.count < 8)
		return false;
	base_strbuf_printf(out, "path %u, index %u", packet_read_be32(o.at + 4) >> 8, o.at[7]);
	return true;
}

static bool describe_l2tp(struct base_strbuf *out, struct octets o, bool over_ip)
{
	if (over_ip ? o.count < 4 : o.count < 2)
		return false;
	if (over_ip)
		base_strbuf_printf(out, "session %u", packet_read_be32(o.at));
	else
		base_strbuf_printf(out, "version %u%s", o.at[1] & 15,
				o.at[0] & 0x80 ? ", control" : "");
	return true;
}

static bool describe(struct base_strbuf *out, const struct packet_layer *layer, struct octets o)
{
	switch (layer->step) {
	case PACKET_STEP_ETHERNET:
		return describe_ethernet(out, o);
	case PACKET_STEP_ETHERTYPE:
		return describe_tag(out, o, layer->detail);
	case PACKET_STEP_MPLS:
		return describe_mpls(out, o);
	case PACKET_STEP_IP:
		return describe_ip(out, o);
	case PACKET_STEP_IPV4:
		return describe_ipv4(out, o);
	case PACKET_STEP_IPV6:
		return describe_ipv6(out, o);
	case PACKET_STEP_EXTENSION:
		return describe_extension(out, o, (uint8_t)layer->detail);
	case PACKET_LAYER_TRANSPORT:
		return describe_transport(out, o, (uint8_t)layer->detail);
	case PACKET_STEP_GRE:
		return describe_gre(out, o);
	case PACKET_STEP_VXLAN:
	case PACKET_STEP_VXLAN_GPE:
		return describe_vni(out, o);
	case PACKET_STEP_GENEVE:
		return describe_geneve(out, o);
	case PACKET_STEP_GTPU:
		return describe_gtpu(out, o);
	case PACKET_STEP_NSH:
		return describe_nsh(out, o);
	case PACKET_STEP_L2TP:
		return describe_l2tp(out, o, false);
	case PACKET_STEP_L2TPV3:
		return describe_l2tp(out, o, true);
	default:
		return true;
	}
}

void packet_layer_describe(struct base_strbuf *out, const struct packet_layer *layer,
		const struct packet_frame *frame)
{
	struct octets octets = {NULL, 0};
	struct packet_layer named = *layer;

	if (layer->step == PACKET_LAYER_LINK && frame->link == PACKET_LINK_ETHERNET)
		named.step = PACKET_STEP_ETHERNET;
	if (layer->offset < frame->captured_bytes)
		octets = (struct octets){
				frame->data + layer->offset, frame->captured_bytes - layer->offset};
	size_t before = out->len;
	if (!describe(out, &named, octets))
		base_strbuf_puts(out, out->len > before ? ", cut" : "cut");
}

void packet_meta_describe(struct base_strbuf *out, const struct packet_meta *meta)
{
	int family = meta->ip_version == 4 ? AF_INET : AF_INET6;
	bool ports = meta->source_port | meta->destination_port;
	const char *open = ports && family == AF_INET6 ? "[" : "";
	const char *close = ports && family == AF_INET6 ? "]" : "";

	base_strbuf_puts(out, open);
	put_address(out, family, meta->source.octets);
	base_strbuf_puts(out, close);
	if (ports)
		base_strbuf_printf(out, ":%u", meta->source_port);
	base_strbuf_printf(out, " > %s", open);
	put_address(out, family, meta->destination.octets);
	base_strbuf_puts(out, close);
	if (ports)
		base_strbuf_printf(out, ":%u", meta->destination_port);
	base_strbuf_puts(out, " ");
	put_protocol(out, meta->protocol);
}
