/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_cut.h"

#include "ipfix_netflow5.h"
#include "ipfix_read.h"
#include "ipfix_reader.h"

#include <errno.h>

#define VERSION_BYTES 2
/* Ids of sets in version 9: templates, options templates, data. */
#define SET9_OPTIONS 1

static bool is_set9(uint16_t id)
{
	return id <= SET9_OPTIONS || id >= IPFIX_SET_FIRST_DATA;
}

static int cut5(const uint8_t *octets, size_t length)
{
	size_t bytes = IPFIX_NETFLOW5_HEADER_BYTES;

	if (length < 4)
		return 0;
	bytes += (size_t)ipfix_read_u16(octets + 2) * IPFIX_NETFLOW5_RECORD_BYTES;
	if (bytes == IPFIX_NETFLOW5_HEADER_BYTES || bytes > IPFIX_MESSAGE_MAX)
		return -EBADMSG;
	return length < bytes ? 0 : (int)bytes;
}

static int cut9(const uint8_t *octets, size_t length, bool ended)
{
	size_t at = IPFIX_NETFLOW9_HEADER_BYTES;

	while (at + IPFIX_SET_HEADER_BYTES <= length) {
		uint16_t bytes = ipfix_read_u16(octets + at + 2);
		if (!is_set9(ipfix_read_u16(octets + at)))
			return (int)at;
		if (bytes < IPFIX_SET_HEADER_BYTES || at + bytes > IPFIX_MESSAGE_MAX)
			return -EBADMSG;
		at += bytes;
	}
	return ended && length > IPFIX_NETFLOW9_HEADER_BYTES ? (int)length : 0;
}

int collect_cut(const uint8_t *octets, size_t length, bool ended)
{
	if (length < VERSION_BYTES)
		return 0;
	switch (ipfix_read_u16(octets)) {
	case IPFIX_VERSION:
		return ipfix_reader_split(octets, length);
	case IPFIX_VERSION_NETFLOW9:
		return cut9(octets, length, ended);
	case IPFIX_VERSION_NETFLOW5:
		return cut5(octets, length);
	default:
		return -EBADMSG;
	}
}

bool collect_begins(const uint8_t *octets, size_t length)
{
	if (length < IPFIX_HEADER_BYTES)
		return false;
	switch (ipfix_read_u16(octets)) {
	case IPFIX_VERSION:
		return true;
	case IPFIX_VERSION_NETFLOW9:
		return length >= IPFIX_NETFLOW9_HEADER_BYTES;
	case IPFIX_VERSION_NETFLOW5:
		return length >= IPFIX_NETFLOW5_HEADER_BYTES;
	default:
		return false;
	}
}

static bool resembles10(const uint8_t *octets, size_t length, bool datagram)
{
	uint32_t bytes = ipfix_read_u16(octets + 2);
	const uint8_t *set = octets + IPFIX_HEADER_BYTES;

	if (datagram ? bytes != length : bytes < IPFIX_HEADER_BYTES)
		return false;
	if (length < IPFIX_HEADER_BYTES + IPFIX_SET_HEADER_BYTES)
		return false;
	uint16_t id = ipfix_read_u16(set), set_bytes = ipfix_read_u16(set + 2);
	return (id == IPFIX_SET_TEMPLATE || id == IPFIX_SET_OPTIONS_TEMPLATE
			       || id >= IPFIX_SET_FIRST_DATA)
			&& set_bytes >= IPFIX_SET_HEADER_BYTES
			&& set_bytes <= bytes - IPFIX_HEADER_BYTES;
}

static bool resembles9(const uint8_t *octets, size_t length)
{
	const uint8_t *set = octets + IPFIX_NETFLOW9_HEADER_BYTES;

	if (length < IPFIX_NETFLOW9_HEADER_BYTES + IPFIX_SET_HEADER_BYTES)
		return false;
	uint16_t set_bytes = ipfix_read_u16(set + 2);
	return ipfix_read_u16(octets + 2) > 0 && is_set9(ipfix_read_u16(set))
			&& set_bytes >= IPFIX_SET_HEADER_BYTES
			&& set_bytes <= length - IPFIX_NETFLOW9_HEADER_BYTES;
}

bool collect_resembles(const uint8_t *octets, size_t length, bool datagram)
{
	if (!collect_begins(octets, length))
		return false;
	switch (ipfix_read_u16(octets)) {
	case IPFIX_VERSION:
		return resembles10(octets, length, datagram);
	case IPFIX_VERSION_NETFLOW9:
		return resembles9(octets, length);
	default:
		return (size_t)cut5(octets, length) == length;
	}
}

bool collect_is_encrypted(const uint8_t *octets, size_t length)
{
	/* handshake, alert or data; version 3.x, or that of DTLS */
	return length >= 3 && octets[0] >= 20 && octets[0] <= 23
			&& (octets[1] == 3 || octets[1] == 0xfe);
}
