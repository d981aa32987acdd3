/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two ways from the reader to the workers. With one worker, the reader runs inside receive() and
 * the burst points into its one chunk. With more, or when a file may make the reader wait, it is a
 * thread that feeds a source_broadcast.
 */
#include "source_replay.h"

#include "source_broadcast.h"
#include "source_reader.h"
#include "source_spread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct replay_worker {
	struct source source;
	struct source_replay *replay;
	uint32_t index;
};

struct source_replay {
	struct source_reader reader;
	uint32_t worker_count;
	struct replay_worker *workers;

	/* inline: the one worker only */
	struct source_chunk chunk;
	struct source_packet held; /* it asked for a rewind, and comes after that */
	bool holding;
	bool ended;

	/* threaded */
	bool threaded;
	pthread_t thread;
	struct source_broadcast broadcast;
};

/* The next packet of the burst; false: the burst ends here. */
static bool receive_one(struct source_replay *replay, struct source_burst *burst)
{
	struct source_packet *packet = &burst->packets[burst->count];

	switch (source_reader_next(&replay->reader, packet)) {
	case SOURCE_READER_LATE:
		burst->backwards++;
		/* fall through */
	case SOURCE_READER_PACKET:
		burst->count++;
		return true;
	case SOURCE_READER_REWIND:
		replay->held = *packet;
		replay->holding = true;
		return false;
	case SOURCE_READER_MORE:
		break;
	}
	if (burst->count > 0 || burst->event != SOURCE_NONE)
		return false; /* the chunk is in use until the next receive */
	if (source_reader_refill(&replay->reader, &replay->chunk))
		return true;
	replay->ended = true;
	return false;
}

static void receive_inline(struct source *source, struct source_burst *burst, uint32_t max)
{
	struct source_replay *replay = ((struct replay_worker *)source)->replay;
	struct source_reader *reader = &replay->reader;

	burst->count = 0;
	burst->backwards = 0;
	burst->event = SOURCE_NONE;
	if (replay->holding && max > 0) {
		source_reader_rewind(reader, &replay->held);
		replay->holding = false;
		burst->event = SOURCE_REWIND;
		burst->packets[burst->count++] = replay->held;
	}
	while (!replay->ended && burst->count < max && receive_one(replay, burst))
		;
	burst->clock_ns = reader->clock_ns;
	if (!replay->ended) {
		source_reader_flush(reader);
		return;
	}
	burst->event = SOURCE_END;
	source_reader_finish(reader);
}

static void release_inline(struct source *source, struct source_burst *burst)
{
	burst->count = 0; /* the chunk waits for the next receive */
}

static void receive_broadcast(struct source *source, struct source_burst *burst, uint32_t max)
{
	struct replay_worker *worker = (struct replay_worker *)source;

	burst->count = 0;
	burst->backwards = 0;
	burst->event = SOURCE_NONE;
	source_broadcast_receive(&worker->replay->broadcast, worker->index, burst, max);
}

static void release_broadcast(struct source *source, struct source_burst *burst)
{
	struct replay_worker *worker = (struct replay_worker *)source;

	burst->count = 0;
	source_broadcast_release(&worker->replay->broadcast, worker->index);
}

static void destroy_worker(struct source *source)
{
	(void)source; /* source_replay_destroy() does it */
}

static const struct source_ops inline_ops = {
		.receive = receive_inline,
		.release = release_inline,
		.destroy = destroy_worker,
};

static const struct source_ops broadcast_ops = {
		.receive = receive_broadcast,
		.release = release_broadcast,
		.destroy = destroy_worker,
};

/* Hands out what the batch has, with the clock, and begins the next. */
static struct source_batch *turn_batch(struct source_replay *replay, struct source_batch *batch)
{
	batch->clock_ns = replay->reader.clock_ns;
	source_reader_flush(&replay->reader);
	source_broadcast_publish(&replay->broadcast);
	return source_broadcast_begin(&replay->broadcast);
}

/* The reading thread between two refills; NULL: abandoned. */
static struct source_batch *read_chunk(struct source_replay *replay, struct source_batch *batch)
{
	uint32_t workers = replay->worker_count;
	struct source_packet packet;

	for (;;) {
		enum source_reader_step step = source_reader_next(&replay->reader, &packet);

		if (step == SOURCE_READER_MORE)
			return batch->count > 0 ? turn_batch(replay, batch) : batch;
		if (step == SOURCE_READER_REWIND || batch->count == SOURCE_BATCH_PACKETS) {
			if (batch->count > 0)
				batch = turn_batch(replay, batch);
			if (!batch)
				return NULL;
		}
		if (step == SOURCE_READER_REWIND) {
			source_reader_rewind(&replay->reader, &packet);
			batch->event = SOURCE_REWIND;
			batch->start_ns = packet.time_ns;
		}
		source_batch_add(batch, workers > 1 ? source_spread(&packet, workers) : 0, &packet,
				step == SOURCE_READER_LATE);
	}
}

static void *run_reader(void *arg)
{
	struct source_replay *replay = arg;
	struct source_batch *batch = source_broadcast_begin(&replay->broadcast);

	while (batch) {
		struct source_chunk *chunk = source_broadcast_chunk(&replay->broadcast);

		if (!chunk)
			return NULL;
		if (!source_reader_refill(&replay->reader, chunk))
			break;
		batch = read_chunk(replay, batch);
	}
	if (batch) {
		batch->event = SOURCE_END;
		batch->clock_ns = replay->reader.clock_ns;
		source_reader_finish(&replay->reader);
		source_broadcast_publish(&replay->broadcast);
	}
	return NULL;
}

/* Signals are the main thread's: the reading thread is born with all of them blocked. */
static int start_reader(struct source_replay *replay)
{
	sigset_t all, before;

	int rc = source_broadcast_init(&replay->broadcast, replay->worker_count);
	if (rc < 0)
		return rc;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&replay->thread, NULL, run_reader, replay);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		source_broadcast_fini(&replay->broadcast);
		return -rc;
	}
	pthread_setname_np(replay->thread, "weir-reader");
	return 0;
}

int source_replay_create(struct source_replay **created, const char *const *paths,
		uint32_t path_count, uint32_t workers,
		void (*on_error)(void *arg, const char *path, const char *message), void *arg)
{
	if (workers == 0)
		return -EINVAL;
	struct source_replay *replay = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*replay));
	if (!replay)
		return -ENOMEM;
	*replay = (struct source_replay){.worker_count = workers};
	int rc = source_reader_init(&replay->reader, paths, path_count, on_error, arg);
	if (rc < 0)
		goto err_free;
	rc = -ENOMEM;
	replay->workers = calloc(workers, sizeof(*replay->workers));
	if (!replay->workers)
		goto err_reader;
	replay->threaded = workers > 1 || replay->reader.waits;
	for (uint32_t i = 0; i < workers; i++)
		replay->workers[i] = (struct replay_worker){
				.source = {replay->threaded ? &broadcast_ops : &inline_ops,
						"replay"},
				.replay = replay,
				.index = i,
		};
	rc = replay->threaded ? start_reader(replay) : source_chunk_init(&replay->chunk);
	if (rc < 0)
		goto err_workers;
	*created = replay;
	return 0;

err_workers:
	free(replay->workers);
err_reader:
	source_reader_fini(&replay->reader);
err_free:
	free(replay);
	return rc;
}

void source_replay_destroy(struct source_replay *replay)
{
	if (!replay)
		return;
	if (replay->threaded) {
		source_replay_stop(replay);
		source_broadcast_abandon(&replay->broadcast);
		pthread_join(replay->thread, NULL);
		source_broadcast_fini(&replay->broadcast);
	}
	source_chunk_fini(&replay->chunk);
	source_reader_fini(&replay->reader);
	free(replay->workers);
	free(replay);
}

struct source *source_replay_worker(struct source_replay *replay, uint32_t worker)
{
	return worker < replay->worker_count ? &replay->workers[worker].source : NULL;
}

void source_replay_stop(struct source_replay *replay)
{
	/* relaxed: the flag carries nothing but itself */
	atomic_store_explicit(&replay->reader.stop, true, memory_order_relaxed);
}

void source_replay_progress(
		const struct source_replay *replay, struct source_replay_progress *progress)
{
	source_reader_progress(&replay->reader, progress);
}
