/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_plan.h"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <limits.h>

#define DEFAULT_DESCRIPTORS 2048
#define CACHE_BUFFERS 256
#define RING_FRAMES 4096
#define RING_BYTES_MAX (32u << 20)
#define RING_FRAME_MIN 2048
#define RING_FRAME_MAX 16384
/* What the kernel puts before the frame in a slot of the ring, and room for tags. */
#define RING_FRAME_OVERHEAD 96
#define XDP_HEADROOM 256
#define QUEUES_MAX 1024

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t choose_queues(const struct port_plan_input *in)
{
	uint32_t wanted = in->config->queues ? in->config->queues : in->workers;

	if (in->backend == PORT_BACKEND_AF_XDP)
		wanted = in->device_queues;
	else if (in->device_queues)
		wanted = min_u32(wanted, in->device_queues);
	return min_u32(max_u32(wanted, 1), QUEUES_MAX);
}

static uint32_t choose_descriptors(const struct port_plan_input *in)
{
	uint32_t wanted = in->config->rx_descriptors;

	switch (in->backend) {
	case PORT_BACKEND_AF_XDP:
		return rte_align32pow2(max_u32(wanted, PORT_PLAN_XDP_DESCRIPTORS));
	case PORT_BACKEND_AF_PACKET:
		return wanted ? wanted : RING_FRAMES;
	case PORT_BACKEND_PCI:
	case PORT_BACKEND_VDEV:
		break;
	}
	return wanted ? wanted : DEFAULT_DESCRIPTORS;
}

static uint32_t choose_frame(const struct port_plan_input *in)
{
	if (in->config->mtu)
		return in->config->mtu;
	return in->frame_bytes ? in->frame_bytes : PORT_PLAN_FRAME_BYTES;
}

static void plan_ring(struct port_plan *plan, uint32_t frame)
{
	uint32_t slot = rte_align32pow2(frame + RING_FRAME_OVERHEAD);

	plan->ring_frame_bytes = min_u32(max_u32(slot, RING_FRAME_MIN), RING_FRAME_MAX);
	plan->ring_block_bytes = max_u32(plan->ring_frame_bytes, 4096);
	uint32_t per_block = plan->ring_block_bytes / plan->ring_frame_bytes;
	uint32_t frames = min_u32(plan->descriptors, RING_BYTES_MAX / plan->ring_frame_bytes);
	plan->ring_frames = max_u32(frames / per_block, 1) * per_block;
	plan->descriptors = plan->ring_frames;
}

static uint32_t choose_data_room(const struct port_plan *plan, uint32_t frame)
{
	uint32_t room = RTE_MBUF_DEFAULT_BUF_SIZE;

	switch (plan->backend) {
	case PORT_BACKEND_AF_XDP:
		room = max_u32(room, frame + RTE_PKTMBUF_HEADROOM + XDP_HEADROOM);
		break;
	case PORT_BACKEND_AF_PACKET:
		/* A slot that is larger than the buffer would be copied past its end. */
		room = plan->ring_frame_bytes + RTE_PKTMBUF_HEADROOM;
		break;
	case PORT_BACKEND_PCI:
	case PORT_BACKEND_VDEV:
		room = max_u32(room, frame + RTE_PKTMBUF_HEADROOM);
		break;
	}
	return min_u32(RTE_ALIGN_CEIL(room, 64), UINT16_MAX & ~63u);
}

/* Buffers that the device can hold: what is in its ring, or in the kernel's fill ring. */
static uint32_t held_per_queue(const struct port_plan *plan)
{
	switch (plan->backend) {
	case PORT_BACKEND_AF_XDP:
		return max_u32(plan->descriptors, PORT_PLAN_XDP_DESCRIPTORS);
	case PORT_BACKEND_AF_PACKET:
		return 0;
	case PORT_BACKEND_PCI:
	case PORT_BACKEND_VDEV:
		break;
	}
	return plan->descriptors;
}

void port_plan_make(struct port_plan *plan, const struct port_plan_input *in)
{
	uint32_t frame = choose_frame(in);

	*plan = (struct port_plan){
			.backend = in->backend,
			.queues = choose_queues(in),
			.descriptors = choose_descriptors(in),
			.cache = CACHE_BUFFERS,
	};
	if (in->backend == PORT_BACKEND_AF_PACKET)
		plan_ring(plan, frame);
	plan->data_room = choose_data_room(plan, frame);

	uint64_t need = (uint64_t)plan->queues * (held_per_queue(plan) + 2 * in->burst)
			+ (uint64_t)(in->workers + 1) * plan->cache * 3 / 2;
	plan->buffers = (uint32_t)rte_align64pow2(need + 1) - 1;
	/* An object: header, mbuf, room; one more line, because mempools spread them over channels.
	 */
	uint64_t object = RTE_ALIGN_CEIL(sizeof(struct rte_mempool_objhdr) + sizeof(struct rte_mbuf)
							  + plan->data_room,
					  RTE_CACHE_LINE_SIZE)
			+ RTE_CACHE_LINE_SIZE;
	plan->pool_bytes = plan->buffers * object + ((uint64_t)plan->buffers + 1) * sizeof(void *);
}
