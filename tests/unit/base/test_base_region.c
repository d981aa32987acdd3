/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_region.h"
#include "unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

START_TEST(private_memory_is_zeroed_and_aligned)
{
	struct base_region region;
	struct base_region_options options = {.name = "test",
			.payload_bytes = 5 << 20,
			.numa_node = -1,
			.huge_pages = true};

	ck_assert_int_eq(base_region_init(&region, &options), 0);
	ck_assert_uint_eq((uintptr_t)region.payload % BASE_CACHE_LINE_BYTES, 0);
	ck_assert_uint_ge(region.payload_bytes, options.payload_bytes);
	const char *bytes = region.payload;
	for (size_t i = 0; i < region.payload_bytes; i += 4096)
		ck_assert_int_eq(bytes[i], 0);
	memset(region.payload, 0xa5, region.payload_bytes);
	base_region_fini(&region);
	ck_assert_ptr_null(region.map);
}
END_TEST

START_TEST(shared_memory_can_be_mapped_by_its_file)
{
	struct base_region region;
	struct base_region_options options = {.name = "weir-test",
			.payload_bytes = 4096,
			.numa_node = 0,
			.shared = true,
			.kind = 0x54534554,
			.kind_version = 3};
	char path[64];

	ck_assert_int_eq(base_region_init(&region, &options), 0);
	strcpy(region.payload, "hello");
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), region.fd);
	int fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	const char *other = mmap(NULL, region.map_bytes, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert(other != MAP_FAILED);
	struct base_region_header head;
	memcpy(&head, other, sizeof(head));
	ck_assert_uint_eq(head.magic, BASE_REGION_MAGIC);
	ck_assert_uint_eq(head.kind_version, 3);
	ck_assert_uint_eq(head.owner_pid, (uint64_t)getpid());
	ck_assert_str_eq(other + head.payload_offset, "hello");
	close(fd);
	base_region_fini(&region);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
	struct base_region region;
	struct base_region_options options = {.name = "test", .numa_node = -1};

	ck_assert_int_eq(base_region_init(&region, &options), -EINVAL);
	options.payload_bytes = SIZE_MAX - 100;
	ck_assert_int_lt(base_region_init(&region, &options), 0);
	options.payload_bytes = (size_t)1 << 62;
	ck_assert_int_lt(base_region_init(&region, &options), 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base_region");
	TCase *tcase = tcase_create("region");

	tcase_add_test(tcase, private_memory_is_zeroed_and_aligned);
	tcase_add_test(tcase, shared_memory_can_be_mapped_by_its_file);
	tcase_add_test(tcase, impossible_sizes_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
