/* SPDX-License-Identifier: BSD-3-Clause */
/* weir bench: the control thread, from the ring to a file and to a collector. */
#include "base_clock.h"
#include "config_schema.h"
#include "control_drain.h"
#include "weir_bench_parts.h"
#include "weir_bench_threads.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <x86intrin.h>

#define RING_CAPACITY 16384u
#define SLICES 64
/* A queue for a few rings: the reader is on another core, so it is asked for no more than it does.
 */
#define QUEUE_BYTES ((uint64_t)16 << 20)

static struct {
	struct config config;
	struct export_context context;
	struct control_outputs outputs;
	struct control_ledger ledger;
	struct control_drain drain;
	struct base_region region;
	uint64_t final[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];
	uint64_t made;
	uint32_t slice_records, warm_up_records; /* a ring at most; multiples of that */
} bench;

/* Records as they come: a flow each, two in three with a way back. */
static void make_record(struct flow_record *record, uint64_t number)
{
	*record = (struct flow_record){
			.source = {.ipv4_be = 0x0a000000 | (uint32_t)(number * 2654435761u) >> 8},
			.destination = {.ipv4_be = 0xc0000200 | (uint32_t)(number & 255)},
			.source_port = (uint16_t)(number * 40503u),
			.destination_port = 443,
			.protocol = 6,
			.ip_version = 4,
			.end_reason = FLOW_END_IDLE,
			.packets = 1 + number % 90,
			.bytes = 60 + number % 90000,
			.flow_id = number * UINT64_C(0x9e3779b97f4a7c15),
			.start_ns = INT64_C(1800000000000000000) + (int64_t)number * 1000,
			.end_ns = INT64_C(1800000000000000000) + (int64_t)number * 2000,
			.tcp_flags = 0x1b,
			.rev_port = 0xffff,
			.ttl_min = 64,
			.ttl_max = 64,
	};
	record->flow_start_ns = record->start_ns;
	if (number % 3 != 0) {
		record->rev_packets = 1 + number % 70;
		record->rev_bytes = 52 + number % 60000;
		record->rev_start_ns = record->start_ns + 500;
		record->rev_port = 0;
		record->rev_ttl_min = record->rev_ttl_max = 57;
	}
}

static void fill_ring(uint32_t count)
{
	struct flow_record *slots;
	uint64_t first, mask;
	uint32_t room = ring_reserve(bench.drain.rings[0], count, &slots, &first, &mask);

	for (uint32_t i = 0; i < room; i++)
		make_record(&slots[(first + i) & mask], bench.made++);
	ring_publish(bench.drain.rings[0], room);
}

/* What was taken counts when the system has it; a collector's host acknowledges it when it likes.
 */
static void wait_until_sent(void)
{
	int64_t until_ns = base_clock_mono_ns() + BASE_NS_PER_SEC;
	uint64_t values[CONFIG_MAX_OUTPUTS][STATS_OUTPUT_COUNT];

	do {
		control_outputs_tick(&bench.outputs, base_clock_wall_ns());
		control_outputs_read(&bench.outputs, values);
	} while (values[0][STATS_output_queued] > values[0][STATS_output_in_flight]
			&& base_clock_mono_ns() < until_ns);
}

static void drain_ring(void)
{
	control_drain_ring(&bench.drain, 0, RING_CAPACITY);
	wait_until_sent();
}

static void time_drain(double tsc_per_sec, struct weir_bench_figure *figure)
{
	double seconds[SLICES];

	/* a connection, and memory that was touched before */
	while (bench.made < bench.warm_up_records) {
		fill_ring(RING_CAPACITY);
		drain_ring();
	}
	for (int slice = 0; slice < SLICES; slice++) {
		fill_ring(bench.slice_records);
		uint64_t before = __rdtsc();
		drain_ring();
		seconds[slice] = (double)(__rdtsc() - before) / tsc_per_sec;
	}
	*figure = weir_bench_figure_make(seconds, SLICES);
	figure->value = bench.slice_records / figure->value;
}

static int run_drain(double tsc_per_sec, struct weir_bench_figure *figure)
{
	struct base_region_options options = {.name = "weir-bench-ring",
			.numa_node = -1,
			.payload_bytes = ring_memory_bytes(RING_CAPACITY)};
	char error[1024];
	int rc = base_region_init(&bench.region, &options);

	if (rc < 0)
		return rc;
	rc = control_outputs_open(
			&bench.outputs, &bench.config, &bench.context, error, sizeof(error));
	if (rc < 0) {
		fprintf(stderr, "weir bench: %s\n", error);
		base_region_fini(&bench.region);
		return rc;
	}
	bench.drain = (struct control_drain){
			.ring_count = 1, .ledger = &bench.ledger, .outputs = &bench.outputs};
	control_ledger_init(&bench.ledger, 1, bench.outputs.count);
	rc = ring_init(&bench.drain.rings[0], &bench.region, RING_CAPACITY);
	if (rc == 0)
		time_drain(tsc_per_sec, figure);
	control_outputs_close(
			&bench.outputs, base_clock_mono_ns() + 5 * BASE_NS_PER_SEC, bench.final);
	base_region_fini(&bench.region);
	/* a figure of what was lost would be no figure */
	return rc == 0 && bench.final[0][STATS_output_sent] != bench.made ? -EIO : rc;
}

static struct config_output *set_up(bool may_block)
{
	static const char *const names[] = {"eth1"};

	memset(&bench, 0, sizeof(bench));
	bench.context = (struct export_context){
			.port_names = names, .port_count = 1, .may_block = may_block};
	bench.config.output_count = 1;
	struct config_output *output = &bench.config.outputs[0];
	config_key_set_defaults("outputs[]", output);
	snprintf(output->name, sizeof(output->name), "bench");
	output->queue_bytes = QUEUE_BYTES;
	return output;
}

int weir_bench_drain(double tsc_per_sec, struct weir_bench_figure *figure)
{
	struct config_output *output = set_up(false);
	const char *folder = getenv("TMPDIR");

	bench.slice_records = RING_CAPACITY / 4;
	bench.warm_up_records = RING_CAPACITY;
	snprintf(output->path, sizeof(output->path), "%s/weir-bench-XXXXXX",
			folder && folder[0] == '/' && strlen(folder) < 200 ? folder : "/tmp");
	int fd = mkstemp(output->path);
	if (fd < 0)
		return -errno;
	close(fd);
	int rc = run_drain(tsc_per_sec, figure);
	unlink(output->path);
	return rc;
}

static void *read_all(void *arg)
{
	static char octets[1 << 18];
	int fd = accept(*(const int *)arg, NULL, NULL);

	while (fd >= 0 && read(fd, octets, sizeof(octets)) > 0)
		continue;
	if (fd >= 0)
		close(fd);
	return NULL;
}

static int listen_on_loopback(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd >= 0 && bind(fd, (struct sockaddr *)address, len) == 0 && listen(fd, 1) == 0
			&& getsockname(fd, (struct sockaddr *)address, &len) == 0)
		return fd;
	int error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

int weir_bench_send(double tsc_per_sec, struct weir_bench_figure *figure)
{
	struct config_output *output = set_up(true);
	struct sockaddr_in address;
	pthread_t reader;
	int fd = listen_on_loopback(&address);

	if (fd < 0)
		return fd;
	bench.slice_records = RING_CAPACITY;
	bench.warm_up_records = 16 * RING_CAPACITY; /* once around the queue */
	output->format = CONFIG_OUTPUT_IPFIX;
	output->transport = CONFIG_TRANSPORT_TCP;
	snprintf(output->collector, sizeof(output->collector), "127.0.0.1:%u",
			ntohs(address.sin_port));
	int rc = weir_bench_threads_fork(&reader, read_all, &fd);
	if (rc == 0) {
		rc = run_drain(tsc_per_sec, figure);
		/* without a connection the reader still waits for one */
		shutdown(fd, SHUT_RDWR);
		weir_bench_threads_join(reader);
	}
	close(fd);
	return rc;
}
