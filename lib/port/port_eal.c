/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_eal.h"

#include "base_log.h"
#include "port_driver.h"
#include "port_eal_args.h"
#include "port_error.h"
#include "port_log.h"
#include "port_netdev.h"
#include "port_pci.h"
#include "port_plan.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_version.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Main thread. */
static struct {
	bool running;
	struct port_eal_args args;
	char runtime_dir[256];
} eal;

const char *port_eal_version(void)
{
	/* "DPDK 22.11.11" */
	const char *space = strchr(rte_version(), ' ');

	return space ? space + 1 : rte_version();
}

uint32_t port_eal_version_number(void)
{
	unsigned int year = 0, month = 0;

	sscanf(port_eal_version(), "%u.%u", &year, &month);
	return PORT_DRIVER_VERSION(year, month);
}

static void add_need(struct port_eal_need *need, uint64_t bytes, int node)
{
	if (node >= 0 && node < PORT_EAL_NODES_MAX)
		need->node_bytes[node] += bytes;
	else
		need->any_bytes += bytes;
}

/* The larger of what AF_XDP and AF_PACKET would take: which one it will be is not known yet. */
static uint64_t need_of_interface(struct port_plan_input *input, int *node)
{
	struct port_interface interface;
	struct port_plan xdp, packet;
	int fd = port_netdev_socket();

	input->device_queues = 1;
	if (fd >= 0 && port_netdev_query(&interface, fd, input->config->device) == 0) {
		input->device_queues = port_interface_xdp_queues(&interface);
		input->frame_bytes = port_interface_frame_bytes(&interface);
		*node = interface.numa_node;
	}
	if (fd >= 0)
		close(fd);
	input->backend = PORT_BACKEND_AF_XDP;
	port_plan_make(&xdp, input);
	input->backend = PORT_BACKEND_AF_PACKET;
	input->device_queues = 0;
	port_plan_make(&packet, input);
	return xdp.pool_bytes > packet.pool_bytes ? xdp.pool_bytes : packet.pool_bytes;
}

/* Also looks at PCI devices: EAL probes them at start, and says nothing useful when it cannot. */
static int sum_need(struct port_eal_need *need, const struct config *config, uint32_t workers,
		char *error, size_t error_bytes)
{
	*need = (struct port_eal_need){.any_bytes = 0};
	for (size_t i = 0; i < config->port_count; i++) {
		struct port_plan_input input = {
				.config = &config->ports[i],
				.workers = workers,
				.burst = config->workers.burst,
		};
		struct port_plan plan;
		struct port_pci pci;
		int node = -1;

		if (input.config->kind == CONFIG_PORT_INTERFACE) {
			uint64_t bytes = need_of_interface(&input, &node);
			add_need(need, bytes, node);
			continue;
		}
		input.backend = PORT_BACKEND_VDEV;
		if (input.config->kind == CONFIG_PORT_PCI) {
			int rc = port_pci_check(&pci, "", input.config->device, input.config->force,
					error, error_bytes);
			if (rc)
				return rc;
			input.backend = PORT_BACKEND_PCI;
			node = pci.numa_node;
		}
		port_plan_make(&plan, &input);
		add_need(need, plan.pool_bytes, node);
	}
	return 0;
}

/* EAL's own words for why, and which kind of failure it is. */
static int explain_failure(int eal_errno, char *error, size_t error_bytes)
{
	const char *why = port_log_cause();
	int rc = -EIO;

	if (eal_errno == ENOMEM)
		rc = -ENOMEM;
	else if (eal_errno == EACCES || eal_errno == EPERM)
		rc = -EPERM;
	else if (eal_errno == EINVAL)
		rc = -EINVAL;
	return port_error_set(error, error_bytes, rc,
			"DPDK %s does not start: %s\n"
			"  see it:   the same command with log.level: debug",
			port_eal_version(), why[0] ? why : rte_strerror(eal_errno));
}

static void log_arguments(void)
{
	char line[1024] = "";
	size_t len = 0;

	for (int i = 1; i < eal.args.argc && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s", eal.args.argv[i]);
	base_log_debug("starting DPDK %s:%s", port_eal_version(), line);
}

int port_eal_init(const struct config *config, uint32_t workers, char *error, size_t error_bytes)
{
	struct port_eal_facts facts;
	struct port_eal_need need;
	cpu_set_t affinity;

	port_eal_facts_read(&facts, "");
	int rc = sum_need(&need, config, workers, error, error_bytes);
	if (!rc)
		rc = port_eal_args_make(&eal.args, config, &facts, &need, error, error_bytes);
	if (rc)
		return rc;
	log_arguments();
	rc = port_log_open();
	if (rc)
		return port_error_set(error, error_bytes, rc, "no memory for DPDK's log");

	/* EAL ties the calling thread to its lcore, and permutes argv. */
	bool restore = pthread_getaffinity_np(pthread_self(), sizeof(affinity), &affinity) == 0;
	char *argv[PORT_EAL_ARGS_MAX + 1];
	memcpy(argv, eal.args.argv, sizeof(argv));
	port_log_capture_begin();
	rte_errno = 0;
	int used = rte_eal_init(eal.args.argc, argv);
	int eal_errno = rte_errno;
	port_log_capture_end();
	if (restore)
		pthread_setaffinity_np(pthread_self(), sizeof(affinity), &affinity);
	if (used < 0) {
		rc = explain_failure(eal_errno, error, error_bytes);
		port_log_close();
		return rc;
	}
	eal.running = true;
	snprintf(eal.runtime_dir, sizeof(eal.runtime_dir), "%s", rte_eal_get_runtime_dir());
	return 0;
}

void port_eal_fini(void)
{
	if (!eal.running)
		return;
	port_log_capture_begin();
	rte_eal_cleanup();
	port_log_capture_end();
	port_log_close();
	/* Named after this process; EAL empties it but leaves it. */
	rmdir(eal.runtime_dir);
	eal.running = false;
}

bool port_eal_uses_huge_pages(void)
{
	return eal.args.huge_pages;
}

const char *port_eal_memory_note(void)
{
	return eal.args.note;
}
