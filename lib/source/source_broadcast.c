/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_broadcast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHAIN_END UINT16_MAX
#define NAP_NS 50000 /* half a batch of small packets */

static_assert(SOURCE_BATCH_PACKETS < CHAIN_END, "an index is never the mark");

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
}

int source_broadcast_init(struct source_broadcast *broadcast, uint32_t workers)
{
	size_t chain = workers * (size_t)2;

	*broadcast = (struct source_broadcast){.workers = workers};
	broadcast->batches = calloc(SOURCE_BATCHES, sizeof(*broadcast->batches));
	broadcast->chains = calloc(SOURCE_BATCHES * chain, sizeof(*broadcast->chains));
	broadcast->cursors =
			aligned_alloc(BASE_CACHE_LINE_BYTES, workers * sizeof(*broadcast->cursors));
	if (!broadcast->batches || !broadcast->chains || !broadcast->cursors)
		goto err_fini;
	for (uint32_t i = 0; i < SOURCE_BATCHES; i++) {
		broadcast->batches[i].first = broadcast->chains + i * chain;
		broadcast->batches[i].last = broadcast->chains + i * chain + workers;
		if (source_chunk_init(&broadcast->chunks[i]) < 0)
			goto err_fini;
	}
	for (uint32_t i = 0; i < workers; i++)
		broadcast->cursors[i] = (struct source_cursor){0};
	return 0;

err_fini:
	source_broadcast_fini(broadcast);
	return -ENOMEM;
}

void source_broadcast_fini(struct source_broadcast *broadcast)
{
	for (uint32_t i = 0; i < SOURCE_BATCHES; i++)
		source_chunk_fini(&broadcast->chunks[i]);
	free(broadcast->batches);
	free(broadcast->chains);
	free(broadcast->cursors);
	*broadcast = (struct source_broadcast){0};
}

void source_broadcast_abandon(struct source_broadcast *broadcast)
{
	/* relaxed: the flag carries nothing but itself */
	atomic_store_explicit(&broadcast->abandoned, true, memory_order_relaxed);
}

/* Waits until every worker has released `count` batches; false when nobody will. */
static bool wait_released(struct source_broadcast *broadcast, uint64_t count)
{
	uint32_t worker = 0;

	while (worker < broadcast->workers) {
		/* pairs with the release of `done` in source_broadcast_release() */
		uint64_t done = atomic_load_explicit(
				&broadcast->cursors[worker].done, memory_order_acquire);
		if (done >= count) {
			worker++;
			continue;
		}
		if (atomic_load_explicit(&broadcast->abandoned, memory_order_relaxed))
			return false;
		nap();
	}
	return true;
}

struct source_batch *source_broadcast_begin(struct source_broadcast *broadcast)
{
	struct source_batch *batch = &broadcast->batches[broadcast->seq % SOURCE_BATCHES];

	if (broadcast->seq >= SOURCE_BATCHES
			&& !wait_released(broadcast, broadcast->seq - SOURCE_BATCHES + 1))
		return NULL;
	batch->event = SOURCE_NONE;
	batch->count = 0;
	for (uint32_t i = 0; i < broadcast->workers; i++)
		batch->first[i] = CHAIN_END;
	return batch;
}

void source_batch_add(struct source_batch *batch, uint32_t worker,
		const struct source_packet *packet, bool late)
{
	uint16_t index = (uint16_t)batch->count++;

	batch->packets[index] = *packet;
	batch->packets[index].reserved[0] = late;
	batch->next[index] = CHAIN_END;
	if (batch->first[worker] == CHAIN_END)
		batch->first[worker] = index;
	else
		batch->next[batch->last[worker]] = index;
	batch->last[worker] = index;
}

void source_broadcast_publish(struct source_broadcast *broadcast)
{
	broadcast->seq++;
	/* pairs with the acquire in source_broadcast_receive() */
	atomic_store_explicit(&broadcast->published, broadcast->seq, memory_order_release);
}

struct source_chunk *source_broadcast_chunk(struct source_broadcast *broadcast)
{
	broadcast->used_until[broadcast->chunk] = broadcast->seq;
	uint32_t next = (broadcast->chunk + 1) % SOURCE_BATCHES;
	if (!wait_released(broadcast, broadcast->used_until[next]))
		return NULL;
	broadcast->chunk = next;
	return &broadcast->chunks[next];
}

static void copy_chain(struct source_cursor *cursor, const struct source_batch *batch,
		struct source_burst *burst, uint32_t max)
{
	int64_t clock_ns = cursor->clock_ns;
	uint16_t at = cursor->at;

	while (at != CHAIN_END && burst->count < max) {
		struct source_packet *packet = &burst->packets[burst->count++];

		*packet = batch->packets[at];
		base_prefetch(packet->data); /* another core wrote it */
		burst->backwards += packet->reserved[0];
		packet->reserved[0] = 0;
		if (packet->time_ns > clock_ns)
			clock_ns = packet->time_ns;
		at = batch->next[at];
	}
	cursor->at = at;
	cursor->clock_ns = clock_ns;
}

/*
 * Takes the event of the batch that comes next. False: the burst has to be handed out before it, so
 * that the worker sees the last clock before time goes back.
 */
static bool enter_batch(struct source_cursor *cursor, const struct source_batch *batch,
		uint32_t worker, struct source_burst *burst, bool passed)
{
	if (batch->event != SOURCE_NONE) {
		if (passed || burst->count > 0)
			return false;
		burst->event = batch->event;
		if (batch->event == SOURCE_END)
			return false;
		cursor->clock_ns = batch->start_ns;
	}
	cursor->at = batch->first[worker];
	cursor->inside = true;
	return true;
}

void source_broadcast_receive(struct source_broadcast *broadcast, uint32_t worker,
		struct source_burst *burst, uint32_t max)
{
	struct source_cursor *cursor = &broadcast->cursors[worker];
	/* pairs with the release in source_broadcast_publish() */
	uint64_t published = atomic_load_explicit(&broadcast->published, memory_order_acquire);
	bool passed = false;

	while (burst->count < max && cursor->seq != published) {
		const struct source_batch *batch =
				&broadcast->batches[cursor->seq % SOURCE_BATCHES];

		if (!cursor->inside && !enter_batch(cursor, batch, worker, burst, passed))
			break;
		copy_chain(cursor, batch, burst, max);
		if (cursor->at != CHAIN_END)
			break;
		cursor->clock_ns = batch->clock_ns;
		cursor->seq++;
		cursor->inside = false;
		passed = true;
	}
	burst->clock_ns = cursor->clock_ns;
	if (burst->count > 0)
		return;
	/* nothing is held, so nobody needs to release it */
	source_broadcast_release(broadcast, worker);
	if (burst->event == SOURCE_NONE && !passed)
		nap();
}

void source_broadcast_release(struct source_broadcast *broadcast, uint32_t worker)
{
	struct source_cursor *cursor = &broadcast->cursors[worker];

	/* pairs with the acquire in wait_released(): the packets are read, they may be overwritten
	 */
	atomic_store_explicit(&cursor->done, cursor->seq, memory_order_release);
}
