/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_field.h"

#include "export_record.h"
#include "packet_policy.h"

#include <string.h>

/* Each writer of the table below has this head. */
#define FIELD(name)                                                            \
	static char *write_##name(char *out, const struct flow_record *record, \
			struct export_field_context *context)

static char *write_address(
		char *out, const struct flow_record *record, const union packet_address *address)
{
	if (record->ip_version == 4)
		return export_text_ipv4(out, address->octets);
	return export_text_ipv6(out, address->octets);
}

FIELD(src_ip)
{
	return write_address(out, record, &record->source);
}

FIELD(dst_ip)
{
	return write_address(out, record, &record->destination);
}

static bool has_ports(const struct flow_record *record)
{
	return export_record_is_ported(record) && !export_record_lacks_transport(record);
}

FIELD(src_port)
{
	return has_ports(record) ? export_text_u64(out, record->source_port) : NULL;
}

FIELD(dst_port)
{
	return has_ports(record) ? export_text_u64(out, record->destination_port) : NULL;
}

FIELD(proto)
{
	return export_text_u64(out, record->protocol);
}

FIELD(packets)
{
	return export_text_u64(out, record->packets);
}

FIELD(bytes)
{
	return export_text_u64(out, record->bytes);
}

FIELD(rev_packets)
{
	return export_text_u64(out, record->rev_packets);
}

FIELD(rev_bytes)
{
	return export_text_u64(out, record->rev_bytes);
}

static bool has_tcp_flags(const struct flow_record *record)
{
	return export_record_is_tcp(record) && !export_record_lacks_transport(record);
}

FIELD(tcp_flags)
{
	return has_tcp_flags(record) ? export_text_tcp_flags(out, record->tcp_flags) : NULL;
}

FIELD(rev_tcp_flags)
{
	return has_tcp_flags(record) && export_record_has_reverse(record)
			? export_text_tcp_flags(out, record->rev_tcp_flags)
			: NULL;
}

FIELD(start)
{
	return export_text_time(out, record->start_ns, &context->day);
}

FIELD(end)
{
	return export_text_time(out, record->end_ns, &context->day);
}

FIELD(end_reason)
{
	return stpcpy(out, flow_end_reason_name(record->end_reason));
}

FIELD(flow_id)
{
	return export_text_hex64(out, record->flow_id);
}

FIELD(community_id)
{
	return export_community_write(context->community, out, record);
}

FIELD(vlan)
{
	return record->vlan ? export_text_u64(out, record->vlan) : NULL;
}

FIELD(vlan_inner)
{
	return record->vlan_inner ? export_text_u64(out, record->vlan_inner) : NULL;
}

static char *write_label(char *out, const struct export_field_context *context, uint32_t port)
{
	if (port >= context->port_count)
		return NULL;
	memcpy(out, context->ports[port].text, context->ports[port].len);
	return out + context->ports[port].len;
}

FIELD(port)
{
	return write_label(out, context, record->port);
}

FIELD(rev_port)
{
	return export_record_has_reverse(record) ? write_label(out, context, record->rev_port)
						 : NULL;
}

FIELD(ip_version)
{
	return export_text_u64(out, record->ip_version);
}

/* A later record of a flow may hold packets of the way back alone. */
static char *write_forward(char *out, const struct flow_record *record, uint8_t value)
{
	return record->packets > 0 ? export_text_u64(out, value) : NULL;
}

FIELD(ttl_min)
{
	return write_forward(out, record, record->ttl_min);
}

FIELD(ttl_max)
{
	return write_forward(out, record, record->ttl_max);
}

static char *write_reverse(char *out, const struct flow_record *record, uint8_t value)
{
	return export_record_has_reverse(record) ? export_text_u64(out, value) : NULL;
}

FIELD(rev_ttl_min)
{
	return write_reverse(out, record, record->rev_ttl_min);
}

FIELD(rev_ttl_max)
{
	return write_reverse(out, record, record->rev_ttl_max);
}

FIELD(dscp)
{
	return write_forward(out, record, record->tos >> 2);
}

FIELD(rev_dscp)
{
	return write_reverse(out, record, record->rev_tos >> 2);
}

FIELD(ecn)
{
	return write_forward(out, record, record->tos & 3);
}

FIELD(rev_ecn)
{
	return write_reverse(out, record, record->rev_tos & 3);
}

static char *write_icmp(char *out, const struct flow_record *record, uint8_t value)
{
	return export_record_is_icmp(record) && !export_record_lacks_transport(record)
			? export_text_u64(out, value)
			: NULL;
}

FIELD(icmp_type)
{
	return write_icmp(out, record, record->icmp_type);
}

FIELD(icmp_code)
{
	return write_icmp(out, record, record->icmp_code);
}

FIELD(flow_start)
{
	return export_text_time(out, record->flow_start_ns, &context->day);
}

FIELD(rev_start)
{
	return export_record_has_reverse(record) && record->rev_start_ns != 0
			? export_text_time(out, record->rev_start_ns, &context->day)
			: NULL;
}

FIELD(duration)
{
	int64_t ns;

	/* a crafted capture may hold any two times */
	if (__builtin_sub_overflow(record->end_ns, record->start_ns, &ns))
		ns = record->end_ns > record->start_ns ? INT64_MAX : 0;
	return export_text_seconds(out, ns);
}

FIELD(direction)
{
	return stpcpy(out,
			record->direction_basis == FLOW_DIRECTION_INITIATOR ? "initiator"
									    : "arbitrary");
}

FIELD(fragment)
{
	if (!(record->flags & PACKET_FLAG_FRAGMENT))
		return NULL;
	return stpcpy(out, record->flags & PACKET_FLAG_LATER_FRAGMENT ? "later" : "first");
}

FIELD(view)
{
	return stpcpy(out, record->flags & PACKET_FLAG_INNER ? "inner" : "outer");
}

FIELD(outer_flow_id)
{
	return record->outer_flow_id ? export_text_hex64(out, record->outer_flow_id) : NULL;
}

FIELD(tunnel)
{
	if (record->around.tunnel == PACKET_TUNNEL_NONE)
		return NULL;
	return stpcpy(out, packet_tunnel_name((enum packet_tunnel)record->around.tunnel));
}

FIELD(tunnel_id)
{
	return packet_tunnel_has_id((enum packet_tunnel)record->around.tunnel)
			? export_text_u64(out, record->around.tunnel_id)
			: NULL;
}

static char *write_outer(
		char *out, const struct flow_record *record, const union packet_address *address)
{
	switch (record->around.outer_version) {
	case 4:
		return export_text_ipv4(out, address->octets);
	case 6:
		return export_text_ipv6(out, address->octets);
	default:
		return NULL;
	}
}

FIELD(outer_src_ip)
{
	return write_outer(out, record, &record->around.outer_source);
}

FIELD(outer_dst_ip)
{
	return write_outer(out, record, &record->around.outer_destination);
}

FIELD(pppoe_session)
{
	return record->around.pppoe_session ? export_text_u64(out, record->around.pppoe_session)
					    : NULL;
}

static char *write_mpls(char *out, uint32_t label)
{
	return label & PACKET_LABEL_PRESENT ? export_text_u64(out, label & ~PACKET_LABEL_PRESENT)
					    : NULL;
}

FIELD(mpls_outermost)
{
	return write_mpls(out, record->around.mpls_outermost);
}

FIELD(mpls_innermost)
{
	return write_mpls(out, record->around.mpls_innermost);
}

FIELD(icmp_id)
{
	return export_record_is_icmp(record) && (record->source_port | record->destination_port)
			? export_text_u64(out, record->source_port)
			: NULL;
}

FIELD(sampling_rate)
{
	(void)record;
	return export_text_u64(out, context->sampling_rate);
}

#define NUMBER(name, unit, present, help)                               \
	{                                                               \
#name, EXPORT_NUMBER, unit, present, help, write_##name \
	}
#define STRING(name, form, present, help)                               \
	{                                                               \
#name, EXPORT_STRING, form, present, help, write_##name \
	}

#define WITH_PORTS "TCP, UDP, SCTP, DCCP, UDP-Lite"
#define WITH_FORWARD "with packets from the source"
#define WITH_REVERSE "with reverse packets"

/* clang-format off */
const struct export_field export_fields[] = {
	STRING(src_ip, "address", "always",
		"address of the initiator; IPv6 as RFC 5952 writes it"),
	STRING(dst_ip, "address", "always", "address of the other end"),
	NUMBER(src_port, "port", WITH_PORTS,
		"port of the initiator; absent when it was not seen (fragments, cut captures)"),
	NUMBER(dst_port, "port", WITH_PORTS,
		"port of the other end; absent when it was not seen"),
	NUMBER(proto, "number", "always",
		"IANA protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP; "
		"in IPv6 the one after the extension headers"),
	NUMBER(packets, "packets", "always", "packets from source to destination"),
	NUMBER(bytes, "octets", "always",
		"octets of those packets from the IP header on, without layer 2"),
	NUMBER(rev_packets, "packets", "always", "packets from destination to source"),
	NUMBER(rev_bytes, "octets", "always", "octets of those packets from the IP header on"),
	STRING(tcp_flags, "letters", "TCP",
		"all TCP flags seen from source to destination, see below; empty when none was set"),
	STRING(rev_tcp_flags, "letters", "TCP, " WITH_REVERSE,
		"all TCP flags seen from destination to source"),
	STRING(start, "time", "always", "first packet of this record, either direction"),
	STRING(end, "time", "always", "last packet of this record, either direction"),
	STRING(end_reason, "word", "always", "why this record was made, see below"),
	STRING(flow_id, "16 hex digits", "always",
		"the same in all records of a flow; made from its key and the time of its first packet"),
	STRING(community_id, "text", "when configured and the ports were seen",
		"Community ID version 1, seed 0: the same for this conversation in other tools"),
	NUMBER(vlan, "VLAN id", "tagged", "outermost VLAN id, 1 to 4095"),
	NUMBER(vlan_inner, "VLAN id", "tagged twice", "second VLAN id (QinQ)"),
	STRING(port, "name", "with named ports",
		"port where the first packet from the source came in, by its configured name"),
	STRING(rev_port, "name", "with named ports, " WITH_REVERSE,
		"port where the first packet from the destination came in"),
	NUMBER(ip_version, "4 or 6", "always", "IP version"),
	NUMBER(ttl_min, "hops", WITH_FORWARD, "lowest TTL or hop limit, source to destination"),
	NUMBER(ttl_max, "hops", WITH_FORWARD, "highest TTL or hop limit, source to destination"),
	NUMBER(rev_ttl_min, "hops", WITH_REVERSE, "lowest, destination to source"),
	NUMBER(rev_ttl_max, "hops", WITH_REVERSE, "highest, destination to source"),
	NUMBER(dscp, "0 to 63", WITH_FORWARD,
		"differentiated services code point of the flow's first packet from the source"),
	NUMBER(rev_dscp, "0 to 63", WITH_REVERSE, "the same, from the destination"),
	NUMBER(ecn, "0 to 3", WITH_FORWARD,
		"explicit congestion notification bits of the flow's first packet from the source"),
	NUMBER(rev_ecn, "0 to 3", WITH_REVERSE, "the same, from the destination"),
	NUMBER(icmp_type, "0 to 255", "ICMP, ICMPv6", "type of the flow's first message"),
	NUMBER(icmp_code, "0 to 255", "ICMP, ICMPv6", "code of the flow's first message"),
	STRING(flow_start, "time", "always",
		"first packet of the flow; earlier than start when the flow had a record before"),
	STRING(rev_start, "time", WITH_REVERSE,
		"first packet of this record from destination to source; "
		"less start, in a flow's first record: the time to the first answer"),
	NUMBER(duration, "seconds", "always", "end less start, with nine decimals"),
	STRING(direction, "word", "always",
		"initiator: the source opened the connection (TCP SYN seen); "
		"arbitrary: the source sent the first packet that was seen"),
	STRING(fragment, "word", "the flow's first packet was a fragment",
		"first or later: which fragment it was; a later one has no transport header"),
	STRING(view, "word", "always",
		"inner: found inside a tunnel; outer: everything else, tunnels' own packets included"),
	STRING(outer_flow_id, "16 hex digits", "inner, and its outer view is metered, too",
		"flow_id of the outer flow that carried the flow's first packet"),
	STRING(tunnel, "word", "inner", "kind of the tunnel, by its name in the configuration"),
	NUMBER(tunnel_id, "number", "inner, kinds with an id",
		"VNI, GRE key, TEID, call or session of the flow's first packet"),
	STRING(outer_src_ip, "address", "inner, carried by IP",
		"the tunnel's end on the side of src_ip"),
	STRING(outer_dst_ip, "address", "inner, carried by IP",
		"the tunnel's end on the side of dst_ip"),
	NUMBER(pppoe_session, "number", "PPPoE", "session id"),
	NUMBER(mpls_outermost, "label", "MPLS", "outermost label of the flow's first packet"),
	NUMBER(mpls_innermost, "label", "MPLS", "innermost label of the flow's first packet"),
	NUMBER(icmp_id, "number", "echo, when decode.icmp_id is true", "identifier of the echoes"),
	NUMBER(sampling_rate, "packets", "when not every packet is metered",
		"one packet in that many was metered; packets and octets are those metered, not scaled"),
};
/* clang-format on */

const unsigned int export_field_count = BASE_COUNT_OF(export_fields);

unsigned int export_field_lookup(const char *name)
{
	unsigned int i = 0;

	while (i < export_field_count && strcmp(export_fields[i].name, name) != 0)
		i++;
	return i;
}
