/* SPDX-License-Identifier: BSD-3-Clause */
/* How a kernel interface is taken, what is said of it, and that it is given back as it was. */
#include "../unit_main.h"
#include "kernel_port.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define NOBODY 65534

START_TEST(packet_socket_says_that_it_is_blind)
{
	configure(CONFIG_DRIVER_AF_PACKET);
	struct port *port = start(2);
	const struct port_info *info = port_get_info(port);
	ck_assert_str_eq(info->driver, "net_af_packet");
	ck_assert_uint_eq(info->queues, 2);
	ck_assert_ptr_nonnull(strstr(info->rss, "symmetric"));
	if (port_eal_version_number() < (25u << 24 | 3u << 16)) {
		ck_assert(!info->drops_observable);
		ck_assert_ptr_nonnull(strstr(info->note, "drops cannot be seen"));
		ck_assert_uint_eq(value(port, STATS_port_drops_observable), 0);
	}
	end(port);
}
END_TEST

START_TEST(own_interface_is_taken_by_xdp)
{
	configure(CONFIG_DRIVER_AUTO);
	struct port *port = start(1);
	const struct port_info *info = port_get_info(port);
	ck_assert_str_eq(info->driver, "net_af_xdp");
	ck_assert_str_eq(info->device, "v0");
	ck_assert_str_eq(info->mac, look_at("v0").mac);
	ck_assert_ptr_nonnull(strstr(info->note, "AF_XDP, packets are copied"));
	ck_assert_uint_eq(port_speed(port), 10000);
	end(port);
}
END_TEST

START_TEST(interface_of_the_host_is_only_listened_to)
{
	run("ip addr add 192.0.2.1/24 dev v0");
	configure(CONFIG_DRIVER_AUTO);
	struct port *port = start(1);
	ck_assert_str_eq(port_get_info(port)->driver, "net_af_packet");
	ck_assert_ptr_nonnull(strstr(port_get_info(port)->note, "the host uses v0"));
	/* And nothing is changed on it. */
	ck_assert_uint_eq(look_at("v0").xdp_program, 0);
	end(port);
}
END_TEST

START_TEST(default_route_is_protected)
{
	struct port *port;
	struct config_port *config = configure(CONFIG_DRIVER_AUTO);

	run("ip addr add 192.0.2.1/24 dev v0; ip route add default via 192.0.2.2");
	eal_start(1);
	ck_assert_int_eq(eal_open(&port, 0, 1), -EBUSY);
	ck_assert_ptr_nonnull(strstr(eal_error, "holds the IPv4 default route"));
	config->force = true;
	port = eal_must_open(0, 1);
	ck_assert_str_eq(port_get_info(port)->driver, "net_af_packet");
	end(port);
}
END_TEST

START_TEST(interface_that_is_down_is_refused)
{
	struct port *port;

	run("ip link set v0 down");
	configure(CONFIG_DRIVER_AUTO);
	eal_start(1);
	ck_assert_int_eq(eal_open(&port, 0, 1), -ENETDOWN);
	ck_assert_ptr_nonnull(strstr(eal_error, "ip link set dev v0 up"));
	port_eal_fini();
}
END_TEST

START_TEST(few_descriptors_are_raised_for_xdp)
{
	configure(CONFIG_DRIVER_AF_XDP)->rx_descriptors = 64;
	struct port *port = start(1);
	ck_assert_uint_eq(port_get_info(port)->rx_descriptors, 2048);
	ck_assert(port_get_info(port)->drops_observable);
	end(port);
}
END_TEST

/* IFF_PROMISC is what somebody set; the count that the kernel keeps shows as "promiscuity". */
START_TEST(promiscuous_mode_ends_with_the_port)
{
	configure(drivers[_i]);
	struct port *port = start(1);
	ck_assert(port_get_info(port)->promiscuous);
	run("ip -d link show v0 | grep -q 'promiscuity 1'");
	end(port);
	run("ip -d link show v0 | grep -q 'promiscuity 0'");
}
END_TEST

START_TEST(promiscuous_mode_of_others_is_kept)
{
	configure(drivers[_i])->promiscuous = false;
	run("ip link set v0 promisc on");
	struct port *port = start(1);
	ck_assert(look_at("v0").promiscuous);
	end(port);
	ck_assert(look_at("v0").promiscuous);
}
END_TEST

static void set_gro(const char *name)
{
	int fd = port_netdev_socket();

	ck_assert_uint_eq(port_netdev_set_offloads(fd, name, PORT_OFFLOAD_GRO, true),
			PORT_OFFLOAD_GRO);
	close(fd);
}

START_TEST(merging_is_switched_off_while_the_port_is_open)
{
	configure(drivers[_i]);
	set_gro("v0");
	struct port *port = start(1);
	ck_assert_uint_eq(look_at("v0").offloads & PORT_OFFLOAD_GRO, 0);
	end(port);
	ck_assert_uint_ne(look_at("v0").offloads & PORT_OFFLOAD_GRO, 0);
}
END_TEST

START_TEST(merging_on_an_interface_of_the_host_is_left_and_told)
{
	configure(CONFIG_DRIVER_AUTO);
	run("ip addr add 192.0.2.1/24 dev v0");
	set_gro("v0");
	struct port *port = start(1);
	ck_assert_uint_ne(look_at("v0").offloads & PORT_OFFLOAD_GRO, 0);
	ck_assert_ptr_nonnull(strstr(port_get_info(port)->note, "offloads merge packets"));
	end(port);
	ck_assert_uint_ne(look_at("v0").offloads & PORT_OFFLOAD_GRO, 0);
}
END_TEST

START_TEST(xdp_program_is_gone_at_the_end)
{
	configure(CONFIG_DRIVER_AF_XDP);
	struct port *port = start(1);
	ck_assert_uint_ne(look_at("v0").xdp_program, 0);
	end(port);
	ck_assert_uint_eq(look_at("v0").xdp_program, 0);
}
END_TEST

/* A weir that was killed leaves its program; the next one works on top of it and removes it. */
START_TEST(program_of_a_killed_process_is_cleared_away)
{
	uint64_t octets = 0;
	int status;

	configure(CONFIG_DRIVER_AF_XDP);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct port *port;
		if (port_eal_init(&eal_config, 1, eal_error, sizeof(eal_error)) == 0
				&& eal_open(&port, 0, 1) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_str_eq(look_at("v0").xdp_name, "xsk_def_prog");

	eal_config.ports[0].driver = CONFIG_DRIVER_AUTO;
	struct port *port = start(1);
	ck_assert_str_eq(port_get_info(port)->driver, "net_af_xdp");
	uint64_t sent = send_frames("v1", 500, 100);
	ck_assert_uint_eq(drain(port, &octets), sent);
	end(port);
	ck_assert_uint_eq(look_at("v0").xdp_program, 0);
}
END_TEST

static void set_rx_queues(const char *name, uint32_t count)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_data = (char *)&channels};
	int fd = port_netdev_socket();

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	ck_assert_int_eq(ioctl(fd, SIOCETHTOOL, &request), 0);
	channels.cmd = ETHTOOL_SCHANNELS;
	channels.rx_count = count;
	ck_assert_int_eq(ioctl(fd, SIOCETHTOOL, &request), 0);
	close(fd);
}

/* Packets that arrive on a queue without a socket would pass by. */
START_TEST(queues_that_xdp_cannot_hold_rule_it_out)
{
	struct port *port;

	run("ip link del v0; ip link add v0 numrxqueues 2 type veth peer name v1");
	run("ip link set v0 up; ip link set v1 up");
	set_rx_queues("v0", 2);
	configure(CONFIG_DRIVER_AUTO);
	eal_start(1);
	port = eal_must_open(0, 1);
	ck_assert_str_eq(port_get_info(port)->driver, "net_af_packet");
	ck_assert_ptr_nonnull(strstr(port_get_info(port)->note, "1 of 2 receive queues"));
	port_close(port);
	eal_config.ports[0].driver = CONFIG_DRIVER_AF_XDP;
	ck_assert_int_eq(eal_open(&port, 0, 1), -EINVAL);
	ck_assert_ptr_nonnull(strstr(eal_error, "would pass by uncounted"));
	port_eal_fini();
}
END_TEST

START_TEST(interface_taken_by_another_is_listened_to)
{
	struct port *second;

	configure(CONFIG_DRIVER_AUTO);
	eal_config.port_count = 2;
	eal_config.ports[1] = eal_config.ports[0];
	struct port *first = start(1);
	second = eal_must_open(1, 1);
	ck_assert_str_eq(port_get_info(first)->driver, "net_af_xdp");
	ck_assert_str_eq(port_get_info(second)->driver, "net_af_packet");
	ck_assert_ptr_nonnull(strstr(port_get_info(second)->note, "not AF_XDP: "));
	port_close(second);
	end(first);
}
END_TEST

static void drop_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	data[capability / 32].effective &= ~(1u << capability % 32);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

START_TEST(scarce_locked_memory_makes_a_shorter_ring)
{
	struct rlimit limit = {4 << 20, 4 << 20};
	uint64_t octets = 0;

	configure(CONFIG_DRIVER_AF_PACKET);
	ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	drop_capability(CAP_IPC_LOCK);
	struct port *port = start(1);
	uint32_t descriptors = port_get_info(port)->rx_descriptors;
	ck_assert_uint_ge(descriptors, 256);
	ck_assert_uint_lt(descriptors, 4096);
	uint64_t sent = send_frames("v1", 200, 100);
	ck_assert_uint_eq(drain(port, &octets), sent);
	end(port);
}
END_TEST

START_TEST(missing_privilege_is_named)
{
	struct port *port;

	configure(drivers[_i]);
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	eal_start(1);
	int rc = eal_open(&port, 0, 1);
	ck_assert_msg(rc == -EPERM, "%d: %s", rc, eal_error);
	ck_assert_msg(strstr(eal_error, "NET_RAW") != NULL, "%s", eal_error);
	port_eal_fini();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_kernel");
	TCase *choice = tcase_create("choice");
	TCase *host = tcase_create("host");

	tcase_set_timeout(choice, EAL_TIMEOUT_SEC);
	tcase_add_checked_fixture(choice, make_pair, NULL);
	tcase_add_test(choice, packet_socket_says_that_it_is_blind);
	tcase_add_test(choice, own_interface_is_taken_by_xdp);
	tcase_add_test(choice, interface_of_the_host_is_only_listened_to);
	tcase_add_test(choice, few_descriptors_are_raised_for_xdp);
	tcase_add_test(choice, queues_that_xdp_cannot_hold_rule_it_out);
	tcase_add_test(choice, interface_taken_by_another_is_listened_to);
	suite_add_tcase(suite, choice);
	tcase_set_timeout(host, EAL_TIMEOUT_SEC);
	tcase_add_checked_fixture(host, make_pair, NULL);
	tcase_add_test(host, default_route_is_protected);
	tcase_add_test(host, interface_that_is_down_is_refused);
	tcase_add_loop_test(host, promiscuous_mode_ends_with_the_port, 0, 2);
	tcase_add_loop_test(host, promiscuous_mode_of_others_is_kept, 0, 2);
	tcase_add_loop_test(host, merging_is_switched_off_while_the_port_is_open, 0, 2);
	tcase_add_test(host, merging_on_an_interface_of_the_host_is_left_and_told);
	tcase_add_test(host, xdp_program_is_gone_at_the_end);
	tcase_add_test(host, program_of_a_killed_process_is_cleared_away);
	tcase_add_test(host, scarce_locked_memory_makes_a_shorter_ring);
	tcase_add_loop_test(host, missing_privilege_is_named, 0, 2);
	suite_add_tcase(suite, host);
	return suite;
}
