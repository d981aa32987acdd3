/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_plan.h"

#include <rte_mbuf.h>
#include <rte_mempool.h>

static struct port_plan make(enum port_backend backend, const struct config_port *config,
		uint32_t workers, uint32_t device_queues, uint32_t frame_bytes)
{
	struct port_plan_input input = {
			.backend = backend,
			.config = config,
			.workers = workers,
			.burst = 64,
			.device_queues = device_queues,
			.frame_bytes = frame_bytes,
	};
	struct port_plan plan;

	port_plan_make(&plan, &input);
	return plan;
}

static const struct {
	enum port_backend backend;
	uint32_t configured, workers, device;
	uint32_t queues;
} queue_rows[] = {
		{PORT_BACKEND_PCI, 0, 4, 128, 4},
		{PORT_BACKEND_PCI, 0, 4, 2, 2},
		{PORT_BACKEND_PCI, 2, 4, 128, 2},
		{PORT_BACKEND_PCI, 8, 4, 6, 6},
		{PORT_BACKEND_VDEV, 0, 3, 0, 3},
		{PORT_BACKEND_AF_PACKET, 0, 3, 0, 3},
		{PORT_BACKEND_AF_PACKET, 0, 0, 0, 1},
		/* AF_XDP has to hold all queues of the interface, whatever there are workers for.
		 */
		{PORT_BACKEND_AF_XDP, 0, 1, 8, 8},
		{PORT_BACKEND_AF_XDP, 2, 4, 1, 1},
		{PORT_BACKEND_AF_XDP, 0, 4, 0, 1},
};

START_TEST(queues_follow_workers_and_device)
{
	struct config_port config = {.queues = queue_rows[_i].configured};
	struct port_plan plan = make(queue_rows[_i].backend, &config, queue_rows[_i].workers,
			queue_rows[_i].device, 0);

	ck_assert_uint_eq(plan.queues, queue_rows[_i].queues);
}
END_TEST

static const struct {
	enum port_backend backend;
	uint32_t configured, descriptors;
} descriptor_rows[] = {
		{PORT_BACKEND_AF_XDP, 0, 2048},
		{PORT_BACKEND_AF_XDP, 64, 2048},
		{PORT_BACKEND_AF_XDP, 2047, 2048},
		{PORT_BACKEND_AF_XDP, 2049, 4096}, /* the kernel wants a power of two */
		{PORT_BACKEND_AF_PACKET, 0, 4096},
		{PORT_BACKEND_AF_PACKET, 1000, 1000},
		{PORT_BACKEND_AF_PACKET, 1001, 1000}, /* whole blocks */
		{PORT_BACKEND_AF_PACKET, 1, 2},
		{PORT_BACKEND_PCI, 0, 2048},
		{PORT_BACKEND_PCI, 512, 512},
};

START_TEST(descriptors_keep_the_ledger_exact)
{
	struct config_port config = {.rx_descriptors = descriptor_rows[_i].configured};
	struct port_plan plan = make(descriptor_rows[_i].backend, &config, 1, 1, 0);

	ck_assert_uint_eq(plan.descriptors, descriptor_rows[_i].descriptors);
}
END_TEST

/*
 * The af_packet driver of DPDK 22.11 copies a slot of the ring into a buffer without looking at the
 * buffer's length.
 */
START_TEST(ring_slots_never_exceed_the_buffer)
{
	struct config_port config = {.queues = 0};

	for (uint32_t frame = 60; frame <= 70000; frame += 13) {
		struct port_plan plan = make(PORT_BACKEND_AF_PACKET, &config, 1, 0, frame);

		ck_assert_uint_le(plan.ring_frame_bytes, plan.data_room - RTE_PKTMBUF_HEADROOM);
		ck_assert_uint_le(plan.data_room, UINT16_MAX);
		/* What the kernel checks of a ring. */
		ck_assert_uint_eq(plan.ring_block_bytes % 4096, 0);
		ck_assert_uint_le(plan.ring_frame_bytes, plan.ring_block_bytes);
		ck_assert_uint_eq(
				plan.ring_frames % (plan.ring_block_bytes / plan.ring_frame_bytes),
				0);
		ck_assert_uint_gt(plan.ring_frames, 0);
		ck_assert_uint_le((uint64_t)plan.ring_frames * plan.ring_frame_bytes, 32u << 20);
		if (frame + 96 <= 16384)
			ck_assert_uint_ge(plan.ring_frame_bytes, frame + 66);
	}
}
END_TEST

/* Kernel: usable = chunk - our headroom - 256; chunk = the whole mempool object, at most a page. */
START_TEST(xdp_chunks_hold_the_frame_within_a_page)
{
	struct config_port config = {.queues = 0};

	for (uint32_t frame = 60; frame <= PORT_PLAN_XDP_FRAME_MAX; frame++) {
		struct port_plan plan = make(PORT_BACKEND_AF_XDP, &config, 1, 1, frame);
		uint32_t object = (uint32_t)(sizeof(struct rte_mempool_objhdr)
				+ sizeof(struct rte_mbuf) + plan.data_room);

		ck_assert_uint_le(object, 4096);
		ck_assert_uint_ge(plan.data_room, frame + RTE_PKTMBUF_HEADROOM + 256);
	}
}
END_TEST

START_TEST(configured_frame_wins)
{
	struct config_port config = {.mtu = 9000};
	struct port_plan plan = make(PORT_BACKEND_PCI, &config, 1, 4, 0);

	ck_assert_uint_ge(plan.data_room, 9000 + RTE_PKTMBUF_HEADROOM);
	config.mtu = 0;
	plan = make(PORT_BACKEND_PCI, &config, 1, 4, 0);
	ck_assert_uint_eq(plan.data_room, RTE_MBUF_DEFAULT_BUF_SIZE);
}
END_TEST

/* Every descriptor full, every worker with a burst in hand and its cache as full as it gets. */
START_TEST(pool_outlasts_the_worst_case)
{
	static const enum port_backend backends[] = {
			PORT_BACKEND_AF_XDP, PORT_BACKEND_PCI, PORT_BACKEND_VDEV};

	for (size_t b = 0; b < sizeof(backends) / sizeof(backends[0]); b++)
		for (uint32_t workers = 1; workers <= 64; workers *= 2)
			for (uint32_t queues = 1; queues <= 64; queues *= 4) {
				struct config_port config = {.queues = queues};
				struct port_plan p = make(backends[b], &config, workers, queues, 0);
				uint32_t worst = p.queues * (p.descriptors + 64)
						+ (workers + 1) * p.cache * 3 / 2;
				ck_assert_uint_ge(p.buffers, worst);
				ck_assert_uint_eq(p.buffers & (p.buffers + 1), 0);
				ck_assert_uint_ge(p.buffers, p.cache * 3 / 2);
			}
}
END_TEST

START_TEST(pool_bytes_cover_what_a_mempool_takes)
{
	struct config_port config = {.queues = 0};
	struct port_plan plan = make(PORT_BACKEND_PCI, &config, 2, 2, 0);
	struct rte_mempool_objsz size;

	rte_mempool_calc_obj_size((uint32_t)(sizeof(struct rte_mbuf) + plan.data_room), 0, &size);
	ck_assert_uint_ge(plan.pool_bytes, (uint64_t)plan.buffers * size.total_size);
	ck_assert_uint_lt(plan.pool_bytes, (uint64_t)plan.buffers * size.total_size * 11 / 10);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_loop_test(tcase, queues_follow_workers_and_device, 0, COUNT(queue_rows));
	tcase_add_loop_test(tcase, descriptors_keep_the_ledger_exact, 0, COUNT(descriptor_rows));
	tcase_add_test(tcase, ring_slots_never_exceed_the_buffer);
	tcase_add_test(tcase, xdp_chunks_hold_the_frame_within_a_page);
	tcase_add_test(tcase, configured_frame_wins);
	tcase_add_test(tcase, pool_outlasts_the_worst_case);
	tcase_add_test(tcase, pool_bytes_cover_what_a_mempool_takes);
	suite_add_tcase(suite, tcase);
	return suite;
}
