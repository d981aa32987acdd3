/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_engine.h"

#include "base_clock.h"
#include "base_log.h"
#include "base_units.h"
#include "source_replay.h"

#include <numa.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#define TOPS 65536
#define ERROR_BYTES 768

void weir_engine_init(struct weir_engine *engine, const struct config *config, bool replay)
{
	*engine = (struct weir_engine){.config = config, .replay = replay};
}

uint32_t weir_engine_cpu_count(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	return (uint32_t)CPU_COUNT(&cpus);
}

uint32_t weir_engine_worker_count(const struct config *config, uint32_t fallback)
{
	if (config->workers.count > 0)
		return config->workers.count;
	return config->workers.cpu_count > 0 ? (uint32_t)config->workers.cpu_count : fallback;
}

int weir_engine_pick_cpu(const struct config *config, uint32_t index, uint32_t count)
{
	cpu_set_t cpus;

	if (config->workers.cpu_count > 0)
		return index < config->workers.cpu_count ? (int)config->workers.cpus[index] : -1;
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0 || count >= (uint32_t)CPU_COUNT(&cpus))
		return -1; /* no CPU of its own for each: the scheduler shares better */
	/* the last ones: the first CPU takes most of the system's interrupts */
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (CPU_ISSET(cpu, &cpus) && index-- == 0)
			return cpu;
	}
	return -1;
}

static int node_of(const struct weir_engine_worker *worker)
{
	if (worker->numa_node >= 0)
		return worker->numa_node;
	if (worker->cpu >= 0 && numa_available() >= 0)
		return numa_node_of_cpu(worker->cpu);
	return -1;
}

static_assert((int)CONFIG_OPEN_OUTER == (int)PACKET_OPEN_OUTER
				&& (int)CONFIG_OPEN_INNER == (int)PACKET_OPEN_INNER
				&& (int)CONFIG_OPEN_BOTH == (int)PACKET_OPEN_BOTH,
		"the words of the configuration are those of decode");
static_assert((int)CONFIG_TUNNEL_COUNT == (int)PACKET_TUNNEL_COUNT - 1, "both from one table");

/* Kinds of the configuration are numbered from 0, those of decode from 1. */
static enum packet_tunnel kind_of(enum config_tunnel tunnel)
{
	return (enum packet_tunnel)((int)tunnel + 1);
}

int weir_engine_policy(struct packet_policy *policy, const struct config *config)
{
	packet_policy_init(policy, PACKET_OPEN_BOTH, config->decode.max_tunnels);
	for (int i = 0; i < CONFIG_TUNNEL_COUNT; i++)
		packet_policy_set(policy, kind_of((enum config_tunnel)i),
				(enum packet_open)config->decode.tunnels[i]);
	for (size_t i = 0; i < config->tunnel_port_count; i++) {
		const struct config_tunnel_port *port = &config->tunnel_ports[i];
		int rc = packet_policy_add_port(
				policy, kind_of(port->tunnel), (uint16_t)port->port);
		if (rc == 0)
			continue;
		fprintf(stderr, "%s:%d:%d: tunnel_ports[%zu]: %s\n",
				config->source[0] ? config->source : "weir", port->line,
				port->column, i,
				rc == -EEXIST ? "another kind of tunnel is looked for at this "
						"port already; expected another port"
					      : "too many ports");
		return EX_CONFIG;
	}
	return 0;
}

static struct flow_settings flow_settings(const struct weir_engine *engine, int node)
{
	const struct config *config = engine->config;

	return (struct flow_settings){
			.capacity = config->flows.capacity_per_worker,
			.active_ns = config->flows.active_ns,
			.idle_tcp_ns = config->flows.idle_tcp_ns,
			.idle_udp_ns = config->flows.idle_udp_ns,
			.idle_icmp_ns = config->flows.idle_icmp_ns,
			.idle_other_ns = config->flows.idle_other_ns,
			.tcp_linger_ns = config->flows.tcp_linger_ns,
			.reorder_ns = engine->replay ? SOURCE_REPLAY_REORDER_NS : 0,
			.hash_seed = config->flows.hash_seed,
			.tunnels = config->decode.tunnels_per_worker,
			.tunnel_ids_in_key = config->decode.tunnel_id_in_key,
			.numa_node = node,
			.huge_pages = config->memory.huge_pages,
	};
}

int weir_engine_filter(struct filter **filter, const struct config *config)
{
	char error[ERROR_BYTES] = "";

	*filter = NULL;
	if (config->filter[0] == '\0')
		return 0;
	int rc = filter_create(filter, config->filter, error, sizeof(error));
	if (rc == 0)
		return 0;
	if (config->filter_line)
		fprintf(stderr, "%s:%d:%d: filter: ", config->source, config->filter_line,
				config->filter_column);
	else
		fprintf(stderr, "weir: --filter: ");
	fprintf(stderr, "%s, in \"%s\"\n  see: man pcap-filter; try it: tcpdump -d '%s'\n",
			rc == -EINVAL ? error : strerror(-rc), config->filter, config->filter);
	return config->filter_line ? EX_CONFIG : EX_USAGE;
}

static uint64_t random_seed(void)
{
	uint64_t seed;

	/* without random numbers the clock is better than nothing */
	return getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed
								 : (uint64_t)base_clock_mono_ns();
}

static struct worker_decode_setup decode_setup(const struct weir_engine *engine)
{
	const struct config *config = engine->config;
	bool track = config->decode.fragments == CONFIG_FRAGMENTS_TRACK;
	uint64_t seed = config->flows.hash_seed ? config->flows.hash_seed : random_seed();

	return (struct worker_decode_setup){
			.fragments = track ? config->decode.fragments_per_worker : 0,
			.fragment_timeout_ns = config->decode.fragment_timeout_ns,
			.seed = seed,
			.sample = {.rate = config->sampling.rate,
					.random = config->sampling.method == CONFIG_SAMPLING_RANDOM,
					/* with a fixed seed, still other places in each worker */
					.seed = seed + engine->worker_count},
			.icmp_id = config->decode.icmp_id,
			.patient = engine->replay,
	};
}

static int say_no_memory(const struct config *config, int rc)
{
	char text[BASE_UNITS_BYTES];
	uint64_t bytes = flow_table_memory_bytes(config->flows.capacity_per_worker)
			+ ring_memory_bytes(config->flows.ring_records);

	fprintf(stderr,
			"weir: cannot start: no memory for the flow table: %s needed for a worker "
			"(%s)\n"
			"  cure: lower flows.capacity_per_worker, or free memory\n",
			base_units_bytes_iec(bytes, text), strerror(-rc));
	return EX_OSERR;
}

int weir_engine_add_worker(struct weir_engine *engine, const struct weir_engine_worker *worker)
{
	const struct config *config = engine->config;
	uint32_t index = engine->worker_count;
	int node = node_of(worker);
	struct worker_setup setup = {
			.index = (uint8_t)index,
			.cpu = worker->cpu,
			.sources = worker->sources,
			.source_count = worker->source_count,
			.flows = flow_settings(engine, node),
			.ring_records = config->flows.ring_records,
			.burst = config->workers.burst,
			.poll = config->workers.idle == CONFIG_IDLE_POLL,
			.replay = engine->replay,
			.decode = decode_setup(engine),
			.thread_begin = worker->thread_begin,
			.thread_end = worker->thread_end,
	};
	int rc = weir_engine_policy(&setup.decode.tunnels, config);
	if (rc == 0)
		rc = weir_engine_filter(&setup.decode.filter, config);
	if (rc != 0)
		return rc;
	engine->filters[index] = setup.decode.filter;
	rc = worker_create(&engine->workers[index], &setup);
	if (rc < 0)
		return say_no_memory(config, rc);
	struct control_worker *view = &engine->views[index];
	*view = (struct control_worker){
			.stats = worker_stats(engine->workers[index]),
			.ring = worker_ring(engine->workers[index]),
			.table = worker_table(engine->workers[index]),
			.tap = worker_tap(engine->workers[index]),
			.capacity = config->flows.capacity_per_worker,
			.memory_bytes = worker_memory_bytes(engine->workers[index]),
			.memory_pages = worker_memory_pages(engine->workers[index]),
			.cpu = worker->cpu,
			.numa_node = node,
	};
	snprintf(view->queues, sizeof(view->queues), "%s", worker->queues);
	engine->worker_count++;
	return 0;
}

int weir_engine_connect(struct weir_engine *engine)
{
	char error[ERROR_BYTES] = "";
	struct control_setup setup = {
			.config = engine->config,
			.workers = engine->views,
			.worker_count = engine->worker_count,
			.ports = engine->ports,
			.port_count = engine->port_count,
			.replay = engine->replay,
			.top_count = TOPS,
	};
	int rc = control_create(&engine->control, &setup, error, sizeof(error));
	if (rc == 0)
		return 0;
	fprintf(stderr, "weir: cannot start: %s\n", error);
	return rc == -EACCES || rc == -EPERM ? EX_NOPERM : EX_CANTCREAT;
}

int weir_engine_start(struct weir_engine *engine)
{
	int rc = control_start(engine->control);

	for (uint32_t i = 0; i < engine->worker_count && rc == 0; i++)
		rc = worker_start(engine->workers[i]);
	if (rc == 0)
		return 0;
	fprintf(stderr, "weir: cannot start a thread: %s\n", strerror(-rc));
	if (rc == -EINVAL)
		fprintf(stderr, "  cure: workers.cpus may only name CPUs that are online\n");
	return EX_OSERR;
}

bool weir_engine_is_done(const struct weir_engine *engine)
{
	for (uint32_t i = 0; i < engine->worker_count; i++) {
		if (!worker_is_done(engine->workers[i]))
			return false;
	}
	return true;
}

void weir_engine_stop(struct weir_engine *engine, bool patient)
{
	int64_t within_ns = engine->config->expert.stop_deadline_ns;

	for (uint32_t i = 0; i < engine->worker_count; i++)
		worker_stop(engine->workers[i], base_clock_mono_ns() + within_ns);
	for (uint32_t i = 0; i < engine->worker_count; i++)
		worker_join(engine->workers[i]);
	if (engine->control)
		control_stop(engine->control,
				patient ? INT64_MAX : base_clock_mono_ns() + within_ns);
}

/* What a filter cannot judge it rejects; that should not be a surprise. */
static void warn_unfit(const struct weir_engine *engine)
{
	char number[BASE_UNITS_BYTES];
	uint64_t unfit = 0;

	for (uint32_t i = 0; i < CONFIG_MAX_WORKERS; i++)
		unfit += engine->filters[i] ? filter_unfit_packets(engine->filters[i]) : 0;
	if (unfit > 0)
		base_log_warning("the filter does not fit the link type of %s packets; they were "
				 "counted as filtered",
				base_units_exact(unfit, number));
}

void weir_engine_fini(struct weir_engine *engine)
{
	if (engine->control)
		control_destroy(engine->control);
	for (uint32_t i = 0; i < engine->worker_count; i++)
		worker_destroy(engine->workers[i]);
	warn_unfit(engine);
	for (uint32_t i = 0; i < CONFIG_MAX_WORKERS; i++) {
		filter_destroy(engine->filters[i]);
		engine->filters[i] = NULL;
	}
	engine->worker_count = 0;
	engine->control = NULL;
}
