/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_error.h"
#include "port_interface.h"

#include <errno.h>
#include <string.h>

/* An interface of weir's own: up, one queue, no address. */
static struct port_interface plain(void)
{
	struct port_interface interface = {
			.name = "eth1",
			.index = 7,
			.up = true,
			.running = true,
			.mtu = 1500,
			.rx_queues = 1,
			.numa_node = -1,
	};

	return interface;
}

static int check(const struct port_interface *interface, const struct config_port *config,
		char error[PORT_ERROR_BYTES])
{
	error[0] = '\0';
	return port_interface_check(interface, config, error, PORT_ERROR_BYTES);
}

START_TEST(plain_interface_may_be_taken)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AUTO};
	char error[PORT_ERROR_BYTES];

	ck_assert_int_eq(check(&interface, &config, error), 0);
	config.driver = CONFIG_DRIVER_AF_XDP;
	ck_assert_int_eq(check(&interface, &config, error), 0);
}
END_TEST

START_TEST(interface_that_is_down_is_refused)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AUTO};
	char error[PORT_ERROR_BYTES];

	interface.up = false;
	ck_assert_int_eq(check(&interface, &config, error), -ENETDOWN);
	ck_assert_str_eq(error,
			"interface \"eth1\" is down\n"
			"  cure:     ip link set dev eth1 up");
}
END_TEST

static const struct {
	unsigned int families;
	const char *via;
	const char *says;
} routes[] = {
		{1, "eth1", "interface \"eth1\" holds the IPv4 default route of this host\n"},
		{2, "eth1", "interface \"eth1\" holds the IPv6 default route of this host\n"},
		{3, "eth1", "interface \"eth1\" holds the default route of this host\n"},
		{1, "br0",
				"interface \"eth1\" holds the IPv4 default route of this host "
				"(through br0)\n"},
};

START_TEST(default_route_is_only_taken_by_force)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AUTO};
	char error[PORT_ERROR_BYTES];

	interface.default_route = routes[_i].families;
	strcpy(interface.default_via, routes[_i].via);
	ck_assert_int_eq(check(&interface, &config, error), -EBUSY);
	ck_assert_ptr_eq(strstr(error, routes[_i].says), error);
	ck_assert_ptr_nonnull(strstr(error, "\n  cure:     "));
	config.force = true;
	ck_assert_int_eq(check(&interface, &config, error), 0);
}
END_TEST

START_TEST(xdp_that_would_miss_queues_is_refused)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AF_XDP};
	char error[PORT_ERROR_BYTES];

	interface.rx_queues = 4;
	ck_assert_int_eq(check(&interface, &config, error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "1 of the 4 receive queues"));
	ck_assert_ptr_nonnull(strstr(error, "ethtool -L eth1 rx 1"));
	interface.combined_queues = 4;
	ck_assert_int_eq(check(&interface, &config, error), 0);
	interface.rx_queues = 6;
	ck_assert_int_eq(check(&interface, &config, error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "ethtool -L eth1 rx 0"));
}
END_TEST

START_TEST(xdp_that_would_drop_large_frames_is_refused)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AF_XDP};
	char error[PORT_ERROR_BYTES];

	interface.mtu = 9000;
	ck_assert_int_eq(check(&interface, &config, error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "frames of 9022 octets"));
	config.mtu = 1518;
	ck_assert_int_eq(check(&interface, &config, error), 0);
}
END_TEST

/* What happens to an interface, whether AF_XDP is then tried, and a word of the reason. */
static const struct {
	bool has_address, enslaved;
	unsigned int default_route;
	uint32_t rx_queues, combined, mtu, program;
	const char *program_name;
	bool xdp;
	const char *reason;
} choices[] = {
		{false, false, 0, 1, 0, 1500, 0, "", true, ""},
		{false, false, 0, 8, 8, 1500, 0, "", true, ""},
		{true, false, 0, 1, 0, 1500, 0, "", false, "the host uses eth1"},
		{false, true, 0, 1, 0, 1500, 0, "", false, "the host uses eth1"},
		{false, false, 2, 1, 0, 1500, 0, "", false, "the host uses eth1"},
		{false, false, 0, 2, 0, 1500, 0, "", false, "1 of 2 receive queues"},
		{false, false, 0, 1, 0, 9000, 0, "", false, "9022 octets"},
		{false, false, 0, 1, 0, 1500, 12, "katran", false, "katran"},
		{false, false, 0, 1, 0, 1500, 12, "", false, "unknown"},
		/* Left by a killed weir: a later one can use it. */
		{false, false, 0, 1, 0, 1500, 12, "xsk_def_prog", true, ""},
};

START_TEST(choice_leaves_the_host_its_packets)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AUTO};
	struct port_interface_choice choice;

	interface.has_address = choices[_i].has_address;
	interface.enslaved = choices[_i].enslaved;
	interface.default_route = choices[_i].default_route;
	interface.rx_queues = choices[_i].rx_queues;
	interface.combined_queues = choices[_i].combined;
	interface.mtu = choices[_i].mtu;
	interface.xdp_program = choices[_i].program;
	strcpy(interface.xdp_name, choices[_i].program_name);
	port_interface_choose(&choice, &interface, &config);
	ck_assert_uint_eq(choice.count, choices[_i].xdp ? 2 : 1);
	ck_assert_int_eq(choice.backends[0] == PORT_BACKEND_AF_XDP, choices[_i].xdp);
	ck_assert_int_eq(choice.backends[choice.count - 1], PORT_BACKEND_AF_PACKET);
	ck_assert_int_eq(choice.reason[0] == '\0', choices[_i].xdp);
	ck_assert_ptr_nonnull(strstr(choice.reason, choices[_i].reason));
}
END_TEST

START_TEST(configured_driver_is_the_only_choice)
{
	struct port_interface interface = plain();
	struct config_port config = {.driver = CONFIG_DRIVER_AF_XDP};
	struct port_interface_choice choice;

	interface.has_address = true;
	port_interface_choose(&choice, &interface, &config);
	ck_assert_uint_eq(choice.count, 1);
	ck_assert_int_eq(choice.backends[0], PORT_BACKEND_AF_XDP);
	config.driver = CONFIG_DRIVER_AF_PACKET;
	port_interface_choose(&choice, &interface, &config);
	ck_assert_uint_eq(choice.count, 1);
	ck_assert_int_eq(choice.backends[0], PORT_BACKEND_AF_PACKET);
}
END_TEST

START_TEST(offload_arguments_are_ethtools)
{
	char text[64];

	ck_assert_str_eq(port_interface_offload_arguments(0, text, sizeof(text)), "");
	ck_assert_str_eq(port_interface_offload_arguments(
					 PORT_OFFLOAD_LRO | PORT_OFFLOAD_GRO, text, sizeof(text)),
			"gro off lro off");
	ck_assert_str_eq(port_interface_offload_arguments(~0u, text, sizeof(text)),
			"gro off lro off tso off gso off rxvlan off");
	ck_assert_uint_lt(strlen(port_interface_offload_arguments(~0u, text, 10)), 10);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_interface");
	TCase *checks = tcase_create("check");
	TCase *choose = tcase_create("choose");

	tcase_add_test(checks, plain_interface_may_be_taken);
	tcase_add_test(checks, interface_that_is_down_is_refused);
	tcase_add_loop_test(checks, default_route_is_only_taken_by_force, 0, COUNT(routes));
	tcase_add_test(checks, xdp_that_would_miss_queues_is_refused);
	tcase_add_test(checks, xdp_that_would_drop_large_frames_is_refused);
	suite_add_tcase(suite, checks);
	tcase_add_loop_test(choose, choice_leaves_the_host_its_packets, 0, COUNT(choices));
	tcase_add_test(choose, configured_driver_is_the_only_choice);
	tcase_add_test(choose, offload_arguments_are_ethtools);
	suite_add_tcase(suite, choose);
	return suite;
}
