/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_caps.h"

#include "base_cacheline.h"
#include "port_sysfs.h"

#include <stdio.h>
#include <string.h>

static const struct {
	uint64_t bit;
	const char *name;
} names[] = {
		{PORT_CAPS_NET_RAW, "NET_RAW"},
		{PORT_CAPS_NET_ADMIN, "NET_ADMIN"},
		{PORT_CAPS_BPF, "BPF"},
		{PORT_CAPS_SYS_ADMIN, "SYS_ADMIN"},
		{PORT_CAPS_IPC_LOCK, "IPC_LOCK"},
};

static uint64_t read_effective(const char *root)
{
	char status[8192];
	unsigned long long effective;

	if (port_sysfs_read(root, status, sizeof(status), "/proc/self/status") != 0)
		return UINT64_MAX;
	const char *line = strstr(status, "\nCapEff:");
	return line && sscanf(line, "\nCapEff: %llx", &effective) == 1 ? effective : UINT64_MAX;
}

const char *port_caps_missing(const char *root, uint64_t wanted, char *out, size_t bytes)
{
	uint64_t effective = read_effective(root);
	size_t len = 0;

	/* The wider one includes the narrower. */
	if (effective & PORT_CAPS_SYS_ADMIN)
		effective |= PORT_CAPS_BPF;
	uint64_t missing = wanted & ~effective;
	snprintf(out, bytes, "%s", "");
	for (size_t i = 0; i < BASE_COUNT_OF(names); i++) {
		if (!(missing & names[i].bit) || len >= bytes)
			continue;
		missing &= ~names[i].bit;
		const char *separator = len == 0 ? "" : missing ? ", " : " and ";
		len += (size_t)snprintf(out + len, bytes - len, "%s%s", separator, names[i].name);
	}
	return out;
}
