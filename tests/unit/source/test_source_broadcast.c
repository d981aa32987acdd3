/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_broadcast.h"
#include "source_run.h"
#include "unit_main.h"

#define ROUNDS 20000

static struct source_broadcast broadcast;

static void add(struct source_batch *batch, uint32_t worker, int64_t time_ns, const uint8_t *data)
{
	struct source_packet packet = {.data = data, .time_ns = time_ns};

	source_batch_add(batch, worker, &packet, false);
}

static void receive(struct source_burst *burst, uint32_t worker, uint32_t max)
{
	*burst = (struct source_burst){0};
	source_broadcast_receive(&broadcast, worker, burst, max);
}

static void publish(struct source_batch *batch, int64_t clock_ns)
{
	batch->clock_ns = clock_ns;
	source_broadcast_publish(&broadcast);
}

START_TEST(a_worker_without_packets_gets_the_clock)
{
	struct source_burst burst;

	ck_assert_int_eq(source_broadcast_init(&broadcast, 2), 0);
	struct source_batch *batch = source_broadcast_begin(&broadcast);
	for (int64_t i = 1; i <= 10; i++)
		add(batch, 0, i, NULL);
	publish(batch, 10);

	receive(&burst, 0, 4);
	ck_assert_uint_eq(burst.count, 4);
	ck_assert_int_eq(burst.clock_ns, 4); /* packets of this batch may be as old as that */
	receive(&burst, 0, 64);
	ck_assert_uint_eq(burst.count, 6);
	ck_assert_int_eq(burst.clock_ns, 10);
	receive(&burst, 1, 64);
	ck_assert_uint_eq(burst.count, 0);
	ck_assert_int_eq(burst.clock_ns, 10);
	receive(&burst, 1, 64);
	ck_assert_int_eq(burst.clock_ns, 10);
	source_broadcast_fini(&broadcast);
}
END_TEST

START_TEST(a_rewind_comes_after_the_last_clock)
{
	struct source_burst burst;

	ck_assert_int_eq(source_broadcast_init(&broadcast, 2), 0);
	struct source_batch *batch = source_broadcast_begin(&broadcast);
	add(batch, 0, 1000, NULL);
	publish(batch, 1000);
	batch = source_broadcast_begin(&broadcast);
	batch->event = SOURCE_REWIND;
	batch->start_ns = 5;
	add(batch, 1, 5, NULL);
	publish(batch, 5);
	batch = source_broadcast_begin(&broadcast);
	batch->event = SOURCE_END;
	publish(batch, 5);

	for (uint32_t worker = 0; worker < 2; worker++) {
		receive(&burst, worker, 64);
		ck_assert_int_eq(burst.event, SOURCE_NONE);
		ck_assert_uint_eq(burst.count, worker == 0);
		ck_assert_int_eq(burst.clock_ns, 1000);
		receive(&burst, worker, 64);
		ck_assert_int_eq(burst.event, SOURCE_REWIND);
		ck_assert_uint_eq(burst.count, worker == 1);
		ck_assert_int_eq(burst.clock_ns, 5);
		receive(&burst, worker, 64);
		ck_assert_int_eq(burst.event, SOURCE_END);
		receive(&burst, worker, 64);
		ck_assert_int_eq(burst.event, SOURCE_END);
	}
	source_broadcast_fini(&broadcast);
}
END_TEST

/* Time goes back with every packet: each worker still sees each step. */
START_TEST(rewinds_in_a_row_are_all_seen)
{
	struct source_burst burst;

	ck_assert_int_eq(source_broadcast_init(&broadcast, 1), 0);
	for (int64_t i = 0; i < SOURCE_BATCHES; i++) {
		struct source_batch *batch = source_broadcast_begin(&broadcast);
		batch->event = SOURCE_REWIND;
		batch->start_ns = 100 - i;
		publish(batch, 100 - i);
	}
	for (int64_t i = 0; i < SOURCE_BATCHES; i++) {
		receive(&burst, 0, 64);
		ck_assert_int_eq(burst.event, SOURCE_REWIND);
		ck_assert_int_eq(burst.clock_ns, 100 - i);
	}
	receive(&burst, 0, 64);
	ck_assert_int_eq(burst.event, SOURCE_NONE);
	source_broadcast_fini(&broadcast);
}
END_TEST

/* What a packet points to must stand until its worker has released it. */
static void *check_octets(void *arg)
{
	uint32_t worker = *(uint32_t *)arg;
	uint64_t next = worker;
	struct source_burst burst;

	for (;;) {
		receive(&burst, worker, 1 + (uint32_t)(next % 64));
		if (burst.event == SOURCE_END)
			return (void *)(uintptr_t)next;
		for (uint32_t i = 0; i < burst.count; i++) {
			uint64_t value;

			memcpy(&value, burst.packets[i].data, sizeof(value));
			if (value != next || burst.packets[i].time_ns != (int64_t)next)
				return NULL;
			next += broadcast.workers;
		}
		source_broadcast_release(&broadcast, worker);
	}
}

START_TEST(octets_stay_until_they_are_released)
{
	enum { workers = 3 };
	pthread_t threads[workers];
	uint32_t ids[workers];
	uint64_t value = 0;

	ck_assert_int_eq(source_broadcast_init(&broadcast, workers), 0);
	for (uint32_t i = 0; i < workers; i++) {
		ids[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, check_octets, &ids[i]), 0);
	}
	struct source_batch *batch = source_broadcast_begin(&broadcast);
	for (uint32_t round = 0; round < ROUNDS / 20; round++) {
		struct source_chunk *chunk = source_broadcast_chunk(&broadcast);

		memset(chunk->bytes, 0xee, 8 * 200);
		/* a chunk serves one batch, or two */
		for (uint32_t i = 0; i < 200; i++) {
			memcpy(chunk->bytes + 8 * i, &value, sizeof(value));
			add(batch, (uint32_t)(value % workers), (int64_t)value,
					chunk->bytes + 8 * i);
			value++;
			if (round % 3 == 0 && i == 100) {
				publish(batch, (int64_t)value);
				batch = source_broadcast_begin(&broadcast);
			}
		}
		publish(batch, (int64_t)value);
		batch = source_broadcast_begin(&broadcast);
	}
	batch->event = SOURCE_END;
	publish(batch, (int64_t)value);
	for (uint32_t i = 0; i < workers; i++) {
		void *next;

		pthread_join(threads[i], &next);
		ck_assert_uint_ge((uintptr_t)next, value);
		ck_assert_uint_lt((uintptr_t)next, value + workers);
	}
	source_broadcast_fini(&broadcast);
}
END_TEST

static void *fill_until_abandoned(void *arg)
{
	uint32_t *batches = arg;

	while (source_broadcast_begin(&broadcast)) {
		broadcast.batches[broadcast.seq % SOURCE_BATCHES].clock_ns = 1;
		source_broadcast_publish(&broadcast);
		(*batches)++;
	}
	return NULL;
}

START_TEST(a_reader_that_waits_can_be_abandoned)
{
	pthread_t thread;
	uint32_t batches = 0;

	ck_assert_int_eq(source_broadcast_init(&broadcast, 1), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, fill_until_abandoned, &batches), 0);
	while (atomic_load(&broadcast.published) < SOURCE_BATCHES)
		usleep(100);
	source_broadcast_abandon(&broadcast);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(batches, SOURCE_BATCHES);
	source_broadcast_fini(&broadcast);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("source_broadcast");
	TCase *tcase = tcase_create("broadcast");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_worker_without_packets_gets_the_clock);
	tcase_add_test(tcase, a_rewind_comes_after_the_last_clock);
	tcase_add_test(tcase, rewinds_in_a_row_are_all_seen);
	tcase_add_test(tcase, octets_stay_until_they_are_released);
	tcase_add_test(tcase, a_reader_that_waits_can_be_abandoned);
	suite_add_tcase(suite, tcase);
	return suite;
}
