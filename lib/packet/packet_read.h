/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unaligned reads of header fields. The caller has checked that the octets are there.
 */
#ifndef PACKET_READ_H
#define PACKET_READ_H

#include "base_cacheline.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* In network order, as the wire has them. */
static BASE_ALWAYS_INLINE uint16_t packet_read16(const uint8_t *p)
{
	uint16_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static BASE_ALWAYS_INLINE uint32_t packet_read32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* In host order. */
static BASE_ALWAYS_INLINE uint16_t packet_read_be16(const uint8_t *p)
{
	return be16toh(packet_read16(p));
}

static BASE_ALWAYS_INLINE uint32_t packet_read_be32(const uint8_t *p)
{
	return be32toh(packet_read32(p));
}

#endif
