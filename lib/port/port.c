/* SPDX-License-Identifier: BSD-3-Clause */
#include "port.h"

#include "port_counters.h"
#include "port_device.h"
#include "port_error.h"
#include "port_log.h"
#include "port_pci.h"
#include "port_private.h"
#include "port_rss.h"

#include <rte_ethdev.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void port_add_note(struct port *port, const char *text)
{
	size_t len = strlen(port->info.note);

	if (text[0])
		snprintf(port->info.note + len, sizeof(port->info.note) - len, "%s%s",
				len ? "; " : "", text);
}

/* A vdev's name without its arguments. */
static void copy_device_name(char out[CONFIG_NAME_BYTES], const char *device)
{
	size_t len = strcspn(device, ",");

	snprintf(out, CONFIG_NAME_BYTES, "%.*s",
			(int)(len < CONFIG_NAME_BYTES ? len : CONFIG_NAME_BYTES - 1), device);
}

static void describe(struct port *port)
{
	const struct port_device *device = &port->device;
	struct port_rss_state rss = {
			.spread = device->verdict.spread,
			.hash_functions = device->hash_functions,
			.symmetric = device->symmetric,
			.queues = device->queues,
			.workers = port->workers,
	};
	struct rte_ether_addr mac;

	port_rss_describe(port->info.rss, sizeof(port->info.rss), &rss);
	snprintf(port->info.driver, sizeof(port->info.driver), "%s", device->driver);
	if (rte_eth_macaddr_get(device->id, &mac) == 0)
		snprintf(port->info.mac, sizeof(port->info.mac), "%02x:%02x:%02x:%02x:%02x:%02x",
				RTE_ETHER_ADDR_BYTES(&mac));
	port->info.queues = device->queues;
	port->info.rx_descriptors = device->descriptors;
	port->info.drops_observable = port_driver_observable(device->verdict.class);
}

/* "packages librte-net-..." for a device that no installed driver claims. */
static int explain_no_driver(const struct port *port, char *error, size_t error_bytes)
{
	char package[64];
	const char *why = port_log_cause();

	if (port_driver_package(package, sizeof(package), port->config->device,
			    port_eal_version_number()))
		return port_error_set(error, error_bytes, -ENODEV,
				"port \"%s\" cannot be opened: %s\n"
				"  cure:     check the device string; its driver comes with apt "
				"install %s",
				port->info.name, why[0] ? why : "no driver of DPDK knows it",
				package);
	return port_error_set(error, error_bytes, -ENODEV,
			"port \"%s\" cannot be opened: no driver of DPDK knows \"%s\"\n"
			"  cure:     expected a vdev such as net_null0 or net_pcap0,iface=eth1",
			port->info.name, port->config->device);
}

static int explain_setup(const struct port *port, int rc, char *error, size_t error_bytes)
{
	const char *why = port_log_cause();

	if (rc == -ENOMEM)
		return port_error_set(error, error_bytes, rc,
				"port \"%s\": no memory for %u packet buffers\n"
				"  cure:     fewer rx_descriptors or workers, or more huge pages",
				port->info.name, port->info.buffers);
	return port_error_set(error, error_bytes, rc == -EINVAL ? -EIO : rc,
			"port \"%s\": driver %s cannot set up %u receive queues: %s",
			port->info.name, port->device.driver, port->device.queues,
			why[0] ? why : strerror(-rc));
}

static int open_vdev(struct port *port, char *error, size_t error_bytes)
{
	struct port_plan_input input = port->plan_input;
	struct port_plan plan;

	input.backend = PORT_BACKEND_VDEV;
	copy_device_name(port->info.device, port->config->device);
	int rc = port_device_attach(&port->device, port->config->device);
	if (rc == -EEXIST)
		return port_error_set(error, error_bytes, -EINVAL,
				"ports: the device \"%s\" is listed twice", port->info.device);
	if (rc)
		return explain_no_driver(port, error, error_bytes);
	input.device_queues = port->device.queues_max;
	port_plan_make(&plan, &input);
	port->info.buffers = plan.buffers;
	port->info.numa_node = port_device_node(&port->device);
	rc = port_device_setup(&port->device, &plan, port->config->device, port->config->mtu,
			port->info.numa_node);
	if (rc)
		return explain_setup(port, rc, error, error_bytes);
	port_add_note(port, port->device.verdict.note);
	port_counters_watch_vdev(port);
	return 0;
}

static int open_pci(struct port *port, char *error, size_t error_bytes)
{
	struct port_plan_input input = port->plan_input;
	struct port_plan plan;
	struct port_pci pci;

	input.backend = PORT_BACKEND_PCI;
	int rc = port_pci_check(
			&pci, "", port->config->device, port->config->force, error, error_bytes);
	if (rc)
		return rc;
	snprintf(port->info.device, sizeof(port->info.device), "%s", pci.address);
	if (port->config->name[0] == '\0')
		snprintf(port->info.name, sizeof(port->info.name), "%s", pci.address);
	rc = port_device_attach(&port->device, pci.address);
	if (rc == -EEXIST)
		return port_error_set(error, error_bytes, -EINVAL,
				"ports: the device \"%s\" is listed twice", pci.address);
	if (rc) {
		const char *packages = port_driver_packages_of_vendor(pci.vendor);
		return port_error_set(error, error_bytes,
				rc == -EACCES || rc == -EPERM ? rc : -ENODEV,
				"port \"%s\" (%04x:%04x): no driver of DPDK took it%s%s\n"
				"  cure:     apt install %s; read access to /dev/vfio",
				pci.address, pci.vendor, pci.device,
				port_log_cause()[0] ? ": " : "", port_log_cause(),
				packages ? packages : "the librte-net-* package of this NIC");
	}
	input.device_queues = port->device.queues_max;
	port_plan_make(&plan, &input);
	port->info.buffers = plan.buffers;
	port->info.numa_node = port_device_node(&port->device);
	rc = port_device_setup(&port->device, &plan, "", port->config->mtu, port->info.numa_node);
	if (rc)
		return explain_setup(port, rc, error, error_bytes);
	port_add_note(port, port->device.verdict.note);
	return 0;
}

static int open_kind(struct port *port, char *error, size_t error_bytes)
{
	switch (port->config->kind) {
	case CONFIG_PORT_INTERFACE:
		return port_kernel_open(port, error, error_bytes);
	case CONFIG_PORT_PCI:
		return open_pci(port, error, error_bytes);
	case CONFIG_PORT_VDEV:
		return open_vdev(port, error, error_bytes);
	}
	return -EINVAL;
}

int port_open(struct port **out, const struct port_setup *setup, char *error, size_t error_bytes)
{
	struct port *port = calloc(1, sizeof(*port));

	*out = NULL;
	if (!port)
		return port_error_set(error, error_bytes, -ENOMEM, "no memory for a port");
	port->config = setup->config;
	port->index = setup->index;
	port->workers = setup->workers;
	port->plan_input = (struct port_plan_input){
			.config = setup->config,
			.workers = setup->workers,
			.burst = setup->burst,
	};
	port->socket_fd = -1;
	port->promiscuous_fd = -1;
	port->info.numa_node = -1;
	if (setup->config->name[0])
		snprintf(port->info.name, sizeof(port->info.name), "%s", setup->config->name);
	else
		copy_device_name(port->info.name, setup->config->device);

	port_log_capture_begin();
	int rc = open_kind(port, error, error_bytes);
	port_log_capture_end();
	if (rc) {
		port_close(port);
		return rc;
	}
	describe(port);
	*out = port;
	return 0;
}

/* Asks the driver; a kernel interface has its own way, in port_kernel.c. */
static void set_promiscuous(struct port *port)
{
	int rc = rte_eth_promiscuous_enable(port->device.id);

	port->info.promiscuous = rc == 0;
	if (rc && rc != -ENOTSUP)
		port_log_say(BASE_LOG_WARNING, "port %s cannot be made promiscuous: %s",
				port->info.name, strerror(-rc));
}

int port_start(struct port *port, char *error, size_t error_bytes)
{
	port_counters_begin(port);
	port_log_capture_begin();
	int rc = port_device_start(&port->device);
	if (!rc && port->kernel)
		port_kernel_start(port);
	else if (!rc && port->config->promiscuous)
		set_promiscuous(port);
	port_log_capture_end();
	if (rc)
		return port_error_set(error, error_bytes, rc == -EINVAL ? -EIO : rc,
				"port \"%s\": driver %s does not start: %s", port->info.name,
				port->device.driver,
				port_log_cause()[0] ? port_log_cause() : strerror(-rc));
	describe(port);
	return 0;
}

void port_close(struct port *port)
{
	if (!port)
		return;
	port_log_capture_begin();
	port_device_detach(&port->device);
	if (port->kernel)
		port_kernel_close(port);
	port_log_capture_end();
	if (port->promiscuous_fd >= 0)
		close(port->promiscuous_fd);
	if (port->socket_fd >= 0)
		close(port->socket_fd);
	free(port);
}

const struct port_info *port_get_info(const struct port *port)
{
	return &port->info;
}

uint32_t port_get_index(const struct port *port)
{
	return port->index;
}

uint16_t port_get_id(const struct port *port)
{
	return port->device.id;
}

bool port_is_lost(const struct port *port)
{
	return atomic_load_explicit(&port->lost, memory_order_relaxed);
}
