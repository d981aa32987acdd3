/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A control plane of two workers, a port and an output whose numbers a test sets. It defines the
 * functions of control.h and flow_table.h that the API calls, so it is included once a program.
 */
#ifndef FAKE_CONTROL_H
#define FAKE_CONTROL_H

#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAKE_WORKERS 2

struct flow_table {
	struct flow_record *records;
	uint64_t count;
};

struct control {
	struct config config;
	struct control_setup setup;
	struct control_worker workers[FAKE_WORKERS];
	struct control_port port;
	struct flow_table tables[FAKE_WORKERS];
	struct control_view view;
	unsigned int reopened, readings, scans;
	unsigned int restless; /* readings that find a packet between two counters */
	bool scan_is_exact;
	int64_t scan_takes_ns; /* each call of flow_table_scan() */
	struct control_output_error output_error;
	const struct export_recent_message *recent;
	unsigned int recent_count;
};

static struct control fake;

static uint32_t fake_speed(void *arg)
{
	(void)arg;
	return 10000;
}

static void fake_set_worker(uint32_t w)
{
	static struct tap *taps[FAKE_WORKERS];
	static struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	if (!taps[w] && tap_create(&taps[w], &policy) < 0)
		abort();
	/* as if its worker had ended: nobody has to let go of it */
	tap_leave(taps[w]);
	tap_close(taps[w]);
	fake.workers[w] = (struct control_worker){.table = &fake.tables[w],
			.tap = taps[w],
			.capacity = 1 << 20,
			.memory_bytes = UINT64_C(180) << 20,
			.memory_pages = "2 MiB pages",
			.cpu = (int)w + 2,
			.numa_node = w == 0 ? 0 : -1};
	snprintf(fake.workers[w].queues, sizeof(fake.workers[w].queues), "p0q%u", w);
}

/* 1000 packets came, 10 of them were not metered, the rest is in two records or resident. */
static void fake_count(void)
{
	struct stats_snapshot *s = &fake.view.snapshot;
	uint64_t *worker = s->worker;

	worker[STATS_rx_packets] = 1000;
	worker[STATS_rx_octets] = 100000;
	worker[STATS_rx_bursts] = 50;
	worker[STATS_metered_packets] = 990;
	worker[STATS_metered_wire_octets] = 99000;
	worker[STATS_metered_octets] = 85000;
	worker[STATS_decode_drop_non_ip_packets] = 10;
	worker[STATS_decode_drop_non_ip_octets] = 1000;
	worker[STATS_flows_created] = 12;
	worker[STATS_flows_active] = 10;
	worker[STATS_flows_ended_idle] = 2;
	worker[STATS_records_idle] = 2;
	worker[STATS_records_packets] = 90;
	worker[STATS_records_octets] = 5000;
	worker[STATS_resident_packets] = 900;
	worker[STATS_resident_octets] = 80000;
	worker[STATS_busy_ns] = 50000;
	s->control[STATS_records_taken] = 2;
	s->control[STATS_records_taken_packets] = 90;
	s->control[STATS_records_taken_octets] = 5000;
	memcpy(fake.view.workers[0], worker, sizeof(fake.view.workers[0]));
	fake.view.ports[0].values[STATS_port_received_packets] = 1000;
	fake.view.ports[0].values[STATS_port_received_octets] = 100000;
	fake.view.ports[0].values[STATS_port_link_up] = 1;
	fake.view.ports[0].polled_packets = 1000;
	fake.view.ports[0].drops_observable = true;
	fake.view.outputs[0].values[STATS_output_offered] = 2;
	fake.view.outputs[0].values[STATS_output_sent] = 2;
}

static void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	snprintf(fake.config.source, sizeof(fake.config.source), "/etc/weir/weir.yaml");
	fake.config.output_count = 1;
	fake.config.control.max_clients = 64;
	fake.port = (struct control_port){.name = "lan",
			.device = "eth1",
			.driver = "net_af_xdp",
			.mac = "02:00:00:00:00:01",
			.numa_node = -1,
			.queues = 2,
			.rx_descriptors = 2048,
			.rss = "addresses and ports",
			.promiscuous = true,
			.speed = fake_speed};
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		fake_set_worker(w);
	fake.setup = (struct control_setup){.config = &fake.config,
			.workers = fake.workers,
			.worker_count = FAKE_WORKERS,
			.ports = &fake.port,
			.port_count = 1};
	snprintf(fake.view.ports[0].name, STATS_NAME_BYTES, "0 net_af_xdp eth1");
	snprintf(fake.view.outputs[0].name, STATS_NAME_BYTES, "flows.jsonl");
	fake.view.snapshot.port_count = 1;
	fake.view.snapshot.output_count = 1;
	fake_count();
}

const struct control_setup *control_get_setup(const struct control *control)
{
	return &control->setup;
}

int64_t control_started_ns(const struct control *control)
{
	(void)control;
	return INT64_C(1700000000) * 1000000000;
}

void control_reopen(struct control *control)
{
	control->reopened++;
}

void control_snapshot(struct control *control, struct control_view *view)
{
	control->readings++;
	*view = control->view;
	view->snapshot.ports = view->ports;
	view->snapshot.outputs = view->outputs;
	if (control->restless > 0) {
		control->restless--;
		/* By turns before the workers and before the outputs. */
		view->ports[0].values[STATS_port_received_packets] += control->restless % 2;
		view->snapshot.control[STATS_records_taken] += 1 - control->restless % 2;
	}
}

void control_snapshot_scanned(struct control *control, struct control_view *view)
{
	control_snapshot(control, view);
	control->scans++;
	view->snapshot.scanned = control->scan_is_exact;
	view->snapshot.scan_flows = 10;
	view->snapshot.scan_packets = 900;
	view->snapshot.scan_octets = 80000;
}

void control_get_rates(struct control *control, struct control_rates *rates)
{
	(void)control;
	*rates = (struct control_rates){.packets_per_sec = 8.42e6,
			.bits_per_sec = 41.7e9,
			.flows_per_sec = 112e3,
			.records_per_sec = 14.9e3,
			.busy = {0.38, 0.12},
			.worker_packets_per_sec = {5e6, 3.42e6},
			.port_packets_per_sec = {8.42e6},
			.port_bits_per_sec = {41.7e9}};
}

uint32_t flow_table_scan(const struct flow_table *table, uint64_t *cursor, struct flow_record *out,
		uint32_t max)
{
	uint32_t n = 0;

	if (fake.scan_takes_ns > 0)
		nanosleep(&(struct timespec){.tv_nsec = (long)fake.scan_takes_ns}, NULL);
	while (n < max && *cursor < table->count)
		out[n++] = table->records[(*cursor)++];
	return n;
}

void control_get_output_errors(struct control *control, struct control_output_error *errors)
{
	errors[0] = control->output_error;
}

/* What a test recorded of an exporter, in a copy. */
int control_get_recent(
		struct control *control, uint32_t output, struct export_recent_message **list)
{
	*list = calloc(control->recent_count + 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	memcpy(*list, control->recent, control->recent_count * sizeof(**list));
	return output == 0 ? (int)control->recent_count : 0;
}

#endif
