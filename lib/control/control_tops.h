/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The heaviest conversations of everything that passed, in bounded memory. A conversation is
 * (source, destination, protocol, destination port), weighed by the octets of both directions.
 *
 * Idea: a counter for each conversation while there is room, so that the answer is exact for most
 * captures. When the counters run out, the lighter half is dropped at once and the heaviest dropped
 * weight becomes the *floor*: whoever comes (back) later starts at the floor instead of at 0. This
 * is Space-Saving (Metwally, Agrawal, El Abbadi 2005) with weights and with the replacement done in
 * batches, which needs no heap: a record costs one look-up in a hash table, and a batch of n/2
 * newcomers one pass over the n counters.
 *
 * Invariant, for every conversation:  bytes - error <= true octets <= bytes  when it has a counter,
 * and  true octets <= floor  when it has none. The floor is at most 2 N / n after N octets with n
 * counters, because each rise of the floor by d takes d from the n/2 heaviest of what they had
 * above it. So a conversation of more than 2 N / n octets is never missed.
 *
 * Memory: 80 octets a counter: 5 MiB for the 65,536 of CONTROL_TOPS_COUNTERS.
 *
 * Threads: one at a time; no locks.
 */
#ifndef CONTROL_TOPS_H
#define CONTROL_TOPS_H

#include "base_cacheline.h"
#include "control.h"
#include "flow_record.h"

#include <stdint.h>

/* Also the most that control_tops_create() takes: a counter's number has 16 bits in the index. */
#define CONTROL_TOPS_COUNTERS 65536

struct control_tops;

/* 2 <= counters <= CONTROL_TOPS_COUNTERS; `seed` keys the hash. 0, -EINVAL or -ENOMEM. */
int control_tops_create(
		struct control_tops **tops, uint32_t counters, uint64_t seed) BASE_MUST_CHECK;
void control_tops_destroy(struct control_tops *tops);

void control_tops_add(struct control_tops *tops, const struct flow_record *records, uint32_t count);

/*
 * Writes the `max` heaviest, or all there are, and returns how many. Largest first; equal ones in
 * the order of their keys, so that the same records give the same list in any order of arrival as
 * long as the counters were enough.
 */
uint32_t control_tops_list(const struct control_tops *tops, struct control_top *out, uint32_t max);

/* What a conversation that has no counter can weigh at most; 0: none was ever dropped. */
uint64_t control_tops_floor(const struct control_tops *tops);

#endif
