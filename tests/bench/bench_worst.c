/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a packet made to be slow costs on the whole path of a worker (decode of all views, flow
 * table), against plain traffic: 64 k flows each. Somebody who can send such packets can slow weir
 * down by the largest ratio; the limits of packet_decode.h keep it low. Slices of both take turns,
 * a row is the lower quartile. With --steps it prints, instead, the layers that the walk takes for
 * each, which is the same on every machine; instructions are held by check_instructions.py.
 */
#include "base_clock.h"
#include "flow_table.h"
#include "packet_fragments.h"
#include "packet_trace.h"
#include "packet_views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define BURST 64
#define FRAME_BYTES 1024
#define FLOWS 65536
#define FRAGMENTS 16384
#define SLICES 24
#define SLICE_BURSTS 1024

struct frame {
	uint8_t octets[FRAME_BYTES];
	uint32_t bytes;
};

static void put(struct frame *frame, const void *octets, uint32_t bytes)
{
	memcpy(frame->octets + frame->bytes, octets, bytes);
	frame->bytes += bytes;
}

static void put_ethernet(struct frame *frame, uint16_t type)
{
	const uint8_t octets[14] = {
			2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(type >> 8), (uint8_t)type};

	put(frame, octets, 14);
}

static void put_tag(struct frame *frame, uint16_t type)
{
	const uint8_t octets[4] = {0, 5, (uint8_t)(type >> 8), (uint8_t)type};

	put(frame, octets, 4);
}

static void put_ipv4(struct frame *frame, uint8_t protocol, uint32_t payload_bytes)
{
	uint32_t total = 20 + payload_bytes;
	const uint8_t octets[20] = {0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0, 1, 0, 0, 64,
			protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2};

	put(frame, octets, 20);
}

static void put_ipv6(struct frame *frame, uint8_t protocol, uint32_t payload_bytes)
{
	uint8_t octets[40] = {0x60, 0, 0, 0, (uint8_t)(payload_bytes >> 8), (uint8_t)payload_bytes,
			protocol, 64};

	octets[8] = octets[24] = 0x20;
	octets[23] = 1;
	octets[39] = 2;
	put(frame, octets, 40);
}

static void put_tcp(struct frame *frame)
{
	const uint8_t octets[20] = {0xc3, 0x50, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10};

	put(frame, octets, 20);
}

static void make_plain(struct frame *frame, uint32_t size)
{
	(void)size;
	put_ethernet(frame, 0x0800);
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

/* IP in IP in IP ... */
static void make_nested(struct frame *frame, uint32_t size)
{
	put_ethernet(frame, 0x0800);
	for (uint32_t i = 0; i < size; i++)
		put_ipv4(frame, 4, 20 * (size - i) + 20);
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

static void make_gre(struct frame *frame, uint32_t size)
{
	static const uint8_t gre[4] = {0, 0, 8, 0};

	put_ethernet(frame, 0x0800);
	for (uint32_t i = 0; i < size; i++) {
		put_ipv4(frame, 47, 4 + 24 * (size - i - 1) + 40);
		put(frame, gre, 4);
	}
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

static void make_vxlan(struct frame *frame, uint32_t size)
{
	uint8_t header[16] = {0xc3, 0x50, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 9, 0};

	for (uint32_t i = 0; i < size; i++) {
		uint32_t bytes = 16 + 50 * (size - i - 1) + 54;
		put_ethernet(frame, 0x0800);
		put_ipv4(frame, 17, bytes);
		header[4] = (uint8_t)(bytes >> 8);
		header[5] = (uint8_t)bytes;
		put(frame, header, 16);
	}
	make_plain(frame, 0);
}

static void make_tags(struct frame *frame, uint32_t size)
{
	put_ethernet(frame, 0x8100);
	for (uint32_t i = 0; i < size; i++)
		put_tag(frame, i + 1 == size ? 0x0800 : 0x8100);
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

static void make_labels(struct frame *frame, uint32_t size)
{
	put_ethernet(frame, 0x8847);
	for (uint32_t i = 0; i < size; i++) {
		const uint8_t label[4] = {0, 6, (uint8_t)(0x40 | (i + 1 == size)), 64};
		put(frame, label, 4);
	}
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

static void make_extensions(struct frame *frame, uint32_t size)
{
	put_ethernet(frame, 0x86dd);
	put_ipv6(frame, 60, 8 * size + 20);
	for (uint32_t i = 0; i < size; i++) {
		const uint8_t header[8] = {i + 1 == size ? 6 : 60, 0, 1, 4};
		put(frame, header, 8);
	}
	put_tcp(frame);
}

/* IPv4 in IPv4, each one the first fragment of a datagram that is never finished. */
static void make_fragments(struct frame *frame, uint32_t size)
{
	make_nested(frame, size - 1);
	for (uint32_t i = 0; i < size; i++)
		frame->octets[14 + 20 * i + 6] = 0x20;
}

static void make_later_fragment(struct frame *frame, uint32_t size)
{
	make_plain(frame, size);
	frame->octets[14 + 7] = 1;
}

/* A little of everything, as much as is let through. */
static void make_mixed(struct frame *frame, uint32_t size)
{
	make_tags(frame, PACKET_MAX_VLAN_TAGS);
	frame->bytes -= 40;
	frame->octets[frame->bytes - 2] = 0x86;
	frame->octets[frame->bytes - 1] = 0xdd;
	uint32_t inside = 20 * (size - 1) + 40;
	put_ipv6(frame, 60, 8 * PACKET_MAX_EXTENSIONS + inside);
	for (uint32_t i = 0; i < PACKET_MAX_EXTENSIONS; i++) {
		const uint8_t header[8] = {i + 1 == PACKET_MAX_EXTENSIONS ? 4 : 60, 0, 1, 4};
		put(frame, header, 8);
	}
	for (uint32_t i = 1; i < size; i++)
		put_ipv4(frame, 4, 20 * (size - i - 1) + 40);
	put_ipv4(frame, 6, 20);
	put_tcp(frame);
}

static const struct {
	const char *name;
	void (*make)(struct frame *frame, uint32_t size);
	uint32_t size;
	uint32_t ids; /* IPv4 headers from the outermost on whose identification varies */
} kinds[] = {
		{"plain IPv4 TCP", make_plain, 0},
		{"VXLAN", make_vxlan, 1},
		{"IPv4 in IPv4, nested", make_nested, PACKET_MAX_TUNNELS},
		{"GRE, nested", make_gre, PACKET_MAX_TUNNELS},
		{"VXLAN, nested", make_vxlan, PACKET_MAX_TUNNELS},
		{"nested too deep", make_nested, PACKET_MAX_TUNNELS + 4},
		{"VLAN tags", make_tags, PACKET_MAX_VLAN_TAGS},
		{"MPLS labels", make_labels, PACKET_MAX_MPLS_LABELS},
		{"IPv6 extension headers", make_extensions, PACKET_MAX_EXTENSIONS},
		{"tags, extensions, tunnels", make_mixed, PACKET_MAX_TUNNELS},
		{"first fragments", make_fragments, 1, .ids = 1},
		{"first fragments, nested", make_fragments, 2, .ids = 2},
		{"later fragments, alone", make_later_fragment, 0, .ids = 1},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct {
	struct frame frames[BURST] BASE_CACHE_ALIGNED;
	struct packet_meta metas[FLOW_BURST_MAX] BASE_CACHE_ALIGNED;
	int64_t times_ns[FLOW_BURST_MAX];
	uint16_t ports[FLOW_BURST_MAX];
	uint32_t slots[FLOW_BURST_MAX];
	struct flow_record records[1024];
	struct packet_policy policy;
	struct flow_table *table;
	struct packet_fragments *fragments;
	uint32_t random;
	uint32_t ids; /* of the kind at hand */
} b;

/* Another flow each time: the last octets of the frame are ports and flags of TCP. */
static void vary(struct frame *frame)
{
	b.random = b.random * 1664525 + 1013904223;
	/* as wide as decode reads it: narrower stores would have to be waited for */
	uint16_t port = (uint16_t)(b.random >> 16);
	memcpy(frame->octets + frame->bytes - 20, &port, sizeof(port));
	for (uint32_t i = 0; i < b.ids; i++)
		memcpy(frame->octets + 14 + 20 * i + 4, &port, sizeof(port));
}

static void run_burst(void)
{
	struct flow_outbox outbox = {.slots = b.records, .mask = 1023, .room = 1024};
	uint32_t views_count = 0;
	struct packet_views views;

	for (uint32_t i = 0; i < BURST; i++)
		vary(&b.frames[i]);
	for (uint32_t i = 0; i < BURST; i++) {
		const struct packet_frame frame = {b.frames[i].octets, b.frames[i].bytes,
				b.frames[i].bytes, PACKET_LINK_ETHERNET};
		uint32_t count = packet_decode_views(
				&b.policy, &frame, &b.metas[views_count], &views);
		for (uint32_t v = 0; v < count; v++) {
			struct packet_meta *meta = &b.metas[views_count + v];
			meta->flags |= v ? PACKET_FLAG_SECOND : 0;
			if (views.encapsulated >> v & 1)
				b.slots[views_count + v] =
						flow_table_scope(b.table, meta, &views.around[v]);
			if (meta->flags & PACKET_FLAG_FRAGMENT)
				packet_fragments_resolve(b.fragments, meta, 0);
		}
		views_count += count;
	}
	flow_table_update(b.table, b.metas, b.times_ns, b.ports, b.slots, views_count, &outbox);
}

static void load(size_t kind)
{
	b.ids = kinds[kind].ids;
	for (uint32_t i = 0; i < BURST; i++) {
		b.frames[i].bytes = 0;
		kinds[kind].make(&b.frames[i], kinds[kind].size);
	}
}

static double run_slice(void)
{
	unsigned int processor;
	uint64_t start = __rdtscp(&processor);

	for (int i = 0; i < SLICE_BURSTS; i++)
		run_burst();
	return (double)(__rdtscp(&processor) - start) / (SLICE_BURSTS * BURST);
}

static int ascending(const void *x, const void *y)
{
	double a = *(const double *)x, c = *(const double *)y;

	return a < c ? -1 : a > c;
}

static void print_cycles(void)
{
	static double slices[KINDS][SLICES];
	double plain = 0;

	for (int slice = -1; slice < SLICES; slice++) {
		for (size_t k = 0; k < KINDS; k++) {
			load(k);
			double cycles = run_slice();
			if (slice >= 0)
				slices[k][slice] = cycles;
		}
	}
	printf("whole path, cycles a packet, 64 k flows     ratio\n");
	for (size_t k = 0; k < KINDS; k++) {
		qsort(slices[k], SLICES, sizeof(double), ascending);
		double cycles = slices[k][SLICES / 4];
		plain = k == 0 ? cycles : plain;
		printf("%-28s %10.1f  %8.2f\n", kinds[k].name, cycles, cycles / plain);
	}
}

static void print_steps(void)
{
	struct packet_trace trace;

	for (size_t k = 0; k < KINDS; k++) {
		load(k);
		const struct packet_frame frame = {b.frames[0].octets, b.frames[0].bytes,
				b.frames[0].bytes, PACKET_LINK_ETHERNET};
		packet_trace(&trace, &b.policy, &frame);
		printf("%-28s %3u layers %2u views\n", kinds[k].name, trace.layer_count,
				trace.view_count);
	}
}

int main(int argc, char **argv)
{
	struct flow_settings settings = {
			.capacity = 16 * FLOWS,
			.active_ns = 3600 * BASE_NS_PER_SEC,
			.idle_tcp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_udp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_icmp_ns = 3600 * BASE_NS_PER_SEC,
			.idle_other_ns = 3600 * BASE_NS_PER_SEC,
			.numa_node = -1,
			.huge_pages = true,
			.tunnels = 1024,
			.tunnel_ids_in_key = true,
	};

	packet_policy_init(&b.policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	if (flow_table_create(&b.table, &settings) < 0)
		return 1;
	if (packet_fragments_create(&b.fragments, FRAGMENTS, 30 * BASE_NS_PER_SEC, 1) < 0) {
		flow_table_destroy(b.table);
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "--steps") == 0)
		print_steps();
	else
		print_cycles();
	packet_fragments_destroy(b.fragments);
	flow_table_destroy(b.table);
	return 0;
}
