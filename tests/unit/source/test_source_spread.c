/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_run.h"
#include "source_spread.h"
#include "unit_main.h"

#define TRIALS 4000

static uint32_t spread(const uint8_t *frame, uint32_t len, uint32_t workers)
{
	struct source_packet packet = {.data = frame,
			.captured_bytes = len,
			.wire_bytes = len,
			.link = PACKET_LINK_ETHERNET};

	return source_spread(&packet, workers);
}

/* Ethernet, IPv6, TCP header. */
static void make_tcp6(
		uint8_t *frame, uint8_t from, uint8_t to, uint16_t from_port, uint16_t to_port)
{
	memset(frame, 0, 74);
	memcpy(frame + 12, "\x86\xdd\x60", 3);
	frame[19] = 20;
	frame[20] = 6;
	frame[21] = 64;
	frame[22] = frame[38] = 0x20;
	frame[37] = from;
	frame[53] = to;
	frame[54] = (uint8_t)(from_port >> 8);
	frame[55] = (uint8_t)from_port;
	frame[56] = (uint8_t)(to_port >> 8);
	frame[57] = (uint8_t)to_port;
	frame[66] = 0x50;
}

START_TEST(both_directions_meet)
{
	uint8_t there[100], back[100];

	for (uint32_t i = 0; i < TRIALS; i++) {
		uint16_t port = (uint16_t)(1024 + i * 13);

		make_udp(there, 60 + i % 40, 0x0a000000 + i, 0x0b000000 + i * 7, port, 53);
		make_udp(back, 90, 0x0b000000 + i * 7, 0x0a000000 + i, 53, port);
		ck_assert_uint_eq(spread(there, 60 + i % 40, 7), spread(back, 90, 7));
		make_tcp6(there, (uint8_t)i, (uint8_t)(i * 3), port, 443);
		make_tcp6(back, (uint8_t)(i * 3), (uint8_t)i, 443, port);
		ck_assert_uint_eq(spread(there, 74, 7), spread(back, 74, 7));
	}
}
END_TEST

/* Clients that differ in one small number only, as they do behind a router. */
static const struct {
	const char *what;
	uint32_t from_step, to_step;
	uint16_t port_step;
} even_rows[] = {
		{"addresses of clients", 1, 0, 0},
		{"addresses of servers", 0, 256, 0},
		{"address and port alike", 1, 0, 1},
		{"both ends alike", 1, 1, 0},
};

/* A later fragment has no ports, and what a tunnel carries shows in its outer ports. */
START_TEST(ports_make_no_difference)
{
	uint8_t frame[60];

	make_udp(frame, 60, 0x0a000001, 0x0a000002, 1, 2);
	uint32_t worker = spread(frame, 60, 13);
	for (uint16_t port = 0; port < 1000; port++) {
		make_udp(frame, 60, 0x0a000001, 0x0a000002, port, (uint16_t)(port * 7));
		ck_assert_uint_eq(spread(frame, 60, 13), worker);
	}
}
END_TEST

START_TEST(loads_the_workers_evenly)
{
	uint8_t frame[60];

	for (uint32_t workers = 2; workers <= 16; workers++) {
		uint32_t load[16] = {0};

		for (uint32_t i = 0; i < TRIALS; i++) {
			make_udp(frame, 60, 0x0a000001 + i * even_rows[_i].from_step,
					0xc0a80001 + i * even_rows[_i].to_step,
					(uint16_t)(1024 + i * even_rows[_i].port_step), 443);
			uint32_t worker = spread(frame, 60, workers);
			ck_assert_uint_lt(worker, workers);
			load[worker]++;
		}
		for (uint32_t i = 0; i < workers; i++) {
			ck_assert_uint_gt(load[i], TRIALS / workers * 7 / 10);
			ck_assert_uint_lt(load[i], TRIALS / workers * 13 / 10);
		}
	}
}
END_TEST

START_TEST(sends_what_is_no_flow_to_the_first_worker)
{
	uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};

	for (uint8_t i = 0; i < 50; i++) {
		arp[30] = i;
		ck_assert_uint_eq(spread(arp, 60, 4), 0);
		ck_assert_uint_eq(spread(arp, i % 14, 4), 0);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_spread");
	TCase *tcase = tcase_create("spread");

	tcase_add_test(tcase, both_directions_meet);
	tcase_add_test(tcase, ports_make_no_difference);
	tcase_add_loop_test(tcase, loads_the_workers_evenly, 0, (int)BASE_COUNT_OF(even_rows));
	tcase_add_test(tcase, sends_what_is_no_flow_to_the_first_worker);
	suite_add_tcase(suite, tcase);
	return suite;
}
