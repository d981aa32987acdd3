/* SPDX-License-Identifier: BSD-3-Clause */
/* module: export */
/*
 * What a record costs as text: records and octets a second on one core, formatted into memory and
 * written out, for each format. Each row is the best of several passes, so that what else ran on
 * the machine is left out; "ratio" is against the first row of the same run.
 *
 *     bench_export [FILE]     FILE is written and deleted; without it only /dev/null is written
 */
#include "base_clock.h"
#include "export_format.h"
#include "export_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORDS 4096 /* 768 KiB: more than the ring's part of the cache, as live records are */
#define BURST 256
#define PASSES 9
#define ROUNDS_PER_PASS 25

static const char *const port_names[] = {"eth0", "eth1"};
static const struct export_context context = {.port_names = port_names, .port_count = 2};
static struct flow_record records[RECORDS];

struct row {
	const char *name;
	enum config_output_format format;
	bool community_id;
	const char *path; /* NULL: into memory */
};

/* Two thirds IPv4, two thirds with a way back, mostly TCP: what a busy link makes. */
static void make_records(void)
{
	uint64_t state = 88172645463325252u;

	for (unsigned int i = 0; i < RECORDS; i++) {
		uint64_t words[sizeof(struct flow_record) / 8];
		struct flow_record *record = &records[i];

		for (unsigned int w = 0; w < BASE_COUNT_OF(words); w++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			words[w] = state;
		}
		memcpy(record, words, sizeof(*record));
		record->ip_version = i % 3 ? 4 : 6;
		record->protocol = i % 4 ? 6 : 17;
		record->end_reason = (uint8_t)(1 + i % 4);
		record->flags = 0;
		record->packets %= i % 10 ? 50 : 100000;
		record->packets++;
		record->bytes = record->packets * (40 + i % 1400);
		record->rev_packets = i % 3 ? record->packets / 2 + 1 : 0;
		record->rev_bytes = record->rev_packets * 700;
		record->start_ns = INT64_C(1795224600000000000) + (int64_t)i * 1234567;
		record->end_ns = record->start_ns + 15000000000 + i;
		record->flow_start_ns = record->start_ns;
		record->rev_start_ns = record->start_ns + 20000000;
		record->tcp_flags &= 0x1f;
		record->rev_tcp_flags &= 0x1f;
		record->vlan = i % 2 ? 0 : 100;
		record->vlan_inner = 0;
		record->port = 0;
		record->rev_port = 1;
	}
}

/* Time that this thread had a core: waiting for others is not what is measured. */
static int64_t cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * BASE_NS_PER_SEC + time.tv_nsec;
}

static uint64_t pass_memory(struct export_encoder *encoder, char *line)
{
	uint64_t octets = 0;

	for (unsigned int round = 0; round < ROUNDS_PER_PASS; round++) {
		for (unsigned int i = 0; i < RECORDS; i++)
			octets += (uint64_t)(export_encoder_write(encoder, line, &records[i])
					- line);
	}
	return octets;
}

static uint64_t pass_output(struct export_output *output)
{
	uint64_t values[STATS_OUTPUT_COUNT], before;

	stats_block_read(export_output_stats(output), values);
	before = values[STATS_output_sent_octets];
	for (unsigned int round = 0; round < ROUNDS_PER_PASS; round++) {
		for (unsigned int i = 0; i < RECORDS; i += BURST)
			export_output_write(output, &records[i], BURST);
	}
	export_output_tick(output, base_clock_wall_ns());
	stats_block_read(export_output_stats(output), values);
	return values[STATS_output_sent_octets] - before;
}

static void print_row(const struct row *row, int64_t best_ns, uint64_t octets)
{
	static double first;
	double count = (double)RECORDS * ROUNDS_PER_PASS;
	double rate = count / (double)best_ns * 1e9;

	if (first == 0)
		first = rate;
	printf("%-34s %9.2f %9.0f %11.0f %9.0f %7.2f\n", row->name, rate / 1e6,
			(double)best_ns / count, (double)octets / count,
			(double)octets / (double)best_ns * 1e3, first / rate);
}

static int run_memory(const struct row *row)
{
	struct export_encoder encoder;
	int64_t best = INT64_MAX;
	uint64_t octets = 0;

	if (export_encoder_init(&encoder, row->format, row->community_id, &context) < 0)
		return EXIT_FAILURE;
	char *line = malloc(encoder.line_bytes);
	for (unsigned int pass = 0; line && pass < PASSES; pass++) {
		int64_t start = cpu_ns();
		octets = pass_memory(&encoder, line);
		int64_t spent = cpu_ns() - start;
		best = spent < best ? spent : best;
	}
	print_row(row, best, octets);
	free(line);
	export_encoder_fini(&encoder);
	return EXIT_SUCCESS;
}

static int run_output(const struct row *row)
{
	struct config_output config = {.name = "bench",
			.format = row->format,
			.community_id = row->community_id,
			.queue_bytes = 16 << 20};
	struct export_output *output;
	int64_t best = INT64_MAX;
	uint64_t octets = 0;
	char error[1024];

	snprintf(config.path, sizeof(config.path), "%s", row->path);
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		if (export_output_open(&output, &config, &context, error, sizeof(error)) < 0) {
			fprintf(stderr, "bench_export: %s\n", error);
			return EXIT_FAILURE;
		}
		int64_t start = cpu_ns();
		octets = pass_output(output);
		int64_t spent = cpu_ns() - start;
		best = spent < best ? spent : best;
		export_output_close(output, 0);
		if (strncmp(row->path, "/dev/", 5) != 0)
			unlink(row->path);
	}
	print_row(row, best, octets);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct row rows[] = {
			{"JSON Lines, in memory", CONFIG_OUTPUT_JSONL, false, NULL},
			{"CSV, in memory", CONFIG_OUTPUT_CSV, false, NULL},
			{"JSON Lines + Community ID", CONFIG_OUTPUT_JSONL, true, NULL},
			{"JSON Lines, written to /dev/null", CONFIG_OUTPUT_JSONL, false,
					"/dev/null"},
			{"JSON Lines, written to FILE", CONFIG_OUTPUT_JSONL, false,
					argc > 1 ? argv[1] : NULL},
	};
	size_t count = BASE_COUNT_OF(rows) - (argc > 1 ? 0 : 1);
	int status = EXIT_SUCCESS;

	make_records();
	printf("%-34s %9s %9s %11s %9s %7s\n", "", "Mrecord/s", "ns/record", "octets/rec.", "MB/s",
			"ratio");
	for (size_t i = 0; i < count && status == EXIT_SUCCESS; i++)
		status = rows[i].path ? run_output(&rows[i]) : run_memory(&rows[i]);
	return status;
}
