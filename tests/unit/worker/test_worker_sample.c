/* SPDX-License-Identifier: BSD-3-Clause */
/* Which packets are chosen: exactly, over bursts of any size, and at random as evenly as it should.
 */
#include "unit_main.h"
#include "worker_sample.h"

#include <stdlib.h>
#include <string.h>

#define PACKETS 100003
#define SEED UINT64_C(0x5eed)

static uint8_t taken[PACKETS + SOURCE_BURST_MAX];

/* Offers PACKETS packets in bursts of uneven sizes; marks those that are taken. */
static uint32_t offer(uint32_t rate, bool random, uint64_t seed)
{
	struct worker_sampler sampler;
	uint32_t count = 0, size = 0;

	memset(taken, 0, sizeof(taken));
	worker_sampler_init(&sampler,
			&(struct worker_sample_setup){
					.rate = rate, .random = random, .seed = seed});
	ck_assert(worker_sampler_is_on(&sampler));
	for (uint32_t done = 0; done < PACKETS; done += size) {
		size = (size * 7 + 5) % (SOURCE_BURST_MAX + 1);
		if (size > PACKETS - done)
			size = PACKETS - done;
		uint64_t chosen = worker_sampler_choose(&sampler, size);
		if (size < SOURCE_BURST_MAX)
			ck_assert_uint_eq(chosen >> size, 0);
		for (uint32_t i = 0; i < size; i++)
			count += taken[done + i] = chosen >> i & 1;
	}
	return count;
}

static const uint32_t rates[] = {2, 3, 7, 63, 64, 65, 1000, 99999, WORKER_SAMPLE_RATE_MAX};

START_TEST(systematic_takes_the_first_of_every_window)
{
	uint32_t rate = rates[_i];

	ck_assert_uint_eq(offer(rate, false, SEED), (PACKETS + rate - 1) / rate);
	for (uint32_t i = 0; i < PACKETS; i++)
		ck_assert_uint_eq(taken[i], i % rate == 0);
}
END_TEST

START_TEST(random_takes_one_of_every_window)
{
	uint32_t rate = rates[_i];

	offer(rate, true, SEED);
	for (uint32_t start = 0; start < PACKETS; start += rate) {
		uint32_t sum = 0;
		for (uint32_t i = start; i < start + rate && i < PACKETS; i++)
			sum += taken[i];
		if (start + rate <= PACKETS)
			ck_assert_uint_eq(sum, 1);
		else
			ck_assert_uint_le(sum, 1);
	}
}
END_TEST

START_TEST(random_places_are_even)
{
	enum { RATE = 10, WINDOWS = PACKETS / RATE, FIVE_SIGMA = 5 * 30 };
	uint32_t places[RATE] = {0}, repeats = 0, before = RATE;

	offer(RATE, true, SEED);
	for (uint32_t i = 0; i < WINDOWS * RATE; i++) {
		if (!taken[i])
			continue;
		places[i % RATE]++;
		repeats += i % RATE == before;
		before = i % RATE;
	}
	/* mean 1000, standard deviation sqrt(10000 x 0.1 x 0.9) = 30 */
	for (uint32_t i = 0; i < RATE; i++)
		ck_assert_int_le(abs((int)places[i] - WINDOWS / RATE), FIVE_SIGMA);
	/* one window says nothing about the next */
	ck_assert_int_le(abs((int)repeats - WINDOWS / RATE), FIVE_SIGMA);
}
END_TEST

START_TEST(a_seed_repeats_its_places_and_another_has_others)
{
	static uint8_t first[sizeof(taken)];

	offer(50, true, SEED);
	memcpy(first, taken, sizeof(taken));
	offer(50, true, SEED);
	ck_assert_mem_eq(first, taken, sizeof(taken));
	offer(50, true, SEED + 1);
	ck_assert_mem_ne(first, taken, sizeof(taken));
}
END_TEST

START_TEST(one_in_one_is_off)
{
	struct worker_sampler sampler;

	for (uint32_t rate = 0; rate < 2; rate++) {
		worker_sampler_init(&sampler, &(struct worker_sample_setup){.rate = rate});
		ck_assert(!worker_sampler_is_on(&sampler));
	}
}
END_TEST

static const struct {
	uint32_t count;
	uint64_t chosen;
	uint32_t kept;
	int64_t last_ns; /* of those that are not: their number, from 100 */
} bursts[] = {
		{0, 0, 0, 0},
		{1, 0, 0, 100},
		{1, 1, 1, 0},
		{5, 0x12, 2, 103},
		{5, 0x10, 1, 103},
		{64, 0, 0, 163},
		{64, UINT64_MAX, 64, 0},
		{64, UINT64_C(1) << 63 | 1, 2, 162},
};

START_TEST(chosen_packets_move_to_the_front_and_others_are_counted)
{
	struct source_burst burst = {.count = bursts[_i].count};
	struct worker_counts counts = {0};
	uint64_t octets = 0;
	uint32_t at = 0;

	for (uint32_t i = 0; i < burst.count; i++) {
		burst.packets[i].wire_bytes = 60 + i;
		burst.packets[i].time_ns = 100 + i;
		burst.owned[i] = &burst.packets[i];
		if (!(bursts[_i].chosen >> i & 1))
			octets += 60 + i;
	}
	ck_assert_uint_eq(worker_sampler_keep(&burst, bursts[_i].chosen, &counts), bursts[_i].kept);
	for (uint32_t i = 0; i < bursts[_i].count; i++) {
		ck_assert_ptr_eq(burst.owned[i], &burst.packets[i]);
		if (bursts[_i].chosen >> i & 1)
			ck_assert_int_eq(burst.packets[at++].time_ns, 100 + i);
	}
	ck_assert_uint_eq(burst.count, bursts[_i].count);
	ck_assert_uint_eq(counts.drop_packets[PACKET_sampled_out],
			bursts[_i].count - bursts[_i].kept);
	ck_assert_uint_eq(counts.drop_octets[PACKET_sampled_out], octets);
	ck_assert_uint_eq(counts.rx_octets, octets);
	ck_assert_int_eq(counts.drop_last_ns[PACKET_sampled_out], bursts[_i].last_ns);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("worker_sample");
	TCase *tcase = tcase_create("worker_sample");

	tcase_add_loop_test(
			tcase, systematic_takes_the_first_of_every_window, 0, BASE_COUNT_OF(rates));
	tcase_add_loop_test(tcase, random_takes_one_of_every_window, 0, BASE_COUNT_OF(rates));
	tcase_add_test(tcase, random_places_are_even);
	tcase_add_test(tcase, a_seed_repeats_its_places_and_another_has_others);
	tcase_add_test(tcase, one_in_one_is_off);
	tcase_add_loop_test(tcase, chosen_packets_move_to_the_front_and_others_are_counted, 0,
			BASE_COUNT_OF(bursts));
	suite_add_tcase(suite, tcase);
	return suite;
}
