/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much of the time the flow tables may be read. Reading stops no worker, but takes lines of its
 * table to another core, from where it has to fetch them back (a loop of `weirctl flows` cost a
 * worker 5 % of its speed). So who reads much gets the answer later: for each nanosecond of reading
 * five without are owed, and an answer waits while more than a second is, but never more than five.
 * A person, or a display that is drawn anew each second, never waits for a table of a million
 * flows.
 */
#ifndef API_PACE_H
#define API_PACE_H

#include "base_clock.h"

#define API_PACE_REST 5
#define API_PACE_ALLOWED_NS BASE_NS_PER_SEC
#define API_PACE_HELD_MAX_NS (5 * BASE_NS_PER_SEC)

struct api_pace {
	int64_t spent_ns; /* reading, since api_pace_due() was asked */
	int64_t owed_ns; /* at `at_ns` */
	int64_t at_ns;
};

/* When the answer that this time was spent for may go: now_ns or later. Monotonic time. */
static inline int64_t api_pace_due(struct api_pace *pace, int64_t now_ns)
{
	int64_t rested_ns = now_ns - pace->at_ns - pace->spent_ns;

	pace->owed_ns = pace->owed_ns > rested_ns ? pace->owed_ns - rested_ns : 0;
	pace->owed_ns += API_PACE_REST * pace->spent_ns;
	if (pace->owed_ns > API_PACE_ALLOWED_NS + API_PACE_HELD_MAX_NS)
		pace->owed_ns = API_PACE_ALLOWED_NS + API_PACE_HELD_MAX_NS;
	pace->spent_ns = 0;
	pace->at_ns = now_ns;
	return pace->owed_ns > API_PACE_ALLOWED_NS ? now_ns + pace->owed_ns - API_PACE_ALLOWED_NS
						   : now_ns;
}

#endif
