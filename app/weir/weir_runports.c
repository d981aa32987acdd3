/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_runports.h"

#include "base_log.h"
#include "port_eal.h"
#include "port_error.h"
#include "source_port.h"

#include <rte_lcore.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int say(int rc, const char *error)
{
	fprintf(stderr, "weir: cannot start: %s\n", error);
	return port_error_exit_code(rc);
}

static int open_queues(struct weir_runports *ports, uint32_t index)
{
	uint32_t queues = port_get_info(ports->ports[index])->queues;

	for (uint32_t queue = 0; queue < queues; queue++) {
		if (ports->queue_count == WEIR_MAX_QUEUES) {
			fprintf(stderr, "weir: cannot start: more than %d queues over all ports\n",
					WEIR_MAX_QUEUES);
			return EX_CONFIG;
		}
		struct weir_queue *to = &ports->queues[ports->queue_count];
		*to = (struct weir_queue){.port = index, .queue = queue};
		if (source_port_create(&to->source, ports->ports[index], queue) < 0) {
			fprintf(stderr, "weir: cannot start: out of memory\n");
			return EX_OSERR;
		}
		ports->queue_count++;
	}
	return 0;
}

int weir_runports_open(struct weir_runports *ports, const struct config *config, uint32_t workers)
{
	char error[PORT_ERROR_BYTES] = "";

	*ports = (struct weir_runports){0};
	int rc = port_eal_init(config, workers, error, sizeof(error));
	if (rc < 0)
		return say(rc, error);
	for (size_t i = 0; i < config->port_count; i++) {
		struct port_setup setup = {
				.config = &config->ports[i],
				.index = (uint32_t)i,
				.workers = workers,
				.burst = config->workers.burst,
		};
		rc = port_open(&ports->ports[i], &setup, error, sizeof(error));
		if (rc < 0)
			return say(rc, error);
		ports->count++;
		int code = open_queues(ports, (uint32_t)i);
		if (code != 0)
			return code;
	}
	return 0;
}

static void read_port(void *arg, uint64_t values[STATS_PORT_COUNT])
{
	struct weir_port_view *view = arg;

	port_read(view->all->ports[view->port], values);
}

static uint32_t read_speed(void *arg)
{
	struct weir_port_view *view = arg;

	return port_speed(view->all->ports[view->port]);
}

static uint64_t read_polled(void *arg)
{
	struct weir_port_view *view = arg;
	const struct weir_runports *all = view->all;
	uint64_t packets = 0;

	for (uint32_t i = 0; i < all->queue_count; i++) {
		const struct weir_queue *queue = &all->queues[i];
		if (queue->port == view->port)
			packets += worker_source_packets(
					all->engine->workers[queue->worker], queue->position);
	}
	return packets;
}

static void show_port(struct weir_runports *ports, struct weir_engine *engine, uint32_t index)
{
	const struct port_info *info = port_get_info(ports->ports[index]);
	struct control_port *to = &engine->ports[index];

	ports->views[index] = (struct weir_port_view){.all = ports, .port = index};
	*to = (struct control_port){
			.numa_node = info->numa_node,
			.queues = info->queues,
			.rx_descriptors = info->rx_descriptors,
			.promiscuous = info->promiscuous,
			.read = read_port,
			.polled = read_polled,
			.speed = read_speed,
			.arg = &ports->views[index],
	};
	memcpy(to->name, info->name, sizeof(to->name));
	memcpy(to->device, info->device, sizeof(to->device));
	memcpy(to->driver, info->driver, sizeof(to->driver));
	memcpy(to->mac, info->mac, sizeof(to->mac));
	memcpy(to->rss, info->rss, sizeof(to->rss));
	memcpy(to->note, info->note, sizeof(to->note));
}

static int thread_begin(void)
{
	return rte_thread_register();
}

static void thread_end(void)
{
	rte_thread_unregister();
}

/* The worker's share: every count-th queue. */
static int add_worker(struct weir_runports *ports, struct weir_engine *engine, uint32_t index,
		uint32_t count)
{
	struct source *sources[WORKER_MAX_SOURCES];
	char queues[sizeof(((struct control_worker *)0)->queues)] = "";
	uint32_t taken = 0;
	int node = -1;

	for (uint32_t i = index; i < ports->queue_count; i += count) {
		struct weir_queue *queue = &ports->queues[i];
		if (taken == WORKER_MAX_SOURCES) {
			fprintf(stderr,
					"weir: cannot start: more than %d queues for a worker\n"
					"  cure: more workers, or fewer queues a port\n",
					WORKER_MAX_SOURCES);
			return EX_CONFIG;
		}
		queue->worker = index;
		queue->position = taken;
		sources[taken++] = queue->source;
		node = port_get_info(ports->ports[queue->port])->numa_node;
		size_t len = strlen(queues);
		snprintf(queues + len, sizeof(queues) - len, "%sp%uq%u", len ? " " : "",
				queue->port, queue->queue);
	}
	struct weir_engine_worker worker = {
			.sources = sources,
			.source_count = taken,
			.cpu = weir_engine_pick_cpu(engine->config, index, count),
			.numa_node = node,
			.queues = queues,
			.thread_begin = thread_begin,
			.thread_end = thread_end,
	};
	return weir_engine_add_worker(engine, &worker);
}

int weir_runports_deal(struct weir_runports *ports, struct weir_engine *engine, uint32_t workers)
{
	uint32_t count = workers < ports->queue_count ? workers : ports->queue_count;

	if (count < workers && engine->config->workers.count > 0)
		base_log_warning(
				"%u workers configured, but the ports have %u queue%s: %u will run",
				workers, ports->queue_count, ports->queue_count == 1 ? "" : "s",
				count);
	ports->engine = engine;
	for (uint32_t i = 0; i < count; i++) {
		int rc = add_worker(ports, engine, i, count);
		if (rc != 0)
			return rc;
	}
	for (uint32_t i = 0; i < ports->count; i++)
		show_port(ports, engine, i);
	engine->port_count = ports->count;
	return 0;
}

int weir_runports_start(struct weir_runports *ports)
{
	char error[PORT_ERROR_BYTES] = "";

	for (uint32_t i = 0; i < ports->count; i++) {
		int rc = port_start(ports->ports[i], error, sizeof(error));
		if (rc < 0)
			return say(rc, error);
	}
	return 0;
}

void weir_runports_close(struct weir_runports *ports)
{
	for (uint32_t i = 0; i < ports->queue_count; i++)
		source_destroy(ports->queues[i].source);
	for (uint32_t i = 0; i < ports->count; i++)
		port_close(ports->ports[i]);
	port_eal_fini();
}
