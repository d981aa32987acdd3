/* SPDX-License-Identifier: BSD-3-Clause */
/* module: packet */
/* The first octet picks the link type, the next two how much of the frame was not captured. */
#include "packet_decode.h"

#include <stddef.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_meta meta;

	if (size < 3)
		return 0;
	uint32_t captured_bytes = (uint32_t)size - 3;
	uint32_t wire_bytes = captured_bytes + ((uint32_t)data[1] << 8 | data[2]);
	enum packet_link link = data[0] % (PACKET_LINK_UNKNOWN + 1);
	if (packet_decode(link, data + 3, captured_bytes, wire_bytes, &meta) == PACKET_METERED
			&& (meta.ip_bytes > wire_bytes || meta.depth > PACKET_MAX_LAYERS))
		abort();
	return 0;
}
