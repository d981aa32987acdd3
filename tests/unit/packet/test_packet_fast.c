/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shortcuts against the walk: what the one meters, the other must meter in the same words, for
 * samples that are damaged, cut and padded at random.
 */
#include "packet_guard.h"
#include "packet_tunnel_samples.h"
#include "packet_walk.h"
#include "unit_main.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 300000

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

/* A half from the samples that have a shortcut, which come first in both tables. */
static const char *pick_sample(enum packet_link *link)
{
	bool frequent = random_below(2);

	*link = PACKET_LINK_ETHERNET;
	if (random_below(2)) {
		uint32_t pick = random_below(frequent ? 4 : BASE_COUNT_OF(samples));
		*link = samples[pick].link;
		return samples[pick].hex;
	}
	return tunnel_samples[random_below(frequent ? 13 : BASE_COUNT_OF(tunnel_samples))].hex;
}

static enum packet_link make_frame(struct frame *frame)
{
	enum packet_link link;
	uint32_t bytes = sample_octets(pick_sample(&link), frame->octets);

	for (uint32_t changes = random_below(4); changes > 0; changes--)
		frame->octets[random_below(bytes)] = (uint8_t)random_below(256);
	for (uint32_t padding = random_below(40); padding > 0; padding--)
		frame->octets[bytes++] = (uint8_t)random_below(256);
	frame->captured_bytes = random_below(3) ? bytes : random_below(bytes + 1);
	frame->wire_bytes = frame->captured_bytes + (random_below(3) ? 0 : random_below(2000));
	return link;
}

static void assert_same_verdict(const struct packet_frame *frame)
{
	struct packet_meta fast, walked;
	enum packet_verdict verdict = packet_decode(
			frame->link, frame->data, frame->captured_bytes, frame->wire_bytes, &fast);

	ck_assert_int_eq(packet_walk_run(frame, &walked), verdict);
	if (verdict == PACKET_METERED)
		ck_assert_mem_eq(&fast, &walked, sizeof(fast));
}

/* Returns how many views there are. */
static uint32_t assert_same_views(
		const struct packet_policy *policy, const struct packet_frame *frame)
{
	struct packet_meta fast[PACKET_VIEWS_MAX], walked[PACKET_VIEWS_MAX];
	struct packet_views fast_views, walked_views;
	uint32_t count = packet_decode_views(policy, frame, fast, &fast_views);

	ck_assert_uint_eq(packet_walk_views(policy, frame, walked, &walked_views), count);
	ck_assert_int_eq(fast_views.verdict, walked_views.verdict);
	if (count == 0)
		return 0;
	ck_assert_int_eq(fast_views.inside, walked_views.inside);
	ck_assert_uint_eq(fast_views.encapsulated, walked_views.encapsulated);
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_mem_eq(&fast[i], &walked[i], sizeof(fast[i]));
		if (fast_views.encapsulated >> i & 1)
			ck_assert_mem_eq(&fast_views.around[i], &walked_views.around[i],
					sizeof(fast_views.around[i]));
	}
	return count;
}

START_TEST(a_shortcut_says_what_the_walk_says)
{
	struct packet_policy policy;
	uint32_t views[PACKET_VIEWS_MAX + 1] = {0};

	random_state = (uint64_t)time(NULL) | 1;
	printf("# seed %llu\n", (unsigned long long)random_state);
	for (int round = 0; round < ROUNDS; round++) {
		struct frame bytes;
		enum packet_link link = make_frame(&bytes);
		struct packet_frame frame = {guard_copy(bytes.octets, bytes.captured_bytes),
				bytes.captured_bytes, bytes.wire_bytes, link};

		if (round % 1000 == 0) {
			packet_policy_init(&policy, PACKET_OPEN_BOTH, random_below(4));
			packet_policy_set(&policy,
					PACKET_TUNNEL_NONE + 1
							+ random_below(PACKET_TUNNEL_COUNT - 1),
					random_below(3));
		}
		assert_same_verdict(&frame);
		views[assert_same_views(&policy, &frame)]++;
	}
	for (size_t i = 0; i < BASE_COUNT_OF(views); i++)
		ck_assert_uint_gt(views[i], ROUNDS / 20);
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
