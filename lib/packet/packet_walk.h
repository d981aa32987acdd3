/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The walk over one packet, inside the packet module.
 *
 * Idea: a cursor and the name of the header that stands there. A step reads that header, moves the
 * cursor behind it and names the next one; the loop in packet_walk.c calls steps until one says
 * STOP. An IP step goes through its transport header and on to what is inside before it returns;
 * else no step calls another, so the stack is flat and one counter bounds the work.
 *
 *      0                offset         limit          end
 *      |-- walked ------|-- readable --|-- not captured --|
 *
 * Invariants: `end` is where the innermost length that was believed ends, on the wire; `limit` is
 * the smaller of `end` and what was captured; no octet at or behind `limit` is read. A length is
 * believed when it fits into `end`. `offset` may stand behind `limit` (a header was cut in its
 * middle), never behind `end`.
 */
#ifndef PACKET_WALK_H
#define PACKET_WALK_H

#include "packet_decode.h"
#include "packet_views.h"

#include <stdbool.h>
#include <stdint.h>

enum packet_step {
	PACKET_STEP_STOP, /* the verdict stands */
	PACKET_STEP_ETHERNET,
	PACKET_STEP_ETHERTYPE, /* cursor behind the EtherType, which is in walk->ethertype */
	PACKET_STEP_LLC,
	PACKET_STEP_MPLS,
	PACKET_STEP_PPP,
	PACKET_STEP_CHDLC,
	PACKET_STEP_IP, /* version by its nibble */
	PACKET_STEP_IPV4,
	PACKET_STEP_IPV6,
	PACKET_STEP_EXTENSION, /* walk->protocol names an IPv6 extension header */
	PACKET_STEP_PSEUDOWIRE,
	PACKET_STEP_GRE,
	PACKET_STEP_VXLAN,
	PACKET_STEP_VXLAN_GPE,
	PACKET_STEP_GENEVE,
	PACKET_STEP_NSH,
	PACKET_STEP_ETHERIP,
	PACKET_STEP_GTPU,
	PACKET_STEP_TEREDO,
	PACKET_STEP_L2TP,
	PACKET_STEP_L2TPV3,
};

struct packet_trace;

struct packet_walk {
	const uint8_t *data;
	uint32_t end;
	uint32_t limit;
	uint32_t offset;
	struct packet_meta *meta;
	uint32_t payload; /* IPv6: offset of the first octet behind the fixed header */
	uint16_t ethertype;
	uint16_t vlan;
	uint16_t vlan_inner;
	uint8_t protocol;
	uint8_t layers;
	uint8_t tags;
	uint8_t extensions;
	bool jumbo; /* IPv6: the payload length is still to be read from an option */
	enum packet_verdict verdict;

	/* Only where tunnels are opened; policy is NULL where the first view is all that counts. */
	const struct packet_policy *policy;
	struct packet_meta *metas; /* the caller's, room for two */
	struct packet_views *views;
	uint8_t views_found;
	uint8_t tunnels; /* how many were entered */
	bool replace; /* the next view takes the place of the first */
	struct packet_trace *trace; /* NULL: nobody wants to know the layers */
	/* From here on nothing is set at the start. */
	struct packet_meta scratch; /* an inner view, until it is known to be whole */
	struct packet_encapsulation around; /* of the view that is being read; set when noted */
};

static inline enum packet_step packet_walk_stop(
		struct packet_walk *walk, enum packet_verdict verdict)
{
	walk->verdict = verdict;
	return PACKET_STEP_STOP;
}

/* True when `bytes` octets at the cursor may be read. */
static inline bool packet_walk_has(const struct packet_walk *walk, uint32_t bytes)
{
	return (uint64_t)walk->offset + bytes <= walk->limit;
}

static inline const uint8_t *packet_walk_here(const struct packet_walk *walk)
{
	return walk->data + walk->offset;
}

/* Believes a length: the current header's packet ends at `end`, which is not behind walk->end. */
static inline void packet_walk_narrow(struct packet_walk *walk, uint32_t end)
{
	walk->end = end;
	if (end < walk->limit)
		walk->limit = end;
}

/* Forgets what stands around; the addresses are set when a tunnel is entered. */
static inline void packet_walk_clear_around(struct packet_walk *walk)
{
	walk->around.tunnel_id = 0;
	walk->around.tunnel = PACKET_TUNNEL_NONE;
	walk->around.outer_version = 0;
	walk->around.pppoe_session = 0;
	walk->around.mpls_outermost = 0;
	walk->around.mpls_innermost = 0;
}

/* packet_decode() and packet_decode_views() by the walk alone. */
enum packet_verdict packet_walk_run(const struct packet_frame *frame, struct packet_meta *meta);
uint32_t packet_walk_views(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_meta metas[PACKET_VIEWS_MAX], struct packet_views *views);

/* packet_walk_views() that notes the layers; `note` appends one (packet_trace.c). */
uint32_t packet_walk_traced(const struct packet_policy *policy, const struct packet_frame *frame,
		struct packet_trace *trace);
void packet_walk_note(struct packet_trace *trace, uint8_t step, uint32_t offset, uint16_t detail);

/* The first step of each link type (packet_link.c). */
enum packet_step packet_walk_link(struct packet_walk *walk, enum packet_link link);

/* packet_ether.c */
enum packet_step packet_walk_ethernet(struct packet_walk *walk);
enum packet_step packet_walk_ethertype(struct packet_walk *walk);
enum packet_step packet_walk_llc(struct packet_walk *walk);
enum packet_step packet_walk_mpls(struct packet_walk *walk);
enum packet_step packet_walk_ppp(struct packet_walk *walk);
enum packet_step packet_walk_chdlc(struct packet_walk *walk);

/* packet_ip.c. `fits`: an IP header stands at `at`, and its length fits into what is left. */
bool packet_walk_fits_ip(const struct packet_walk *walk, uint32_t at);
enum packet_step packet_walk_ip(struct packet_walk *walk);
enum packet_step packet_walk_ipv4(struct packet_walk *walk);
enum packet_step packet_walk_ipv6(struct packet_walk *walk);
enum packet_step packet_walk_extension(struct packet_walk *walk);

/* packet_transport.c */
enum packet_step packet_walk_transport(struct packet_walk *walk); /* walk->protocol is what it is */

/*
 * packet_tunnel.c. `enter` asks the policy and notes a tunnel whose header was read; false: it is
 * to stay closed, and the walk has its verdict. Headers between it and the next IP header (NSH, a
 * pseudowire behind GRE) add nothing: the first one behind an IP header names the tunnel. `commit`
 * keeps a view whose headers were all read and looks what is inside.
 */
bool packet_walk_enter(struct packet_walk *walk, enum packet_tunnel tunnel, uint32_t id);
enum packet_step packet_walk_commit(struct packet_walk *walk);

enum packet_step packet_walk_pseudowire(struct packet_walk *walk);

/* packet_gre.c */
enum packet_step packet_walk_gre(struct packet_walk *walk);

/* packet_overlay.c */
enum packet_step packet_walk_vxlan(struct packet_walk *walk);
enum packet_step packet_walk_vxlan_gpe(struct packet_walk *walk);
enum packet_step packet_walk_geneve(struct packet_walk *walk);
enum packet_step packet_walk_nsh(struct packet_walk *walk);
enum packet_step packet_walk_etherip(struct packet_walk *walk);

/* packet_access.c */
enum packet_step packet_walk_gtpu(struct packet_walk *walk);
enum packet_step packet_walk_teredo(struct packet_walk *walk);
enum packet_step packet_walk_l2tp(struct packet_walk *walk);
enum packet_step packet_walk_l2tpv3(struct packet_walk *walk);

#endif
