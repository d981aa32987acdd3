/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notices that somebody set the system's clock. Records do not follow (base_clock.h), so an
 * operator who compares them with other logs has to be told.
 */
#ifndef CONTROL_CLOCK_H
#define CONTROL_CLOCK_H

#include "base_clock.h"

#include <stdint.h>

/* Smaller steps are within what time daemons do while they settle. */
#define CONTROL_CLOCK_STEP_NS (10 * BASE_NS_PER_MS)

struct control_clock {
	int64_t known_ns; /* sum of the steps seen so far */
};

/*
 * Reads the clock's distance with `read` (base_clock_step_ns, or a test's) and returns the step
 * since the last call, 0 when there was none. A step counts when three readings in a row say so:
 * one reading is off by as long as its thread was preempted inside.
 */
int64_t control_clock_check(struct control_clock *clock, int64_t (*read)(void));

#endif
