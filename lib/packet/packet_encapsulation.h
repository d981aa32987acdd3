/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands around an IP packet: labels, a PPPoE session, the tunnel that carries it. */
#ifndef PACKET_ENCAPSULATION_H
#define PACKET_ENCAPSULATION_H

#include "packet_meta.h"

#include <stdint.h>

#define PACKET_LABEL_PRESENT (UINT32_C(1) << 31)

/* What stands around a view, between it and the view (or the frame) outside. */
struct packet_encapsulation {
	union packet_address outer_source; /* of the IP header that carries the tunnel */
	union packet_address outer_destination;
	uint32_t tunnel_id; /* VNI, TEID, GRE key, ...: see BASE_TUNNELS; 0 when it has none */
	uint8_t tunnel; /* enum packet_tunnel; NONE: a view that no tunnel carries */
	uint8_t outer_version; /* 4 or 6; 0: no IP header carries it */
	uint16_t pppoe_session; /* 0: none */
	uint32_t mpls_outermost; /* label | PACKET_LABEL_PRESENT; 0: none */
	uint32_t mpls_innermost;
};
static_assert(sizeof(struct packet_encapsulation) == 48, "fits into a flow record");

#endif
