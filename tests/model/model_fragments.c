/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of fragments against a naive model: a list of all first fragments, that forgets
 * nothing. With room both must agree on every fragment; in a table of one set, what is not known
 * must have been given up, and what is known must be right. Times go forth, back a little, and to
 * recordings from long before.
 */
#include "base_clock.h"
#include "packet_fragments.h"
#include "unit_main.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SEC BASE_NS_PER_SEC
#define TIMEOUT (30 * SEC)
#define OPERATIONS 200000
#define DATAGRAMS 32
#define RECORDING_OPERATIONS 5000
#define RECORDING_NS (1000000 * SEC)

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 11) % limit;
}

/* --- the model --- */

enum { TCP, UDP, PROTOCOLS };
static const uint8_t numbers[PROTOCOLS] = {6, 17};
#define OPTIONS 60

struct model_first {
	bool known;
	int64_t time_ns;
	uint16_t source_port, destination_port;
};
static struct model_first model[DATAGRAMS][PROTOCOLS];

/* The first fragment whose ports a later one gets, or NULL. */
static const struct model_first *model_find(
		const struct packet_meta *meta, uint32_t datagram, int64_t now_ns)
{
	const struct model_first *found = NULL;

	for (int p = 0; p < PROTOCOLS; p++) {
		const struct model_first *first = &model[datagram][p];
		bool named = meta->protocol == numbers[p]
				|| (meta->protocol == OPTIONS && meta->ip_version == 6);
		if (first->known && named && first->time_ns <= now_ns + PACKET_FRAGMENTS_BACK_NS
				&& (!found || first->time_ns > found->time_ns))
			found = first;
	}
	return found && now_ns - found->time_ns <= TIMEOUT ? found : NULL;
}

/* --- both --- */

static const uint32_t rooms[] = {1, 1 << 18};

struct run {
	struct packet_fragments *fragments;
	struct packet_fragments_counters expected;
	int64_t clock_ns, lowest_ns;
	uint64_t forgotten; /* the model knew, the table did not */
	bool roomy;
};

/* Everything by which datagrams differ is in its number. */
static struct packet_meta make_meta(uint32_t datagram, uint8_t protocol)
{
	return (struct packet_meta){
			.source.words_be = {1},
			.destination.words_be = {2 + (datagram & 1)},
			.ip_version = datagram & 2 ? 6 : 4,
			.vlan = datagram & 4 ? 5 : 0,
			.fragment_id = datagram >> 3,
			.protocol = protocol,
			.flags = PACKET_FLAG_FRAGMENT,
	};
}

/* Never equal for two first fragments, so that the newest is one. */
static int64_t pick_time(struct run *run, uint32_t operation)
{
	if (operation % RECORDING_OPERATIONS == RECORDING_OPERATIONS - 1) {
		run->clock_ns = run->lowest_ns -= RECORDING_NS;
		for (int d = 0; d < DATAGRAMS; d++)
			model[d][TCP].known = model[d][UDP].known = false;
	}
	run->clock_ns += random_below(100) ? random_below(2) * SEC : random_below(40) * SEC;
	return run->clock_ns - (int64_t)random_below(1000) * (SEC / 1000) + operation;
}

static void give_first(struct run *run, uint32_t datagram, int64_t now_ns)
{
	uint32_t p = random_below(PROTOCOLS);
	struct model_first *first = &model[datagram][p];
	struct packet_meta meta = make_meta(datagram, numbers[p]);

	*first = (struct model_first){.known = random_below(10) > 0, .time_ns = now_ns};
	if (first->known) {
		first->source_port = (uint16_t)(1 + random_below(65535));
		first->destination_port = (uint16_t)random_below(65536);
		run->expected.first++;
	} else {
		meta.flags |= PACKET_FLAG_NO_PORTS;
	}
	meta.source_port = first->source_port;
	meta.destination_port = first->destination_port;
	packet_fragments_resolve(run->fragments, &meta, now_ns);
}

static bool has_ports_of(const struct packet_meta *meta, const struct model_first *first)
{
	return first->known && meta->source_port == first->source_port
			&& meta->destination_port == first->destination_port;
}

static void ask_later(struct run *run, uint32_t datagram, int64_t now_ns)
{
	static const uint8_t names[] = {6, 17, OPTIONS};
	struct packet_meta meta = make_meta(datagram, names[random_below(3)]);

	meta.flags |= PACKET_FLAG_LATER_FRAGMENT;
	const struct model_first *first = model_find(&meta, datagram, now_ns);
	packet_fragments_resolve(run->fragments, &meta, now_ns);
	bool resolved = meta.source_port != 0;
	run->expected.resolved += resolved;
	run->expected.unresolved += !resolved;
	if (run->roomy)
		ck_assert(first ? has_ports_of(&meta, first) : !resolved);
	else if (resolved)
		ck_assert(has_ports_of(&meta, &model[datagram][TCP])
				|| has_ports_of(&meta, &model[datagram][UDP]));
	if (first && !resolved)
		run->forgotten++;
}

static void run_operations(struct run *run, uint32_t datagrams)
{
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		int64_t now_ns = pick_time(run, i);
		uint32_t datagram = random_below(datagrams);
		if (random_below(4))
			ask_later(run, datagram, now_ns);
		else
			give_first(run, datagram, now_ns);
	}
}

static void assert_counters(const struct run *run)
{
	const struct packet_fragments_counters *counters =
			packet_fragments_counters(run->fragments);

	ck_assert_uint_eq(counters->first, run->expected.first);
	ck_assert_uint_eq(counters->resolved, run->expected.resolved);
	ck_assert_uint_eq(counters->unresolved, run->expected.unresolved);
	ck_assert_uint_le(counters->expired, counters->unresolved);
	ck_assert_uint_gt(counters->expired, 0);
	/* not vacuous: many were found, and the small table had to give up some */
	ck_assert_uint_gt(counters->resolved, OPERATIONS / 100);
	ck_assert_int_eq(run->roomy, counters->evicted == 0);
	ck_assert_int_eq(run->roomy, run->forgotten == 0);
}

START_TEST(model_and_table_agree)
{
	const char *seed = getenv("WEIR_SEED"), *rounds = getenv("WEIR_ROUNDS");

	for (int round = 0; round < (rounds ? atoi(rounds) : 1); round++) {
		struct run run = {.roomy = _i == 1, .clock_ns = 1700000000 * SEC};
		random_state = (seed ? strtoull(seed, NULL, 0) : (uint64_t)base_clock_mono_ns())
				+ round;
		printf("# WEIR_SEED=%llu\n", (unsigned long long)random_state);
		fflush(stdout);
		random_state = random_state * UINT64_C(0x9e3779b97f4a7c15) | 1;
		run.lowest_ns = run.clock_ns;
		ck_assert_int_eq(packet_fragments_create(
						 &run.fragments, rooms[_i], TIMEOUT, random_state),
				0);
		for (int d = 0; d < DATAGRAMS; d++)
			model[d][TCP].known = model[d][UDP].known = false;
		run_operations(&run, run.roomy ? DATAGRAMS : DATAGRAMS / 4);
		assert_counters(&run);
		packet_fragments_destroy(run.fragments);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("model_fragments");
	TCase *tcase = tcase_create("model");

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, model_and_table_agree, 0, (int)BASE_COUNT_OF(rooms));
	suite_add_tcase(suite, tcase);
	return suite;
}
