/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_element.h"

#include "base_cacheline.h"
#include "ipfix_registry.h"

#include <stddef.h>

#define OWN(id, name, type, semantics, description)                                          \
	{                                                                                    \
		{IPFIX_OWN_##id, name, IPFIX_##type, IPFIX_SEM_##semantics, IPFIX_UNIT_NONE, \
				false},                                                      \
				description                                                  \
	}

const struct ipfix_own_element ipfix_own_elements[] = {
		OWN(TUNNEL_KIND, "weirTunnelKind", U8, IDENTIFIER,
				"Kind of the tunnel that carried the flow, 0: none"),
		OWN(TUNNEL_ID, "weirTunnelId", U32, IDENTIFIER,
				"Id in the tunnel's header: VNI, key, TEID, call or session"),
		OWN(OUTER_SOURCE_IPV4, "weirOuterSourceIPv4Address", IPV4, NONE,
				"Tunnel end on the side of the flow's source"),
		OWN(OUTER_DESTINATION_IPV4, "weirOuterDestinationIPv4Address", IPV4, NONE,
				"Tunnel end on the side of the flow's destination"),
		OWN(OUTER_SOURCE_IPV6, "weirOuterSourceIPv6Address", IPV6, NONE,
				"Tunnel end on the side of the flow's source"),
		OWN(OUTER_DESTINATION_IPV6, "weirOuterDestinationIPv6Address", IPV6, NONE,
				"Tunnel end on the side of the flow's destination"),
		OWN(PPPOE_SESSION, "weirPppoeSessionId", U16, IDENTIFIER,
				"PPPoE session id, 0: none"),
		OWN(BOTTOM_LABEL, "weirBottomMplsLabelStackSection", OCTETS, NONE,
				"Innermost MPLS label, form of mplsTopLabelStackSection, 0: none"),
		OWN(OUTER_FLOW_ID, "weirOuterFlowId", U64, IDENTIFIER,
				"flowId of the flow whose packets carried this one, 0: not "
				"metered"),
};

const unsigned int ipfix_own_element_count = BASE_COUNT_OF(ipfix_own_elements);

const struct ipfix_element *ipfix_element_of(enum ipfix_space space, uint16_t id)
{
	const struct ipfix_element *element;

	if (space == IPFIX_SPACE_OWN)
		return id >= 1 && id <= ipfix_own_element_count
				? &ipfix_own_elements[id - 1].element
				: NULL;
	element = ipfix_registry_find(id);
	if (element && space == IPFIX_SPACE_REVERSE && !element->reversible)
		return NULL;
	return element;
}

const struct ipfix_element *ipfix_element_find(
		uint32_t enterprise, uint16_t id, uint32_t own_enterprise)
{
	if (enterprise == IPFIX_PEN_IANA)
		return ipfix_element_of(IPFIX_SPACE_IANA, id);
	if (enterprise == IPFIX_PEN_REVERSE)
		return ipfix_element_of(IPFIX_SPACE_REVERSE, id);
	return enterprise == own_enterprise ? ipfix_element_of(IPFIX_SPACE_OWN, id) : NULL;
}

static const uint8_t tunnel_numbers[PACKET_TUNNEL_COUNT] = {
		[PACKET_TUNNEL_NONE] = 0,
		[PACKET_TUNNEL_GRE] = 1,
		[PACKET_TUNNEL_NVGRE] = 2,
		[PACKET_TUNNEL_ERSPAN] = 3,
		[PACKET_TUNNEL_PPTP] = 4,
		[PACKET_TUNNEL_4IN4] = 5,
		[PACKET_TUNNEL_6IN4] = 6,
		[PACKET_TUNNEL_4IN6] = 7,
		[PACKET_TUNNEL_6IN6] = 8,
		[PACKET_TUNNEL_VXLAN] = 9,
		[PACKET_TUNNEL_VXLAN_GPE] = 10,
		[PACKET_TUNNEL_GENEVE] = 11,
		[PACKET_TUNNEL_GTPU] = 12,
		[PACKET_TUNNEL_TEREDO] = 13,
		[PACKET_TUNNEL_L2TP] = 14,
		[PACKET_TUNNEL_L2TPV3] = 15,
		[PACKET_TUNNEL_ETHERIP] = 16,
		[PACKET_TUNNEL_NSH] = 17,
		[PACKET_TUNNEL_MPLS] = 18,
		[PACKET_TUNNEL_PSEUDOWIRE] = 19,
};

uint8_t ipfix_tunnel_number(enum packet_tunnel tunnel)
{
	return (unsigned int)tunnel < PACKET_TUNNEL_COUNT ? tunnel_numbers[tunnel] : 0;
}

enum packet_tunnel ipfix_tunnel_from_number(uint8_t number)
{
	for (unsigned int tunnel = 1; tunnel < PACKET_TUNNEL_COUNT; tunnel++) {
		if (number && tunnel_numbers[tunnel] == number)
			return (enum packet_tunnel)tunnel;
	}
	return PACKET_TUNNEL_NONE;
}
