/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages and packets for the tests of sessions. */
#ifndef COLLECT_MESSAGES_H
#define COLLECT_MESSAGES_H

#include "collect_session.h"

#include <check.h>

#include <string.h>

#define SAMPLE_SEC UINT32_C(1795224700)
#define SAMPLE_NS (INT64_C(1795224700) * 1000000000)

/* An address, packets and octets: template 256, and a set with one record. */
#define SAMPLE_TEMPLATE "00020014 01000003 00080004 00020004 00010004"
#define SAMPLE_RECORD "01000010 c0000201 00000001 00000064"

/* Octets of hexadecimal digits; anything else is skipped. */
static inline size_t sample_octets(const char *hex, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t count = 0;

	for (; *hex; hex++) {
		const char *at = strchr(digits, *hex);
		if (!at)
			continue;
		if (count % 2 == 0)
			out[count / 2] = 0;
		out[count / 2] = (uint8_t)(out[count / 2] << 4 | (at - digits));
		count++;
	}
	ck_assert_uint_eq(count % 2, 0);
	return count / 2;
}

static inline void sample_u16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void sample_u32(uint8_t *at, uint32_t value)
{
	sample_u16(at, value >> 16);
	sample_u16(at + 2, value);
}

/* An IPFIX message of these sets, in domain 1; its length. */
static inline size_t sample_message(const char *sets, uint32_t sequence, uint8_t *out)
{
	size_t bytes = 16 + sample_octets(sets, out + 16);

	sample_u16(out, 10);
	sample_u16(out + 2, (uint32_t)bytes);
	sample_u32(out + 4, SAMPLE_SEC);
	sample_u32(out + 8, sequence);
	sample_u32(out + 12, 1);
	return bytes;
}

static inline struct collect_endpoints sample_endpoints(
		enum collect_transport transport, uint16_t source_port)
{
	return (struct collect_endpoints){.source = packet_address_from_ipv4(htobe32(0xc0000201)),
			.destination = packet_address_from_ipv4(htobe32(0xc0000209)),
			.source_port = source_port,
			.destination_port = 4739,
			.transport = (uint8_t)transport,
			.ip_version = 4};
}

static inline uint64_t sample_broken(const struct collect *collect, uint16_t rule)
{
	return collect_rule_count(collect, ipfix_rule_find(rule));
}

#endif
