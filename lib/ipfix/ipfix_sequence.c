/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sequence.h"

#include <string.h>

/* Numbers wrap: from half of them on, one is behind. */
#define HALF UINT32_C(0x80000000)

static void remove_gap(struct ipfix_sequence *sequence, unsigned int index)
{
	sequence->gap_count--;
	memmove(&sequence->gaps[index], &sequence->gaps[index + 1],
			(sequence->gap_count - index) * sizeof(sequence->gaps[0]));
}

static void add_gap(struct ipfix_sequence *sequence, uint32_t from, uint32_t count)
{
	if (count == 0)
		return;
	if (sequence->gap_count == IPFIX_SEQUENCE_GAPS)
		remove_gap(sequence, 0);
	sequence->gaps[sequence->gap_count++] = (struct ipfix_sequence_gap){from, count};
}

/* True when the numbers were missing; they are not any more. */
static bool fill_gap(struct ipfix_sequence *sequence, uint32_t number, uint32_t count)
{
	for (unsigned int i = 0; i < sequence->gap_count; i++) {
		struct ipfix_sequence_gap gap = sequence->gaps[i];
		uint32_t before = number - gap.from;
		if (before >= gap.count)
			continue;
		if (count > gap.count - before)
			count = gap.count - before;
		remove_gap(sequence, i);
		add_gap(sequence, gap.from, before);
		add_gap(sequence, number + count, gap.count - before - count);
		sequence->missing -= count;
		return true;
	}
	return false;
}

static enum ipfix_step take_behind(struct ipfix_sequence *sequence, uint32_t number, uint32_t count)
{
	if (sequence->may_restart && number == sequence->restart) {
		sequence->may_restart = false;
		sequence->gap_count = 0;
		sequence->restarts++;
		sequence->expected = number + count;
		return IPFIX_STEP_RESTART;
	}
	sequence->may_restart = true;
	sequence->restart = number + count;
	if (fill_gap(sequence, number, count)) {
		sequence->late++;
		return IPFIX_STEP_LATE;
	}
	sequence->again++;
	return IPFIX_STEP_AGAIN;
}

enum ipfix_step ipfix_sequence_take(struct ipfix_sequence *sequence, uint32_t number,
		uint32_t count, bool datagrams, uint32_t *distance)
{
	uint32_t ahead = number - sequence->expected;
	enum ipfix_step step = IPFIX_STEP_IN_ORDER;

	*distance = ahead < HALF ? ahead : 0 - ahead;
	if (!sequence->counting) {
		*distance = 0;
		sequence->counting = true;
		step = IPFIX_STEP_FIRST;
	} else if (ahead >= HALF && datagrams) {
		return take_behind(sequence, number, count);
	} else if (ahead >= HALF) {
		step = IPFIX_STEP_BACK;
	} else if (ahead > 0) {
		add_gap(sequence, sequence->expected, ahead);
		sequence->missing += ahead;
		sequence->gaps_seen++;
		step = IPFIX_STEP_GAP;
	}
	sequence->may_restart = false;
	sequence->expected = number + count;
	return step;
}

void ipfix_sequence_forget(struct ipfix_sequence *sequence)
{
	sequence->counting = false;
	sequence->may_restart = false;
	sequence->gap_count = 0;
}
