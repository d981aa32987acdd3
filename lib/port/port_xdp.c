/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_xdp.h"

#include "port_sysfs.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long call_bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

void port_xdp_program_name(uint32_t id, char name[16])
{
	union bpf_attr attributes;
	struct bpf_prog_info info;

	name[0] = '\0';
	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_id = id;
	int fd = (int)call_bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
	if (fd < 0)
		return;
	memset(&attributes, 0, sizeof(attributes));
	memset(&info, 0, sizeof(info));
	attributes.info.bpf_fd = (uint32_t)fd;
	attributes.info.info_len = sizeof(info);
	attributes.info.info = (uintptr_t)&info;
	if (call_bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) == 0) {
		memcpy(name, info.name, 15);
		name[15] = '\0';
	}
	close(fd);
}

int port_xdp_detach(int index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct rtattr xdp;
		struct rtattr fd_attribute;
		int32_t fd;
	} question = {
			.header = {.nlmsg_len = sizeof(question),
					.nlmsg_type = RTM_SETLINK,
					.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
			.info = {.ifi_index = index},
			.xdp = {.rta_type = IFLA_XDP | NLA_F_NESTED,
					.rta_len = 2 * sizeof(struct rtattr) + sizeof(int32_t)},
			.fd_attribute = {.rta_type = IFLA_XDP_FD,
					.rta_len = sizeof(struct rtattr) + sizeof(int32_t)},
			.fd = -1,
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char more[512];
	} answer = {.error = {.error = -EPROTO}};

	int socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (socket_fd < 0)
		return -errno;
	ssize_t len = send(socket_fd, &question, sizeof(question), 0);
	if (len >= 0)
		len = recv(socket_fd, &answer, sizeof(answer), 0);
	int rc = len < 0 ? -errno : answer.error.error;
	close(socket_fd);
	return rc;
}

static bool collect_socket(void *arg, const char *name)
{
	struct port_xdp_sockets *sockets = arg;
	int fd = atoi(name), domain = 0;
	socklen_t len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_XDP)
		sockets->fds[sockets->count++] = fd;
	return sockets->count < PORT_XDP_SOCKETS_MAX;
}

void port_xdp_list_sockets(struct port_xdp_sockets *sockets)
{
	sockets->count = 0;
	port_sysfs_each("", "/proc/self/fd", collect_socket, sockets);
}

static bool contains(const struct port_xdp_sockets *sockets, int fd)
{
	for (uint32_t i = 0; i < sockets->count; i++)
		if (sockets->fds[i] == fd)
			return true;
	return false;
}

void port_xdp_subtract(struct port_xdp_sockets *now, const struct port_xdp_sockets *before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < now->count; i++)
		if (!contains(before, now->fds[i]))
			now->fds[kept++] = now->fds[i];
	now->count = kept;
}

enum port_xdp_mode port_xdp_get_mode(const struct port_xdp_sockets *sockets)
{
	for (uint32_t i = 0; i < sockets->count; i++) {
		struct xdp_options options = {.flags = 0};
		socklen_t len = sizeof(options);

		if (getsockopt(sockets->fds[i], SOL_XDP, XDP_OPTIONS, &options, &len) != 0)
			return PORT_XDP_UNKNOWN;
		if (!(options.flags & XDP_OPTIONS_ZEROCOPY))
			return PORT_XDP_COPY;
	}
	return sockets->count ? PORT_XDP_ZERO_COPY : PORT_XDP_UNKNOWN;
}

uint64_t port_xdp_ring_full(const struct port_xdp_sockets *sockets)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < sockets->count; i++) {
		struct xdp_statistics statistics = {.rx_ring_full = 0};
		socklen_t len = sizeof(statistics);

		if (getsockopt(sockets->fds[i], SOL_XDP, XDP_STATISTICS, &statistics, &len) == 0
				&& len == sizeof(statistics))
			sum += statistics.rx_ring_full;
	}
	return sum;
}
