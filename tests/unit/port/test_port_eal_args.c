/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "fake_root.h"
#include "port_eal_args.h"
#include "port_error.h"

#include <errno.h>

#define MIB (UINT64_C(1) << 20)

static struct config config;
static struct port_eal_facts facts;
static struct port_eal_need need;
static struct port_eal_args args;
static char error[PORT_ERROR_BYTES];

/* Two nodes without huge pages, one interface, 10 MiB of packet buffers. */
static void reset(void)
{
	config = (struct config){.port_count = 1};
	config.memory.huge_pages = true;
	config.ports[0].kind = CONFIG_PORT_INTERFACE;
	strcpy(config.ports[0].device, "eth1");
	facts = (struct port_eal_facts){.nodes = 2, .cpu = 3, .pid = 4711};
	need = (struct port_eal_need){.any_bytes = 10 * MIB};
	error[0] = '\0';
}

static int make(void)
{
	return port_eal_args_make(&args, &config, &facts, &need, error, sizeof(error));
}

/* All arguments in one line, a space between. */
static const char *line(void)
{
	static char text[4096];

	text[0] = '\0';
	for (int i = 0; i < args.argc; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, args.argv[i]);
	}
	ck_assert_ptr_null(args.argv[args.argc]);
	return text;
}

START_TEST(without_huge_pages_small_ones_serve)
{
	ck_assert_int_eq(make(), 0);
	ck_assert_str_eq(line(),
			"weir --lcores=0@3 --file-prefix=weir-4711 --no-telemetry --no-huge "
			"--no-shconf -m 74 --no-pci --iova-mode=va");
	ck_assert(!args.huge_pages);
	ck_assert_ptr_nonnull(strstr(args.note, "no huge page is free"));
	/* 10 MiB and 8 for EAL, in pages of 2 MiB. */
	ck_assert_ptr_nonnull(strstr(args.note, "sysctl -w vm.nr_hugepages=10,"));
}
END_TEST

START_TEST(with_huge_pages_nothing_is_left_behind)
{
	facts.huge_free_bytes[1] = 64 * MIB;
	ck_assert_int_eq(make(), 0);
	ck_assert_str_eq(line(),
			"weir --lcores=0@3 --file-prefix=weir-4711 --no-telemetry --in-memory "
			"--no-pci --iova-mode=va");
	ck_assert(args.huge_pages);
	ck_assert_str_eq(args.note, "");
}
END_TEST

/* DPDK 22.11 refuses the two together. */
START_TEST(no_huge_and_in_memory_never_meet)
{
	for (uint64_t free_bytes = 0; free_bytes < 64 * MIB; free_bytes += 2 * MIB) {
		facts.huge_free_bytes[0] = free_bytes;
		ck_assert_int_eq(make(), 0);
		bool in_memory = strstr(line(), "--in-memory");
		bool no_huge = strstr(line(), "--no-huge");
		ck_assert_int_ne(in_memory, no_huge);
		ck_assert_int_eq(in_memory, free_bytes >= 18 * MIB);
	}
}
END_TEST

START_TEST(huge_pages_must_be_on_the_node_of_the_port)
{
	need.any_bytes = 0;
	need.node_bytes[1] = 32 * MIB;
	facts.huge_free_bytes[0] = 512 * MIB;
	facts.huge_free_bytes[1] = 16 * MIB;
	ck_assert_int_eq(make(), 0);
	ck_assert(!args.huge_pages);
	ck_assert_ptr_nonnull(strstr(args.note, "16.0 MiB free on node 1, 32.0 MiB needed"));
	ck_assert_ptr_nonnull(strstr(args.note, "/sys/devices/system/node/node1/hugepages"));
	facts.huge_free_bytes[1] = 32 * MIB;
	ck_assert_int_eq(make(), 0);
	ck_assert(args.huge_pages);
}
END_TEST

START_TEST(huge_pages_can_be_switched_off)
{
	facts.huge_free_bytes[0] = 512 * MIB;
	config.memory.huge_pages = false;
	ck_assert_int_eq(make(), 0);
	ck_assert_ptr_nonnull(strstr(line(), "--no-huge"));
	ck_assert_str_ne(args.note, "");
}
END_TEST

START_TEST(only_listed_pci_devices_are_probed)
{
	config.port_count = 3;
	config.ports[1].kind = CONFIG_PORT_PCI;
	strcpy(config.ports[1].device, "3b:00.0");
	config.ports[2].kind = CONFIG_PORT_PCI;
	strcpy(config.ports[2].device, "0000:3b:00.1");
	ck_assert_int_eq(make(), 0);
	ck_assert_ptr_nonnull(strstr(line(), " -a 0000:3b:00.0 -a 0000:3b:00.1"));
	ck_assert_ptr_null(strstr(line(), "--no-pci"));
	ck_assert_ptr_null(strstr(line(), "--iova-mode"));
}
END_TEST

START_TEST(bad_pci_address_is_a_config_error)
{
	config.ports[0].kind = CONFIG_PORT_PCI;
	ck_assert_int_eq(make(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "\"eth1\" is not a PCI address"));
}
END_TEST

START_TEST(configured_memory_is_used_or_too_little)
{
	config.memory.packet_bytes = 256 * MIB;
	ck_assert_int_eq(make(), 0);
	ck_assert_ptr_nonnull(strstr(line(), "-m 320 "));
	config.memory.packet_bytes = 10 * MIB - 1;
	ck_assert_int_eq(make(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "memory.packet_bytes: "));
	ck_assert_ptr_nonnull(strstr(error, "the ports need 10.0 MiB"));
}
END_TEST

START_TEST(expert_arguments_come_last)
{
	strcpy(config.expert.eal_arguments, "  --log-level=lib.eal:debug\t-d /opt/pmds ");
	ck_assert_int_eq(make(), 0);
	const char *at = strstr(line(), " --log-level=lib.eal:debug -d /opt/pmds");
	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at, " --log-level=lib.eal:debug -d /opt/pmds");
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} refused[] = {
		{"-l 0-3", "-l is not taken from here"},
		{"-l0-3", "-l is not taken from here"},
		{"--lcores=0@1", "use workers.cpus"},
		{"--log-level=8 --in-memory", "--in-memory is not taken"},
		{"--no-huge", "use memory.huge_pages"},
		{"-m 128", "use memory.packet_bytes"},
		{"--vdev=net_null0", "use ports: - vdev"},
		{"--vdev net_null0", "use ports: - vdev"},
		{"-a 0000:01:00.0", "use ports: - pci"},
		{"--file-prefix=x", "--file-prefix is not taken"},
		/* These would print and leave. */
		{"-h", "use weir --help"},
		{"--help", "use weir --help"},
		{"-v", "use weir --version"},
		{"debug", "\"debug\" is not an option of DPDK"},
};

START_TEST(expert_arguments_of_weirs_own_are_refused)
{
	strcpy(config.expert.eal_arguments, refused[_i].text);
	ck_assert_int_eq(make(), -EINVAL);
	ck_assert_ptr_eq(strstr(error, "expert.eal_arguments: "), error);
	ck_assert_msg(strstr(error, refused[_i].says) != NULL, "%s", error);
}
END_TEST

/* Options whose names begin like a refused one are others. */
START_TEST(longer_option_names_are_not_confused)
{
	strcpy(config.expert.eal_arguments, "--log-level=8 --legacy-mem --huge-dir=/x --no-hpet");
	ck_assert_int_eq(make(), 0);
}
END_TEST

START_TEST(too_many_arguments_are_refused)
{
	char *end = config.expert.eal_arguments;

	for (int i = 0; i < 80; i++)
		end = stpcpy(end, "-d ");
	ck_assert_int_eq(make(), -E2BIG);
	ck_assert_ptr_nonnull(strstr(error, "too many arguments"));
}
END_TEST

START_TEST(facts_count_free_pages_of_all_sizes_and_nodes)
{
	fake_root_create();
	fake_root_file("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages",
			"5\n");
	fake_root_file("/sys/devices/system/node/node1/hugepages/hugepages-2048kB/free_hugepages",
			"0\n");
	fake_root_file("/sys/devices/system/node/node1/hugepages/hugepages-1048576kB/"
		       "free_hugepages",
			"2\n");
	port_eal_facts_read(&facts, fake_root);
	ck_assert_uint_eq(facts.nodes, 2);
	ck_assert_uint_eq(facts.huge_free_bytes[0], 10 * MIB);
	ck_assert_uint_eq(facts.huge_free_bytes[1], 2048 * MIB);
	ck_assert_uint_eq(facts.pid, (uint32_t)getpid());
	fake_root_remove();
}
END_TEST

START_TEST(facts_of_a_host_without_nodes)
{
	fake_root_create();
	fake_root_file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "7\n");
	port_eal_facts_read(&facts, fake_root);
	ck_assert_uint_eq(facts.nodes, 1);
	ck_assert_uint_eq(facts.huge_free_bytes[0], 14 * MIB);
	fake_root_remove();
}
END_TEST

START_TEST(facts_of_a_host_without_huge_pages)
{
	fake_root_create();
	port_eal_facts_read(&facts, fake_root);
	ck_assert_uint_eq(facts.nodes, 1);
	ck_assert_uint_eq(facts.huge_free_bytes[0], 0);
	fake_root_remove();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_eal_args");
	TCase *memory = tcase_create("memory");
	TCase *devices = tcase_create("devices");
	TCase *expert = tcase_create("expert");
	TCase *host = tcase_create("host");

	tcase_add_checked_fixture(memory, reset, NULL);
	tcase_add_test(memory, without_huge_pages_small_ones_serve);
	tcase_add_test(memory, with_huge_pages_nothing_is_left_behind);
	tcase_add_test(memory, no_huge_and_in_memory_never_meet);
	tcase_add_test(memory, huge_pages_must_be_on_the_node_of_the_port);
	tcase_add_test(memory, huge_pages_can_be_switched_off);
	tcase_add_test(memory, configured_memory_is_used_or_too_little);
	suite_add_tcase(suite, memory);
	tcase_add_checked_fixture(devices, reset, NULL);
	tcase_add_test(devices, only_listed_pci_devices_are_probed);
	tcase_add_test(devices, bad_pci_address_is_a_config_error);
	suite_add_tcase(suite, devices);
	tcase_add_checked_fixture(expert, reset, NULL);
	tcase_add_test(expert, expert_arguments_come_last);
	tcase_add_loop_test(expert, expert_arguments_of_weirs_own_are_refused, 0,
			sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(expert, longer_option_names_are_not_confused);
	tcase_add_test(expert, too_many_arguments_are_refused);
	suite_add_tcase(suite, expert);
	tcase_add_test(host, facts_count_free_pages_of_all_sizes_and_nodes);
	tcase_add_test(host, facts_of_a_host_without_nodes);
	tcase_add_test(host, facts_of_a_host_without_huge_pages);
	suite_add_tcase(suite, host);
	return suite;
}
