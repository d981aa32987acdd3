/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "tap_text.h"
#include "unit_main.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

/* Ethernet, IPv4, UDP from 10.0.0.1:1 to 10.0.0.2:53. */
static const uint8_t frame_octets[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46,
		0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 53, 0, 26};

static struct packet_policy policy;
static struct flow_table *table;
static struct tap *tap;
static char error[256];

static void setup(void)
{
	struct flow_settings settings = {
			.capacity = 1000,
			.active_ns = 60 * BASE_NS_PER_SEC,
			.idle_tcp_ns = BASE_NS_PER_SEC,
			.idle_udp_ns = BASE_NS_PER_SEC,
			.idle_icmp_ns = BASE_NS_PER_SEC,
			.idle_other_ns = BASE_NS_PER_SEC,
			.numa_node = -1,
	};

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	ck_assert_int_eq(flow_table_create(&table, &settings), 0);
	ck_assert_int_eq(tap_create(&tap, &policy), 0);
}

static void teardown(void)
{
	tap_destroy(tap);
	flow_table_destroy(table);
}

/* A turn of a worker with `count` packets, the first of which are metered. */
static void turn(uint32_t count, uint32_t metered)
{
	static struct flow_record slots[512];
	struct flow_outbox outbox = {.slots = slots, .mask = 511, .room = 512};
	const struct packet_frame frame = {
			frame_octets, sizeof(frame_octets), 100, PACKET_LINK_ETHERNET};
	struct packet_meta metas[64];
	struct packet_views views;
	int64_t times[64];
	uint16_t ports[64] = {0};
	uint32_t done = 0;

	if (!tap_is_on(tap))
		return;
	for (uint32_t i = 0; i < count; i++) {
		bool is_metered = i < metered;
		uint32_t n = is_metered ? packet_decode_views(&policy, &frame, &metas[done], &views)
					: 0;
		times[done] = 1000 + i;
		tap_take(tap,
				&(struct tap_offer){&frame, 1000 + i, 3,
						is_metered ? PACKET_METERED : PACKET_filtered, n,
						done});
		done += n;
	}
	flow_table_update(table, metas, times, ports, NULL, done, &outbox);
	tap_commit(tap, table, metas);
}

static uint32_t read_all(struct tap_packet *last)
{
	uint32_t count = 0;

	while (tap_read(tap, last))
		count++;
	return count;
}

START_TEST(packets_come_with_their_flows)
{
	struct tap_packet packet;

	turn(1, 1); /* closed: nothing */
	ck_assert(!tap_read(tap, &packet));
	ck_assert_int_eq(tap_open(tap, 10, NULL, error, sizeof(error)), 0);
	turn(2, 1);
	ck_assert(tap_read(tap, &packet));
	ck_assert_int_eq(packet.verdict, PACKET_METERED);
	ck_assert_uint_eq(packet.views, 1);
	ck_assert_uint_ne(packet.flow_ids[0], 0);
	ck_assert_uint_eq(packet.wire_bytes, 100);
	ck_assert_uint_eq(packet.kept_bytes, sizeof(frame_octets));
	ck_assert_mem_eq(packet.octets, frame_octets, sizeof(frame_octets));
	ck_assert_int_eq(packet.time_ns, 1000);
	ck_assert_uint_eq(packet.port, 3);
	uint64_t cursor = 0;
	struct flow_record live;
	ck_assert_uint_eq(flow_table_scan(table, &cursor, &live, 1), 1);
	ck_assert_uint_eq(packet.flow_ids[0], live.flow_id);
	ck_assert(tap_read(tap, &packet));
	ck_assert_int_eq(packet.verdict, PACKET_filtered);
	ck_assert_uint_eq(packet.flow_ids[0], 0);
	ck_assert(!tap_read(tap, &packet));
}
END_TEST

START_TEST(no_more_than_asked_for)
{
	struct tap_packet packet;

	ck_assert_int_eq(tap_open(tap, 5, NULL, error, sizeof(error)), 0);
	turn(64, 64);
	turn(64, 64);
	ck_assert_uint_eq(read_all(&packet), 5);
	ck_assert_uint_eq(tap_taken(tap), 5);
	ck_assert_uint_eq(tap_missed(tap), 0);
}
END_TEST

START_TEST(a_full_tap_misses_and_counts)
{
	struct tap_packet packet;

	ck_assert_int_eq(tap_open(tap, 1000, NULL, error, sizeof(error)), 0);
	for (int i = 0; i < 3; i++)
		turn(64, 64);
	ck_assert_uint_eq(tap_missed(tap), 64);
	ck_assert_uint_eq(tap_room(tap), 0);
	ck_assert_uint_eq(read_all(&packet), TAP_SLOTS);
	turn(64, 64);
	ck_assert_uint_eq(read_all(&packet), 64);
}
END_TEST

START_TEST(filters_pick_and_bad_ones_say_why)
{
	struct tap_packet packet;

	ck_assert_int_eq(tap_open(tap, 5, "prt 53", error, sizeof(error)), -EINVAL);
	ck_assert_uint_gt(strlen(error), 5);
	ck_assert_int_eq(tap_open(tap, 5, "tcp", error, sizeof(error)), 0);
	turn(10, 10);
	ck_assert_uint_eq(read_all(&packet), 0);
	ck_assert_int_eq(tap_open(tap, 5, "udp", error, sizeof(error)), -EBUSY);
}
END_TEST

static atomic_bool stop;

static void *work(void *arg)
{
	const struct timespec pause = {.tv_nsec = 100000};

	(void)arg;
	while (!atomic_load(&stop)) {
		turn(8, 8);
		nanosleep(&pause, NULL);
	}
	tap_leave(tap);
	return NULL;
}

/* Opened and closed again and again while a worker runs: each time whole packets, none of before.
 */
START_TEST(reader_and_worker_share_it)
{
	pthread_t thread;
	struct tap_packet packet;

	atomic_store(&stop, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, work, NULL), 0);
	for (int round = 0; round < 50; round++) {
		ck_assert_int_eq(tap_open(tap, 20, round % 2 ? "udp" : NULL, error, sizeof(error)),
				0);
		for (uint32_t got = 0; got < 20;) {
			if (!tap_read(tap, &packet))
				continue;
			ck_assert_mem_eq(packet.octets, frame_octets, sizeof(frame_octets));
			ck_assert_uint_ne(packet.flow_ids[0], 0);
			got++;
		}
		ck_assert(!tap_read(tap, &packet));
		tap_close(tap);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	/* a worker that has left does not hold the reader up */
	ck_assert_int_eq(tap_open(tap, 20, NULL, error, sizeof(error)), 0);
	tap_close(tap);
	ck_assert_int_eq(tap_open(tap, 20, NULL, error, sizeof(error)), 0);
}
END_TEST

START_TEST(texts_say_what_became_of_it)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	struct tap_packet packet;

	ck_assert_int_eq(tap_open(tap, 2, NULL, error, sizeof(error)), 0);
	turn(2, 1);
	ck_assert(tap_read(tap, &packet));
	packet.flow_ids[0] = 0xabc;
	tap_text_packet(&out, &policy, &packet, 1, "lan");
	ck_assert_str_eq(out.text,
			"packet 1  1970-01-01T00:00:00.000001000Z  lan  100 octets, 60 captured\n"
			"     0  Ethernet        02:00:00:00:00:02 > 02:00:00:00:00:01, IPv4\n"
			"    14  IPv4            10.0.0.1 > 10.0.0.2, UDP, 46 octets, TTL 64\n"
			"    34  UDP             1 > 53, 26 octets\n"
			"     => metered, outer view, flow 0000000000000abc: 10.0.0.1:1 > "
			"10.0.0.2:53 "
			"UDP\n");
	base_strbuf_reset(&out);
	ck_assert(tap_read(tap, &packet));
	tap_text_packet(&out, &policy, &packet, 2, NULL);
	ck_assert_str_eq(out.text,
			"packet 2  1970-01-01T00:00:00.000001001Z  100 octets, 60 captured\n"
			"     => not metered: filtered: rejected by the configured filter\n");
	base_strbuf_fini(&out);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("tap");
	TCase *tcase = tcase_create("tap");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, packets_come_with_their_flows);
	tcase_add_test(tcase, no_more_than_asked_for);
	tcase_add_test(tcase, a_full_tap_misses_and_counts);
	tcase_add_test(tcase, filters_pick_and_bad_ones_say_why);
	tcase_add_test(tcase, reader_and_worker_share_it);
	tcase_add_test(tcase, texts_say_what_became_of_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
