/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Single values: what each type refuses, every unit it takes, and the bounds of every key.
 */
#include "config_cases.h"
#include "config_schema.h"
#include "config_value.h"
#include "config_words.h"

#include <stdint.h>

/* clang-format off */
static const struct broken broken[] = {
	{"word for a duration",
		TEXT("flows:\n"
			"  active_timeout: soon\n"),
		"f:2:19: flows.active_timeout: \"soon\" is not a duration; expected 1s to "
			"1d, for example 60s\n"},
	{"unit that is none",
		TEXT("flows:\n"
			"  active_timeout: 15 sec\n"),
		"f:2:19: flows.active_timeout: \"15 sec\" is not a duration; expected 1s to "
			"1d, for example 60s\n"},
	{"duration without a unit",
		TEXT("flows:\n"
			"  active_timeout: 60\n"),
		"f:2:19: flows.active_timeout: \"60\" has no unit; expected 1s to 1d, for "
			"example 60s\n"},
	{"duration below the range",
		TEXT("flows:\n"
			"  active_timeout: 999ms\n"),
		"f:2:19: flows.active_timeout: \"999ms\" is too small; expected 1s to 1d, "
			"for example 60s\n"},
	{"duration above the range",
		TEXT("flows:\n"
			"  active_timeout: 25h\n"),
		"f:2:19: flows.active_timeout: \"25h\" is too large; expected 1s to 1d, for "
			"example 60s\n"},
	{"duration past 64 bits",
		TEXT("flows:\n"
			"  active_timeout: 99999999999999999999s\n"),
		"f:2:19: flows.active_timeout: \"99999999999999999999s\" is too large; "
			"expected 1s to 1d, for example 60s\n"},
	{"negative duration",
		TEXT("flows:\n"
			"  tcp_linger: -1s\n"),
		"f:2:15: flows.tcp_linger: \"-1s\" is not a duration; expected 0s to 5min, "
			"for example 2s\n"},
	{"linger above the range",
		TEXT("flows:\n"
			"  tcp_linger: 301s\n"),
		"f:2:15: flows.tcp_linger: \"301s\" is too large; expected 0s to 5min, for "
			"example 2s\n"},
	{"idle below the range",
		TEXT("flows:\n"
			"  idle_timeout:\n"
			"    tcp: 99ms\n"),
		"f:3:10: flows.idle_timeout.tcp: \"99ms\" is too small; expected 100ms to "
			"8h, for example 60s\n"},
	{"idle above the range",
		TEXT("flows:\n"
			"  idle_timeout: {udp: 481min}\n"),
		"f:2:23: flows.idle_timeout.udp: \"481min\" is too large; expected 100ms to "
			"8h, for example 30s\n"},
	{"zero that is not in range",
		TEXT("flows: {idle_timeout: {icmp: 0}}\n"),
		"f:1:30: flows.idle_timeout.icmp: \"0\" is too small; expected 100ms to 8h, "
			"for example 10s\n"},
	{"deadline",
		TEXT("expert:\n"
			"  stop_deadline: 1h\n"),
		"f:2:18: expert.stop_deadline: \"1h\" is too large; expected 100ms to 10min, "
			"for example 5s\n"},
	{"never where it is no word",
		TEXT("flows:\n"
			"  active_timeout: never\n"),
		"f:2:19: flows.active_timeout: \"never\" is not a duration; expected 1s to "
			"1d, for example 60s\n"},
	{"size with a strange unit",
		TEXT("outputs:\n"
			"- path: x\n"
			"  queue: 16 megs\n"),
		"f:3:10: outputs[0].queue: \"16 megs\" is not a size; expected 64KiB to "
			"16GiB, for example 16MiB\n"},
	{"size below the range",
		TEXT("outputs:\n"
			"- path: x\n"
			"  queue: 1KiB\n"),
		"f:3:10: outputs[0].queue: \"1KiB\" is too small; expected 64KiB to 16GiB, "
			"for example 16MiB\n"},
	{"size above the range",
		TEXT("outputs:\n"
			"- path: x\n"
			"  queue: 17GiB\n"),
		"f:3:10: outputs[0].queue: \"17GiB\" is too large; expected 64KiB to 16GiB, "
			"for example 16MiB\n"},
	{"size of less than an octet",
		TEXT("outputs:\n"
			"- path: x\n"
			"  queue: 0.3B\n"),
		"f:3:10: outputs[0].queue: \"0.3B\" is not a size; expected 64KiB to 16GiB, "
			"for example 16MiB\n"},
	{"rotation below the range",
		TEXT("outputs:\n"
			"- path: x\n"
			"  rotate_size: 100\n"),
		"f:3:16: outputs[0].rotate_size: \"100\" is too small; expected never, or "
			"4KiB to 16TiB, for example 4KiB\n"},
	{"rotation by a duration",
		TEXT("outputs:\n"
			"- path: x\n"
			"  rotate_size: 1h\n"),
		"f:3:16: outputs[0].rotate_size: \"1h\" is not a size; expected never, or "
			"4KiB to 16TiB, for example 4KiB\n"},
	{"rotation by a size",
		TEXT("outputs:\n"
			"- path: x\n"
			"  rotate_every: 1GiB\n"),
		"f:3:17: outputs[0].rotate_every: \"1GiB\" is not a duration; expected "
			"never, or 1s to 366d, for example 1s\n"},
	{"packet memory",
		TEXT("memory:\n"
			"  packet_bytes: 1MiB\n"),
		"f:2:17: memory.packet_bytes: \"1MiB\" is too small; expected auto, or 16MiB "
			"to 1TiB, for example 16MiB\n"},
	{"count as a word",
		TEXT("flows:\n"
			"  capacity_per_worker: many\n"),
		"f:2:24: flows.capacity_per_worker: \"many\" is not a whole number; expected "
			"64 to 256M\n"},
	{"count with a unit of memory",
		TEXT("flows:\n"
			"  capacity_per_worker: 1MiB\n"),
		"f:2:24: flows.capacity_per_worker: \"1MiB\" is not a whole number; expected "
			"64 to 256M\n"},
	{"count below the range",
		TEXT("flows:\n"
			"  capacity_per_worker: 63\n"),
		"f:2:24: flows.capacity_per_worker: \"63\" is too small; expected 64 to 256M\n"},
	{"count above the range",
		TEXT("flows:\n"
			"  capacity_per_worker: 257M\n"),
		"f:2:24: flows.capacity_per_worker: \"257M\" is too large; expected 64 to "
			"256M\n"},
	{"count with a fraction",
		TEXT("workers:\n"
			"  burst: 1.5\n"),
		"f:2:10: workers.burst: \"1.5\" is not a whole number; expected 1 to 64\n"},
	{"burst of nothing",
		TEXT("workers:\n"
			"  burst: 0\n"),
		"f:2:10: workers.burst: \"0\" is too small; expected 1 to 64\n"},
	{"burst above the range",
		TEXT("workers:\n"
			"  burst: 65\n"),
		"f:2:10: workers.burst: \"65\" is too large; expected 1 to 64\n"},
	{"workers above the range",
		TEXT("workers:\n"
			"  count: 65\n"),
		"f:2:10: workers.count: \"65\" is too large; expected auto, or 1 to 64\n"},
	{"no power of two",
		TEXT("flows:\n"
			"  ring_records: 1000\n"),
		"f:2:17: flows.ring_records: \"1000\" is not a power of two; expected 512 or "
			"1024\n"},
	{"thousands are no power of two",
		TEXT("flows:\n"
			"  ring_records: 16k\n"),
		"f:2:17: flows.ring_records: \"16k\" is not a power of two; expected 8192 or "
			"16384\n"},
	{"ring below the range",
		TEXT("flows:\n"
			"  ring_records: 128\n"),
		"f:2:17: flows.ring_records: \"128\" is too small; expected a power of two "
			"from 256 to 16777216\n"},
	{"ring above the range",
		TEXT("flows:\n"
			"  ring_records: 16777217\n"),
		"f:2:17: flows.ring_records: \"16777217\" is too large; expected a power of "
			"two from 256 to 16777216\n"},
	{"seed as a word",
		TEXT("flows:\n"
			"  hash_seed: fixed\n"),
		"f:2:14: flows.hash_seed: \"fixed\" is not a whole number; expected random, "
			"or 1 to 0xffffffffffffffff\n"},
	{"seed of zero",
		TEXT("flows:\n"
			"  hash_seed: 0\n"),
		"f:2:14: flows.hash_seed: \"0\" is too small; expected random, or 1 to "
			"0xffffffffffffffff\n"},
	{"seed past 64 bits",
		TEXT("flows:\n"
			"  hash_seed: 0x1ffffffffffffffff\n"),
		"f:2:14: flows.hash_seed: \"0x1ffffffffffffffff\" is too large; expected "
			"random, or 1 to 0xffffffffffffffff\n"},
	{"seed without digits",
		TEXT("flows:\n"
			"  hash_seed: 0x\n"),
		"f:2:14: flows.hash_seed: \"0x\" is not a whole number; expected random, or "
			"1 to 0xffffffffffffffff\n"},
	{"seed with a strange digit",
		TEXT("flows:\n"
			"  hash_seed: 0xfeedg\n"),
		"f:2:14: flows.hash_seed: \"0xfeedg\" is not a whole number; expected "
			"random, or 1 to 0xffffffffffffffff\n"},
	{"truth as a number",
		TEXT("memory:\n"
			"  huge_pages: 1\n"),
		"f:2:15: memory.huge_pages: \"1\" is neither; expected true or false\n"},
	{"misspelt truth",
		TEXT("memory:\n"
			"  huge_pages: tru\n"),
		"f:2:15: memory.huge_pages: \"tru\" is neither; expected true or false\n"},
	{"misspelt choice",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  driver: af-xdp\n"),
		"f:3:11: ports[0].driver: \"af-xdp\" is unknown; expected auto, af_xdp or "
			"af_packet\n"},
	{"choice of an output",
		TEXT("outputs:\n"
			"- path: x\n"
			"  format: json\n"),
		"f:3:11: outputs[0].format: \"json\" is unknown; expected jsonl, csv, ipfix, netflow-v9 or netflow-v5\n"},
	{"idle mode",
		TEXT("workers:\n"
			"  idle: sleep\n"),
		"f:2:9: workers.idle: \"sleep\" is unknown; expected ramp or poll\n"},
	{"level",
		TEXT("log:\n"
			"  level: \"5\"\n"),
		"f:2:10: log.level: \"5\" is unknown; expected error, warning, notice, info "
			"or debug\n"},
	{"CPU as a word",
		TEXT("workers:\n"
			"  cpus: all\n"),
		"f:2:9: workers.cpus: \"all\" is not a CPU; expected auto, or CPUs from 0 to "
			"1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"CPU of no host",
		TEXT("workers:\n"
			"  cpus: 1024\n"),
		"f:2:9: workers.cpus: \"1024\" is too large; expected auto, or CPUs from 0 "
			"to 1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"range of CPUs backwards",
		TEXT("workers:\n"
			"  cpus: 5-2\n"),
		"f:2:9: workers.cpus: \"5-2\" ends before it begins; expected auto, or CPUs "
			"from 0 to 1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"range of CPUs without an end",
		TEXT("workers:\n"
			"  cpus: 2-\n"),
		"f:2:9: workers.cpus: \"2-\" is not a CPU; expected auto, or CPUs from 0 to "
			"1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"CPU twice in a text",
		TEXT("workers:\n"
			"  cpus: 2-4,3\n"),
		"f:2:9: workers.cpus: CPU 3 a second time; expected auto, or CPUs from 0 to "
			"1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"CPU twice in a list",
		TEXT("workers:\n"
			"  cpus: [2, 3, 2]\n"),
		"f:2:16: workers.cpus[2]: CPU 2 a second time; expected auto, or CPUs from 0 "
			"to 1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"CPUs with an empty part",
		TEXT("workers:\n"
			"  cpus: \"2,,3\"\n"),
		"f:2:9: workers.cpus: \"2,,3\" is not a CPU; expected auto, or CPUs from 0 "
			"to 1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"too many CPUs",
		TEXT("workers:\n"
			"  cpus: 0-64\n"),
		"f:2:9: workers.cpus: more than 64 CPUs; expected auto, or CPUs from 0 to "
			"1023, each once, such as 2-5 or [2, 3, 8]\n"},
	{"word in a list of CPUs",
		TEXT("workers:\n"
			"  cpus: [2, auto]\n"),
		"f:2:13: workers.cpus[1]: \"auto\" in a list; expected a CPU, or CPUs such "
			"as 2-5\n"},
	{"empty list of CPUs",
		TEXT("workers:\n"
			"  cpus: []\n"),
		"f:2:9: workers.cpus: an empty list; expected auto, or CPUs from 0 to 1023, "
			"each once, such as 2-5 or [2, 3, 8]\n"},
	{"list in a list of CPUs",
		TEXT("workers:\n"
			"  cpus: [2, [3]]\n"),
		"f:2:13: workers.cpus[1]: a list; expected auto, or CPUs from 0 to 1023, "
			"each once, such as 2-5 or [2, 3, 8]\n"},
	{"tag in a list of CPUs",
		TEXT("workers:\n"
			"  cpus: [!cpu 2]\n"),
		"f:2:10: workers.cpus[0]: the tag \"!cpu\"; expected a value without a tag\n"},
	{"control CPU",
		TEXT("workers:\n"
			"  control_cpu: -1\n"),
		"f:2:16: workers.control_cpu: \"-1\" is not a whole number; expected auto, "
			"or 0 to 1023\n"},
	{"descriptors",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  rx_descriptors: 65536\n"),
		"f:3:19: ports[0].rx_descriptors: \"65536\" is too large; expected auto, or "
			"64 to 32768\n"},
	{"queues",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  queues: 0\n"),
		"f:3:11: ports[0].queues: \"0\" is too small; expected auto, or 1 to 64\n"},
	{"mtu",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  mtu: 63\n"),
		"f:3:8: ports[0].mtu: \"63\" is too small; expected auto, or 64 to 65535\n"},
	{"empty name",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: \"\"\n"),
		"f:3:9: ports[0].name: a text of 0 octets; expected a text of 1 to 63 octets\n"},
	{"long name",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n"),
		"f:3:9: ports[0].name: a text of 64 octets; expected a text of 1 to 63 octets\n"},
	{"name with a line break",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: \"a\\nb\"\n"),
		"f:3:9: ports[0].name: \"a\\x0ab\" has a control character; expected a text "
			"of 1 to 63 octets\n"},
	{"name with a NUL",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: \"a\\0b\"\n"),
		"f:3:9: ports[0].name: \"a\\x00b\" has a control character; expected a text "
			"of 1 to 63 octets\n"},
	{"name with a line separator",
		TEXT("ports:\n"
			"- interface: eth1\n"
			"  name: \"a\\L\"\n"),
		"f:3:9: ports[0].name: \"a\342\200\250\" has a control character; expected a "
			"text of 1 to 63 octets\n"},
	{"number with a NUL",
		TEXT("workers:\n"
			"  burst: \"6\\04\"\n"),
		"f:2:10: workers.burst: \"6\\x004\" has a control character; expected 1 to 64\n"},
	{"quoted nothing",
		TEXT("workers:\n"
			"  burst: \"\"\n"),
		"f:2:10: workers.burst: nothing; expected 1 to 64\n"},
	{"empty path",
		TEXT("outputs:\n"
			"- path: ''\n"),
		"f:2:9: outputs[0].path: a text of 0 octets; expected a text of 1 to 255 "
			"octets\n"},
	{"long path",
		TEXT("outputs:\n"
			"- path: pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppp\n"),
		"f:2:9: outputs[0].path: a text of 256 octets; expected a text of 1 to 255 "
			"octets\n"},
	{"directory beyond a socket's path",
		TEXT("control:\n"
			"  directory: /dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
			"dddddddddddddddddddddddddddd\n"),
		"f:2:14: control.directory: a text of 91 octets; expected a text of 1 to 90 "
			"octets\n"},
	{"no clients",
		TEXT("control:\n"
			"  max_clients: 0\n"),
		"f:2:16: control.max_clients: \"0\" is too small; expected 1 to 1024\n"},
	{"interface with a slash",
		TEXT("ports:\n"
			"- interface: a/b\n"),
		"f:2:14: ports[0].interface: \"a/b\" cannot be an interface; expected the "
			"name of a kernel interface, such as eth1\n"},
	{"interface too long",
		TEXT("ports:\n"
			"- interface: sixteen-letters0\n"),
		"f:2:14: ports[0].interface: \"sixteen-letters0\" cannot be an interface; "
			"expected the name of a kernel interface, such as eth1\n"},
	{"interface of spaces",
		TEXT("ports:\n"
			"- interface: ' '\n"),
		"f:2:14: ports[0].interface: \" \" cannot be an interface; expected the name "
			"of a kernel interface, such as eth1\n"},
	{"interface of a dot",
		TEXT("ports:\n"
			"- interface: ..\n"),
		"f:2:14: ports[0].interface: \"..\" cannot be an interface; expected the "
			"name of a kernel interface, such as eth1\n"},
	{"interface by PCI address",
		TEXT("ports:\n"
			"- interface: 0000:3b:00.0\n"),
		"f:2:14: ports[0].interface: \"0000:3b:00.0\" cannot be an interface; "
			"expected the name of a kernel interface, such as eth1\n"},
	{"PCI address of a bridge's form",
		TEXT("ports:\n"
			"- pci: 3b:00\n"),
		"f:2:8: ports[0].pci: \"3b:00\" is not a PCI address; expected an address "
			"such as 0000:3b:00.0\n"},
	{"PCI device too large",
		TEXT("ports:\n"
			"- pci: 0000:3b:20.0\n"),
		"f:2:8: ports[0].pci: \"0000:3b:20.0\" is not a PCI address; expected an "
			"address such as 0000:3b:00.0\n"},
	{"PCI function too large",
		TEXT("ports:\n"
			"- pci: 0000:3b:00.8\n"),
		"f:2:8: ports[0].pci: \"0000:3b:00.8\" is not a PCI address; expected an "
			"address such as 0000:3b:00.0\n"},
	{"PCI with a name",
		TEXT("ports:\n"
			"- pci: eth1\n"),
		"f:2:8: ports[0].pci: \"eth1\" is not a PCI address; expected an address "
			"such as 0000:3b:00.0\n"},
	{"PCI with text behind it",
		TEXT("ports:\n"
			"- pci: 0000:3b:00.0,mac=1\n"),
		"f:2:8: ports[0].pci: \"0000:3b:00.0,mac=1\" is not a PCI address; expected "
			"an address such as 0000:3b:00.0\n"},
	{"vdev with spaces",
		TEXT("ports:\n"
			"- vdev: --vdev net_null0\n"),
		"f:2:9: ports[0].vdev: \"--vdev net_null0\" cannot be a virtual device; "
			"expected a driver with arguments, such as net_tap0,iface=tap0\n"},
	{"vdev of arguments only",
		TEXT("ports:\n"
			"- vdev: ',size=64'\n"),
		"f:2:9: ports[0].vdev: \",size=64\" cannot be a virtual device; expected a "
			"driver with arguments, such as net_tap0,iface=tap0\n"},
	{"vdev with a space behind it",
		TEXT("ports:\n"
			"- vdev: net_null0, size=64\n"),
		"f:2:9: ports[0].vdev: \"net_null0, size=64\" cannot be a virtual device; "
			"expected a driver with arguments, such as net_tap0,iface=tap0\n"},
	{"long value is cut",
		TEXT("log:\n"
			"  level: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
		"f:2:10: log.level: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is "
			"unknown; expected error, warning, notice, info or debug\n"},
	{"value is cut between characters",
		TEXT("log:\n"
			"  level: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\342\202\254\n"),
		"f:2:10: log.level: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is "
			"unknown; expected error, warning, notice, info or debug\n"},
};
/* clang-format on */

START_TEST(refuses)
{
	assert_broken(&broken[_i]);
}
END_TEST

/* A key that is a number, a text that it takes, and what that is in its field. */
static const struct {
	const char *path, *text;
	uint64_t value;
} numbers[] = {
		{"flows.active_timeout", "1000000000ns", 1000000000},
		{"flows.active_timeout", "1000000us", 1000000000},
		{"flows.active_timeout", "1500ms", 1500000000},
		{"flows.active_timeout", "15s", 15000000000},
		{"flows.active_timeout", "1.5s", 1500000000},
		{"flows.active_timeout", "15 s", 15000000000},
		{"flows.active_timeout", "2min", 120000000000},
		{"flows.active_timeout", "0.5h", 1800000000000},
		{"flows.active_timeout", "24h", 86400000000000},
		{"flows.active_timeout", "1d", 86400000000000},
		{"flows.idle_timeout.tcp", "100ms", 100000000},
		{"flows.idle_timeout.tcp", "8h", 28800000000000},
		{"flows.tcp_linger", "0", 0},
		{"flows.tcp_linger", "0s", 0},
		{"flows.tcp_linger", "5min", 300000000000},
		{"outputs[].queue", "65536", 65536},
		{"outputs[].queue", "65536B", 65536},
		{"outputs[].queue", "64KiB", 65536},
		{"outputs[].queue", "100kB", 100000},
		{"outputs[].queue", "16MiB", 16777216},
		{"outputs[].queue", "10MB", 10000000},
		{"outputs[].queue", "4GiB", UINT64_C(4294967296)},
		{"outputs[].queue", "4GB", UINT64_C(4000000000)},
		{"outputs[].rotate_size", "1TiB", UINT64_C(1099511627776)},
		{"outputs[].rotate_size", "1TB", UINT64_C(1000000000000)},
		{"outputs[].rotate_size", "1.5MiB", 1572864},
		{"outputs[].rotate_size", "never", 0},
		{"outputs[].rotate_every", "never", 0},
		{"outputs[].keep", "all", 0},
		{"flows.capacity_per_worker", "64", 64},
		{"flows.capacity_per_worker", "100k", 100000},
		{"flows.capacity_per_worker", "100K", 100000},
		{"flows.capacity_per_worker", "1M", 1000000},
		{"flows.capacity_per_worker", "0.25G", 250000000},
		{"flows.capacity_per_worker", "256M", 256000000},
		{"flows.ring_records", "256", 256},
		{"flows.ring_records", "16777216", 16777216},
		{"flows.hash_seed", "random", 0},
		{"flows.hash_seed", "1", 1},
		{"flows.hash_seed", "0x5EED", 0x5eed},
		{"flows.hash_seed", "0xffffffffffffffff", UINT64_MAX},
		{"flows.hash_seed", "18446744073709551615", UINT64_MAX},
		{"workers.count", "auto", 0},
		{"workers.count", "64", 64},
		{"workers.burst", "1", 1},
		{"workers.control_cpu", "auto", UINT32_MAX},
		{"workers.control_cpu", "0", 0},
		{"workers.control_cpu", "1023", 1023},
		{"memory.packet_bytes", "auto", 0},
		{"ports[].rx_descriptors", "auto", 0},
		{"ports[].rx_descriptors", "32768", 32768},
		{"ports[].mtu", "9k", 9000},
};

START_TEST(numbers_in_every_unit)
{
	const struct config_key *key = config_key_get(numbers[_i].path);
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	static unsigned char untouched[sizeof(struct config)];
	static struct config base;

	memset(untouched, 0xa5, sizeof(untouched));
	memset(&base, 0xa5, sizeof(base));
	int rc = config_value_parse(key, numbers[_i].text, strlen(numbers[_i].text), &base, &why);
	ck_assert_msg(rc == 0, "%s: %s: %s", numbers[_i].path, numbers[_i].text, why.text);
	ck_assert_uint_eq(config_value_load(key, &base), numbers[_i].value);
	/* Nothing beside the field. */
	memset((char *)&base + key->offset, 0xa5, key->bytes);
	ck_assert(memcmp(&base, untouched, sizeof(base)) == 0);
	base_strbuf_fini(&why);
}
END_TEST

static const struct {
	const char *text;
	bool value;
} truths[] = {
		{"true", true},
		{"True", true},
		{"TRUE", true},
		{"yes", true},
		{"on", true},
		{"false", false},
		{"no", false},
		{"Off", false},
};

START_TEST(truth_values)
{
	const struct config_key *key = config_key_get("memory.huge_pages");
	static struct config config;
	const char *text = truths[_i].text;

	config.memory.huge_pages = !truths[_i].value;
	ck_assert_int_eq(config_value_parse(key, text, strlen(text), &config, NULL), 0);
	ck_assert_int_eq(config.memory.huge_pages, truths[_i].value);
}
END_TEST

static const struct {
	const char *yaml;
	size_t count;
	uint32_t cpus[8];
} cpu_lists[] = {
		{"auto", 0, {0}},
		{"2", 1, {2}},
		{"0", 1, {0}},
		{"2-5", 4, {2, 3, 4, 5}},
		{"2-2", 1, {2}},
		{"8,2-3, 6", 4, {8, 2, 3, 6}},
		{"[7, 3, 5]", 3, {7, 3, 5}},
		{"[1-2, 1023, '5,6']", 5, {1, 2, 1023, 5, 6}},
};

START_TEST(lists_of_cpus)
{
	static struct config config;
	char text[128];
	int len = snprintf(text, sizeof(text), "workers:\n  cpus: %s\n", cpu_lists[_i].yaml);

	parse_good(&config, text, (size_t)len);
	ck_assert_uint_eq(config.workers.cpu_count, cpu_lists[_i].count);
	for (size_t i = 0; i < cpu_lists[_i].count; i++)
		ck_assert_uint_eq(config.workers.cpus[i], cpu_lists[_i].cpus[i]);
}
END_TEST

static int parse_number(const struct config_key *key, uint64_t value)
{
	static struct config base;
	char text[48];

	snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value,
			key->type == CONFIG_TYPE_DURATION ? "ns" : "");
	return config_value_parse(key, text, strlen(text), &base, NULL);
}

/* Each number at both of its ends, and one beyond each. */
START_TEST(bounds_are_inclusive)
{
	const struct config_key *key = &config_keys[_i];
	uint64_t low, high;

	if (!config_value_is_number(key->type))
		return;
	ck_assert_int_eq(config_value_number(key->type, key->low, &low), 0);
	ck_assert_int_eq(config_value_number(key->type, key->high, &high), 0);
	ck_assert_msg(parse_number(key, low) == 0, "%s", key->path);
	ck_assert_msg(parse_number(key, high) == 0, "%s", key->path);
	if (low > 0)
		ck_assert_msg(parse_number(key, low - 1) == -EINVAL, "%s", key->path);
	if (high < UINT64_MAX)
		ck_assert_msg(parse_number(key, high + 1) == -EINVAL, "%s", key->path);
}
END_TEST

static uint64_t random_state = 42;

static uint64_t pick(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (random_state >> 11) % below;
}

/* A number of the range that is often round in some unit, as numbers in files are. */
static uint64_t pick_number(const struct config_key *key)
{
	static const uint64_t units[] = {
			1, 1000, 1024, 1000000, 1048576, 1000000000, 60000000000, 3600000000000};
	uint64_t low, high, unit;

	if (config_value_number(key->type, key->low, &low) < 0
			|| config_value_number(key->type, key->high, &high) < 0)
		ck_abort();
	if (key->flags & CONFIG_FLAG_POWER_OF_TWO)
		return low << pick((uint64_t)__builtin_ctzll(high / low) + 1);
	do
		unit = units[pick(BASE_COUNT_OF(units))];
	while (unit > high - low);
	uint64_t value = (low + pick(high - low)) / unit * unit;
	return value < low ? low : value;
}

/* What is written for a number is read back as that number, whichever it is. */
START_TEST(numbers_survive_a_round)
{
	const struct config_key *key = &config_keys[_i];
	static struct config written, read;

	for (int round = 0; round < 500 && config_value_is_number(key->type); round++) {
		struct base_strbuf text = BASE_STRBUF_EMPTY;
		uint64_t value = pick_number(key);
		memcpy((char *)&written + key->offset, &value, key->bytes);
		config_words_value(key, &written, &text);
		int rc = config_value_parse(key, text.text, text.len, &read, NULL);
		ck_assert_msg(rc == 0 && config_value_load(key, &read) == value, "%s: %llu as %s",
				key->path, (unsigned long long)value, text.text);
		base_strbuf_fini(&text);
	}
}
END_TEST

static const struct {
	const char *path;
	uint64_t value;
	const char *text;
} written[] = {
		{"flows.active_timeout", 60000000000, "60s"},
		{"flows.active_timeout", 120000000000, "2min"},
		{"flows.active_timeout", 90000000000, "90s"},
		{"flows.active_timeout", 86400000000000, "1d"},
		{"flows.tcp_linger", 0, "0s"},
		{"flows.tcp_linger", 1, "1ns"},
		{"outputs[].queue", 65536, "64KiB"},
		{"outputs[].queue", 100000000, "100MB"},
		{"outputs[].queue", 100001, "100001B"},
		{"outputs[].rotate_size", 0, "never"},
		{"flows.capacity_per_worker", 64000, "64000"},
		{"flows.capacity_per_worker", 4000000, "4M"},
		{"flows.capacity_per_worker", 123456, "123456"},
		{"flows.hash_seed", 0x5eed, "0x5eed"},
		{"workers.control_cpu", UINT32_MAX, "auto"},
};

START_TEST(numbers_are_written_short)
{
	const struct config_key *key = config_key_get(written[_i].path);
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	static struct config config;

	memcpy((char *)&config + key->offset, &written[_i].value, key->bytes);
	config_words_value(key, &config, &text);
	ck_assert_str_eq(text.text, written[_i].text);
	base_strbuf_fini(&text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_value");
	TCase *tcase = tcase_create("value");

	tcase_add_loop_test(tcase, refuses, 0, BASE_COUNT_OF(broken));
	tcase_add_loop_test(tcase, numbers_in_every_unit, 0, BASE_COUNT_OF(numbers));
	tcase_add_loop_test(tcase, truth_values, 0, BASE_COUNT_OF(truths));
	tcase_add_loop_test(tcase, lists_of_cpus, 0, BASE_COUNT_OF(cpu_lists));
	tcase_add_loop_test(tcase, bounds_are_inclusive, 0, (int)config_key_count);
	tcase_add_loop_test(tcase, numbers_survive_a_round, 0, (int)config_key_count);
	tcase_add_loop_test(tcase, numbers_are_written_short, 0, BASE_COUNT_OF(written));
	suite_add_tcase(suite, tcase);
	return suite;
}
