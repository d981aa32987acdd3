/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Readings of the whole program while it runs, and how they can add up exactly all the same:
 *
 * - control and outputs: one ledger (control_ledger.h), always consistent;
 * - rings: what waits is what the worker published minus what that ledger took, so it fits the
 *   ledger by construction, however late it is read;
 * - workers: a block is consistent in itself, and is read again until it fits the ring's index;
 * - ports: read again until the driver's number and the workers' agree.
 *
 * "Again" has a limit, so a defect shows as a residual. Downstream is read first, so that what was
 * in flight when the limit came shows as a residual above 0, never below.
 */
#include "base_clock.h"
#include "control_internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The later half of them after a pause that doubles: 13 ms in all, a scheduler's time slice. */
#define WORKER_TRIES 16
#define PORT_TRIES 4
#define SCAN_TRIES 3
#define SCAN_RETRY_NS (5 * BASE_NS_PER_MS)
#define RETRY_NS (50 * BASE_NS_PER_US)

static void sleep_ns(int64_t ns)
{
	nanosleep(&(struct timespec){.tv_nsec = (long)ns}, NULL);
}

static uint64_t sum_records(const uint64_t *values)
{
	return values[STATS_records_idle] + values[STATS_records_active]
			+ values[STATS_records_detected] + values[STATS_records_forced]
			+ values[STATS_records_resources];
}

/* Reads the counters of a worker, and what it had published in its ring when they were true. */
static uint64_t read_worker(const struct control_worker *worker, uint64_t *values)
{
	int64_t pause_ns = RETRY_NS;

	for (int i = 0;; i++) {
		uint64_t produced = ring_produced(worker->ring);
		stats_block_read(worker->stats, values);
		if (sum_records(values) - values[STATS_ring_drop_full] == produced
				|| i == WORKER_TRIES)
			return produced;
		/* The worker may have to run to get there, on this CPU. */
		if (i >= WORKER_TRIES / 2) {
			sleep_ns(pause_ns);
			pause_ns *= 2;
		}
	}
}

static void add_worker(uint64_t *sum, const uint64_t *values)
{
	for (uint32_t i = 0; i < STATS_WORKER_COUNT; i++) {
		if (stats_worker_rows[i].kind != STATS_MAXIMUM)
			sum[i] += values[i];
		else if (values[i] > sum[i])
			sum[i] = values[i];
	}
}

static void read_workers(struct control *control, struct control_view *view,
		const struct control_ledger_values *ledger)
{
	for (uint32_t i = 0; i < control->setup.worker_count; i++) {
		uint64_t produced = read_worker(&control->setup.workers[i], view->workers[i]);
		view->ring_waiting[i] = produced - ledger->rings[i];
		view->snapshot.ring_waiting += view->ring_waiting[i];
		add_worker(view->snapshot.worker, view->workers[i]);
	}
}

static uint64_t read_polled(const struct control_port *port, uint64_t rx_packets)
{
	return port->polled ? port->polled(port->arg) : rx_packets;
}

static void read_port(const struct control_port *port, uint32_t number,
		struct stats_port_view *view, uint64_t rx_packets)
{
	snprintf(view->name, sizeof(view->name), "%u %.20s %.31s", number, port->driver,
			port->device);
	for (int i = 0; i < PORT_TRIES; i++) {
		view->polled_packets = read_polled(port, rx_packets);
		port->read(port->arg, view->values);
		if (view->values[STATS_port_received_packets] == view->polled_packets)
			break;
	}
	view->drops_observable = view->values[STATS_port_drops_observable] != 0;
}

static void read_ports(struct control *control, struct control_view *view)
{
	const struct control_setup *setup = &control->setup;

	pthread_mutex_lock(&control->ports_lock);
	for (uint32_t i = 0; i < setup->port_count; i++)
		read_port(&setup->ports[i], i, &view->ports[i],
				view->snapshot.worker[STATS_rx_packets]);
	pthread_mutex_unlock(&control->ports_lock);
	view->snapshot.ports = view->ports;
	view->snapshot.port_count = setup->port_count;
}

static void read_outputs(struct control *control, struct control_view *view,
		const struct control_ledger_values *ledger)
{
	for (uint32_t i = 0; i < control->outputs.count; i++) {
		snprintf(view->outputs[i].name, sizeof(view->outputs[i].name), "%s",
				control->outputs.names[i]);
		memcpy(view->outputs[i].values, ledger->outputs[i],
				sizeof(view->outputs[i].values));
	}
	memcpy(view->snapshot.control, ledger->control, sizeof(view->snapshot.control));
	view->snapshot.outputs = view->outputs;
	view->snapshot.output_count = control->outputs.count;
}

void control_snapshot(struct control *control, struct control_view *view)
{
	struct control_ledger_values ledger;

	memset(view, 0, sizeof(*view));
	control_ledger_read(&control->ledger, &ledger);
	view->taken_ns = base_clock_mono_ns();
	read_outputs(control, view, &ledger);
	read_workers(control, view, &ledger);
	read_ports(control, view);
}

/* True when the tables of all workers held the same at both times. */
static bool nothing_moved(const struct control *control, const struct control_view *before,
		const struct control_view *after)
{
	/* Every change of a table is a packet, a flow that began or a record. */
	static const uint8_t rows[] = {STATS_metered_packets, STATS_flows_created,
			STATS_flows_ended_idle, STATS_flows_ended_detected,
			STATS_flows_ended_forced, STATS_flows_ended_resources,
			STATS_records_active};

	for (uint32_t i = 0; i < control->setup.worker_count; i++) {
		for (size_t j = 0; j < BASE_COUNT_OF(rows); j++) {
			if (before->workers[i][rows[j]] != after->workers[i][rows[j]])
				return false;
		}
	}
	return true;
}

static void scan_tables(const struct control *control, struct stats_snapshot *found)
{
	for (uint32_t i = 0; i < control->setup.worker_count; i++) {
		uint64_t flows, packets, octets;
		flow_table_resident(control->setup.workers[i].table, &flows, &packets, &octets);
		found->scan_flows += flows;
		found->scan_packets += packets;
		found->scan_octets += octets;
	}
}

static bool scan_fits_gauges(const struct stats_snapshot *found, const uint64_t *worker)
{
	return found->scan_flows == worker[STATS_flows_active]
			&& found->scan_packets == worker[STATS_resident_packets]
			&& found->scan_octets == worker[STATS_resident_octets];
}

/*
 * A worker publishes its counters after a burst, so a scan may see packets that no counter shows
 * yet: when scan and gauges differ, it looks again before it believes it.
 */
void control_snapshot_scanned(struct control *control, struct control_view *view)
{
	struct control_view before;

	for (int i = 1;; i++) {
		struct stats_snapshot found = {0};
		control_snapshot(control, &before);
		scan_tables(control, &found);
		control_snapshot(control, view);
		bool still = nothing_moved(control, &before, view);
		if (i < SCAN_TRIES && !(still && scan_fits_gauges(&found, view->snapshot.worker))) {
			sleep_ns(SCAN_RETRY_NS);
			continue;
		}
		if (still) {
			view->snapshot.scanned = true;
			view->snapshot.scan_flows = found.scan_flows;
			view->snapshot.scan_packets = found.scan_packets;
			view->snapshot.scan_octets = found.scan_octets;
		}
		return;
	}
}

static void take_sample(struct control *control, struct control_sample *sample)
{
	const struct control_setup *setup = &control->setup;
	struct control_ledger_values ledger;
	uint64_t values[STATS_BLOCK_MAX];

	control_ledger_read(&control->ledger, &ledger);
	sample->records_taken = ledger.control[STATS_records_taken];
	for (uint32_t i = 0; i < setup->worker_count; i++) {
		stats_block_read(setup->workers[i].stats, values);
		sample->flows_created += values[STATS_flows_created];
		sample->rx_octets += values[STATS_rx_octets];
		for (uint32_t r = 0; r < PACKET_REASON_COUNT; r++)
			sample->drops[r] += values[STATS_DROP_PACKETS(r)];
		sample->rx_packets[i] = values[STATS_rx_packets];
		sample->busy_ns[i] = values[STATS_busy_ns];
		sample->idle_ns[i] = values[STATS_idle_ns];
		sample->stage_packets[i] = values[STATS_stage_packets];
		memcpy(sample->stage_cycles[i], &values[STATS_stage_receive_cycles],
				sizeof(sample->stage_cycles[i]));
	}
	pthread_mutex_lock(&control->ports_lock);
	for (uint32_t i = 0; i < setup->port_count; i++) {
		uint64_t port[STATS_PORT_COUNT] = {0};
		setup->ports[i].read(setup->ports[i].arg, port);
		sample->port_packets[i] = port[STATS_port_received_packets];
		sample->port_octets[i] = port[STATS_port_received_octets];
	}
	pthread_mutex_unlock(&control->ports_lock);
}

/* Packets that sampling passed over were not ignored but not selected: a report of its own. */
static void add_ignored(struct export_metering *metering, const uint64_t *worker)
{
	for (uint32_t r = 0; r < PACKET_REASON_COUNT; r++) {
		int64_t last_ns = (int64_t)worker[STATS_DROP_LAST_NS(r)];
		if (r == PACKET_sampled_out)
			continue;
		metering->ignored_packets += worker[STATS_DROP_PACKETS(r)];
		metering->ignored_octets += worker[STATS_DROP_OCTETS(r)];
		if (last_ns > metering->ignored_last_ns)
			metering->ignored_last_ns = last_ns;
	}
}

/* Octets that a port missed are not known: only its packets are added. */
void control_read_metering(void *arg, struct export_metering *metering)
{
	struct control *control = arg;
	const struct control_setup *setup = &control->setup;
	uint64_t worker[STATS_BLOCK_MAX], missed = 0;

	for (uint32_t i = 0; i < setup->worker_count; i++) {
		stats_block_read(setup->workers[i].stats, worker);
		add_ignored(metering, worker);
		metering->observed_packets += worker[STATS_rx_packets];
		metering->sampled_out_packets += worker[STATS_decode_drop_sampled_out_packets];
		metering->lost_records += worker[STATS_ring_drop_full];
		metering->lost_packets += worker[STATS_ring_drop_full_packets];
		metering->lost_octets += worker[STATS_ring_drop_full_octets];
	}
	pthread_mutex_lock(&control->ports_lock);
	for (uint32_t i = 0; i < setup->port_count; i++) {
		uint64_t port[STATS_PORT_COUNT] = {0};
		setup->ports[i].read(setup->ports[i].arg, port);
		missed += port[STATS_port_missed_packets];
	}
	pthread_mutex_unlock(&control->ports_lock);
	metering->ignored_packets += missed;
	if (metering->ignored_packets > 0 && control->ignored_first_ns == 0)
		control->ignored_first_ns = metering->ignored_last_ns ? metering->ignored_last_ns
								      : base_clock_wall_ns();
	metering->ignored_first_ns = control->ignored_first_ns;
	if (metering->ignored_last_ns < metering->ignored_first_ns)
		metering->ignored_last_ns = metering->ignored_first_ns;
}

void control_sample_rates(struct control *control, int64_t now_ns)
{
	pthread_mutex_lock(&control->rates_lock);
	if (control_meter_due(&control->meter, now_ns)) {
		struct control_sample sample = {.now_ns = now_ns};
		take_sample(control, &sample);
		control_meter_add(&control->meter, &sample);
	}
	pthread_mutex_unlock(&control->rates_lock);
}

void control_get_rates(struct control *control, struct control_rates *rates)
{
	/* A replay whose reader waits stops the thread, and its samples with it. */
	control_sample_rates(control, base_clock_mono_ns());
	pthread_mutex_lock(&control->rates_lock);
	*rates = control->meter.rates;
	pthread_mutex_unlock(&control->rates_lock);
}
