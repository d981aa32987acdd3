/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shortcuts against the walk: what the one meters, the other must meter in the same words, for
 * samples that are damaged, cut and padded at random.
 */
#include "packet_guard.h"
#include "packet_samples.h"
#include "packet_walk.h"
#include "unit_main.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 400000

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % bound;
}

struct frame {
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t captured_bytes;
	uint32_t wire_bytes;
};

/* Half of the rounds start from the first four samples, which are those with a shortcut. */
static enum packet_link make_frame(struct frame *frame)
{
	uint32_t pick = random_below(2) ? random_below(4) : random_below(BASE_COUNT_OF(samples));
	uint32_t bytes = sample_octets(samples[pick].hex, frame->octets);

	for (uint32_t changes = random_below(4); changes > 0; changes--)
		frame->octets[random_below(bytes)] = (uint8_t)random_below(256);
	for (uint32_t padding = random_below(40); padding > 0; padding--)
		frame->octets[bytes++] = (uint8_t)random_below(256);
	frame->captured_bytes = random_below(3) ? bytes : random_below(bytes + 1);
	frame->wire_bytes = frame->captured_bytes + (random_below(3) ? 0 : random_below(2000));
	return samples[pick].link;
}

START_TEST(a_shortcut_says_what_the_walk_says)
{
	uint32_t metered = 0;

	random_state = (uint64_t)time(NULL) | 1;
	printf("# seed %llu\n", (unsigned long long)random_state);
	for (int round = 0; round < ROUNDS; round++) {
		struct frame frame;
		struct packet_meta fast, walked;
		enum packet_link link = make_frame(&frame);
		const uint8_t *data = guard_copy(frame.octets, frame.captured_bytes);
		struct packet_frame same = {data, frame.captured_bytes, frame.wire_bytes, link};
		enum packet_verdict verdict = packet_decode(
				link, data, frame.captured_bytes, frame.wire_bytes, &fast);

		ck_assert_int_eq(packet_walk_run(&same, &walked), verdict);
		if (verdict != PACKET_METERED)
			continue;
		ck_assert_mem_eq(&fast, &walked, sizeof(fast));
		metered++;
	}
	ck_assert_uint_gt(metered, ROUNDS / 10);
}
END_TEST

START_TEST(the_common_packets_take_the_shortcut)
{
	static const char *const common[] = {MACS "0800" V4_TCP,
			MACS "0800" V4_UDP "0000000000000000000000000000 00000000"};
	static const char *const second[] = {MACS "86dd" V6_TCP, MACS "8100 0064 0800" V4_TCP,
			MACS "8100 0064 86dd" V6_TCP};
	struct frame frame;
	struct packet_meta meta;

	for (size_t i = 0; i < BASE_COUNT_OF(common); i++) {
		uint32_t bytes = sample_octets(common[i], frame.octets);
		ck_assert(packet_fast_plain(frame.octets, bytes, bytes, &meta));
	}
	for (size_t i = 0; i < BASE_COUNT_OF(second); i++) {
		uint32_t bytes = sample_octets(second[i], frame.octets);
		ck_assert(!packet_fast_plain(frame.octets, bytes, bytes, &meta));
		ck_assert(packet_fast_second(frame.octets, bytes, bytes, &meta));
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_fast");
	TCase *tcase = tcase_create("packet_fast");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_shortcut_says_what_the_walk_says);
	tcase_add_test(tcase, the_common_packets_take_the_shortcut);
	suite_add_tcase(suite, tcase);
	return suite;
}
