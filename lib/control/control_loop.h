/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The loop of the control thread.
 *
 *     turn:   for each ring:  drain up to a budget  ->  timers, if any is due
 *     pause:  none while a ring has more than its budget; else 50 us to 2 ms, by how full they get
 *
 * Timers (every 100 ms): outputs tick, clock check, sample for the rates. A wake-up (stop, reopen)
 * ends a pause at once. Workers cannot wake the thread, because that would be a system call on the
 * packet path; instead the pause is set so that rings stay below an eighth of what they hold.
 */
#ifndef CONTROL_LOOP_H
#define CONTROL_LOOP_H

#include "control_internal.h"

#include <stdbool.h>
#include <stdint.h>

/* Records a ring may deliver before it is the next one's turn. */
#define CONTROL_BUDGET_RECORDS 4096

#define CONTROL_PAUSE_MIN_NS (50 * BASE_NS_PER_US)
#define CONTROL_PAUSE_MAX_NS (2 * BASE_NS_PER_MS)
#define CONTROL_TICK_NS (100 * BASE_NS_PER_MS)

/* What a turn found. */
struct control_turn {
	uint32_t taken;
	uint32_t fill_permille; /* of the fullest ring, before it was drained */
	bool more; /* a ring has records beyond its budget */
};

/* One pass over all rings; ends early past until_ns (monotonic). Control thread. */
struct control_turn control_loop_turn(struct control *control, int64_t until_ns);

/* The pause after a turn, from the pause before it; 0: none. */
int64_t control_loop_pause(int64_t pause_ns, const struct control_turn *turn);

/* Runs turns until control_loop_stop(), then drains and closes by its deadline. The thread's body.
 */
void control_loop_run(struct control *control);

/* Drains what is left and closes the outputs by until_ns. Whoever runs the loop, once. */
void control_loop_finish(struct control *control, int64_t until_ns);

/* Asks the loop to finish by until_ns (monotonic). Any thread. */
void control_loop_stop(struct control *control, int64_t until_ns);

/* Ends a pause. Any thread. */
void control_loop_wake(struct control *control);

#endif
