/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the host depend on this interface? A probe that takes the packets of the interface that
 * holds the default route cuts the line that its operator sits on.
 */
#ifndef PORT_ROUTE_H
#define PORT_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

enum port_route_family {
	PORT_ROUTE_IPV4 = 1 << 0,
	PORT_ROUTE_IPV6 = 1 << 1,
};

/*
 * Whether the default route of the process's network namespace (main table) leaves through
 * `interface`, or through a bridge, bond or VLAN on top of it. Returns a set of enum
 * port_route_family, 0 for neither. `via` (at least IFNAMSIZ) gets the interface that the route
 * names. `root` as in port_sysfs.h; reads /proc/net/route, /proc/net/ipv6_route and
 * /sys/class/net.
 */
unsigned int port_route_default_through(
		const char *root, const char *interface, char *via, size_t via_bytes);

/*
 * The scan of each file, on its text: calls found() with the name of every interface that a usable
 * default route names.
 */
typedef void (*port_route_found_fn)(void *arg, const char *interface);
void port_route_scan_ipv4(const char *text, port_route_found_fn found, void *arg);
void port_route_scan_ipv6(const char *text, port_route_found_fn found, void *arg);

#endif
