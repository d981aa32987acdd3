/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decode costs: TSC cycles per packet for each kind of packet, headers in the cache, in bursts
 * as the worker has them. Each row is the best of many passes, so that what else ran on the machine
 * is left out; "ratio" is against the first row of the same run, which is what can be compared
 * between machines.
 */
#include "packet_decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <x86intrin.h>

#define BURST 64
#define FRAME_BYTES 128
#define BURSTS_PER_PASS 256
#define PASSES 400

struct kind {
	const char *name;
	uint8_t octets[FRAME_BYTES];
	uint32_t bytes;
};

#define MACS 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define IPV4(length, protocol) \
	0x45, 0, 0, length, 0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2
#define IPV6(length, protocol)                                                                    \
	0x60, 0, 0, 0, 0, length, protocol, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
			0, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define TCP 0xc3, 0x50, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0
#define UDP 0xc3, 0x50, 0, 53, 0, 8, 0, 0

static const struct kind kinds[] = {
		{"IPv4 TCP", {MACS, 8, 0, IPV4(40, 6), TCP}, 64},
		{"IPv4 UDP", {MACS, 8, 0, IPV4(28, 17), UDP}, 64},
		{"VLAN IPv4 TCP", {MACS, 0x81, 0, 0, 100, 8, 0, IPV4(40, 6), TCP}, 64},
		{"IPv6 TCP", {MACS, 0x86, 0xdd, IPV6(20, 6), TCP}, 78},
		{"VLAN IPv6 UDP", {MACS, 0x81, 0, 0, 100, 0x86, 0xdd, IPV6(8, 17), UDP}, 78},
		{"QinQ IPv4 TCP", {MACS, 0x88, 0xa8, 0, 9, 0x81, 0, 0, 100, 8, 0, IPV4(40, 6), TCP},
				64},
		{"IPv4 ICMP", {MACS, 8, 0, IPV4(28, 1), 8, 0, 0, 0}, 64},
		{"ARP", {MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, 64},
};

static uint8_t frames[BURST][FRAME_BYTES] BASE_CACHE_ALIGNED;
static struct packet_meta metas[BURST] BASE_CACHE_ALIGNED;

static uint32_t __attribute__((noinline)) decode_burst(uint32_t bytes)
{
	uint32_t metered = 0;

	for (uint32_t i = 0; i < BURST; i++)
		metered += packet_decode(PACKET_LINK_ETHERNET, frames[i], bytes, bytes, &metas[i])
				== PACKET_METERED;
	return metered;
}

/* Cycles per packet of the best pass. */
static double measure(const struct kind *kind)
{
	uint64_t best = UINT64_MAX;

	for (uint32_t i = 0; i < BURST; i++)
		memcpy(frames[i], kind->octets, sizeof(frames[i]));
	for (int pass = 0; pass < PASSES; pass++) {
		unsigned int processor;
		uint64_t start = __rdtscp(&processor);
		for (int burst = 0; burst < BURSTS_PER_PASS; burst++)
			decode_burst(kind->bytes);
		uint64_t cycles = __rdtscp(&processor) - start;
		if (cycles < best)
			best = cycles;
	}
	return (double)best / (BURSTS_PER_PASS * BURST);
}

int main(void)
{
	double plain = 0;

	printf("%-16s %14s %8s\n", "packet", "cycles/packet", "ratio");
	for (size_t i = 0; i < BASE_COUNT_OF(kinds); i++) {
		double cycles = measure(&kinds[i]);
		if (i == 0)
			plain = cycles;
		printf("%-16s %14.1f %8.2f\n", kinds[i].name, cycles, cycles / plain);
	}
	return 0;
}
