/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_clock.h"

#define READINGS 3

int64_t control_clock_check(struct control_clock *clock, int64_t (*read)(void))
{
	int64_t largest_ns = INT64_MIN;

	for (int i = 0; i < READINGS; i++) {
		int64_t now_ns = read();
		int64_t step_ns = now_ns - clock->known_ns;
		if (step_ns > -CONTROL_CLOCK_STEP_NS && step_ns < CONTROL_CLOCK_STEP_NS)
			return 0;
		/* Preemption makes a reading too small, never too large. */
		if (now_ns > largest_ns)
			largest_ns = now_ns;
	}
	int64_t step_ns = largest_ns - clock->known_ns;
	clock->known_ns = largest_ns;
	return step_ns;
}
