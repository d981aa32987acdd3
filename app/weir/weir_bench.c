/* SPDX-License-Identifier: BSD-3-Clause */
/* weir bench: the scenarios, and how their figures are printed. */
#include "base_clock.h"
#include "base_region.h"
#include "base_units.h"
#include "flow_table.h"
#include "port_eal.h"
#include "port_error.h"
#include "weir_bench_measure.h"
#include "weir_bench_memory.h"
#include "weir_bench_parts.h"
#include "weir_bench_threads.h"
#include "weir_command.h"
#include "weir_meminfo.h"

#include <jansson.h>

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sysexits.h>
#include <x86intrin.h>

#define SLICES_QUICK 8
#define NOISE_LIMIT 0.15

#define K 1000u
#define M 1000000u
static const struct weir_bench_scenario scenarios[] = {
		{"1k", "1 k flows, in the cache", {.flows = K}, false, true},
		{"64k", "64 k flows", {.flows = 64 * K}, false, true},
		{"1m", "1 M flows", {.flows = M}, false, true},
		{"4m", "4 M flows", {.flows = 4 * M}, false, false},
		{"16m", "16 M flows", {.flows = 16 * M}, false, false},
		{"1m-zipf", "1 M flows, Zipf 1.1", {.flows = M, .zipf = true}, false, true},
		{"1m-mixed", "1 M flows, half IPv6", {.flows = M, .half_ipv6 = true}, false, true},
		{"1m-both", "1 M flows, both directions", {.flows = M, .both_ways = true}, false,
				true},
		{"1m-vlan", "1 M flows, tagged", {.flows = M, .wrap = WEIR_BENCH_VLAN}, false,
				false},
		{"1m-vxlan", "1 M flows in VXLAN, both views",
				{.flows = M, .wrap = WEIR_BENCH_VXLAN}, false, true},
		{"1m-new", "1 M flows, 5 % new", {.flows = M, .new_percent = 5}, false, true},
		{"1m-export", "1 M flows, 5 % new, JSON Lines", {.flows = M, .new_percent = 5},
				true, false},
		{"flood", "only new flows, 256 k kept", {.flows = 256 * K, .new_percent = 100},
				false, true},
};

static double tsc_per_sec(void)
{
	int64_t began_ns = base_clock_mono_ns(), now_ns;
	uint64_t before = __rdtsc();

	while ((now_ns = base_clock_mono_ns()) - began_ns < 50 * BASE_NS_PER_MS)
		;
	return (double)(__rdtsc() - before) * 1e9 / (double)(now_ns - began_ns);
}

static void read_cpu_name(char *name, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(name, size, "unknown CPU");
	while (file && fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');
		if (strncmp(line, "model name", 10) == 0 && value) {
			snprintf(name, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
			break;
		}
	}
	if (file)
		fclose(file);
}

static const char *pages_of_tables(void)
{
	struct base_region region;
	struct base_region_options options = {.name = "weir-probe",
			.numa_node = -1,
			.huge_pages = true,
			.payload_bytes = 4 << 20};

	if (base_region_init(&region, &options) < 0)
		return "unknown pages";
	const char *name = base_region_pages_name(region.pages);
	base_region_fini(&region);
	return name;
}

/* DPDK's own memory is for a port alone: no hugepages are needed. */
static int start_eal(void)
{
	static struct config config = {.port_count = 1, .workers.burst = WEIR_BENCH_BURST};
	char error[PORT_ERROR_BYTES];

	config.ports[0].kind = CONFIG_PORT_VDEV;
	snprintf(config.ports[0].device, sizeof(config.ports[0].device), "%s", WEIR_BENCH_VDEV);
	if (port_eal_init(&config, 1, error, sizeof(error)) < 0) {
		fprintf(stderr, "weir bench: %s\n", error);
		return EX_OSERR;
	}
	return 0;
}

struct options {
	bool quick, json;
	const char *scenario; /* NULL: all */
};

struct run {
	struct options options;
	double tsc; /* a second */
	json_t *results, *parts, *left_out;
	bool noisy; /* some line was */
};

static void print_header(double tsc)
{
	char cpu[128];

	read_cpu_name(cpu, sizeof(cpu));
	printf("weir %s, DPDK %s, %s, TSC %.2f GHz, %d CPUs, %s, %s\n", WEIR_VERSION,
			port_eal_version(), cpu, tsc / 1e9, get_nprocs(), pages_of_tables(),
			flow_instructions_name(flow_instructions_best()));
	printf("TSC cycles a packet, one core, 64-octet TCP; ratios are within the line\n\n");
	printf("%-60s %12s  %12s\n", "", "table to", "weir to");
	printf("%-30s %5s %5s %5s %5s %5s  %5s %5s  %5s %5s %6s\n", "", "floor", "LIMIT", "hash",
			"table", "weir", "LIMIT", "hash", "LIMIT", "hash", "Mpkt/s");
}

static void print_result(const struct weir_bench_scenario *scenario,
		const struct weir_bench_result *result, double tsc)
{
	const double *c = result->cycles;

	printf("%-30s", scenario->what);
	for (int row = WEIR_BENCH_FLOOR; row < WEIR_BENCH_COUNT; row++)
		printf(" %5.1f", c[row]);
	for (int row = WEIR_BENCH_TABLE; row < WEIR_BENCH_COUNT; row++)
		printf("  %5.2f %5.2f", c[row] / c[WEIR_BENCH_LIMIT], c[row] / c[WEIR_BENCH_HASH]);
	printf(" %6.1f%s\n", tsc / c[WEIR_BENCH_WEIR] / 1e6,
			result->noise > NOISE_LIMIT ? " noisy" : "");
	fflush(stdout);
}

static json_t *result_json(const struct weir_bench_scenario *scenario,
		const struct weir_bench_result *result, double tsc)
{
	const double *c = result->cycles;
	const double limit = c[WEIR_BENCH_LIMIT], hash = c[WEIR_BENCH_HASH];
	const double table = c[WEIR_BENCH_TABLE], weir = c[WEIR_BENCH_WEIR];

	return json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}",
			"scenario", scenario->name, "what", scenario->what, "flows",
			(json_int_t)scenario->shape.flows, "floor_cycles", c[WEIR_BENCH_FLOOR],
			"limit_cycles", limit, "hash_cycles", hash, "table_cycles", table,
			"weir_cycles", weir, "table_to_limit", table / limit, "table_to_hash",
			table / hash, "to_limit", weir / limit, "to_hash", weir / hash,
			"packets_per_sec", tsc / weir, "noise", result->noise);
}

static void print_part(const struct weir_bench_part *part, const struct weir_bench_figure *figure)
{
	char text[BASE_UNITS_BYTES];
	const char *unit = part->unit, *noisy = figure->noise > NOISE_LIMIT ? " noisy" : "";

	if (strcmp(unit, "of a core") == 0)
		printf("%-44s %9.2f %% of a core%s\n", part->what, 100 * figure->value, noisy);
	else if (strcmp(unit, "times") == 0 || strcmp(unit, "LIMIT") == 0)
		printf("%-44s %9.2f %s%s\n", part->what, figure->value, unit, noisy);
	else
		printf("%-44s %9s %s%s\n", part->what,
				base_units_count((uint64_t)figure->value, text), unit, noisy);
	fflush(stdout);
}

static void print_json(const struct run *run)
{
	char cpu[128];

	read_cpu_name(cpu, sizeof(cpu));
	json_t *whole = json_pack("{s:s, s:s, s:s, s:f, s:i, s:s, s:s, s:O, s:O, s:O}", "version",
			WEIR_VERSION, "dpdk", port_eal_version(), "cpu", cpu, "tsc_per_sec",
			run->tsc, "cpus", get_nprocs(), "pages", pages_of_tables(), "instructions",
			flow_instructions_name(flow_instructions_best()), "results", run->results,
			"parts", run->parts, "left_out", run->left_out);
	json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
	putchar('\n');
	json_decref(whole);
}

static bool is_wanted(const struct options *options, const char *name, bool quick)
{
	if (options->scenario)
		return strcmp(options->scenario, name) == 0;
	return quick || !options->quick;
}

static void leave_out(
		struct run *run, const char *name, const char *what, const char *reason, FILE *to)
{
	json_array_append_new(run->left_out,
			json_pack("{s:s, s:s, s:s}", "scenario", name, "what", what, "reason",
					reason));
	if (to == stderr)
		fprintf(to, "weir bench: ");
	else if (run->options.json)
		return;
	fprintf(to, "%s: left out: %s\n", what, reason);
}

static bool has_memory(struct run *run, const char *name, const char *what,
		const struct weir_bench_memory *memory)
{
	char takes[BASE_UNITS_BYTES], room[BASE_UNITS_BYTES], reason[128];
	uint64_t takes_bytes, room_bytes;

	if (weir_bench_memory_fits(memory, WEIR_MEMINFO, &takes_bytes, &room_bytes))
		return true;
	snprintf(reason, sizeof(reason), "takes %s; of what is free it may take %s",
			base_units_bytes_iec(takes_bytes, takes),
			base_units_bytes_iec(room_bytes, room));
	/* who asked for it alone gets no figure at all */
	leave_out(run, name, what, reason, run->options.scenario ? stderr : stdout);
	return false;
}

/* Runs that all had to wait as long for a CPU are alike, and too slow. */
static double judge_noise(struct run *run, double noise, const struct weir_bench_watch *watch)
{
	noise = fmax(noise, weir_bench_watch_waited(watch));
	run->noisy |= noise > NOISE_LIMIT;
	return noise;
}

static void run_part(struct run *run, const struct weir_bench_part *part)
{
	struct weir_bench_memory memory = {.other_bytes = 0};
	struct weir_bench_figure figure = {0};
	struct weir_bench_watch watch;

	if (part->reckon)
		part->reckon(&memory);
	if (!has_memory(run, part->name, part->what, &memory))
		return;
	weir_bench_watch_start(&watch);
	int rc = part->measure(run->tsc, &figure);
	if (rc < 0) {
		leave_out(run, part->name, part->what, strerror(-rc), stderr);
		return;
	}
	figure.noise = judge_noise(run, figure.noise, &watch);
	if (!run->options.json)
		print_part(part, &figure);
	json_array_append_new(run->parts,
			json_pack("{s:s, s:s, s:f, s:s, s:f}", "part", part->name, "what",
					part->what, "figure", figure.value, "unit", part->unit,
					"noise", figure.noise));
}

static void run_scenario(struct run *run, const struct weir_bench_scenario *scenario)
{
	struct weir_bench_result result = {0};
	struct weir_bench_memory memory;
	struct weir_bench_watch watch;

	weir_bench_memory_set(&memory, &scenario->shape);
	if (!has_memory(run, scenario->name, scenario->what, &memory))
		return;
	weir_bench_watch_start(&watch);
	int rc = weir_bench_measure(scenario,
			run->options.quick ? SLICES_QUICK : WEIR_BENCH_SLICES_MAX, &result);
	if (rc < 0) {
		leave_out(run, scenario->name, scenario->what, strerror(-rc), stderr);
		return;
	}
	result.noise = judge_noise(run, result.noise, &watch);
	json_array_append_new(run->results, result_json(scenario, &result, run->tsc));
	if (!run->options.json)
		print_result(scenario, &result, run->tsc);
}

static bool is_part(const char *name)
{
	for (unsigned int i = 0; name && i < weir_bench_part_count; i++) {
		if (strcmp(name, weir_bench_parts[i].name) == 0)
			return true;
	}
	return false;
}

static void run_wanted(struct run *run)
{
	const struct options *options = &run->options;

	for (size_t i = 0; i < BASE_COUNT_OF(scenarios); i++) {
		if (is_wanted(options, scenarios[i].name, scenarios[i].quick))
			run_scenario(run, &scenarios[i]);
	}
	if (!options->json && !options->scenario)
		putchar('\n');
	for (unsigned int i = 0; i < weir_bench_part_count; i++) {
		if (is_wanted(options, weir_bench_parts[i].name, weir_bench_parts[i].quick))
			run_part(run, &weir_bench_parts[i]);
	}
}

static int run_all(const struct options *options)
{
	struct run run = {.options = *options,
			.tsc = tsc_per_sec(),
			.results = json_array(),
			.parts = json_array(),
			.left_out = json_array()};

	if (!options->json && !is_part(options->scenario))
		print_header(run.tsc);
	run_wanted(&run);
	if (options->json)
		print_json(&run);
	else if (run.noisy)
		printf("\nnoisy: runs differed, or waited for a CPU, by more than %.0f %%; the "
		       "machine does something else, too.\n",
				100 * NOISE_LIMIT);
	json_decref(run.results);
	json_decref(run.parts);
	json_decref(run.left_out);
	return 0;
}

static int list_scenarios(void)
{
	for (size_t i = 0; i < BASE_COUNT_OF(scenarios); i++)
		printf("%-10s %s\n", scenarios[i].name, scenarios[i].what);
	for (unsigned int i = 0; i < weir_bench_part_count; i++)
		printf("%-10s %s\n", weir_bench_parts[i].name, weir_bench_parts[i].what);
	return 0;
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < BASE_COUNT_OF(scenarios); i++) {
		if (strcmp(name, scenarios[i].name) == 0)
			return true;
	}
	return is_part(name);
}

int weir_bench(const struct weir_command *command, int argc, char **argv)
{
	static const struct option longs[] = {{"quick", no_argument, NULL, 'q'},
			{"json", no_argument, NULL, 'j'}, {"list", no_argument, NULL, 'l'},
			{"scenario", required_argument, NULL, 's'},
			{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	static char name[] = "weir bench";
	struct options options = {0};
	int option;

	argv[0] = name;
	optind = 0;
	while ((option = getopt_long(argc, argv, "qh", longs, NULL)) != -1) {
		switch (option) {
		case 'q':
			options.quick = true;
			break;
		case 'j':
			options.json = true;
			break;
		case 's':
			options.scenario = optarg;
			break;
		case 'l':
			return list_scenarios();
		case 'h':
			weir_command_print_help(command);
			return 0;
		default:
			fprintf(stderr, "  see: weir bench --help\n");
			return EX_USAGE;
		}
	}
	if (optind < argc || (options.scenario && !is_known(options.scenario))) {
		fprintf(stderr, "weir bench: \"%s\" is not a scenario\n  see: weir bench --list\n",
				optind < argc ? argv[optind] : options.scenario);
		return EX_USAGE;
	}
	int rc = start_eal();
	return rc != 0 ? rc : run_all(&options);
}
