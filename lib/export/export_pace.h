/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How fast messages may go: evenly, and after a pause no more at once than a collector's buffer
 * takes. Times are monotonic. One thread.
 */
#ifndef EXPORT_PACE_H
#define EXPORT_PACE_H

#include "base_clock.h"

/* What was not used of that time may be made up for: the control thread pauses that long. */
#define EXPORT_PACE_SLACK_NS (2 * BASE_NS_PER_MS)
/* ... but so many messages may always go at once. */
#define EXPORT_PACE_BURST 8

struct export_pace {
	int64_t interval_ns; /* between two messages; 0: no limit */
	int64_t due_ns; /* when the next one is due */
};

/* per_sec: messages; 0: no limit. */
void export_pace_init(struct export_pace *pace, uint32_t per_sec);

/* How many of `count` messages may go now. */
unsigned int export_pace_allow(struct export_pace *pace, int64_t now_ns, unsigned int count);
/* So many went. */
void export_pace_took(struct export_pace *pace, unsigned int count);
/* Time until the next one may go; 0: now. */
int64_t export_pace_wait_ns(const struct export_pace *pace, int64_t now_ns);

#endif
