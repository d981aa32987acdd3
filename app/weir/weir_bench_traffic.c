/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_bench_traffic.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWN (1u << 20)
#define ZIPF_EXPONENT 1.1
#define SEED 42

#define MACS 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
#define TCP 0, 1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 4, 0, 0, 0, 0, 0
#define IPV4(bytes, protocol) \
	0x45, 0, 0, bytes, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 255, 0, 2

/* Where in a frame of each kind the flow's number goes: into the source address and port. */
static const struct shape {
	uint8_t octets[WEIR_BENCH_FRAME_BYTES];
	uint32_t bytes, address_at, port_at;
} shapes[][2] = {
		[WEIR_BENCH_PLAIN] = {{{MACS, 8, 0, IPV4(46, 6), TCP}, 64, 26, 34},
				{{MACS, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64, 0x20, 1, 0xd, 0xb8,
						 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0xd,
						 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, TCP},
						78, 34, 54}},
		[WEIR_BENCH_VLAN] = {{{MACS, 0x81, 0, 0, 5, 8, 0, IPV4(42, 6), TCP}, 64, 30, 38},
				{{MACS, 0x81, 0, 0, 5, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 6, 64,
						 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
						 0, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
						 0, 0, 0, 2, TCP},
						82, 38, 58}},
		[WEIR_BENCH_VXLAN] = {{{MACS, 8, 0, IPV4(90, 17), 0xc0, 0, 0x12, 0xb5, 0, 70, 0, 0,
						       8, 0, 0, 0, 0, 0, 9, 0, MACS, 8, 0,
						       IPV4(40, 6), TCP},
				104, 76, 84}},
};

static uint32_t next_random(struct weir_bench_traffic *traffic)
{
	traffic->random = traffic->random * UINT64_C(6364136223846793005)
			+ UINT64_C(1442695040888963407);
	return (uint32_t)(traffic->random >> 32);
}

static uint32_t below(struct weir_bench_traffic *traffic, uint32_t limit)
{
	return (uint32_t)(((uint64_t)next_random(traffic) * limit) >> 32);
}

/* Flow number i is drawn in proportion to 1 / (i + 1)^1.1: the inverse of the sums, by bisection.
 */
static int draw_zipf(struct weir_bench_traffic *traffic)
{
	uint32_t flows = traffic->shape.flows;
	double *sums = malloc(flows * sizeof(*sums));

	traffic->drawn = malloc(DRAWN * sizeof(*traffic->drawn));
	if (!sums || !traffic->drawn) {
		free(sums);
		return -ENOMEM;
	}
	double sum = 0;
	for (uint32_t i = 0; i < flows; i++)
		sums[i] = sum += pow(i + 1.0, -ZIPF_EXPONENT);
	for (uint32_t k = 0; k < DRAWN; k++) {
		double wanted = next_random(traffic) / 4294967296.0 * sum;
		uint32_t low = 0, high = flows - 1;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (sums[middle] < wanted)
				low = middle + 1;
			else
				high = middle;
		}
		/* heavy flows shall not be neighbours */
		traffic->drawn[k] = (uint32_t)((uint64_t)low * 2654435761u % flows);
	}
	free(sums);
	return 0;
}

int weir_bench_traffic_init(
		struct weir_bench_traffic *traffic, const struct weir_bench_shape *shape)
{
	*traffic = (struct weir_bench_traffic){.shape = *shape, .random = SEED};
	int rc = shape->zipf ? draw_zipf(traffic) : 0;

	if (rc < 0) {
		weir_bench_traffic_fini(traffic);
		return rc;
	}
	for (uint32_t i = 0; i < WEIR_BENCH_BURST; i++)
		memcpy(traffic->frames[i], shapes[shape->wrap][0].octets, WEIR_BENCH_FRAME_BYTES);
	weir_bench_traffic_rewind(traffic);
	return 0;
}

void weir_bench_traffic_fini(struct weir_bench_traffic *traffic)
{
	free(traffic->drawn);
	traffic->drawn = NULL;
}

void weir_bench_traffic_rewind(struct weir_bench_traffic *traffic)
{
	traffic->random = SEED;
	traffic->next_drawn = 0;
	traffic->next_new = traffic->shape.flows;
}

static void put_frame(struct weir_bench_traffic *traffic, uint32_t i, uint32_t number)
{
	bool ipv6 = traffic->shape.half_ipv6 && (number & 1);
	const struct shape *shape = &shapes[traffic->shape.wrap][ipv6];
	/* as wide as decode reads them, so that no load waits for several stores */
	uint32_t address = __builtin_bswap32(0x0a000000u ^ number >> 8);
	uint16_t port = (uint16_t)(number << 8 | 7);

	if (traffic->shape.half_ipv6)
		memcpy(traffic->frames[i], shape->octets, shape->port_at + 20);
	memcpy(traffic->frames[i] + shape->address_at, &address, sizeof(address));
	memcpy(traffic->frames[i] + shape->port_at, &port, sizeof(port));
	traffic->bytes[i] = shape->bytes;
	traffic->numbers[i] = number;
}

/* A frame of either direction. No branch: a wrong guess would be charged to making the frames. */
static void put_frame_turned(struct weir_bench_traffic *traffic, uint32_t i, uint32_t number)
{
	const struct shape *shape = &shapes[traffic->shape.wrap][0];
	const uint32_t turn = (uint32_t)(traffic->random >> 20) & 1;
	uint32_t address, port;

	put_frame(traffic, i, number);
	memcpy(&address, shape->octets + shape->address_at + 4, sizeof(address));
	memcpy(&port, shape->octets + shape->port_at, sizeof(port));
	uint64_t addresses = (uint64_t)address << 32 | __builtin_bswap32(0x0a000000u ^ number >> 8);
	uint32_t ports = (port & 0xffff0000u) | (uint16_t)(number << 8 | 7);
	addresses = turn ? addresses << 32 | addresses >> 32 : addresses;
	ports = turn ? ports << 16 | ports >> 16 : ports;
	memcpy(traffic->frames[i] + shape->address_at, &addresses, sizeof(addresses));
	memcpy(traffic->frames[i] + shape->port_at, &ports, sizeof(ports));
}

void weir_bench_traffic_draw(struct weir_bench_traffic *traffic)
{
	const struct weir_bench_shape *shape = &traffic->shape;

	for (uint32_t i = 0; i < WEIR_BENCH_BURST; i++) {
		uint32_t number;
		if (shape->new_percent > 0 && below(traffic, 100) < shape->new_percent)
			number = traffic->next_new++;
		else if (shape->zipf)
			number = traffic->drawn[traffic->next_drawn++ % DRAWN];
		else
			number = below(traffic, shape->flows);
		if (shape->both_ways)
			put_frame_turned(traffic, i, number);
		else
			put_frame(traffic, i, number);
	}
}

void weir_bench_traffic_count(struct weir_bench_traffic *traffic, uint32_t first)
{
	for (uint32_t i = 0; i < WEIR_BENCH_BURST; i++)
		put_frame(traffic, i, (first + i) % traffic->shape.flows);
}
