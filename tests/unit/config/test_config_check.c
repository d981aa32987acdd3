/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys that contradict each other, those that only seem to, and names that nobody gave.
 */
#include "config_cases.h"

/* clang-format off */
static const struct broken broken[] = {
	{"port without a device",
		TEXT("ports:\n"
			"- name: a\n"),
		"f:2:3: ports[0]: no device; expected one of interface, pci and vdev\n"},
	{"two devices in a port",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  pci: 0000:3b:00.0\n"),
		"f:3:8: ports[0].pci: beside \"interface\"; expected one of interface, pci "
			"and vdev\n"},
	{"two devices, the other way round",
		TEXT("ports:\n"
			"- vdev: net_null0\n"
			"  interface: eth1\n"),
		"f:2:9: ports[0].vdev: beside \"interface\"; expected one of interface, pci "
			"and vdev\n"},
	{"three devices",
		TEXT("ports:\n"
			"- vdev: net_null0\n"
			"  interface: eth1\n"
			"  pci: 3b:00.0\n"),
		"f:4:8: ports[0].pci: beside \"interface\"; expected one of interface, pci "
			"and vdev\n"},
	{"driver of a PCI device",
		TEXT("ports:\n"
			"- pci: 0000:3b:00.0\n"
			"  driver: af_xdp\n"),
		"f:3:11: ports[0].driver: a driver for a PCI device; expected it only beside "
			"\"interface\"\n"},
	{"driver of a virtual device",
		TEXT("ports:\n"
			"- vdev: net_null0\n"
			"  driver: af_packet\n"),
		"f:3:11: ports[0].driver: a driver for a virtual device; expected it only "
			"beside \"interface\"\n"},
	{"af_xdp with few descriptors",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  driver: af_xdp\n"
			"  rx_descriptors: 1024\n"),
		"f:4:19: ports[0].rx_descriptors: 1024 with driver af_xdp; expected auto or "
			"at least 2048, because AF_XDP with fewer does not count the packets it drops\n"},
	{"af_xdp with odd descriptors",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  driver: af_xdp\n"
			"  rx_descriptors: 3000\n"),
		"f:4:19: ports[0].rx_descriptors: 3000 with driver af_xdp; expected auto or "
			"a power of two, because AF_XDP takes no other\n"},
	{"interface twice",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"- interface: eth1\n"
			"  name: other\n"),
		"f:3:14: ports[1].interface: the device of ports[0] in line 2; expected each "
			"device once\n"},
	{"PCI device twice, in two forms",
		TEXT("ports:\n"
			"- pci: 0000:3b:00.0\n"
			"- pci: 3B:00.0\n"),
		"f:3:8: ports[1].pci: the device of ports[0] in line 2; expected each device "
			"once\n"},
	{"virtual device twice",
		TEXT("ports:\n"
			"- vdev: net_null0,size=64\n"
			"- vdev: net_null0,size=128\n"),
		"f:3:9: ports[1].vdev: the device of ports[0] in line 2; expected each "
			"device once\n"},
	{"name twice",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: a\n"
			"- interface: eth2\n"
			"  name: a\n"),
		"f:5:9: ports[1].name: \"a\" is the name of ports[0] in line 2; expected a "
			"name of its own\n"},
	{"name of another's device",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"- interface: eth2\n"
			"  name: eth1\n"),
		"f:4:9: ports[1].name: \"eth1\" is the name of ports[0] in line 2; expected "
			"a name of its own\n"},
	{"device of another's name",
		TEXT("ports:\n"
			"- interface: eth2\n"
			"  name: eth1\n"
			"- interface: eth1\n"),
		"f:4:3: ports[1].name: \"eth1\" is the name of ports[0] in line 2; expected "
			"a name of its own\n"},
	{"output twice",
		TEXT("outputs:\n"
			"- path: flows.jsonl\n"
			"- path: flows.jsonl\n"
			"  format: csv\n"),
		"f:3:9: outputs[1].path: the path of outputs[0] in line 2; expected a path "
			"of its own\n"},
	{"output twice in two forms",
		TEXT("outputs:\n"
			"- path: /var/log//weir/./flows\n"
			"- path: /var/log/weir/flows\n"),
		"f:3:9: outputs[1].path: the path of outputs[0] in line 2; expected a path "
			"of its own\n"},
	{"output twice from here",
		TEXT("outputs:\n"
			"- path: ./a/b\n"
			"- path: a//b\n"),
		"f:3:9: outputs[1].path: the path of outputs[0] in line 2; expected a path "
			"of its own\n"},
	{"standard output twice",
		TEXT("outputs:\n"
			"- path: '-'\n"
			"- path: '-'\n"
			"  name: b\n"),
		"f:3:9: outputs[1].path: the path of outputs[0] in line 2; expected a path "
			"of its own\n"},
	{"output's name twice",
		TEXT("outputs:\n"
			"- {path: a, name: x}\n"
			"- {path: b, name: x}\n"),
		"f:3:19: outputs[1].name: \"x\" is the name of outputs[0] in line 2; "
			"expected a name of its own\n"},
	{"output is a directory",
		TEXT("outputs:\n"
			"- path: /var/log/weir/\n"),
		"f:2:9: outputs[0].path: \"/var/log/weir/\" is a directory; expected a file\n"},
	{"standard output is rotated",
		TEXT("outputs:\n"
			"- path: '-'\n"
			"  rotate_size: 1GiB\n"
			"  rotate_every: 1h\n"
			"  keep: 5\n"),
		"f:3:16: outputs[0].rotate_size: for standard output, which is not rotated; "
			"expected it only beside the path of a file\n"
			"f:4:17: outputs[0].rotate_every: for standard output, which is not rotated; "
			"expected it only beside the path of a file\n"
			"f:5:9: outputs[0].keep: for standard output, which is not rotated; expected "
			"it only beside the path of a file\n"},
	{"keep without rotation",
		TEXT("outputs:\n"
			"- path: x\n"
			"  keep: 5\n"),
		"f:3:9: outputs[0].keep: 5 files, but the file is never rotated; expected "
			"rotate_size or rotate_every beside it\n"},
	{"two places",
		TEXT("outputs:\n"
			"- path: a\n"
			"  collector: 192.0.2.1:4739\n"),
		"f:3:14: outputs[0].collector: beside \"path\"; expected one of path and "
			"collector\n"},
	{"no place",
		TEXT("outputs:\n"
			"- format: ipfix\n"),
		"f:2:3: outputs[0]: no place to go; expected one of path and collector\n"},
	{"a collector that is neither address nor name",
		TEXT("outputs:\n"
			"- collector: 192.0.2.256:4739\n"),
		"f:2:14: outputs[0].collector: \"192.0.2.256:4739\" is no address or name with "
			"a port; expected 192.0.2.1:4739, [2001:db8::1]:4739 or "
			"flows.example.net:4739\n"},
	{"a collector without a port",
		TEXT("outputs:\n"
			"- collector: flows.example.net\n"),
		"f:2:14: outputs[0].collector: \"flows.example.net\" is no address or name with "
			"a port; expected 192.0.2.1:4739, [2001:db8::1]:4739 or "
			"flows.example.net:4739\n"},
	{"a port that is none",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:65536\n"),
		"f:2:14: outputs[0].collector: \"192.0.2.1:65536\" has no port from 1 to 65535; "
			"expected one, such as 192.0.2.1:4739\n"},
	{"text to a collector",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:4739\n"
			"  format: csv\n"),
		"f:3:11: outputs[0].format: text to a collector; expected ipfix, netflow-v9 or "
			"netflow-v5\n"},
	{"NetFlow over tcp",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:4739\n"
			"  format: netflow-v9\n"
			"  transport: tcp\n"),
		"f:4:14: outputs[0].transport: tcp for NetFlow; expected udp\n"},
	{"NetFlow into a file",
		TEXT("outputs:\n"
			"- path: x\n"
			"  format: netflow-v5\n"),
		"f:3:11: outputs[0].format: NetFlow into a file; expected ipfix, jsonl or csv, or "
			"a collector instead of path\n"},
	{"a rate that version 5 cannot say",
		TEXT("sampling:\n"
			"  rate: 16384\n"
			"outputs:\n"
			"- collector: 192.0.2.1:2055\n"
			"  format: netflow-v5\n"
			"- collector: 192.0.2.2:2055\n"
			"  format: netflow-v9\n"),
		"f:5:11: outputs[0].format: netflow-v5 with a sampling.rate of 16384; expected ipfix or "
			"netflow-v9, or a rate of at most 16383, because version 5 can say no more\n"},
	{"rates and methods that are none",
		TEXT("sampling:\n"
			"  rate: 0\n"
			"  method: sometimes\n"),
		"f:2:9: sampling.rate: \"0\" is too small; expected 1 to 1M\n"
			"f:3:11: sampling.method: \"sometimes\" is unknown; expected systematic or "
			"random\n"},
	{"keys of another kind of output",
		TEXT("outputs:\n"
			"- path: x\n"
			"  mtu: 1280\n"
			"  domain: 7\n"
			"- collector: 192.0.2.1:4739\n"
			"  keep: 3\n"
			"  community_id: true\n"),
		"f:3:8: outputs[0].mtu: for a file; expected it only beside \"collector\"\n"
			"f:4:11: outputs[0].domain: for lines of text; expected it only with "
			"format ipfix or NetFlow\n"
			"f:6:9: outputs[1].keep: for a collector; expected it only beside \"path\"\n"
			"f:7:17: outputs[1].community_id: for messages; expected it only with "
			"format jsonl or csv\n"},
	{"a filter of records that is none",
		TEXT("outputs:\n"
			"- path: a\n"
			"  filter: prot 53\n"),
		"f:3:11: outputs[0].filter: \"prot\" at character 1 of the filter; expected host, "
			"net, port, src, dst, proto, tcp, udp, icmp, icmp6, sctp, ip, ip6, vlan, "
			"inner, outer, tunnel, tunnelid, bytes, packets, not or (\n"},
	{"spread beside failover",
		TEXT("outputs:\n"
			"- path: a\n"
			"  spread: x\n"
			"  failover: x\n"
			"- path: b\n"),
		"f:4:13: outputs[0].failover: beside \"spread\"; expected one of spread and "
			"failover\n"},
	{"a group of one",
		TEXT("outputs:\n"
			"- path: a\n"
			"  spread: x\n"
			"- path: b\n"
			"  failover: x\n"),
		"f:3:11: outputs[0].spread: \"x\" has no other output; expected at least two with "
			"that word\n"
			"f:5:13: outputs[1].failover: \"x\" has no other output; expected at least "
			"two with that word\n"},
	{"a group of two filters",
		TEXT("outputs:\n"
			"- path: a\n"
			"  spread: x\n"
			"  filter: tcp\n"
			"- path: b\n"
			"  spread: x\n"
			"  filter: udp\n"
			"- path: c\n"
			"  spread: x\n"),
		"f:7:11: outputs[1].filter: not the filter of outputs[0] in line 2, which is in the "
			"same group; expected the same for all\n"
			"f:9:11: outputs[2].spread: not the filter of outputs[0] in line 2, which is "
			"in the same group; expected the same for all\n"},
	{"a key without its certificate",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:4740\n"
			"  transport: tls\n"
			"  key: weir.key\n"),
		"f:4:8: outputs[0].key: without \"certificate\"; expected both or neither\n"},
	{"files of TLS without TLS",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:4740\n"
			"  transport: tcp\n"
			"  ca_file: ca.pem\n"),
		"f:4:12: outputs[0].ca_file: for a connection without TLS; expected it only with "
			"transport tls\n"},
	{"one collector twice",
		TEXT("outputs:\n"
			"- collector: 192.0.2.1:4739\n"
			"- collector: 192.0.2.1:4739\n"),
		"f:3:3: outputs[1].name: \"192.0.2.1:4739\" is the name of outputs[0] in line 2; "
			"expected a name of its own\n"},
	{"long paths with the same end",
		TEXT("outputs:\n"
			"- path: a/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/"
			"x/x/x/x/x/x/x\n"
			"- path: b/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/"
			"x/x/x/x/x/x/x\n"),
		"f:3:3: outputs[1].name: "
			"\"x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x\" is the "
			"name of outputs[0] in line 2; expected a name of its own\n"},
	{"more workers than CPUs",
		TEXT("workers: {count: 4, cpus: '2-4'}\n"),
		"f:1:18: workers.count: 4, but workers.cpus lists 3; expected auto or 3\n"},
	{"fewer workers than CPUs",
		TEXT("workers:\n"
			"  cpus: [2, 3]\n"
			"  count: 1\n"),
		"f:3:10: workers.count: 1, but workers.cpus lists 2; expected auto or 2\n"},
	{"control on a polling CPU",
		TEXT("workers:\n"
			"  cpus: [2, 3]\n"
			"  control_cpu: 3\n"
			"  idle: poll\n"),
		"f:3:16: workers.control_cpu: 3 is one of workers.cpus, which poll without "
			"rest; expected auto or another CPU\n"},
	{"empty names are not compared",
		TEXT("ports:\n"
			"- {interface: a, name: ''}\n"
			"- {interface: b, name: ''}\n"),
		"f:2:24: ports[0].name: a text of 0 octets; expected a text of 1 to 63 octets\n"
			"f:3:24: ports[1].name: a text of 0 octets; expected a text of 1 to 63 octets\n"},
	{"errors of values come first",
		TEXT("ports:\n"
			"- interface: a/b\n"
			"  driver: af_xpd\n"
			"  rx_descriptors: 512\n"),
		"f:2:14: ports[0].interface: \"a/b\" cannot be an interface; expected the "
			"name of a kernel interface, such as eth1\n"
			"f:3:11: ports[0].driver: \"af_xpd\" is unknown; expected auto, af_xdp or "
			"af_packet\n"},
	{"bad items are not compared",
		TEXT("ports:\n"
			"- 1\n"
			"- 1\n"
			"outputs:\n"
			"- 1\n"
			"- 1\n"),
		"f:2:3: ports[0]: \"1\"; expected keys with values, such as \"interface: "
			"eth1\"\n"
			"f:3:3: ports[1]: \"1\"; expected keys with values, such as \"interface: "
			"eth1\"\n"
			"f:5:3: outputs[0]: \"1\"; expected keys with values, such as \"path: "
			"flows.jsonl\"\n"
			"f:6:3: outputs[1]: \"1\"; expected keys with values, such as \"path: "
			"flows.jsonl\"\n"},
};
/* clang-format on */

START_TEST(refuses)
{
	assert_broken(&broken[_i]);
}
END_TEST

/* Close to the errors above, and right. */
static const char *const fine[] = {
		"ports:\n- interface: eth1\n  driver: af_xdp\n  rx_descriptors: 2048\n",
		"ports:\n- interface: eth1\n  driver: af_packet\n  rx_descriptors: 1000\n",
		"ports:\n- interface: eth1\n  rx_descriptors: 100\n",
		"ports:\n- pci: 0000:3b:00.0\n  rx_descriptors: 512\n  driver: auto\n",
		"ports:\n- vdev: net_null0\n  rx_descriptors: 100\n",
		"ports:\n- vdev: net_null0\n- vdev: net_null1\n",
		"ports:\n- interface: a\n  name: b\n- interface: b\n  name: a\n",
		"ports:\n- interface: x\noutputs:\n- path: x\n",
		"outputs:\n- path: /a\n- path: a\n",
		"outputs:\n- path: '-'\n- path: ./-\n  name: file\n",
		"outputs:\n- path: '-'\n  keep: all\n  rotate_size: never\n",
		"outputs:\n- path: a\n  rotate_every: 1h\n  keep: 3\n",
		"outputs:\n- path: a/..\n",
		"workers: {count: 3, cpus: 2-4}\n",
		"workers:\n  cpus: [2, 3]\n  control_cpu: 3\n  idle: ramp\n",
		"workers:\n  cpus: [2, 3]\n  control_cpu: 1\n  idle: poll\n",
};

START_TEST(accepts)
{
	static struct config config;

	parse_good(&config, fine[_i], strlen(fine[_i]));
}
END_TEST

/* A port with one key, and what it is then. */
static const struct {
	const char *key;
	enum config_port_kind kind;
	const char *device, *name;
} devices[] = {
		{"interface: eth1", CONFIG_PORT_INTERFACE, "eth1", "eth1"},
		{"interface: enp59s0f0np0.10", CONFIG_PORT_INTERFACE, "enp59s0f0np0.10",
				"enp59s0f0np0.10"},
		{"pci: 0000:3b:00.0", CONFIG_PORT_PCI, "0000:3b:00.0", "0000:3b:00.0"},
		{"pci: 3B:1F.7", CONFIG_PORT_PCI, "0000:3b:1f.7", "0000:3b:1f.7"},
		{"pci: 10000:1:0.0", CONFIG_PORT_PCI, "10000:01:00.0", "10000:01:00.0"},
		{"vdev: net_null0", CONFIG_PORT_VDEV, "net_null0", "net_null0"},
		{"vdev: 'net_tap0,iface=dtap0,remote=eth1'", CONFIG_PORT_VDEV,
				"net_tap0,iface=dtap0,remote=eth1", "net_tap0"},
};

START_TEST(ports_are_called_by_their_device)
{
	static struct config config;
	char text[128];
	int len = snprintf(text, sizeof(text), "ports:\n- %s\n", devices[_i].key);

	parse_good(&config, text, (size_t)len);
	ck_assert_int_eq(config.ports[0].kind, devices[_i].kind);
	ck_assert_str_eq(config.ports[0].device, devices[_i].device);
	ck_assert_str_eq(config.ports[0].name, devices[_i].name);
}
END_TEST

START_TEST(a_given_name_stays)
{
	static struct config config;

	parse_good(&config,
			TEXT("ports:\n- vdev: net_null0\n  name: uplink\n"
			     "outputs:\n- path: /var/log/flows\n  name: archive\n"));
	ck_assert_str_eq(config.ports[0].name, "uplink");
	ck_assert_str_eq(config.outputs[0].name, "archive");
}
END_TEST

START_TEST(outputs_are_called_by_their_path)
{
	static struct config config;
	char text[512], path[CONFIG_PATH_BYTES];

	parse_good(&config, TEXT("outputs:\n- path: flows.jsonl\n- path: '-'\n"));
	ck_assert_str_eq(config.outputs[0].name, "flows.jsonl");
	ck_assert_str_eq(config.outputs[1].name, "-");

	/* 63 octets still fit; of more, the end; never half a character. */
	for (size_t len = 60; len < 80; len++) {
		memset(path, 'p', sizeof(path));
		path[len] = '\0';
		path[len - 1] = 'e';
		int octets = snprintf(text, sizeof(text), "outputs:\n- path: %s\n", path);
		parse_good(&config, text, (size_t)octets);
		ck_assert_str_eq(config.outputs[0].path, path);
		ck_assert_str_eq(config.outputs[0].name, len <= 63 ? path : path + len - 63);
	}
}
END_TEST

START_TEST(names_are_cut_between_characters)
{
	static struct config config;
	char text[512];
	const char *euro = "\xe2\x82\xac";
	int len = snprintf(text, sizeof(text), "outputs:\n- path: ");

	for (int i = 0; i < 30; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", euro);
	len += snprintf(text + len, sizeof(text) - (size_t)len, "x\n");
	parse_good(&config, text, (size_t)len);
	ck_assert_uint_eq(strlen(config.outputs[0].name), 20 * 3 + 1);
	ck_assert(memcmp(config.outputs[0].name, euro, 3) == 0);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_check");
	TCase *tcase = tcase_create("check");

	tcase_add_loop_test(tcase, refuses, 0, BASE_COUNT_OF(broken));
	tcase_add_loop_test(tcase, accepts, 0, BASE_COUNT_OF(fine));
	tcase_add_loop_test(tcase, ports_are_called_by_their_device, 0, BASE_COUNT_OF(devices));
	tcase_add_test(tcase, a_given_name_stays);
	tcase_add_test(tcase, outputs_are_called_by_their_path);
	tcase_add_test(tcase, names_are_cut_between_characters);
	suite_add_tcase(suite, tcase);
	return suite;
}
