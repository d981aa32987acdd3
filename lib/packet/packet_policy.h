/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which tunnels are opened, by kind, and at which UDP ports they are looked for. Built once from
 * the configuration, then read by every worker.
 */
#ifndef PACKET_POLICY_H
#define PACKET_POLICY_H

#include "base_cacheline.h"
#include "base_tunnel.h"

#include <stdbool.h>
#include <stdint.h>

enum packet_tunnel {
	PACKET_TUNNEL_NONE,
#define PACKET_TUNNEL_ROW(name, text, id) PACKET_TUNNEL_##name,
	BASE_TUNNELS(PACKET_TUNNEL_ROW)
#undef PACKET_TUNNEL_ROW
			PACKET_TUNNEL_COUNT,
};

/* What becomes of a packet that a tunnel carries. */
enum packet_open {
	PACKET_OPEN_OUTER, /* left closed: one view, the outer */
	PACKET_OPEN_INNER, /* one view, the inner */
	PACKET_OPEN_BOTH, /* two views */
};

#define PACKET_MAX_TUNNELS 4
#define PACKET_POLICY_PORTS_MAX 32
#define PACKET_POLICY_FILTER_BITS 1024u

struct packet_policy_port {
	uint16_t port;
	uint8_t tunnel; /* enum packet_tunnel */
	bool from_as_well; /* at the source port too */
};

/* Read-only after it was built. */
struct packet_policy {
	uint8_t open[PACKET_TUNNEL_COUNT]; /* enum packet_open by enum packet_tunnel */
	uint8_t max_tunnels; /* how many may be nested; the rest stays closed */
	bool teredo_anywhere; /* Teredo is opened */
	uint32_t port_count;
	struct packet_policy_port ports[PACKET_POLICY_PORTS_MAX];
	/* One bit for each port modulo the filter's size: most packets are no tunnel's. */
	uint64_t destinations[PACKET_POLICY_FILTER_BITS / 64];
	uint64_t sources[PACKET_POLICY_FILTER_BITS / 64];
};

/*
 * Every kind `open`, nesting up to `max_tunnels` (at most PACKET_MAX_TUNNELS), the registered ports
 * and Linux' own for VXLAN, 8472.
 */
void packet_policy_init(struct packet_policy *policy, enum packet_open open, uint32_t max_tunnels);

/* Sets one kind; cannot fail. */
void packet_policy_set(
		struct packet_policy *policy, enum packet_tunnel tunnel, enum packet_open open);

/* Looks for `tunnel` at one more UDP port. -EEXIST when another kind has it, -ENOSPC when full. */
int packet_policy_add_port(struct packet_policy *policy, enum packet_tunnel tunnel,
		uint16_t port) BASE_MUST_CHECK;

/* "vxlan", ...; "none" for PACKET_TUNNEL_NONE and for numbers that are no kind. */
const char *packet_tunnel_name(enum packet_tunnel tunnel);

/* What the id of this kind is called: "VNI", "TEID", ... */
const char *packet_tunnel_id_name(enum packet_tunnel tunnel);

/* False for kinds without an id (IP in IP, Teredo, EtherIP) and PACKET_TUNNEL_NONE. */
bool packet_tunnel_has_id(enum packet_tunnel tunnel);

/* PACKET_TUNNEL_NONE when no kind has that name. */
enum packet_tunnel packet_tunnel_from_name(const char *name);

/*
 * True when both directions of a tunnel carry the same id, so that it may be part of a biflow's
 * key; GTP-U, L2TP and PPTP number each direction for itself.
 */
bool packet_tunnel_id_is_shared(enum packet_tunnel tunnel);

static BASE_ALWAYS_INLINE bool packet_policy_filter_has(const uint64_t *bits, uint32_t port)
{
	port %= PACKET_POLICY_FILTER_BITS;
	return bits[port / 64] >> (port % 64) & 1;
}

#endif
