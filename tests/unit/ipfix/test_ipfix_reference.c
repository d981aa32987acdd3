/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * docs/information-elements.md is written from the tables. After a change there, write it anew:
 *
 *     WEIR_UPDATE_DOCS=1 meson test -C build ipfix_reference
 */
#include "ipfix_element.h"
#include "ipfix_reference.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *page_path(void)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/information-elements.md", root ? root : ".");
	return path;
}

START_TEST(page_in_the_tree_is_current)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	static char on_disk[1 << 17];

	ipfix_write_reference(&page);
	ck_assert(!page.failed);
	if (getenv("WEIR_UPDATE_DOCS")) {
		FILE *file = fopen(page_path(), "w");
		ck_assert_ptr_nonnull(file);
		fwrite(page.text, 1, page.len, file);
		fclose(file);
	}
	FILE *file = fopen(page_path(), "r");
	ck_assert_msg(file != NULL, "%s is missing", page_path());
	size_t len = fread(on_disk, 1, sizeof(on_disk), file);
	fclose(file);
	ck_assert_msg(len == page.len && memcmp(on_disk, page.text, len) == 0,
			"docs/information-elements.md differs from the tables: "
			"WEIR_UPDATE_DOCS=1 meson test ipfix_reference");
	base_strbuf_fini(&page);
}
END_TEST

START_TEST(every_own_element_is_explained)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	char line[160];

	ipfix_write_reference(&page);
	for (unsigned int i = 0; i < ipfix_own_element_count; i++) {
		snprintf(line, sizeof(line), "\n| `%s` | %u | ", ipfix_own_elements[i].element.name,
				i + 1);
		char *first = strstr(page.text, line);
		ck_assert_msg(first != NULL, "%s", line);
		/* once among the fields, once explained */
		ck_assert_msg(strstr(first + 1, line) != NULL, "%s", line);
	}
	ck_assert_ptr_null(strstr(page.text, "`?`"));
	ck_assert_ptr_null(strstr(page.text, "| unknown |"));
	base_strbuf_fini(&page);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_reference");
	TCase *tcase = tcase_create("page");

	tcase_add_test(tcase, page_in_the_tree_is_current);
	tcase_add_test(tcase, every_own_element_is_explained);
	suite_add_tcase(suite, tcase);
	return suite;
}
