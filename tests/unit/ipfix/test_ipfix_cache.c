/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_cache.h"
#include "unit_main.h"

#include <errno.h>
#include <stdlib.h>

static struct ipfix_known *make(uint32_t domain, uint16_t id, uint16_t fields, uint16_t length)
{
	struct ipfix_known *known = ipfix_cache_make(fields);

	ck_assert_ptr_nonnull(known);
	known->domain = domain;
	known->id = id;
	for (unsigned int i = 0; i < fields; i++)
		known->specs[i] = (struct ipfix_spec){0, (uint16_t)(i + 1), length};
	return known;
}

START_TEST(templates_are_found_by_domain_and_id)
{
	struct ipfix_cache cache;

	ipfix_cache_init(&cache, 10, 100);
	ck_assert_int_eq(ipfix_cache_put(&cache, make(1, 256, 2, 4)), 0);
	ck_assert_int_eq(ipfix_cache_put(&cache, make(2, 256, 3, 4)), 0);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 1, 256)->field_count, 2);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 2, 256)->field_count, 3);
	ck_assert_ptr_null(ipfix_cache_find(&cache, 3, 256));
	ck_assert_ptr_null(ipfix_cache_find(&cache, 1, 257));
	/* the newer one counts */
	ck_assert_int_eq(ipfix_cache_put(&cache, make(1, 256, 5, 4)), 0);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 1, 256)->field_count, 5);
	ck_assert_uint_eq(cache.templates, 2);
	ck_assert_uint_eq(cache.fields, 8);
	ck_assert(ipfix_cache_forget(&cache, 1, 256));
	ck_assert(!ipfix_cache_forget(&cache, 1, 256));
	ck_assert_ptr_null(ipfix_cache_find(&cache, 1, 256));
	ipfix_cache_fini(&cache);
	ck_assert_uint_eq(cache.templates, 0);
}
END_TEST

START_TEST(bounds_hold)
{
	struct ipfix_cache cache;
	struct ipfix_known *known;

	ipfix_cache_init(&cache, 3, 10);
	for (uint16_t id = 256; id < 259; id++)
		ck_assert_int_eq(ipfix_cache_put(&cache, make(1, id, 3, 4)), 0);
	known = make(1, 300, 1, 4);
	ck_assert_int_eq(ipfix_cache_put(&cache, known), -ENOSPC);
	free(known);
	/* in the place of another there is room */
	ck_assert_int_eq(ipfix_cache_put(&cache, make(1, 256, 4, 4)), 0);
	known = make(1, 256, 5, 4);
	ck_assert_int_eq(ipfix_cache_put(&cache, known), -ENOSPC);
	free(known);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 1, 256)->field_count, 4);
	ck_assert_uint_eq(cache.fields, 10);
	ipfix_cache_fini(&cache);
}
END_TEST

START_TEST(record_length_is_worked_out)
{
	struct ipfix_cache cache;

	ipfix_cache_init(&cache, 10, 100);
	ck_assert_int_eq(ipfix_cache_put(&cache, make(1, 256, 3, 8)), 0);
	ck_assert_int_eq(ipfix_cache_put(&cache, make(1, 257, 3, IPFIX_VARIABLE)), 0);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 1, 256)->min_bytes, 24);
	ck_assert(!ipfix_cache_find(&cache, 1, 256)->variable);
	ck_assert_uint_eq(ipfix_cache_find(&cache, 1, 257)->min_bytes, 3);
	ck_assert(ipfix_cache_find(&cache, 1, 257)->variable);
	ipfix_cache_fini(&cache);
}
END_TEST

START_TEST(all_of_a_kind_are_forgotten)
{
	struct ipfix_cache cache;
	struct ipfix_known *options;

	ipfix_cache_init(&cache, 600, 1000);
	for (uint16_t id = 256; id < 556; id++)
		ck_assert_int_eq(ipfix_cache_put(&cache, make(1, id, 1, 4)), 0);
	ck_assert_int_eq(ipfix_cache_put(&cache, make(2, 256, 1, 4)), 0);
	options = make(1, 600, 2, 4);
	options->scope_count = 1;
	ck_assert_int_eq(ipfix_cache_put(&cache, options), 0);
	ck_assert_uint_eq(ipfix_cache_forget_all(&cache, 1, false), 300);
	ck_assert_uint_eq(cache.templates, 2);
	ck_assert_uint_eq(ipfix_cache_forget_all(&cache, 1, true), 1);
	ck_assert_ptr_nonnull(ipfix_cache_find(&cache, 2, 256));
	ipfix_cache_fini(&cache);
}
END_TEST

START_TEST(equal_means_fields_and_scope)
{
	struct ipfix_known *a = make(1, 256, 2, 4), *b = make(2, 300, 2, 4);

	ck_assert(ipfix_known_equals(a, b));
	b->specs[1].enterprise = 9;
	ck_assert(!ipfix_known_equals(a, b));
	b->specs[1].enterprise = 0;
	b->specs[1].length = 8;
	ck_assert(!ipfix_known_equals(a, b));
	b->specs[1].length = 4;
	b->scope_count = 1;
	ck_assert(!ipfix_known_equals(a, b));
	free(a);
	free(b);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_cache");
	TCase *tcase = tcase_create("cache");

	tcase_add_test(tcase, templates_are_found_by_domain_and_id);
	tcase_add_test(tcase, bounds_hold);
	tcase_add_test(tcase, record_length_is_worked_out);
	tcase_add_test(tcase, all_of_a_kind_are_forgotten);
	tcase_add_test(tcase, equal_means_fields_and_scope);
	suite_add_tcase(suite, tcase);
	return suite;
}
