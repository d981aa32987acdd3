/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_filter.h"

#include "packet_policy.h"

#include <string.h>

static bool address_in(const struct flow_filter_node *node, const union packet_address *address)
{
	size_t whole = node->prefix_bits / 8;
	unsigned int rest = node->prefix_bits % 8;

	if (memcmp(node->address.octets, address->octets, whole) != 0)
		return false;
	return rest == 0
			|| ((node->address.octets[whole] ^ address->octets[whole]) >> (8 - rest))
			== 0;
}

static bool net_matches(const struct flow_filter_node *node, const struct flow_record *record)
{
	if (node->ip_version != record->ip_version)
		return false;
	return (node->side != FLOW_FILTER_DST && address_in(node, &record->source))
			|| (node->side != FLOW_FILTER_SRC
					&& address_in(node, &record->destination));
}

static bool in_range(const struct flow_filter_node *node, uint64_t value)
{
	return value >= node->low && value <= node->high;
}

static bool port_matches(const struct flow_filter_node *node, const struct flow_record *record)
{
	return (node->side != FLOW_FILTER_DST && in_range(node, record->source_port))
			|| (node->side != FLOW_FILTER_SRC
					&& in_range(node, record->destination_port));
}

static bool node_matches(
		const struct flow_filter *filter, uint8_t index, const struct flow_record *record)
{
	const struct flow_filter_node *node = &filter->nodes[index];

	switch (node->kind) {
	case FLOW_FILTER_AND:
		return node_matches(filter, node->left, record)
				&& node_matches(filter, node->right, record);
	case FLOW_FILTER_OR:
		return node_matches(filter, node->left, record)
				|| node_matches(filter, node->right, record);
	case FLOW_FILTER_NOT:
		return !node_matches(filter, node->left, record);
	case FLOW_FILTER_NET:
		return net_matches(node, record);
	case FLOW_FILTER_PORT:
		return port_matches(node, record);
	case FLOW_FILTER_PROTOCOL:
		return in_range(node, record->protocol);
	case FLOW_FILTER_VERSION:
		return in_range(node, record->ip_version);
	case FLOW_FILTER_VLAN:
		return in_range(node, record->vlan);
	case FLOW_FILTER_VIEW:
		return in_range(node, (record->flags & PACKET_FLAG_INNER) != 0);
	case FLOW_FILTER_TUNNEL:
		return in_range(node, record->around.tunnel);
	case FLOW_FILTER_TUNNEL_ID:
		return packet_tunnel_has_id((enum packet_tunnel)record->around.tunnel)
				&& in_range(node, record->around.tunnel_id);
	case FLOW_FILTER_BYTES:
		return in_range(node, record->bytes + record->rev_bytes);
	case FLOW_FILTER_PACKETS:
		return in_range(node, record->packets + record->rev_packets);
	}
	return false;
}

bool flow_filter_matches(const struct flow_filter *filter, const struct flow_record *record)
{
	return filter->count == 0 || node_matches(filter, filter->root, record);
}
