/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A message that is being filled, in the caller's memory.
 *
 *     | header | set header | record | record | pad | set header | record ...        |
 *     ^ octets                                      ^ set                    ^ length ^ limit
 *
 * Invariant: length, with the padding that the open set still needs, is never above limit. A set
 * holds at least one record and records of one template (RFC 7011, section 3.3); padding is shorter
 * than any record.
 *
 * The octets before the first set are left to who sends the message: sequence number and export
 * time belong to a session, and one message may go to many.
 */
#ifndef IPFIX_MESSAGE_H
#define IPFIX_MESSAGE_H

#include "ipfix_type.h"

struct ipfix_message {
	uint8_t *octets;
	uint32_t limit; /* no message gets longer */
	uint32_t length;
	uint32_t header_bytes;
	uint32_t set; /* offset of the open set, 0: none */
	uint16_t set_id;
	bool padded; /* sets end at a multiple of 4 octets */
	/* what it holds: the ledger of who sends it, or fails to */
	uint32_t records; /* of all kinds */
	uint32_t data_records; /* what its sequence number counts: options data included */
	uint32_t flow_records;
	uint64_t flow_packets;
	uint64_t flow_octets;
};

/* Begins an empty message of at most `limit` octets at `octets`, which stay the caller's. */
void ipfix_message_start(struct ipfix_message *message, uint8_t *octets, uint32_t limit,
		uint32_t header_bytes, bool padded);

/* Begins the next message at the same place. */
void ipfix_message_restart(struct ipfix_message *message);

/*
 * Room for `bytes` octets (at least 4) of records in a set of that id, opened where needed. NULL
 * when they do not fit: finish the message and take the next one.
 */
uint8_t *ipfix_message_reserve(struct ipfix_message *message, uint16_t set_id, uint32_t bytes);

/*
 * ... of a message without sets (NetFlow version 5). NULL when they do not fit.
 */
uint8_t *ipfix_message_append(struct ipfix_message *message, uint32_t bytes);

/* Closes the open set: the next record begins another one, whatever its id. */
void ipfix_message_close_set(struct ipfix_message *message);

/*
 * Closes the open set. False when the message holds nothing, so that it must not be sent; else
 * message->length octets are ready but for their header.
 */
bool ipfix_message_finish(struct ipfix_message *message);

static inline bool ipfix_message_is_empty(const struct ipfix_message *message)
{
	return message->length == message->header_bytes;
}

#endif
