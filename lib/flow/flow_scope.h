/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scopes: what stands around a packet, as a number of 22 bits in the flow key.
 *
 * Two forms of one encapsulation are kept, in one table:
 *
 *     as seen        outer addresses in the packet's direction, labels, tunnel id: what a record
 * shows |  scope canonical      what both directions have in common: the key. Outer addresses in
 * order, the kind, the id where both directions carry the same one, PPPoE session, inner VLAN
 *
 * So both directions of a conversation in a tunnel are one flow, and equal addresses in two tunnels
 * are two. Labels (MPLS) and ids that each direction numbers for itself (GTP-U, L2TP, PPTP) are
 * shown, not compared.
 *
 * A slot that a live flow refers to stays; any other may be replaced. Each form has two home sets
 * of FLOW_SCOPE_WAYS slots, by a keyed hash, and nothing else is searched: the cost is bounded.
 * When both sets are full of slots in use, the packet is metered in the scope FLOW_SCOPE_FULL,
 * which stands for "in some tunnel", and counted.
 *
 * Threads: the worker's alone, but flow_scope_copy().
 */
#ifndef FLOW_SCOPE_H
#define FLOW_SCOPE_H

#include "base_region.h"
#include "flow_hash.h"
#include "packet_encapsulation.h"

#include <stdbool.h>
#include <stdint.h>

#define FLOW_SCOPE_WAYS 8
#define FLOW_SCOPE_NONE UINT32_MAX
/* The first number above the plain VLAN ids is given to no encapsulation. */
#define FLOW_SCOPE_FULL FLOW_KEY_FIRST_SCOPE
/* Tunnels that can be kept at most: two slots each, and their numbers have to fit 22 bits. */
#define FLOW_SCOPE_MAX_TUNNELS (UINT32_C(1) << 20)

/* One form of an encapsulation. */
struct flow_scope_form {
	struct packet_encapsulation around;
	uint16_t vlan; /* of the view inside */
	uint8_t second; /* 1: PACKET_FLAG_SECOND */
	uint8_t kind; /* 0: free slot */
	uint32_t tag; /* in a slot: of the hash, so that most others differ here; else 0 */
};

struct flow_scope_slot {
	struct flow_scope_form form;
	uint32_t refs; /* live flows (as seen), slots as seen (canonical) */
	uint32_t scope; /* as seen: its number in the key */
} BASE_CACHE_ALIGNED;
static_assert(sizeof(struct flow_scope_slot) == BASE_CACHE_LINE_BYTES, "one cache line");

struct flow_scopes {
	struct flow_scope_slot *slots; /* NULL: nothing is kept */
	uint32_t set_mask; /* sets of FLOW_SCOPE_WAYS slots, less one */
	bool ids_in_key;
	struct flow_hash_seed seed;
	uint64_t used; /* as seen, with live flows */
	uint64_t full; /* packets that found no room */
	struct base_region region;
};

/*
 * Room for `tunnels` (at most FLOW_SCOPE_MAX_TUNNELS; 0: none, all are FLOW_SCOPE_FULL).
 * ids_in_key: ids that both directions share tell flows apart. 0 or -ENOMEM.
 */
int flow_scopes_init(struct flow_scopes *scopes, uint32_t tunnels, bool ids_in_key,
		uint64_t hash_seed) BASE_MUST_CHECK;
void flow_scopes_fini(struct flow_scopes *scopes);

/*
 * The number for the key of a view with `around` about it. *slot gets the slot to hold while a flow
 * refers to it, or FLOW_SCOPE_NONE when there was no room. Numbers below FLOW_KEY_FIRST_SCOPE: what
 * stands around tells no flows apart (labels), the VLAN is all.
 */
uint32_t flow_scopes_find(struct flow_scopes *scopes, const struct packet_encapsulation *around,
		uint16_t vlan, bool second, uint32_t *slot);

/* A flow begins and ends to refer to the slot. */
void flow_scopes_hold(struct flow_scopes *scopes, uint32_t slot);
void flow_scopes_release(struct flow_scopes *scopes, uint32_t slot);

/*
 * Copies the form that was seen. Any thread; the copy is whole when the flow that holds the slot
 * lived before and after.
 */
void flow_scope_copy(const struct flow_scopes *scopes, uint32_t slot, struct flow_scope_form *form);

/* Slots there are, 0 when nothing is kept. */
static inline uint32_t flow_scopes_slots(const struct flow_scopes *scopes)
{
	return scopes->slots ? (scopes->set_mask + 1) * FLOW_SCOPE_WAYS : 0;
}

/*
 * The canonical form of `seen`; false when nothing in it tells flows apart (then *canonical is not
 * set).
 */
bool flow_scope_canonical(struct flow_scope_form *canonical, const struct flow_scope_form *seen,
		bool ids_in_key);

/* A number of the canonical form's content, the same in any worker and run. Never 0. */
uint64_t flow_scope_content(const struct flow_scope_form *canonical);

#endif
