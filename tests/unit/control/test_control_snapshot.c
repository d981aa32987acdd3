/* SPDX-License-Identifier: BSD-3-Clause */
#include "fixture.h"
#include "flow_table.h"
#include "unit_main.h"

#define MS BASE_NS_PER_MS
#define SEC BASE_NS_PER_SEC

static struct control_view view;
static struct stats_identity identities[STATS_MAX_IDENTITIES];

static size_t count_open_identities(void)
{
	size_t count = stats_audit(&view.snapshot, identities, STATS_MAX_IDENTITIES), open = 0;

	for (size_t i = 0; i < count; i++) {
		if (!identities[i].judged || identities[i].residual == 0)
			continue;
		printf("# %s %s: residual %lld\n", identities[i].subject, identities[i].unit,
				(long long)identities[i].residual);
		open++;
	}
	return open;
}

START_TEST(a_quiet_program_is_all_zero)
{
	fixture_prepare(2, 2, 1024);
	setup.port_count = 2;
	fixture_create();
	control_snapshot(control, &view);
	ck_assert_uint_eq(count_open_identities(), 0);
	ck_assert_uint_eq(view.snapshot.output_count, 2);
	ck_assert_str_eq(view.outputs[1].name, "out1");
	ck_assert_uint_eq(view.snapshot.port_count, 2);
	ck_assert_str_eq(view.ports[1].name, "1 net_test eth1");
	ck_assert(view.ports[0].drops_observable);
	ck_assert_int_le(view.taken_ns, base_clock_mono_ns());
	fixture_destroy();
}
END_TEST

/* What sampling passed over was not ignored, and what a port missed no selector saw. */
START_TEST(metering_tells_selected_from_ignored)
{
	struct export_metering metering = {0};

	fixture_prepare(2, 1, 1024);
	for (int i = 0; i < 2; i++) {
		uint64_t *values = workers[i].values;
		values[STATS_rx_packets] = 1000;
		values[STATS_decode_drop_sampled_out_packets] = 900;
		values[STATS_decode_drop_sampled_out_octets] = 90000;
		values[STATS_decode_drop_sampled_out_last_ns] = 77;
		values[STATS_decode_drop_non_ip_packets] = 3;
		values[STATS_decode_drop_non_ip_octets] = 180;
		values[STATS_decode_drop_non_ip_last_ns] = 55;
		stats_block_publish(&workers[i].stats, values);
	}
	fixture_create();
	control_read_metering(control, &metering);
	ck_assert_uint_eq(metering.observed_packets, 2000);
	ck_assert_uint_eq(metering.sampled_out_packets, 1800);
	ck_assert_uint_eq(metering.ignored_packets, 6);
	ck_assert_uint_eq(metering.ignored_octets, 360);
	ck_assert_int_eq(metering.ignored_last_ns, 55);
	fixture_destroy();
}
END_TEST

START_TEST(waiting_is_what_the_ledger_has_not_taken)
{
	fixture_prepare(2, 1, 8192);
	fixture_create();
	fake_worker_make(&workers[0], 5000);
	fake_worker_make(&workers[1], 20);
	control_snapshot(control, &view);
	ck_assert_uint_eq(view.ring_waiting[0], 5000);
	ck_assert_uint_eq(view.ring_waiting[1], 20);
	ck_assert_uint_eq(view.snapshot.ring_waiting, 5020);
	ck_assert_uint_eq(count_open_identities(), 0);
	control_drain_ring(&control->drain, 0, 4096);
	control_snapshot(control, &view);
	ck_assert_uint_eq(view.snapshot.ring_waiting, 924);
	ck_assert_uint_eq(view.outputs[0].values[STATS_output_offered], 4096);
	ck_assert_uint_eq(count_open_identities(), 0);
	fixture_destroy();
}
END_TEST

START_TEST(workers_add_up_but_not_their_maximum)
{
	fixture_prepare(2, 0, 1024);
	fixture_create();
	for (uint64_t i = 0; i < 2; i++) {
		workers[i].values[STATS_rx_packets] = 10 + i;
		workers[i].values[STATS_age_lateness_max_ns] = 100 * (i + 1);
		stats_block_publish(&workers[i].stats, workers[i].values);
	}
	control_snapshot(control, &view);
	ck_assert_uint_eq(view.snapshot.worker[STATS_rx_packets], 21);
	ck_assert_uint_eq(view.snapshot.worker[STATS_age_lateness_max_ns], 200);
	ck_assert_uint_eq(view.workers[1][STATS_rx_packets], 11);
	fixture_destroy();
}
END_TEST

/* A worker whose counters never fit its ring must show as a residual, soon. */
START_TEST(a_defect_is_not_waited_away)
{
	fixture_prepare(1, 0, 1024);
	fixture_create();
	fake_worker_make(&workers[0], 10);
	workers[0].values[STATS_records_idle] += 3;
	stats_block_publish(&workers[0].stats, workers[0].values);
	int64_t start_ns = base_clock_mono_ns();
	control_snapshot(control, &view);
	ck_assert_int_lt(base_clock_mono_ns() - start_ns, SEC);
	ck_assert_uint_gt(count_open_identities(), 0);
	fixture_destroy();
}
END_TEST

static void *publish_late(void *arg)
{
	struct fake_worker *worker = arg;

	fake_sleep_ns(MS / 5);
	worker->values[STATS_records_idle] = 1;
	stats_block_publish(&worker->stats, worker->values);
	return NULL;
}

static bool read_between_two_stores(void)
{
	struct flow_record *slots;
	uint64_t first, mask;
	pthread_t thread;

	fixture_prepare(1, 0, 1024);
	fixture_create();
	ck_assert_uint_ge(ring_reserve(workers[0].ring, 1, &slots, &first, &mask), 1);
	memset(&slots[first & mask], 0, sizeof(slots[0]));
	ring_publish(workers[0].ring, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, publish_late, &workers[0]), 0);
	control_snapshot(control, &view);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(view.snapshot.ring_waiting, 1);
	bool closed = view.snapshot.worker[STATS_records_idle] == 1 && count_open_identities() == 0;
	fixture_destroy();
	return closed;
}

/*
 * The counters of a worker lag behind its ring for a moment: nobody may see that. A reading waits a
 * bounded time, so a busy machine gets more than one chance to run the late thread within it.
 */
START_TEST(a_worker_between_two_stores_is_read_again)
{
	bool closed = false;

	for (int i = 0; i < 50 && !closed; i++)
		closed = read_between_two_stores();
	ck_assert(closed);
}
END_TEST

/* While four threads make records and the control drains them, every reading closes exactly. */
START_TEST(every_reading_closes_under_load)
{
	pthread_t threads[FIXTURE_WORKERS];
	uint64_t total = 0, readings = 0, last = 0;

	fixture_prepare(FIXTURE_WORKERS, 3, 2048);
	fixture_start();
	for (uint32_t i = 0; i < FIXTURE_WORKERS; i++) {
		workers[i].to_make = 100000;
		total += workers[i].to_make;
		ck_assert_int_eq(
				pthread_create(&threads[i], NULL, fake_worker_run, &workers[i]), 0);
	}
	do {
		control_snapshot(control, &view);
		ck_assert_uint_eq(count_open_identities(), 0);
		ck_assert_uint_ge(view.snapshot.control[STATS_records_taken], last);
		last = view.snapshot.control[STATS_records_taken];
		readings++;
	} while (last < total);
	for (uint32_t i = 0; i < FIXTURE_WORKERS; i++)
		pthread_join(threads[i], NULL);
	printf("# %llu readings\n", (unsigned long long)readings);
	ck_assert_uint_gt(readings, 3);
	control_stop(control, in_ms(5000));
	fixture_destroy();
}
END_TEST

static uint64_t polled_late(void *arg)
{
	struct fake_port *port = arg;

	/* the workers get to the driver's number at the third look */
	return atomic_load(&port->reads) < 3 ? 90 : 100;
}

START_TEST(a_port_is_read_until_the_workers_agree)
{
	fixture_prepare(1, 0, 1024);
	setup.port_count = 1;
	fake_ports[0].received = 100;
	ports[0].polled = polled_late;
	fixture_create();
	fake_ports[0].reads = 0;
	control_snapshot(control, &view);
	ck_assert_uint_eq(view.ports[0].polled_packets, 100);
	ck_assert_uint_le(fake_ports[0].reads, 5);
	fixture_destroy();
}
END_TEST

START_TEST(packets_that_stay_in_a_port_show)
{
	fixture_prepare(1, 0, 1024);
	setup.port_count = 1;
	fake_ports[0].received = 105;
	fake_ports[0].polled = 100;
	fixture_create();
	control_snapshot(control, &view);
	ck_assert_uint_eq(count_open_identities(), 1);
	fixture_destroy();
}
END_TEST

START_TEST(one_port_is_what_the_workers_received)
{
	fixture_prepare(2, 0, 1024);
	setup.port_count = 1;
	ports[0].polled = NULL;
	fake_ports[0].received = 30;
	fixture_create();
	for (uint64_t i = 0; i < 2; i++) {
		workers[i].values[STATS_rx_packets] = 15;
		stats_block_publish(&workers[i].stats, workers[i].values);
	}
	control_snapshot(control, &view);
	ck_assert_uint_eq(view.ports[0].polled_packets, 30);
	fixture_destroy();
}
END_TEST

static void *take_snapshots(void *arg)
{
	struct control_view mine;

	for (int i = 0; i < 2000; i++)
		control_snapshot(control, &mine);
	return arg;
}

START_TEST(a_port_is_read_by_one_at_a_time)
{
	pthread_t threads[3];

	fixture_prepare(1, 1, 1024);
	setup.port_count = 2;
	fixture_start();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, take_snapshots, NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	control_stop(control, in_ms(1000));
	ck_assert_uint_eq(fake_ports[0].overlaps + fake_ports[1].overlaps, 0);
	fixture_destroy();
}
END_TEST

START_TEST(rates_come_from_workers_and_ports)
{
	struct control_rates rates;

	fixture_prepare(2, 1, 1024);
	setup.port_count = 2;
	fixture_start();
	control_get_rates(control, &rates);
	ck_assert_double_eq(rates.packets_per_sec, 0);
	for (uint64_t i = 0; i < 2; i++) {
		workers[i].values[STATS_rx_packets] = 1000 * (i + 1);
		workers[i].values[STATS_rx_octets] = 64000;
		workers[i].values[STATS_busy_ns] = 30 * (uint64_t)MS;
		workers[i].values[STATS_idle_ns] = 90 * (uint64_t)MS;
		stats_block_publish(&workers[i].stats, workers[i].values);
		fake_ports[i].received = 500;
	}
	fake_sleep_ns(400 * MS);
	control_get_rates(control, &rates);
	/* over 0.2 to 0.5 s, as the host lets us */
	ck_assert_double_ge(rates.packets_per_sec, 3000);
	ck_assert_double_le(rates.packets_per_sec, 15001);
	ck_assert_double_eq_tol(
			rates.worker_packets_per_sec[1], 2 * rates.worker_packets_per_sec[0], 1e-6);
	ck_assert_double_eq_tol(
			rates.bits_per_sec, rates.packets_per_sec * 128000 * 8 / 3000, 1e-3);
	ck_assert_double_eq_tol(rates.busy[0], 0.25, 1e-9);
	ck_assert_double_eq_tol(
			rates.port_bits_per_sec[1], rates.port_packets_per_sec[1] * 800, 1e-3);
	control_stop(control, in_ms(1000));
	fixture_destroy();
}
END_TEST

/* A replay whose reader waits holds the thread inside a write: rates must fall all the same. */
START_TEST(rates_do_not_need_the_thread)
{
	struct control_rates rates;

	fixture_prepare(1, 1, 1024);
	fixture_create();
	control_get_rates(control, &rates);
	fake_worker_make(&workers[0], 100);
	fake_sleep_ns(250 * MS);
	control_get_rates(control, &rates);
	ck_assert_double_gt(rates.flows_per_sec, 0);
	fake_sleep_ns(1050 * MS);
	control_get_rates(control, &rates);
	ck_assert_double_eq(rates.flows_per_sec, 0);
	fixture_destroy();
}
END_TEST

/* --- scans: with real tables --- */

static struct flow_table *tables[2];

static void make_tables(void)
{
	struct flow_settings settings = {.capacity = 1000,
			.active_ns = 60 * SEC,
			.idle_tcp_ns = 15 * SEC,
			.idle_udp_ns = 15 * SEC,
			.idle_icmp_ns = 15 * SEC,
			.idle_other_ns = 15 * SEC,
			.tcp_linger_ns = SEC,
			.hash_seed = 7,
			.numa_node = -1};

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(flow_table_create(&tables[i], &settings), 0);
		described[i].table = tables[i];
	}
}

/* Meters one packet of each of `flows` flows; counters follow when `publish`. */
static void meter(int number, uint32_t flows, bool publish)
{
	struct flow_outbox outbox = {0};
	uint16_t port = 0;
	int64_t time_ns = 1000 * SEC;
	uint64_t *values = workers[number].values;

	for (uint32_t i = 0; i < flows; i++) {
		struct packet_meta meta = {.ip_version = 4,
				.protocol = 17,
				.ip_bytes = 100,
				.source_port = 1000,
				.destination_port = 53};
		meta.source.ipv4_be = 1 + i;
		meta.destination.ipv4_be = UINT32_C(0xffffff0a);
		flow_table_update(tables[number], &meta, &time_ns, &port, NULL, 1, &outbox);
	}
	const struct flow_counters *counters = flow_table_counters(tables[number]);
	values[STATS_metered_packets] = counters->packets;
	values[STATS_metered_octets] = counters->octets;
	values[STATS_rx_packets] = counters->packets;
	values[STATS_flows_created] = counters->created;
	values[STATS_flows_active] = counters->active;
	values[STATS_resident_packets] = counters->resident_packets;
	values[STATS_resident_octets] = counters->resident_octets;
	if (publish)
		stats_block_publish(&workers[number].stats, values);
}

static void destroy_tables(void)
{
	fixture_destroy();
	flow_table_destroy(tables[0]);
	flow_table_destroy(tables[1]);
}

START_TEST(a_scan_of_quiet_tables_is_exact)
{
	fixture_prepare(2, 1, 1024);
	make_tables();
	fixture_create();
	meter(0, 100, true);
	meter(1, 30, true);
	meter(1, 30, true);
	control_snapshot_scanned(control, &view);
	ck_assert(view.snapshot.scanned);
	ck_assert_uint_eq(view.snapshot.scan_flows, 130);
	ck_assert_uint_eq(view.snapshot.scan_packets, 160);
	ck_assert_uint_eq(view.snapshot.scan_octets, 16000);
	ck_assert_uint_eq(count_open_identities(), 0);
	destroy_tables();
}
END_TEST

START_TEST(a_scan_that_differs_from_the_counters_shows)
{
	fixture_prepare(2, 1, 1024);
	make_tables();
	fixture_create();
	meter(0, 100, true);
	meter(1, 30, false);
	control_snapshot_scanned(control, &view);
	ck_assert(view.snapshot.scanned);
	ck_assert_uint_eq(view.snapshot.scan_flows, 130);
	ck_assert_uint_gt(count_open_identities(), 0);
	destroy_tables();
}
END_TEST

/* A packet comes in each time somebody looks, after the workers were read. */
static void receive_while_read(void *arg, uint64_t values[STATS_PORT_COUNT])
{
	fake_port_read(arg, values);
	meter(0, 1, true);
}

/* A reading across packets is not exact and must not claim to be. */
START_TEST(a_scan_under_traffic_does_not_count)
{
	fixture_prepare(2, 1, 1024);
	setup.port_count = 1;
	ports[0].read = receive_while_read;
	make_tables();
	fixture_create();
	meter(0, 100, true);
	control_snapshot_scanned(control, &view);
	ck_assert(!view.snapshot.scanned);
	ck_assert_uint_gt(view.snapshot.worker[STATS_metered_packets], 100);
	ports[0].read = fake_port_read;
	control_snapshot_scanned(control, &view);
	ck_assert(view.snapshot.scanned);
	destroy_tables();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("control_snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_quiet_program_is_all_zero);
	tcase_add_test(tcase, metering_tells_selected_from_ignored);
	tcase_add_test(tcase, waiting_is_what_the_ledger_has_not_taken);
	tcase_add_test(tcase, workers_add_up_but_not_their_maximum);
	tcase_add_test(tcase, a_defect_is_not_waited_away);
	tcase_add_test(tcase, a_worker_between_two_stores_is_read_again);
	tcase_add_test(tcase, every_reading_closes_under_load);
	tcase_add_test(tcase, a_port_is_read_until_the_workers_agree);
	tcase_add_test(tcase, packets_that_stay_in_a_port_show);
	tcase_add_test(tcase, one_port_is_what_the_workers_received);
	tcase_add_test(tcase, a_port_is_read_by_one_at_a_time);
	tcase_add_test(tcase, rates_come_from_workers_and_ports);
	tcase_add_test(tcase, rates_do_not_need_the_thread);
	tcase_add_test(tcase, a_scan_of_quiet_tables_is_exact);
	tcase_add_test(tcase, a_scan_that_differs_from_the_counters_shows);
	tcase_add_test(tcase, a_scan_under_traffic_does_not_count);
	suite_add_tcase(suite, tcase);
	return suite;
}
