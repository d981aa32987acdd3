/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A control over fake workers, fake outputs and fake ports, with a thread or without.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "control_internal.h"
#include "fake_output.h"
#include "fake_worker.h"

#include <check.h>

#define FIXTURE_WORKERS 4

struct fake_port {
	_Atomic uint64_t received;
	_Atomic uint64_t polled;
	_Atomic uint32_t reads;
	_Atomic uint32_t inside; /* callers in read() now */
	uint32_t overlaps; /* calls that found another one inside */
};

static struct config config;
static struct fake_worker workers[FIXTURE_WORKERS];
static struct control_worker described[FIXTURE_WORKERS];
static struct fake_port fake_ports[2];
static struct control_port ports[2];
static struct control_setup setup;
static struct control *control;

static inline void fake_port_read(void *arg, uint64_t values[STATS_PORT_COUNT])
{
	struct fake_port *port = arg;

	if (atomic_fetch_add(&port->inside, 1) > 0)
		port->overlaps++;
	atomic_fetch_add(&port->reads, 1);
	values[STATS_port_received_packets] = atomic_load(&port->received);
	values[STATS_port_received_octets] = 100 * values[STATS_port_received_packets];
	values[STATS_port_drops_observable] = 1;
	atomic_fetch_sub(&port->inside, 1);
}

static inline uint64_t fake_port_polled(void *arg)
{
	struct fake_port *port = arg;

	return atomic_load(&port->polled);
}

/* What a test changes before fixture_create(): config, setup, fakes. */
static inline void fixture_prepare(uint32_t worker_count, uint32_t output_count, uint32_t capacity)
{
	fake_reset();
	memset(&config, 0, sizeof(config));
	memset(fake_ports, 0, sizeof(fake_ports));
	config.workers.control_cpu = -1;
	config.output_count = output_count;
	for (uint32_t i = 0; i < output_count; i++)
		snprintf(config.outputs[i].name, sizeof(config.outputs[i].name), "out%u", i);
	for (uint32_t i = 0; i < worker_count; i++) {
		fake_worker_init(&workers[i], i, capacity);
		fake_worker_describe(&workers[i], &described[i]);
	}
	for (int i = 0; i < 2; i++) {
		ports[i] = (struct control_port){.read = fake_port_read,
				.polled = fake_port_polled,
				.arg = &fake_ports[i],
				.driver = "net_test"};
		snprintf(ports[i].name, sizeof(ports[i].name), "uplink%d", i);
		snprintf(ports[i].device, sizeof(ports[i].device), "eth%d", i);
	}
	setup = (struct control_setup){.config = &config,
			.workers = described,
			.worker_count = worker_count,
			.ports = ports};
	control = NULL;
}

static inline void fixture_create(void)
{
	char error[256] = "";
	int rc = control_create(&control, &setup, error, sizeof(error));

	ck_assert_msg(rc == 0, "%d %s", rc, error);
}

static inline void fixture_start(void)
{
	fixture_create();
	ck_assert_int_eq(control_start(control), 0);
}

static inline void fixture_destroy(void)
{
	control_destroy(control);
	control = NULL;
	for (uint32_t i = 0; i < setup.worker_count; i++)
		fake_worker_fini(&workers[i]);
	fake_reset();
}

/* A deadline that many milliseconds from now. */
static inline int64_t in_ms(int64_t ms)
{
	return base_clock_mono_ns() + ms * BASE_NS_PER_MS;
}

/* Waits until the control has taken `records`, at most 20 s. */
static inline void await_taken(uint64_t records)
{
	struct control_ledger_values values;
	int64_t until_ns = in_ms(20000);

	do {
		control_ledger_read(&control->ledger, &values);
		if (values.control[STATS_records_taken] >= records)
			return;
		fake_sleep_ns(BASE_NS_PER_MS);
	} while (base_clock_mono_ns() < until_ns);
	ck_abort_msg("only %llu of %llu records taken",
			(unsigned long long)values.control[STATS_records_taken],
			(unsigned long long)records);
}

#endif
