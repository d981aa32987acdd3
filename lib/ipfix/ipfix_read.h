/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in network order from any address. */
#ifndef IPFIX_READ_H
#define IPFIX_READ_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t ipfix_read_u16(const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return be16toh(value);
}

static inline uint32_t ipfix_read_u32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return be32toh(value);
}

/* An unsigned number of any length; of more than 8 octets the last 8. */
static inline uint64_t ipfix_read_number(const uint8_t *from, uint32_t length)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < length; i++)
		value = value << 8 | from[i];
	return value;
}

#endif
