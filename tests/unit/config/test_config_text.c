/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Texts that are no configuration whatever they say: wrong encoding, wrong syntax, too much.
 */
#include "config_cases.h"
#include "config_text.h"

#include <stdlib.h>

/* clang-format off */
static const struct broken broken[] = {
	{"a tab indents",
		TEXT("flows:\n"
			"\ttcp_linger: 1s\n"),
		"f:2:1: syntax: a tab; expected spaces to indent\n"},
	{"a tab after spaces",
		TEXT("flows:\n"
			"  \ttcp_linger: 1s\n"),
		"f:2:3: syntax: a tab; expected spaces to indent\n"},
	{"two keys in a line",
		TEXT("log: level: debug\n"),
		"f:1:11: syntax: a \": \" where no key can stand; expected one KEY: VALUE a "
			"line, indented like the others, and text with \": \" in \"quotes\"\n"},
	{"key indented too far",
		TEXT("flows:\n"
			"  tcp_linger: 1s\n"
			"   ring_records: 256\n"),
		"f:3:16: syntax: a \": \" where no key can stand; expected one KEY: VALUE a "
			"line, indented like the others, and text with \": \" in \"quotes\"\n"},
	{"key indented too little",
		TEXT("ports:\n"
			"  - interface: eth1\n"
			"   name: x\n"),
		"f:3:4: syntax: a line that is no item of the list; expected all items of a "
			"list below each other, each with \"- \"\n"},
	{"list item beside keys",
		TEXT("log:\n"
			"  level: debug\n"
			"  - x\n"),
		"f:3:3: syntax: a line that does not fit those before it; expected all keys "
			"of a section below each other\n"},
	{"no space after colon",
		TEXT("log:\n"
			"  level:debug\n"
			"  other: 1\n"),
		"f:3:8: syntax: a \": \" where no key can stand; expected one KEY: VALUE a "
			"line, indented like the others, and text with \": \" in \"quotes\"\n"},
	{"list not closed",
		TEXT("workers:\n"
			"  cpus: [2, 3\n"
			"log:\n"),
		"f:2:9: syntax: a list that is not closed; expected \"]\" at its end\n"},
	{"mapping not closed",
		TEXT("log: {level: debug\n"
			"flows:\n"),
		"f:1:6: syntax: a section that is not closed; expected \"}\" at its end\n"},
	{"double quote not closed",
		TEXT("control:\n"
			"  group: \"ops\n"),
		"f:2:10: syntax: a text that is not closed; expected a closing quote\n"},
	{"single quote not closed",
		TEXT("control:\n"
			"  group: 'ops\n"),
		"f:2:10: syntax: a text that is not closed; expected a closing quote\n"},
	{"text beginning with @",
		TEXT("control:\n"
			"  group: @ops\n"),
		"f:2:10: syntax: a character that no value can begin with; expected text "
			"with special characters in \"quotes\"\n"},
	{"text beginning with back-quote",
		TEXT("control:\n"
			"  group: `ops`\n"),
		"f:2:10: syntax: a character that no value can begin with; expected text "
			"with special characters in \"quotes\"\n"},
	{"unknown escape",
		TEXT("control:\n"
			"  directory: \"C:\\weir\"\n"),
		"f:2:17: syntax: an unknown escape after \"\\\"; expected \"\\\\\" for a "
			"backslash, or 'single quotes'\n"},
	{"unknown alias",
		TEXT("flows:\n"
			"  tcp_linger: *linger\n"),
		"f:2:15: syntax: an alias without an anchor; expected an anchor before it\n"},
	{"anchor twice",
		TEXT("flows:\n"
			"  tcp_linger: &a 1s\n"
			"  active_timeout: &a 60s\n"),
		"f:3:19: syntax: an anchor a second time; expected each anchor once\n"},
	{"template text",
		TEXT("flows: {{ flows }}\n"),
		"f:1:9: flows: keys with values as a key; expected a word\n"},
	{"percent",
		TEXT("%weir\n"
			"---\n"
			"log:\n"),
		"f:1:6: syntax: found unknown directive name; expected valid YAML\n"},
	{"two documents",
		TEXT("log:\n"
			"---\n"
			"log:\n"),
		"f:2:1: document: a second document; expected one in the file\n"},
	{"two documents with end",
		TEXT("log:\n"
			"...\n"
			"---\n"
			"flows:\n"),
		"f:3:1: document: a second document; expected one in the file\n"},
	{"too deep",
		TEXT("a: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]\n"),
		"f:1:19: document: a list or section 17 levels deep; expected at most 16\n"},
	{"UTF-16 little endian",
		TEXT("\377\376l\000o\000g\000"),
		"f:1:1: document: UTF-16 text; expected UTF-8\n"},
	{"UTF-16 big endian",
		TEXT("\376\377\000l\000o\000g"),
		"f:1:1: document: UTF-16 text; expected UTF-8\n"},
	{"Latin-1",
		TEXT("control:\n"
			"  group: caf\351\n"),
		"f:2:13: document: octet 0xe9, which is not UTF-8; expected UTF-8\n"},
	{"overlong slash",
		TEXT("control:\n"
			"  group: a\300\257\n"),
		"f:2:11: document: octet 0xc0, which is not UTF-8; expected UTF-8\n"},
	{"surrogate",
		TEXT("control:\n"
			"  group: \355\240\200\n"),
		"f:2:10: document: octet 0xed, which is not UTF-8; expected UTF-8\n"},
	{"past Unicode",
		TEXT("control:\n"
			"  group: \364\220\200\200\n"),
		"f:2:10: document: octet 0xf4, which is not UTF-8; expected UTF-8\n"},
	{"cut character",
		TEXT("log: \342\202"),
		"f:1:6: document: octet 0xe2, which is not UTF-8; expected UTF-8\n"},
	{"NUL",
		TEXT("log:\000\n"),
		"f:1:5: document: control character 0x00; expected printable text\n"},
	{"escape character",
		TEXT("log:\n"
			"  level: \033[31mdebug\n"),
		"f:2:10: document: control character 0x1b; expected printable text\n"},
	{"place counts characters",
		TEXT("control: {group: \303\244\303\266, directory: \001}\n"),
		"f:1:33: document: control character 0x01; expected printable text\n"},
	{"mark of UTF-8 is not counted",
		TEXT("\357\273\277logs: 1\n"),
		"f:1:1: logs: unknown key; did you mean \"log\"?\n"},
	{"CRLF",
		TEXT("log:\r\n"
			"  level: loud\r\n"),
		"f:2:10: log.level: \"loud\" is unknown; expected error, warning, notice, "
			"info or debug\n"},
};
/* clang-format on */

START_TEST(refuses)
{
	assert_broken(&broken[_i]);
}
END_TEST

static const struct {
	const char *what, *text;
	size_t len;
} empty[] = {
		{"nothing", TEXT("")},
		{"a line break", TEXT("\n")},
		{"a comment", TEXT("# nothing yet\n")},
		{"a comment without a line break", TEXT("# nothing yet")},
		{"a mark of UTF-8", TEXT("\xef\xbb\xbf")},
		{"a mark of UTF-8 and a comment", TEXT("\xef\xbb\xbf# nothing yet\n")},
		{"the start of a document", TEXT("---\n")},
		{"a document with an end", TEXT("---\n...\n")},
		{"the version of YAML", TEXT("%YAML 1.1\n---\n")},
		{"no keys", TEXT("{}\n")},
		{"null", TEXT("null\n")},
		{"line breaks of DOS", TEXT("# nothing\r\n\r\nlog:\r\n")},
};

START_TEST(empty_is_all_defaults)
{
	static struct config config, defaults;

	config_set_defaults(&defaults);
	parse_good(&config, empty[_i].text, empty[_i].len);
	forget_places(&config);
	ck_assert_msg(memcmp(&config, &defaults, sizeof(config)) == 0, "%s", empty[_i].what);
}
END_TEST

static void assert_refused(const char *text, size_t len, const char *expected)
{
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	ck_assert_int_eq(config_parse(&config, text, len, "f", &errors, &count), -EINVAL);
	ck_assert_str_eq(errors.text, expected);
	ck_assert_uint_eq(count, 1);
	base_strbuf_fini(&errors);
}

START_TEST(size_is_limited)
{
	static struct config config;
	char *text = malloc(CONFIG_TEXT_BYTES_MAX + 1);

	memset(text, '#', CONFIG_TEXT_BYTES_MAX + 1);
	parse_good(&config, text, CONFIG_TEXT_BYTES_MAX);
	assert_refused(text, CONFIG_TEXT_BYTES_MAX + 1,
			"f:1:1: document: more than 1048576 octets; expected a configuration\n");
	free(text);
}
END_TEST

/* Deep enough that a parser which calls itself for each level would run out of stack. */
START_TEST(depth_is_limited)
{
	enum { DEPTH = 1000000 };
	char *text = malloc(DEPTH);

	memset(text, '[', DEPTH);
	assert_refused(text, DEPTH,
			"f:1:17: document: a list or section 17 levels deep; expected at most "
			"16\n");
	for (size_t i = 0; i + 1 < DEPTH; i += 2)
		memcpy(text + i, "- ", 2);
	assert_refused(text, DEPTH,
			"f:1:33: document: a list or section 17 levels deep; expected at most "
			"16\n");
	free(text);
}
END_TEST

/* `anchors` values with an anchor each, and an alias to the first. */
static void write_anchors(struct base_strbuf *out, unsigned int anchors)
{
	base_strbuf_reset(out);
	base_strbuf_puts(out, "workers:\n  cpus: [");
	for (unsigned int i = 0; i < anchors; i++)
		base_strbuf_printf(out, "&a%u %u, ", i, i);
	base_strbuf_puts(out, "]\n  control_cpu: *a0\n");
}

START_TEST(anchors_are_limited)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	static struct config config;

	write_anchors(&text, CONFIG_MAX_WORKERS);
	parse_good(&config, text.text, text.len);
	ck_assert_uint_eq(config.workers.cpu_count, CONFIG_MAX_WORKERS);
	ck_assert_int_eq(config.workers.control_cpu, 0);

	write_anchors(&text, CONFIG_TEXT_ANCHORS_MAX);
	assert_refused(text.text, text.len,
			"f:3:16: document: more than 256 anchors and aliases; expected fewer\n");
	write_anchors(&text, 50000);
	struct base_strbuf errors = BASE_STRBUF_EMPTY;
	unsigned int count;
	ck_assert_int_eq(config_parse(&config, text.text, text.len, "f", &errors, &count), -EINVAL);
	ck_assert_uint_eq(count, 1);
	base_strbuf_fini(&errors);
	base_strbuf_fini(&text);
}
END_TEST

START_TEST(directives_are_limited)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	static struct config config;

	for (int i = 0; i < CONFIG_TEXT_DIRECTIVES_MAX; i++)
		base_strbuf_printf(&text, "%%TAG !%d! tag:example.org,2020:\n", i);
	base_strbuf_puts(&text, "---\nlog:\n");
	parse_good(&config, text.text, text.len);

	base_strbuf_reset(&text);
	for (int i = 0; i < 60000; i++)
		base_strbuf_printf(&text, "%%TAG !%x! y\n", i);
	assert_refused(text.text, text.len,
			"f:17:1: document: %TAG more than 16 times; expected values without "
			"tags\n");
	base_strbuf_fini(&text);
}
END_TEST

/* Each level names the one before ten times: 10^9 values for a reader that copies aliases. */
START_TEST(aliases_are_not_copied)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY, errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	base_strbuf_puts(&text, "a0: &a0 laugh\n");
	for (unsigned int level = 1; level <= 9; level++) {
		base_strbuf_printf(&text, "a%u: &a%u [", level, level);
		for (unsigned int i = 0; i < 10; i++)
			base_strbuf_printf(&text, "*a%u,", level - 1);
		base_strbuf_puts(&text, "]\n");
	}
	base_strbuf_puts(&text, "ports: *a9\n");
	ck_assert_int_eq(config_parse(&config, text.text, text.len, "f", &errors, &count), -EINVAL);
	ck_assert_uint_eq(count, 10 + 10);
	base_strbuf_fini(&errors);
	base_strbuf_fini(&text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, refuses, 0, BASE_COUNT_OF(broken));
	tcase_add_loop_test(tcase, empty_is_all_defaults, 0, BASE_COUNT_OF(empty));
	tcase_add_test(tcase, size_is_limited);
	tcase_add_test(tcase, depth_is_limited);
	tcase_add_test(tcase, anchors_are_limited);
	tcase_add_test(tcase, directives_are_limited);
	tcase_add_test(tcase, aliases_are_not_copied);
	suite_add_tcase(suite, tcase);
	return suite;
}
