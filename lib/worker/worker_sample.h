/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sampling, one in N (RFC 5475): which packets of a burst are metered at all.
 *
 *     systematic, section 5.1      x . . . | x . . . | x . . .     the first of every N
 *     random, section 5.2.1        . . x . | x . . . | . . . x     one of every N, each as likely
 *
 * Windows go on over bursts and sources. Of n packets a worker takes the first of each window that
 * was begun (systematic), or one of each that is over (random).
 */
#ifndef WORKER_SAMPLE_H
#define WORKER_SAMPLE_H

#include "source.h"
#include "worker_counters.h"

#include <stdbool.h>
#include <stdint.h>

#define WORKER_SAMPLE_RATE_MAX 1000000

struct worker_sample_setup {
	uint32_t rate; /* N; 0 and 1: every packet */
	bool random;
	uint64_t seed; /* of the random places; one that is not known outside */
};

/* Worker only. */
struct worker_sampler {
	uint32_t rate;
	bool random;
	uint32_t left; /* packets before the next one that is taken */
	uint32_t rest; /* random: packets of its window after it */
	uint64_t state;
};

void worker_sampler_init(struct worker_sampler *sampler, const struct worker_sample_setup *setup);

static inline bool worker_sampler_is_on(const struct worker_sampler *sampler)
{
	return sampler->rate > 1;
}

/* Of the next `count` packets (at most 64), bit i: take number i. Only while it is on. */
uint64_t worker_sampler_choose(struct worker_sampler *sampler, uint32_t count);

/*
 * Moves the chosen packets to the front, in order, counts the others without reading them, and
 * returns how many were chosen. burst->count and owned stay: they are for the release.
 */
uint32_t worker_sampler_keep(
		struct source_burst *burst, uint64_t chosen, struct worker_counts *counts);

#endif
