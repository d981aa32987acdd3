/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_spread.h"

#include "packet_decode.h"

/* Two odd constants with well-mixed bits (of the golden ratio and of the square root of 3). */
#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0xbb67ae8584caa73b)

/* Every input bit reaches the upper half of the result. */
static uint64_t mix(uint64_t x)
{
	unsigned __int128 product = (unsigned __int128)(x ^ MIX_B) * MIX_A;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_address(const union packet_address *address)
{
	return mix(mix(address->halves_be[0]) + address->halves_be[1]);
}

uint32_t source_spread(const struct source_packet *packet, uint32_t workers)
{
	struct packet_meta meta;

	if (packet_decode((enum packet_link)packet->link, packet->data, packet->captured_bytes,
			    packet->wire_bytes, &meta)
			!= PACKET_METERED)
		return 0;
	/* a sum does not know which address came first */
	uint64_t hash = mix(hash_address(&meta.source) + hash_address(&meta.destination));
	return (uint32_t)(((hash >> 32) * workers) >> 32);
}
