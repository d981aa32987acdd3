/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * docs/counters.md is written from the tables. After a change there, write it anew:
 *
 *     WEIR_UPDATE_DOCS=1 meson test -C build stats_reference
 */
#include "stats_reference.h"
#include "stats_table.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *page_path(void)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/counters.md", root ? root : ".");
	return path;
}

static void update_page(const struct base_strbuf *page)
{
	FILE *file = fopen(page_path(), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(page->text, 1, page->len, file), page->len);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(page_in_the_tree_is_current)
{
	static char on_disk[256 * 1024];
	struct base_strbuf page = BASE_STRBUF_EMPTY;

	stats_write_reference(&page);
	ck_assert(!page.failed);
	if (getenv("WEIR_UPDATE_DOCS"))
		update_page(&page);

	FILE *file = fopen(page_path(), "r");
	ck_assert_msg(file != NULL, "%s is missing", page_path());
	size_t len = fread(on_disk, 1, sizeof(on_disk) - 1, file);
	fclose(file);
	ck_assert_msg(len == page.len && !memcmp(on_disk, page.text, len),
			"docs/counters.md differs from the tables: "
			"WEIR_UPDATE_DOCS=1 meson test stats_reference");
	base_strbuf_fini(&page);
}
END_TEST

START_TEST(every_counter_has_a_line)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	char line[96];

	stats_write_reference(&page);
	for (size_t i = 0; i < STATS_WORKER_COUNT; i++) {
		snprintf(line, sizeof(line), "\n| `%s` | ", stats_worker_rows[i].name);
		ck_assert_msg(strstr(page.text, line) != NULL, "%s", stats_worker_rows[i].name);
	}
	base_strbuf_fini(&page);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("stats_reference");
	TCase *tcase = tcase_create("page");

	tcase_add_test(tcase, page_in_the_tree_is_current);
	tcase_add_test(tcase, every_counter_has_a_line);
	suite_add_tcase(suite, tcase);
	return suite;
}
