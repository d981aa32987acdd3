/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ring that carries flow records from one worker to the control thread: lock-free, one
 * producer, one consumer, in a shared-memory region (base_region.h, kind "RING") so that another
 * process can map and watch it.
 *
 *     payload:  | line 0: geometry | line 1: head (producer) | line 2: tail (consumer) | slots ...
 *
 *     tail                 head
 *      v                    v
 *     [ ][R][R][R][R][R][R][ ][ ][ ]        R: published, not yet released
 *
 * Invariant: tail <= head <= tail + capacity, both only grow (64 bits, no wrap). Slots in
 * [tail, head) belong to the consumer, the others to the producer. Each side keeps a private copy
 * of the other's index and reads the shared one only when the copy says "full" or "empty".
 *
 * Memory order: head is stored with release by ring_publish() and loaded with acquire by
 * ring_peek(); tail is stored with release by ring_release() and loaded with acquire by
 * ring_reserve().
 */
#ifndef RING_RECORDS_H
#define RING_RECORDS_H

#include "base_cacheline.h"
#include "base_region.h"
#include "flow_record.h"

#include <stdint.h>

#define RING_KIND UINT32_C(0x474e4952) /* "RING" */
#define RING_KIND_VERSION 1

struct ring_records;

/* Octets of payload that a ring of `capacity` records needs; capacity is a power of two. */
size_t ring_memory_bytes(uint32_t capacity);

/*
 * Lays a ring into the payload of `region` (at least ring_memory_bytes(capacity) octets); the
 * region must outlive it. 0, or -EINVAL for a bad capacity or a region that is too small.
 */
int ring_init(struct ring_records **ring, const struct base_region *region,
		uint32_t capacity) BASE_MUST_CHECK;

/* --- producer: the worker --- */

/*
 * Free slots that the producer may fill, at most `wanted`. *slots and *mask describe them: slot i
 * of the reservation is (*slots)[(*first + i) & *mask].
 */
uint32_t ring_reserve(struct ring_records *ring, uint32_t wanted, struct flow_record **slots,
		uint64_t *first, uint64_t *mask);
/* Hands the first `count` reserved records to the consumer: one release store. */
void ring_publish(struct ring_records *ring, uint32_t count);

/* --- consumer: the control thread --- */

/* A run of published records, contiguous in memory, at most `wanted`; NULL and 0 when empty. */
const struct flow_record *ring_peek(struct ring_records *ring, uint32_t wanted, uint32_t *count);
void ring_release(struct ring_records *ring, uint32_t count);

/* --- any thread --- */
uint32_t ring_capacity(const struct ring_records *ring);
uint64_t ring_produced(const struct ring_records *ring); /* records ever published */
uint64_t ring_consumed(const struct ring_records *ring); /* records ever released */

#endif
