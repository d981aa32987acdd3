/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir bench: a worker as it runs live, on a port of DPDK. The port is made of a ring of buffers,
 * into which the worker's own thread puts packets before it polls; what that takes is clocked, and
 * taken off.
 */
#include "base_clock.h"
#include "port.h"
#include "port_error.h"
#include "source_port.h"
#include "weir_bench_measure.h"
#include "weir_bench_parts.h"
#include "worker.h"

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#define BURST WEIR_BENCH_BURST
#define FLOWS 1000000u
#define SLICES 192
#define SLICE_BURSTS 256
#define BUFFERS 4095
/* The driver's own name for its first ring. */
#define RING_OF_PORT "ETH_RXTX0_" WEIR_BENCH_VDEV

struct feeder {
	struct source source; /* what the worker sees */
	struct source *port;
	struct rte_ring *ring;
	struct rte_mempool *pool;
	struct weir_bench_traffic traffic;
	struct ring_records *records; /* of the worker; nobody else empties it */
	uint32_t filled; /* flows that had their first packet */
	uint32_t bursts; /* of this slice */
	int slice;
	uint64_t began, fed; /* TSC: of the slice; what feeding took of it */
	double cycles[SLICES];
	atomic_bool done;
};

static void empty_records(struct ring_records *records)
{
	uint32_t count;

	while (ring_peek(records, 512, &count))
		ring_release(records, count);
}

static void feed(struct feeder *feeder)
{
	struct rte_mbuf *mbufs[BURST];

	if (feeder->filled < FLOWS) {
		weir_bench_traffic_count(&feeder->traffic, feeder->filled);
		feeder->filled += BURST;
	} else {
		weir_bench_traffic_draw(&feeder->traffic);
	}
	if (rte_pktmbuf_alloc_bulk(feeder->pool, mbufs, BURST) != 0)
		abort(); /* each burst comes back before the next */
	for (uint32_t i = 0; i < BURST; i++) {
		uint32_t bytes = feeder->traffic.bytes[i];
		memcpy(rte_pktmbuf_mtod(mbufs[i], void *), feeder->traffic.frames[i], bytes);
		mbufs[i]->data_len = (uint16_t)bytes;
		mbufs[i]->pkt_len = bytes;
	}
	rte_ring_enqueue_bulk(feeder->ring, (void **)mbufs, BURST, NULL);
	empty_records(feeder->records);
}

static void end_slice(struct feeder *feeder, uint64_t now)
{
	if (feeder->filled >= FLOWS)
		feeder->cycles[feeder->slice++] = (double)(now - feeder->began - feeder->fed)
				/ (SLICE_BURSTS * BURST);
	if (feeder->slice == SLICES)
		/* release: the figures are read after it */
		atomic_store_explicit(&feeder->done, true, memory_order_release);
	feeder->bursts = 0;
	feeder->fed = 0;
	feeder->began = __rdtsc();
}

static void receive(struct source *source, struct source_burst *burst, uint32_t max)
{
	struct feeder *feeder = (struct feeder *)source;

	if (feeder->slice < SLICES) {
		uint64_t before = __rdtsc();
		if (feeder->bursts == SLICE_BURSTS)
			end_slice(feeder, before);
		before = __rdtsc();
		feed(feeder);
		feeder->bursts++;
		feeder->fed += __rdtsc() - before;
	}
	source_receive(feeder->port, burst, max);
}

static void release(struct source *source, struct source_burst *burst)
{
	source_release(((struct feeder *)source)->port, burst);
}

static void keep(struct source *source)
{
	(void)source; /* its memory is not its own */
}

static const struct source_ops feeder_ops = {receive, release, keep};

static int run_worker(struct feeder *feeder)
{
	struct source *sources[] = {&feeder->source};
	const int64_t hour_ns = 3600 * BASE_NS_PER_SEC;
	struct worker_setup setup = {
			.cpu = -1,
			.sources = sources,
			.source_count = 1,
			.flows = {.capacity = FLOWS,
					.active_ns = 60 * BASE_NS_PER_SEC,
					.idle_tcp_ns = hour_ns,
					.idle_udp_ns = hour_ns,
					.idle_icmp_ns = hour_ns,
					.idle_other_ns = hour_ns,
					.tunnels = 16384,
					.tunnel_ids_in_key = true,
					.numa_node = -1,
					.huge_pages = true},
			.decode = {.fragments = 4096, .fragment_timeout_ns = 30 * BASE_NS_PER_SEC},
			.ring_records = 65536,
			.burst = BURST,
			.poll = true,
			.thread_begin = rte_thread_register,
			.thread_end = rte_thread_unregister,
	};
	struct worker *worker;

	packet_policy_init(&setup.decode.tunnels, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	int rc = worker_create(&worker, &setup);
	if (rc < 0)
		return rc;
	feeder->records = worker_ring(worker);
	feeder->began = __rdtsc();
	rc = worker_start(worker);
	/* acquire: pairs with the release at the end of the last slice */
	while (rc == 0 && !atomic_load_explicit(&feeder->done, memory_order_acquire)
			&& !worker_is_done(worker))
		usleep(1000);
	if (rc == 0) {
		worker_stop(worker, base_clock_mono_ns());
		worker_join(worker);
	}
	worker_destroy(worker);
	return rc < 0 || feeder->slice == SLICES ? rc : -EIO;
}

static int open_port(struct port **port, struct source **source)
{
	static struct config_port config;
	struct port_setup setup = {.config = &config, .workers = 1, .burst = BURST};
	char error[PORT_ERROR_BYTES];

	config = (struct config_port){.kind = CONFIG_PORT_VDEV, .promiscuous = true};
	snprintf(config.device, sizeof(config.device), "%s", WEIR_BENCH_VDEV);
	int rc = port_open(port, &setup, error, sizeof(error));
	if (rc == 0)
		rc = port_start(*port, error, sizeof(error));
	if (rc == 0)
		return source_port_create(source, *port, 0);
	fprintf(stderr, "weir bench: %s\n", error);
	return rc;
}

static int measure_limit(struct weir_bench_figure *cycles)
{
	const struct weir_bench_scenario scenario = {.shape = {.flows = FLOWS}};
	struct weir_bench_result result = {0};
	int rc = weir_bench_measure(&scenario, WEIR_BENCH_SLICES_MAX, &result);

	*cycles = (struct weir_bench_figure){result.cycles[WEIR_BENCH_LIMIT], result.limit_noise};
	return rc;
}

/* LIMIT's scenario, which ends before the worker begins, takes more than the worker. */
void weir_bench_ethdev_memory(struct weir_bench_memory *memory)
{
	const struct weir_bench_shape shape = {.flows = FLOWS};

	weir_bench_memory_set(memory, &shape);
}

int weir_bench_ethdev(double tsc_per_sec, struct weir_bench_figure *figure)
{
	const struct weir_bench_shape shape = {.flows = FLOWS};
	static struct feeder feeder;
	struct port *port = NULL;
	struct weir_bench_figure limit = {0};

	(void)tsc_per_sec; /* a ratio */
	feeder = (struct feeder){.source = {&feeder_ops, "bench"}};
	int rc = measure_limit(&limit);
	if (rc == 0)
		rc = open_port(&port, &feeder.port);
	feeder.ring = rte_ring_lookup(RING_OF_PORT);
	feeder.pool = rte_pktmbuf_pool_create(
			"weir-bench", BUFFERS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (rc == 0 && (!feeder.ring || !feeder.pool))
		rc = -ENOMEM;
	if (rc == 0)
		rc = weir_bench_traffic_init(&feeder.traffic, &shape);
	if (rc == 0)
		rc = run_worker(&feeder);
	if (rc == 0) {
		*figure = weir_bench_figure_make(feeder.cycles, SLICES);
		figure->value /= limit.value;
		figure->noise = fmax(figure->noise, limit.noise);
	}
	weir_bench_traffic_fini(&feeder.traffic);
	source_destroy(feeder.port);
	if (port)
		port_close(port);
	rte_mempool_free(feeder.pool);
	return rc;
}
