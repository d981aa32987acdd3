/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker is to the control: a ring and a counter block. The records' flow ids say which
 * worker made them and in which order: worker << 48 | sequence.
 */
#ifndef FAKE_WORKER_H
#define FAKE_WORKER_H

#include "control.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_SEQUENCE_MASK ((UINT64_C(1) << 48) - 1)

struct fake_worker {
	struct stats_block stats;
	struct base_region region;
	struct ring_records *ring;
	uint32_t number;
	uint64_t sequence;
	uint64_t values[STATS_WORKER_COUNT];
	uint64_t to_make; /* by the thread below */
	uint32_t burst;
};

static inline void fake_worker_init(struct fake_worker *worker, uint32_t number, uint32_t capacity)
{
	struct base_region_options options = {
			.name = "weir-test-ring",
			.payload_bytes = ring_memory_bytes(capacity),
			.numa_node = -1,
			.shared = true,
			.kind = RING_KIND,
			.kind_version = RING_KIND_VERSION,
	};

	*worker = (struct fake_worker){.number = number, .burst = 32};
	stats_block_init(&worker->stats, STATS_WORKER_COUNT);
	if (base_region_init(&worker->region, &options) < 0
			|| ring_init(&worker->ring, &worker->region, capacity) < 0)
		abort();
}

static inline void fake_worker_fini(struct fake_worker *worker)
{
	base_region_fini(&worker->region);
}

static inline void fake_worker_describe(struct fake_worker *worker, struct control_worker *out)
{
	*out = (struct control_worker){
			.stats = &worker->stats, .ring = worker->ring, .cpu = -1, .numa_node = -1};
}

/* One record whose numbers follow from its sequence, so that a sum can be checked. */
static inline void fake_record(
		const struct fake_worker *worker, uint64_t sequence, struct flow_record *record)
{
	memset(record, 0, sizeof(*record));
	record->flow_id = (uint64_t)worker->number << 48 | sequence;
	record->worker = (uint8_t)worker->number;
	record->ip_version = 4;
	record->protocol = 17;
	record->source.ipv4_be = (uint32_t)(sequence % 1000);
	record->destination.ipv4_be = worker->number;
	record->destination_port = 53;
	record->packets = 1 + sequence % 7;
	record->rev_packets = sequence % 3;
	record->bytes = 64 * record->packets;
	record->rev_bytes = 100 * record->rev_packets;
}

/* Puts at most `count` records into the ring and counts them; returns how many found room. */
static inline uint32_t fake_worker_make(struct fake_worker *worker, uint32_t count)
{
	struct flow_record *slots;
	uint64_t first, mask;
	uint32_t room = ring_reserve(worker->ring, count, &slots, &first, &mask);
	uint64_t *values = worker->values;

	if (room > count)
		room = count;
	for (uint32_t i = 0; i < room; i++) {
		struct flow_record *record = &slots[(first + i) & mask];
		fake_record(worker, worker->sequence++, record);
		uint64_t packets = record->packets + record->rev_packets;
		uint64_t octets = record->bytes + record->rev_bytes;
		values[STATS_records_idle]++;
		values[STATS_records_packets] += packets;
		values[STATS_records_octets] += octets;
		values[STATS_metered_packets] += packets;
		values[STATS_metered_octets] += octets;
		values[STATS_rx_packets] += packets;
		values[STATS_flows_created]++;
		values[STATS_flows_ended_idle]++;
	}
	if (room > 0)
		ring_publish(worker->ring, room);
	stats_block_publish(&worker->stats, values);
	return room;
}

/* A thread: makes `to_make` records and waits for room, as a replay does. */
static inline void *fake_worker_run(void *arg)
{
	struct fake_worker *worker = arg;

	while (worker->sequence < worker->to_make) {
		uint64_t left = worker->to_make - worker->sequence;
		uint32_t burst = left < worker->burst ? (uint32_t)left : worker->burst;
		if (fake_worker_make(worker, burst) == 0)
			sched_yield();
	}
	return NULL;
}

#endif
