/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Information elements by enterprise: the registry's, their reverses (RFC 5103), and weir's own,
 * for what the registry has no element. weir's own stand under a configured enterprise number; RFC
 * 5610 type records, made from this table, tell a collector what they are.
 */
#ifndef IPFIX_ELEMENT_H
#define IPFIX_ELEMENT_H

#include "ipfix_type.h"
#include "packet_policy.h"

/* Ids of weir's own elements: part of what collectors store, so a number is never given twice. */
enum ipfix_own_id {
	IPFIX_OWN_TUNNEL_KIND = 1,
	IPFIX_OWN_TUNNEL_ID,
	IPFIX_OWN_OUTER_SOURCE_IPV4,
	IPFIX_OWN_OUTER_DESTINATION_IPV4,
	IPFIX_OWN_OUTER_SOURCE_IPV6,
	IPFIX_OWN_OUTER_DESTINATION_IPV6,
	IPFIX_OWN_PPPOE_SESSION,
	IPFIX_OWN_BOTTOM_LABEL,
	IPFIX_OWN_OUTER_FLOW_ID,
};

struct ipfix_own_element {
	struct ipfix_element element;
	const char *description;
};

extern const struct ipfix_own_element ipfix_own_elements[]; /* by id, rising from 1 */
extern const unsigned int ipfix_own_element_count;

/* Where the element of a field comes from; `own` enterprise numbers are known at run time only. */
enum ipfix_space {
	IPFIX_SPACE_IANA,
	IPFIX_SPACE_REVERSE,
	IPFIX_SPACE_OWN,
};

/* NULL when there is none. A reverse element is that of its forward direction. */
const struct ipfix_element *ipfix_element_of(enum ipfix_space space, uint16_t id);

/*
 * The element under `enterprise`, where `own_enterprise` is weir's: NULL when it is not known. An
 * id under IPFIX_PEN_REVERSE gives the forward element, or NULL when it has no reverse.
 */
const struct ipfix_element *ipfix_element_find(
		uint32_t enterprise, uint16_t id, uint32_t own_enterprise);

/* Value of IPFIX_OWN_TUNNEL_KIND: 0 none; the numbers never change. */
uint8_t ipfix_tunnel_number(enum packet_tunnel tunnel);
/* The way back; PACKET_TUNNEL_NONE for numbers that are no kind. */
enum packet_tunnel ipfix_tunnel_from_number(uint8_t number);

#endif
