/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_eal_args.h"

#include "base_units.h"
#include "port_error.h"
#include "port_pci.h"
#include "port_sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
/* EAL's own heap, drivers, and what a pool loses to alignment; untouched memory costs nothing. */
#define OWN_BYTES (64 * MIB)
#define OWN_HUGE_BYTES (8 * MIB)

struct size_search {
	const char *root;
	char folder[PORT_SYSFS_PATH_BYTES];
	uint64_t bytes;
};

/* Entries are named hugepages-2048kB. */
static bool add_page_size(void *arg, const char *name)
{
	struct size_search *search = arg;
	unsigned long long kib;
	int64_t free_pages;

	if (sscanf(name, "hugepages-%llukB", &kib) == 1
			&& port_sysfs_number(search->root, &free_pages, "%s/%s/%s", search->folder,
					   name, "free_hugepages")
					== 0
			&& free_pages > 0)
		search->bytes += (uint64_t)free_pages * kib * 1024;
	return true;
}

static uint32_t first_allowed_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &set))
				return cpu;
	return 0;
}

void port_eal_facts_read(struct port_eal_facts *facts, const char *root)
{
	*facts = (struct port_eal_facts){.cpu = first_allowed_cpu(), .pid = (uint32_t)getpid()};
	for (uint32_t node = 0; node < PORT_EAL_NODES_MAX; node++) {
		struct size_search search = {.root = root};

		snprintf(search.folder, sizeof(search.folder),
				"/sys/devices/system/node/node%u/hugepages", node);
		if (port_sysfs_each(root, search.folder, add_page_size, &search) != 0)
			continue;
		facts->huge_free_bytes[node] = search.bytes;
		facts->nodes = node + 1;
	}
	if (facts->nodes == 0) {
		struct size_search search = {.root = root};

		snprintf(search.folder, sizeof(search.folder), "/sys/kernel/mm/hugepages");
		port_sysfs_each(root, search.folder, add_page_size, &search);
		facts->huge_free_bytes[0] = search.bytes;
		facts->nodes = 1;
	}
}

uint64_t port_eal_need_total(const struct port_eal_need *need)
{
	uint64_t total = need->any_bytes;

	for (uint32_t node = 0; node < PORT_EAL_NODES_MAX; node++)
		total += need->node_bytes[node];
	return total;
}

static int add(struct port_eal_args *args, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

static int add(struct port_eal_args *args, const char *format, ...)
{
	size_t left = sizeof(args->text) - args->used;
	va_list list;

	if (args->argc >= PORT_EAL_ARGS_MAX)
		return -E2BIG;
	va_start(list, format);
	int len = vsnprintf(args->text + args->used, left, format, list);
	va_end(list);
	if (len < 0 || (size_t)len >= left)
		return -E2BIG;
	args->argv[args->argc++] = args->text + args->used;
	args->argv[args->argc] = NULL;
	args->used += (size_t)len + 1;
	return 0;
}

/* Writes why huge pages cannot be used; "" when they can. */
static void judge_huge_pages(struct port_eal_args *args, const struct config *config,
		const struct port_eal_facts *facts, const struct port_eal_need *need)
{
	char have[BASE_UNITS_BYTES], want[BASE_UNITS_BYTES];
	uint64_t total_free = 0;
	uint64_t total = port_eal_need_total(need) + OWN_HUGE_BYTES;
	unsigned long long cure = total / (2 * MIB) + 1;

	args->note[0] = '\0';
	for (uint32_t node = 0; node < facts->nodes; node++)
		total_free += facts->huge_free_bytes[node];
	if (!config->memory.huge_pages) {
		snprintf(args->note, sizeof(args->note), "huge pages are switched off in memory");
		return;
	}
	if (total_free == 0) {
		snprintf(args->note, sizeof(args->note),
				"no huge page is free: packet buffers lie in 4 KiB pages, which is "
				"slower\n"
				"  cure:     sysctl -w vm.nr_hugepages=%llu, then start again",
				cure);
		return;
	}
	for (uint32_t node = 0; node < facts->nodes; node++)
		if (facts->huge_free_bytes[node] < need->node_bytes[node]) {
			snprintf(args->note, sizeof(args->note),
					"huge pages: %s free on node %u, %s needed: packet buffers "
					"lie in 4 KiB pages\n"
					"  cure:     more in "
					"/sys/devices/system/node/node%u/hugepages/*/nr_hugepages",
					base_units_bytes_iec(facts->huge_free_bytes[node], have),
					node, base_units_bytes_iec(need->node_bytes[node], want),
					node);
			return;
		}
	if (total_free < total)
		snprintf(args->note, sizeof(args->note),
				"huge pages: %s free, %s needed: packet buffers lie in 4 KiB "
				"pages\n"
				"  cure:     sysctl -w vm.nr_hugepages=%llu, then start again",
				base_units_bytes_iec(total_free, have),
				base_units_bytes_iec(total, want), cure);
}

static int add_memory(struct port_eal_args *args, const struct config *config,
		const struct port_eal_need *need, char *error, size_t error_bytes)
{
	uint64_t bytes = port_eal_need_total(need);

	if (config->memory.packet_bytes) {
		char have[BASE_UNITS_BYTES], want[BASE_UNITS_BYTES];
		if (config->memory.packet_bytes < bytes)
			return port_error_set(error, error_bytes, -EINVAL,
					"memory.packet_bytes: %s is too little; the ports need %s\n"
					"  cure:     leave it out, or fewer rx_descriptors or "
					"workers",
					base_units_bytes_iec(config->memory.packet_bytes, have),
					base_units_bytes_iec(bytes, want));
		bytes = config->memory.packet_bytes;
	}
	if (args->huge_pages)
		return add(args, "--in-memory");
	int rc = add(args, "--no-huge");
	if (!rc)
		rc = add(args, "--no-shconf");
	if (!rc)
		rc = add(args, "-m");
	if (!rc)
		rc = add(args, "%llu", (unsigned long long)((bytes + OWN_BYTES + MIB - 1) / MIB));
	return rc;
}

static int add_devices(struct port_eal_args *args, const struct config *config, char *error,
		size_t error_bytes)
{
	bool any = false;
	int rc = 0;

	for (size_t i = 0; i < config->port_count && !rc; i++) {
		char address[PORT_PCI_ADDRESS_BYTES];

		if (config->ports[i].kind != CONFIG_PORT_PCI)
			continue;
		if (port_pci_parse_address(config->ports[i].device, address) != 0)
			return port_error_set(error, error_bytes, -EINVAL,
					"port \"%s\" is not a PCI address; expected one such as "
					"0000:3b:00.0",
					config->ports[i].device);
		any = true;
		rc = add(args, "-a");
		if (!rc)
			rc = add(args, "%s", address);
	}
	if (any || rc)
		return rc;
	/* AF_XDP maps a pool as one piece, which only virtual addresses always give. */
	rc = add(args, "--no-pci");
	return rc ? rc : add(args, "--iova-mode=va");
}

/* What weir decides, or what would print and exit; `instead` says where it is set. */
static const struct {
	const char *option;
	const char *instead;
} refused[] = {
		{"-l", "workers.cpus"},
		{"-c", "workers.cpus"},
		{"--lcores", "workers.cpus"},
		{"--main-lcore", "workers.control_cpu"},
		{"-m", "memory.packet_bytes"},
		{"--in-memory", "memory.huge_pages"},
		{"--no-huge", "memory.huge_pages"},
		{"--no-shconf", "nothing: weir sets it"},
		{"--no-pci", "ports"},
		{"-a", "ports: - pci"},
		{"--allow", "ports: - pci"},
		{"--vdev", "ports: - vdev"},
		{"--file-prefix", "nothing: weir sets it"},
		{"--proc-type", "nothing: weir sets it"},
		{"--telemetry", "nothing: weir sets it"},
		{"--no-telemetry", "nothing: weir sets it"},
		{"-h", "weir --help"},
		{"--help", "weir --help"},
		{"-v", "weir --version"},
};

static bool is_option(const char *word, const char *option)
{
	size_t len = strlen(option);

	if (strncmp(word, option, len) != 0)
		return false;
	/* Long: --name or --name=value. Short: its value may follow at once, -l0. */
	return option[1] != '-' || word[len] == '\0' || word[len] == '=';
}

static int check_expert(const char *word, bool first, char *error, size_t error_bytes)
{
	if (first && word[0] != '-')
		return port_error_set(error, error_bytes, -EINVAL,
				"expert.eal_arguments: \"%s\" is not an option of DPDK; expected "
				"one such as --log-level=lib.eal:debug",
				word);
	for (size_t i = 0; i < BASE_COUNT_OF(refused); i++)
		if (is_option(word, refused[i].option))
			return port_error_set(error, error_bytes, -EINVAL,
					"expert.eal_arguments: %s is not taken from here\n"
					"  cure:     leave it out; use %s",
					refused[i].option, refused[i].instead);
	return 0;
}

static int add_expert(struct port_eal_args *args, const char *text, char *error, size_t error_bytes)
{
	bool first = true;

	for (const char *p = text; *p;) {
		while (isspace((unsigned char)*p))
			p++;
		size_t len = strcspn(p, " \t\r\n");
		if (len == 0)
			break;
		int rc = add(args, "%.*s", (int)len, p);
		if (!rc)
			rc = check_expert(args->argv[args->argc - 1], first, error, error_bytes);
		if (rc)
			return rc;
		first = false;
		p += len;
	}
	return 0;
}

int port_eal_args_make(struct port_eal_args *args, const struct config *config,
		const struct port_eal_facts *facts, const struct port_eal_need *need, char *error,
		size_t error_bytes)
{
	*args = (struct port_eal_args){.argc = 0};
	error[0] = '\0';
	judge_huge_pages(args, config, facts, need);
	args->huge_pages = args->note[0] == '\0';

	int rc = add(args, "weir");
	if (!rc)
		rc = add(args, "--lcores=0@%u", facts->cpu);
	if (!rc)
		rc = add(args, "--file-prefix=weir-%u", facts->pid);
	if (!rc)
		rc = add(args, "--no-telemetry");
	if (!rc)
		rc = add_memory(args, config, need, error, error_bytes);
	if (!rc)
		rc = add_devices(args, config, error, error_bytes);
	if (!rc)
		rc = add_expert(args, config->expert.eal_arguments, error, error_bytes);
	if (rc == -E2BIG && error[0] == '\0')
		port_error_set(error, error_bytes, rc,
				"too many arguments for DPDK (at most %d)\n"
				"  cure:     fewer in expert.eal_arguments",
				PORT_EAL_ARGS_MAX);
	return rc;
}
