/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_netdev.h"

#include "port_sysfs.h"
#include "port_xdp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_BYTES 32768

int port_netdev_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static struct ifreq request_for(const char *name)
{
	struct ifreq request = {.ifr_flags = 0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return request;
}

static int ask_ethtool(int socket_fd, const char *name, void *command)
{
	struct ifreq request = request_for(name);

	request.ifr_data = command;
	return ioctl(socket_fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* A question with one number for answer: GRO, GSO, TSO, flags. 0 when the driver has no answer. */
static uint32_t ask_value(int socket_fd, const char *name, uint32_t command)
{
	struct ethtool_value value = {.cmd = command};

	return ask_ethtool(socket_fd, name, &value) == 0 ? value.data : 0;
}

static unsigned int query_offloads(int socket_fd, const char *name)
{
	uint32_t flags = ask_value(socket_fd, name, ETHTOOL_GFLAGS);
	unsigned int on = 0;

	on |= ask_value(socket_fd, name, ETHTOOL_GGRO) ? PORT_OFFLOAD_GRO : 0;
	on |= ask_value(socket_fd, name, ETHTOOL_GTSO) ? PORT_OFFLOAD_TSO : 0;
	on |= ask_value(socket_fd, name, ETHTOOL_GGSO) ? PORT_OFFLOAD_GSO : 0;
	on |= flags & ETH_FLAG_LRO ? PORT_OFFLOAD_LRO : 0;
	on |= flags & ETH_FLAG_RXVLAN ? PORT_OFFLOAD_RXVLAN : 0;
	return on;
}

static void query_queues(struct port_interface *interface, int socket_fd)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	interface->rx_queues = 1;
	if (ask_ethtool(socket_fd, interface->name, &channels) != 0)
		return;
	uint32_t combined = channels.max_combined ? channels.combined_count : 0;
	if (combined + channels.rx_count == 0)
		return;
	interface->combined_queues = combined;
	interface->rx_queues = combined + channels.rx_count;
}

/* An IPv6 link-local address comes by itself and says nothing about use. */
static bool query_address(const char *name)
{
	struct ifaddrs *list;
	bool found = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (const struct ifaddrs *a = list; a && !found; a = a->ifa_next) {
		if (!a->ifa_addr || strcmp(a->ifa_name, name) != 0)
			continue;
		if (a->ifa_addr->sa_family == AF_INET)
			found = true;
		if (a->ifa_addr->sa_family == AF_INET6) {
			struct sockaddr_in6 address;
			memcpy(&address, a->ifa_addr, sizeof(address));
			found = !IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr);
		}
	}
	freeifaddrs(list);
	return found;
}

/* Asks for one link by index; returns the octets of the answer in `answer`, or -errno. */
static ssize_t ask_link(int index, struct nlmsghdr *answer)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} question = {
			.header = {.nlmsg_len = sizeof(question),
					.nlmsg_type = RTM_GETLINK,
					.nlmsg_flags = NLM_F_REQUEST},
			.info = {.ifi_index = index},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	ssize_t len = send(fd, &question, sizeof(question), 0);
	if (len >= 0)
		len = recv(fd, answer, ANSWER_BYTES, 0);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len >= 0 && (!NLMSG_OK(answer, (size_t)len) || answer->nlmsg_type != RTM_NEWLINK))
		len = -ENODEV;
	return len;
}

/* The attribute of this type in the answer of ask_link(); NULL when there is none. */
static struct rtattr *find_attribute(struct nlmsghdr *answer, unsigned short type)
{
	struct rtattr *attribute = IFLA_RTA(NLMSG_DATA(answer));
	size_t left = IFLA_PAYLOAD(answer);

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if ((attribute->rta_type & NLA_TYPE_MASK) == type)
			return attribute;
	return NULL;
}

static void query_link(struct port_interface *interface)
{
	_Alignas(struct nlmsghdr) char buffer[ANSWER_BYTES];
	struct nlmsghdr *answer = (struct nlmsghdr *)buffer;

	if (ask_link(interface->index, answer) < 0)
		return;
	interface->enslaved = find_attribute(answer, IFLA_MASTER) != NULL;
	struct rtattr *xdp = find_attribute(answer, IFLA_XDP);
	if (!xdp)
		return;
	struct rtattr *inner = RTA_DATA(xdp);
	size_t left = RTA_PAYLOAD(xdp);
	for (; RTA_OK(inner, left); inner = RTA_NEXT(inner, left))
		if (inner->rta_type == IFLA_XDP_PROG_ID)
			memcpy(&interface->xdp_program, RTA_DATA(inner), sizeof(uint32_t));
	if (interface->xdp_program)
		port_xdp_program_name(interface->xdp_program, interface->xdp_name);
}

static int query_node(const struct port_interface *interface)
{
	int64_t index, node;

	/* /sys can be mounted for another network namespace: only believe it for the same device.
	 */
	if (port_sysfs_number("", &index, "/sys/class/net/%s/ifindex", interface->name) != 0
			|| index != interface->index
			|| port_sysfs_number("", &node, "/sys/class/net/%s/device/numa_node",
					   interface->name)
					!= 0)
		return -1;
	return node < 0 ? -1 : (int)node;
}

int port_netdev_query(struct port_interface *interface, int socket_fd, const char *name)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = request_for(name);

	*interface = (struct port_interface){.numa_node = -1};
	if (strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	if (ioctl(socket_fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	interface->index = request.ifr_ifindex;
	if (ioctl(socket_fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	interface->up = request.ifr_flags & IFF_UP;
	interface->running = request.ifr_flags & IFF_RUNNING;
	interface->promiscuous = request.ifr_flags & IFF_PROMISC;
	interface->loopback = request.ifr_flags & IFF_LOOPBACK;
	if (ioctl(socket_fd, SIOCGIFMTU, &request) < 0)
		return -errno;
	interface->mtu = (uint32_t)request.ifr_mtu;
	if (ioctl(socket_fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	const unsigned char *mac = (const unsigned char *)request.ifr_hwaddr.sa_data;
	snprintf(interface->mac, sizeof(interface->mac), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
			mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (ask_ethtool(socket_fd, name, &driver) == 0)
		snprintf(interface->driver, sizeof(interface->driver), "%s", driver.driver);
	query_queues(interface, socket_fd);
	interface->offloads = query_offloads(socket_fd, name);
	interface->has_address = query_address(name);
	query_link(interface);
	interface->numa_node = query_node(interface);
	return 0;
}

static bool set_flag(int socket_fd, const char *name, uint32_t flag, bool on)
{
	uint32_t flags = ask_value(socket_fd, name, ETHTOOL_GFLAGS);
	struct ethtool_value value = {
			.cmd = ETHTOOL_SFLAGS, .data = on ? flags | flag : flags & ~flag};

	return value.data != flags && ask_ethtool(socket_fd, name, &value) == 0
			&& ask_value(socket_fd, name, ETHTOOL_GFLAGS) == value.data;
}

unsigned int port_netdev_set_offloads(int socket_fd, const char *name, unsigned int set, bool on)
{
	unsigned int changed = 0;

	if (set & PORT_OFFLOAD_GRO) {
		struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = on};
		if (ask_ethtool(socket_fd, name, &value) == 0
				&& (ask_value(socket_fd, name, ETHTOOL_GGRO) != 0) == on)
			changed |= PORT_OFFLOAD_GRO;
	}
	if ((set & PORT_OFFLOAD_LRO) && set_flag(socket_fd, name, ETH_FLAG_LRO, on))
		changed |= PORT_OFFLOAD_LRO;
	if ((set & PORT_OFFLOAD_RXVLAN) && set_flag(socket_fd, name, ETH_FLAG_RXVLAN, on))
		changed |= PORT_OFFLOAD_RXVLAN;
	return changed;
}

int port_netdev_running(int socket_fd, int index, bool *running)
{
	struct ifreq request = {.ifr_ifindex = index};

	if (ioctl(socket_fd, SIOCGIFNAME, &request) < 0
			|| ioctl(socket_fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	*running = (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	return 0;
}

uint32_t port_netdev_speed(int socket_fd, const char *name)
{
	struct ethtool_cmd command = {.cmd = ETHTOOL_GSET};

	if (ask_ethtool(socket_fd, name, &command) != 0)
		return 0;
	uint32_t speed = ethtool_cmd_speed(&command);
	return speed == (uint32_t)SPEED_UNKNOWN || speed == UINT16_MAX ? 0 : speed;
}

int port_netdev_set_promiscuous(int socket_fd, const char *name, bool on)
{
	struct ifreq request = request_for(name);

	if (ioctl(socket_fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	if (on)
		request.ifr_flags |= IFF_PROMISC;
	else
		request.ifr_flags &= (short)~IFF_PROMISC;
	return ioctl(socket_fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

int port_netdev_hold_promiscuous(int index)
{
	struct packet_mreq membership = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
	/* Protocol 0: the socket itself receives nothing. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership))
			< 0) {
		int rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int port_netdev_tx_dropped(int index, uint64_t *value)
{
	_Alignas(struct nlmsghdr) char buffer[ANSWER_BYTES];
	struct nlmsghdr *answer = (struct nlmsghdr *)buffer;
	struct rtnl_link_stats64 stats;

	ssize_t len = ask_link(index, answer);
	if (len < 0)
		return (int)len;
	struct rtattr *attribute = find_attribute(answer, IFLA_STATS64);
	if (!attribute || RTA_PAYLOAD(attribute) < offsetof(struct rtnl_link_stats64, multicast))
		return -ENOENT;
	memcpy(&stats, RTA_DATA(attribute),
			RTA_PAYLOAD(attribute) < sizeof(stats) ? RTA_PAYLOAD(attribute)
							       : sizeof(stats));
	*value = stats.tx_dropped;
	return 0;
}
