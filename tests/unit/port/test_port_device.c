/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports on drivers that need no device and no privilege. */
#include "../unit_main.h"
#include "eal_port.h"

#include <rte_lcore.h>
#include <rte_mempool.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

START_TEST(start_keeps_the_affinity_of_the_caller)
{
	cpu_set_t before, after;

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	ck_assert_int_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	eal_start(1);
	ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	ck_assert(CPU_EQUAL(&before, &after));
	ck_assert_uint_eq(rte_lcore_count(), 1);
	port_eal_fini();
}
END_TEST

START_TEST(start_and_ports_are_silent)
{
	FILE *terminal = tmpfile();
	int real[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
	struct port *port;

	fflush(NULL);
	dup2(fileno(terminal), STDOUT_FILENO);
	dup2(fileno(terminal), STDERR_FILENO);
	eal_configure(CONFIG_PORT_VDEV, "net_null0,size=64");
	int rc = port_eal_init(&eal_config, 1, eal_error, sizeof(eal_error));
	if (!rc)
		rc = eal_open(&port, 0, 1);
	if (!rc)
		rc = port_start(port, eal_error, sizeof(eal_error));
	if (!rc) {
		port_close(port);
		port_eal_fini();
	}
	fflush(NULL);
	dup2(real[0], STDOUT_FILENO);
	dup2(real[1], STDERR_FILENO);
	ck_assert_msg(rc == 0, "%s", eal_error);
	ck_assert_int_eq(lseek(fileno(terminal), 0, SEEK_END), 0);
}
END_TEST

static void *register_thread(void *arg)
{
	*(int *)arg = rte_thread_register();
	if (*(int *)arg == 0)
		rte_thread_unregister();
	return NULL;
}

START_TEST(plain_threads_can_be_workers)
{
	pthread_t thread;
	int rc = -1;

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_start(4);
	ck_assert_int_eq(pthread_create(&thread, NULL, register_thread, &rc), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(rc, 0);
	port_eal_fini();
}
END_TEST

START_TEST(bad_expert_argument_is_named)
{
	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	strcpy(eal_config.expert.eal_arguments, "--bogus");
	ck_assert_int_eq(port_eal_init(&eal_config, 1, eal_error, sizeof(eal_error)), -EINVAL);
	ck_assert_msg(strstr(eal_error, "unrecognized option '--bogus'") != NULL, "%s", eal_error);
}
END_TEST

/* EAL would probe it at start, so it is looked at before. */
START_TEST(missing_pci_device_stops_the_start)
{
	eal_configure(CONFIG_PORT_PCI, "ffff:ff:1f.7");
	ck_assert_int_eq(port_eal_init(&eal_config, 1, eal_error, sizeof(eal_error)), -ENODEV);
	ck_assert_ptr_nonnull(strstr(eal_error, "there is no such PCI device"));
}
END_TEST

START_TEST(null_port_tells_what_it_is)
{
	eal_configure(CONFIG_PORT_VDEV, "net_null0,size=200");
	eal_start(2);
	struct port *port = eal_must_open(0, 2);
	const struct port_info *info = port_get_info(port);
	ck_assert_str_eq(info->name, "net_null0");
	ck_assert_str_eq(info->device, "net_null0");
	ck_assert_str_eq(info->driver, "net_null");
	ck_assert_uint_eq(info->queues, 2);
	ck_assert(info->drops_observable);
	ck_assert_str_eq(info->rss, "nothing: each queue is a source of its own");
	ck_assert_str_eq(info->note, "packets are made up by the driver");
	ck_assert_uint_eq(strlen(info->mac), 17);
	port_close(port);
	port_eal_fini();
}
END_TEST

START_TEST(configured_name_is_kept)
{
	struct config_port *config = eal_configure(CONFIG_PORT_VDEV, "net_null0");

	strcpy(config->name, "uplink");
	eal_start(1);
	struct port *port = eal_must_open(0, 1);
	ck_assert_str_eq(port_get_info(port)->name, "uplink");
	ck_assert_str_eq(port_get_info(port)->device, "net_null0");
	port_close(port);
	port_eal_fini();
}
END_TEST

START_TEST(counters_begin_at_zero)
{
	uint64_t values[STATS_PORT_COUNT];

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_start(1);
	struct port *port = eal_must_open(0, 1);
	port_read(port, values);
	ck_assert_uint_eq(values[STATS_port_received_packets], 0);
	ck_assert_uint_eq(values[STATS_port_missed_packets], 0);
	ck_assert_uint_eq(values[STATS_port_link_up], 1);
	ck_assert_uint_eq(values[STATS_port_drops_observable], 1);
	ck_assert(!port_is_lost(port));
	port_close(port);
	port_eal_fini();
}
END_TEST

/* Ports can be opened again: nothing of the device or its pool stays behind. */
START_TEST(closing_gives_the_device_back)
{
	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_start(1);
	for (int i = 0; i < 3; i++) {
		struct port *port = eal_must_open(0, 1);
		ck_assert_ptr_nonnull(rte_mempool_lookup("weir_port0"));
		port_close(port);
		ck_assert_ptr_null(rte_mempool_lookup("weir_port0"));
	}
	port_eal_fini();
}
END_TEST

START_TEST(several_ports_live_side_by_side)
{
	struct port *ports[3];

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_config.port_count = 3;
	for (int i = 1; i < 3; i++) {
		eal_config.ports[i] = eal_config.ports[0];
		snprintf(eal_config.ports[i].device, sizeof(eal_config.ports[i].device),
				"net_null%d", i);
	}
	eal_start(2);
	for (uint32_t i = 0; i < 3; i++) {
		ports[i] = eal_must_open(i, 2);
		ck_assert_uint_eq(port_get_index(ports[i]), i);
		ck_assert_uint_eq(port_get_id(ports[i]), i);
	}
	for (int i = 0; i < 3; i++)
		port_close(ports[i]);
	port_eal_fini();
}
END_TEST

START_TEST(device_listed_twice_is_refused)
{
	struct port *second;

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_config.port_count = 2;
	eal_config.ports[1] = eal_config.ports[0];
	eal_start(1);
	struct port *first = eal_must_open(0, 1);
	ck_assert_int_eq(eal_open(&second, 1, 1), -EINVAL);
	ck_assert_str_eq(eal_error, "ports: the device \"net_null0\" is listed twice");
	ck_assert_ptr_null(second);
	/* The first one is none the worse for it. */
	uint64_t values[STATS_PORT_COUNT];
	port_read(first, values);
	ck_assert_uint_eq(values[STATS_port_link_up], 1);
	port_close(first);
	port_eal_fini();
}
END_TEST

static const struct {
	enum config_port_kind kind;
	const char *device;
	int rc;
	const char *says;
} impossible[] = {
		{CONFIG_PORT_VDEV, "net_absent0", -ENODEV, "librte-net-absent"},
		{CONFIG_PORT_VDEV, "eth1", -ENODEV, "no driver of DPDK knows \"eth1\""},
		{CONFIG_PORT_VDEV, "net_null0,nonsense=1", -ENODEV, "check the device string"},
		{CONFIG_PORT_INTERFACE, "absent0", -ENODEV, "there is no interface \"absent0\""},
		{CONFIG_PORT_INTERFACE, "a-name-longer-than-any-interface", -ENODEV,
				"there is no interface"},
};

START_TEST(impossible_ports_say_why)
{
	struct port *port;

	eal_configure(impossible[_i].kind, impossible[_i].device);
	eal_start(1);
	ck_assert_int_eq(eal_open(&port, 0, 1), impossible[_i].rc);
	ck_assert_msg(strstr(eal_error, impossible[_i].says) != NULL, "%s", eal_error);
	ck_assert_ptr_nonnull(strchr(eal_error, '\n'));
	ck_assert_ptr_null(port);
	port_eal_fini();
}
END_TEST

/* Three weirs on one host do not meet: nothing of EAL is shared or left. */
START_TEST(nothing_is_left_in_the_runtime_folder)
{
	char path[128];

	eal_configure(CONFIG_PORT_VDEV, "net_null0");
	eal_start(1);
	port_eal_fini();
	snprintf(path, sizeof(path), "/var/run/dpdk/weir-%d", (int)getpid());
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(version_is_read_from_the_library)
{
	ck_assert_uint_ge(port_eal_version_number(), (uint32_t)22 << 24 | 11 << 16);
	ck_assert_int_ge(port_eal_version()[0], '2');
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_device");
	TCase *eal = tcase_create("eal");
	TCase *ports = tcase_create("ports");

	tcase_set_timeout(eal, EAL_TIMEOUT_SEC);
	tcase_add_test(eal, start_keeps_the_affinity_of_the_caller);
	tcase_add_test(eal, start_and_ports_are_silent);
	tcase_add_test(eal, plain_threads_can_be_workers);
	tcase_add_test(eal, missing_pci_device_stops_the_start);
	tcase_add_test(eal, bad_expert_argument_is_named);
	tcase_add_test(eal, nothing_is_left_in_the_runtime_folder);
	tcase_add_test(eal, version_is_read_from_the_library);
	suite_add_tcase(suite, eal);
	tcase_set_timeout(ports, EAL_TIMEOUT_SEC);
	tcase_add_test(ports, null_port_tells_what_it_is);
	tcase_add_test(ports, configured_name_is_kept);
	tcase_add_test(ports, counters_begin_at_zero);
	tcase_add_test(ports, closing_gives_the_device_back);
	tcase_add_test(ports, several_ports_live_side_by_side);
	tcase_add_test(ports, device_listed_twice_is_refused);
	tcase_add_loop_test(ports, impossible_ports_say_why, 0,
			sizeof(impossible) / sizeof(impossible[0]));
	suite_add_tcase(suite, ports);
	return suite;
}
