/* SPDX-License-Identifier: BSD-3-Clause */
/* A port made of rings (net_ring): the test puts exactly these buffers into its queues. */
#include "../port/eal_port.h"
#include "../unit_main.h"
#include "base_clock.h"
#include "source_port.h"

#include <rte_eth_ring.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <errno.h>
#include <stdlib.h>

#define QUEUES 2
#define RING_SIZE 256

static struct rte_mempool *pool;
static struct rte_ring *rings[QUEUES];
static struct port *port;
static struct source *sources[QUEUES];
static struct source_burst burst;

static void open_port(void)
{
	eal_configure(CONFIG_PORT_VDEV, "net_ring_test");
	eal_start(QUEUES);
	for (int q = 0; q < QUEUES; q++) {
		char name[16];
		snprintf(name, sizeof(name), "test%d", q);
		rings[q] = rte_ring_create(name, RING_SIZE, SOCKET_ID_ANY, 0);
		ck_assert_ptr_nonnull(rings[q]);
	}
	pool = rte_pktmbuf_pool_create(
			"test", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ck_assert_ptr_nonnull(pool);
	ck_assert_int_ge(
			rte_eth_from_rings("test", rings, QUEUES, rings, QUEUES, SOCKET_ID_ANY), 0);
	port = eal_must_open(0, QUEUES);
	for (uint32_t q = 0; q < QUEUES; q++)
		ck_assert_int_eq(source_port_create(&sources[q], port, q), 0);
}

static void close_port(void)
{
	/* Whatever a case did, every buffer came back exactly once. */
	ck_assert_uint_eq(rte_mempool_avail_count(pool), 1023);
	for (uint32_t q = 0; q < QUEUES; q++)
		source_destroy(sources[q]);
	port_close(port);
	port_eal_fini();
}

static uint8_t octet(uint32_t i)
{
	return (uint8_t)(i * 7 + 1);
}

/* A frame of `bytes` octets cut into segments of at most `segment`. */
static struct rte_mbuf *make_frame(uint32_t bytes, uint32_t segment)
{
	struct rte_mbuf *head = NULL, *last = NULL;

	for (uint32_t done = 0; done < bytes || !head;) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		uint32_t len = bytes - done < segment ? bytes - done : segment;
		ck_assert_ptr_nonnull(m);
		for (uint32_t i = 0; i < len; i++)
			rte_pktmbuf_mtod(m, uint8_t *)[i] = octet(done + i);
		m->data_len = (uint16_t)len;
		if (last)
			last->next = m;
		else
			head = m;
		last = m;
		head->nb_segs = (uint16_t)(head == m ? 1 : head->nb_segs + 1);
		done += len;
	}
	head->pkt_len = bytes;
	return head;
}

static void put(uint32_t queue, struct rte_mbuf *mbuf)
{
	ck_assert_int_eq(rte_ring_enqueue(rings[queue], mbuf), 0);
}

static void check_octets(const struct source_packet *packet, uint32_t from, uint32_t shift)
{
	for (uint32_t i = from; i < packet->captured_bytes; i++)
		ck_assert_uint_eq(packet->data[i], octet(i - shift));
}

START_TEST(empty_queue_gives_the_time)
{
	int64_t before = base_clock_wall_ns();

	source_receive(sources[0], &burst, 64);
	ck_assert_uint_eq(burst.count, 0);
	ck_assert_int_eq(burst.event, SOURCE_NONE);
	ck_assert_int_ge(burst.clock_ns, before);
	ck_assert_int_le(burst.clock_ns, base_clock_wall_ns());
	source_release(sources[0], &burst);
}
END_TEST

START_TEST(packets_are_read_where_they_lie)
{
	struct rte_mbuf *mbuf = make_frame(60, 2000);
	const uint8_t *data = rte_pktmbuf_mtod(mbuf, const uint8_t *);

	put(0, mbuf);
	put(0, make_frame(1514, 2000));
	source_receive(sources[0], &burst, 64);
	ck_assert_uint_eq(burst.count, 2);
	ck_assert_ptr_eq(burst.packets[0].data, data);
	ck_assert_uint_eq(burst.packets[0].captured_bytes, 60);
	ck_assert_uint_eq(burst.packets[0].wire_bytes, 60);
	ck_assert_uint_eq(burst.packets[1].wire_bytes, 1514);
	ck_assert_uint_eq(burst.packets[1].captured_bytes, 1514);
	ck_assert_int_eq(burst.packets[0].time_ns, burst.clock_ns);
	ck_assert_uint_eq(burst.packets[0].port, 0);
	ck_assert_uint_eq(burst.packets[0].link, PACKET_LINK_ETHERNET);
	check_octets(&burst.packets[1], 0, 0);
	source_release(sources[0], &burst);
	ck_assert_uint_eq(burst.count, 0);
}
END_TEST

START_TEST(queues_are_apart)
{
	put(1, make_frame(100, 2000));
	source_receive(sources[0], &burst, 64);
	ck_assert_uint_eq(burst.count, 0);
	source_receive(sources[1], &burst, 64);
	ck_assert_uint_eq(burst.count, 1);
	source_release(sources[1], &burst);
	ck_assert_str_eq(sources[0]->name, "p0q0");
	ck_assert_str_eq(sources[1]->name, "p0q1");
}
END_TEST

static const uint32_t limits[] = {1, 7, 32, 64, 65, 1000};

START_TEST(burst_is_never_larger_than_asked)
{
	uint32_t want = limits[_i] < SOURCE_BURST_MAX ? limits[_i] : SOURCE_BURST_MAX, total = 0;

	for (int i = 0; i < 200; i++)
		put(0, make_frame(60, 2000));
	do {
		source_receive(sources[0], &burst, limits[_i]);
		ck_assert_uint_le(burst.count, want);
		if (total == 0)
			ck_assert_uint_eq(burst.count, want);
		total += burst.count;
		source_release(sources[0], &burst);
	} while (total < 200);
	ck_assert_uint_eq(total, 200);
}
END_TEST

/* Headers split at every place: the same octets as in one piece. */
START_TEST(segments_are_put_together)
{
	for (uint32_t segment = 1; segment <= 120; segment++) {
		put(0, make_frame(120, segment));
		source_receive(sources[0], &burst, 64);
		ck_assert_uint_eq(burst.count, 1);
		ck_assert_uint_eq(burst.packets[0].captured_bytes, 120);
		ck_assert_uint_eq(burst.packets[0].wire_bytes, 120);
		check_octets(&burst.packets[0], 0, 0);
		source_release(sources[0], &burst);
	}
}
END_TEST

START_TEST(long_packets_are_put_together_as_far_as_headers_go)
{
	put(0, make_frame(9000, 100));
	put(0, make_frame(9000, 600));
	source_receive(sources[0], &burst, 64);
	ck_assert_uint_eq(burst.count, 2);
	ck_assert_uint_eq(burst.packets[0].wire_bytes, 9000);
	ck_assert_uint_eq(burst.packets[0].captured_bytes, SOURCE_PORT_LINEAR_BYTES);
	check_octets(&burst.packets[0], 0, 0);
	/* Its first segment holds enough: no copy. */
	ck_assert_uint_eq(burst.packets[1].wire_bytes, 9000);
	ck_assert_uint_eq(burst.packets[1].captured_bytes, 600);
	check_octets(&burst.packets[1], 0, 0);
	source_release(sources[0], &burst);
}
END_TEST

static const struct {
	uint32_t bytes, segment;
	uint32_t captured;
} tagged[] = {
		{60, 2000, 64},
		{60, 7, 64},
		{12, 2000, 16},
		{508, 2000, 512},
		{1514, 2000, 512},
		{1514, 100, 512},
};

/* A tag that the driver took out was on the wire, and decides which flow the packet is in. */
START_TEST(stripped_vlan_tags_are_put_back)
{
	static const uint8_t tag[] = {0x81, 0x00, 0x60, 0x2a};
	struct rte_mbuf *mbuf = make_frame(tagged[_i].bytes, tagged[_i].segment);

	mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	mbuf->vlan_tci = 0x602a;
	put(0, mbuf);
	source_receive(sources[0], &burst, 64);
	const struct source_packet *packet = &burst.packets[0];
	ck_assert_uint_eq(packet->wire_bytes, tagged[_i].bytes + 4);
	ck_assert_uint_eq(packet->captured_bytes, tagged[_i].captured);
	for (uint32_t i = 0; i < 12; i++)
		ck_assert_uint_eq(packet->data[i], octet(i));
	ck_assert_int_eq(memcmp(packet->data + 12, tag, sizeof(tag)), 0);
	check_octets(packet, 16, 4);
	source_release(sources[0], &burst);
}
END_TEST

START_TEST(frame_too_short_for_a_tag_is_left_alone)
{
	struct rte_mbuf *mbuf = make_frame(5, 2000);

	mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	put(0, mbuf);
	put(0, make_frame(0, 2000));
	source_receive(sources[0], &burst, 64);
	ck_assert_uint_eq(burst.count, 2);
	ck_assert_uint_eq(burst.packets[0].captured_bytes, 5);
	ck_assert_uint_eq(burst.packets[0].wire_bytes, 5);
	ck_assert_uint_eq(burst.packets[1].captured_bytes, 0);
	source_release(sources[0], &burst);
}
END_TEST

/* A whole burst of packets that have to be put together: each has its own place. */
START_TEST(a_burst_of_segmented_packets_keeps_them_apart)
{
	for (uint32_t i = 0; i < SOURCE_BURST_MAX; i++)
		put(0, make_frame(40 + i, 9));
	source_receive(sources[0], &burst, SOURCE_BURST_MAX);
	ck_assert_uint_eq(burst.count, SOURCE_BURST_MAX);
	for (uint32_t i = 0; i < SOURCE_BURST_MAX; i++) {
		ck_assert_uint_eq(burst.packets[i].captured_bytes, 40 + i);
		check_octets(&burst.packets[i], 0, 0);
	}
	source_release(sources[0], &burst);
}
END_TEST

START_TEST(what_was_polled_is_what_the_port_counts)
{
	uint64_t values[STATS_PORT_COUNT], polled = 0;

	srandom(11);
	for (int turn = 0; turn < 100; turn++) {
		uint32_t queue = (uint32_t)random() % QUEUES;
		for (long n = random() % 90; n > 0; n--)
			put(queue, make_frame(60, 2000));
		for (uint32_t q = 0; q < QUEUES; q++)
			do {
				source_receive(sources[q], &burst, 64);
				polled += burst.count;
				source_release(sources[q], &burst);
			} while (rte_ring_count(rings[q]));
		port_read(port, values);
		ck_assert_uint_eq(values[STATS_port_received_packets], polled);
		ck_assert_uint_eq(values[STATS_port_missed_packets], 0);
	}
	ck_assert_uint_gt(polled, 1000);
}
END_TEST

START_TEST(there_are_no_more_queues_than_the_port_has)
{
	struct source *source;

	ck_assert_uint_eq(port_get_info(port)->queues, QUEUES);
	ck_assert_int_eq(source_port_create(&source, port, QUEUES), -EINVAL);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_port");
	TCase *tcase = tcase_create("rings");

	tcase_set_timeout(tcase, EAL_TIMEOUT_SEC);
	tcase_add_checked_fixture(tcase, open_port, close_port);
	tcase_add_test(tcase, empty_queue_gives_the_time);
	tcase_add_test(tcase, packets_are_read_where_they_lie);
	tcase_add_test(tcase, queues_are_apart);
	tcase_add_loop_test(tcase, burst_is_never_larger_than_asked, 0, COUNT(limits));
	tcase_add_test(tcase, segments_are_put_together);
	tcase_add_test(tcase, long_packets_are_put_together_as_far_as_headers_go);
	tcase_add_loop_test(tcase, stripped_vlan_tags_are_put_back, 0, COUNT(tagged));
	tcase_add_test(tcase, frame_too_short_for_a_tag_is_left_alone);
	tcase_add_test(tcase, a_burst_of_segmented_packets_keeps_them_apart);
	tcase_add_test(tcase, what_was_polled_is_what_the_port_counts);
	tcase_add_test(tcase, there_are_no_more_queues_than_the_port_has);
	suite_add_tcase(suite, tcase);
	return suite;
}
