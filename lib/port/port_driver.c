/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_driver.h"

#include "base_cacheline.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Fewer and the driver loses packets that it counts nowhere: rx_ring_full is not in its imissed. */
#define XDP_EXACT_DESCRIPTORS 2048

struct row {
	const char *driver;
	struct port_verdict verdict;
};

/*
 * Measured on DPDK 22.11, or read in its source. Hardware drivers: imissed are the discards of the
 * NIC, and a failed buffer allocation leaves the packet in the ring.
 */
static const struct row rows[] = {
		{"net_af_packet",
				{PORT_CLASS_BLIND, PORT_SPREAD_FANOUT, false,
						"packets are copied, IPv4 fragments put together, "
						"drops cannot be seen"}},
		{"net_af_xdp", {PORT_CLASS_BLIND, PORT_SPREAD_KERNEL, false, ""}},
		{"net_null",
				{PORT_CLASS_LOSSLESS, PORT_SPREAD_NONE, false,
						"packets are made up by the driver"}},
		{"net_ring", {PORT_CLASS_LOSSLESS, PORT_SPREAD_NONE, false, ""}},
		{"net_tap",
				{PORT_CLASS_KERNEL, PORT_SPREAD_KERNEL, false,
						"drops are those of the kernel's side "
						"(tx_dropped)"}},
		{"net_ice", {PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}},
		{"net_i40e", {PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}},
		{"net_ixgbe", {PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}},
		{"mlx5_pci", {PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}},
		{"net_mlx5", {PORT_CLASS_EXACT, PORT_SPREAD_RSS, false, ""}},
};

static const struct port_verdict unknown = {PORT_CLASS_BLIND, PORT_SPREAD_RSS, false,
		"whether this driver counts what it drops has not been tested: drops are unknown"};

static void judge_pcap(struct port_verdict *verdict, const char *arguments)
{
	verdict->spread = PORT_SPREAD_NONE;
	verdict->no_buffer_is_loss = true;
	/* "rx_pcap=" reads a file; "iface=" and "rx_iface=" a kernel interface. */
	if (strstr(arguments, "rx_pcap=")) {
		verdict->class = PORT_CLASS_LOSSLESS;
		verdict->note = "time stamps and wire lengths in the file are not used; weir "
				"replay uses them";
	} else {
		verdict->class = PORT_CLASS_EXACT;
		verdict->note = "slower than interface: does it; an error can be a failed read";
	}
}

void port_driver_judge(struct port_verdict *verdict, const char *driver, const char *arguments,
		uint32_t rx_descriptors, uint32_t version)
{
	*verdict = unknown;
	for (size_t i = 0; i < BASE_COUNT_OF(rows); i++)
		if (strcmp(rows[i].driver, driver) == 0)
			*verdict = rows[i].verdict;
	if (strcmp(driver, "net_pcap") == 0)
		judge_pcap(verdict, arguments);
	if (strcmp(driver, "net_af_xdp") == 0) {
		if (rx_descriptors >= XDP_EXACT_DESCRIPTORS)
			verdict->class = PORT_CLASS_EXACT;
		else
			verdict->note = "with fewer than 2048 descriptors drops cannot be seen";
	}
	/* Since 25.03 the driver adds what the kernel dropped for want of ring space to imissed. */
	if (strcmp(driver, "net_af_packet") == 0 && version >= PORT_DRIVER_VERSION(25, 3)) {
		verdict->class = PORT_CLASS_EXACT;
		verdict->note = "packets are copied, IPv4 fragments put together";
	}
}

bool port_driver_observable(enum port_class class)
{
	return class != PORT_CLASS_BLIND;
}

bool port_driver_package(char *out, size_t bytes, const char *device, uint32_t version)
{
	char name[48];
	size_t len = 0;

	out[0] = '\0';
	if (strncmp(device, "net_", 4) != 0)
		return false;
	for (const char *p = device + 4; *p && *p != ',' && len < sizeof(name) - 1; p++)
		name[len++] = *p == '_' ? '-' : *p;
	/* The digits that end a vdev's name count its instances. */
	while (len > 0 && isdigit((unsigned char)name[len - 1]))
		len--;
	name[len] = '\0';
	if (len == 0)
		return false;
	if (strcmp(name, "virtio-user") == 0)
		strcpy(name, "virtio");
	else if (strcmp(name, "bonding") == 0)
		strcpy(name, "bond");
	snprintf(out, bytes, "librte-net-%s%u", name, (version >> 24) + 1);
	return true;
}

const char *port_driver_packages_of_vendor(uint32_t vendor)
{
	static const struct {
		uint32_t vendor;
		const char *packages;
	} vendors[] = {
			{0x8086, "librte-net-{e1000,igc,ixgbe,i40e,ice,iavf}"},
			{0x15b3, "librte-net-{mlx4,mlx5}"},
			{0x14e4, "librte-net-{bnxt,bnx2x}"},
			{0x1d0f, "librte-net-ena"},
			{0x1af4, "librte-net-virtio"},
			{0x15ad, "librte-net-vmxnet3"},
			{0x1425, "librte-net-cxgbe"},
			{0x1077, "librte-net-qede"},
			{0x1137, "librte-net-enic"},
			{0x1924, "librte-net-sfc"},
			{0x177d, "librte-net-{cnxk,thunderx,octeontx}"},
			{0x1d6a, "librte-net-atlantic"},
			{0x19e5, "librte-net-{hinic,hns3}"},
	};

	for (size_t i = 0; i < BASE_COUNT_OF(vendors); i++)
		if (vendors[i].vendor == vendor)
			return vendors[i].packages;
	return NULL;
}
