/* SPDX-License-Identifier: BSD-3-Clause */
/* module: ipfix */
/* Any flow records, by any plan: what is read back is what was given, and breaks no rule. */
#include <stdlib.h>

#define TRIP_FAIL(text) abort()
#include "../unit/ipfix/ipfix_trip.h"

#define RECORDS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where a number stands for one of a few things. */
static void make_sense(struct flow_record *record)
{
	record->ip_version = record->ip_version & 1 ? 4 : 6;
	record->end_reason = (uint8_t)(1 + record->end_reason % 5);
	record->direction_basis &= 1;
	record->around.tunnel %= PACKET_TUNNEL_COUNT;
	/* as encoded: before 1970 is 1970; and no flow ends before it starts */
	record->start_ns &= INT64_C(0xfffffffffffffff);
	record->rev_start_ns &= INT64_C(0xfffffffffffffff);
	if (record->end_ns < record->start_ns || record->end_ns > INT64_C(0xfffffffffffffff))
		record->end_ns = record->start_ns;
	if (record->end_ns < record->rev_start_ns)
		record->rev_start_ns = record->end_ns;
	record->around.mpls_outermost &= PACKET_LABEL_PRESENT | 0xfffff;
	record->around.mpls_innermost &= PACKET_LABEL_PRESENT | 0xfffff;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipfix_interface interfaces[] = {
			{.index = 1, .egress_index = 2, .name = "eth0"},
			{.index = 2, .egress_index = 1, .name = "eth1"}};
	static const struct ipfix_scene scene = {interfaces, 2, 0};
	static const struct ipfix_selector selector = {.id = 1, .algorithm = 1, .interval = 1};
	static const struct ipfix_report report = {.interfaces = interfaces,
			.interface_count = 2,
			.selectors = &selector,
			.selector_count = 1};
	static struct flow_record records[RECORDS_MAX];
	static struct ipfix_plan plan;
	struct trip trip = {.plan = &plan,
			.scene = &scene,
			.records = records,
			.now_ns = INT64_C(1152921504606846976)};

	if (size < 4)
		return 0;
	const struct ipfix_settings settings = {.uniflow = data[0] & 1,
			.nanoseconds = data[0] & 2,
			.plain = data[0] & 4,
			.unpadded = data[0] & 8,
			.protocol = data[0] & 16 ? IPFIX_PROTOCOL_NETFLOW9 : IPFIX_PROTOCOL_IPFIX,
			.selector_id = data[1]};
	uint32_t limit = (uint32_t)IPFIX_MESSAGE_MIN + data[2] * 256u + data[3];
	limit = limit < IPFIX_MESSAGE_MAX ? limit : IPFIX_MESSAGE_MAX;
	for (data += 4, size -= 4; size > 0 && trip.count < RECORDS_MAX; trip.count++) {
		size_t bytes = size < sizeof(records[0]) ? size : sizeof(records[0]);
		memset(&records[trip.count], 0, sizeof(records[0]));
		memcpy(&records[trip.count], data, bytes);
		make_sense(&records[trip.count]);
		data += bytes;
		size -= bytes;
	}
	ipfix_plan_init(&plan, &settings);
	trip_run(&trip, &report, limit);
	if (ipfix_check_broken(trip.check, IPFIX_SEVERITY_ERROR) > 0)
		abort();
	ipfix_check_destroy(trip.check);
	return 0;
}
