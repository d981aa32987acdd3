/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * docs/records.md is written from the table of fields. After a change there, write it anew:
 *
 *     WEIR_UPDATE_DOCS=1 meson test -C build export_reference
 */
#include "export_field.h"
#include "export_reference.h"
#include "export_sample.h"
#include "unit_main.h"

static const char *page_path(void)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/records.md", root ? root : ".");
	return path;
}

START_TEST(page_in_the_tree_is_current)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	size_t len;

	export_write_reference(&page);
	ck_assert(!page.failed);
	if (getenv("WEIR_UPDATE_DOCS"))
		sample_write(page_path(), page.text);
	char *on_disk = sample_read(page_path(), &len);
	ck_assert_msg(on_disk != NULL, "%s is missing", page_path());
	ck_assert_msg(len == page.len && !memcmp(on_disk, page.text, len),
			"docs/records.md differs from the table: "
			"WEIR_UPDATE_DOCS=1 meson test export_reference");
	free(on_disk);
	base_strbuf_fini(&page);
}
END_TEST

START_TEST(every_field_and_word_is_explained)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	char line[96];

	export_write_reference(&page);
	for (unsigned int i = 0; i < export_field_count; i++) {
		snprintf(line, sizeof(line), "\n| `%s` | ", export_fields[i].name);
		ck_assert_msg(strstr(page.text, line) != NULL, "%s", export_fields[i].name);
	}
	for (unsigned int reason = FLOW_END_IDLE; reason < FLOW_END_REASON_COUNT; reason++) {
		snprintf(line, sizeof(line), "\n| `%s` | ",
				flow_end_reason_name((enum flow_end_reason)reason));
		ck_assert_msg(strstr(page.text, line) != NULL, "%s", line);
	}
	base_strbuf_fini(&page);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_reference");
	TCase *tcase = tcase_create("page");

	tcase_add_test(tcase, page_in_the_tree_is_current);
	tcase_add_test(tcase, every_field_and_word_is_explained);
	suite_add_tcase(suite, tcase);
	return suite;
}
