/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Canned answers (golden/NAME.json) and the text that is to come of them (golden/NAME.txt). When a
 * screen changes on purpose, write the texts anew and look at the difference:
 *
 *     WEIR_UPDATE_GOLDEN=1 meson test -C build weirctl_show; git diff tests/unit/weirctl/golden
 */
#include "base_cacheline.h"
#include "unit_main.h"
#include "weirctl_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const drop_or_sent[] = {"drop", "sent"};
static const char *const nothing[] = {"no such counter"};

static const struct {
	const char *text, *answer, *before;
	void (*show)(struct base_strbuf *out, const struct weirctl_view *view);
	struct weirctl_style style;
	const char *const *words;
	unsigned int word_count;
} screens[] = {
		{"status", "status", NULL, weirctl_show_status, {.width = 100}, NULL, 0},
		{"status_exact", "status", NULL, weirctl_show_status, {.exact = true}, NULL, 0},
		{"status_loss", "status_loss", NULL, weirctl_show_status, {.colour = true}, NULL,
				0},
		{"status_empty", "empty", NULL, weirctl_show_status, {.width = 100}, NULL, 0},
		{"status_sampled", "status_sampled", NULL, weirctl_show_status, {.width = 100},
				NULL, 0},
		{"flows_sampled", "flows_sampled", NULL, weirctl_show_flows, {.width = 100}, NULL,
				0},
		{"workers_sampled", "workers_sampled", NULL, weirctl_show_workers, {.width = 120},
				NULL, 0},
		{"drops_sampled", "drops_sampled", NULL, weirctl_show_drops, {.width = 100}, NULL,
				0},
		{"ports", "ports", NULL, weirctl_show_ports, {.width = 100}, NULL, 0},
		{"ports_blind", "ports_blind", NULL, weirctl_show_ports, {.colour = true}, NULL, 0},
		{"ports_empty", "empty", NULL, weirctl_show_ports, {.width = 100}, NULL, 0},
		{"workers", "workers", NULL, weirctl_show_workers, {.width = 100}, NULL, 0},
		{"workers_exact", "workers", NULL, weirctl_show_workers, {.exact = true}, NULL, 0},
		{"workers_empty", "empty", NULL, weirctl_show_workers, {.width = 100}, NULL, 0},
		{"flows", "flows", NULL, weirctl_show_flows, {.width = 100}, NULL, 0},
		{"flows_exact", "flows", NULL, weirctl_show_flows, {.exact = true}, NULL, 0},
		{"flows_none", "flows_none", NULL, weirctl_show_flows, {.width = 100}, NULL, 0},
		{"stats", "stats", NULL, weirctl_show_stats, {.width = 100}, NULL, 0},
		{"stats_growth", "stats", "stats_before", weirctl_show_stats, {.exact = true}, NULL,
				0},
		{"stats_words", "stats", NULL, weirctl_show_stats, {.all = true}, drop_or_sent, 2},
		{"stats_nothing", "stats", NULL, weirctl_show_stats, {.all = true}, nothing, 1},
		{"drops", "drops", NULL, weirctl_show_drops, {.width = 100}, NULL, 0},
		{"drops_exact", "drops", NULL, weirctl_show_drops, {.exact = true, .colour = true},
				NULL, 0},
		{"drops_none", "drops_none", NULL, weirctl_show_drops, {.width = 100}, NULL, 0},
		{"drops_replay", "drops_replay", NULL, weirctl_show_drops, {.all = true}, NULL, 0},
		{"drops_empty", "empty", NULL, weirctl_show_drops, {.width = 100}, NULL, 0},
		{"exporters", "exporters", NULL, weirctl_show_exporters, {.width = 120}, NULL, 0},
		{"exporters_exact", "exporters", NULL, weirctl_show_exporters,
				{.exact = true, .colour = true}, NULL, 0},
		{"exporters_empty", "empty", NULL, weirctl_show_exporters, {.width = 100}, NULL, 0},
		{"export_check", "export_check", NULL, weirctl_show_export_check, {.width = 100},
				NULL, 0},
		{"export_check_colour", "export_check", NULL, weirctl_show_export_check,
				{.colour = true, .exact = true}, NULL, 0},
		{"export_check_empty", "empty", NULL, weirctl_show_export_check, {.width = 100},
				NULL, 0},
		{"audit", "audit", NULL, weirctl_show_audit, {.width = 120}, NULL, 0},
		{"audit_all", "audit", NULL, weirctl_show_audit, {.width = 100, .all = true}, NULL,
				0},
		{"audit_open", "audit_open", NULL, weirctl_show_audit, {.width = 120}, NULL, 0},
		{"audit_open_80", "audit_open", NULL, weirctl_show_audit,
				{.width = 80, .colour = true, .exact = true}, NULL, 0},
		{"audit_empty", "empty", NULL, weirctl_show_audit, {.width = 80}, NULL, 0},
};

static const char *golden_path(const char *name, const char *suffix)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/tests/unit/weirctl/golden/%s%s", root ? root : ".", name,
			suffix);
	return path;
}

static json_t *load(const char *name)
{
	json_t *answer = name ? json_load_file(golden_path(name, ".json"), 0, NULL) : NULL;

	ck_assert(!name || answer);
	return answer;
}

static void read_text(const char *name, char *text, size_t size)
{
	FILE *file = fopen(golden_path(name, ".txt"), "r");

	ck_assert_msg(file != NULL, "%s.txt is missing", name);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

static void write_text(const char *name, const struct base_strbuf *out)
{
	FILE *file = fopen(golden_path(name, ".txt"), "w");

	ck_assert_ptr_nonnull(file);
	fwrite(out->text, 1, out->len, file);
	fclose(file);
}

START_TEST(screens_are_as_they_were)
{
	static char expected[64 * 1024];
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	json_t *answer = load(screens[_i].answer), *before = load(screens[_i].before);
	const struct weirctl_view view = {.style = screens[_i].style,
			.result = answer,
			.before = before,
			.words = screens[_i].words,
			.word_count = screens[_i].word_count};

	screens[_i].show(&out, &view);
	ck_assert(!out.failed);
	if (getenv("WEIR_UPDATE_GOLDEN"))
		write_text(screens[_i].text, &out);
	read_text(screens[_i].text, expected, sizeof(expected));
	ck_assert_msg(!strcmp(out.text, expected), "%s is now:\n%s", screens[_i].text, out.text);
	base_strbuf_fini(&out);
	json_decref(answer);
	json_decref(before);
}
END_TEST

/* Without colours a screen has no escapes, and no line ends in blanks: it can be pasted and diffed.
 */
START_TEST(text_is_clean)
{
	static char text[64 * 1024];

	read_text(screens[_i].text, text, sizeof(text));
	if (!screens[_i].style.colour)
		ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_ptr_null(strstr(text, " \n"));
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

/* Colour only repeats what the words say. */
START_TEST(colours_carry_no_meaning_of_their_own)
{
	struct base_strbuf plain = BASE_STRBUF_EMPTY, coloured = BASE_STRBUF_EMPTY;
	json_t *answer = load("audit_open");
	struct weirctl_view view = {.style = {.width = 80}, .result = answer};
	char *from, *to;

	weirctl_show_audit(&plain, &view);
	view.style.colour = true;
	weirctl_show_audit(&coloured, &view);
	for (from = to = coloured.text; *from;) {
		if (*from == '\033')
			from = strchr(from, 'm') + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	ck_assert_str_eq(coloured.text, plain.text);
	base_strbuf_fini(&plain);
	base_strbuf_fini(&coloured);
	json_decref(answer);
}
END_TEST

static json_t *audit_of(const char *residuals)
{
	json_t *list = json_loads(residuals, 0, NULL);
	json_t *audit = json_pack("{s:b, s:[]}", "holds", 0, "identities");
	json_t *value;
	size_t i;

	json_array_foreach (list, i, value) {
		json_array_append_new(json_object_get(audit, "identities"),
				json_pack("{s:O}", "residual", value));
	}
	json_decref(list);
	return audit;
}

static const struct {
	const char *first, *again, *merged;
	bool holds;
} merges[] = {
		{"[0,0]", "[1,1]", "[0,0]", true},
		{"[3,0]", "[0,5]", "[0,0]", true},
		{"[3,-7]", "[-2,9]", "[-2,-7]", false},
		{"[null,1]", "[0,0]", "[0,0]", true},
		{"[null,0]", "[null,0]", "[null,0]", true},
		{"[0]", "[null]", "[0]", true},
		{"[4,1]", "[0]", "[4,1]", false}, /* another weir: nothing is taken over */
		{"[-9223372036854775808]", "[9223372036854775807]", "[9223372036854775807]", false},
};

START_TEST(audits_are_merged_by_identity)
{
	json_t *audit = audit_of(merges[_i].first), *again = audit_of(merges[_i].again);
	json_t *merged = audit_of(merges[_i].merged);

	weirctl_audit_merge(audit, again);
	ck_assert(json_equal(json_object_get(audit, "identities"),
			json_object_get(merged, "identities")));
	ck_assert_int_eq(json_is_true(json_object_get(audit, "holds")), merges[_i].holds);
	json_decref(audit);
	json_decref(again);
	json_decref(merged);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("weirctl_show");
	TCase *tcase = tcase_create("screens");

	tcase_add_loop_test(tcase, screens_are_as_they_were, 0, BASE_COUNT_OF(screens));
	tcase_add_loop_test(tcase, text_is_clean, 0, BASE_COUNT_OF(screens));
	tcase_add_test(tcase, colours_carry_no_meaning_of_their_own);
	tcase_add_loop_test(tcase, audits_are_merged_by_identity, 0, BASE_COUNT_OF(merges));
	suite_add_tcase(suite, tcase);
	return suite;
}
