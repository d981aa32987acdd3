/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decode costs: TSC cycles per packet for each kind of packet, headers in the cache, in bursts
 * as the worker has them; "outer" by packet_decode(), "views" by packet_decode_views() with every
 * tunnel opened. Each figure is the best of many passes, so that what else ran on the machine is
 * left out; a ratio is against the first row of the same run, which is what can be compared between
 * machines.
 */
#include "packet_views.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <x86intrin.h>

#define BURST 64
#define FRAME_BYTES 256
#define BURSTS_PER_PASS 128
#define PASSES 300

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
#define UDP(port, length) 0xc3, 0x50, (port) >> 8, (port)&0xff, 0, length, 0, 0
#define OPTIONS(next) next, 0, 1, 4, 0, 0, 0, 0
#define OPTIONS4 OPTIONS(60), OPTIONS(60), OPTIONS(60), OPTIONS(60)
#define TAG 0x81, 0, 0, 100
#define PLAIN MACS, 8, 0, IPV4(40, 6), TCP
#define VXLAN 8, 0, 0, 0, 0, 0, 9, 0

static const struct kind kinds[] = {
		{"IPv4 TCP", {PLAIN}, 64},
		{"IPv4 UDP", {MACS, 8, 0, IPV4(28, 17), UDP(53, 8)}, 64},
		{"VLAN IPv4 TCP", {MACS, TAG, 8, 0, IPV4(40, 6), TCP}, 64},
		{"IPv6 TCP", {MACS, 0x86, 0xdd, IPV6(20, 6), TCP}, 78},
		{"VLAN IPv6 UDP", {MACS, TAG, 0x86, 0xdd, IPV6(8, 17), UDP(53, 8)}, 78},
		{"QinQ IPv4 TCP", {MACS, 0x88, 0xa8, 0, 9, TAG, 8, 0, IPV4(40, 6), TCP}, 64},
		{"IPv4 ICMP", {MACS, 8, 0, IPV4(28, 1), 8, 0, 0, 0}, 64},
		{"ARP", {MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, 64},
		{"MPLS IPv4 TCP", {MACS, 0x88, 0x47, 0, 1, 1, 64, IPV4(40, 6), TCP}, 64},
		{"VXLAN IPv4 TCP", {MACS, 8, 0, IPV4(90, 17), UDP(4789, 70), VXLAN, PLAIN}, 104},
		{"GENEVE IPv4 TCP",
				{MACS, 8, 0, IPV4(90, 17), UDP(6081, 70), 0, 0, 0x65, 0x58, 0, 0, 9,
						0, PLAIN},
				104},
		{"GTP-U IPv4 TCP",
				{MACS, 8, 0, IPV4(76, 17), UDP(2152, 56), 0x30, 255, 0, 40, 0, 0, 0,
						7, IPV4(40, 6), TCP},
				90},
		{"GRE IPv4 TCP", {MACS, 8, 0, IPV4(64, 47), 0, 0, 8, 0, IPV4(40, 6), TCP}, 78},
		{"4in4 TCP", {MACS, 8, 0, IPV4(60, 4), IPV4(40, 6), TCP}, 74},
		{"VXLAN in VXLAN",
				{MACS, 8, 0, IPV4(140, 17), UDP(4789, 120), VXLAN, MACS, 8, 0,
						IPV4(90, 17), UDP(4789, 70), VXLAN, PLAIN},
				154},
		{"8 VLAN tags",
				{MACS, TAG, TAG, TAG, TAG, TAG, TAG, TAG, TAG, 8, 0, IPV4(40, 6),
						TCP},
				86},
		{"16 IPv6 options",
				{MACS, 0x86, 0xdd, IPV6(136, 60), OPTIONS4, OPTIONS4, OPTIONS4,
						OPTIONS(60), OPTIONS(60), OPTIONS(60), OPTIONS(17),
						UDP(53, 8)},
				190},
};

static uint8_t frames[BURST][FRAME_BYTES] BASE_CACHE_ALIGNED;
static uint32_t lengths[BURST];
static struct packet_meta metas[BURST * PACKET_VIEWS_MAX] BASE_CACHE_ALIGNED;
static struct packet_policy policy;

static uint32_t __attribute__((noinline)) decode_outer(void)
{
	uint32_t metered = 0;

	for (uint32_t i = 0; i < BURST; i++)
		metered += packet_decode(PACKET_LINK_ETHERNET, frames[i], lengths[i], lengths[i],
					   &metas[i])
				== PACKET_METERED;
	return metered;
}

static uint32_t __attribute__((noinline)) decode_views(void)
{
	struct packet_views views;
	uint32_t count = 0;

	for (uint32_t i = 0; i < BURST; i++) {
		struct packet_frame frame = {
				frames[i], lengths[i], lengths[i], PACKET_LINK_ETHERNET};
		count += packet_decode_views(&policy, &frame, &metas[count], &views);
	}
	return count;
}

static void load(uint32_t i, const struct kind *kind)
{
	memcpy(frames[i], kind->octets, sizeof(frames[i]));
	lengths[i] = kind->bytes;
}

/* Cycles per packet of the best pass. */
static double measure(uint32_t (*decode)(void))
{
	uint64_t best = UINT64_MAX;

	for (int pass = 0; pass < PASSES; pass++) {
		unsigned int processor;
		uint64_t start = __rdtscp(&processor);
		for (int burst = 0; burst < BURSTS_PER_PASS; burst++)
			decode();
		uint64_t cycles = __rdtscp(&processor) - start;
		if (cycles < best)
			best = cycles;
	}
	return (double)best / (BURSTS_PER_PASS * BURST);
}

static void print_row(const char *name, double *plain)
{
	double outer = measure(decode_outer), views = measure(decode_views);

	if (*plain == 0)
		*plain = outer;
	printf("%-18s %8.1f %7.2f %8.1f %7.2f\n", name, outer, outer / *plain, views,
			views / *plain);
}

int main(void)
{
	double plain = 0;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	printf("%-18s %8s %7s %8s %7s   cycles a packet, ratio to the first\n", "packet", "outer",
			"ratio", "views", "ratio");
	for (size_t k = 0; k < BASE_COUNT_OF(kinds); k++) {
		for (uint32_t i = 0; i < BURST; i++)
			load(i, &kinds[k]);
		print_row(kinds[k].name, &plain);
	}
	/* Mixed as on an access link: the branch predictor cannot know what comes next. */
	uint32_t state = 1;
	for (uint32_t i = 0; i < BURST; i++) {
		state = state * 1664525 + 1013904223;
		load(i, &kinds[(state >> 24) % 5]);
	}
	print_row("mix of the first 5", &plain);
	return 0;
}
