/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_rss.h"

#include <rte_ethdev.h>

#include <stdio.h>
#include <string.h>

void port_rss_make_key(uint8_t *key, size_t bytes)
{
	static const uint8_t word[2] = {0x6d, 0x5a};

	for (size_t i = 0; i < bytes; i++)
		key[i] = word[i % 2];
}

uint64_t port_rss_choose(uint64_t offered)
{
	return offered & (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP);
}

/* Appends the names of the transports whose ports are hashed in all of the offered families. */
static void add_ports(char *out, size_t bytes, uint64_t functions)
{
	static const struct {
		const char *name;
		uint64_t any;
	} transports[] = {
			{"TCP", RTE_ETH_RSS_TCP},
			{"UDP", RTE_ETH_RSS_UDP},
			{"SCTP", RTE_ETH_RSS_SCTP},
	};
	const char *separator = ", ";

	for (size_t i = 0; i < RTE_DIM(transports); i++) {
		if (!(functions & transports[i].any))
			continue;
		size_t len = strlen(out);
		snprintf(out + len, bytes - len, "%s%s", separator, transports[i].name);
		separator = "/";
	}
	if (separator[0] == '/') {
		size_t len = strlen(out);
		snprintf(out + len, bytes - len, " ports");
	}
}

static void describe_hash(char *out, size_t bytes, const struct port_rss_state *state)
{
	bool v4 = state->hash_functions
			& (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP
					| RTE_ETH_RSS_NONFRAG_IPV4_UDP
					| RTE_ETH_RSS_NONFRAG_IPV4_OTHER);
	bool v6 = state->hash_functions
			& (RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP
					| RTE_ETH_RSS_NONFRAG_IPV6_UDP
					| RTE_ETH_RSS_NONFRAG_IPV6_OTHER | RTE_ETH_RSS_IPV6_EX);

	snprintf(out, bytes, "%s addresses",
			v4 && v6             ? "IPv4 and IPv6"
					: v4 ? "only IPv4"
					     : "only IPv6");
	add_ports(out, bytes, state->hash_functions);
	size_t len = strlen(out);
	snprintf(out + len, bytes - len, "%s",
			state->symmetric ? "; symmetric: both directions meet one worker"
					 : "; not symmetric: directions may meet two workers");
}

void port_rss_describe(char *out, size_t bytes, const struct port_rss_state *state)
{
	if (state->queues <= 1) {
		snprintf(out, bytes, "%s",
				state->workers > 1 ? "one queue: one worker gets all of this port"
						   : "one queue, one worker: nothing to hash");
		return;
	}
	switch (state->spread) {
	case PORT_SPREAD_FANOUT:
		snprintf(out, bytes,
				"by the kernel's flow hash of addresses and ports; symmetric, but "
				"a full queue spills into the next");
		return;
	case PORT_SPREAD_KERNEL:
		snprintf(out, bytes,
				"as the NIC is set up in the kernel (ethtool -x); directions may "
				"meet two workers");
		return;
	case PORT_SPREAD_NONE:
		snprintf(out, bytes, "nothing: each queue is a source of its own");
		return;
	case PORT_SPREAD_RSS:
		break;
	}
	if (state->hash_functions == 0)
		snprintf(out, bytes,
				"unknown: the driver spreads packets over the queues by itself");
	else
		describe_hash(out, bytes, state);
}
