/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_scope.h"

#include "flow_entry.h"
#include "packet_policy.h"

#include <string.h>

enum { KIND_FREE, KIND_SEEN, KIND_CANONICAL };

#define FORM_WORDS (sizeof(struct flow_scope_form) / sizeof(uint64_t))
static_assert(sizeof(struct flow_scope_form) == 56, "no padding: forms are compared as octets");

int flow_scopes_init(
		struct flow_scopes *scopes, uint32_t tunnels, bool ids_in_key, uint64_t hash_seed)
{
	*scopes = (struct flow_scopes){.ids_in_key = ids_in_key, .region.fd = -1};
	flow_hash_seed_init(&scopes->seed, hash_seed);
	if (tunnels == 0)
		return 0;
	uint32_t sets = 2;
	while (sets * FLOW_SCOPE_WAYS < 2 * tunnels
			&& sets * FLOW_SCOPE_WAYS < 2 * FLOW_SCOPE_MAX_TUNNELS)
		sets *= 2;
	struct base_region_options options = {
			.name = "weir-scopes",
			.payload_bytes = (size_t)sets * FLOW_SCOPE_WAYS
					* sizeof(struct flow_scope_slot),
			.numa_node = -1,
	};
	int rc = base_region_init(&scopes->region, &options);
	if (rc < 0)
		return rc;
	scopes->slots = scopes->region.payload;
	scopes->set_mask = sets - 1;
	return 0;
}

void flow_scopes_fini(struct flow_scopes *scopes)
{
	if (scopes->slots)
		base_region_fini(&scopes->region);
	scopes->slots = NULL;
}

static uint64_t hash_form(const struct flow_scope_form *form, const uint64_t words[8])
{
	uint64_t w[FORM_WORDS];

	memcpy(w, form, sizeof(*form));
	uint64_t a = flow_hash_fold(w[0] ^ words[0], w[1] ^ words[1]);
	uint64_t b = flow_hash_fold(w[2] ^ words[2], w[3] ^ words[3]);
	uint64_t c = flow_hash_fold(w[4] ^ words[4], w[5] ^ words[5]);
	return flow_hash_fold(a ^ c ^ words[6], b ^ w[6] ^ words[7]);
}

static uint64_t tag_form(struct flow_scope_form *form, const struct flow_scopes *scopes)
{
	uint64_t hash = hash_form(form, scopes->seed.words);

	form->tag = (uint32_t)hash;
	return hash;
}

bool flow_scope_canonical(struct flow_scope_form *canonical, const struct flow_scope_form *seen,
		bool ids_in_key)
{
	const struct packet_encapsulation *around = &seen->around;

	if (around->tunnel == PACKET_TUNNEL_NONE && around->pppoe_session == 0)
		return false;
	*canonical = *seen;
	canonical->tag = 0;
	canonical->kind = KIND_CANONICAL;
	canonical->around.mpls_outermost = 0;
	canonical->around.mpls_innermost = 0;
	if (!ids_in_key || !packet_tunnel_id_is_shared((enum packet_tunnel)around->tunnel))
		canonical->around.tunnel_id = 0;
	if (memcmp(&around->outer_source, &around->outer_destination, sizeof(around->outer_source))
			> 0) {
		canonical->around.outer_source = around->outer_destination;
		canonical->around.outer_destination = around->outer_source;
	}
	return true;
}

uint64_t flow_scope_content(const struct flow_scope_form *canonical)
{
	/* Published in flow ids: changing these constants changes those of tunnelled flows. */
	static const uint64_t fixed[8] = {
			UINT64_C(0x9e3779b185ebca87),
			UINT64_C(0xc2b2ae3d27d4eb4f),
			UINT64_C(0x165667b19e3779f9),
			UINT64_C(0x85ebca77c2b2ae63),
			UINT64_C(0x27d4eb2f165667c5),
			UINT64_C(0x6c62272e07bb0142),
			UINT64_C(0x62b821756295c58d),
			UINT64_C(0x94d049bb133111eb),
	};
	uint64_t content = hash_form(canonical, fixed);

	return content ? content : 1;
}

/* Another thread may be copying the slot; it notices later that its flow is gone. */
static void store_form(struct flow_scope_slot *slot, const struct flow_scope_form *form)
{
	uint64_t *to = (uint64_t *)(void *)&slot->form;
	uint64_t from[FORM_WORDS];

	memcpy(from, form, sizeof(from));
	for (size_t i = 0; i < FORM_WORDS; i++)
		FLOW_STORE(to[i], from[i]);
}

void flow_scope_copy(
		const struct flow_scopes *scopes, uint32_t number, struct flow_scope_form *form)
{
	const uint64_t *from = (const uint64_t *)(const void *)&scopes->slots[number].form;
	uint64_t words[FORM_WORDS];

	for (size_t i = 0; i < FORM_WORDS; i++)
		words[i] = FLOW_LOAD(from[i]);
	memcpy(form, words, sizeof(*form));
	form->tag = 0;
}

/* The two home sets of a hash. */
static uint32_t home(const struct flow_scopes *scopes, uint64_t hash, int which)
{
	return (uint32_t)(hash >> (which ? 42 : 20)) & scopes->set_mask;
}

/* form->tag is set. */
static uint32_t look_up(
		const struct flow_scopes *scopes, const struct flow_scope_form *form, uint64_t hash)
{
	for (int which = 0; which < 2; which++) {
		uint32_t first = home(scopes, hash, which) * FLOW_SCOPE_WAYS;
		for (uint32_t i = first; i < first + FLOW_SCOPE_WAYS; i++) {
			const struct flow_scope_slot *slot = &scopes->slots[i];
			if (slot->form.tag == form->tag
					&& memcmp(&slot->form, form, sizeof(*form)) == 0)
				return i;
		}
	}
	return FLOW_SCOPE_NONE;
}

/* A free slot, else one that nothing refers to. Slot 0 is never given: its number is FULL's. */
static uint32_t find_room(const struct flow_scopes *scopes, uint64_t hash)
{
	uint32_t idle = FLOW_SCOPE_NONE;

	for (int which = 0; which < 2; which++) {
		uint32_t first = home(scopes, hash, which) * FLOW_SCOPE_WAYS;
		for (uint32_t i = first; i < first + FLOW_SCOPE_WAYS; i++) {
			const struct flow_scope_slot *slot = &scopes->slots[i];
			if (i == 0)
				continue;
			if (slot->form.kind == KIND_FREE)
				return i;
			if (slot->refs == 0)
				idle = i;
		}
	}
	return idle;
}

static void take_slot(struct flow_scopes *scopes, uint32_t number,
		const struct flow_scope_form *form, uint32_t scope)
{
	struct flow_scope_slot *slot = &scopes->slots[number];

	if (slot->form.kind == KIND_SEEN && slot->scope > FLOW_KEY_FIRST_SCOPE)
		scopes->slots[slot->scope - FLOW_KEY_FIRST_SCOPE].refs--;
	store_form(slot, form);
	slot->refs = 0;
	slot->scope = scope;
}

/* The number of the canonical form, or the VLAN when there is none, or FULL. */
static uint32_t number_of(struct flow_scopes *scopes, const struct flow_scope_form *seen)
{
	struct flow_scope_form canonical;

	if (!flow_scope_canonical(&canonical, seen, scopes->ids_in_key))
		return seen->vlan;
	uint64_t hash = tag_form(&canonical, scopes);
	uint32_t slot = look_up(scopes, &canonical, hash);
	if (slot == FLOW_SCOPE_NONE) {
		slot = find_room(scopes, hash);
		if (slot == FLOW_SCOPE_NONE)
			return FLOW_SCOPE_FULL;
		take_slot(scopes, slot, &canonical, 0);
	}
	return FLOW_KEY_FIRST_SCOPE + slot;
}

static uint32_t remember(
		struct flow_scopes *scopes, const struct flow_scope_form *seen, uint64_t hash)
{
	uint32_t scope = number_of(scopes, seen);

	if (scope == FLOW_SCOPE_FULL)
		return FLOW_SCOPE_NONE;
	bool numbered = scope > FLOW_SCOPE_FULL;
	if (numbered) /* held, so that the search for room does not take it away again */
		scopes->slots[scope - FLOW_KEY_FIRST_SCOPE].refs++;
	uint32_t slot = find_room(scopes, hash);
	if (slot == FLOW_SCOPE_NONE) {
		if (numbered)
			scopes->slots[scope - FLOW_KEY_FIRST_SCOPE].refs--;
		return FLOW_SCOPE_NONE;
	}
	take_slot(scopes, slot, seen, scope);
	return slot;
}

uint32_t flow_scopes_find(struct flow_scopes *scopes, const struct packet_encapsulation *around,
		uint16_t vlan, bool second, uint32_t *slot)
{
	struct flow_scope_form seen = {
			.around = *around, .vlan = vlan, .second = second, .kind = KIND_SEEN};

	*slot = FLOW_SCOPE_NONE;
	if (scopes->slots) {
		uint64_t hash = tag_form(&seen, scopes);
		*slot = look_up(scopes, &seen, hash);
		if (BASE_UNLIKELY(*slot == FLOW_SCOPE_NONE))
			*slot = remember(scopes, &seen, hash);
		if (BASE_LIKELY(*slot != FLOW_SCOPE_NONE))
			return scopes->slots[*slot].scope;
	}
	scopes->full++;
	return FLOW_SCOPE_FULL;
}

void flow_scopes_hold(struct flow_scopes *scopes, uint32_t slot)
{
	scopes->used += scopes->slots[slot].refs++ == 0;
}

void flow_scopes_release(struct flow_scopes *scopes, uint32_t slot)
{
	scopes->used -= --scopes->slots[slot].refs == 0;
}
