/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_policy.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	const char *id_name;
} tunnels[PACKET_TUNNEL_COUNT] = {[PACKET_TUNNEL_NONE] = {"none", "none"},
#define TUNNEL_ROW(tunnel, text, id) [PACKET_TUNNEL_##tunnel] = {text, id},
		BASE_TUNNELS(TUNNEL_ROW)
#undef TUNNEL_ROW
};

/* The most frequent first: they are looked up in this order. */
static const struct packet_policy_port well_known[] = {
		{4789, PACKET_TUNNEL_VXLAN, false},
		{8472, PACKET_TUNNEL_VXLAN, false},
		{6081, PACKET_TUNNEL_GENEVE, false},
		{2152, PACKET_TUNNEL_GTPU, false},
		{4790, PACKET_TUNNEL_VXLAN_GPE, false},
		{1701, PACKET_TUNNEL_L2TP, true},
		{3544, PACKET_TUNNEL_TEREDO, true},
		{6635, PACKET_TUNNEL_MPLS, false},
		{4754, PACKET_TUNNEL_GRE, false},
};

static void set_bit(uint64_t *bits, uint32_t port)
{
	port %= PACKET_POLICY_FILTER_BITS;
	bits[port / 64] |= UINT64_C(1) << (port % 64);
}

static void append_port(struct packet_policy *policy, struct packet_policy_port port)
{
	policy->ports[policy->port_count++] = port;
	set_bit(policy->destinations, port.port);
	if (port.from_as_well)
		set_bit(policy->sources, port.port);
}

void packet_policy_init(struct packet_policy *policy, enum packet_open open, uint32_t max_tunnels)
{
	*policy = (struct packet_policy){0};
	policy->max_tunnels = (uint8_t)(max_tunnels < PACKET_MAX_TUNNELS ? max_tunnels
									 : PACKET_MAX_TUNNELS);
	for (int tunnel = PACKET_TUNNEL_NONE + 1; tunnel < PACKET_TUNNEL_COUNT; tunnel++)
		packet_policy_set(policy, (enum packet_tunnel)tunnel, open);
	for (size_t i = 0; i < BASE_COUNT_OF(well_known); i++)
		append_port(policy, well_known[i]);
}

void packet_policy_set(
		struct packet_policy *policy, enum packet_tunnel tunnel, enum packet_open open)
{
	policy->open[tunnel] = (uint8_t)open;
	if (tunnel == PACKET_TUNNEL_TEREDO)
		policy->teredo_anywhere = open != PACKET_OPEN_OUTER;
}

int packet_policy_add_port(struct packet_policy *policy, enum packet_tunnel tunnel, uint16_t port)
{
	for (uint32_t i = 0; i < policy->port_count; i++) {
		if (policy->ports[i].port == port)
			return policy->ports[i].tunnel == tunnel ? 0 : -EEXIST;
	}
	if (policy->port_count == PACKET_POLICY_PORTS_MAX)
		return -ENOSPC;
	bool both = tunnel == PACKET_TUNNEL_L2TP || tunnel == PACKET_TUNNEL_TEREDO;
	append_port(policy, (struct packet_policy_port){port, (uint8_t)tunnel, both});
	return 0;
}

const char *packet_tunnel_name(enum packet_tunnel tunnel)
{
	return tunnels[tunnel < PACKET_TUNNEL_COUNT ? tunnel : PACKET_TUNNEL_NONE].name;
}

const char *packet_tunnel_id_name(enum packet_tunnel tunnel)
{
	return tunnels[tunnel < PACKET_TUNNEL_COUNT ? tunnel : PACKET_TUNNEL_NONE].id_name;
}

bool packet_tunnel_has_id(enum packet_tunnel tunnel)
{
	return strcmp(packet_tunnel_id_name(tunnel), "none") != 0;
}

enum packet_tunnel packet_tunnel_from_name(const char *name)
{
	for (int tunnel = PACKET_TUNNEL_NONE + 1; tunnel < PACKET_TUNNEL_COUNT; tunnel++) {
		if (strcmp(tunnels[tunnel].name, name) == 0)
			return (enum packet_tunnel)tunnel;
	}
	return PACKET_TUNNEL_NONE;
}

bool packet_tunnel_id_is_shared(enum packet_tunnel tunnel)
{
	switch (tunnel) {
	case PACKET_TUNNEL_GRE:
	case PACKET_TUNNEL_NVGRE:
	case PACKET_TUNNEL_ERSPAN:
	case PACKET_TUNNEL_VXLAN:
	case PACKET_TUNNEL_VXLAN_GPE:
	case PACKET_TUNNEL_GENEVE:
		return true;
	default:
		return false;
	}
}
