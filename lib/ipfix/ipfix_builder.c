/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_builder.h"

#include "ipfix_netflow5.h"

#include <errno.h>

int ipfix_builder_init(struct ipfix_builder *builder, const struct ipfix_plan *plan,
		const struct ipfix_scene *scene, uint8_t *octets, uint32_t limit)
{
	*builder = (struct ipfix_builder){.plan = plan, .scene = *scene};
	builder->scene.boot_ns = plan->settings.boot_ns;
	if (limit < IPFIX_MESSAGE_MIN)
		return -EINVAL;
	ipfix_message_start(&builder->message, octets, limit, plan->header_bytes,
			!plan->settings.unpadded);
	return 0;
}

void ipfix_builder_set_sink(struct ipfix_builder *builder, ipfix_emit_fn emit, void *context)
{
	builder->emit = emit;
	builder->context = context;
}

void ipfix_builder_flush(struct ipfix_builder *builder)
{
	if (!ipfix_message_finish(&builder->message))
		return;
	builder->emit(builder->context, &builder->message);
	ipfix_message_restart(&builder->message);
}

static uint8_t *reserve(struct ipfix_builder *builder, uint16_t set_id, uint32_t bytes)
{
	uint8_t *room = ipfix_message_reserve(&builder->message, set_id, bytes);

	if (BASE_UNLIKELY(!room)) {
		ipfix_builder_flush(builder);
		room = ipfix_message_reserve(&builder->message, set_id, bytes);
	}
	return room;
}

static void count_record(
		struct ipfix_message *message, const struct flow_record *record, uint32_t parts)
{
	message->records += parts;
	message->data_records += parts;
	message->flow_records++;
	message->flow_packets += record->packets + record->rev_packets;
	message->flow_octets += record->bytes + record->rev_bytes;
}

static void add_whole(struct ipfix_builder *builder, const struct flow_record *record)
{
	const struct ipfix_template *template = &builder->plan->templates[ipfix_plan_pick(
			builder->plan, record, record->rev_packets > 0)];
	uint8_t *room = reserve(builder, template->id, template->record_bytes);

	ipfix_encode(template->ops, template->op_count, record, &builder->scene, room);
	count_record(&builder->message, record, 1);
}

/* Both halves go into one message, so that it is sent or lost as a whole, as its flow record is. */
static void add_parted(struct ipfix_builder *builder, const struct flow_record *record)
{
	const struct ipfix_template *template =
			&builder->plan->templates[ipfix_plan_pick(builder->plan, record, false)];
	bool back = record->rev_packets > 0, forth = record->packets > 0 || !back;
	uint32_t parts = (uint32_t)forth + back;
	uint8_t *room = reserve(builder, template->id, parts * template->record_bytes);

	if (forth) {
		ipfix_encode(template->ops, template->op_count, record, &builder->scene, room);
		room += template->record_bytes;
	}
	if (back)
		ipfix_encode(template->turned, template->turned_count, record, &builder->scene,
				room);
	count_record(&builder->message, record, parts);
}

static void refuse(
		struct ipfix_builder *builder, uint64_t records, uint64_t packets, uint64_t octets)
{
	builder->refused.records += records;
	builder->refused.packets += packets;
	builder->refused.octets += octets;
}

static void add_part5(struct ipfix_builder *builder, struct ipfix_netflow5_flow *flow)
{
	struct ipfix_message *message = &builder->message;
	uint32_t packets, octets;
	uint8_t *room = NULL;

	if (message->records < IPFIX_NETFLOW5_RECORDS_MAX)
		room = ipfix_message_append(message, IPFIX_NETFLOW5_RECORD_BYTES);
	if (!room) {
		ipfix_builder_flush(builder);
		room = ipfix_message_append(message, IPFIX_NETFLOW5_RECORD_BYTES);
	}
	ipfix_netflow5_write(flow, &builder->scene, room, &packets, &octets);
	message->records++;
	message->data_records++;
	message->flow_packets += packets;
	message->flow_octets += octets;
}

static void add_way5(struct ipfix_builder *builder, const struct flow_record *record, bool turned)
{
	struct ipfix_netflow5_flow flow = ipfix_netflow5_begin(record, turned);

	while (flow.parts > 0)
		add_part5(builder, &flow);
	if (flow.cut)
		refuse(builder, 0, flow.packets, flow.octets);
}

/* The flow record is counted with the message that holds the last of it. */
static void add_version5(struct ipfix_builder *builder, const struct flow_record *record)
{
	bool back = record->rev_packets > 0, forth = record->packets > 0 || !back;

	if (record->ip_version != 4) {
		refuse(builder, 1, record->packets + record->rev_packets,
				record->bytes + record->rev_bytes);
		return;
	}
	if (forth)
		add_way5(builder, record, false);
	if (back)
		add_way5(builder, record, true);
	builder->message.flow_records++;
}

void ipfix_builder_add(struct ipfix_builder *builder, const struct flow_record *records,
		unsigned int count)
{
	const struct ipfix_settings *settings = &builder->plan->settings;

	if (settings->protocol == IPFIX_PROTOCOL_NETFLOW5) {
		for (unsigned int i = 0; i < count; i++)
			add_version5(builder, &records[i]);
	} else if (settings->uniflow) {
		for (unsigned int i = 0; i < count; i++)
			add_parted(builder, &records[i]);
	} else {
		for (unsigned int i = 0; i < count; i++)
			add_whole(builder, &records[i]);
	}
}
