/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_schema.h"

#include "base_log.h"
#include "config_value.h"

#include <stdlib.h>
#include <string.h>

#define FIELD(type, field) .offset = offsetof(type, field), .bytes = sizeof(((type *)0)->field)
#define TOP(field) FIELD(struct config, field)
#define PORT(field) FIELD(struct config_port, field)
#define OUTPUT(field) FIELD(struct config_output, field)
#define TUNNEL_PORT(field) FIELD(struct config_tunnel_port, field)
#define RANGE(lowest, highest) .low = (lowest), .high = (highest)
#define OR(name, value) .word = (name), .word_value = (value)

static_assert(sizeof(enum config_driver) == 4 && sizeof(enum config_idle_mode) == 4
				&& sizeof(enum config_output_format) == 4,
		"choices are stored as four octets");

static const struct config_choice drivers[] = {
		{"auto", CONFIG_DRIVER_AUTO},
		{"af_xdp", CONFIG_DRIVER_AF_XDP},
		{"af_packet", CONFIG_DRIVER_AF_PACKET},
		{NULL, 0},
};

static const struct config_choice idle_modes[] = {
		{"ramp", CONFIG_IDLE_RAMP},
		{"poll", CONFIG_IDLE_POLL},
		{NULL, 0},
};

static const struct config_choice formats[] = {
		{"jsonl", CONFIG_OUTPUT_JSONL},
		{"csv", CONFIG_OUTPUT_CSV},
		{"ipfix", CONFIG_OUTPUT_IPFIX},
		{"netflow-v9", CONFIG_OUTPUT_NETFLOW9},
		{"netflow-v5", CONFIG_OUTPUT_NETFLOW5},
		{NULL, 0},
};

static const struct config_choice transports[] = {
		{"udp", CONFIG_TRANSPORT_UDP},
		{"tcp", CONFIG_TRANSPORT_TCP},
		{"tls", CONFIG_TRANSPORT_TLS},
		{"sctp", CONFIG_TRANSPORT_SCTP},
		{NULL, 0},
};

static const struct config_choice time_units[] = {
		{"ms", CONFIG_TIME_MS},
		{"ns", CONFIG_TIME_NS},
		{NULL, 0},
};

static const struct config_choice opens[] = {
		{"outer", CONFIG_OPEN_OUTER},
		{"inner", CONFIG_OPEN_INNER},
		{"both", CONFIG_OPEN_BOTH},
		{NULL, 0},
};

/* Those that UDP carries. */
static const struct config_choice udp_tunnels[] = {
		{"vxlan", CONFIG_TUNNEL_VXLAN},
		{"vxlan_gpe", CONFIG_TUNNEL_VXLAN_GPE},
		{"geneve", CONFIG_TUNNEL_GENEVE},
		{"gtpu", CONFIG_TUNNEL_GTPU},
		{"teredo", CONFIG_TUNNEL_TEREDO},
		{"l2tp", CONFIG_TUNNEL_L2TP},
		{"mpls", CONFIG_TUNNEL_MPLS},
		{"gre", CONFIG_TUNNEL_GRE},
		{NULL, 0},
};

static const struct config_choice sampling_methods[] = {
		{"systematic", CONFIG_SAMPLING_SYSTEMATIC},
		{"random", CONFIG_SAMPLING_RANDOM},
		{NULL, 0},
};

static const struct config_choice fragment_policies[] = {
		{"track", CONFIG_FRAGMENTS_TRACK},
		{"ports0", CONFIG_FRAGMENTS_PORTS0},
		{NULL, 0},
};

static const struct config_choice levels[] = {
		{"error", BASE_LOG_ERROR},
		{"warning", BASE_LOG_WARNING},
		{"notice", BASE_LOG_NOTICE},
		{"info", BASE_LOG_INFO},
		{"debug", BASE_LOG_DEBUG},
		{NULL, 0},
};

static const struct config_list ports = {
		.items_offset = offsetof(struct config, ports),
		.item_bytes = sizeof(struct config_port),
		.count_offset = offsetof(struct config, port_count),
		.max = CONFIG_MAX_PORTS,
		.example = "interface: eth1",
		.rule = "Each has exactly one of `interface`, `pci` and `vdev`.",
};

static const struct config_list outputs = {
		.items_offset = offsetof(struct config, outputs),
		.item_bytes = sizeof(struct config_output),
		.count_offset = offsetof(struct config, output_count),
		.max = CONFIG_MAX_OUTPUTS,
		.example = "path: flows.jsonl",
		.rule = "Each has exactly one of `path` and `collector`. `keep` needs "
			"`rotate_size` or "
			"`rotate_every` beside it.",
};

static const struct config_list tunnel_ports = {
		.items_offset = offsetof(struct config, tunnel_ports),
		.item_bytes = sizeof(struct config_tunnel_port),
		.count_offset = offsetof(struct config, tunnel_port_count),
		.max = CONFIG_MAX_TUNNEL_PORTS,
		.example = "{port: 8473, tunnel: vxlan}",
		.rule = "Each has both keys.",
};

/* In the order of the reference page. A parent stands before its keys. */
/* clang-format off */
const struct config_key config_keys[] = {
	{"ports", CONFIG_TYPE_LIST, .list = &ports,
		.help = "Where packets come from: kernel interfaces, PCI devices, DPDK virtual devices"},
	{"ports[].interface", CONFIG_TYPE_INTERFACE, PORT(device), RANGE("1", "15"),
		.help = "kernel interface to listen on; it stays with the kernel"},
	{"ports[].pci", CONFIG_TYPE_PCI, PORT(device),
		.help = "PCI address of a NIC bound to vfio-pci, or to its own driver where that shares the "
			"NIC with DPDK (mlx5)"},
	{"ports[].vdev", CONFIG_TYPE_VDEV, PORT(device), RANGE("1", "255"),
		.help = "DPDK virtual device: its driver with a number, then its arguments"},
	{"ports[].name", CONFIG_TYPE_TEXT, PORT(name), RANGE("1", NULL),
		.fallback_note = "the device, without its arguments",
		.help = "what records, counters and screens call this port"},
	{"ports[].driver", CONFIG_TYPE_CHOICE, PORT(driver), .fallback = "auto", .choices = drivers,
		.help = "how to read a kernel interface; auto takes AF_XDP where the kernel has it, else "
			"AF_PACKET, whose drops cannot be seen"},
	{"ports[].rx_descriptors", CONFIG_TYPE_COUNT, PORT(rx_descriptors), .fallback = "auto",
		RANGE("64", "32768"), OR("auto", 0),
		.help = "frames that each receive queue can hold while its worker is busy; AF_XDP needs a "
			"power of two from 2048 on, because with fewer it does not count its drops"},
	{"ports[].queues", CONFIG_TYPE_COUNT, PORT(queues), .fallback = "auto", RANGE("1", "64"),
		OR("auto", 0), .help = "receive queues; auto is one a worker"},
	{"ports[].promiscuous", CONFIG_TYPE_BOOL, PORT(promiscuous), .fallback = "true",
		.help = "take frames that are not addressed to this port, as on a mirror or tap"},
	{"ports[].force", CONFIG_TYPE_BOOL, PORT(force), .fallback = "false",
		.help = "take the device even when it carries the default route of this host"},
	{"ports[].mtu", CONFIG_TYPE_COUNT, PORT(mtu), .fallback = "auto", RANGE("64", "65535"),
		OR("auto", 0), .help = "largest frame to receive, in octets; auto is the driver's choice"},

	{"workers", CONFIG_TYPE_SECTION,
		.help = "The threads that meter packets, each on a CPU of its own"},
	{"workers.count", CONFIG_TYPE_COUNT, TOP(workers.count), .fallback = "auto", RANGE("1", "64"),
		OR("auto", 0),
		.help = "number of workers; auto is one for each of workers.cpus, else one for each CPU but "
			"one, and at least one"},
	{"workers.cpus", CONFIG_TYPE_CPUS, TOP(workers.cpus), .fallback = "auto", RANGE("0", "1023"),
		OR("auto", 0), .help = "CPUs that the workers are pinned to, in order"},
	{"workers.control_cpu", CONFIG_TYPE_CPU, TOP(workers.control_cpu), .fallback = "auto",
		RANGE("0", "1023"), OR("auto", -1),
		.help = "CPU of the thread that writes outputs and answers clients"},
	{"workers.idle", CONFIG_TYPE_CHOICE, TOP(workers.idle), .fallback = "ramp",
		.choices = idle_modes,
		.help = "what a worker does when no packet comes: ramp pauses for longer and longer, poll "
			"asks without rest and keeps its CPU at 100 %"},
	{"workers.burst", CONFIG_TYPE_COUNT, TOP(workers.burst), .fallback = "64", RANGE("1", "64"),
		.help = "packets taken at once; fewer cost more CPU a packet"},

	{"memory", CONFIG_TYPE_SECTION, .help = "Where packets and flows are kept"},
	{"memory.huge_pages", CONFIG_TYPE_BOOL, TOP(memory.huge_pages), .fallback = "true",
		.help = "use huge pages when the host has any; the flow table is up to 1.7 times as fast"},
	{"memory.packet_bytes", CONFIG_TYPE_BYTES, TOP(memory.packet_bytes), .fallback = "auto",
		RANGE("16MiB", "1TiB"), OR("auto", 0),
		.help = "memory for packet buffers, all ports together; auto follows from the descriptors"},

	{"sampling", CONFIG_TYPE_SECTION,
		.help = "Meter some packets only, when not all can be: counts are then of those packets, not "
			"scaled, and every output says so"},
	{"sampling.rate", CONFIG_TYPE_COUNT, TOP(sampling.rate), .fallback = "1", RANGE("1", "1M"),
		.help = "meter one packet in this many, on all ports; 1 is every packet; NetFlow version 5 "
			"can say at most 16383"},
	{"sampling.method", CONFIG_TYPE_CHOICE, TOP(sampling.method), .fallback = "systematic",
		.choices = sampling_methods,
		.help = "systematic takes every Nth packet of a worker; random takes one at random of every N, "
			"which traffic in step with N cannot bias"},

	{"filter", CONFIG_TYPE_TEXT, TOP(filter), .fallback = "",
		.fallback_note = "none: every packet", RANGE("0", NULL),
		.help = "Only packets that match this pcap filter expression are metered (pcap-filter(7)), the "
			"others are counted as filtered"},

	{"decode", CONFIG_TYPE_SECTION, .help = "What is read of a packet, and what is one flow"},
	{"decode.tunnels", CONFIG_TYPE_SECTION, .flags = CONFIG_FLAG_SPREAD,
		.help = "What becomes of a packet in a tunnel: outer leaves the tunnel closed, inner meters what "
			"is inside it, both meters the two views as flows of their own; one value stands for all "
			"kinds"},
#define TUNNEL_KEY(name, text, id) \
	{"decode.tunnels." text, CONFIG_TYPE_CHOICE, TOP(decode.tunnels[CONFIG_TUNNEL_##name]), \
		.fallback = "both", .choices = opens, .help = "tunnels of the kind " text "; id: " id},
	BASE_TUNNELS(TUNNEL_KEY)
#undef TUNNEL_KEY
	{"decode.max_tunnels", CONFIG_TYPE_COUNT, TOP(decode.max_tunnels), .fallback = "4",
		RANGE("1", "4"), .help = "tunnels in tunnels that are opened; what is deeper stays closed"},
	{"decode.tunnel_id_in_key", CONFIG_TYPE_BOOL, TOP(decode.tunnel_id_in_key), .fallback = "true",
		.help = "tell flows apart by VNI, GRE key and other ids that both directions share; outer "
			"addresses and PPPoE sessions always do"},
	{"decode.tunnels_per_worker", CONFIG_TYPE_COUNT, TOP(decode.tunnels_per_worker),
		.fallback = "64k", RANGE("16", "1M"),
		.help = "tunnels that a worker can tell apart at once, at 128 octets each; the flows of those "
			"beyond it have no tunnel in their records"},
	{"decode.fragments", CONFIG_TYPE_CHOICE, TOP(decode.fragments), .fallback = "track",
		.choices = fragment_policies,
		.help = "track gives later fragments the ports of their first; ports0 meters them as a flow "
			"without ports"},
	{"decode.fragment_timeout", CONFIG_TYPE_DURATION, TOP(decode.fragment_timeout_ns),
		.fallback = "30s", RANGE("1s", "2min"),
		.help = "how long the ports of a first fragment are kept for the rest"},
	{"decode.fragments_per_worker", CONFIG_TYPE_COUNT, TOP(decode.fragments_per_worker),
		.fallback = "16k", RANGE("64", "16M"),
		.help = "fragmented datagrams that a worker can track at once, at 64 octets each"},
	{"decode.icmp_id", CONFIG_TYPE_BOOL, TOP(decode.icmp_id), .fallback = "false",
		.help = "tell echo flows (ping) apart by their identifier"},

	{"tunnel_ports", CONFIG_TYPE_LIST, .list = &tunnel_ports,
		.help = "More UDP ports at which tunnels are looked for, beside the registered ones"},
	{"tunnel_ports[].port", CONFIG_TYPE_COUNT, TUNNEL_PORT(port), .flags = CONFIG_FLAG_REQUIRED,
		RANGE("1", "65535"), .help = "UDP port, source or destination as the kind has it"},
	{"tunnel_ports[].tunnel", CONFIG_TYPE_CHOICE, TUNNEL_PORT(tunnel),
		.flags = CONFIG_FLAG_REQUIRED, .choices = udp_tunnels,
		.help = "kind of tunnel that UDP carries at that port"},

	{"flows", CONFIG_TYPE_SECTION, .help = "When a flow ends, and how many are kept"},
	{"flows.capacity_per_worker", CONFIG_TYPE_COUNT, TOP(flows.capacity_per_worker),
		.fallback = "1M", RANGE("64", "256M"),
		.help = "flows that a worker can keep, at 169 octets each; beyond it the stalest ends "
			"early"},
	{"flows.active_timeout", CONFIG_TYPE_DURATION, TOP(flows.active_ns), .fallback = "60s",
		RANGE("1s", "1d"),
		.help = "a flow that goes on is reported this often"},
	{"flows.idle_timeout", CONFIG_TYPE_SECTION, .flags = CONFIG_FLAG_SPREAD,
		.help = "a flow ends after this long without a packet; one value stands for all protocols"},
	{"flows.idle_timeout.tcp", CONFIG_TYPE_DURATION, TOP(flows.idle_tcp_ns), .fallback = "60s",
		RANGE("100ms", "8h"), .help = "idle timeout of TCP"},
	{"flows.idle_timeout.udp", CONFIG_TYPE_DURATION, TOP(flows.idle_udp_ns), .fallback = "30s",
		RANGE("100ms", "8h"), .help = "idle timeout of UDP"},
	{"flows.idle_timeout.icmp", CONFIG_TYPE_DURATION, TOP(flows.idle_icmp_ns), .fallback = "10s",
		RANGE("100ms", "8h"), .help = "idle timeout of ICMP and ICMPv6"},
	{"flows.idle_timeout.other", CONFIG_TYPE_DURATION, TOP(flows.idle_other_ns),
		.fallback = "30s", RANGE("100ms", "8h"), .help = "idle timeout of every other protocol"},
	{"flows.tcp_linger", CONFIG_TYPE_DURATION, TOP(flows.tcp_linger_ns), .fallback = "2s",
		RANGE("0s", "5min"),
		.help = "how long a TCP flow waits for late packets after FIN from both ends, or RST"},
	{"flows.ring_records", CONFIG_TYPE_COUNT, TOP(flows.ring_records), .fallback = "16384",
		RANGE("256", "16777216"), .flags = CONFIG_FLAG_POWER_OF_TWO,
		.help = "ended flows that can wait, for each worker, until the outputs take them"},
	{"flows.hash_seed", CONFIG_TYPE_SEED, TOP(flows.hash_seed), .fallback = "random",
		RANGE("1", "0xffffffffffffffff"), OR("random", 0),
		.help = "key of the flow table's hash; a fixed one makes runs repeatable and the table open "
			"to attack"},

	{"outputs", CONFIG_TYPE_LIST, .list = &outputs, .help = "Where flow records go; without any, to standard output"},
	{"outputs[].path", CONFIG_TYPE_TEXT, OUTPUT(path), .flags = CONFIG_FLAG_FILE,
		RANGE("1", NULL), .fallback_note = "none",
		.help = "file to append to; - is standard output; an IPFIX file is always begun anew, and one "
			"that is there already is set aside"},
	{"outputs[].name", CONFIG_TYPE_TEXT, OUTPUT(name), RANGE("1", NULL),
		.fallback_note = "the path, of a long one its end, or the collector",
		.help = "what counters and screens call this output"},
	{"outputs[].format", CONFIG_TYPE_CHOICE, OUTPUT(format), .fallback = "jsonl",
		.fallback_note = "`jsonl`, to a collector `ipfix`", .choices = formats,
		.help = "JSON Lines, one object a flow; CSV with a header line; IPFIX messages to a collector "
			"or into a file; NetFlow messages to a collector"},
	{"outputs[].rotate_size", CONFIG_TYPE_BYTES, OUTPUT(rotate_bytes), .fallback = "never",
		.flags = CONFIG_FLAG_FILE, RANGE("4KiB", "16TiB"), OR("never", 0),
		.help = "begin a new file when this one would grow beyond"},
	{"outputs[].rotate_every", CONFIG_TYPE_DURATION, OUTPUT(rotate_ns), .fallback = "never",
		.flags = CONFIG_FLAG_FILE, RANGE("1s", "366d"), OR("never", 0), .help = "begin a new file this often"},
	{"outputs[].keep", CONFIG_TYPE_COUNT, OUTPUT(keep_files), .fallback = "all",
		.flags = CONFIG_FLAG_FILE, RANGE("1", "100k"), OR("all", 0), .help = "rotated files to keep; older ones are deleted"},
	{"outputs[].queue", CONFIG_TYPE_BYTES, OUTPUT(queue_bytes), .fallback = "16MiB",
		RANGE("64KiB", "16GiB"),
		.help = "records that may wait for a slow reader or disk; beyond it they are lost, and "
			"counted"},
	{"outputs[].filter", CONFIG_TYPE_TEXT, OUTPUT(filter), .fallback = "",
		.help = "Only records that match go here; in the words of `weirctl flows`: src net "
			"10.0.0.0/8 and not port 53"},
	{"outputs[].spread", CONFIG_TYPE_TEXT, OUTPUT(spread), .fallback = "",
		.help = "outputs with the same word share the records; all of a conversation go to one of "
			"them, and the share of one that fails goes to the others"},
	{"outputs[].failover", CONFIG_TYPE_TEXT, OUTPUT(failover), .fallback = "",
		.help = "of the outputs with the same word, the first that works gets all records"},
	{"outputs[].community_id", CONFIG_TYPE_BOOL, OUTPUT(community_id), .fallback = "false",
		.flags = CONFIG_FLAG_TEXT,
		.help = "add the Community ID, a flow hash that Zeek, Suricata and others also write"},
	{"outputs[].collector", CONFIG_TYPE_TEXT, OUTPUT(collector),
		.flags = CONFIG_FLAG_COLLECTOR, RANGE("1", NULL), .fallback_note = "none",
		.help = "address or name of a collector, and its port: 192.0.2.1:4739, [2001:db8::1]:4739 or "
			"flows.example.net:4739; for the formats ipfix, netflow-v9 and netflow-v5; a name is "
			"looked up before each connection, over udp every 5 minutes"},
	{"outputs[].transport", CONFIG_TYPE_CHOICE, OUTPUT(transport), .fallback = "udp",
		.flags = CONFIG_FLAG_COLLECTOR, .choices = transports,
		.help = "to the collector; NetFlow knows udp alone; over udp what the network or the "
			"collector loses is lost, and only the collector sees it; tls is tcp encrypted, "
			"version 1.2 or newer; sctp needs a kernel that has it"},
	{"outputs[].mtu", CONFIG_TYPE_COUNT, OUTPUT(mtu), .fallback = "1400",
		.flags = CONFIG_FLAG_COLLECTOR, RANGE("512", "65535"),
		.help = "octets of the largest packet over udp and sctp, all headers from IP on included; 1400 leaves room "
			"for a tunnel in a path of 1500, 512 fits any path"},
	{"outputs[].pace", CONFIG_TYPE_COUNT, OUTPUT(pace), .fallback = "auto",
		.flags = CONFIG_FLAG_COLLECTOR, RANGE("10", "10M"), OR("auto", 0),
		.help = "messages a second over udp at most, evenly, so that the buffer of a collector does "
			"not overflow; auto: 10k in a replay, which would be over in no time, else no limit"},
	{"outputs[].template_refresh", CONFIG_TYPE_DURATION, OUTPUT(template_refresh_ns),
		.fallback = "60s", .flags = CONFIG_FLAG_MESSAGES, RANGE("1s", "1d"),
		.help = "send templates again over udp this often, and after every 1000 messages"},
	{"outputs[].options_refresh", CONFIG_TYPE_DURATION, OUTPUT(options_refresh_ns),
		.fallback = "10min", .flags = CONFIG_FLAG_MESSAGES, RANGE("1s", "1d"), OR("never", 0),
		.help = "send options records again this often: names of interfaces, sampling, what was lost; "
			"never: at the start alone"},
	{"outputs[].retry", CONFIG_TYPE_DURATION, OUTPUT(retry_ns), .fallback = "60s",
		.flags = CONFIG_FLAG_COLLECTOR, RANGE("1s", "1h"),
		.help = "shortest time between two attempts to connect over tcp, tls and sctp; below a minute it doubles up to "
			"that with each that fails"},
	{"outputs[].domain", CONFIG_TYPE_COUNT, OUTPUT(domain), .fallback = "1",
		.flags = CONFIG_FLAG_MESSAGES, RANGE("0", "4294967295"),
		.help = "observation domain id of IPFIX, source id of NetFlow version 9, engine type and id of "
			"version 5: another for each weir that sends to one collector"},
	{"outputs[].enterprise", CONFIG_TYPE_COUNT, OUTPUT(enterprise), .fallback = "32473",
		.flags = CONFIG_FLAG_MESSAGES, RANGE("1", "4294967295"),
		.help = "private enterprise number under which IPFIX records carry what IANA has no element "
			"for; 32473 is the one for examples, better is your own"},
	{"outputs[].uniflow", CONFIG_TYPE_BOOL, OUTPUT(uniflow), .fallback = "false",
		.flags = CONFIG_FLAG_MESSAGES,
		.help = "send two records for a flow with a way back instead of one (RFC 5103); NetFlow always "
			"does"},
	{"outputs[].time_unit", CONFIG_TYPE_CHOICE, OUTPUT(time_unit), .fallback = "ms",
		.flags = CONFIG_FLAG_MESSAGES, .choices = time_units,
		.help = "times of flows in IPFIX as milliseconds or nanoseconds; few collectors read ns"},
	{"outputs[].ca_file", CONFIG_TYPE_TEXT, OUTPUT(ca_file), .flags = CONFIG_FLAG_TLS,
		RANGE("1", NULL), .fallback_note = "the system's certificates",
		.help = "PEM file with the certificates of those who may have signed the collector's; its "
			"certificate is always checked; read again before each connection, like the next two"},
	{"outputs[].certificate", CONFIG_TYPE_TEXT, OUTPUT(certificate), .flags = CONFIG_FLAG_TLS,
		RANGE("1", NULL), .fallback_note = "none",
		.help = "PEM file with the certificate that weir shows to the collector, and those of its "
			"issuers; together with key"},
	{"outputs[].key", CONFIG_TYPE_TEXT, OUTPUT(key), .flags = CONFIG_FLAG_TLS, RANGE("1", NULL),
		.fallback_note = "none", .help = "PEM file with the private key of certificate, without a passphrase"},
	{"outputs[].server_name", CONFIG_TYPE_TEXT, OUTPUT(server_name), .flags = CONFIG_FLAG_TLS,
		RANGE("1", NULL), .fallback_note = "the host of collector",
		.help = "name or address that the certificate of the collector must be for"},

	{"control", CONFIG_TYPE_SECTION, .help = "The sockets that weirctl talks to"},
	{"control.directory", CONFIG_TYPE_TEXT, TOP(control.directory), .fallback = "/run/weir",
		RANGE("1", "90"), .help = "directory of the sockets, view.sock and admin.sock"},
	{"control.group", CONFIG_TYPE_TEXT, TOP(control.group), .fallback = "",
		.fallback_note = "none: only the user that runs weir", RANGE("0", NULL),
		.help = "group whose members may look; to administer is for the user that runs weir"},
	{"control.max_clients", CONFIG_TYPE_COUNT, TOP(control.max_clients), .fallback = "64",
		RANGE("1", "1024"), .help = "clients connected at once"},

	{"log", CONFIG_TYPE_SECTION, .help = "What weir says on standard error"},
	{"log.level", CONFIG_TYPE_CHOICE, TOP(log.level), .fallback = "notice", .choices = levels,
		.help = "least important kind of message that is still written"},

	{"expert", CONFIG_TYPE_SECTION, .help = "Nothing here is needed for normal use"},
	{"expert.eal_arguments", CONFIG_TYPE_TEXT, TOP(expert.eal_arguments), .fallback = "",
		.fallback_note = "none", RANGE("0", NULL),
		.help = "arguments added to those that weir gives to DPDK's EAL, split at spaces"},
	{"expert.stop_deadline", CONFIG_TYPE_DURATION, TOP(expert.stop_deadline_ns),
		.fallback = "5s", RANGE("100ms", "10min"),
		.help = "time to write out live flows at stop; what is left then is lost, and counted"},
};
/* clang-format on */

const size_t config_key_count = BASE_COUNT_OF(config_keys);
static_assert(BASE_COUNT_OF(config_keys) <= CONFIG_MAX_KEYS, "marks have room for every key");

const char *config_key_name(const struct config_key *key)
{
	const char *dot = strrchr(key->path, '.');

	return dot ? dot + 1 : key->path;
}

bool config_key_is_child(const struct config_key *key, const char *parent)
{
	size_t before = (size_t)(config_key_name(key) - key->path);
	size_t len = strlen(parent);

	if (len == 0)
		return before == 0;
	return before == len + 1 && memcmp(key->path, parent, len) == 0;
}

const struct config_key *config_key_find(const char *parent, const char *name, size_t len)
{
	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++) {
		const char *own = config_key_name(key);
		if (strlen(own) == len && memcmp(own, name, len) == 0
				&& config_key_is_child(key, parent))
			return key;
	}
	return NULL;
}

const struct config_key *config_key_get(const char *path)
{
	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++)
		if (strcmp(key->path, path) == 0)
			return key;
	abort();
}

bool config_key_applies(const struct config_key *key, const void *base)
{
	const struct config_output *output = base;
	const struct config_port *port = base;

	if (key->flags & CONFIG_FLAG_FILE)
		return output->collector[0] == '\0';
	if (key->flags & CONFIG_FLAG_COLLECTOR)
		return output->collector[0] != '\0';
	if (key->flags & CONFIG_FLAG_TLS)
		return output->collector[0] != '\0' && output->transport == CONFIG_TRANSPORT_TLS;
	if (key->flags & CONFIG_FLAG_MESSAGES)
		return !config_format_is_text(output->format);
	if (key->flags & CONFIG_FLAG_TEXT)
		return config_format_is_text(output->format);
	switch (key->type) {
	case CONFIG_TYPE_INTERFACE:
		return port->kind == CONFIG_PORT_INTERFACE;
	case CONFIG_TYPE_PCI:
		return port->kind == CONFIG_PORT_PCI;
	case CONFIG_TYPE_VDEV:
		return port->kind == CONFIG_PORT_VDEV;
	default:
		return true;
	}
}

void config_key_set_defaults(const char *parent, void *base)
{
	for (const struct config_key *key = config_keys; key < config_keys + config_key_count;
			key++) {
		if (!config_key_is_child(key, parent))
			continue;
		if (key->type == CONFIG_TYPE_SECTION)
			config_key_set_defaults(key->path, base);
		else if (key->fallback
				&& config_value_parse(key, key->fallback, strlen(key->fallback),
						   base, NULL)
						< 0)
			abort();
	}
}

void config_set_defaults(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config_key_set_defaults("", config);
}
