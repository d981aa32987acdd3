/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_record.h"

#include "flow_internal.h"

#include <string.h>

const char *flow_end_reason_name(enum flow_end_reason reason)
{
	static const char *const names[FLOW_END_REASON_COUNT] = {
			[FLOW_END_NONE] = "none",
			[FLOW_END_IDLE] = "idle",
			[FLOW_END_ACTIVE] = "active",
			[FLOW_END_DETECTED] = "end",
			[FLOW_END_FORCED] = "forced",
			[FLOW_END_RESOURCES] = "resources",
	};

	return (unsigned int)reason < FLOW_END_REASON_COUNT ? names[reason] : "unknown";
}

static void turn_around(struct packet_encapsulation *around)
{
	union packet_address source = around->outer_source;

	around->outer_source = around->outer_destination;
	around->outer_destination = source;
}

void flow_surroundings_read(const struct flow_table *table, uint64_t index,
		const struct flow_entry *entry, struct flow_surroundings *surroundings)
{
	*surroundings = (struct flow_surroundings){0};
	if ((entry->key.identity & FLOW_KEY_SCOPE_MASK) == FLOW_SCOPE_FULL)
		surroundings->content = FLOW_SCOPE_FULL;
	if (!flow_has_extra(entry) || !table->extras)
		return;
	const struct flow_extra *extra = &table->extras[index];
	uint32_t slot = FLOW_LOAD(extra->slot);
	surroundings->outer_flow_id = FLOW_LOAD(extra->outer_flow_id);
	surroundings->turned = FLOW_LOAD(extra->turned);
	/* a torn copy may hold any number; it is thrown away later */
	if (slot >= flow_scopes_slots(&table->scopes)
			|| !(entry->packet_flags & PACKET_FLAG_AROUND))
		return;
	struct flow_scope_form canonical;
	flow_scope_copy(&table->scopes, slot, &surroundings->seen);
	if (flow_scope_canonical(&canonical, &surroundings->seen, table->scopes.ids_in_key))
		surroundings->content = flow_scope_content(&canonical);
}

/* The id that records of the flow in place `index` will have. */
uint64_t flow_id_of(const struct flow_table *table, uint64_t index)
{
	const struct flow_entry *entry = &table->entries[index];
	struct flow_surroundings surroundings;

	flow_surroundings_read(table, index, entry, &surroundings);
	return flow_hash_id(&entry->key, surroundings.content, entry->flow_start_ns);
}

void flow_record_from_entry(struct flow_record *record, const struct flow_entry *entry,
		const struct flow_surroundings *surroundings)
{
	const struct flow_key *key = &entry->key;
	bool high = entry->state & FLOW_STATE_INITIATOR_HIGH;
	bool reverse = entry->state & FLOW_STATE_REVERSE;
	uint32_t scope = key->identity & FLOW_KEY_SCOPE_MASK;

	*record = (struct flow_record){
			.source = high ? key->high : key->low,
			.destination = high ? key->low : key->high,
			.source_port = high ? key->high_port : key->low_port,
			.destination_port = high ? key->low_port : key->high_port,
			.protocol = (uint8_t)(key->identity >> FLOW_KEY_PROTOCOL_SHIFT),
			.ip_version = key->identity & FLOW_KEY_IPV6 ? 6 : 4,
			.direction_basis = entry->state & FLOW_STATE_INITIATOR_KNOWN
					? FLOW_DIRECTION_INITIATOR
					: FLOW_DIRECTION_ARBITRARY,
			.packets = flow_entry_packets(entry),
			.bytes = entry->bytes,
			.flow_id = flow_hash_id(key, surroundings->content, entry->flow_start_ns),
			.rev_packets = flow_entry_rev_packets(entry),
			.rev_bytes = entry->rev_bytes,
			.start_ns = entry->start_ns,
			.end_ns = entry->last_ns,
			.flow_start_ns = entry->flow_start_ns,
			.rev_start_ns = reverse ? entry->rev_start_ns : 0,
			.tcp_flags = (uint16_t)(entry->tcp_flags
					| (entry->tcp_flags_high & 0x0f) << 8),
			.rev_tcp_flags = (uint16_t)(entry->rev_tcp_flags
					| (entry->tcp_flags_high >> 4) << 8),
			.vlan = scope < FLOW_KEY_FIRST_SCOPE ? (uint16_t)scope
							     : surroundings->seen.vlan,
			.vlan_inner = entry->vlan_inner,
			.port = entry->port,
			.rev_port = reverse ? entry->rev_port : FLOW_ENTRY_NO_PORT,
			.icmp_type = entry->icmp_type,
			.icmp_code = entry->icmp_code,
			.flags = entry->packet_flags,
			.ttl_min = entry->ttl_min,
			.ttl_max = entry->ttl_max,
			.rev_ttl_min = entry->rev_ttl_min,
			.rev_ttl_max = entry->rev_ttl_max,
			.tos = entry->tos,
			.rev_tos = entry->rev_tos,
			.outer_flow_id = surroundings->outer_flow_id,
			.around = surroundings->seen.around,
	};
	if (surroundings->turned)
		turn_around(&record->around);
}
