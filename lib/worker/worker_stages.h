/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What each stage of a turn costs: one turn in WORKER_STAGE_EVERY is timed, so that reading the
 * counter costs a packet less than a cycle. Worker only.
 */
#ifndef WORKER_STAGES_H
#define WORKER_STAGES_H

#include "base_cacheline.h"
#include "base_clock.h"

#include <stdbool.h>
#include <stdint.h>

#define WORKER_STAGE_EVERY 16

enum worker_stage {
	WORKER_STAGE_RECEIVE, /* from the source, and giving back what was received */
	WORKER_STAGE_DECODE,
	WORKER_STAGE_LOOKUP,
	WORKER_STAGE_UPDATE,
	WORKER_STAGE_AGE,
	WORKER_STAGE_PUBLISH,
	WORKER_STAGE_COUNT,
};

struct worker_stages {
	uint64_t cycles[WORKER_STAGE_COUNT]; /* of timed turns that found packets */
	uint64_t packets; /* of those turns */
	/* this turn */
	uint64_t turn_cycles[WORKER_STAGE_COUNT];
	uint64_t since;
	uint32_t turn;
	bool timed;
};

static BASE_ALWAYS_INLINE void worker_stages_begin(struct worker_stages *stages)
{
	stages->timed = stages->turn++ % WORKER_STAGE_EVERY == 0;
	if (BASE_UNLIKELY(stages->timed)) {
		for (int i = 0; i < WORKER_STAGE_COUNT; i++)
			stages->turn_cycles[i] = 0;
		stages->since = base_clock_cycles();
	}
}

/* What was done since the last call was this stage. */
static BASE_ALWAYS_INLINE void worker_stages_note(
		struct worker_stages *stages, enum worker_stage stage)
{
	if (BASE_UNLIKELY(stages->timed)) {
		uint64_t now = base_clock_cycles();
		stages->turn_cycles[stage] += now - stages->since;
		stages->since = now;
	}
}

/* An empty turn counts for nothing: it is idle time. */
static BASE_ALWAYS_INLINE void worker_stages_end(struct worker_stages *stages, uint32_t packets)
{
	if (BASE_LIKELY(!stages->timed || packets == 0))
		return;
	for (int i = 0; i < WORKER_STAGE_COUNT; i++)
		stages->cycles[i] += stages->turn_cycles[i];
	stages->packets += packets;
}

#endif
