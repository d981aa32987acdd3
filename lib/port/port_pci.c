/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_pci.h"

#include "base_cacheline.h"
#include "port_error.h"
#include "port_route.h"
#include "port_sysfs.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define CLASS_NETWORK 0x02

int port_pci_parse_address(const char *text, char address[PORT_PCI_ADDRESS_BYTES])
{
	unsigned int domain = 0, bus, slot, function;
	char rest;

	if (sscanf(text, "%4x:%2x:%2x.%1u%c", &domain, &bus, &slot, &function, &rest) != 4) {
		domain = 0;
		if (sscanf(text, "%2x:%2x.%1u%c", &bus, &slot, &function, &rest) != 3)
			return -EINVAL;
	}
	if (slot > 0x1f || function > 7)
		return -EINVAL;
	snprintf(address, PORT_PCI_ADDRESS_BYTES, "%04x:%02x:%02x.%u", domain & 0xffff, bus & 0xff,
			slot, function);
	return 0;
}

static bool is_bifurcated(const char *driver)
{
	static const char *const drivers[] = {"mlx5_core", "mlx4_core"};

	for (size_t i = 0; i < BASE_COUNT_OF(drivers); i++)
		if (strcmp(drivers[i], driver) == 0)
			return true;
	return false;
}

static bool is_user_space(const char *driver)
{
	static const char *const drivers[] = {"vfio-pci", "igb_uio", "uio_pci_generic"};

	for (size_t i = 0; i < BASE_COUNT_OF(drivers); i++)
		if (strcmp(drivers[i], driver) == 0)
			return true;
	return false;
}

static bool take_first(void *arg, const char *name)
{
	snprintf(arg, sizeof(((struct port_pci *)0)->interface), "%s", name);
	return false;
}

struct net_search {
	const char *root;
	const char *folder; /* of the device */
	char *interface;
};

/* The interface of a virtio device lies a folder deeper: virtio0/net/eth0. */
static bool look_in_virtio(void *arg, const char *name)
{
	const struct net_search *search = arg;
	char folder[PORT_SYSFS_PATH_BYTES];

	if (strncmp(name, "virtio", 6) != 0)
		return true;
	snprintf(folder, sizeof(folder), "%s/%s/net", search->folder, name);
	port_sysfs_each(search->root, folder, take_first, search->interface);
	return search->interface[0] == '\0';
}

static void find_interface(struct port_pci *pci, const char *root)
{
	char folder[64], net[80];
	struct net_search search = {root, folder, pci->interface};

	snprintf(folder, sizeof(folder), "/sys/bus/pci/devices/%s", pci->address);
	snprintf(net, sizeof(net), "%s/net", folder);
	port_sysfs_each(root, net, take_first, pci->interface);
	if (pci->interface[0] == '\0')
		port_sysfs_each(root, folder, look_in_virtio, &search);
}

int port_pci_query(struct port_pci *pci, const char *root, const char *address)
{
	int64_t vendor = 0, device = 0, class_code = 0, node = -1;

	*pci = (struct port_pci){.numa_node = -1};
	if (port_pci_parse_address(address, pci->address) != 0)
		return -EINVAL;
	const char *a = pci->address;
	if (!port_sysfs_exists(root, "/sys/bus/pci/devices/%s", a))
		return -ENODEV;
	port_sysfs_number(root, &vendor, "/sys/bus/pci/devices/%s/vendor", a);
	port_sysfs_number(root, &device, "/sys/bus/pci/devices/%s/device", a);
	port_sysfs_number(root, &class_code, "/sys/bus/pci/devices/%s/class", a);
	port_sysfs_number(root, &node, "/sys/bus/pci/devices/%s/numa_node", a);
	pci->vendor = (uint32_t)vendor;
	pci->device = (uint32_t)device;
	pci->class_code = (uint32_t)class_code;
	pci->numa_node = node < 0 ? -1 : (int)node;
	port_sysfs_link(root, pci->driver, sizeof(pci->driver), "/sys/bus/pci/devices/%s/driver",
			a);
	find_interface(pci, root);
	pci->bifurcated = is_bifurcated(pci->driver);
	return 0;
}

/* Beside a DPDK driver the kernel's interface goes on, but its packets go to DPDK. */
static int check_route(const struct port_pci *pci, const char *root, bool force, char *error,
		size_t error_bytes)
{
	char via[IFNAMSIZ];

	if (force || pci->interface[0] == '\0'
			|| !port_route_default_through(root, pci->interface, via, sizeof(via)))
		return 0;
	return port_error_set(error, error_bytes, -EBUSY,
			"port \"%s\" is interface %s, which holds the default route of this host\n"
			"  cure:     measure on another port, or add force: true to this one",
			pci->address, pci->interface);
}

static int explain_binding(const struct port_pci *pci, char *error, size_t error_bytes)
{
	char alternative[64] = "";

	if (pci->driver[0] == '\0')
		return port_error_set(error, error_bytes, -EBUSY,
				"port \"%s\" is bound to no driver; DPDK needs vfio-pci\n"
				"  cure:     modprobe vfio-pci && driverctl set-override %s "
				"vfio-pci",
				pci->address, pci->address);
	if (pci->interface[0])
		snprintf(alternative, sizeof(alternative),
				"      (or use the kernel path: interface: %s)", pci->interface);
	return port_error_set(error, error_bytes, -EBUSY,
			"port \"%s\" is bound to the kernel driver %s, not to vfio-pci\n"
			"  cure:     modprobe vfio-pci && driverctl set-override %s vfio-pci%s",
			pci->address, pci->driver, pci->address, alternative);
}

int port_pci_check(struct port_pci *pci, const char *root, const char *address, bool force,
		char *error, size_t error_bytes)
{
	switch (port_pci_query(pci, root, address)) {
	case 0:
		break;
	case -EINVAL:
		return port_error_set(error, error_bytes, -EINVAL,
				"port \"%s\" is not a PCI address; expected one such as "
				"0000:3b:00.0",
				address);
	default:
		return port_error_set(error, error_bytes, -ENODEV,
				"port \"%s\": there is no such PCI device\n"
				"  see them: lspci -D -d ::0200",
				pci->address);
	}
	if (pci->class_code >> 16 != CLASS_NETWORK)
		return port_error_set(error, error_bytes, -EINVAL,
				"port \"%s\" is not a network device (PCI class %06x)\n"
				"  see them: lspci -D -d ::0200",
				pci->address, pci->class_code);
	if (is_user_space(pci->driver))
		return 0;
	return pci->bifurcated ? check_route(pci, root, force, error, error_bytes)
			       : explain_binding(pci, error, error_bytes);
}
