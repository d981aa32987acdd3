/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flow records to whole data messages. The octets of a record are written once, from the caller's
 * record to the place in the message where they are sent from.
 *
 * A builder knows nothing of collectors: what it makes has no header yet. One builder serves all
 * sessions that get the same records by the same plan; each session stamps a header of its own
 * (sequence number, export time) over the one before, just before it sends or queues the message:
 *
 *     records -> builder -> message -+-> ipfix_session_stamp(a) -> send to a
 *                                    +-> ipfix_session_stamp(b) -> send to b
 *
 * One thread at a time.
 */
#ifndef IPFIX_BUILDER_H
#define IPFIX_BUILDER_H

#include "ipfix_encode.h"
#include "ipfix_message.h"

/*
 * Takes a finished message. It owns message->octets until it returns, and may put another buffer of
 * the same size in its place (a queue keeps the one it got).
 */
typedef void (*ipfix_emit_fn)(void *context, struct ipfix_message *message);

/* What version 5 has no form for: IPv6, and flows beyond IPFIX_NETFLOW5_PARTS_MAX. */
struct ipfix_refused {
	uint64_t records;
	uint64_t packets;
	uint64_t octets;
};

struct ipfix_builder {
	const struct ipfix_plan *plan;
	struct ipfix_scene scene;
	struct ipfix_message message;
	struct ipfix_refused refused;
	ipfix_emit_fn emit;
	void *context;
};

/*
 * `octets` holds limit octets, IPFIX_MESSAGE_MIN to IPFIX_MESSAGE_MAX: what fits the path behind IP
 * and transport headers. plan, interfaces and octets stay the caller's. Returns 0, or -EINVAL when
 * limit is smaller.
 */
int ipfix_builder_init(struct ipfix_builder *builder, const struct ipfix_plan *plan,
		const struct ipfix_scene *scene, uint8_t *octets, uint32_t limit) BASE_MUST_CHECK;

/* Who gets the messages; set once, before records. */
void ipfix_builder_set_sink(struct ipfix_builder *builder, ipfix_emit_fn emit, void *context);

/* Adds records in order; emits each message that is full. */
void ipfix_builder_add(struct ipfix_builder *builder, const struct flow_record *records,
		unsigned int count);

/* Emits what has come together, if anything. */
void ipfix_builder_flush(struct ipfix_builder *builder);

#endif
