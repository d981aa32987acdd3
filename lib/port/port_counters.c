/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_counters.h"

#include "base_log.h"
#include "port_netdev.h"
#include "port_private.h"

#include <rte_ethdev.h>

#include <errno.h>
#include <string.h>

static const enum stats_port_index counters[] = {
		STATS_port_received_packets,
		STATS_port_received_octets,
		STATS_port_missed_packets,
		STATS_port_error_packets,
		STATS_port_no_buffer_events,
};

void port_counters_fold(uint64_t values[STATS_PORT_COUNT], const struct port_raw *raw,
		const struct port_verdict *verdict)
{
	values[STATS_port_received_packets] = raw->packets;
	values[STATS_port_received_octets] = raw->octets;
	values[STATS_port_missed_packets] = raw->missed + raw->ring_full
			+ (verdict->no_buffer_is_loss ? raw->no_buffer : 0)
			+ (verdict->class == PORT_CLASS_KERNEL ? raw->tx_dropped : 0);
	values[STATS_port_error_packets] = raw->errors;
	values[STATS_port_no_buffer_events] = raw->no_buffer;
}

uint64_t port_counters_since(uint64_t now, uint64_t *baseline, uint64_t last)
{
	if (now < *baseline)
		*baseline = 0;
	uint64_t since = now - *baseline;
	return since > last ? since : last;
}

/* 0, or -errno when the driver cannot be asked. */
static int read_raw(const struct port *port, struct port_raw *raw)
{
	struct rte_eth_stats stats;
	int rc = rte_eth_stats_get(port->device.id, &stats);

	if (rc)
		return rc;
	*raw = (struct port_raw){
			.packets = stats.ipackets,
			.octets = stats.ibytes,
			.missed = stats.imissed,
			.errors = stats.ierrors,
			.no_buffer = stats.rx_nombuf,
			.ring_full = port_xdp_ring_full(&port->sockets),
	};
	if (port->device.verdict.class == PORT_CLASS_KERNEL)
		rc = port_netdev_tx_dropped(port->interface.index, &raw->tx_dropped);
	return rc;
}

void port_counters_watch_vdev(struct port *port)
{
	struct rte_eth_dev_info info;

	if (port->device.verdict.class != PORT_CLASS_KERNEL)
		return;
	/* Without its interface a tap is as blind as any. */
	if (rte_eth_dev_info_get(port->device.id, &info) != 0 || info.if_index == 0) {
		port->device.verdict.class = PORT_CLASS_BLIND;
		return;
	}
	port->socket_fd = port_netdev_socket();
	port->interface.index = (int)info.if_index;
	port->watched = port->socket_fd >= 0;
}

void port_counters_begin(struct port *port)
{
	struct port_raw raw;

	/* Before the start: a NIC counts from the first packet on, maybe before anybody asks it. */
	if (read_raw(port, &raw) == 0)
		port_counters_fold(port->baseline, &raw, &port->device.verdict);
}

static bool read_link(struct port *port)
{
	struct rte_eth_link link;
	bool running = false;

	if (!port->watched)
		return rte_eth_link_get_nowait(port->device.id, &link) == 0
				&& link.link_status == RTE_ETH_LINK_UP;
	/* Drivers on top of a kernel interface say "up" even when it is deleted. */
	if (port_netdev_running(port->socket_fd, port->interface.index, &running) == -ENODEV
			&& !atomic_exchange_explicit(&port->lost, true, memory_order_relaxed))
		base_log_error("port %s: its interface has gone and is not polled any more; cure: "
			       "restart weir when it is back",
				port->info.name);
	return running;
}

void port_read(void *arg, uint64_t values[STATS_PORT_COUNT])
{
	struct port *port = arg;
	uint64_t now[STATS_PORT_COUNT];
	struct port_raw raw;

	bool up = !port_is_lost(port) && read_link(port);
	if (read_raw(port, &raw) == 0) {
		port_counters_fold(now, &raw, &port->device.verdict);
		/* The driver of a deleted interface counts failed polls as errors. */
		if (port_is_lost(port))
			now[STATS_port_error_packets] = 0;
		for (size_t i = 0; i < RTE_DIM(counters); i++) {
			enum stats_port_index c = counters[i];
			port->last[c] = port_counters_since(
					now[c], &port->baseline[c], port->last[c]);
		}
	}
	port->last[STATS_port_link_up] = up;
	port->last[STATS_port_drops_observable] = port->info.drops_observable;
	memcpy(values, port->last, sizeof(port->last));
}

uint32_t port_speed(void *arg)
{
	struct port *port = arg;
	struct rte_eth_link link;

	if (port_is_lost(port))
		return 0;
	if (port->kernel)
		return port_netdev_speed(port->socket_fd, port->interface.name);
	if (rte_eth_link_get_nowait(port->device.id, &link) != 0
			|| link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		return 0;
	return link.link_speed;
}
