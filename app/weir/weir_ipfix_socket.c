/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_ipfix_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES_MAX (WEIR_IPFIX_SOCKETS_MAX / 2)
#define ROOM_BYTES (8 * 1024 * 1024) /* for bursts, in the kernel */
#define BACKLOG 64
/* A port that is free for one protocol may be taken for the other. */
#define FREE_PORT_TRIES 32
#define FIRST_COMMON_PORT 1024

struct place {
	struct sockaddr_storage address;
	socklen_t length;
	bool optional; /* not every host has it */
};

struct places {
	struct place list[ADDRESSES_MAX];
	unsigned int count;
};

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)address)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
}

static uint16_t get_port(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET
					? ((const struct sockaddr_in *)address)->sin_port
					: ((const struct sockaddr_in6 *)address)->sin6_port);
}

static void use_loopback(struct places *places)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&places->list[0].address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&places->list[1].address;

	*places = (struct places){.count = 2};
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	places->list[0].length = sizeof(*in);
	in6->sin6_family = AF_INET6;
	in6->sin6_addr = in6addr_loopback;
	places->list[1].length = sizeof(*in6);
	places->list[1].optional = true;
}

static int find_places(struct places *places, const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found, *one;
	int rc;

	if (!host[0]) {
		use_loopback(places);
		return 0;
	}
	*places = (struct places){0};
	rc = getaddrinfo(host, NULL, &hints, &found);
	if (rc != 0)
		return weir_ipfix_fail("expected an address of this host, for example 0.0.0.0 for "
				       "all of them",
				"\"%s\" is no address: %s", host, gai_strerror(rc));
	for (one = found; one && places->count < ADDRESSES_MAX; one = one->ai_next) {
		struct place *place = &places->list[places->count];
		if (one->ai_family != AF_INET && one->ai_family != AF_INET6)
			continue;
		memcpy(&place->address, one->ai_addr, one->ai_addrlen);
		place->length = one->ai_addrlen;
		places->count++;
	}
	freeaddrinfo(found);
	return 0;
}

static void name_place(const struct place *place, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN + 32] = "?";

	getnameinfo((const struct sockaddr *)&place->address, place->length, host, sizeof(host),
			NULL, 0, NI_NUMERICHOST);
	snprintf(out, size, place->address.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
			get_port(&place->address));
}

static void prepare(int fd, bool datagrams, bool any_family)
{
	int on = 1, off = 0, room = ROOM_BYTES;

	if (any_family)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!datagrams) {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		return;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

/* A bound socket, or -errno. */
static int open_socket(const struct place *place, bool datagrams)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&place->address;
	bool any = place->address.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
	int type = (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = socket(place->address.ss_family, type, 0), rc;

	if (fd < 0)
		return -errno;
	prepare(fd, datagrams, any);
	if (bind(fd, (const struct sockaddr *)&place->address, place->length) < 0
			|| (!datagrams && listen(fd, BACKLOG) < 0)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

static int add_socket(struct weir_ipfix_sockets *sockets, struct place *place, bool datagrams)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);
	int fd;

	set_port(&place->address, sockets->port);
	fd = open_socket(place, datagrams);
	if (fd < 0)
		return fd;
	if (getsockname(fd, (struct sockaddr *)&own, &length) == 0)
		sockets->port = get_port(&own);
	sockets->list[sockets->count++] = (struct weir_ipfix_socket){fd, datagrams};
	return 0;
}

static bool is_absent(int error)
{
	return error == -EADDRNOTAVAIL || error == -EAFNOSUPPORT;
}

/* One try; *failed gets the place and protocol that could not be had. */
static int open_all(struct weir_ipfix_sockets *sockets, struct places *places,
		const struct weir_ipfix_endpoint *endpoint, const struct place **failed,
		bool *datagrams)
{
	*sockets = (struct weir_ipfix_sockets){.port = endpoint->port};
	for (unsigned int i = 0; i < 2 * places->count; i++) {
		struct place *place = &places->list[i / 2];
		*datagrams = i % 2 == 0;
		if (!(*datagrams ? endpoint->udp : endpoint->tcp))
			continue;
		int rc = add_socket(sockets, place, *datagrams);
		if (rc < 0 && !(place->optional && is_absent(rc))) {
			*failed = place;
			weir_ipfix_sockets_close(sockets);
			return rc;
		}
	}
	return 0;
}

static int fail(const struct place *place, bool datagrams, int error)
{
	const char *protocol = datagrams ? "UDP" : "TCP";
	char name[128], cure[256];

	name_place(place, name, sizeof(name));
	switch (error) {
	case -EADDRINUSE:
		snprintf(cure, sizeof(cure),
				"who has it: ss -anp 'sport = :%u'; listen on another port, or "
				"check a capture of this one",
				get_port(&place->address));
		return weir_ipfix_fail(cure, "%s %s is taken", protocol, name);
	case -EACCES:
		return weir_ipfix_fail("use a port from 1024 on, or start as root",
				"%s %s: ports below %d need CAP_NET_BIND_SERVICE", protocol, name,
				FIRST_COMMON_PORT);
	case -EADDRNOTAVAIL:
		return weir_ipfix_fail("expected one of: ip -brief address",
				"%s %s is no address of this host", protocol, name);
	default:
		return weir_ipfix_fail("is the network up?", "cannot listen on %s %s: %s", protocol,
				name, strerror(-error));
	}
}

int weir_ipfix_sockets_open(
		struct weir_ipfix_sockets *sockets, const struct weir_ipfix_endpoint *endpoint)
{
	const struct place *failed = NULL;
	struct places places;
	bool datagrams = true;
	int rc = find_places(&places, endpoint->host);

	if (rc != 0)
		return rc;
	for (unsigned int i = 0; i < FREE_PORT_TRIES; i++) {
		rc = open_all(sockets, &places, endpoint, &failed, &datagrams);
		if (rc != -EADDRINUSE || endpoint->port != 0)
			break;
	}
	return rc < 0 ? fail(failed, datagrams, rc) : 0;
}

void weir_ipfix_sockets_close(struct weir_ipfix_sockets *sockets)
{
	for (unsigned int i = 0; i < sockets->count; i++)
		close(sockets->list[i].fd);
	sockets->count = 0;
}

void weir_ipfix_sockets_describe(const struct weir_ipfix_sockets *sockets, char *out, size_t size)
{
	bool udp = false, tcp = false;
	size_t len = 0;

	out[0] = 0;
	for (unsigned int i = 0; i < sockets->count; i++) {
		struct place place = {.length = sizeof(place.address)};
		char name[128];
		bool again = i > 0 && sockets->list[i].datagrams != sockets->list[i - 1].datagrams
				&& !sockets->list[i].datagrams;
		udp |= sockets->list[i].datagrams;
		tcp |= !sockets->list[i].datagrams;
		if (again
				|| getsockname(sockets->list[i].fd,
						   (struct sockaddr *)&place.address, &place.length)
						< 0)
			continue;
		name_place(&place, name, sizeof(name));
		if (len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s",
					len > 0 ? " and " : "", name);
	}
	if (len < size)
		snprintf(out + len, size - len, ", %s",
				udp && tcp            ? "UDP and TCP"
						: udp ? "UDP"
						      : "TCP");
}
