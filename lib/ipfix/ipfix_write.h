/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in network order, at any address. */
#ifndef IPFIX_WRITE_H
#define IPFIX_WRITE_H

#include "ipfix_type.h"

#include <endian.h>
#include <string.h>

static inline void ipfix_write_u16(uint8_t *out, uint16_t value)
{
	value = htobe16(value);
	memcpy(out, &value, sizeof(value));
}

static inline void ipfix_write_u32(uint8_t *out, uint32_t value)
{
	value = htobe32(value);
	memcpy(out, &value, sizeof(value));
}

static inline void ipfix_write_u64(uint8_t *out, uint64_t value)
{
	value = htobe64(value);
	memcpy(out, &value, sizeof(value));
}

/* The lower `length` octets (1 to 8) of a number. */
static inline void ipfix_write_number(uint8_t *out, uint64_t value, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		out[i] = (uint8_t)(value >> 8 * (length - 1 - i));
}

/* A field specifier (RFC 7011, section 3.2): 4 octets, 8 with an enterprise. Returns how many. */
static inline unsigned int ipfix_write_spec(
		uint8_t *out, uint32_t enterprise, uint16_t id, uint16_t length)
{
	ipfix_write_u16(out, enterprise ? (uint16_t)(id | IPFIX_ENTERPRISE_BIT) : id);
	ipfix_write_u16(out + 2, length);
	if (!enterprise)
		return 4;
	ipfix_write_u32(out + 4, enterprise);
	return 8;
}

#endif
