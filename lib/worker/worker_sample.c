/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker_sample.h"

static_assert(SOURCE_BURST_MAX <= 64, "a burst is one mask");

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Begins a window; returns the packets of it before the one that is taken. */
static uint32_t begin_window(struct worker_sampler *sampler)
{
	uint32_t place = 0;

	/* the upper half of a product: even to one part in 2^64 / N */
	if (sampler->random)
		place = (uint32_t)(((unsigned __int128)draw(&sampler->state) * sampler->rate)
				>> 64);
	sampler->rest = sampler->rate - 1 - place;
	return place;
}

void worker_sampler_init(struct worker_sampler *sampler, const struct worker_sample_setup *setup)
{
	*sampler = (struct worker_sampler){
			.rate = setup->rate ? setup->rate : 1,
			.random = setup->random,
			.state = setup->seed,
	};
	sampler->left = begin_window(sampler);
}

uint64_t worker_sampler_choose(struct worker_sampler *sampler, uint32_t count)
{
	uint64_t chosen = 0;
	uint32_t at = sampler->left;

	while (at < count) {
		chosen |= UINT64_C(1) << at;
		at += 1 + sampler->rest;
		at += begin_window(sampler);
	}
	sampler->left = at - count;
	return chosen;
}

uint32_t worker_sampler_keep(
		struct source_burst *burst, uint64_t chosen, struct worker_counts *counts)
{
	uint64_t octets = 0;
	uint32_t kept = 0;

	if (burst->count == 0)
		return 0;
	for (uint32_t i = 0; i < burst->count; i++)
		octets += burst->packets[i].wire_bytes;
	uint64_t others = ~chosen & (UINT64_MAX >> (64 - burst->count));
	if (others)
		counts->drop_last_ns[PACKET_sampled_out] =
				burst->packets[63 - __builtin_clzll(others)].time_ns;
	for (; chosen; chosen &= chosen - 1) {
		burst->packets[kept] = burst->packets[__builtin_ctzll(chosen)];
		octets -= burst->packets[kept++].wire_bytes;
	}
	counts->drop_packets[PACKET_sampled_out] += burst->count - kept;
	counts->drop_octets[PACKET_sampled_out] += octets;
	counts->rx_octets += octets;
	return kept;
}
