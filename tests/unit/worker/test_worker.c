/* SPDX-License-Identifier: BSD-3-Clause */
/* The loop on a source of made-up frames: what goes in comes out as records, and is counted. */
#include "base_clock.h"
#include "unit_main.h"
#include "worker.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEC BASE_NS_PER_SEC
#define T0 (INT64_C(1700000000) * SEC)

/* Ethernet, IPv4, UDP, 10.0.0.1:1000 -> 10.0.0.2:53, 8 octets of payload; the source port is
 * patched. */
static const uint8_t udp_frame[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 36, 0, 0,
		0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x03, 0xe8, 0, 53, 0, 16, 0, 0, 1, 2,
		3, 4, 5, 6, 7, 8};
static const uint8_t arp_frame[] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1};

/* Gives `left` frames, one in ten ARP, over `flows` flows, and then ends or idles. */
struct fake {
	struct source source;
	uint8_t frames[SOURCE_BURST_MAX][sizeof(udp_frame)];
	uint32_t left, flows, given;
	uint32_t released;
	uint32_t rewind_at; /* frames given before time goes back; 0: never */
	bool ends;
	int64_t clock_ns;
};

static void fake_receive(struct source *source, struct source_burst *burst, uint32_t max)
{
	struct fake *fake = (struct fake *)source;

	burst->count = 0;
	burst->event = SOURCE_NONE;
	burst->backwards = 0;
	if (fake->rewind_at && fake->given >= fake->rewind_at) {
		burst->event = SOURCE_REWIND;
		fake->rewind_at = 0;
		fake->clock_ns = T0 - 3600 * SEC;
	}
	while (burst->count < max && fake->left > 0) {
		uint32_t i = burst->count++;
		bool arp = fake->given % 10 == 9;
		uint16_t port = (uint16_t)(1024 + fake->given % fake->flows);
		memcpy(fake->frames[i], udp_frame, sizeof(udp_frame));
		fake->frames[i][34] = (uint8_t)(port >> 8);
		fake->frames[i][35] = (uint8_t)port;
		uint32_t len = arp ? sizeof(arp_frame) : sizeof(udp_frame);
		burst->packets[i] = (struct source_packet){
				.data = arp ? arp_frame : fake->frames[i],
				.captured_bytes = len,
				.wire_bytes = len,
				.time_ns = fake->clock_ns += 1000,
				.link = PACKET_LINK_ETHERNET,
		};
		fake->left--;
		fake->given++;
	}
	burst->clock_ns = fake->clock_ns;
	if (burst->count == 0 && fake->ends)
		burst->event = SOURCE_END;
}

static void fake_release(struct source *source, struct source_burst *burst)
{
	((struct fake *)source)->released += burst->count;
}

static const struct source_ops fake_ops = {.receive = fake_receive, .release = fake_release};

static struct fake fake;
static struct source *sources[1] = {&fake.source};

static struct worker_setup make_setup(void)
{
	fake = (struct fake){.source = {.ops = &fake_ops, .name = "fake"},
			.left = 100000,
			.flows = 500,
			.clock_ns = T0,
			.ends = true};
	return (struct worker_setup){
			.cpu = -1,
			.sources = sources,
			.source_count = 1,
			.flows = {.capacity = 10000,
					.active_ns = 60 * SEC,
					.idle_tcp_ns = 30 * SEC,
					.idle_udp_ns = 30 * SEC,
					.idle_icmp_ns = 30 * SEC,
					.idle_other_ns = 30 * SEC,
					.numa_node = -1},
			.ring_records = 1024,
			.burst = 64,
			.replay = true,
	};
}

/* Takes what is in the ring; returns the packets in it. */
static uint64_t drain(struct worker *worker, uint64_t *records, uint8_t *reasons)
{
	const struct flow_record *run;
	uint64_t packets = 0;
	uint32_t count;

	while ((run = ring_peek(worker_ring(worker), 64, &count))) {
		for (uint32_t i = 0; i < count; i++) {
			packets += run[i].packets + run[i].rev_packets;
			reasons[run[i].end_reason]++;
		}
		*records += count;
		ring_release(worker_ring(worker), count);
	}
	return packets;
}

static void read_stats(struct worker *worker, uint64_t values[STATS_WORKER_COUNT])
{
	stats_block_read(worker_stats(worker), values);
}

START_TEST(every_packet_is_in_a_record_or_a_drop)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t records = 0, packets = 0, v[STATS_WORKER_COUNT];
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};

	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	while (!worker_is_done(worker)) {
		packets += drain(worker, &records, reasons);
		sched_yield();
	}
	packets += drain(worker, &records, reasons);
	worker_join(worker);
	read_stats(worker, v);
	ck_assert_uint_eq(fake.released, 100000);
	ck_assert_uint_eq(v[STATS_rx_packets], 100000);
	ck_assert_uint_eq(v[STATS_decode_drop_non_ip_packets], 10000);
	ck_assert_uint_eq(v[STATS_decode_drop_non_ip_octets], 10000 * sizeof(arp_frame));
	ck_assert_uint_eq(v[STATS_metered_packets], 90000);
	ck_assert_uint_eq(v[STATS_metered_octets], 90000 * 36);
	ck_assert_uint_eq(v[STATS_metered_wire_octets], 90000 * sizeof(udp_frame));
	ck_assert_uint_eq(v[STATS_rx_octets],
			v[STATS_metered_wire_octets] + v[STATS_decode_drop_non_ip_octets]);
	ck_assert_uint_eq(packets, 90000);
	ck_assert_uint_eq(records, v[STATS_records_forced]);
	ck_assert_uint_eq(v[STATS_flows_active], 0);
	ck_assert_uint_eq(v[STATS_resident_packets], 0);
	ck_assert_uint_eq(worker_source_packets(worker, 0), 100000);
	worker_destroy(worker);
}
END_TEST

/* Takes records, and packets from the tap, until the worker is done; returns packets in records. */
static uint64_t run_tapped(struct worker *worker, uint32_t rate)
{
	struct tap_packet *packet = malloc(sizeof(*packet));
	uint64_t records = 0, packets = 0, seen = 0;
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};
	bool done;

	do {
		done = worker_is_done(worker);
		while (tap_read(worker_tap(worker), packet)) {
			int left_out = seen % rate != 0, arp = seen % 10 == 9;
			ck_assert_int_eq(packet->time_ns, T0 + 1000 * (int64_t)(seen + 1));
			ck_assert_int_eq(packet->verdict,
					left_out              ? PACKET_sampled_out
							: arp ? PACKET_non_ip
							      : PACKET_METERED);
			seen++;
		}
		packets += drain(worker, &records, reasons);
		sched_yield();
	} while (!done);
	ck_assert_uint_eq(seen, 1000);
	free(packet);
	return packets;
}

/* With the tap open sampling takes another way through decode; it must count the same. */
START_TEST(sampling_chooses_and_counts_every_packet)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t records = 0, packets = 0, v[STATS_WORKER_COUNT];
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};
	bool tapped = _i;
	char error[64];

	setup.decode.sample.rate = 7;
	setup.decode.patient = true;
	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	if (tapped)
		ck_assert_int_eq(tap_open(worker_tap(worker), 1000, NULL, error, sizeof(error)), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	while (!tapped && !worker_is_done(worker))
		packets += drain(worker, &records, reasons);
	packets += tapped ? run_tapped(worker, 7) : drain(worker, &records, reasons);
	worker_join(worker);
	read_stats(worker, v);
	ck_assert_uint_eq(fake.released, 100000);
	ck_assert_uint_eq(v[STATS_rx_packets], 100000);
	ck_assert_uint_eq(
			v[STATS_rx_octets], 90000 * sizeof(udp_frame) + 10000 * sizeof(arp_frame));
	/* numbers 0, 7, 14 ...; of 70 in a row one in ten is ARP */
	ck_assert_uint_eq(v[STATS_decode_drop_sampled_out_packets], 100000 - 14286);
	ck_assert_uint_eq(v[STATS_decode_drop_non_ip_packets], 1428);
	ck_assert_uint_eq(v[STATS_metered_packets], 14286 - 1428);
	ck_assert_uint_eq(v[STATS_rx_octets],
			v[STATS_metered_wire_octets] + v[STATS_decode_drop_non_ip_octets]
					+ v[STATS_decode_drop_sampled_out_octets]);
	ck_assert_int_eq((int64_t)v[STATS_decode_drop_sampled_out_last_ns], T0 + 100000 * 1000);
	ck_assert_uint_eq(packets, v[STATS_metered_packets]);
	worker_destroy(worker);
}
END_TEST

START_TEST(replay_waits_for_a_slow_reader)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t records = 0, packets = 0, v[STATS_WORKER_COUNT];
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};

	setup.ring_records = 256;
	fake.flows = 5000;
	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	while (!worker_is_done(worker)) {
		packets += drain(worker, &records, reasons);
		struct timespec ts = {.tv_nsec = 3000000};
		nanosleep(&ts, NULL);
	}
	packets += drain(worker, &records, reasons);
	worker_join(worker);
	read_stats(worker, v);
	ck_assert_uint_eq(v[STATS_ring_drop_full], 0);
	ck_assert_uint_eq(packets, 90000);
	worker_destroy(worker);
}
END_TEST

START_TEST(stop_ends_every_flow)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t records = 0, v[STATS_WORKER_COUNT];
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};

	setup.replay = false;
	fake.ends = false;
	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	do {
		read_stats(worker, v);
		sched_yield();
	} while (v[STATS_rx_packets] < 100000);
	ck_assert_uint_eq(v[STATS_flows_active], 450); /* each tenth port is always ARP's */
	worker_stop(worker, base_clock_mono_ns() + 5 * SEC);
	worker_join(worker);
	drain(worker, &records, reasons);
	ck_assert_uint_eq(records, 450);
	ck_assert_uint_eq(reasons[FLOW_END_FORCED], 450 % 256);
	worker_destroy(worker);
}
END_TEST

START_TEST(stop_keeps_its_deadline_when_nobody_reads)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t v[STATS_WORKER_COUNT];

	setup.replay = false;
	setup.ring_records = 256;
	fake.ends = false;
	fake.flows = 5000;
	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	do {
		read_stats(worker, v);
		sched_yield();
	} while (v[STATS_rx_packets] < 100000);
	int64_t before = base_clock_mono_ns();
	worker_stop(worker, before + SEC / 5);
	worker_join(worker);
	ck_assert_int_lt(base_clock_mono_ns() - before, 4 * SEC);
	read_stats(worker, v);
	/* what found no room is still there, and in the ledger */
	ck_assert_uint_eq(v[STATS_flows_active] + v[STATS_records_forced], 4500);
	ck_assert_uint_eq(v[STATS_records_forced], 256);
	ck_assert_uint_eq(v[STATS_metered_packets],
			v[STATS_records_packets] + v[STATS_resident_packets]);
	worker_destroy(worker);
}
END_TEST

START_TEST(rewind_ends_flows_and_sets_the_clock_back)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;
	uint64_t records = 0, v[STATS_WORKER_COUNT];
	uint8_t reasons[FLOW_END_REASON_COUNT] = {0};

	fake.left = 1000;
	fake.flows = 10;
	fake.rewind_at = 640;
	ck_assert_int_eq(worker_create(&worker, &setup), 0);
	ck_assert_int_eq(worker_start(worker), 0);
	worker_join(worker);
	drain(worker, &records, reasons);
	read_stats(worker, v);
	ck_assert_uint_eq(v[STATS_time_rewinds], 1);
	ck_assert_uint_eq(v[STATS_flows_created], 18);
	ck_assert_uint_eq(reasons[FLOW_END_FORCED], 18);
	worker_destroy(worker);
}
END_TEST

START_TEST(bad_setups_are_refused)
{
	struct worker_setup setup = make_setup();
	struct worker *worker;

	setup.burst = 65;
	ck_assert_int_eq(worker_create(&worker, &setup), -EINVAL);
	setup.burst = 64;
	setup.ring_records = 1000;
	ck_assert_int_eq(worker_create(&worker, &setup), -EINVAL);
	setup.ring_records = 1024;
	setup.source_count = 0;
	ck_assert_int_eq(worker_create(&worker, &setup), -EINVAL);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("worker");
	TCase *tcase = tcase_create("worker");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_packet_is_in_a_record_or_a_drop);
	tcase_add_loop_test(tcase, sampling_chooses_and_counts_every_packet, 0, 2);
	tcase_add_test(tcase, replay_waits_for_a_slow_reader);
	tcase_add_test(tcase, stop_ends_every_flow);
	tcase_add_test(tcase, stop_keeps_its_deadline_when_nobody_reads);
	tcase_add_test(tcase, rewind_ends_flows_and_sets_the_clock_back);
	tcase_add_test(tcase, bad_setups_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
