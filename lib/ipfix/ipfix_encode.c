/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_encode.h"

#include "ipfix_write.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MILLISECOND INT64_C(1000000)
/* Seconds from 1900 to 1970, as RFC 7011 (section 6.1.9) has it. */
#define NTP_TO_UNIX UINT64_C(2208988800)

/* layer2SegmentId (element 351): what its highest octet says. */
enum {
	SEGMENT_VXLAN = 1,
	SEGMENT_NVGRE = 2,
};

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_ICMPV6 = 58,
};

uint64_t ipfix_ntp_from_ns(int64_t ns)
{
	uint64_t time = ns > 0 ? (uint64_t)ns : 0;
	uint64_t seconds = time / NS_PER_SECOND, rest = time % NS_PER_SECOND;

	return (seconds + NTP_TO_UNIX) << 32 | ((rest << 32) + NS_PER_SECOND - 1) / NS_PER_SECOND;
}

int64_t ipfix_ntp_to_ns(uint64_t ntp)
{
	uint64_t seconds = ntp >> 32;

	/* before 1968 stands for a time of the next era */
	if (!(seconds & UINT64_C(0x80000000)))
		seconds += UINT64_C(1) << 32;
	seconds -= NTP_TO_UNIX;
	return (int64_t)(seconds * NS_PER_SECOND
			+ ((ntp & UINT32_MAX) * (uint64_t)NS_PER_SECOND >> 32));
}

static uint64_t to_milliseconds(int64_t ns)
{
	return ns > 0 ? (uint64_t)ns / NS_PER_MILLISECOND : 0;
}

static bool is_icmp(const struct flow_record *record)
{
	return record->protocol == PROTOCOL_ICMP || record->protocol == PROTOCOL_ICMPV6;
}

static uint32_t find_ingress(const struct ipfix_scene *scene, const uint8_t *from)
{
	uint16_t port;

	memcpy(&port, from, sizeof(port));
	return port < scene->interface_count ? scene->interfaces[port].index : 0;
}

/* `from` is the port of entry of the other direction; its neighbour is that of this one. */
static uint32_t find_egress(const struct ipfix_scene *scene, const struct flow_record *record,
		const uint8_t *from)
{
	const uint16_t *own = from == (const uint8_t *)&record->rev_port ? &record->port
									 : &record->rev_port;
	uint32_t index = find_ingress(scene, from);

	if (index == 0 && *own < scene->interface_count)
		index = scene->interfaces[*own].egress_index;
	return index;
}

static uint64_t make_segment(const struct packet_encapsulation *around)
{
	switch (around->tunnel) {
	case PACKET_TUNNEL_VXLAN:
		return (uint64_t)SEGMENT_VXLAN << 56 | around->tunnel_id;
	case PACKET_TUNNEL_NVGRE:
		return (uint64_t)SEGMENT_NVGRE << 56 | around->tunnel_id;
	default:
		return 0;
	}
}

/* Label, traffic class (not known), bottom of stack (RFC 3032). */
static void write_label(uint8_t *out, const uint8_t *from, bool bottom)
{
	uint32_t label;

	memcpy(&label, from, sizeof(label));
	if (!(label & PACKET_LABEL_PRESENT))
		label = bottom = 0;
	ipfix_write_number(out, (label & ~PACKET_LABEL_PRESENT) << 4 | bottom, 3);
}

static BASE_ALWAYS_INLINE void copy(uint8_t *out, const uint8_t *from, unsigned int length)
{
	switch (length) {
	case 1:
		*out = *from;
		break;
	case 2:
		memcpy(out, from, 2);
		break;
	case 4:
		memcpy(out, from, 4);
		break;
	case 16:
		memcpy(out, from, 16);
		break;
	default:
		memcpy(out, from, 32);
	}
}

static BASE_ALWAYS_INLINE uint16_t read_u16(const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static BASE_ALWAYS_INLINE uint64_t read_u64(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/* What stands around packets, and other fields that few records have. */
static void run_rare(const struct ipfix_op *op, const struct flow_record *record,
		const struct ipfix_scene *scene, uint8_t *out)
{
	const uint8_t *from = (const uint8_t *)record + op->source;
	const struct packet_encapsulation *around = &record->around;

	switch (op->kind) {
	case IPFIX_OP_NTP:
		ipfix_write_u64(out, ipfix_ntp_from_ns((int64_t)read_u64(from)));
		break;
	case IPFIX_OP_UPTIME:
		ipfix_write_u32(out,
				(uint32_t)(to_milliseconds((int64_t)read_u64(from))
						- to_milliseconds(scene->boot_ns)));
		break;
	case IPFIX_OP_LOW8:
		*out = (uint8_t)read_u16(from);
		break;
	case IPFIX_OP_U32:
		ipfix_write_u32(out, around->tunnel_id);
		break;
	case IPFIX_OP_TUNNEL_KIND:
		*out = ipfix_tunnel_number((enum packet_tunnel)around->tunnel);
		break;
	case IPFIX_OP_TUNNEL_ID:
		ipfix_write_u32(out, around->tunnel == op->detail ? around->tunnel_id : 0);
		break;
	case IPFIX_OP_SEGMENT:
		ipfix_write_u64(out, make_segment(around));
		break;
	case IPFIX_OP_LABEL:
		write_label(out, from, op->detail);
		break;
	}
}

void ipfix_encode(const struct ipfix_op *ops, unsigned int count, const struct flow_record *record,
		const struct ipfix_scene *scene, uint8_t *out)
{
	const uint8_t *octets = (const uint8_t *)record;
	bool icmp = is_icmp(record);

	for (const struct ipfix_op *op = ops; op < ops + count; op++) {
		const uint8_t *from = octets + op->source;
		uint8_t *to = out + op->target;

		switch (op->kind) {
		case IPFIX_OP_COPY:
			copy(to, from, op->length);
			break;
		case IPFIX_OP_U16:
			ipfix_write_u16(to, read_u16(from));
			break;
		case IPFIX_OP_U64:
			ipfix_write_u64(to, read_u64(from));
			break;
		case IPFIX_OP_PORT:
			ipfix_write_u16(to, icmp ? 0 : read_u16(from));
			break;
		case IPFIX_OP_ICMP:
			ipfix_write_u16(to, icmp ? (uint16_t)(from[0] << 8 | from[1]) : 0);
			break;
		case IPFIX_OP_MILLISECONDS:
			ipfix_write_u64(to, to_milliseconds((int64_t)read_u64(from)));
			break;
		case IPFIX_OP_INGRESS:
			ipfix_write_u32(to, find_ingress(scene, from));
			break;
		case IPFIX_OP_EGRESS:
			ipfix_write_u32(to, find_egress(scene, record, from));
			break;
		case IPFIX_OP_FLOW_ID:
			ipfix_write_u64(to, read_u64(from) ^ op->detail);
			break;
		case IPFIX_OP_SELECTOR:
			*to = op->detail;
			break;
		default:
			run_rare(op, record, scene, to);
		}
	}
}
