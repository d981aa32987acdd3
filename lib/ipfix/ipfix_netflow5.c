/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_netflow5.h"

#include "ipfix_write.h"

#define NS_PER_MILLISECOND INT64_C(1000000)

/* Where the fields of a record are. */
enum {
	AT_SOURCE = 0,
	AT_DESTINATION = 4,
	AT_NEXT_HOP = 8,
	AT_INPUT = 12,
	AT_OUTPUT = 14,
	AT_PACKETS = 16,
	AT_OCTETS = 20,
	AT_FIRST = 24,
	AT_LAST = 28,
	AT_SOURCE_PORT = 32,
	AT_DESTINATION_PORT = 34,
	AT_FLAGS = 37,
	AT_PROTOCOL = 38,
	AT_TOS = 39,
};

static uint64_t count_parts(uint64_t number)
{
	return number / UINT32_MAX + (number % UINT32_MAX != 0);
}

struct ipfix_netflow5_flow ipfix_netflow5_begin(const struct flow_record *record, bool turned)
{
	struct ipfix_netflow5_flow flow = {.record = record,
			.turned = turned,
			.packets = turned ? record->rev_packets : record->packets,
			.octets = turned ? record->rev_bytes : record->bytes};
	uint64_t parts = count_parts(flow.octets), by_packets = count_parts(flow.packets);

	if (parts < by_packets)
		parts = by_packets;
	flow.cut = parts > IPFIX_NETFLOW5_PARTS_MAX;
	flow.parts = flow.cut ? IPFIX_NETFLOW5_PARTS_MAX : parts > 0 ? (uint32_t)parts : 1;
	return flow;
}

/* An equal share of what is left, so that each part looks like the flow; the last gets all. */
static uint32_t take_share(uint64_t *left, uint32_t parts)
{
	uint64_t share = *left / parts + (*left % parts != 0);

	share = share < UINT32_MAX ? share : UINT32_MAX;
	*left -= share;
	return (uint32_t)share;
}

static uint32_t to_uptime(int64_t ns, const struct ipfix_scene *scene)
{
	return (uint32_t)((ns > 0 ? ns / NS_PER_MILLISECOND : 0)
			- scene->boot_ns / NS_PER_MILLISECOND);
}

static uint16_t find_interface(const struct ipfix_scene *scene, uint16_t port, uint16_t other)
{
	uint32_t index = 0;

	if (port < scene->interface_count)
		index = scene->interfaces[port].index;
	else if (other < scene->interface_count)
		index = scene->interfaces[other].egress_index;
	return index < UINT16_MAX ? (uint16_t)index : UINT16_MAX;
}

/* Routers put type and code of ICMP where other protocols have their destination port. */
static void write_ports(uint8_t *out, const struct flow_record *record, bool turned)
{
	uint16_t source = turned ? record->destination_port : record->source_port;
	uint16_t destination = turned ? record->source_port : record->destination_port;

	if (record->protocol == 1) {
		source = 0;
		destination = (uint16_t)(record->icmp_type << 8 | record->icmp_code);
	}
	ipfix_write_u16(out + AT_SOURCE_PORT, source);
	ipfix_write_u16(out + AT_DESTINATION_PORT, destination);
}

void ipfix_netflow5_write(struct ipfix_netflow5_flow *flow, const struct ipfix_scene *scene,
		uint8_t *out, uint32_t *packets, uint32_t *octets)
{
	const struct flow_record *record = flow->record;
	bool turned = flow->turned;
	uint16_t in = turned ? record->rev_port : record->port;
	uint16_t back = turned ? record->port : record->rev_port;

	*packets = take_share(&flow->packets, flow->parts);
	*octets = take_share(&flow->octets, flow->parts);
	flow->parts--;
	memset(out, 0, IPFIX_NETFLOW5_RECORD_BYTES);
	memcpy(out + AT_SOURCE, (turned ? &record->destination : &record->source)->octets, 4);
	memcpy(out + AT_DESTINATION, (turned ? &record->source : &record->destination)->octets, 4);
	ipfix_write_u16(out + AT_INPUT, find_interface(scene, in, UINT16_MAX));
	ipfix_write_u16(out + AT_OUTPUT, find_interface(scene, back, in));
	ipfix_write_u32(out + AT_PACKETS, *packets);
	ipfix_write_u32(out + AT_OCTETS, *octets);
	ipfix_write_u32(out + AT_FIRST,
			to_uptime(turned ? record->rev_start_ns : record->start_ns, scene));
	ipfix_write_u32(out + AT_LAST, to_uptime(record->end_ns, scene));
	write_ports(out, record, turned);
	out[AT_FLAGS] = (uint8_t)(turned ? record->rev_tcp_flags : record->tcp_flags);
	out[AT_PROTOCOL] = record->protocol;
	out[AT_TOS] = turned ? record->rev_tos : record->tos;
}
