/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sequence numbers of one observation domain, as who receives its messages sees them: what is
 * missing, and what the way and not the exporter did.
 *
 *     numbers   0 ... 9 | 10 ... 19 |            | 30 ... 39 |
 *               in order  in order    gap of 10    in order
 *                                     ^ a message 20 that comes now is late, and fills the gap
 *
 * Invariant: `missing` is what the open gaps hold, with those that were closed off for want of
 * room. Over a stream nothing comes late, so a number that goes back is where it counts from now.
 */
#ifndef IPFIX_SEQUENCE_H
#define IPFIX_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Gaps that late messages can fill; of older ones what is missing stays missing. */
#define IPFIX_SEQUENCE_GAPS 16

enum ipfix_step {
	IPFIX_STEP_FIRST, /* nothing was expected */
	IPFIX_STEP_IN_ORDER,
	IPFIX_STEP_GAP, /* numbers were left out */
	IPFIX_STEP_BACK, /* over a stream: it counts from an earlier number */
	/* over datagrams */
	IPFIX_STEP_LATE, /* it fills a gap */
	IPFIX_STEP_AGAIN, /* that message was here before */
	IPFIX_STEP_RESTART, /* the second message in a row that counts from an earlier number */
};

struct ipfix_sequence_gap {
	uint32_t from;
	uint32_t count;
};

struct ipfix_sequence {
	bool counting; /* expected is known */
	bool may_restart;
	uint32_t expected;
	uint32_t restart; /* the number after that of the last message which was no progress */
	struct ipfix_sequence_gap gaps[IPFIX_SEQUENCE_GAPS]; /* oldest first */
	unsigned int gap_count;
	uint64_t missing;
	uint64_t gaps_seen;
	uint64_t late;
	uint64_t again;
	uint64_t restarts;
};

/*
 * Takes the number of a message that counts `count` (data records, or 1). *distance gets how far it
 * was from the expected number, either way.
 */
enum ipfix_step ipfix_sequence_take(struct ipfix_sequence *sequence, uint32_t number,
		uint32_t count, bool datagrams, uint32_t *distance);

/* How much a message counts could not be told, or something was not seen: no blame for the next. */
void ipfix_sequence_forget(struct ipfix_sequence *sequence);

#endif
