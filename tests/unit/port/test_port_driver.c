/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "port_driver.h"

#include <stdio.h>
#include <string.h>

#define V22_11 PORT_DRIVER_VERSION(22, 11)
#define V24_11 PORT_DRIVER_VERSION(24, 11)
#define V25_03 PORT_DRIVER_VERSION(25, 3)
#define V25_11 PORT_DRIVER_VERSION(25, 11)

static const struct {
	const char *driver, *arguments;
	uint32_t descriptors, version;
	enum port_class class;
	bool no_buffer_is_loss;
} judged[] = {
		{"net_af_packet", "", 4096, V22_11, PORT_CLASS_BLIND, false},
		{"net_af_packet", "", 4096, V24_11, PORT_CLASS_BLIND, false},
		{"net_af_packet", "", 4096, V25_03, PORT_CLASS_EXACT, false},
		{"net_af_packet", "", 4096, V25_11, PORT_CLASS_EXACT, false},
		{"net_af_xdp", "", 1024, V22_11, PORT_CLASS_BLIND, false},
		{"net_af_xdp", "", 2047, V22_11, PORT_CLASS_BLIND, false},
		{"net_af_xdp", "", 2048, V22_11, PORT_CLASS_EXACT, false},
		{"net_af_xdp", "", 4096, V25_11, PORT_CLASS_EXACT, false},
		{"net_null", "net_null0", 512, V22_11, PORT_CLASS_LOSSLESS, false},
		{"net_ring", "net_ring0", 512, V22_11, PORT_CLASS_LOSSLESS, false},
		{"net_tap", "net_tap0", 512, V22_11, PORT_CLASS_KERNEL, false},
		{"net_pcap", "net_pcap0,rx_pcap=a.pcap", 512, V22_11, PORT_CLASS_LOSSLESS, true},
		{"net_pcap", "net_pcap0,iface=eth1", 512, V22_11, PORT_CLASS_EXACT, true},
		{"net_ice", "", 2048, V22_11, PORT_CLASS_EXACT, false},
		{"mlx5_pci", "", 2048, V22_11, PORT_CLASS_EXACT, false},
		/* Virtual functions report only what they received. */
		{"net_ixgbe_vf", "", 2048, V22_11, PORT_CLASS_BLIND, false},
		{"net_iavf", "", 2048, V22_11, PORT_CLASS_BLIND, false},
		{"net_of_tomorrow", "", 2048, V25_11, PORT_CLASS_BLIND, false},
		{"", "", 0, V22_11, PORT_CLASS_BLIND, false},
};

START_TEST(drivers_are_judged_by_what_they_count)
{
	struct port_verdict verdict;

	port_driver_judge(&verdict, judged[_i].driver, judged[_i].arguments, judged[_i].descriptors,
			judged[_i].version);
	ck_assert_int_eq(verdict.class, judged[_i].class);
	ck_assert_int_eq(verdict.no_buffer_is_loss, judged[_i].no_buffer_is_loss);
	ck_assert_ptr_nonnull(verdict.note);
}
END_TEST

/* Who cannot see drops has to say so to the person. */
START_TEST(blind_drivers_say_that_they_are)
{
	struct port_verdict verdict;

	port_driver_judge(&verdict, judged[_i].driver, judged[_i].arguments, judged[_i].descriptors,
			judged[_i].version);
	if (verdict.class == PORT_CLASS_BLIND)
		ck_assert_msg(strstr(verdict.note, "drops") != NULL, "%s: %s", judged[_i].driver,
				verdict.note);
}
END_TEST

START_TEST(only_blind_is_not_observable)
{
	ck_assert(!port_driver_observable(PORT_CLASS_BLIND));
	ck_assert(port_driver_observable(PORT_CLASS_EXACT));
	ck_assert(port_driver_observable(PORT_CLASS_LOSSLESS));
	ck_assert(port_driver_observable(PORT_CLASS_KERNEL));
}
END_TEST

static const struct {
	const char *device;
	uint32_t version;
	const char *package;
} packages[] = {
		{"net_af_xdp0,iface=eth1", V22_11, "librte-net-af-xdp23"},
		{"net_null0", V22_11, "librte-net-null23"},
		{"net_null12,size=64", V24_11, "librte-net-null25"},
		{"net_pcap", V25_11, "librte-net-pcap26"},
		{"net_virtio_user0,path=x", V22_11, "librte-net-virtio23"},
		{"net_bonding0", V22_11, "librte-net-bond23"},
		{"crypto_null0", V22_11, ""},
		{"net_", V22_11, ""},
		{"net_7", V22_11, ""},
		{"", V22_11, ""},
};

START_TEST(package_of_a_device_is_named)
{
	char package[64] = "before";

	ck_assert_int_eq(port_driver_package(package, sizeof(package), packages[_i].device,
					 packages[_i].version),
			packages[_i].package[0] != '\0');
	ck_assert_str_eq(package, packages[_i].package);
}
END_TEST

START_TEST(long_device_names_are_cut)
{
	char device[400], package[64];

	memset(device, 'x', sizeof(device) - 1);
	memcpy(device, "net_", 4);
	device[sizeof(device) - 1] = '\0';
	ck_assert(port_driver_package(package, sizeof(package), device, V22_11));
	ck_assert_uint_lt(strlen(package), sizeof(package));
}
END_TEST

START_TEST(vendors_have_packages)
{
	ck_assert_ptr_nonnull(strstr(port_driver_packages_of_vendor(0x8086), "ice"));
	ck_assert_ptr_nonnull(strstr(port_driver_packages_of_vendor(0x15b3), "mlx5"));
	ck_assert_ptr_null(port_driver_packages_of_vendor(0xffff));
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_driver");
	TCase *classes = tcase_create("classes");
	TCase *names = tcase_create("packages");

	tcase_add_loop_test(classes, drivers_are_judged_by_what_they_count, 0, COUNT(judged));
	tcase_add_loop_test(classes, blind_drivers_say_that_they_are, 0, COUNT(judged));
	tcase_add_test(classes, only_blind_is_not_observable);
	suite_add_tcase(suite, classes);
	tcase_add_loop_test(names, package_of_a_device_is_named, 0, COUNT(packages));
	tcase_add_test(names, long_device_names_are_cut);
	tcase_add_test(names, vendors_have_packages);
	suite_add_tcase(suite, names);
	return suite;
}
