/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker_counters.h"

/* The drop rows stand in the order of the verdicts. */
#define CHECK_ORDER(name, help)                                                    \
	static_assert(STATS_decode_drop_##name##_packets                           \
					== STATS_DROP_PACKETS((int)PACKET_##name), \
			"the table of reasons is the order of both");
BASE_REASONS(CHECK_ORDER)

static void fill_flows(uint64_t *values, const struct flow_counters *flows)
{
	values[STATS_flows_created] = flows->created;
	values[STATS_flows_ended_idle] = flows->ended[FLOW_END_IDLE];
	values[STATS_flows_ended_detected] = flows->ended[FLOW_END_DETECTED];
	values[STATS_flows_ended_forced] = flows->ended[FLOW_END_FORCED];
	values[STATS_flows_ended_resources] = flows->ended[FLOW_END_RESOURCES];
	values[STATS_flows_active] = flows->active;
	values[STATS_resident_packets] = flows->resident_packets;
	values[STATS_resident_octets] = flows->resident_octets;
	values[STATS_records_idle] = flows->records[FLOW_END_IDLE];
	values[STATS_records_active] = flows->records[FLOW_END_ACTIVE];
	values[STATS_records_detected] = flows->records[FLOW_END_DETECTED];
	values[STATS_records_forced] = flows->records[FLOW_END_FORCED];
	values[STATS_records_resources] = flows->records[FLOW_END_RESOURCES];
	values[STATS_records_packets] = flows->records_packets;
	values[STATS_records_octets] = flows->records_octets;
	values[STATS_ring_drop_full] = flows->lost_records;
	values[STATS_ring_drop_full_packets] = flows->lost_packets;
	values[STATS_ring_drop_full_octets] = flows->lost_octets;
	values[STATS_ring_held] = flows->held;
	values[STATS_age_lateness_max_ns] = (uint64_t)flows->lateness_max_ns;
}

void worker_counters_fill(uint64_t values[STATS_WORKER_COUNT], const struct worker_counts *counts,
		const struct flow_counters *flows)
{
	values[STATS_rx_packets] = counts->rx_packets;
	values[STATS_rx_octets] = counts->rx_octets;
	values[STATS_rx_bursts] = counts->rx_bursts;
	values[STATS_rx_empty_polls] = counts->rx_empty_polls;
	values[STATS_metered_packets] = counts->metered_packets;
	values[STATS_metered_wire_octets] = counts->metered_wire_octets;
	values[STATS_time_backwards_packets] = counts->backwards;
	values[STATS_time_rewinds] = counts->rewinds;
	values[STATS_busy_ns] = counts->busy_ns;
	values[STATS_stage_packets] = counts->stages.packets;
	for (int i = 0; i < WORKER_STAGE_COUNT; i++)
		values[STATS_stage_receive_cycles + i] = counts->stages.cycles[i];
	values[STATS_idle_ns] = counts->idle_ns;
	fill_flows(values, flows);
	values[STATS_metered_octets] = flows->octets - counts->inner_octets;
	values[STATS_inner_packets] = counts->inner_packets;
	values[STATS_inner_octets] = counts->inner_octets;
	values[STATS_tunnels_active] = counts->tunnels;
	values[STATS_tunnels_full_packets] = counts->tunnels_full;
	values[STATS_fragments_first] = counts->fragments.first;
	values[STATS_fragments_resolved] = counts->fragments.resolved;
	values[STATS_fragments_unresolved] = counts->fragments.unresolved;
	values[STATS_fragments_expired] = counts->fragments.expired;
	values[STATS_fragments_evicted] = counts->fragments.evicted;
	for (uint32_t i = 0; i < PACKET_REASON_COUNT; i++) {
		values[STATS_DROP_PACKETS(i)] = counts->drop_packets[i];
		values[STATS_DROP_OCTETS(i)] = counts->drop_octets[i];
		values[STATS_DROP_LAST_NS(i)] = (uint64_t)counts->drop_last_ns[i];
	}
}
