/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_top.h"
#include "base_clock.h"
#include "unit_main.h"

#include <stdlib.h>
#include <string.h>

#define FLOWS 3000
#define NOW (INT64_C(1700000000) * BASE_NS_PER_SEC)

static struct flow_record flows[FLOWS];

static void swap_ends(struct flow_record *f)
{
	struct flow_record other = *f;

	f->source = other.destination;
	f->destination = other.source;
	f->source_port = other.destination_port;
	f->destination_port = other.source_port;
	f->packets = other.rev_packets;
	f->bytes = other.rev_bytes;
	f->rev_packets = other.packets;
	f->rev_bytes = other.bytes;
	f->tcp_flags = other.rev_tcp_flags;
	f->rev_tcp_flags = other.tcp_flags;
}

/* Few different values, so that ties are common. */
static void make_flows(unsigned int seed)
{
	srandom(seed);
	memset(flows, 0, sizeof(flows));
	for (size_t i = 0; i < FLOWS; i++) {
		struct flow_record *f = &flows[i];
		f->ip_version = random() % 4 ? 4 : 6;
		f->protocol = 6;
		f->source.octets[3] = (uint8_t)random();
		f->destination.octets[3] = (uint8_t)random();
		f->source_port = (uint16_t)i; /* every key is another */
		f->destination_port = 65535;
		f->bytes = (uint64_t)(random() % 500);
		f->rev_bytes = (uint64_t)(random() % 500);
		f->packets = (uint64_t)(random() % 9);
		f->flow_start_ns = NOW - random() % 100 * BASE_NS_PER_SEC;
		f->end_ns = f->flow_start_ns + random() % 5;
		f->flow_id = i;
	}
}

static double value_of(const struct flow_record *f, enum api_top_order order)
{
	switch (order) {
	case API_TOP_BYTES:
		return (double)(f->bytes + f->rev_bytes);
	case API_TOP_PACKETS:
		return (double)(f->packets + f->rev_packets);
	case API_TOP_RATE:
		return (double)api_top_rate_bits(f, NOW);
	case API_TOP_AGE:
		return (double)(NOW - f->flow_start_ns);
	case API_TOP_START:
		return (double)(f->flow_start_ns - NOW);
	case API_TOP_IDLE:
		return (double)(NOW - f->end_ns);
	case API_TOP_SOURCE:
		return -(f->ip_version * 256.0 + f->source.octets[3]);
	default:
		return -(f->ip_version * 256.0 + f->destination.octets[3]);
	}
}

static int compare_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The heap keeps what a full sort puts first, for every order, forward and backward. */
START_TEST(keeps_what_a_full_sort_puts_first)
{
	static double all[FLOWS];
	enum api_top_order order = (enum api_top_order)(_i / 2);
	bool reverse = _i % 2;
	struct api_top top;

	make_flows((unsigned int)_i + 1);
	for (size_t i = 0; i < FLOWS; i++)
		all[i] = (reverse ? -1 : 1) * value_of(&flows[i], order);
	qsort(all, FLOWS, sizeof(all[0]), compare_down);
	ck_assert_int_eq(api_top_init(&top, order, reverse, 100, NOW), 0);
	for (size_t i = 0; i < FLOWS; i++)
		api_top_add(&top, &flows[i]);
	api_top_sort(&top, 70);
	ck_assert_uint_eq(top.count, 70);
	for (size_t i = 0; i < top.count; i++) {
		double value = (reverse ? -1 : 1) * value_of(&top.entries[i].record, order);
		ck_assert_double_eq(value, all[i]);
	}
	api_top_fini(&top);
}
END_TEST

START_TEST(ties_do_not_depend_on_the_order_of_the_scan)
{
	struct api_top up, down;

	make_flows(3);
	ck_assert_int_eq(api_top_init(&up, API_TOP_PACKETS, false, 50, NOW), 0);
	ck_assert_int_eq(api_top_init(&down, API_TOP_PACKETS, false, 50, NOW), 0);
	for (size_t i = 0; i < FLOWS; i++) {
		api_top_add(&up, &flows[i]);
		api_top_add(&down, &flows[FLOWS - 1 - i]);
	}
	api_top_sort(&up, 50);
	api_top_sort(&down, 50);
	for (size_t i = 0; i < 50; i++)
		ck_assert_uint_eq(up.entries[i].record.flow_id, down.entries[i].record.flow_id);
	api_top_fini(&up);
	api_top_fini(&down);
}
END_TEST

START_TEST(fewer_flows_than_room)
{
	struct api_top top;

	make_flows(4);
	ck_assert_int_eq(api_top_init(&top, API_TOP_BYTES, false, 100, NOW), 0);
	api_top_sort(&top, 100);
	ck_assert_uint_eq(top.count, 0);
	for (size_t i = 0; i < 3; i++)
		api_top_add(&top, &flows[i]);
	api_top_sort(&top, 100);
	ck_assert_uint_eq(top.count, 3);
	api_top_fini(&top);
}
END_TEST

static struct flow_record parts[3][FLOWS];

/* Splits every flow over three workers, who disagree on which end began. */
static void make_parts(void)
{
	for (size_t i = 0; i < FLOWS; i++) {
		for (size_t p = 0; p < 3; p++) {
			const struct flow_record *whole = &flows[i];
			struct flow_record *part = &parts[p][i];
			*part = *whole;
			part->bytes = whole->bytes / 3 + (p < whole->bytes % 3);
			part->rev_bytes = whole->rev_bytes / 3 + (p < whole->rev_bytes % 3);
			part->packets = p == 0 ? whole->packets : 0;
			part->tcp_flags = (uint16_t)(1u << p);
			part->end_ns += (int64_t)p;
			if (p == 1)
				swap_ends(part);
		}
	}
}

static void offer_parts(struct api_top *top,
		void (*offer)(struct api_top *top, const struct flow_record *record))
{
	for (size_t p = 0; p < 3; p++) {
		for (size_t i = 0; i < FLOWS; i++)
			offer(top, &parts[p][i]);
	}
}

START_TEST(parts_of_a_flow_are_added_up)
{
	struct api_top top;

	make_flows(5);
	make_parts();
	ck_assert_int_eq(api_top_init(&top, API_TOP_BYTES, false, 3 * 40, NOW), 0);
	offer_parts(&top, api_top_add);
	ck_assert_int_eq(api_top_merge_begin(&top), 0);
	offer_parts(&top, api_top_merge);
	api_top_merge_end(&top);
	api_top_sort(&top, 40);
	ck_assert_uint_eq(top.count, 40);
	for (size_t i = 0; i < top.count; i++) {
		const struct flow_record *f = &top.entries[i].record;
		const struct flow_record *whole = &flows[f->flow_id];
		bool same = f->source_port == whole->source_port;
		ck_assert_uint_eq(f->bytes, same ? whole->bytes : whole->rev_bytes);
		ck_assert_uint_eq(f->rev_bytes, same ? whole->rev_bytes : whole->bytes);
		ck_assert_uint_eq(f->packets + f->rev_packets, whole->packets);
		ck_assert_uint_eq(same ? f->tcp_flags : f->rev_tcp_flags, 7);
		ck_assert_int_eq(f->end_ns, whole->end_ns + 2);
		for (size_t j = 0; j < i; j++) /* listed once */
			ck_assert_uint_ne(top.entries[j].record.flow_id, f->flow_id);
	}
	api_top_fini(&top);
}
END_TEST

START_TEST(a_flow_that_ended_meanwhile_keeps_its_first_reading)
{
	struct api_top top;

	make_flows(6);
	ck_assert_int_eq(api_top_init(&top, API_TOP_BYTES, false, 10, NOW), 0);
	api_top_add(&top, &flows[0]);
	ck_assert_int_eq(api_top_merge_begin(&top), 0);
	api_top_merge_end(&top);
	api_top_sort(&top, 10);
	ck_assert_uint_eq(top.count, 1);
	ck_assert_uint_eq(top.entries[0].record.bytes, flows[0].bytes);
	api_top_fini(&top);
}
END_TEST

START_TEST(names_lead_back_to_orders)
{
	for (int i = 0; i < API_TOP_ORDER_COUNT; i++)
		ck_assert_int_eq(
				api_top_order_lookup(api_top_order_name((enum api_top_order)i)), i);
	ck_assert_int_eq(api_top_order_lookup("size"), API_TOP_ORDER_COUNT);
	ck_assert_int_eq(api_top_order_lookup(""), API_TOP_ORDER_COUNT);
}
END_TEST

START_TEST(rate_of_a_young_flow_is_not_inflated)
{
	struct flow_record f = {.bytes = 1000, .rev_bytes = 250, .flow_start_ns = NOW - 1};

	ck_assert_uint_eq(api_top_rate_bits(&f, NOW), 10000);
	f.flow_start_ns = NOW - 10 * BASE_NS_PER_SEC;
	ck_assert_uint_eq(api_top_rate_bits(&f, NOW), 1000);
	f.flow_start_ns = NOW + 5; /* clocks of packets may run ahead */
	ck_assert_uint_eq(api_top_rate_bits(&f, NOW), 10000);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("api_top");
	TCase *tcase = tcase_create("top");

	tcase_add_loop_test(tcase, keeps_what_a_full_sort_puts_first, 0, 2 * API_TOP_ORDER_COUNT);
	tcase_add_test(tcase, ties_do_not_depend_on_the_order_of_the_scan);
	tcase_add_test(tcase, fewer_flows_than_room);
	tcase_add_test(tcase, parts_of_a_flow_are_added_up);
	tcase_add_test(tcase, a_flow_that_ended_meanwhile_keeps_its_first_reading);
	tcase_add_test(tcase, names_lead_back_to_orders);
	tcase_add_test(tcase, rate_of_a_young_flow_is_not_inflated);
	suite_add_tcase(suite, tcase);
	return suite;
}
