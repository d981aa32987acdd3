/* SPDX-License-Identifier: BSD-3-Clause */
/* Records to export, and a plain look at what was made of them: by specifiers, not by the plan. */
#ifndef IPFIX_SAMPLE_H
#define IPFIX_SAMPLE_H

#include "ipfix_session.h"

#include <check.h>

#include <string.h>

static const struct ipfix_interface sample_interfaces[] = {
		{.index = 11, .egress_index = 12, .name = "eth0", .description = "uplink"},
		{.index = 12, .egress_index = 11, .name = "eth1", .description = "lan"},
};

static const struct ipfix_scene sample_scene = {.interfaces = sample_interfaces,
		.interface_count = BASE_COUNT_OF(sample_interfaces)};

/* TCP between 192.0.2.1:40000 and 198.51.100.2:443, both ways; every member has its own value. */
static inline struct flow_record sample_record(void)
{
	return (struct flow_record){
			.source = {.octets = {192, 0, 2, 1}},
			.destination = {.octets = {198, 51, 100, 2}},
			.source_port = 40000,
			.destination_port = 443,
			.protocol = 6,
			.ip_version = 4,
			.end_reason = FLOW_END_DETECTED,
			.direction_basis = FLOW_DIRECTION_INITIATOR,
			.packets = 10,
			.bytes = 5000000000,
			.flow_id = 0x0123456789abcdef,
			.rev_packets = 7,
			.rev_bytes = 6000000001,
			.start_ns = INT64_C(1795224600123456789),
			.end_ns = INT64_C(1795224601987654321),
			.flow_start_ns = INT64_C(1795224600123456789),
			.rev_start_ns = INT64_C(1795224600200000001),
			.tcp_flags = 0x0f1b,
			.rev_tcp_flags = 0x0112,
			.vlan = 100,
			.vlan_inner = 7,
			.port = 0,
			.rev_port = 1,
			.ttl_min = 60,
			.ttl_max = 64,
			.rev_ttl_min = 50,
			.rev_ttl_max = 55,
			.tos = 0xb8,
			.rev_tos = 0x20,
	};
}

static inline struct flow_record sample_record6(void)
{
	struct flow_record record = sample_record();

	record.ip_version = 6;
	record.source = (union packet_address){.octets = {0x20, 1, 0x0d, 0xb8, [15] = 1}};
	record.destination = (union packet_address){.octets = {0x20, 1, 0x0d, 0xb8, [15] = 2}};
	return record;
}

/* ... inside VXLAN over IPv4, with labels and a PPPoE session. */
static inline struct flow_record sample_record_around(void)
{
	struct flow_record record = sample_record();

	record.flags = PACKET_FLAG_INNER | PACKET_FLAG_AROUND | PACKET_FLAG_SECOND;
	record.outer_flow_id = 0xfeedface12345678;
	record.around = (struct packet_encapsulation){
			.outer_source = {.octets = {10, 0, 0, 1}},
			.outer_destination = {.octets = {10, 0, 0, 2}},
			.tunnel_id = 0x123456,
			.tunnel = PACKET_TUNNEL_VXLAN,
			.outer_version = 4,
			.pppoe_session = 0x1234,
			.mpls_outermost = 0xabcde | PACKET_LABEL_PRESENT,
			.mpls_innermost = 16 | PACKET_LABEL_PRESENT,
	};
	return record;
}

static inline uint64_t sample_number(const uint8_t *octets, unsigned int length)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < length; i++)
		value = value << 8 | octets[i];
	return value;
}

/* Where the nth field of that element stands in a record; its length. Fails when it is missing. */
static inline unsigned int sample_offset(const struct ipfix_template *template, uint32_t enterprise,
		uint16_t id, unsigned int *length)
{
	const uint8_t *spec = template->specs + 4, *end = template->specs + template->spec_bytes;
	unsigned int offset = 0;

	while (spec < end) {
		bool has_enterprise = spec[0] & 0x80;
		uint32_t of = has_enterprise ? (uint32_t)sample_number(spec + 4, 4) : 0;
		*length = (unsigned int)sample_number(spec + 2, 2);
		if ((sample_number(spec, 2) & 0x7fff) == id && of == enterprise)
			return offset;
		offset += *length;
		spec += has_enterprise ? 8 : 4;
	}
	ck_abort_msg("no element %u/%u", enterprise, id);
	return 0;
}

static inline bool sample_has(
		const struct ipfix_template *template, uint32_t enterprise, uint16_t id)
{
	const uint8_t *spec = template->specs + 4, *end = template->specs + template->spec_bytes;

	while (spec < end) {
		uint32_t of = spec[0] & 0x80 ? (uint32_t)sample_number(spec + 4, 4) : 0;
		if ((sample_number(spec, 2) & 0x7fff) == id && of == enterprise)
			return true;
		spec += spec[0] & 0x80 ? 8 : 4;
	}
	return false;
}

/* The value of up to 8 octets of that element in an encoded record. */
static inline uint64_t sample_value(const struct ipfix_template *template, const uint8_t *octets,
		uint32_t enterprise, uint16_t id)
{
	unsigned int length, offset = sample_offset(template, enterprise, id, &length);

	return sample_number(octets + offset, length > 8 ? 8 : length);
}

/* Messages that were emitted, one after the other, with where each begins. */
#define SAMPLE_MESSAGES_MAX 4096
struct sample_sink {
	struct ipfix_session *session; /* stamps data messages; may be NULL */
	int64_t now_ns;
	uint8_t octets[1 << 20];
	size_t len;
	size_t starts[SAMPLE_MESSAGES_MAX];
	uint32_t data_records[SAMPLE_MESSAGES_MAX];
	unsigned int count;
};

/* For a builder and for announcements, which come with their header. */
static inline void sample_take(void *context, struct ipfix_message *message)
{
	struct sample_sink *sink = context;

	ck_assert_uint_lt(sink->count, SAMPLE_MESSAGES_MAX);
	ck_assert_uint_le(sink->len + message->length, sizeof(sink->octets));
	sink->starts[sink->count] = sink->len;
	sink->data_records[sink->count++] = message->data_records;
	memcpy(sink->octets + sink->len, message->octets, message->length);
	sink->len += message->length;
}

static inline void sample_stamp_and_take(void *context, struct ipfix_message *message)
{
	struct sample_sink *sink = context;

	ipfix_session_stamp(sink->session, message, sink->now_ns);
	sample_take(context, message);
}

static inline const uint8_t *sample_message(const struct sample_sink *sink, unsigned int index)
{
	ck_assert_uint_lt(index, sink->count);
	return sink->octets + sink->starts[index];
}

static inline size_t sample_length(const struct sample_sink *sink, unsigned int index)
{
	size_t end = index + 1 < sink->count ? sink->starts[index + 1] : sink->len;

	return end - sink->starts[index];
}

#endif
