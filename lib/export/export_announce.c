/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_announce.h"

#include <string.h>

#define PROCESS_ID 1
/* Version 5: the mode above an interval of 14 bits. */
#define NETFLOW5_SYSTEMATIC 0x4000
#define NETFLOW5_RANDOM 0x8000
#define NETFLOW5_INTERVAL 0x3fff

static void take_announcement(void *context, struct ipfix_message *message)
{
	struct export_exporter *exporter = context;
	uint8_t *room = export_messages_reserve(&exporter->announced, message->length);

	if (!room) { /* 1 MiB of templates and options: more than there can be */
		ipfix_session_unstamp(&exporter->session, message);
		return;
	}
	memcpy(room, message->octets, message->length);
	export_messages_publish(&exporter->announced, message);
}

static uint32_t sampling_rate(const struct export_context *context)
{
	return context->sampling_rate ? context->sampling_rate : 1;
}

uint16_t export_announce_netflow5_sampling(const struct export_context *context)
{
	return (uint16_t)((context->sampling_random ? NETFLOW5_RANDOM : NETFLOW5_SYSTEMATIC)
			| (sampling_rate(context) & NETFLOW5_INTERVAL));
}

void export_announce(struct export_exporter *exporter, int64_t now_ns)
{
	struct export_metering metering = {0};
	const struct export_context *context = exporter->context;
	const struct ipfix_loss *lost = &exporter->lost;

	if (context->read_metering)
		context->read_metering(context->metering_arg, &metering);
	struct ipfix_selector selector = {
			.id = EXPORT_SELECTOR_ID,
			.algorithm = context->sampling_random ? IPFIX_ALGORITHM_RANDOM
							      : IPFIX_ALGORITHM_SYSTEMATIC,
			.interval = sampling_rate(context),
			.observed_packets = metering.observed_packets,
			.selected_packets =
					metering.observed_packets - metering.sampled_out_packets,
	};
	struct ipfix_report report = {
			.interfaces = exporter->interfaces,
			.interface_count = exporter->interface_count,
			.selectors = &selector,
			.selector_count = 1,
			.metering_id = PROCESS_ID,
			.exporting_id = PROCESS_ID,
			.ignored = {0, metering.ignored_packets, metering.ignored_octets,
					metering.ignored_first_ns, metering.ignored_last_ns},
			.not_sent = {lost->flows + metering.lost_records,
					lost->packets + metering.lost_packets,
					lost->octets + metering.lost_octets, lost->first_ns,
					lost->last_ns},
	};
	ipfix_session_announce(&exporter->session, now_ns, &report,
			exporter->spare + exporter->message_bytes, take_announcement, exporter);
}
