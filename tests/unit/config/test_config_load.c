/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"
#include "unit_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config config;
static struct base_strbuf errors;
static unsigned int error_count;

static void setup(void)
{
	config_set_defaults(&config);
	errors = BASE_STRBUF_EMPTY;
}

static void teardown(void)
{
	base_strbuf_fini(&errors);
}

static int parse(const char *text)
{
	return config_parse(&config, text, strlen(text), "f", &errors, &error_count);
}

/* A file with one fault each, and the line that a user reads. */
static const struct {
	const char *text, *error;
} bad_rows[] = {
#include "config_bad_rows.inc"
};

START_TEST(fault_is_told_with_place_and_cure)
{
	ck_assert_int_eq(parse(bad_rows[_i].text), -EINVAL);
	ck_assert_uint_eq(error_count, 1);
	ck_assert_str_eq(errors.text, bad_rows[_i].error);
}
END_TEST

START_TEST(all_faults_come_in_one_run_in_order)
{
	ck_assert_int_eq(parse("log: {level: loud}\nflows:\n  idle_timeout: 15 sec\nexporters: []\n"
			       "ports:\n  - interface: eth1\n    rx_descriptors: 12\n"),
			-EINVAL);
	ck_assert_uint_eq(error_count, 4);
	const char *lines[] = {"f:1:14: log.level:", "f:3:17: flows.idle_timeout:",
			"f:4:1: top level: unknown key \"exporters\"; did you mean \"outputs\"?",
			"f:7:21: ports[0].rx_descriptors:"};
	const char *at = errors.text;
	for (size_t i = 0; i < BASE_COUNT_OF(lines); i++) {
		ck_assert_msg(strncmp(at, lines[i], strlen(lines[i])) == 0, "line %zu: %s", i, at);
		at = strchr(at, '\n') + 1;
	}
}
END_TEST

START_TEST(a_bad_file_changes_nothing)
{
	struct config before = config;

	ck_assert_int_eq(parse("flows: {active_timeout: 5s, ring_records: 7}"), -EINVAL);
	ck_assert_int_eq(memcmp(&before, &config, sizeof(config)), 0);
}
END_TEST

START_TEST(empty_files_are_all_defaults)
{
	const char *texts[] = {"", "# nothing\n", "---\n", "~", "ports:\nflows:\noutputs: []\n"};
	struct config before;

	for (size_t i = 0; i < BASE_COUNT_OF(texts); i++) {
		config_set_defaults(&config);
		before = config;
		ck_assert_int_eq(parse(texts[i]), 0);
		memset(config.source, 0, sizeof(config.source));
		ck_assert_int_eq(memcmp(&before, &config, sizeof(config)), 0);
	}
}
END_TEST

START_TEST(values_arrive_in_their_units)
{
	ck_assert_int_eq(
			parse("flows: {active_timeout: 2min, idle_timeout: 5s, ring_records: "
			      "65536,\n"
			      "  capacity_per_worker: 4M, hash_seed: 0xff}\n"
			      "workers: {cpus: '2-4,8', idle: poll}\n"
			      "memory: {packet_bytes: 1GiB, huge_pages: false}\n"
			      "ports: [{pci: '3B:00.0', rx_descriptors: 1k}, {vdev: "
			      "'net_null0,size=64'}]\n"
			      "outputs: [{path: x.csv, format: csv, rotate_size: 1MB, keep: 3}]\n"),
			0);
	ck_assert_int_eq(config.flows.active_ns, INT64_C(120000000000));
	ck_assert_int_eq(config.flows.idle_tcp_ns, INT64_C(5000000000));
	ck_assert_int_eq(config.flows.idle_other_ns, INT64_C(5000000000));
	ck_assert_uint_eq(config.flows.capacity_per_worker, 4000000);
	ck_assert_uint_eq(config.flows.hash_seed, 255);
	ck_assert_uint_eq(config.workers.cpu_count, 4);
	ck_assert_uint_eq(config.workers.cpus[3], 8);
	ck_assert_uint_eq(config.memory.packet_bytes, UINT64_C(1) << 30);
	ck_assert(!config.memory.huge_pages);
	ck_assert_int_eq(config.ports[0].kind, CONFIG_PORT_PCI);
	ck_assert_str_eq(config.ports[0].device, "0000:3b:00.0");
	ck_assert_str_eq(config.ports[0].name, "0000:3b:00.0");
	ck_assert_uint_eq(config.ports[0].rx_descriptors, 1000);
	ck_assert_str_eq(config.ports[1].name, "net_null0");
	ck_assert_int_eq(config.outputs[0].format, CONFIG_OUTPUT_CSV);
	ck_assert_uint_eq(config.outputs[0].rotate_bytes, 1000000);
	ck_assert_str_eq(config.outputs[0].name, "x.csv");
}
END_TEST

START_TEST(hostile_files_end_soon)
{
	static char deep[200000];
	const char *laughs =
			"a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nports: *c\n";

	memset(deep, '[', sizeof(deep) - 1);
	ck_assert_int_eq(parse(deep), -EINVAL);
	ck_assert_uint_eq(error_count, 1);
	base_strbuf_reset(&errors);
	ck_assert_int_eq(parse(laughs), -EINVAL);
	base_strbuf_reset(&errors);
	ck_assert_int_eq(parse("ports: [\xff\xfe]"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(errors.text, "f:1:9: syntax:"));
	base_strbuf_reset(&errors);
	ck_assert_int_eq(parse("log:\n\tlevel: debug\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(errors.text, "f:2:1: syntax:"));
	base_strbuf_reset(&errors);
	ck_assert_int_eq(parse("log: {level: debug}\n---\nlog: {level: info}\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(errors.text, "a second document"));
}
END_TEST

static const char *source_file(const char *name)
{
	static char path[512];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	ck_assert_ptr_nonnull(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

START_TEST(the_commented_default_is_the_default)
{
	struct config before = config;

	ck_assert_int_eq(config_load(&config, source_file("config/weir.yaml"), &errors,
					 &error_count),
			0);
	memset(config.source, 0, sizeof(config.source));
	ck_assert_int_eq(memcmp(&before, &config, sizeof(config)), 0);
}
END_TEST

static const char *const examples[] = {"first-interface", "two-ports-af-xdp", "dedicated-nic",
		"replay-outputs", "lab-vdev"};

START_TEST(example_loads)
{
	char name[128];

	snprintf(name, sizeof(name), "config/examples/%s.yaml", examples[_i]);
	int rc = config_load(&config, source_file(name), &errors, &error_count);
	ck_assert_msg(rc == 0, "%s", errors.text ? errors.text : "unreadable");
	ck_assert(config.port_count + config.output_count > 0);
}
END_TEST

START_TEST(missing_file_is_its_errno)
{
	ck_assert_int_eq(config_load(&config, "/nonexistent.yaml", &errors, &error_count), -ENOENT);
	ck_assert_uint_eq(error_count, 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_load");
	TCase *tcase = tcase_create("load");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
			tcase, fault_is_told_with_place_and_cure, 0, (int)BASE_COUNT_OF(bad_rows));
	tcase_add_test(tcase, all_faults_come_in_one_run_in_order);
	tcase_add_test(tcase, a_bad_file_changes_nothing);
	tcase_add_test(tcase, empty_files_are_all_defaults);
	tcase_add_test(tcase, values_arrive_in_their_units);
	tcase_add_test(tcase, hostile_files_end_soon);
	tcase_add_test(tcase, the_commented_default_is_the_default);
	tcase_add_loop_test(tcase, example_loads, 0, (int)BASE_COUNT_OF(examples));
	tcase_add_test(tcase, missing_file_is_its_errno);
	suite_add_tcase(suite, tcase);
	return suite;
}
