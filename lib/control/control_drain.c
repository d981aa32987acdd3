/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_drain.h"

static void count_run(struct control_drain *drain, uint32_t ring, const struct flow_record *records,
		uint32_t count)
{
	uint64_t packets = 0, octets = 0;

	for (uint32_t i = 0; i < count; i++) {
		packets += records[i].packets + records[i].rev_packets;
		octets += records[i].bytes + records[i].rev_bytes;
	}
	drain->values.rings[ring] += count;
	drain->values.control[STATS_records_taken] += count;
	drain->values.control[STATS_records_taken_packets] += packets;
	drain->values.control[STATS_records_taken_octets] += octets;
}

uint32_t control_drain_ring(struct control_drain *drain, uint32_t ring, uint32_t budget)
{
	struct ring_records *records_ring = drain->rings[ring];
	uint32_t taken = 0;

	while (taken < budget) {
		uint32_t wanted = budget - taken, count;
		if (wanted > CONTROL_RUN_RECORDS)
			wanted = CONTROL_RUN_RECORDS;
		const struct flow_record *records = ring_peek(records_ring, wanted, &count);
		if (count == 0)
			break;
		control_outputs_write(drain->outputs, records, count);
		if (drain->tops)
			control_tops_add(drain->tops, records, count);
		count_run(drain, ring, records, count);
		control_drain_publish(drain);
		ring_release(records_ring, count);
		taken += count;
	}
	return taken;
}

void control_drain_publish(struct control_drain *drain)
{
	control_outputs_read(drain->outputs, drain->values.outputs);
	control_ledger_publish(drain->ledger, &drain->values);
}
