/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports on kernel interfaces: one end of a veth pair, v0, is the port; frames are sent into the
 * other, v1. Each case has a network namespace of its own. Needs root.
 */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H

#include "eal_port.h"
#include "port_netdev.h"
#include "source_port.h"

#include <check.h>

#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ETHERTYPE_LOCAL 0x88b5 /* for experiments, IEEE 802: nobody answers */

/* For cases that run once a driver. */
static const enum config_driver drivers[] = {CONFIG_DRIVER_AF_XDP, CONFIG_DRIVER_AF_PACKET};

static struct source_burst burst;

static inline void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void run(const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	ck_assert_msg(system(command) == 0, "%s", command);
}

static inline void make_pair(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	/* The kernel's own neighbour discovery would be counted too. */
	run("for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done");
	run("ip link add v0 type veth peer name v1");
	run("ip link set v0 up; ip link set v1 up");
}

static inline struct config_port *configure(enum config_driver driver)
{
	struct config_port *config = eal_configure(CONFIG_PORT_INTERFACE, "v0");

	config->driver = driver;
	return config;
}

static inline struct port_interface look_at(const char *name)
{
	struct port_interface interface;
	int fd = port_netdev_socket();

	ck_assert_int_eq(port_netdev_query(&interface, fd, name), 0);
	close(fd);
	return interface;
}

/* Sends `count` frames of `bytes` into `name`; what the interface itself dropped does not count. */
static inline uint64_t send_frames(const char *name, uint32_t count, uint32_t bytes)
{
	unsigned char frame[2000] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ETHERTYPE_LOCAL >> 8,
			ETHERTYPE_LOCAL & 0xff};
	int index = (int)if_nametoindex(name), fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = index};
	uint64_t sent = 0, before = 0, after = 0;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(port_netdev_tx_dropped(index, &before), 0);
	for (uint32_t i = 0; i < count; i++)
		if (sendto(fd, frame, bytes, 0, (struct sockaddr *)&to, sizeof(to)) > 0)
			sent++;
	ck_assert_int_eq(port_netdev_tx_dropped(index, &after), 0);
	close(fd);
	return sent - (after - before);
}

/* Polls all queues until nothing came for 50 ms; returns packets, and adds octets. */
static inline uint64_t drain(struct port *port, uint64_t *octets)
{
	uint64_t packets = 0;
	struct timespec pause = {.tv_nsec = 1000000};

	for (uint32_t q = 0; q < port_get_info(port)->queues; q++) {
		struct source *source;
		ck_assert_int_eq(source_port_create(&source, port, q), 0);
		for (int idle = 0; idle < 50;) {
			source_receive(source, &burst, 64);
			for (uint32_t i = 0; i < burst.count; i++)
				*octets += burst.packets[i].wire_bytes;
			packets += burst.count;
			idle = burst.count ? 0 : idle + 1;
			source_release(source, &burst);
			if (idle)
				nanosleep(&pause, NULL);
		}
		source_destroy(source);
	}
	return packets;
}

static inline struct port *start(uint32_t workers)
{
	eal_start(workers);
	return eal_must_open(0, workers);
}

static inline void end(struct port *port)
{
	port_close(port);
	port_eal_fini();
}

static inline uint64_t value(struct port *port, enum stats_port_index index)
{
	uint64_t values[STATS_PORT_COUNT];

	port_read(port, values);
	return values[index];
}

#endif
