/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_route.h"

#include "port_sysfs.h"

#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A bridge over a bond over a VLAN: deeper stacks do not occur. */
#define DEPTH_MAX 4
#define TABLE_BYTES (1 << 20)
#define LINE_BYTES 256

static bool usable(unsigned int flags)
{
	return (flags & RTF_UP) && !(flags & RTF_REJECT);
}

/* Copies the line at *text (cut to fit) and moves *text behind it; false at the end. */
static bool take_line(const char **text, char *line, size_t bytes)
{
	size_t len = strcspn(*text, "\n");

	if (**text == '\0')
		return false;
	snprintf(line, bytes, "%.*s", (int)len, *text);
	*text += len;
	if (**text == '\n')
		++*text;
	return true;
}

void port_route_scan_ipv4(const char *text, port_route_found_fn found, void *arg)
{
	/* Iface Destination Gateway Flags RefCnt Use Metric Mask; the header does not scan. */
	char line[LINE_BYTES];

	while (take_line(&text, line, sizeof(line))) {
		char name[IFNAMSIZ];
		unsigned int destination, flags, mask;

		if (sscanf(line, "%15s %x %*x %x %*d %*d %*d %x", name, &destination, &flags, &mask)
				!= 4)
			continue;
		if (destination == 0 && mask == 0 && usable(flags))
			found(arg, name);
	}
}

void port_route_scan_ipv6(const char *text, port_route_found_fn found, void *arg)
{
	/* destination prefix source prefix next_hop metric refcnt use flags interface */
	char line[LINE_BYTES];

	while (take_line(&text, line, sizeof(line))) {
		char destination[33], name[IFNAMSIZ];
		unsigned int prefix, flags;

		if (sscanf(line, "%32[0-9a-f] %x %*s %*x %*s %*x %*x %*x %x %15s", destination,
				    &prefix, &flags, name)
				!= 4)
			continue;
		if (prefix == 0 && strspn(destination, "0") == 32 && usable(flags)
				&& strcmp(name, "lo") != 0)
			found(arg, name);
	}
}

struct search {
	const char *root;
	const char *wanted;
	const char *at;
	int depth;
	bool hit;
	char via[IFNAMSIZ];
};

static bool stands_on(struct search *search, const char *name, int depth);

static bool look_below(void *arg, const char *entry)
{
	struct search *search = arg;
	static const char lower[] = "lower_";

	if (strncmp(entry, lower, sizeof(lower) - 1) != 0)
		return true;
	search->hit = stands_on(search, entry + sizeof(lower) - 1, search->depth + 1);
	return !search->hit;
}

/* Is `name` the wanted interface, or does it stand on it? The kernel links lower_<name> below it.
 */
static bool stands_on(struct search *search, const char *name, int depth)
{
	char folder[64];

	if (strcmp(name, search->wanted) == 0)
		return true;
	if (depth >= DEPTH_MAX)
		return false;
	snprintf(folder, sizeof(folder), "/sys/class/net/%.15s", name);
	int outer = search->depth;
	search->depth = depth;
	search->hit = false;
	port_sysfs_each(search->root, folder, look_below, search);
	search->depth = outer;
	return search->hit;
}

static void match_route(void *arg, const char *interface)
{
	struct search *search = arg;

	if (search->via[0] == '\0' && stands_on(search, interface, 0))
		snprintf(search->via, sizeof(search->via), "%s", interface);
}

unsigned int port_route_default_through(
		const char *root, const char *interface, char *via, size_t via_bytes)
{
	static const struct {
		const char *path;
		void (*scan)(const char *text, port_route_found_fn found, void *arg);
		enum port_route_family family;
	} tables[] = {
			{"/proc/net/route", port_route_scan_ipv4, PORT_ROUTE_IPV4},
			{"/proc/net/ipv6_route", port_route_scan_ipv6, PORT_ROUTE_IPV6},
	};
	unsigned int families = 0;
	char *text = malloc(TABLE_BYTES);

	snprintf(via, via_bytes, "%s", "");
	if (!text)
		return 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct search search = {.root = root, .wanted = interface};

		if (port_sysfs_read(root, text, TABLE_BYTES, "%s", tables[i].path) != 0)
			continue;
		tables[i].scan(text, match_route, &search);
		if (search.via[0] == '\0')
			continue;
		families |= tables[i].family;
		snprintf(via, via_bytes, "%s", search.via);
	}
	free(text);
	return families;
}
