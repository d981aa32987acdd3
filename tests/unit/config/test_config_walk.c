/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Documents that do not have the shape of the schema, and what the walk makes of those that have.
 */
#include "base_clock.h"
#include "config_cases.h"
#include "config_error.h"

/* clang-format off */
static const struct broken broken[] = {
	{"a word for a file",
		TEXT("weir\n"),
		"f:1:1: document: \"weir\"; expected keys with values, such as ports, "
			"workers, memory, sampling, filter, decode, tunnel_ports, flows, outputs, control, log or expert\n"},
	{"a list for a file",
		TEXT("- interface: eth1\n"),
		"f:1:1: document: a list; expected keys with values, such as ports, workers, "
			"memory, sampling, filter, decode, tunnel_ports, flows, outputs, control, log or expert\n"},
	{"unknown key",
		TEXT("colour: blue\n"),
		"f:1:1: colour: unknown key; expected ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, "
			"outputs, control, log or expert\n"},
	{"misspelt section",
		TEXT("flow:\n"),
		"f:1:1: flow: unknown key; did you mean \"flows\"?\n"},
	{"word of others",
		TEXT("exporters:\n"
			"- path: x\n"),
		"f:1:1: exporters: unknown key; did you mean \"outputs\"?\n"},
	{"word of others, case and dash",
		TEXT("Max-Flows: 1M\n"),
		"f:1:1: Max-Flows: unknown key; did you mean \"capacity_per_worker\" inside "
			"\"flows\"?\n"},
	{"misspelt key",
		TEXT("flows:\n"
			"  activ_timeout: 60s\n"),
		"f:2:3: flows.activ_timeout: unknown key; did you mean \"active_timeout\"?\n"},
	{"swapped letters",
		TEXT("log:\n"
			"  lveel: debug\n"),
		"f:2:3: log.lveel: unknown key; did you mean \"level\"?\n"},
	{"dash for underscore",
		TEXT("flows:\n"
			"  tcp-linger: 1s\n"),
		"f:2:3: flows.tcp-linger: unknown key; did you mean \"tcp_linger\"?\n"},
	{"capitals",
		TEXT("Log:\n"
			"  level: debug\n"),
		"f:1:1: Log: unknown key; did you mean \"log\"?\n"},
	{"right key, wrong place",
		TEXT("active_timeout: 60s\n"),
		"f:1:1: active_timeout: unknown key; did you mean \"active_timeout\" inside "
			"\"flows\"?\n"},
	{"right key, one level too high",
		TEXT("flows:\n"
			"  udp: 5s\n"),
		"f:2:3: flows.udp: unknown key; did you mean \"udp\" inside "
			"\"flows.idle_timeout\"?\n"},
	{"right key, outside its list",
		TEXT("interface: eth1\n"),
		"f:1:1: interface: unknown key; did you mean \"interface\" inside an item of "
			"\"ports\"?\n"},
	{"section inside another",
		TEXT("flows:\n"
			"  outputs:\n"
			"  - path: x\n"),
		"f:2:3: flows.outputs: unknown key; did you mean \"outputs\" at the top "
			"level?\n"},
	{"misspelt key, wrong place",
		TEXT("ring_record: 256\n"),
		"f:1:1: ring_record: unknown key; did you mean \"ring_records\" inside "
			"\"flows\"?\n"},
	{"path as a key",
		TEXT("flows.active_timeout: 60s\n"),
		"f:1:1: flows.active_timeout: unknown key; did you mean \"active_timeout\" "
			"inside \"flows\"?\n"},
	{"path as a key inside its section",
		TEXT("flows:\n"
			"  flows.tcp_linger: 1s\n"),
		"f:2:3: flows.flows.tcp_linger: unknown key; did you mean \"tcp_linger\"?\n"},
	{"unknown key of an item",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  colour: blue\n"),
		"f:3:3: ports[0].colour: unknown key; expected interface, pci, vdev, name, "
			"driver, rx_descriptors, queues, promiscuous, force or mtu\n"},
	{"misspelt key of an item",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  promiscuouss: true\n"),
		"f:3:3: ports[0].promiscuouss: unknown key; did you mean \"promiscuous\"?\n"},
	{"word of others in an item",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  rxq: 2\n"),
		"f:3:3: ports[0].rxq: unknown key; did you mean \"queues\"?\n"},
	{"key of an output in a port",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  path: x\n"),
		"f:3:3: ports[0].path: unknown key; did you mean \"path\" inside an item of "
			"\"outputs\"?\n"},
	{"unknown key without letters",
		TEXT("\"\": 1\n"),
		"f:1:1: \"\": unknown key; expected ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, outputs, "
			"control, log or expert\n"},
	{"null key",
		TEXT("~: 1\n"),
		"f:1:1: ~: unknown key; expected ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, outputs, "
			"control, log or expert\n"},
	{"long key",
		TEXT("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
			"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
			"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
			"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: 1\n"),
		"f:1:1: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...: unknown key; expected "
			"ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, outputs, "
			"control, log or expert\n"},
	{"key with control character",
		TEXT("\"a\\nb\": 1\n"),
		"f:1:1: a\\x0ab: unknown key; expected ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, "
			"outputs, control, log or expert\n"},
	{"merge key",
		TEXT("base: &b {level: info}\n"
			"log:\n"
			"  <<: *b\n"),
		"f:1:1: base: unknown key; expected ports, workers, memory, sampling, filter, decode, tunnel_ports, flows, outputs, "
			"control, log or expert\n"
			"f:3:3: log.<<: unknown key; expected the keys themselves, because none are "
			"merged\n"},
	{"list as a key",
		TEXT("? [a, b]\n"
			": 1\n"),
		"f:1:3: document: a list as a key; expected a word\n"},
	{"mapping as a key in a section",
		TEXT("log:\n"
			"  ? {a: b}\n"
			"  : 1\n"),
		"f:2:5: log: keys with values as a key; expected a word\n"},
	{"key twice",
		TEXT("log:\n"
			"  level: info\n"
			"  level: debug\n"),
		"f:3:3: log.level: a second time, first in line 2; expected each key once\n"},
	{"section twice",
		TEXT("flows:\n"
			"  tcp_linger: 1s\n"
			"log:\n"
			"flows:\n"
			"  tcp_linger: 2s\n"),
		"f:4:1: flows: a second time, first in line 1; expected each key once\n"},
	{"key of an item twice",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  interface: eth2\n"),
		"f:3:3: ports[0].interface: a second time, first in line 2; expected each "
			"key once\n"},
	{"value for a section",
		TEXT("workers: 4\n"),
		"f:1:10: workers: \"4\"; expected keys with values, such as count, cpus, "
			"control_cpu, idle or burst\n"},
	{"list for a section",
		TEXT("log:\n"
			"- level: debug\n"),
		"f:2:1: log: a list; expected keys with values, such as level\n"},
	{"list for idle_timeout",
		TEXT("flows:\n"
			"  idle_timeout: [1s, 2s]\n"),
		"f:2:17: flows.idle_timeout: a list; expected keys with values, such as tcp, "
			"udp, icmp or other\n"},
	{"bad value for all of idle_timeout",
		TEXT("flows:\n"
			"  idle_timeout: 15 sec\n"),
		"f:2:17: flows.idle_timeout: \"15 sec\" is not a duration; expected 100ms to "
			"8h, for example 60s\n"},
	{"section for a value",
		TEXT("log:\n"
			"  level:\n"
			"    is: debug\n"),
		"f:3:5: log.level: keys with values; expected error, warning, notice, info "
			"or debug\n"},
	{"list for a value",
		TEXT("log:\n"
			"  level: [debug]\n"),
		"f:2:10: log.level: a list; expected error, warning, notice, info or debug\n"},
	{"nothing for a value",
		TEXT("log:\n"
			"  level:\n"),
		"f:2:9: log.level: nothing; expected error, warning, notice, info or debug\n"},
	{"null for a value",
		TEXT("control:\n"
			"  group: ~\n"),
		"f:2:10: control.group: nothing; expected a text of at most 63 octets\n"},
	{"ports without a list",
		TEXT("ports:\n"
			"  interface: eth1\n"),
		"f:2:3: ports: keys with values; expected a list, each item like \"- "
			"interface: eth1\"\n"},
	{"port as a word",
		TEXT("ports: eth1\n"),
		"f:1:8: ports: \"eth1\"; expected a list, each item like \"- interface: "
			"eth1\"\n"},
	{"item as a word",
		TEXT("ports:\n"
			"- eth1\n"),
		"f:2:3: ports[0]: \"eth1\"; expected keys with values, such as \"interface: "
			"eth1\"\n"},
	{"nothing for an item",
		TEXT("outputs:\n"
			"-\n"),
		"f:2:2: outputs[0]: nothing; expected keys with values, such as \"path: "
			"flows.jsonl\"\n"},
	{"list for an item",
		TEXT("ports:\n"
			"- - interface: eth1\n"),
		"f:2:3: ports[0]: a list; expected keys with values, such as \"interface: "
			"eth1\"\n"},
	{"list in itself",
		TEXT("ports: &a [*a]\n"),
		"f:1:8: ports[0]: a list; expected keys with values, such as \"interface: "
			"eth1\"\n"},
	{"mapping in itself",
		TEXT("log: &a\n"
			"  level: *a\n"),
		"f:1:6: log.level: keys with values; expected error, warning, notice, info "
			"or debug\n"},
	{"output without a path",
		TEXT("outputs:\n"
			"- format: csv\n"),
		"f:2:3: outputs[0]: no place to go; expected one of path and collector\n"},
	{"too many outputs",
		TEXT("outputs:\n"
			"- path: o0\n"
			"- path: o1\n"
			"- path: o2\n"
			"- path: o3\n"
			"- path: o4\n"
			"- path: o5\n"
			"- path: o6\n"
			"- path: o7\n"
			"- path: o8\n"
			"- path: o9\n"
			"- path: o10\n"
			"- path: o11\n"
			"- path: o12\n"
			"- path: o13\n"
			"- path: o14\n"
			"- path: o15\n"
			"- path: o16\n"),
		"f:2:1: outputs: 17 items; expected at most 16\n"},
	{"tag of a value",
		TEXT("log:\n"
			"  level: !important debug\n"),
		"f:2:10: log.level: the tag \"!important\"; expected a value without a tag\n"},
	{"tag of an item",
		TEXT("ports:\n"
			"- !nic {interface: eth1}\n"),
		"f:2:3: ports[0]: the tag \"!nic\"; expected a value without a tag\n"},
	{"tag of the file",
		TEXT("!weir\n"
			"log:\n"),
		"f:1:1: document: the tag \"!weir\"; expected a value without a tag\n"},
	{"all errors, in the order of the file",
		TEXT("outputs:\n"
			"- format: cvs\n"
			"log:\n"
			"  level: loud\n"
			"ports:\n"
			"- name: a\n"
			"flow:\n"),
		"f:2:3: outputs[0]: no place to go; expected one of path and collector\n"
			"f:2:11: outputs[0].format: \"cvs\" is unknown; expected jsonl, csv, ipfix, "
			"netflow-v9 or netflow-v5\n"
			"f:4:10: log.level: \"loud\" is unknown; expected error, warning, notice, "
			"info or debug\n"
			"f:6:3: ports[0]: no device; expected one of interface, pci and vdev\n"
			"f:7:1: flow: unknown key; did you mean \"flows\"?\n"},
};
/* clang-format on */

START_TEST(refuses)
{
	assert_broken(&broken[_i]);
}
END_TEST

START_TEST(one_value_for_all_idle_timeouts)
{
	static struct config config;

	parse_good(&config, TEXT("flows:\n  idle_timeout: 90s\n"));
	ck_assert_int_eq(config.flows.idle_tcp_ns, 90 * BASE_NS_PER_SEC);
	ck_assert_int_eq(config.flows.idle_udp_ns, 90 * BASE_NS_PER_SEC);
	ck_assert_int_eq(config.flows.idle_icmp_ns, 90 * BASE_NS_PER_SEC);
	ck_assert_int_eq(config.flows.idle_other_ns, 90 * BASE_NS_PER_SEC);
	ck_assert_int_eq(config.flows.active_ns, 60 * BASE_NS_PER_SEC);
}
END_TEST

START_TEST(sections_may_be_empty)
{
	static struct config config, defaults;

	config_set_defaults(&defaults);
	parse_good(&config,
			TEXT("ports:\nworkers: ~\nmemory: {}\nflows:\n  idle_timeout:\n"
			     "outputs: []\ncontrol: null\nlog:\nexpert:\n"));
	forget_places(&config);
	ck_assert(memcmp(&config, &defaults, sizeof(config)) == 0);
}
END_TEST

START_TEST(items_know_their_place)
{
	static struct config config;

	parse_good(&config,
			TEXT("outputs:\n- path: a\n\n-   format: csv\n    path: b\n"
			     "ports: [{interface: eth1}, {interface: eth2}]\n"));
	ck_assert_uint_eq(config.output_count, 2);
	ck_assert_int_eq(config.outputs[0].line, 2);
	ck_assert_int_eq(config.outputs[0].column, 3);
	ck_assert_int_eq(config.outputs[1].line, 4);
	ck_assert_int_eq(config.outputs[1].column, 5);
	ck_assert_uint_eq(config.port_count, 2);
	ck_assert_int_eq(config.ports[1].line, 6);
	ck_assert_int_eq(config.ports[1].column, 28);
	ck_assert_str_eq(config.source, "good");
}
END_TEST

START_TEST(values_may_be_written_in_any_style)
{
	static struct config config;

	parse_good(&config,
			TEXT("\"log\": {'level': \"debug\"}\n"
			     "control:\n  group: >-\n    net\n    ops\n"
			     "flows:\n  tcp_linger: &t !!str 3s\n  active_timeout: *t\n"
			     "? memory\n: huge_pages: No\n"));
	ck_assert_uint_eq(config.log.level, 7);
	ck_assert_str_eq(config.control.group, "net ops");
	ck_assert_int_eq(config.flows.tcp_linger_ns, 3 * BASE_NS_PER_SEC);
	ck_assert_int_eq(config.flows.active_ns, 3 * BASE_NS_PER_SEC);
	ck_assert(!config.memory.huge_pages);
}
END_TEST

START_TEST(lists_may_be_full)
{
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	static struct config config;

	base_strbuf_puts(&text, "ports:\n");
	for (int i = 0; i < CONFIG_MAX_PORTS; i++)
		base_strbuf_printf(&text, "- interface: eth%d\n", i);
	base_strbuf_puts(&text, "outputs:\n");
	for (int i = 0; i < CONFIG_MAX_OUTPUTS; i++)
		base_strbuf_printf(&text, "- path: flows%d\n", i);
	parse_good(&config, text.text, text.len);
	ck_assert_uint_eq(config.port_count, CONFIG_MAX_PORTS);
	ck_assert_str_eq(config.ports[CONFIG_MAX_PORTS - 1].device, "eth15");
	ck_assert_uint_eq(config.output_count, CONFIG_MAX_OUTPUTS);
	ck_assert_str_eq(config.outputs[CONFIG_MAX_OUTPUTS - 1].path, "flows15");
	base_strbuf_fini(&text);
}
END_TEST

START_TEST(errors_beyond_a_hundred_are_counted)
{
	enum { WRONG = 5000 };
	struct base_strbuf text = BASE_STRBUF_EMPTY, errors = BASE_STRBUF_EMPTY;
	static struct config config;
	unsigned int count;

	for (int i = 0; i < WRONG; i++)
		base_strbuf_printf(&text, "wrong%d: 1\n", i);
	ck_assert_int_eq(config_parse(&config, text.text, text.len, "f", &errors, &count), -EINVAL);
	ck_assert_uint_eq(count, WRONG);
	ck_assert_uint_eq(count_lines(errors.text), CONFIG_ERRORS_SHOWN + 1);
	ck_assert_ptr_nonnull(strstr(errors.text, "\nf:100:1: wrong99: unknown key; "));
	ck_assert_ptr_nonnull(strstr(errors.text, "\nf: 4900 more errors\n"));
	base_strbuf_fini(&errors);
	base_strbuf_fini(&text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_walk");
	TCase *tcase = tcase_create("walk");

	tcase_add_loop_test(tcase, refuses, 0, BASE_COUNT_OF(broken));
	tcase_add_test(tcase, one_value_for_all_idle_timeouts);
	tcase_add_test(tcase, sections_may_be_empty);
	tcase_add_test(tcase, items_know_their_place);
	tcase_add_test(tcase, values_may_be_written_in_any_style);
	tcase_add_test(tcase, lists_may_be_full);
	tcase_add_test(tcase, errors_beyond_a_hundred_are_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
