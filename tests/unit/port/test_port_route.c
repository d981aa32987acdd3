/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "fake_root.h"
#include "port_route.h"

#define HEADER \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
#define V4_DEFAULT(name) name "\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
#define V4_SUBNET "eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
/* Half of the world: a VPN's trick, not a default route by itself. */
#define V4_HALF "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n"
#define V4_REJECT "eth2\t00000000\t00000000\t0203\t0\t0\t0\t00000000\t0\t0\t0\n"
#define ZEROS "00000000000000000000000000000000"
#define V6_DEFAULT(name)                                                                      \
	ZEROS " 00 " ZEROS " 00 fe800000000000000000000000000001 00000400 00000002 00000000 " \
	      "00000003     " name "\n"
#define V6_SUBNET                                                 \
	"fd000000000000000000000000000000 40 " ZEROS " 00 " ZEROS \
	" 00000100 00000001 00000000 00000001     eth1\n"
/* The kernel's own: no route to anywhere. */
#define V6_NULL ZEROS " 00 " ZEROS " 00 " ZEROS " ffffffff 00000001 00000000 00200200       lo\n"

static void append(void *arg, const char *interface)
{
	strcat(arg, interface);
	strcat(arg, ",");
}

static const struct {
	const char *text;
	const char *found;
} ipv4[] = {
		{"", ""},
		{HEADER, ""},
		{HEADER V4_SUBNET, ""},
		{HEADER V4_DEFAULT("eth0") V4_SUBNET, "eth0,"},
		{HEADER V4_SUBNET V4_DEFAULT("eth0") V4_DEFAULT("wlan0"), "eth0,wlan0,"},
		{HEADER V4_HALF, ""},
		{HEADER V4_REJECT, ""},
		{HEADER "eth0\t00000000\n", ""},
		{"\n\n" V4_DEFAULT("e"), "e,"},
};

START_TEST(scan_finds_ipv4_defaults)
{
	char found[64] = "";

	port_route_scan_ipv4(ipv4[_i].text, append, found);
	ck_assert_str_eq(found, ipv4[_i].found);
}
END_TEST

static const struct {
	const char *text;
	const char *found;
} ipv6[] = {
		{"", ""},
		{V6_SUBNET, ""},
		{V6_SUBNET V6_DEFAULT("eth0") V6_NULL, "eth0,"},
		{V6_NULL, ""},
		{ZEROS " 00\n", ""},
};

START_TEST(scan_finds_ipv6_defaults)
{
	char found[64] = "";

	port_route_scan_ipv6(ipv6[_i].text, append, found);
	ck_assert_str_eq(found, ipv6[_i].found);
}
END_TEST

/* eth3 carries bond0, which carries bond0.7, which the bridge br0 has; eth0 stands alone. */
static void make_stack(void)
{
	fake_root_create();
	fake_root_folder("/sys/class/net/eth0");
	fake_root_folder("/sys/class/net/eth3");
	fake_root_link("/sys/class/net/br0/lower_bond0.7", "x");
	fake_root_link("/sys/class/net/br0/lower_tap0", "x");
	fake_root_link("/sys/class/net/bond0.7/lower_bond0", "x");
	fake_root_link("/sys/class/net/bond0/lower_eth3", "x");
	fake_root_link("/sys/class/net/loop/lower_loop", "x");
}

static const struct {
	const char *ipv4, *ipv6;
	const char *interface;
	unsigned int families;
	const char *via;
} through[] = {
		{HEADER V4_DEFAULT("eth0"), V6_NULL, "eth0", PORT_ROUTE_IPV4, "eth0"},
		{HEADER V4_DEFAULT("eth0"), V6_NULL, "eth3", 0, ""},
		{HEADER V4_DEFAULT("eth0"), V6_DEFAULT("eth0"), "eth0",
				PORT_ROUTE_IPV4 | PORT_ROUTE_IPV6, "eth0"},
		{HEADER, V6_DEFAULT("eth3"), "eth3", PORT_ROUTE_IPV6, "eth3"},
		{HEADER V4_DEFAULT("br0"), V6_NULL, "eth3", PORT_ROUTE_IPV4, "br0"},
		{HEADER V4_DEFAULT("br0"), V6_NULL, "tap0", PORT_ROUTE_IPV4, "br0"},
		{HEADER V4_DEFAULT("br0"), V6_NULL, "eth0", 0, ""},
		{HEADER V4_DEFAULT("eth0") V4_DEFAULT("bond0"), V6_NULL, "eth3", PORT_ROUTE_IPV4,
				"bond0"},
		/* A name that starts like another, and a device that stands on itself. */
		{HEADER V4_DEFAULT("eth33"), V6_NULL, "eth3", 0, ""},
		{HEADER V4_DEFAULT("loop"), V6_NULL, "eth3", 0, ""},
		{HEADER, V6_NULL, "eth0", 0, ""},
};

START_TEST(default_route_is_found_below_bridges_and_bonds)
{
	char via[16];

	fake_root_file("/proc/net/route", through[_i].ipv4);
	fake_root_file("/proc/net/ipv6_route", through[_i].ipv6);
	ck_assert_uint_eq(port_route_default_through(
					  fake_root, through[_i].interface, via, sizeof(via)),
			through[_i].families);
	ck_assert_str_eq(via, through[_i].via);
}
END_TEST

START_TEST(host_without_tables_has_no_default_route)
{
	char via[16];

	ck_assert_uint_eq(port_route_default_through(fake_root, "eth0", via, sizeof(via)), 0);
	ck_assert_str_eq(via, "");
}
END_TEST

/* A table of many pages, as on a router: the default route is its last line. */
START_TEST(large_tables_are_read_to_the_end)
{
	const size_t lines = 8000;
	char *text = malloc(sizeof(HEADER) + (lines + 1) * sizeof(V4_SUBNET) + 64), via[16];
	char *end = stpcpy(text, HEADER);

	for (size_t i = 0; i < lines; i++)
		end = stpcpy(end, V4_SUBNET);
	strcpy(end, V4_DEFAULT("eth0"));
	fake_root_file("/proc/net/route", text);
	free(text);
	ck_assert_uint_eq(port_route_default_through(fake_root, "eth0", via, sizeof(via)),
			PORT_ROUTE_IPV4);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_route");
	TCase *scan = tcase_create("scan");
	TCase *host = tcase_create("host");

	tcase_add_loop_test(scan, scan_finds_ipv4_defaults, 0, COUNT(ipv4));
	tcase_add_loop_test(scan, scan_finds_ipv6_defaults, 0, COUNT(ipv6));
	suite_add_tcase(suite, scan);
	tcase_add_checked_fixture(host, make_stack, fake_root_remove);
	tcase_add_loop_test(
			host, default_route_is_found_below_bridges_and_bonds, 0, COUNT(through));
	tcase_add_test(host, host_without_tables_has_no_default_route);
	tcase_add_test(host, large_tables_are_read_to_the_end);
	suite_add_tcase(suite, host);
	return suite;
}
