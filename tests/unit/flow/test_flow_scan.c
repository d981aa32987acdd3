/* SPDX-License-Identifier: BSD-3-Clause */
/* Live flows read by one thread while another makes, ends and counts them. */
#include "flow_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define FLOWS 300

static struct fixture f;
static atomic_bool stop;

/* A flow's addresses and ports all say the same number: a torn copy would not. */
static void *work(void *arg)
{
	int64_t now = T0;

	(void)arg;
	f.outbox.mask = 0;
	f.outbox.room = UINT32_MAX;
	for (uint32_t i = 0; !atomic_load(&stop); i++) {
		uint32_t n = i * 7919 % (FLOWS * 4) + 1;
		fixture_send(&f, fixture_packet(17, n, (uint16_t)n, n + 0x01000000, (uint16_t)n, 0),
				now);
		if (i % FLOWS == 0)
			flow_table_age(f.table, now += 10 * SEC, 8, &f.outbox);
	}
	return NULL;
}

START_TEST(copies_are_whole)
{
	struct flow_settings settings = fixture_settings();
	struct flow_record live[32];
	pthread_t thread;
	uint32_t seen = 0, n;

	settings.capacity = FLOWS; /* evictions, too */
	fixture_init(&f, &settings);
	ck_assert_int_eq(pthread_create(&thread, NULL, work, NULL), 0);
	for (int round = 0; round < 300 || seen == 0; round++) {
		uint64_t cursor = 0;
		while ((n = flow_table_scan(f.table, &cursor, live, 32)) > 0) {
			for (uint32_t i = 0; i < n; i++) {
				uint32_t from = __builtin_bswap32(live[i].source.ipv4_be);
				uint32_t to = __builtin_bswap32(live[i].destination.ipv4_be);
				ck_assert_uint_eq(from + 0x01000000, to);
				ck_assert_uint_eq((uint16_t)from, live[i].source_port);
				ck_assert_uint_eq((uint16_t)from, live[i].destination_port);
				ck_assert_int_ge(live[i].end_ns, live[i].flow_start_ns);
				seen++;
			}
		}
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	fixture_check_identities(&f);
	fixture_fini(&f);
}
END_TEST

START_TEST(scan_sees_each_flow_once)
{
	struct flow_settings settings = fixture_settings();
	struct flow_record live[7];
	uint64_t cursor = 0;
	uint32_t seen = 0, n;

	fixture_init(&f, &settings);
	for (uint32_t i = 1; i <= 1000; i++)
		fixture_send(&f, fixture_packet(17, i, 1, 5000, 2, 0), T0);
	while ((n = flow_table_scan(f.table, &cursor, live, 7)) > 0)
		seen += n;
	ck_assert_uint_eq(seen, 1000);
	fixture_fini(&f);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_scan");
	TCase *tcase = tcase_create("scan");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, copies_are_whole);
	tcase_add_test(tcase, scan_sees_each_flow_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
