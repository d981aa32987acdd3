/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a burst of packets to a batch of views: each packet gets its verdict, each of its views what
 * stands around it, and a later fragment the ports of its first.
 */
#ifndef WORKER_DECODE_H
#define WORKER_DECODE_H

#include "filter.h"
#include "flow_table.h"
#include "packet_fragments.h"
#include "packet_policy.h"
#include "source.h"
#include "tap.h"
#include "worker_counters.h"
#include "worker_sample.h"

#include <stdbool.h>
#include <stdint.h>

struct worker_decode_setup {
	struct packet_policy tunnels; /* which are opened */
	uint32_t fragments; /* datagrams whose ports are kept; 0: later fragments have none */
	int64_t fragment_timeout_ns;
	uint64_t seed; /* of the fragments' hash */
	bool icmp_id; /* the id of an echo stands in both ports */
	struct filter *filter; /* this worker's; not owned; NULL: every packet */
	struct worker_sample_setup sample; /* before the filter */
	bool patient; /* replay: a packet waits for the reader of the tap */
};

/* One turn's packets and their views. Worker only. */
struct worker_batch {
	struct source_burst burst;
	struct packet_meta metas[FLOW_BURST_MAX] BASE_CACHE_ALIGNED;
	int64_t times_ns[FLOW_BURST_MAX];
	uint32_t slots[FLOW_BURST_MAX]; /* for flow_table_update() */
	uint16_t ports[FLOW_BURST_MAX];
	uint32_t views;
};

struct worker_decoder {
	struct packet_policy tunnels;
	bool icmp_id;
	struct filter *filter; /* NULL: every packet */
	struct worker_sampler sampler;
	struct packet_fragments *fragments; /* NULL: later ones have no ports */
	struct flow_table *table; /* not owned: keeps the scopes */
	struct tap *tap;
	bool tapped; /* in this turn */
	bool patient; /* replay: a packet waits for the reader of the tap */
};

/* 0 or -ENOMEM. */
int worker_decoder_init(struct worker_decoder *decoder, const struct worker_decode_setup *setup,
		struct flow_table *table) BASE_MUST_CHECK;
void worker_decoder_fini(struct worker_decoder *decoder);

/*
 * Decodes batch->burst into the batch. Each of its views must be metered in this turn. With
 * sampling the packets of the burst are afterwards no longer those that were received.
 */
void worker_decode(struct worker_decoder *decoder, struct worker_batch *batch,
		struct worker_counts *counts);

/* After the batch was metered. */
void worker_decode_end(struct worker_decoder *decoder, const struct worker_batch *batch);

/* Copies what scopes and fragments count. */
void worker_decoder_count(const struct worker_decoder *decoder, struct worker_counts *counts);

#endif
