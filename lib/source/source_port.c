/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_port.h"

#include "base_clock.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAC_BYTES 12
#define VLAN_TAG_BYTES 4
#define VLAN_ETHERTYPE 0x8100

struct source_port {
	struct source source;
	/* read-only after creation */
	const struct port *port;
	uint16_t port_id;
	uint16_t queue;
	uint16_t index;
	char name[32];
	/* worker only: packets that had to be put together, one place a packet of the burst */
	uint8_t linear[SOURCE_BURST_MAX][SOURCE_PORT_LINEAR_BYTES] BASE_CACHE_ALIGNED;
};

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * Puts the first octets of the packet into `out`, with the VLAN tag back in its place if the driver
 * took it out, and describes them in *packet.
 */
static void linearise(struct source_packet *packet, const struct rte_mbuf *mbuf, uint8_t *out)
{
	uint32_t head = 0, captured = min_u32(mbuf->pkt_len, SOURCE_PORT_LINEAR_BYTES);

	if ((mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) && mbuf->pkt_len >= MAC_BYTES) {
		head = VLAN_TAG_BYTES;
		captured = min_u32(mbuf->pkt_len + head, SOURCE_PORT_LINEAR_BYTES);
		out[MAC_BYTES] = VLAN_ETHERTYPE >> 8;
		out[MAC_BYTES + 1] = VLAN_ETHERTYPE & 0xff;
		out[MAC_BYTES + 2] = (uint8_t)(mbuf->vlan_tci >> 8);
		out[MAC_BYTES + 3] = (uint8_t)mbuf->vlan_tci;
	}
	/* Octets of the packet before the tag go to the start of out, the others behind it. */
	uint32_t done = 0;
	for (const struct rte_mbuf *m = mbuf; m && done + head < captured; m = m->next) {
		const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
		for (uint32_t i = 0; i < m->data_len && done + head < captured; i++, done++)
			out[done < MAC_BYTES ? done : done + head] = data[i];
	}
	packet->data = out;
	packet->captured_bytes = captured;
	packet->wire_bytes = mbuf->pkt_len + head;
}

static bool is_plain(const struct rte_mbuf *mbuf)
{
	return !(mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
			&& (mbuf->nb_segs == 1 || mbuf->data_len >= SOURCE_PORT_LINEAR_BYTES);
}

static void receive(struct source *source, struct source_burst *burst, uint32_t max)
{
	struct source_port *self = (struct source_port *)source;
	struct rte_mbuf **mbufs = (struct rte_mbuf **)burst->owned;
	uint32_t count = 0;

	if (BASE_LIKELY(!port_is_lost(self->port)))
		count = rte_eth_rx_burst(self->port_id, self->queue, mbufs,
				(uint16_t)min_u32(max, SOURCE_BURST_MAX));
	int64_t now = base_clock_wall_ns();

	burst->count = count;
	burst->event = SOURCE_NONE;
	burst->clock_ns = now;
	burst->backwards = 0;
	for (uint32_t i = 0; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	for (uint32_t i = 0; i < count; i++) {
		const struct rte_mbuf *mbuf = mbufs[i];
		struct source_packet *packet = &burst->packets[i];

		packet->data = rte_pktmbuf_mtod(mbuf, const uint8_t *);
		packet->captured_bytes = mbuf->data_len;
		packet->wire_bytes = mbuf->pkt_len;
		packet->time_ns = now;
		packet->port = self->index;
		packet->link = PACKET_LINK_ETHERNET;
		if (BASE_UNLIKELY(!is_plain(mbuf)))
			linearise(packet, mbuf, self->linear[i]);
	}
}

static void release(struct source *source, struct source_burst *burst)
{
	(void)source;
	rte_pktmbuf_free_bulk((struct rte_mbuf **)burst->owned, burst->count);
	burst->count = 0;
}

static void destroy(struct source *source)
{
	free(source);
}

static const struct source_ops ops = {receive, release, destroy};

int source_port_create(struct source **source, const struct port *port, uint32_t queue)
{
	if (queue >= port_get_info(port)->queues)
		return -EINVAL;
	struct source_port *self = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*self));
	if (!self)
		return -ENOMEM;
	memset(self, 0, sizeof(*self));
	self->port = port;
	self->port_id = port_get_id(port);
	self->queue = (uint16_t)queue;
	self->index = (uint16_t)port_get_index(port);
	snprintf(self->name, sizeof(self->name), "p%uq%u", port_get_index(port), queue);
	self->source = (struct source){.ops = &ops, .name = self->name};
	*source = &self->source;
	return 0;
}
