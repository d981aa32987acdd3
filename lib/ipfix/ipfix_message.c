/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_message.h"

#include "ipfix_write.h"

void ipfix_message_restart(struct ipfix_message *message)
{
	message->length = message->header_bytes;
	message->set = 0;
	message->set_id = 0;
	message->records = 0;
	message->data_records = 0;
	message->flow_records = 0;
	message->flow_packets = 0;
	message->flow_octets = 0;
}

void ipfix_message_start(struct ipfix_message *message, uint8_t *octets, uint32_t limit,
		uint32_t header_bytes, bool padded)
{
	if (limit > IPFIX_MESSAGE_MAX)
		limit = IPFIX_MESSAGE_MAX;
	message->octets = octets;
	/* headers are multiples of 4, so what fits below this fits with its padding */
	message->limit = padded ? limit & ~UINT32_C(3) : limit;
	message->header_bytes = header_bytes;
	message->padded = padded;
	ipfix_message_restart(message);
}

void ipfix_message_close_set(struct ipfix_message *message)
{
	if (!message->set)
		return;
	while (message->padded && message->length % 4)
		message->octets[message->length++] = 0;
	ipfix_write_u16(message->octets + message->set + 2,
			(uint16_t)(message->length - message->set));
	message->set = 0;
}

static uint32_t round_up(const struct ipfix_message *message, uint32_t length)
{
	return message->padded ? (length + 3) & ~UINT32_C(3) : length;
}

uint8_t *ipfix_message_reserve(struct ipfix_message *message, uint16_t set_id, uint32_t bytes)
{
	if (!message->set || message->set_id != set_id) {
		uint32_t end = message->set ? round_up(message, message->length) : message->length;
		if (end + IPFIX_SET_HEADER_BYTES + bytes > message->limit)
			return NULL;
		ipfix_message_close_set(message);
		message->set = message->length;
		message->set_id = set_id;
		ipfix_write_u16(message->octets + message->set, set_id);
		message->length += IPFIX_SET_HEADER_BYTES;
	} else if (message->length + bytes > message->limit) {
		return NULL;
	}
	uint8_t *room = message->octets + message->length;
	message->length += bytes;
	return room;
}

uint8_t *ipfix_message_append(struct ipfix_message *message, uint32_t bytes)
{
	if (message->length + bytes > message->limit)
		return NULL;
	uint8_t *room = message->octets + message->length;
	message->length += bytes;
	return room;
}

bool ipfix_message_finish(struct ipfix_message *message)
{
	ipfix_message_close_set(message);
	return !ipfix_message_is_empty(message);
}
