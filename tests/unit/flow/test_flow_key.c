/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_fixture.h"
#include "flow_key.h"

#include <stdlib.h>

static struct packet_meta random_packet(void)
{
	struct packet_meta meta = fixture_packet((uint8_t)(random() % 3 ? 6 : 17),
			(uint32_t)random() % 4, (uint16_t)(random() % 3), (uint32_t)random() % 4,
			(uint16_t)(random() % 3), 0);

	if (random() % 2) {
		meta.ip_version = 6;
		meta.source.octets[15] = (uint8_t)(random() % 3);
		meta.destination.octets[0] = (uint8_t)(random() % 3);
	}
	meta.vlan = (uint16_t)(random() % 2);
	return meta;
}

static struct packet_meta turned(struct packet_meta meta)
{
	struct packet_meta back = meta;

	back.source = meta.destination;
	back.destination = meta.source;
	back.source_port = meta.destination_port;
	back.destination_port = meta.source_port;
	return back;
}

START_TEST(key_is_the_same_from_both_ends)
{
	srandom(11);
	for (int i = 0; i < 20000; i++) {
		struct packet_meta there = random_packet(), back = turned(there);
		struct flow_key a, b;
		bool from_high = flow_key_build(&a, &there);
		bool back_from_high = flow_key_build(&b, &back);
		bool same_ends = memcmp(&there.source, &there.destination, 16) == 0
				&& there.source_port == there.destination_port;
		ck_assert(flow_key_equal(&a, &b));
		if (same_ends)
			ck_assert(!from_high && !back_from_high);
		else
			ck_assert(from_high != back_from_high);
	}
}
END_TEST

START_TEST(every_octet_counts)
{
	struct flow_key a, b;

	memset(&a, 0x5a, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++) {
		b = a;
		ck_assert(flow_key_equal(&a, &b));
		((uint8_t *)&b)[i] ^= 1;
		ck_assert(!flow_key_equal(&a, &b));
	}
}
END_TEST

START_TEST(no_packet_has_the_key_of_a_freed_entry)
{
	struct packet_meta meta = fixture_packet(0, 0, 0, 0, 0, 0);
	struct flow_key key;

	for (uint32_t vlan = 0; vlan < 4096; vlan++) {
		meta.vlan = (uint16_t)vlan;
		flow_key_build(&key, &meta);
		ck_assert_uint_ne(key.identity, FLOW_KEY_NONE);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_key");
	TCase *tcase = tcase_create("key");

	tcase_add_test(tcase, key_is_the_same_from_both_ends);
	tcase_add_test(tcase, every_octet_counts);
	tcase_add_test(tcase, no_packet_has_the_key_of_a_freed_entry);
	suite_add_tcase(suite, tcase);
	return suite;
}
