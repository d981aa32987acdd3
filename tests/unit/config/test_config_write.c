/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is written: the reference page, which must be the one in the tree, and the effective
 * configuration, which must read back to itself. After a change of the schema, write the page anew:
 *
 *     WEIR_UPDATE_DOCS=1 meson test -C build config_write
 */
#include "config_cases.h"
#include "config_schema.h"

#include <stdio.h>
#include <stdlib.h>

static const char *page_path(void)
{
	static char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/configuration.md", root ? root : ".");
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

	config_write_reference(&page);
	ck_assert(!page.failed);
	if (getenv("WEIR_UPDATE_DOCS"))
		update_page(&page);

	FILE *file = fopen(page_path(), "r");
	ck_assert_msg(file != NULL, "%s is missing", page_path());
	size_t len = fread(on_disk, 1, sizeof(on_disk), file);
	fclose(file);
	ck_assert_msg(len == page.len && !memcmp(on_disk, page.text, len),
			"docs/configuration.md differs from the schema: "
			"WEIR_UPDATE_DOCS=1 meson test config_write");
	base_strbuf_fini(&page);
}
END_TEST

START_TEST(every_key_has_a_line)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY;
	char line[128];

	config_write_reference(&page);
	for (size_t i = 0; i < config_key_count; i++) {
		bool is_top = !strchr(config_keys[i].path, '.');
		snprintf(line, sizeof(line), is_top ? "\n## %s\n" : "\n| `%s` | ",
				config_keys[i].path);
		ck_assert_msg(strstr(page.text, line) != NULL, "%s", config_keys[i].path);
	}
	base_strbuf_fini(&page);
}
END_TEST

/* The errors that the page shows are the errors that a user gets. */
START_TEST(errors_on_the_page_are_real)
{
	struct base_strbuf page = BASE_STRBUF_EMPTY, errors = BASE_STRBUF_EMPTY;
	static const char text[] = "ports:\n- interface: eth1\nflows:\n  active_timeout: 15 sec\n"
				   "\n# Where the records go.\n\n\nexporters:\n";
	static struct config config;
	unsigned int count;

	config_write_reference(&page);
	ck_assert_int_eq(config_parse(&config, TEXT(text), "edge.yaml", &errors, &count), -EINVAL);
	ck_assert_uint_eq(count, 2);
	ck_assert_msg(strstr(page.text, errors.text) != NULL, "%s", errors.text);
	base_strbuf_fini(&errors);
	base_strbuf_fini(&page);
}
END_TEST

static void assert_round_trip(const struct config *config)
{
	static struct config first, second;
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	config_write_yaml(config, &text);
	ck_assert(!text.failed);
	parse_good(&second, text.text, text.len);
	memcpy(&first, config, sizeof(first));
	forget_places(&first);
	forget_places(&second);
	ck_assert_msg(memcmp(&first, &second, sizeof(first)) == 0, "%s", text.text);
	base_strbuf_fini(&text);
}

START_TEST(defaults_survive_a_round)
{
	static struct config config;

	config_set_defaults(&config);
	assert_round_trip(&config);
}
END_TEST

static const char full[] =
		"ports:\n"
		"- {interface: eth1, name: 'an \"odd\" name \\ with: #all', driver: af_xdp,\n"
		"   rx_descriptors: 4096, queues: 3, promiscuous: false, force: true, mtu: 9216}\n"
		"- {pci: '3b:00.1'}\n"
		"- {vdev: 'net_pcap0,rx_pcap=/tmp/a_b'}\n"
		"workers: {count: 3, cpus: '9,2-3', control_cpu: 0, idle: poll, burst: 32}\n"
		"memory: {huge_pages: no, packet_bytes: 300MiB}\n"
		"flows:\n"
		"  {capacity_per_worker: 123457, active_timeout: 90s, tcp_linger: 0,\n"
		"   idle_timeout: {tcp: 1h, udp: 1500ms, icmp: 100ms, other: 8h},\n"
		"   ring_records: 65536, hash_seed: 12345678901234567890}\n"
		"outputs:\n"
		"- {path: 'yes', format: csv, rotate_size: 1000000007, rotate_every: 1d, keep: "
		"30,\n"
		"   queue: 1MB, community_id: true}\n"
		"- {path: '-', name: '- stdout'}\n"
		"- {path: 'gr\xc3\xb6\xc3\x9f"
		"e: \xe2\x82\xac', name: ' '}\n"
		"control: {directory: '.', group: 'null', max_clients: 1024}\n"
		"log: {level: error}\n"
		"expert: {eal_arguments: '--log-level=\"*:8\" -v', stop_deadline: 100ms}\n";

START_TEST(everything_survives_a_round)
{
	static struct config config;

	parse_good(&config, TEXT(full));
	ck_assert_uint_eq(config.port_count, 3);
	ck_assert_uint_eq(config.output_count, 3);
	ck_assert_uint_eq(config.flows.hash_seed, UINT64_C(12345678901234567890));
	assert_round_trip(&config);
}
END_TEST

START_TEST(texts_are_quoted_where_needed)
{
	static const struct {
		const char *text, *yaml;
	} rows[] = {
			{"netops", "    group: netops\n"},
			{"net-ops_2.x", "    group: net-ops_2.x\n"},
			{"", "    group: \"\"\n"},
			{"No", "    group: \"No\"\n"},
			{"~", "    group: \"~\"\n"},
			{"12", "    group: \"12\"\n"},
			{"1e3", "    group: \"1e3\"\n"},
			{"a: b", "    group: \"a: b\"\n"},
			{"a #b", "    group: \"a #b\"\n"},
			{"\\\"", "    group: \"\\\\\\\"\"\n"},
	};
	static struct config config;

	for (size_t i = 0; i < BASE_COUNT_OF(rows); i++) {
		struct base_strbuf text = BASE_STRBUF_EMPTY;
		config_set_defaults(&config);
		memcpy(config.control.group, rows[i].text, strlen(rows[i].text));
		config_write_yaml(&config, &text);
		ck_assert_msg(strstr(text.text, rows[i].yaml) != NULL, "%s", text.text);
		base_strbuf_fini(&text);
		assert_round_trip(&config);
	}
}
END_TEST

START_TEST(layout_is_readable)
{
	static struct config config;
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	static const char begins[] = "ports:\n"
				     "  - interface: eth1\n"
				     "    name: eth1\n"
				     "    driver: auto\n"
				     "    rx_descriptors: auto\n"
				     "    queues: auto\n"
				     "    promiscuous: true\n"
				     "    force: false\n"
				     "    mtu: auto\n"
				     "workers:\n"
				     "    count: auto\n"
				     "    cpus: [2, 3, 4]\n"
				     "    control_cpu: auto\n";

	parse_good(&config, TEXT("ports: [{interface: eth1}]\nworkers: {cpus: 2-4}\n"));
	config_write_yaml(&config, &text);
	ck_assert_msg(strncmp(text.text, begins, strlen(begins)) == 0, "%s", text.text);
	ck_assert_ptr_nonnull(strstr(text.text, "    idle_timeout:\n        tcp: 60s\n"));
	ck_assert_ptr_nonnull(strstr(text.text, "\noutputs: []\n"));
	base_strbuf_fini(&text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_write");
	TCase *page = tcase_create("page"), *yaml = tcase_create("yaml");

	tcase_add_test(page, page_in_the_tree_is_current);
	tcase_add_test(page, every_key_has_a_line);
	tcase_add_test(page, errors_on_the_page_are_real);
	suite_add_tcase(suite, page);
	tcase_add_test(yaml, defaults_survive_a_round);
	tcase_add_test(yaml, everything_survives_a_round);
	tcase_add_test(yaml, texts_are_quoted_where_needed);
	tcase_add_test(yaml, layout_is_readable);
	suite_add_tcase(suite, yaml);
	return suite;
}
