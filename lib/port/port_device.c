/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_device.h"

#include "port_eal.h"
#include "port_log.h"
#include "port_rss.h"

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TX_DESCRIPTORS 256
#define ETHERNET_OVERHEAD 18 /* header and checksum, which rte_eth_rxmode.mtu leaves out */

/* Ports of DPDK that one of ours has. Main thread. */
static bool taken[RTE_MAX_ETHPORTS];

/* By DPDK's name of the port, or of the device that stands behind it (mlx4 names its ports). */
static int find_port(const char *name, uint16_t *id)
{
	struct rte_eth_dev_info info;
	uint16_t port;

	if (rte_eth_dev_get_port_by_name(name, id) == 0)
		return 0;
	RTE_ETH_FOREACH_DEV (port) {
		if (rte_eth_dev_info_get(port, &info) == 0 && info.device
				&& strcmp(rte_dev_name(info.device), name) == 0) {
			*id = port;
			return 0;
		}
	}
	return -ENODEV;
}

int port_device_attach(struct port_device *device, const char *arguments)
{
	struct rte_eth_dev_info info;

	*device = (struct port_device){.attached = false};
	snprintf(device->name, sizeof(device->name), "%.*s", (int)strcspn(arguments, ","),
			arguments);
	if (find_port(device->name, &device->id) != 0) {
		int rc = rte_dev_probe(arguments);
		if (rc)
			return rc < 0 ? rc : -ENODEV;
		device->probed = true;
		if (find_port(device->name, &device->id) != 0)
			return -ENODEV;
	}
	if (taken[device->id])
		return -EEXIST;
	int rc = rte_eth_dev_info_get(device->id, &info);
	if (rc)
		return rc;
	device->attached = true;
	taken[device->id] = true;
	device->device = info.device;
	snprintf(device->driver, sizeof(device->driver), "%s",
			info.driver_name ? info.driver_name : "unknown");
	device->queues_max = info.max_rx_queues;
	return 0;
}

int port_device_node(const struct port_device *device)
{
	int node = rte_eth_dev_socket_id(device->id);

	return node < 0 ? -1 : node;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Fills the receive side of *conf; the key lies in the caller's `key`. */
static void choose_rss(struct port_device *device, struct rte_eth_conf *conf,
		const struct rte_eth_dev_info *info, uint8_t key[PORT_RSS_KEY_MAX])
{
	uint64_t functions = port_rss_choose(info->flow_type_rss_offloads);

	device->hash_functions = 0;
	device->symmetric = false;
	if (device->queues < 2 || functions == 0)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = functions;
	if (info->hash_key_size > 0 && info->hash_key_size <= PORT_RSS_KEY_MAX) {
		port_rss_make_key(key, info->hash_key_size);
		conf->rx_adv_conf.rss_conf.rss_key = key;
		conf->rx_adv_conf.rss_conf.rss_key_len = info->hash_key_size;
		device->symmetric = true;
	}
	device->hash_functions = functions;
}

/* Tries with hashing; a driver that refuses it gets one queue. */
static int configure(struct port_device *device, const struct port_plan *plan,
		const struct rte_eth_dev_info *info, uint32_t mtu)
{
	struct rte_eth_conf conf = {.rxmode = {.mq_mode = RTE_ETH_MQ_RX_NONE}};
	uint8_t key[PORT_RSS_KEY_MAX];
	uint16_t tx_queues;

	if (mtu > ETHERNET_OVERHEAD && plan->backend == PORT_BACKEND_PCI) {
		conf.rxmode.mtu = mtu - ETHERNET_OVERHEAD;
		if (mtu + RTE_PKTMBUF_HEADROOM > plan->data_room)
			conf.rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	}
	choose_rss(device, &conf, info, key);
	/* Nothing is sent, but AF_XDP and tap want their queues in pairs. */
	tx_queues = (uint16_t)min_u32(device->queues, info->max_tx_queues);
	int rc = rte_eth_dev_configure(device->id, (uint16_t)device->queues, tx_queues, &conf);
	if (rc == 0 || device->hash_functions == 0)
		return rc;
	port_log_say(BASE_LOG_NOTICE, "driver %s refuses to hash over %u queues (%s): it gets one",
			device->driver, device->queues, strerror(-rc));
	device->queues = 1;
	device->hash_functions = 0;
	device->symmetric = false;
	memset(&conf.rx_adv_conf, 0, sizeof(conf.rx_adv_conf));
	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
	tx_queues = (uint16_t)min_u32(1, info->max_tx_queues);
	return rte_eth_dev_configure(device->id, 1, tx_queues, &conf);
}

/* What the driver really hashes now, if it tells. */
static void read_back_hash(struct port_device *device)
{
	struct rte_eth_rss_conf now = {.rss_key = NULL};

	if (device->hash_functions && rte_eth_dev_rss_hash_conf_get(device->id, &now) == 0
			&& now.rss_hf)
		device->hash_functions = now.rss_hf;
}

static int make_pool(struct port_device *device, const struct port_plan *plan, int numa_node)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "weir_port%u", device->id);
	device->pool = rte_pktmbuf_pool_create(
			name, plan->buffers, plan->cache, 0, (uint16_t)plan->data_room, numa_node);
	if (!device->pool && numa_node >= 0) {
		port_log_say(BASE_LOG_WARNING,
				"no memory for packet buffers on NUMA node %d: taking any node's",
				numa_node);
		device->pool = rte_pktmbuf_pool_create(name, plan->buffers, plan->cache, 0,
				(uint16_t)plan->data_room, SOCKET_ID_ANY);
	}
	if (!device->pool)
		return -ENOMEM;
	/* The driver maps the first piece and takes it for the whole. */
	if (plan->backend == PORT_BACKEND_AF_XDP && device->pool->nb_mem_chunks != 1)
		return -ENOMEM;
	return 0;
}

static int setup_queues(struct port_device *device, const struct rte_eth_dev_info *info, int node)
{
	uint16_t rx = (uint16_t)min_u32(device->descriptors, UINT16_MAX);
	uint16_t tx = TX_DESCRIPTORS;
	unsigned int socket_id = node < 0 ? (unsigned int)SOCKET_ID_ANY : (unsigned int)node;
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(device->id, &rx, &tx);

	device->descriptors = rx;
	for (uint16_t q = 0; q < device->queues && !rc; q++)
		rc = rte_eth_rx_queue_setup(device->id, q, rx, socket_id, NULL, device->pool);
	uint32_t tx_queues = min_u32(device->queues, info->max_tx_queues);
	for (uint16_t q = 0; q < tx_queues && !rc; q++)
		rc = rte_eth_tx_queue_setup(device->id, q, tx, socket_id, NULL);
	return rc;
}

int port_device_setup(struct port_device *device, const struct port_plan *plan,
		const char *arguments, uint32_t mtu, int numa_node)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(device->id, &info);

	if (rc)
		return rc;
	device->queues = min_u32(plan->queues, info.max_rx_queues);
	device->descriptors = plan->descriptors;
	rc = configure(device, plan, &info, mtu);
	if (!rc)
		rc = make_pool(device, plan, numa_node);
	if (!rc)
		rc = setup_queues(device, &info, numa_node);
	if (rc)
		return rc;
	port_driver_judge(&device->verdict, device->driver, arguments, device->descriptors,
			port_eal_version_number());
	return 0;
}

/* Some devices have fewer than they took without a word. */
static void read_back_descriptors(struct port_device *device)
{
	struct rte_eth_rxq_info queue;

	if (rte_eth_rx_queue_info_get(device->id, 0, &queue) == 0 && queue.nb_desc > 0)
		device->descriptors = queue.nb_desc;
}

int port_device_start(struct port_device *device)
{
	int rc = rte_eth_dev_start(device->id);

	if (rc)
		return rc;
	device->started = true;
	read_back_hash(device);
	read_back_descriptors(device);
	return 0;
}

void port_device_detach(struct port_device *device)
{
	if (device->started && rte_eth_dev_stop(device->id) != 0)
		port_log_say(BASE_LOG_WARNING, "driver %s does not stop", device->driver);
	device->started = false;
	if (device->attached) {
		taken[device->id] = false;
		rte_eth_dev_close(device->id);
		/* A virtual device stays behind in the bus, with its name taken, until it is
		 * removed. */
		if (device->probed && device->device && rte_dev_is_probed(device->device))
			rte_dev_remove(device->device);
	}
	rte_mempool_free(device->pool);
	*device = (struct port_device){.attached = false};
}
