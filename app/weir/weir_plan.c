/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir plan: what a configuration will take and what it can do, reckoned without starting anything,
 * with the functions that run reckons with.
 */
#include "base_units.h"
#include "flow_table.h"
#include "port_plan.h"
#include "ring_records.h"
#include "weir_engine.h"
#include "weir_meminfo.h"
#include "weir_options.h"

#include <jansson.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sysexits.h>

#define HUGE_PAGE_BYTES (UINT64_C(2) << 20)
#define TUNNEL_BYTES 128
#define FRAGMENT_BYTES 64
/* On the wire a frame of n octets takes n + 20: preamble, start, gap between frames. */
#define WIRE_EXTRA_BYTES 20
#define SMALL_BYTES 64
#define IMIX_BYTES 362 /* 7 of 64, 4 of 594, 1 of 1518 octets */

struct plan {
	const struct config *config;
	uint32_t cpus, workers;
	uint64_t table_bytes, ring_bytes, tunnel_bytes, fragment_bytes; /* a worker */
	uint64_t pool_bytes; /* all ports */
	double packets_per_sec; /* of a worker, by the bench; 0: unknown */
	char scenario[64];
	unsigned int warnings;
};

static uint64_t worker_bytes(const struct plan *plan)
{
	return plan->table_bytes + plan->ring_bytes + plan->tunnel_bytes + plan->fragment_bytes;
}

static const char *iec(uint64_t bytes, char *text)
{
	return base_units_bytes_iec(bytes, text);
}

static void warn(struct plan *plan, const char *what, const char *cure)
{
	printf("  WARNING  %s\n           cure: %s\n", what, cure);
	plan->warnings++;
}

static void plan_workers(struct plan *plan)
{
	const struct config *config = plan->config;
	char a[BASE_UNITS_BYTES], b[BASE_UNITS_BYTES];

	plan->cpus = weir_engine_cpu_count();
	plan->workers = weir_engine_worker_count(config, plan->cpus > 1 ? plan->cpus - 1 : 1);
	plan->table_bytes = flow_table_memory_bytes(config->flows.capacity_per_worker);
	plan->ring_bytes = ring_memory_bytes(config->flows.ring_records);
	plan->tunnel_bytes = (uint64_t)config->decode.tunnels_per_worker * TUNNEL_BYTES;
	plan->fragment_bytes = config->decode.fragments == CONFIG_FRAGMENTS_TRACK
			? (uint64_t)config->decode.fragments_per_worker * FRAGMENT_BYTES
			: 0;
	printf("workers    %u of %u CPUs, each: %s flows in %s, ring of %u records in %s\n",
			plan->workers, plan->cpus,
			base_units_count(config->flows.capacity_per_worker, a),
			iec(plan->table_bytes, b), config->flows.ring_records,
			iec(plan->ring_bytes, (char[BASE_UNITS_BYTES]){0}));
	printf("           tunnels %s and fragments %s at most, touched when they come\n",
			iec(plan->tunnel_bytes, a), iec(plan->fragment_bytes, b));
	if (plan->workers >= plan->cpus && plan->cpus > 1)
		warn(plan, "no CPU is left for the control thread and the kernel",
				"fewer workers.count, or more CPUs");
}

static enum port_backend backend_of(const struct config_port *port)
{
	if (port->kind == CONFIG_PORT_PCI)
		return PORT_BACKEND_PCI;
	if (port->kind == CONFIG_PORT_VDEV)
		return PORT_BACKEND_VDEV;
	return port->driver == CONFIG_DRIVER_AF_PACKET ? PORT_BACKEND_AF_PACKET
						       : PORT_BACKEND_AF_XDP;
}

/* How long the descriptors of a port hold what comes while no worker looks. */
static void print_burst(const struct port_plan *port, double gigabits, uint32_t frame_bytes)
{
	double per_sec = gigabits * 1e9 / 8 / (frame_bytes + WIRE_EXTRA_BYTES);
	char text[BASE_UNITS_BYTES];

	printf("           %4.0f Gb/s of %3u octets: %s, absorbed for %.2f ms\n", gigabits,
			frame_bytes, base_units_rate(per_sec, "pkt", text),
			1e3 * port->queues * port->descriptors / per_sec);
}

static void plan_ports(struct plan *plan)
{
	char text[BASE_UNITS_BYTES];

	for (size_t i = 0; i < plan->config->port_count; i++) {
		const struct config_port *port = &plan->config->ports[i];
		const struct port_plan_input input = {.backend = backend_of(port),
				.config = port,
				.workers = plan->workers,
				.burst = plan->config->workers.burst,
				.device_queues = 0};
		struct port_plan ready;
		port_plan_make(&ready, &input);
		plan->pool_bytes += ready.pool_bytes;
		printf("port       %s: %u queue%s of %u descriptors, %u packet buffers in %s\n",
				port->name, ready.queues, ready.queues == 1 ? "" : "s",
				ready.descriptors, ready.buffers, iec(ready.pool_bytes, text));
		print_burst(&ready, 10, SMALL_BYTES);
		print_burst(&ready, 100, IMIX_BYTES);
	}
	if (plan->config->port_count == 0)
		printf("ports      none: a plan for replay\n");
}

static void plan_memory(struct plan *plan)
{
	uint64_t tables = worker_bytes(plan) * plan->workers;
	uint64_t all = tables + plan->pool_bytes;
	uint64_t available = weir_meminfo_read(WEIR_MEMINFO, "MemAvailable") << 10;
	uint64_t pages = (all + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES;
	uint64_t free_pages = weir_meminfo_read(WEIR_MEMINFO, "HugePages_Free");
	char a[BASE_UNITS_BYTES], b[BASE_UNITS_BYTES], c[BASE_UNITS_BYTES], cure[160];

	printf("memory     %s = workers %s + packet buffers %s; available %s\n", iec(all, a),
			iec(tables, b), iec(plan->pool_bytes, c),
			iec(available, (char[BASE_UNITS_BYTES]){0}));
	printf("hugepages  %llu of 2 MiB would hold all of it; free: %llu\n",
			(unsigned long long)pages, (unsigned long long)free_pages);
	if (all > available)
		warn(plan, "more memory than is available",
				"lower flows.capacity_per_worker or workers.count");
	if (plan->config->memory.huge_pages && free_pages < pages) {
		snprintf(cure, sizeof(cure), "sysctl -w vm.nr_hugepages=%llu",
				(unsigned long long)(weir_meminfo_read(WEIR_MEMINFO,
								     "HugePages_Total")
						+ pages - free_pages));
		warn(plan, "without huge pages the flow table is up to 1.7 times as slow", cure);
	}
}

/* The scenario of uniform flows that comes nearest to the table's capacity from below. */
static int read_bench(struct plan *plan, const char *path)
{
	json_error_t error;
	json_t *whole = json_load_file(path, 0, &error), *result;
	uint64_t capacity = plan->config->flows.capacity_per_worker, nearest = 0;
	size_t i;

	if (!whole) {
		fprintf(stderr, "weir plan: %s: %s\n  make it with: weir bench --json > %s\n", path,
				error.text, path);
		return EX_NOINPUT;
	}
	json_array_foreach (json_object_get(whole, "results"), i, result) {
		uint64_t flows = (uint64_t)json_integer_value(json_object_get(result, "flows"));
		const char *name = json_string_value(json_object_get(result, "scenario"));
		if (!name || strchr(name, '-') || strcmp(name, "flood") == 0
				|| (nearest != 0 && (flows > capacity || flows <= nearest)))
			continue;
		nearest = flows;
		plan->packets_per_sec = json_real_value(json_object_get(result, "packets_per_sec"));
		snprintf(plan->scenario, sizeof(plan->scenario), "%s",
				json_string_value(json_object_get(result, "what")));
	}
	json_decref(whole);
	if (plan->packets_per_sec > 0)
		return 0;
	fprintf(stderr, "weir plan: %s has no figures of weir bench --json\n", path);
	return EX_DATAERR;
}

static void plan_speed(struct plan *plan)
{
	char a[BASE_UNITS_BYTES], b[BASE_UNITS_BYTES];

	if (config_is_sampled(plan->config))
		printf("sampling   1 packet in %u is metered; the speed below is without sampling, "
		       "with it receiving is what limits\n",
				plan->config->sampling.rate);

	if (plan->packets_per_sec <= 0) {
		printf("speed      unknown: weir bench --json > bench.json, then weir plan --bench "
		       "bench.json FILE\n");
		return;
	}
	double all = plan->packets_per_sec * plan->workers;
	printf("speed      %s a worker, %s in all, by the bench (%s), before what the driver "
	       "takes\n",
			base_units_rate(plan->packets_per_sec, "pkt", a),
			base_units_rate(all, "pkt", b), plan->scenario);
	printf("           enough for %.0f Gb/s of 64 octets, %.0f Gb/s of IMIX\n",
			all * (SMALL_BYTES + WIRE_EXTRA_BYTES) * 8 / 1e9,
			all * (IMIX_BYTES + WIRE_EXTRA_BYTES) * 8 / 1e9);
}

static int plan_file(struct plan *plan, const char *path, const char *bench)
{
	static struct config config;

	config_set_defaults(&config);
	int rc = weir_options_load(&config, path);
	if (rc != 0)
		return rc;
	plan->config = &config;
	if (bench)
		rc = read_bench(plan, bench);
	if (rc != 0)
		return rc;
	printf("%s\n", path);
	plan_workers(plan);
	plan_ports(plan);
	plan_memory(plan);
	plan_speed(plan);
	if (plan->warnings == 0)
		printf("it fits\n");
	return 0;
}

int weir_plan(const struct weir_command *command, int argc, char **argv)
{
	static const struct option longs[] = {{"bench", required_argument, NULL, 'b'},
			{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	static char name[] = "weir plan";
	struct plan plan = {0};
	const char *bench = NULL;
	int option;

	argv[0] = name;
	optind = 0;
	while ((option = getopt_long(argc, argv, "b:h", longs, NULL)) != -1) {
		switch (option) {
		case 'b':
			bench = optarg;
			break;
		case 'h':
			weir_command_print_help(command);
			return 0;
		default:
			fprintf(stderr, "  see: weir plan --help\n");
			return EX_USAGE;
		}
	}
	if (optind + 1 != argc) {
		fprintf(stderr,
				"weir plan: takes one configuration file\n"
				"  try: weir plan config/weir.yaml\n");
		return EX_USAGE;
	}
	return plan_file(&plan, argv[optind], bench);
}
