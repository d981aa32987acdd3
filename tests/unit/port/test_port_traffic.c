/* SPDX-License-Identifier: BSD-3-Clause */
/* What is sent into a kernel interface is received or counted as missed, and arrives whole. */
#include "../unit_main.h"
#include "kernel_port.h"

/* The claim of the ledger: a reader that stands still loses packets, and every one is counted. */
START_TEST(xdp_counts_every_packet_of_a_stalled_reader)
{
	uint64_t octets = 0;

	configure(CONFIG_DRIVER_AF_XDP);
	struct port *port = start(1);
	ck_assert_uint_ge(port_get_info(port)->rx_descriptors, 2048);
	ck_assert(port_get_info(port)->drops_observable);
	uint64_t offered = send_frames("v1", 20000, 100);
	ck_assert_uint_gt(offered, 5000);
	uint64_t polled = drain(port, &octets);
	ck_assert_uint_ge(polled, 2048);
	ck_assert_uint_lt(polled, offered);
	ck_assert_uint_eq(value(port, STATS_port_received_packets), polled);
	ck_assert_uint_eq(value(port, STATS_port_received_octets), octets);
	ck_assert_uint_eq(polled + value(port, STATS_port_missed_packets)
					+ value(port, STATS_port_error_packets),
			offered);
	end(port);
}
END_TEST

START_TEST(packets_of_all_lengths_arrive_whole)
{
	uint64_t octets = 0, sent_octets = 0, packets = 0, sent = 0;

	configure(drivers[_i]);
	struct port *port = start(1);
	for (uint32_t bytes = 14; bytes <= 1514; bytes += 25) {
		uint64_t n = send_frames("v1", 3, bytes);
		sent += n;
		sent_octets += n * bytes;
		packets += drain(port, &octets);
	}
	ck_assert_uint_eq(packets, sent);
	ck_assert_uint_eq(octets, sent_octets);
	ck_assert_uint_eq(value(port, STATS_port_received_packets), sent);
	ck_assert_uint_eq(value(port, STATS_port_missed_packets), 0);
	end(port);
}
END_TEST

/* AF_PACKET gets the tag beside the frame; the frame on the wire had it inside. */
START_TEST(vlan_tags_are_part_of_the_frame)
{
	static const unsigned char frame[100] = {
			2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0x60, 0x2a, 0x88, 0xb5};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("v1")};
	struct source *source;
	struct timespec pause = {.tv_nsec = 1000000};

	configure(drivers[_i]);
	struct port *port = start(1);
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	ck_assert_int_eq(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
			sizeof(frame));
	close(fd);
	ck_assert_int_eq(source_port_create(&source, port, 0), 0);
	burst.count = 0;
	for (int i = 0; i < 1000 && burst.count == 0; i++) {
		source_receive(source, &burst, 64);
		nanosleep(&pause, NULL);
	}
	ck_assert_uint_eq(burst.count, 1);
	ck_assert_uint_eq(burst.packets[0].wire_bytes, sizeof(frame));
	ck_assert_uint_eq(burst.packets[0].captured_bytes, sizeof(frame));
	ck_assert_int_eq(memcmp(burst.packets[0].data, frame, sizeof(frame)), 0);
	source_release(source, &burst);
	source_destroy(source);
	end(port);
}
END_TEST

/* The kernel tells of a carrier within a second. */
static bool link_becomes(struct port *port, uint64_t wanted)
{
	struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; i < 300 && value(port, STATS_port_link_up) != wanted; i++)
		nanosleep(&pause, NULL);
	return value(port, STATS_port_link_up) == wanted;
}

/* The drivers of DPDK 22.11 say "up" whatever happens. */
START_TEST(link_follows_the_interface)
{
	configure(drivers[_i]);
	struct port *port = start(1);
	ck_assert(link_becomes(port, 1));
	run("ip link set v1 down");
	ck_assert(link_becomes(port, 0));
	run("ip link set v1 up");
	ck_assert(link_becomes(port, 1));
	end(port);
}
END_TEST

START_TEST(deleted_interface_is_a_lost_port)
{
	uint64_t octets = 0;

	configure(drivers[_i]);
	struct port *port = start(1);
	uint64_t sent = send_frames("v1", 100, 100);
	ck_assert_uint_eq(drain(port, &octets), sent);
	run("ip link del v0");
	ck_assert_uint_eq(value(port, STATS_port_link_up), 0);
	ck_assert(port_is_lost(port));
	ck_assert_uint_eq(value(port, STATS_port_received_packets), sent);
	ck_assert_uint_eq(drain(port, &octets), 0);
	ck_assert_uint_eq(port_speed(port), 0);
	/* Errors of polling a dead device are not packets. */
	ck_assert_uint_eq(value(port, STATS_port_error_packets), 0);
	/* One of the same name is another interface, and not touched at the end. */
	run("ip link add v0 type veth peer name v2; ip link set v0 up promisc on");
	ck_assert(port_is_lost(port));
	end(port);
	ck_assert(look_at("v0").promiscuous);
}
END_TEST

/* The driver of a tap counts no drops; the kernel does, on its side. */
START_TEST(tap_counts_what_the_kernel_could_not_deliver)
{
	uint64_t octets = 0, polled = 0;

	eal_configure(CONFIG_PORT_VDEV, "net_tap0,iface=t0");
	struct port *port = start(1);
	run("ip link set t0 up");
	uint64_t early = value(port, STATS_port_missed_packets);
	polled += drain(port, &octets);
	uint64_t before = polled + value(port, STATS_port_missed_packets);
	ck_assert_uint_eq(early, 0);

	unsigned char frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2,
			ETHERTYPE_LOCAL >> 8, ETHERTYPE_LOCAL & 0xff};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("t0")};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	uint64_t tried = 5000;
	for (uint64_t i = 0; i < tried; i++)
		(void)!sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	polled += drain(port, &octets);
	uint64_t missed = value(port, STATS_port_missed_packets);
	ck_assert_uint_gt(missed, 0);
	ck_assert_uint_eq(polled + missed - before, tried);
	ck_assert_uint_eq(value(port, STATS_port_received_packets), polled);
	end(port);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_traffic");
	TCase *counting = tcase_create("counting");

	tcase_set_timeout(counting, EAL_TIMEOUT_SEC);
	tcase_add_checked_fixture(counting, make_pair, NULL);
	tcase_add_test(counting, xdp_counts_every_packet_of_a_stalled_reader);
	tcase_add_loop_test(counting, packets_of_all_lengths_arrive_whole, 0, 2);
	tcase_add_loop_test(counting, vlan_tags_are_part_of_the_frame, 0, 2);
	tcase_add_loop_test(counting, link_follows_the_interface, 0, 2);
	tcase_add_loop_test(counting, deleted_interface_is_a_lost_port, 0, 2);
	tcase_add_test(counting, tap_counts_what_the_kernel_could_not_deliver);
	suite_add_tcase(suite, counting);
	return suite;
}
