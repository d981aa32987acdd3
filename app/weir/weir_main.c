/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_cacheline.h"
#include "port_eal.h"
#include "weir_command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct weir_command commands[] = {
		{"replay", "[OPTION]... FILE...", "read capture files, write flow records",
				"Reads pcap (micro- and nanosecond, both byte orders) and pcapng "
				"files in the order\n"
				"given, \"-\" for standard input, and writes one record a flow to "
				"standard output.\n"
				"Progress and a summary go to standard error.\n\n"
				"  -o, --output FILE   write records to FILE instead of standard "
				"output\n"
				"      --format F      jsonl (default), csv or ipfix\n"
				"      --export URL    send records to a collector; also "
				"netflow-v9:// and netflow-v5://:\n"
				"                      ipfix://192.0.2.1:4739?transport=tcp (may "
				"be repeated)\n"
				"      --community-id  add the Community ID to each record\n"
				"      --trace N       show what is read of the first N packets, "
				"layer by layer\n"
				"      --workers N     spread over N threads; the records are the "
				"same (default 1)\n"
				"  -f, --filter EXPR   meter only packets that match (man "
				"pcap-filter)\n"
				"      --sample N      meter one packet in N, not scaled; "
				"random:N: at random\n"
				"  -c, --config FILE   timeouts, capacity and outputs from a "
				"configuration\n"
				"  -q, --quiet         no progress, no summary; errors only\n"
				"  -h, --help          this text\n\n"
				"Examples:\n"
				"  weir replay office.pcap | jq -r '[.src_ip, .dst_ip, .bytes] | "
				"@tsv'\n"
				"  tcpdump -i eth1 -w - | weir replay - -o flows.jsonl\n\n"
				"Exit code: 0; 65 when a file could not be read to its end;\n"
				"66 when none could be opened; 74 when an output failed.\n",
				weir_replay},
		{"run", "[OPTION]...", "measure ports until told to stop",
				"Measures network interfaces or DPDK ports and writes flow records "
				"until SIGTERM or\n"
				"Ctrl-C; then every live flow is written out, and the ledger is "
				"printed. SIGHUP opens\n"
				"the output files again. A second signal leaves at once.\n\n"
				"  -i, --interface IF  measure this interface (may be repeated); "
				"no file is needed\n"
				"  -c, --config FILE   ports, workers, timeouts, outputs: see weir "
				"reference configuration\n"
				"  -o, --output FILE   write records to FILE (default: standard "
				"output)\n"
				"  -f, --filter EXPR   meter only packets that match (man "
				"pcap-filter)\n"
				"      --sample N      meter one packet in N, not scaled; "
				"random:N: at random\n"
				"      --format F      jsonl (default), csv or ipfix\n"
				"      --export URL    send records to a collector; also "
				"netflow-v9:// and netflow-v5://:\n"
				"                      ipfix://192.0.2.1:4739?transport=tcp (may "
				"be repeated)\n"
				"      --community-id  add the Community ID to each record\n"
				"      --workers N     number of worker threads\n"
				"      --socket-dir D  directory of the control sockets (default "
				"/run/weir)\n"
				"      --force         take an interface although it carries the "
				"default route\n"
				"  -q, --quiet         errors only\n"
				"  -h, --help          this text\n\n"
				"Examples:\n"
				"  weir run -i eth1 -o flows.jsonl\n"
				"  weir run -c /etc/weir/weir.yaml\n\n"
				"Then, from another terminal: weirctl status, weirctl flows, "
				"weirctl audit.\n",
				weir_run},
		{"check", "FILE...", "check configuration files",
				"Reads each file as run would and prints all errors with line and "
				"column.\n"
				"Exit code: 0 when all are good, else 66, 77 or 78 (sysexits).\n",
				weir_check},
		{"bench", "[OPTION]...", "what the packet path costs on this machine",
				"Prints TSC cycles a packet for weir's path beside yardsticks that "
				"take turns with it:\n"
				"floor (decode alone), LIMIT (and one cache line: no exact table "
				"can be faster),\n"
				"hash (DPDK's rte_hash with the same key); table is weir's decode "
				"and flow table\n"
				"alone, weir all of it. Then what stands around it: clock hand, "
				"ring, "
				"control thread,\n"
				"a worker on a port, two workers. Takes less than a minute; a "
				"quiet machine\n"
				"makes better figures. What needs more memory than there is is "
				"left out.\n\n"
				"  -q, --quick         fewer scenarios, shorter\n"
				"      --scenario S    this one alone\n"
				"      --list          the scenarios\n"
				"      --json          all figures as one JSON object\n"
				"  -h, --help          this text\n",
				weir_bench},
		{"plan", "[OPTION]... FILE", "what a configuration takes, and what it can do",
				"Reckons memory, huge pages, packet buffers and the burst that "
				"they "
				"absorb, without\n"
				"starting anything, and warns of what will not fit.\n\n"
				"  -b, --bench FILE    figures of weir bench --json: what speed to "
				"expect\n"
				"  -h, --help          this text\n",
				weir_plan},
		{"ipfix", "check [OPTION]... FILE|PORT",
				"a doctor for exporters of IPFIX and NetFlow",
				"Reads what an exporter sent, weir's own or any other's, over "
				"IPFIX, NetFlow 9 or\n"
				"NetFlow 5, and says which rules it broke, what a collector makes "
				"of that, how often\n"
				"and where first. It stores nothing.\n"
				"\n"
				"  FILE  a capture (pcap, pcapng), an IPFIX file (RFC 5655), or "
				"messages one after\n"
				"        the other; \"-\" for standard input\n"
				"  PORT  listens there, UDP and TCP, until Ctrl-C: "
				"[udp://|tcp://][HOST:]PORT;\n"
				"        0 picks a free one; without HOST on loopback alone\n"
				"\n"
				"      --port N        in a capture: the collector's port (may be "
				"repeated;\n"
				"                      default 4739, 4740, 2055, 9995 and 9996)\n"
				"      --listen ADDR   the address to listen on, 0.0.0.0 or :: for "
				"all\n"
				"      --seconds N     stop after that time\n"
				"      --messages N    stop after so many messages\n"
				"      --dump          print each message, template and record, "
				"too\n"
				"      --json          the report as one JSON object\n"
				"      --enterprise N  the number under which weir's own elements "
				"are exported\n"
				"  -h, --help          this text\n"
				"\n"
				"Examples:\n"
				"  weir ipfix check 4739\n"
				"  weir ipfix check --dump router.pcap\n"
				"  tcpdump -i eth1 -w - udp port 2055 | weir ipfix check -\n"
				"\n"
				"Exit code: 0 no rule is broken; 1 errors or warnings; 2 nothing "
				"could be checked.\n",
				weir_ipfix},
		{"reference", "PAGE", "print a reference page (Markdown)",
				"Pages: configuration (every key), counters (every counter), "
				"records (every field).\n",
				weir_reference},
};

void weir_command_print_help(const struct weir_command *command)
{
	printf("usage: weir %s %s\n\n%s.\n%s", command->name, command->arguments, command->summary,
			command->help);
}

static void print_help(FILE *out)
{
	fprintf(out,
			"usage: weir COMMAND [ARGUMENT]...\n\n"
			"Measures the flows that cross a link and writes exact flow records.\n\n");
	for (size_t i = 0; i < BASE_COUNT_OF(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out,
			"\nweir COMMAND --help tells more; weir --version prints the versions.\n"
			"A running weir is asked with weirctl.\n");
}

#ifdef __AES__
static bool cpu_is_enough(void)
{
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.2");
}
#else
static bool cpu_is_enough(void)
{
	return true;
}
#endif

int main(int argc, char **argv)
{
	if (!cpu_is_enough()) {
		fprintf(stderr,
				"weir: this CPU has no AES instructions, which this build uses\n"
				"  cure: build with: meson setup build -Dcpu=generic\n");
		return EX_UNAVAILABLE;
	}
	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
			|| strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("weir %s (DPDK %s)\n", WEIR_VERSION, port_eal_version());
		return 0;
	}
	for (size_t i = 0; i < BASE_COUNT_OF(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(&commands[i], argc - 1, argv + 1);
	}
	fprintf(stderr, "weir: \"%s\" is not a command\n  see: weir --help\n", argv[1]);
	return EX_USAGE;
}
