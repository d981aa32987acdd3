/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker.h"

#include "base_clock.h"
#include "worker_counters.h"
#include "worker_decode.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* A view ends at most two records at look-up; the rest is for the clock hand. */
#define OUTBOX_RECORDS (2 * FLOW_BURST_MAX + 128)
/* The clock hand in replay: buckets a burst. It decides nothing there, it only frees entries. */
#define REPLAY_BUCKETS 4
/* The clock hand live: a whole pass in 1 s for small tables, up to 5 s for large ones. */
#define PASS_MIN_NS BASE_NS_PER_SEC
#define PASS_MAX_NS (5 * BASE_NS_PER_SEC)
#define PASS_BUCKETS_PER_SEC UINT64_C(30000)
#define PASS_BURST_BUCKETS 64
/* Idle: polls without packets before the first sleep, and the sleeps. */
#define IDLE_SPINS 200
#define SLEEP_MIN_NS 20000
#define SLEEP_MAX_NS 1000000

struct worker {
	/* read-only after create */
	struct worker_setup setup;
	struct source *sources[WORKER_MAX_SOURCES];
	struct flow_table *table;
	struct ring_records *ring;
	struct base_region ring_region;
	int64_t pass_ns;
	pthread_t thread;
	bool started;

	/* shared: main writes, worker reads */
	atomic_bool stop BASE_CACHE_ALIGNED;
	_Atomic int64_t deadline_ns;

	/* shared: worker writes, others read */
	struct stats_block stats BASE_CACHE_ALIGNED;
	_Atomic uint64_t source_packets[WORKER_MAX_SOURCES];
	atomic_bool done;

	/* worker only */
	struct worker_batch batch BASE_CACHE_ALIGNED;
	struct worker_decoder decoder;
	struct flow_outbox outbox;
	struct worker_counts counts;
	int64_t clock_ns; /* newest of the sources */
	int64_t aged_ns; /* the clock hand is paid up to here */
	uint32_t idle_turns;
	uint32_t open_sources; /* that did not end */
};

static int create_ring(struct worker *worker)
{
	struct base_region_options options = {
			.name = "weir-ring",
			.payload_bytes = ring_memory_bytes(worker->setup.ring_records),
			.numa_node = worker->setup.flows.numa_node,
			.shared = true,
			.huge_pages = worker->setup.flows.huge_pages,
			.kind = RING_KIND,
			.kind_version = RING_KIND_VERSION,
	};
	int rc = base_region_init(&worker->ring_region, &options);

	return rc < 0 ? rc
		      : ring_init(&worker->ring, &worker->ring_region, worker->setup.ring_records);
}

int worker_create(struct worker **out, const struct worker_setup *setup)
{
	if (setup->source_count == 0 || setup->source_count > WORKER_MAX_SOURCES
			|| setup->burst == 0 || setup->burst > SOURCE_BURST_MAX)
		return -EINVAL;
	struct worker *worker = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*worker));
	if (!worker)
		return -ENOMEM;
	*worker = (struct worker){.setup = *setup, .open_sources = setup->source_count};
	worker->ring_region.fd = -1;
	for (uint32_t i = 0; i < setup->source_count; i++)
		worker->sources[i] = setup->sources[i];
	int rc = flow_table_create(&worker->table, &setup->flows);
	if (rc < 0)
		goto err_free;
	rc = worker_decoder_init(&worker->decoder, &setup->decode, worker->table);
	if (rc < 0)
		goto err_table;
	rc = create_ring(worker);
	if (rc < 0)
		goto err_decoder;
	uint64_t pass_sec = flow_table_buckets(worker->table) / PASS_BUCKETS_PER_SEC;
	worker->pass_ns = (int64_t)pass_sec * BASE_NS_PER_SEC;
	if (worker->pass_ns < PASS_MIN_NS)
		worker->pass_ns = PASS_MIN_NS;
	if (worker->pass_ns > PASS_MAX_NS)
		worker->pass_ns = PASS_MAX_NS;
	worker->outbox.worker = setup->index;
	stats_block_init(&worker->stats, STATS_WORKER_COUNT);
	*out = worker;
	return 0;
err_decoder:
	base_region_fini(&worker->ring_region);
	worker_decoder_fini(&worker->decoder);
err_table:
	flow_table_destroy(worker->table);
err_free:
	free(worker);
	return rc;
}

void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	base_region_fini(&worker->ring_region);
	worker_decoder_fini(&worker->decoder);
	flow_table_destroy(worker->table);
	free(worker);
}

static void sleep_ns(int64_t ns)
{
	struct timespec ts = {.tv_nsec = ns};

	nanosleep(&ts, NULL);
}

static bool is_stopping(const struct worker *worker)
{
	/* relaxed: a turn later is early enough, and nothing is published with it */
	return atomic_load_explicit(&worker->stop, memory_order_relaxed);
}

static bool is_late(const struct worker *worker)
{
	/* acquire: pairs with the release in worker_stop(), so the deadline is the one it set */
	return atomic_load_explicit(&worker->stop, memory_order_acquire)
			&& base_clock_mono_ns()
			> atomic_load_explicit(&worker->deadline_ns, memory_order_relaxed);
}

static void publish_counters(struct worker *worker)
{
	uint64_t values[STATS_WORKER_COUNT];

	worker_decoder_count(&worker->decoder, &worker->counts);
	worker_counters_fill(values, &worker->counts, flow_table_counters(worker->table));
	stats_block_publish(&worker->stats, values);
}

static void publish_records(struct worker *worker)
{
	if (worker->outbox.used > 0)
		ring_publish(worker->ring, worker->outbox.used);
	worker->outbox.used = worker->outbox.room = 0;
}

/*
 * Room for the records of one turn. Live, what the ring has; in replay and at the end it waits for
 * at least `least`. False when the deadline of the stop is over before there is any.
 */
static bool reserve_records(struct worker *worker, uint32_t least)
{
	struct flow_outbox *outbox = &worker->outbox;
	uint32_t capacity = ring_capacity(worker->ring);
	uint32_t wanted = capacity < OUTBOX_RECORDS ? capacity : OUTBOX_RECORDS;

	if (least > wanted)
		least = wanted;
	for (;;) {
		outbox->room = ring_reserve(worker->ring, wanted, &outbox->slots, &outbox->first,
				&outbox->mask);
		outbox->used = 0;
		if (outbox->room >= least)
			return true;
		if (is_late(worker))
			return outbox->room > 0;
		sleep_ns(SLEEP_MIN_NS);
	}
}

/* Ends all flows; waits for room in the ring until the deadline of a stop. */
static void flush(struct worker *worker)
{
	for (;;) {
		if (!reserve_records(worker, 1))
			break;
		bool empty = flow_table_flush(worker->table, worker->clock_ns, &worker->outbox);
		publish_records(worker);
		publish_counters(worker);
		if (empty || is_late(worker))
			break;
	}
}

static void rewind_time(struct worker *worker)
{
	flush(worker);
	worker->clock_ns = 0;
	worker->counts.rewinds++;
}

/* Buckets that the clock hand owes: by packets in replay, by time live. */
static uint32_t due_buckets(struct worker *worker)
{
	if (worker->setup.replay)
		return REPLAY_BUCKETS;
	int64_t elapsed = worker->clock_ns - worker->aged_ns;
	if (worker->aged_ns == 0 || elapsed < 0 || elapsed > worker->pass_ns)
		elapsed = worker->aged_ns == 0 ? 0 : worker->pass_ns;
	uint64_t due = (uint64_t)elapsed * flow_table_buckets(worker->table)
			/ (uint64_t)worker->pass_ns;
	return due > PASS_BURST_BUCKETS ? PASS_BURST_BUCKETS : (uint32_t)due;
}

static void age(struct worker *worker)
{
	uint32_t due = due_buckets(worker);

	if (worker->aged_ns == 0)
		worker->aged_ns = worker->clock_ns;
	if (due == 0)
		return;
	uint32_t visited = flow_table_age(worker->table, worker->clock_ns, due, &worker->outbox);
	worker->aged_ns += (int64_t)((uint64_t)visited * (uint64_t)worker->pass_ns
			/ flow_table_buckets(worker->table));
	if (worker->clock_ns - worker->aged_ns > worker->pass_ns)
		worker->aged_ns = worker->clock_ns - worker->pass_ns;
}

/* One burst of one source through the whole path; returns its packets. */
static uint32_t turn(struct worker *worker, uint32_t number)
{
	struct source *source = worker->sources[number];
	struct worker_batch *batch = &worker->batch;
	struct worker_stages *stages = &worker->counts.stages;

	batch->burst.count = 0;
	batch->burst.event = SOURCE_NONE;
	batch->burst.backwards = 0;
	worker_stages_begin(stages);
	source_receive(source, &batch->burst, worker->setup.burst);
	if (BASE_UNLIKELY(batch->burst.event == SOURCE_REWIND))
		rewind_time(worker);
	if (BASE_UNLIKELY(batch->burst.event == SOURCE_END)) {
		worker->sources[number] = NULL;
		worker->open_sources--;
	}
	if (!reserve_records(worker, worker->setup.replay ? 2 * FLOW_BURST_MAX : 0))
		worker->outbox.room = 0;
	uint32_t count = batch->burst.count;
	worker_stages_note(stages, WORKER_STAGE_RECEIVE);
	worker_decode(&worker->decoder, batch, &worker->counts);
	worker_stages_note(stages, WORKER_STAGE_DECODE);
	source_release(source, &batch->burst);
	worker_stages_note(stages, WORKER_STAGE_RECEIVE);
	flow_table_look_up(worker->table, batch->metas, batch->views);
	worker_stages_note(stages, WORKER_STAGE_LOOKUP);
	flow_table_apply(worker->table, batch->metas, batch->times_ns, batch->ports, batch->slots,
			batch->views, &worker->outbox);
	worker_stages_note(stages, WORKER_STAGE_UPDATE);
	worker_decode_end(&worker->decoder, batch);
	if (batch->burst.clock_ns > worker->clock_ns)
		worker->clock_ns = batch->burst.clock_ns;
	if (BASE_LIKELY(!worker->setup.replay || count > 0))
		age(worker);
	worker_stages_note(stages, WORKER_STAGE_AGE);
	publish_records(worker);
	worker_stages_note(stages, WORKER_STAGE_PUBLISH);
	worker_stages_end(stages, count);
	if (count > 0)
		/* relaxed: a number of its own */
		atomic_fetch_add_explicit(
				&worker->source_packets[number], count, memory_order_relaxed);
	return count;
}

/* Nothing came: rest a little, longer each time. */
static void rest(struct worker *worker)
{
	if (worker->setup.poll || ++worker->idle_turns < IDLE_SPINS) {
		__builtin_ia32_pause();
		return;
	}
	int64_t ns = SLEEP_MIN_NS * (int64_t)(worker->idle_turns - IDLE_SPINS + 1);
	sleep_ns(ns < SLEEP_MAX_NS ? ns : SLEEP_MAX_NS);
}

static void loop(struct worker *worker)
{
	int64_t before_ns = base_clock_mono_ns();

	while (!is_stopping(worker) && worker->open_sources > 0) {
		uint32_t received = 0;
		for (uint32_t i = 0; i < worker->setup.source_count; i++) {
			if (worker->sources[i])
				received += turn(worker, i);
		}
		if (received > 0) {
			worker->idle_turns = 0;
			worker->counts.rx_bursts++;
		} else {
			worker->counts.rx_empty_polls++;
			/* resting costs system calls as it is: what others read may be fresh */
			rest(worker);
		}
		int64_t now_ns = base_clock_mono_ns();
		*(received > 0 ? &worker->counts.busy_ns : &worker->counts.idle_ns) +=
				(uint64_t)(now_ns - before_ns);
		before_ns = now_ns;
		publish_counters(worker);
	}
}

static void *thread_main(void *arg)
{
	struct worker *worker = arg;

	if (!worker->setup.thread_begin || worker->setup.thread_begin() == 0) {
		loop(worker);
		flush(worker);
		publish_counters(worker);
		tap_leave(worker->decoder.tap);
		if (worker->setup.thread_end)
			worker->setup.thread_end();
	}
	/* release: pairs with the acquire in worker_is_done() */
	atomic_store_explicit(&worker->done, true, memory_order_release);
	return NULL;
}

int worker_start(struct worker *worker)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	cpu_set_t cpus;

	pthread_attr_init(&attributes);
	if (worker->setup.cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(worker->setup.cpu, &cpus);
		pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&worker->thread, &attributes, thread_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	worker->started = rc == 0;
	if (rc == 0) {
		char name[16] = "weir-w";
		name[6] = (char)('0' + worker->setup.index / 10);
		name[7] = (char)('0' + worker->setup.index % 10);
		name[8] = '\0';
		pthread_setname_np(worker->thread, name);
	}
	return -rc;
}

void worker_stop(struct worker *worker, int64_t deadline_ns)
{
	atomic_store_explicit(&worker->deadline_ns, deadline_ns, memory_order_relaxed);
	/* release: who sees the stop sees its deadline */
	atomic_store_explicit(&worker->stop, true, memory_order_release);
}

bool worker_is_done(const struct worker *worker)
{
	/* acquire: pairs with the release in thread_main() */
	return atomic_load_explicit(&worker->done, memory_order_acquire);
}

void worker_join(struct worker *worker)
{
	if (worker->started)
		pthread_join(worker->thread, NULL);
	worker->started = false;
}

const struct stats_block *worker_stats(const struct worker *worker)
{
	return &worker->stats;
}

struct ring_records *worker_ring(const struct worker *worker)
{
	return worker->ring;
}

const struct flow_table *worker_table(const struct worker *worker)
{
	return worker->table;
}

uint64_t worker_memory_bytes(const struct worker *worker)
{
	return flow_table_region(worker->table)->map_bytes + worker->ring_region.map_bytes;
}

const char *worker_memory_pages(const struct worker *worker)
{
	return base_region_pages_name(flow_table_region(worker->table)->pages);
}

struct tap *worker_tap(const struct worker *worker)
{
	return worker->decoder.tap;
}

uint64_t worker_source_packets(const struct worker *worker, uint32_t source)
{
	return atomic_load_explicit(&worker->source_packets[source], memory_order_relaxed);
}
