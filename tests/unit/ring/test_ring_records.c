/* SPDX-License-Identifier: BSD-3-Clause */
#include "ring_records.h"
#include "unit_main.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static struct base_region region;
static struct ring_records *ring;

static void make(uint32_t capacity)
{
	struct base_region_options options = {.name = "weir-ring",
			.payload_bytes = ring_memory_bytes(capacity),
			.numa_node = -1,
			.shared = true,
			.kind = RING_KIND,
			.kind_version = RING_KIND_VERSION};

	ck_assert_int_eq(base_region_init(&region, &options), 0);
	ck_assert_int_eq(ring_init(&ring, &region, capacity), 0);
}

/* Publishes records with running numbers; returns how many found room. */
static uint32_t produce(uint64_t *next, uint32_t wanted)
{
	struct flow_record *slots;
	uint64_t first, mask;
	uint32_t room = ring_reserve(ring, wanted, &slots, &first, &mask);

	for (uint32_t i = 0; i < room; i++) {
		struct flow_record *record = &slots[(first + i) & mask];
		record->flow_id = *next;
		record->bytes = ~*next;
		(*next)++;
	}
	ring_publish(ring, room);
	return room;
}

static uint32_t consume(uint64_t *next, uint32_t wanted)
{
	uint32_t count;
	const struct flow_record *records = ring_peek(ring, wanted, &count);

	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_eq(records[i].flow_id, *next);
		ck_assert_uint_eq(records[i].bytes, ~*next);
		(*next)++;
	}
	ring_release(ring, count);
	return count;
}

START_TEST(fills_and_empties)
{
	uint64_t in = 0, out = 0;

	make(8);
	ck_assert_uint_eq(consume(&out, 4), 0);
	ck_assert_uint_eq(produce(&in, 100), 8);
	ck_assert_uint_eq(produce(&in, 1), 0);
	ck_assert_uint_eq(consume(&out, 3), 3);
	ck_assert_uint_eq(produce(&in, 100), 3);
	ck_assert_uint_eq(consume(&out, 100), 5); /* to the end of the memory */
	ck_assert_uint_eq(consume(&out, 100), 3); /* and from its beginning */
	ck_assert_uint_eq(ring_produced(ring), 11);
	ck_assert_uint_eq(ring_consumed(ring), 11);
	base_region_fini(&region);
}
END_TEST

/* Random steps against the naive model: a counter of what is inside. */
START_TEST(model)
{
	uint64_t in = 0, out = 0;
	const uint32_t capacity = UINT32_C(1) << (_i + 1);

	make(capacity);
	srandom((unsigned int)_i);
	for (int step = 0; step < 300000; step++) {
		uint32_t wanted = (uint32_t)random() % (capacity + 2);
		uint64_t inside = in - out;
		if (random() % 2) {
			uint32_t room = (uint32_t)(capacity - inside);
			ck_assert_uint_eq(produce(&in, wanted), wanted < room ? wanted : room);
		} else {
			uint32_t got = consume(&out, wanted);
			ck_assert_uint_le(got, wanted);
			ck_assert_uint_le(got, inside);
			ck_assert(got > 0 || wanted == 0 || inside == 0);
		}
		ck_assert_uint_eq(ring_produced(ring) - ring_consumed(ring), in - out);
	}
	base_region_fini(&region);
}
END_TEST

#define MANY 400000

static void *producer(void *arg)
{
	uint64_t next = 0;

	(void)arg;
	while (next < MANY) {
		if (produce(&next, (uint32_t)(MANY - next < 37 ? MANY - next : 37)) == 0)
			sched_yield();
	}
	return NULL;
}

START_TEST(two_threads)
{
	pthread_t thread;
	uint64_t next = 0;

	make(256);
	ck_assert_int_eq(pthread_create(&thread, NULL, producer, NULL), 0);
	while (next < MANY) {
		if (consume(&next, 50) == 0)
			sched_yield();
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(ring_consumed(ring), MANY);
	base_region_fini(&region);
}
END_TEST

START_TEST(bad_sizes_are_refused)
{
	const uint32_t bad[] = {0, 1, 3, 1000, UINT32_MAX};

	make(16);
	for (size_t i = 0; i < BASE_COUNT_OF(bad); i++)
		ck_assert_int_eq(ring_init(&ring, &region, bad[i]), -EINVAL);
	ck_assert_int_eq(ring_init(&ring, &region, 1 << 24), -EINVAL); /* does not fit */
	base_region_fini(&region);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ring_records");
	TCase *tcase = tcase_create("ring");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, fills_and_empties);
	tcase_add_loop_test(tcase, model, 0, 6);
	tcase_add_test(tcase, two_threads);
	tcase_add_test(tcase, bad_sizes_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
