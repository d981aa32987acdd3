/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker_decode.h"

#include "packet_views.h"

#include <time.h>

#define ICMP 1
#define ICMPV6 58

static_assert(FLOW_BURST_MAX >= PACKET_VIEWS_MAX * SOURCE_BURST_MAX, "a burst of tunnels");

/* What makes a packet rare: an opened tunnel, labels, a fragment. */
struct views {
	struct packet_meta *metas; /* at the end of the batch */
	struct packet_views found;
	uint32_t count;
};

int worker_decoder_init(struct worker_decoder *decoder, const struct worker_decode_setup *setup,
		struct flow_table *table)
{
	*decoder = (struct worker_decoder){.tunnels = setup->tunnels,
			.icmp_id = setup->icmp_id,
			.filter = setup->filter,
			.patient = setup->patient,
			.table = table};
	worker_sampler_init(&decoder->sampler, &setup->sample);
	int rc = tap_create(&decoder->tap, &decoder->tunnels);
	if (rc == 0 && setup->fragments > 0)
		rc = packet_fragments_create(&decoder->fragments, setup->fragments,
				setup->fragment_timeout_ns, setup->seed);
	if (rc < 0)
		worker_decoder_fini(decoder);
	return rc;
}

void worker_decoder_fini(struct worker_decoder *decoder)
{
	tap_destroy(decoder->tap);
	decoder->tap = NULL;
	packet_fragments_destroy(decoder->fragments);
	decoder->fragments = NULL;
}

/* RFC 792, 4443: echo and its reply carry an identifier behind the checksum. */
static void note_icmp_id(struct packet_meta *meta, const struct source_packet *packet)
{
	bool echo = meta->protocol == ICMP ? meta->icmp_type == 8 || meta->icmp_type == 0
					   : meta->protocol == ICMPV6
					&& (meta->icmp_type == 128 || meta->icmp_type == 129);

	if (!echo || meta->l4_offset == 0 || meta->l4_offset + 6u > packet->captured_bytes)
		return;
	const uint8_t *header = packet->data + meta->l4_offset;
	meta->source_port = meta->destination_port = (uint16_t)(header[4] << 8 | header[5]);
}

static __attribute__((noinline)) void note_rare(struct worker_decoder *decoder,
		struct worker_batch *batch, struct worker_counts *counts, const struct views *views,
		int64_t time_ns)
{
	if (views->count == PACKET_VIEWS_MAX) {
		views->metas[1].flags |= PACKET_FLAG_SECOND;
		counts->inner_packets++;
		counts->inner_octets += views->metas[1].ip_bytes;
	}
	for (uint32_t i = 0; i < views->count; i++) {
		struct packet_meta *meta = &views->metas[i];
		if (views->found.encapsulated >> i & 1)
			batch->slots[batch->views + i] = flow_table_scope(
					decoder->table, meta, &views->found.around[i]);
		if (meta->flags & PACKET_FLAG_FRAGMENT && decoder->fragments)
			packet_fragments_resolve(decoder->fragments, meta, time_ns);
	}
}

static void count_drop(struct worker_counts *counts, enum packet_verdict verdict,
		const struct source_packet *packet)
{
	counts->drop_packets[verdict]++;
	counts->drop_octets[verdict] += packet->wire_bytes;
	counts->drop_last_ns[verdict] = packet->time_ns;
}

/* In replay the packets can wait until the tap's reader has made room for a burst. */
static void wait_for_room(struct worker_decoder *decoder)
{
	const struct timespec pause = {.tv_nsec = 50000};

	while (tap_is_on(decoder->tap) && tap_room(decoder->tap) < SOURCE_BURST_MAX)
		nanosleep(&pause, NULL);
}

static BASE_ALWAYS_INLINE enum packet_verdict take_packet(struct worker_decoder *decoder,
		struct worker_batch *batch, struct worker_counts *counts,
		const struct source_packet *packet, const struct packet_frame *frame)
{
	struct views views = {.metas = &batch->metas[batch->views]};

	views.count = packet_decode_views(&decoder->tunnels, frame, views.metas, &views.found);
	if (BASE_UNLIKELY(views.count == 0))
		return views.found.verdict;
	counts->metered_packets++;
	counts->metered_wire_octets += packet->wire_bytes;
	for (uint32_t i = 0; BASE_UNLIKELY(decoder->icmp_id) && i < views.count; i++)
		note_icmp_id(&views.metas[i], packet);
	if (BASE_UNLIKELY(views.count > 1 || views.found.encapsulated
			    || views.metas->flags & PACKET_FLAG_FRAGMENT))
		note_rare(decoder, batch, counts, &views, packet->time_ns);
	for (uint32_t i = 0; i < views.count; i++) {
		batch->times_ns[batch->views] = packet->time_ns;
		batch->ports[batch->views] = packet->port;
		batch->views++;
	}
	return PACKET_METERED;
}

/* The first `count` packets of the burst, as far as they are chosen. */
struct selection {
	uint64_t chosen;
	uint32_t count;
};

/* `watched` is a constant where this is inlined: without filter and tap they cost nothing. */
static BASE_ALWAYS_INLINE void take_packets(struct worker_decoder *decoder,
		struct worker_batch *batch, struct worker_counts *counts,
		struct selection selection, bool watched)
{
	for (uint32_t i = 0; i < selection.count; i++) {
		const struct source_packet *packet = &batch->burst.packets[i];
		const struct packet_frame frame = {packet->data, packet->captured_bytes,
				packet->wire_bytes, (enum packet_link)packet->link};
		uint32_t first = batch->views;
		enum packet_verdict verdict;
		if (i + 4 < selection.count)
			base_prefetch(batch->burst.packets[i + 4].data);
		counts->rx_octets += packet->wire_bytes;
		if (watched && !(selection.chosen >> i & 1))
			verdict = PACKET_sampled_out;
		else if (watched && decoder->filter
				&& !filter_matches(decoder->filter, frame.link, frame.data,
						frame.captured_bytes, frame.wire_bytes))
			verdict = PACKET_filtered;
		else
			verdict = take_packet(decoder, batch, counts, packet, &frame);
		if (BASE_UNLIKELY(verdict != PACKET_METERED))
			count_drop(counts, verdict, packet);
		if (watched && decoder->tapped)
			tap_take(decoder->tap,
					&(struct tap_offer){&frame, packet->time_ns, packet->port,
							verdict, batch->views - first, first});
	}
}

/* What is sampled out is not even read, unless the tap shows every packet. */
static __attribute__((noinline)) struct selection choose(struct worker_decoder *decoder,
		struct worker_batch *batch, struct worker_counts *counts)
{
	uint32_t count = batch->burst.count;
	uint64_t chosen = worker_sampler_choose(&decoder->sampler, count);

	if (decoder->tapped)
		return (struct selection){chosen, count};
	return (struct selection){UINT64_MAX, worker_sampler_keep(&batch->burst, chosen, counts)};
}

void worker_decode(struct worker_decoder *decoder, struct worker_batch *batch,
		struct worker_counts *counts)
{
	struct selection selection = {UINT64_MAX, batch->burst.count};

	batch->views = 0;
	decoder->tapped = tap_is_on(decoder->tap);
	if (BASE_UNLIKELY(decoder->tapped && decoder->patient))
		wait_for_room(decoder);
	if (BASE_UNLIKELY(worker_sampler_is_on(&decoder->sampler)))
		selection = choose(decoder, batch, counts);
	if (BASE_LIKELY(!decoder->filter && !decoder->tapped))
		take_packets(decoder, batch, counts, selection, false);
	else
		take_packets(decoder, batch, counts, selection, true);
	counts->rx_packets += batch->burst.count;
	counts->backwards += batch->burst.backwards;
}

void worker_decode_end(struct worker_decoder *decoder, const struct worker_batch *batch)
{
	if (BASE_UNLIKELY(decoder->tapped))
		tap_commit(decoder->tap, decoder->table, batch->metas);
}

void worker_decoder_count(const struct worker_decoder *decoder, struct worker_counts *counts)
{
	counts->tunnels = flow_table_tunnels(decoder->table);
	counts->tunnels_full = flow_table_tunnels_full(decoder->table);
	if (decoder->fragments)
		counts->fragments = *packet_fragments_counters(decoder->fragments);
}
