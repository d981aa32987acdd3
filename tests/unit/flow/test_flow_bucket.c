/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_bucket.h"
#include "flow_internal.h"
#include "unit_main.h"

#include <stdlib.h>

START_TEST(masks_agree_with_a_plain_loop)
{
	const uint16_t seldom = FLOW_TAG_USED | 1;

	srandom(5);
	for (int round = 0; round < 20000; round++) {
		struct flow_bucket bucket = {
				.overflow = (uint16_t)random(), .spare = (uint16_t)random()};
		for (int i = 0; i < FLOW_BUCKET_SLOTS; i++)
			bucket.tags[i] = random() % 3 ? (uint16_t)(random() % 8 ? random() : seldom)
						      : 0;
		uint64_t hash = random() % 2 ? seldom : (uint64_t)random();
		uint16_t tag = flow_bucket_tag(hash);
		uint32_t match = 0, used = 0, busy = 0;
		for (uint32_t i = 0; i < FLOW_BUCKET_SLOTS; i++) {
			match |= (uint32_t)((bucket.tags[i] | FLOW_TAG_OWN) == (tag | FLOW_TAG_OWN))
					<< i;
			used |= (uint32_t)(bucket.tags[i] != 0) << i;
			busy |= (uint32_t)((bucket.tags[i] & FLOW_TAG_BUSY) != 0) << i;
		}
		ck_assert_uint_eq(flow_bucket_match(&bucket, flow_bucket_want(&hash)), match);
		ck_assert_uint_eq(flow_bucket_busy(&bucket), busy);
		ck_assert_uint_eq(flow_bucket_used(&bucket), used);
	}
}
END_TEST

START_TEST(no_tag_reads_as_free)
{
	for (uint64_t hash = 0; hash < 1 << 17; hash++) {
		/* two bits are the flow's, one says that the slot is taken */
		ck_assert_uint_eq(flow_bucket_tag(hash) & (FLOW_TAG_OWN | FLOW_TAG_USED),
				FLOW_TAG_USED);
	}
}
END_TEST

/* Erasing finds the home of an entry by this, without its hash. */
START_TEST(the_way_back_from_each_probe_leads_home)
{
	static const uint32_t counts[] = {8, 9, 64, 2667};
	static struct flow_table table;

	for (size_t c = 0; c < BASE_COUNT_OF(counts); c++) {
		table.bucket_count = counts[c];
		for (uint32_t home = 0; home < counts[c]; home++) {
			uint64_t seen = 0;
			for (uint32_t probe = 0; probe < FLOW_PROBES; probe++) {
				uint32_t at = flow_probe(&table, home, probe);
				ck_assert_uint_lt(at, counts[c]);
				ck_assert_uint_eq(flow_home_from(&table, at, probe), home);
				if (counts[c] <= 64) {
					ck_assert(!(seen >> at & 1));
					seen |= UINT64_C(1) << at;
				}
			}
		}
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_bucket");
	TCase *tcase = tcase_create("bucket");

	tcase_add_test(tcase, masks_agree_with_a_plain_loop);
	tcase_add_test(tcase, no_tag_reads_as_free);
	tcase_add_test(tcase, the_way_back_from_each_probe_leads_home);
	suite_add_tcase(suite, tcase);
	return suite;
}
