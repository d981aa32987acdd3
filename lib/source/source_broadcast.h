/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From one reader to several workers without copying a packet.
 *
 *                 seq 40        41        42        43
 *     batches   [ ....... ][ ....... ][ ....... ][ filling ]     each: packets of all workers, in
 *                ^ worker 1             ^ worker 0 ^ reader      file order, a chain for each
 * worker chunks    [  octets that the packets of batches up to `used_until` point to  ]
 *
 * Every worker gets every batch, in order, and follows its own chain through it; a batch without
 * packets for a worker still brings it the clock. Rewinds and the end are marks on a batch, so they
 * stand between the same packets for all. A batch or a chunk is used again once every worker has
 * released all batches that refer to it: `done` of a worker is the number of batches it has
 * released. The reader sleeps when all are in use, a worker when none is new.
 *
 * Memory order: `published` (reader, release) hands a batch and what it points to to the workers
 * (acquire); `done` (worker, release) hands them back to the reader (acquire).
 */
#ifndef SOURCE_BROADCAST_H
#define SOURCE_BROADCAST_H

#include "source.h"
#include "source_input.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SOURCE_BATCH_PACKETS 4096
#define SOURCE_BATCHES 8

struct source_batch {
	enum source_event event; /* before its packets */
	int64_t start_ns; /* the clock after a rewind */
	int64_t clock_ns; /* the clock after its packets */
	uint32_t count;
	uint16_t *first, *last; /* of each worker's chain; last: reader only */
	uint16_t next[SOURCE_BATCH_PACKETS];
	struct source_packet packets[SOURCE_BATCH_PACKETS]; /* reserved[0]: late */
};

/* Worker only, but for `done`. */
struct source_cursor {
	uint64_t seq; /* of the batch in hand, or of the next one */
	uint16_t at; /* next packet of the batch in hand */
	bool inside;
	int64_t clock_ns;
	/* shared: worker writes, reader reads */
	_Atomic uint64_t done BASE_CACHE_ALIGNED;
} BASE_CACHE_ALIGNED;

struct source_broadcast {
	/* read-only after start */
	uint32_t workers;
	struct source_batch *batches;
	uint16_t *chains;
	struct source_cursor *cursors;

	/* reader only */
	struct source_chunk chunks[SOURCE_BATCHES];
	uint64_t used_until[SOURCE_BATCHES]; /* batches that may point into the chunk */
	uint32_t chunk;
	uint64_t seq; /* of the batch that is being filled */

	/* shared: reader writes, workers read */
	_Atomic uint64_t published BASE_CACHE_ALIGNED; /* batches */
	atomic_bool abandoned; /* nobody will receive any more */
};

int source_broadcast_init(struct source_broadcast *broadcast, uint32_t workers) BASE_MUST_CHECK;
void source_broadcast_fini(struct source_broadcast *broadcast);

/* Reader: the batch to fill, empty; waits until one is free. NULL: abandoned. */
struct source_batch *source_broadcast_begin(struct source_broadcast *broadcast);
/* Reader: adds a packet for a worker; the batch must have room. */
void source_batch_add(struct source_batch *batch, uint32_t worker,
		const struct source_packet *packet, bool late);
/* Reader: hands the batch out; its clock is set. */
void source_broadcast_publish(struct source_broadcast *broadcast);
/*
 * Reader, after a publish: a chunk that no packet in use points into; waits for it. NULL:
 * abandoned.
 */
struct source_chunk *source_broadcast_chunk(struct source_broadcast *broadcast);

/* Worker: see source.h. */
void source_broadcast_receive(struct source_broadcast *broadcast, uint32_t worker,
		struct source_burst *burst, uint32_t max);
void source_broadcast_release(struct source_broadcast *broadcast, uint32_t worker);

/* Any thread: wakes the reader for good. */
void source_broadcast_abandon(struct source_broadcast *broadcast);

#endif
