/* SPDX-License-Identifier: BSD-3-Clause */
#include "../unit_main.h"
#include "fake_root.h"
#include "port_error.h"
#include "port_pci.h"

#include <errno.h>

#define DEVICE "/sys/bus/pci/devices/0000:3b:00.0"

static const struct {
	const char *text;
	const char *address; /* NULL: refused */
} addresses[] = {
		{"0000:3b:00.0", "0000:3b:00.0"},
		{"0000:3B:00.1", "0000:3b:00.1"},
		{"3b:00.0", "0000:3b:00.0"},
		{"3b:0.7", "0000:3b:00.7"},
		{"10000:3b:00.0", NULL},
		{"0001:ff:1f.7", "0001:ff:1f.7"},
		{"0000:3b:20.0", NULL},
		{"0000:3b:00.8", NULL},
		{"0000:3b:00", NULL},
		{"0000:3b:00.0x", NULL},
		{"eth1", NULL},
		{"", NULL},
};

START_TEST(addresses_take_the_long_form)
{
	char address[PORT_PCI_ADDRESS_BYTES];

	int rc = port_pci_parse_address(addresses[_i].text, address);
	ck_assert_int_eq(rc, addresses[_i].address ? 0 : -EINVAL);
	if (addresses[_i].address)
		ck_assert_str_eq(address, addresses[_i].address);
}
END_TEST

static void make_nic(const char *class_code, const char *driver, const char *interface)
{
	char path[128];

	fake_root_file(DEVICE "/vendor", "0x8086\n");
	fake_root_file(DEVICE "/device", "0x1592\n");
	fake_root_file(DEVICE "/class", class_code);
	fake_root_file(DEVICE "/numa_node", "1\n");
	if (driver[0]) {
		snprintf(path, sizeof(path), "../../../bus/pci/drivers/%s", driver);
		fake_root_link(DEVICE "/driver", path);
	}
	if (interface[0]) {
		snprintf(path, sizeof(path), DEVICE "/net/%s/mtu", interface);
		fake_root_file(path, "1500\n");
	}
}

static const struct {
	const char *class_code, *driver, *interface;
	int rc;
	const char *says;
} nics[] = {
		{"0x020000\n", "vfio-pci", "", 0, ""},
		{"0x020000\n", "igb_uio", "", 0, ""},
		{"0x020000\n", "uio_pci_generic", "", 0, ""},
		{"0x020700\n", "mlx5_core", "ens1f0", 0, ""},
		{"0x020000\n", "ice", "ens3f0", -EBUSY,
				"port \"0000:3b:00.0\" is bound to the kernel driver ice, not to "
				"vfio-pci\n"
				"  cure:     modprobe vfio-pci && driverctl set-override "
				"0000:3b:00.0 vfio-pci      (or use the kernel path: interface: "
				"ens3f0)"},
		{"0x020000\n", "ice", "", -EBUSY,
				"port \"0000:3b:00.0\" is bound to the kernel driver ice, not to "
				"vfio-pci\n"
				"  cure:     modprobe vfio-pci && driverctl set-override "
				"0000:3b:00.0 vfio-pci"},
		{"0x020000\n", "", "", -EBUSY,
				"port \"0000:3b:00.0\" is bound to no driver; DPDK needs vfio-pci\n"
				"  cure:     modprobe vfio-pci && driverctl set-override "
				"0000:3b:00.0 vfio-pci"},
		{"0x030000\n", "vfio-pci", "", -EINVAL,
				"port \"0000:3b:00.0\" is not a network device (PCI class 030000)\n"
				"  see them: lspci -D -d ::0200"},
};

START_TEST(check_wants_a_nic_that_dpdk_can_drive)
{
	char error[PORT_ERROR_BYTES] = "";
	struct port_pci pci;

	make_nic(nics[_i].class_code, nics[_i].driver, nics[_i].interface);
	ck_assert_int_eq(port_pci_check(&pci, fake_root, "3b:00.0", false, error, sizeof(error)),
			nics[_i].rc);
	ck_assert_str_eq(error, nics[_i].says);
	ck_assert_uint_eq(pci.vendor, 0x8086);
	ck_assert_uint_eq(pci.device, 0x1592);
	ck_assert_int_eq(pci.numa_node, 1);
	ck_assert_int_eq(pci.bifurcated, strcmp(nics[_i].driver, "mlx5_core") == 0);
	ck_assert_str_eq(pci.interface, nics[_i].interface);
}
END_TEST

START_TEST(missing_device_is_no_input)
{
	char error[PORT_ERROR_BYTES];
	struct port_pci pci;

	ck_assert_int_eq(port_pci_check(&pci, fake_root, "0000:99:00.0", false, error,
					 sizeof(error)),
			-ENODEV);
	ck_assert_str_eq(error,
			"port \"0000:99:00.0\": there is no such PCI device\n"
			"  see them: lspci -D -d ::0200");
	ck_assert_int_eq(port_pci_check(&pci, fake_root, "eth1", false, error, sizeof(error)),
			-EINVAL);
}
END_TEST

/* Such a NIC keeps its kernel driver, and with it maybe the line of the operator. */
START_TEST(default_route_on_a_shared_nic_is_only_taken_by_force)
{
	char error[PORT_ERROR_BYTES] = "";
	struct port_pci pci;

	make_nic("0x020000\n", "mlx5_core", "ens1f0");
	fake_root_file("/proc/net/route", "ens1f0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n");
	ck_assert_int_eq(port_pci_check(&pci, fake_root, "3b:00.0", false, error, sizeof(error)),
			-EBUSY);
	ck_assert_ptr_nonnull(strstr(error, "interface ens1f0, which holds the default route"));
	ck_assert_int_eq(port_pci_check(&pci, fake_root, "3b:00.0", true, error, sizeof(error)), 0);
}
END_TEST

START_TEST(interface_of_a_virtio_device_is_found)
{
	struct port_pci pci;

	make_nic("0x020000\n", "virtio-pci", "");
	fake_root_file(DEVICE "/virtio3/net/ens5/mtu", "1500\n");
	ck_assert_int_eq(port_pci_query(&pci, fake_root, "0000:3b:00.0"), 0);
	ck_assert_str_eq(pci.interface, "ens5");
}
END_TEST

START_TEST(node_of_a_single_node_host_is_unknown)
{
	struct port_pci pci;

	make_nic("0x020000\n", "vfio-pci", "");
	fake_root_file(DEVICE "/numa_node", "-1\n");
	ck_assert_int_eq(port_pci_query(&pci, fake_root, "0000:3b:00.0"), 0);
	ck_assert_int_eq(pci.numa_node, -1);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("port_pci");
	TCase *tcase = tcase_create("pci");

	tcase_add_checked_fixture(tcase, fake_root_create, fake_root_remove);
	tcase_add_loop_test(tcase, addresses_take_the_long_form, 0, COUNT(addresses));
	tcase_add_loop_test(tcase, check_wants_a_nic_that_dpdk_can_drive, 0, COUNT(nics));
	tcase_add_test(tcase, missing_device_is_no_input);
	tcase_add_test(tcase, default_route_on_a_shared_nic_is_only_taken_by_force);
	tcase_add_test(tcase, interface_of_a_virtio_device_is_found);
	tcase_add_test(tcase, node_of_a_single_node_host_is_unknown);
	suite_add_tcase(suite, tcase);
	return suite;
}
