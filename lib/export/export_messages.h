/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that wait for a collector: a ring of octets in which each message lies in one piece
 * behind its head. Messages are made in the ring and sent from it, so nobody copies them.
 *
 *   | head, message | head, message | ...free... | room being written |
 *     ^ first to go                                ^ export_messages_reserve()
 *
 * Invariants: the sums are those of all heads in the ring; `torn` octets of the first message were
 * accepted by the collector's connection, and are fewer than it has; the first `stamped` messages
 * have a header and must go in this order, before anything else.
 */
#ifndef EXPORT_MESSAGES_H
#define EXPORT_MESSAGES_H

#include "base_cacheline.h"
#include "ipfix_message.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* What a message holds, for the ledger of who sends it or loses it. */
struct export_load {
	uint64_t messages;
	uint64_t records; /* flow records */
	uint64_t packets;
	uint64_t octets; /* of the flows, not of the messages */
};

static inline void export_load_add(struct export_load *sum, const struct export_load *load)
{
	sum->messages += load->messages;
	sum->records += load->records;
	sum->packets += load->packets;
	sum->octets += load->octets;
}

static inline void export_load_subtract(struct export_load *sum, const struct export_load *load)
{
	sum->messages -= load->messages;
	sum->records -= load->records;
	sum->packets -= load->packets;
	sum->octets -= load->octets;
}

struct export_message_head {
	uint32_t length;
	uint32_t room; /* octets from this head to the next */
	uint32_t records; /* of all kinds, as struct ipfix_message has them */
	uint32_t data_records;
	uint32_t flow_records;
	uint32_t reserved;
	uint64_t flow_packets;
	uint64_t flow_octets;
};

/* One thread. */
struct export_messages {
	uint8_t *octets;
	size_t size;
	size_t head;
	size_t tail;
	size_t limit; /* end of the upper part; 0: not wrapped */
	size_t peak; /* highest tail since memory was last given back */
	uint32_t torn;
	uint64_t stamped;
	struct export_load waiting;
};

/* Room for `size` octets, touched when used. 0 or -errno. */
int export_messages_init(struct export_messages *queue, size_t size) BASE_MUST_CHECK;
void export_messages_fini(struct export_messages *queue);

/* Where a message of up to `bytes` octets may be written, or NULL when the ring is full. */
uint8_t *export_messages_reserve(struct export_messages *queue, uint32_t bytes);
/* Adds the finished message that lies where export_messages_reserve() said. */
void export_messages_publish(struct export_messages *queue, const struct ipfix_message *message);

/*
 * The first messages as pieces, at most `max`, without what is torn; `heads` gets their heads.
 * Returns how many.
 */
unsigned int export_messages_peek(const struct export_messages *queue, struct iovec *pieces,
		struct export_message_head **heads, unsigned int max);
/* The octets of a message that peek showed. */
static inline uint8_t *export_messages_octets(struct export_message_head *head)
{
	return (uint8_t *)(head + 1);
}

/* `octets` more were accepted: adds what is complete now to *done. */
void export_messages_accept(struct export_messages *queue, size_t octets, struct export_load *done);
/* Takes the first message out, and returns what it held. The ring is not empty. */
struct export_load export_messages_drop(struct export_messages *queue);
/* A new session: nothing is torn, nothing is stamped. */
void export_messages_rewind(struct export_messages *queue);
/* Octets of the ring that are in use. */
static inline size_t export_messages_bytes(const struct export_messages *queue)
{
	return queue->limit ? queue->limit - queue->head + queue->tail : queue->tail - queue->head;
}
/* Drops everything; returns what it held. */
struct export_load export_messages_clear(struct export_messages *queue);

static inline bool export_messages_is_empty(const struct export_messages *queue)
{
	return queue->waiting.messages == 0;
}

#endif
