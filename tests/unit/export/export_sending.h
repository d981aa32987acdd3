/* SPDX-License-Identifier: BSD-3-Clause */
/* An output to a fake collector, driven step by step; after each step its ledger closes. */
#ifndef EXPORT_SENDING_H
#define EXPORT_SENDING_H

#include "base_clock.h"
#include "export_sample.h"
#include "export_transport.h"
#include "fake_collector.h"

#define SECOND BASE_NS_PER_SEC
#define MILLISECOND BASE_NS_PER_MS
#define PATIENCE_NS (15 * SECOND)

static const char *const port_names[] = {"eth0", "eth1"};
static const char *const port_descriptions[] = {"towards the office", "towards the world"};
static const uint32_t port_indexes[] = {7, 9};
static struct export_context context;
static struct config_output config;
static struct export_output *output;
static struct fake_collector *fake;
static uint64_t values[STATS_OUTPUT_COUNT];
static uint64_t next_id;

static inline void aim_at(const struct fake_collector *at, int family)
{
	snprintf(config.collector, sizeof(config.collector),
			family == AF_INET ? "127.0.0.1:%u" : "[::1]:%u", fake_port(at));
}

/* The defaults of the configuration, but for times that a test waits for. */
static inline void set_up_sending(bool stream, int family)
{
	context = (struct export_context){.port_names = port_names,
			.port_count = 2,
			.port_indexes = port_indexes,
			.port_descriptions = port_descriptions};
	config = (struct config_output){.name = "judge",
			.format = CONFIG_OUTPUT_IPFIX,
			.transport = stream ? CONFIG_TRANSPORT_TCP : CONFIG_TRANSPORT_UDP,
			.mtu = 1400,
			.template_refresh_ns = 60 * SECOND,
			.options_refresh_ns = 600 * SECOND,
			.retry_ns = 20 * MILLISECOND,
			.domain = 77,
			.queue_bytes = 1 << 20};
	next_id = 0;
	memset(values, 0, sizeof(values));
	fake = fake_open(stream, family);
	aim_at(fake, family);
}

static inline void set_up_udp(void)
{
	set_up_sending(false, AF_INET);
}

static inline void set_up_tcp(void)
{
	set_up_sending(true, AF_INET);
}

static inline void tear_down(void)
{
	export_output_close(output, 0);
	output = NULL;
	fake_close(fake);
}

static inline uint64_t lost_of_all(void)
{
	return stats_output_lost(values);
}

/* A counter that goes back looks like another start of weir. */
static inline void check_counters_grow(const uint64_t *before)
{
	for (unsigned int row = 0; row < STATS_OUTPUT_COUNT; row++) {
		if (stats_output_rows[row].kind == STATS_COUNTER)
			ck_assert_msg(values[row] >= before[row], "%s goes back from %llu to %llu",
					stats_output_rows[row].name,
					(unsigned long long)before[row],
					(unsigned long long)values[row]);
	}
}

static inline void check_ledger(void)
{
	uint64_t before[STATS_OUTPUT_COUNT];

	memcpy(before, values, sizeof(before));
	stats_block_read(export_output_stats(output), values);
	check_counters_grow(before);
	ck_assert_uint_eq(values[STATS_output_offered],
			values[STATS_output_sent] + values[STATS_output_queued] + lost_of_all());
}

static inline void open_output(void)
{
	char error[1024] = "";

	ck_assert_msg(export_output_open(&output, &config, &context, error, sizeof(error)) == 0,
			"%s", error);
	memset(values, 0, sizeof(values));
	check_ledger();
}

/* Five packets of 3180 octets that have just been, with an id that no other record has. */
static inline struct flow_record recent_record(void)
{
	struct flow_record record = sample_record();

	record.end_ns = base_clock_wall_ns() - MILLISECOND;
	record.start_ns = record.end_ns - 2 * SECOND;
	record.flow_start_ns = record.start_ns;
	record.rev_start_ns = record.start_ns + SECOND;
	record.flow_id = next_id++;
	return record;
}

#define RECORD_PACKETS 5
#define RECORD_OCTETS 3180

static inline void offer(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct flow_record record = recent_record();
		export_output_write(output, &record, 1);
		check_ledger();
	}
}

static inline void tick(void)
{
	export_output_tick(output, base_clock_wall_ns());
	check_ledger();
}

/* A tick, and what it sent. */
static inline void step(void)
{
	tick();
	fake_read(fake);
}

static inline enum export_link link_now(void)
{
	return (enum export_link)values[STATS_output_link];
}

static inline void step_until(enum export_link link)
{
	int64_t end_ns = base_clock_mono_ns() + PATIENCE_NS;

	for (step(); link_now() != link; step()) {
		ck_assert_msg(base_clock_mono_ns() < end_ns, "it stays %s, not %s",
				export_link_name(link_now()), export_link_name(link));
		usleep(2000);
	}
}

static inline void step_until_sent(uint64_t records)
{
	int64_t end_ns = base_clock_mono_ns() + PATIENCE_NS;

	for (step(); values[STATS_output_sent] < records; step()) {
		ck_assert_msg(base_clock_mono_ns() < end_ns, "%llu of %llu were sent",
				(unsigned long long)values[STATS_output_sent],
				(unsigned long long)records);
		usleep(2000);
	}
}

/* Ends the output; returns how long that took. */
static inline int64_t finish(int64_t deadline_ns)
{
	int64_t begin_ns = base_clock_mono_ns();

	export_output_finish(output, deadline_ns);
	int64_t took_ns = base_clock_mono_ns() - begin_ns;
	check_ledger();
	ck_assert_uint_eq(values[STATS_output_queued], 0);
	return took_ns;
}

#endif
