/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Suggestions must help: one slip of the fingers in any key of the schema has to lead back to it.
 */
#include "config_schema.h"
#include "config_suggest.h"
#include "unit_main.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *a, *b;
	size_t distance;
} distances[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"ports", "ports", 0},
		{"ports", "port", 1},
		{"ports", "sports", 1},
		{"ports", "parts", 1},
		{"ports", "prots", 1},
		{"ports", "rpots", 2},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3}, /* a swap is not edited again: 2 without that rule */
		{"Tcp-Linger", "tcp_linger", 0},
		{"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd",
				"aaaaaaaaaabbbbbbbbbbccccccccccddddddddde", 1},
		{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx",
				"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", CONFIG_SUGGEST_LETTERS},
};

START_TEST(distance)
{
	const char *a = distances[_i].a, *b = distances[_i].b;

	ck_assert_uint_eq(config_suggest_distance(a, strlen(a), b, strlen(b)),
			distances[_i].distance);
	ck_assert_uint_eq(config_suggest_distance(b, strlen(b), a, strlen(a)),
			distances[_i].distance);
}
END_TEST

static void parent_of(const struct config_key *key, char out[64])
{
	size_t len = (size_t)(config_key_name(key) - key->path);

	snprintf(out, 64, "%.*s", len > 0 ? (int)len - 1 : 0, key->path);
}

/* Another key that the word is as close to may be suggested as well. */
static bool is_ambiguous(const struct config_key *key, const char *parent, const char *word)
{
	const char *name = config_key_name(key);
	size_t own = config_suggest_distance(word, strlen(word), name, strlen(name));

	for (size_t i = 0; i < config_key_count; i++) {
		const char *other = config_key_name(&config_keys[i]);
		if (&config_keys[i] != key && config_key_is_child(&config_keys[i], parent)
				&& config_suggest_distance(word, strlen(word), other, strlen(other))
						<= own)
			return true;
	}
	return false;
}

static void assert_leads_back(const struct config_key *key, const char *word)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	char expected[96], parent[64];

	parent_of(key, parent);
	if (config_key_find(parent, word, strlen(word)) || is_ambiguous(key, parent, word))
		return;
	snprintf(expected, sizeof(expected), "did you mean \"%s\"?", config_key_name(key));
	config_suggest(parent, word, strlen(word), &out);
	ck_assert_msg(strcmp(out.text, expected) == 0, "%s instead of %s: %s", word, key->path,
			out.text);
	base_strbuf_fini(&out);
}

START_TEST(one_slip_leads_back)
{
	const struct config_key *key = &config_keys[_i];
	const char *name = config_key_name(key);
	size_t len = strlen(name);
	char word[64];

	for (size_t at = 0; at < len; at++) {
		/* A letter left out, a letter twice, a wrong letter. */
		if (len > 3) {
			snprintf(word, sizeof(word), "%.*s%s", (int)at, name, name + at + 1);
			assert_leads_back(key, word);
		}
		snprintf(word, sizeof(word), "%.*s%c%s", (int)at, name, name[at], name + at);
		assert_leads_back(key, word);
		snprintf(word, sizeof(word), "%.*sx%s", (int)at, name, name + at + 1);
		assert_leads_back(key, word);
		if (at + 1 < len) {
			snprintf(word, sizeof(word), "%s", name);
			word[at] = name[at + 1];
			word[at + 1] = name[at];
			assert_leads_back(key, word);
		}
	}
}
END_TEST

/* From a section where nothing is alike, a key's own name leads to a place that has it. */
START_TEST(right_key_in_the_wrong_place)
{
	const struct config_key *key = &config_keys[_i];
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	const char *name = config_key_name(key);
	char expected[96];

	if (config_key_find("log", name, strlen(name)))
		return;
	config_suggest("log", name, strlen(name), &out);
	snprintf(expected, sizeof(expected), "did you mean \"%s\" ", name);
	ck_assert_msg(strncmp(out.text, expected, strlen(expected)) == 0, "%s: %s", key->path,
			out.text);
	base_strbuf_fini(&out);
}
END_TEST

static const struct {
	const char *parent, *word, *said;
} words[] = {
		{"", "exporters", "did you mean \"outputs\"?"},
		{"", "export", "did you mean \"outputs\"?"},
		{"", "interfaces", "did you mean \"ports\"?"},
		{"", "lcores", "did you mean \"workers\"?"},
		{"", "logging", "did you mean \"log\"?"},
		{"", "eal_args", "did you mean \"eal_arguments\" inside \"expert\"?"},
		{"", "inactive-timeout", "did you mean \"idle_timeout\" inside \"flows\"?"},
		{"", "hugepages", "did you mean \"huge_pages\" inside \"memory\"?"},
		{"workers", "threads", "did you mean \"count\"?"},
		{"workers", "workers", "did you mean \"count\"?"},
		{"flows", "max_flows", "did you mean \"capacity_per_worker\"?"},
		{"flows.idle_timeout", "icmpv6", "did you mean \"icmp\"?"},
		{"flows.idle_timeout", "sctp", "did you mean \"other\"?"},
		{"flows.idle_timeout", "ospf", "expected tcp, udp, icmp or other"},
		{"ports[]", "device", "did you mean \"interface\"?"},
		{"ports[]", "promisc", "did you mean \"promiscuous\"?"},
		{"ports[]", "active_timeout", "did you mean \"active_timeout\" inside \"flows\"?"},
		{"outputs[]", "filename", "did you mean \"path\"?"},
		{"outputs[]", "promiscuous",
				"did you mean \"promiscuous\" inside an item of \"ports\"?"},
		{"control", "ports", "did you mean \"ports\" at the top level?"},
		{"log", "flows.tcp_linger", "did you mean \"tcp_linger\" inside \"flows\"?"},
		{"log", "x", "expected level"},
		{"memory", "", "expected huge_pages or packet_bytes"},
		{"memory", "colour", "expected huge_pages or packet_bytes"},
		{"log", "<<", "expected the keys themselves, because none are merged"},
};

START_TEST(said)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	config_suggest(words[_i].parent, words[_i].word, strlen(words[_i].word), &out);
	ck_assert_str_eq(out.text, words[_i].said);
	base_strbuf_fini(&out);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_suggest");
	TCase *tcase = tcase_create("suggest");

	tcase_add_loop_test(tcase, distance, 0, BASE_COUNT_OF(distances));
	tcase_add_loop_test(tcase, one_slip_leads_back, 0, (int)config_key_count);
	tcase_add_loop_test(tcase, right_key_in_the_wrong_place, 0, (int)config_key_count);
	tcase_add_loop_test(tcase, said, 0, BASE_COUNT_OF(words));
	suite_add_tcase(suite, tcase);
	return suite;
}
