/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_loop.h"

#include "base_clock.h"
#include "base_log.h"
#include "base_units.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

/* A pause is too long when a ring got this full in it, and may grow when it stayed below the other.
 */
#define FILL_HIGH_PERMILLE 125
#define FILL_LOW_PERMILLE 31

static void check_clock(struct control *control)
{
	char text[BASE_UNITS_BYTES];
	int64_t step_ns = control_clock_check(&control->clock, base_clock_step_ns);

	if (step_ns == 0)
		return;
	control->drain.values.control[STATS_clock_steps]++;
	base_log_warning("the system's clock was set %s %s; times in flow records go on as before "
			 "until weir starts again",
			base_units_duration(step_ns < 0 ? -step_ns : step_ns, text),
			step_ns < 0 ? "back" : "forward");
}

/* Does what is due and returns the time. */
static int64_t run_timers(struct control *control)
{
	int64_t now_ns = base_clock_mono_ns();

	/* relaxed: the flag is the whole message */
	if (atomic_load_explicit(&control->reopen, memory_order_relaxed)
			&& atomic_exchange_explicit(&control->reopen, false, memory_order_relaxed))
		control_outputs_reopen(&control->outputs);
	if (now_ns < control->next_tick_ns) {
		control_outputs_push(&control->outputs);
		return now_ns;
	}
	control->next_tick_ns = now_ns + CONTROL_TICK_NS;
	control_outputs_tick(&control->outputs, base_clock_wall_ns());
	check_clock(control);
	control_drain_publish(&control->drain);
	control_sample_rates(control, now_ns);
	return now_ns;
}

static uint64_t ring_fill(const struct ring_records *ring)
{
	/* Consumed first: the other way round a release in between would give less than nothing. */
	uint64_t consumed = ring_consumed(ring);

	return ring_produced(ring) - consumed;
}

struct control_turn control_loop_turn(struct control *control, int64_t until_ns)
{
	struct control_drain *drain = &control->drain;
	struct control_turn turn = {0};

	drain->values.control[STATS_control_turns]++;
	for (uint32_t i = 0; i < drain->ring_count; i++) {
		uint64_t waiting = ring_fill(drain->rings[i]);
		uint32_t fill = (uint32_t)(waiting * 1000 / ring_capacity(drain->rings[i]));
		if (fill > turn.fill_permille)
			turn.fill_permille = fill;
		uint32_t taken = control_drain_ring(drain, i, CONTROL_BUDGET_RECORDS);
		turn.taken += taken;
		turn.more |= taken == CONTROL_BUDGET_RECORDS;
		if (run_timers(control) > until_ns)
			return turn;
	}
	if (drain->ring_count == 0)
		run_timers(control);
	return turn;
}

int64_t control_loop_pause(int64_t pause_ns, const struct control_turn *turn)
{
	if (turn->more)
		return 0;
	if (turn->fill_permille >= FILL_HIGH_PERMILLE)
		return pause_ns / 2 >= CONTROL_PAUSE_MIN_NS ? pause_ns / 2 : 0;
	if (turn->fill_permille > FILL_LOW_PERMILLE && pause_ns > 0)
		return pause_ns;
	pause_ns = pause_ns == 0 ? CONTROL_PAUSE_MIN_NS : pause_ns * 2;
	return pause_ns < CONTROL_PAUSE_MAX_NS ? pause_ns : CONTROL_PAUSE_MAX_NS;
}

static void wait_for_wake(struct control *control, int64_t pause_ns)
{
	struct pollfd wake = {.fd = control->wake_fd, .events = POLLIN};
	struct timespec pause = {.tv_nsec = (long)pause_ns};
	uint64_t wakes;

	if (ppoll(&wake, 1, &pause, NULL) > 0 && read(control->wake_fd, &wakes, sizeof(wakes)) < 0)
		base_log_every(60, BASE_LOG_WARNING, "control thread: wake-up cannot be read: %m");
}

void control_loop_wake(struct control *control)
{
	uint64_t one = 1;

	/* It can only fail when it is full of wake-ups that nobody has read yet: as good as done.
	 */
	if (write(control->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void control_loop_finish(struct control *control, int64_t until_ns)
{
	while (control_loop_turn(control, until_ns).taken > 0 && base_clock_mono_ns() < until_ns)
		continue;
	control_outputs_close(&control->outputs, until_ns, control->drain.values.outputs);
	control_drain_publish(&control->drain);
}

void control_loop_stop(struct control *control, int64_t until_ns)
{
	/* relaxed: published by the next store */
	atomic_store_explicit(&control->until_ns, until_ns, memory_order_relaxed);
	/* release: pairs with the acquire in control_loop_run(), which reads until_ns after it */
	atomic_store_explicit(&control->stopping, true, memory_order_release);
	control_loop_wake(control);
}

void control_loop_run(struct control *control)
{
	int64_t pause_ns = 0;

	/* acquire: pairs with the release in control_loop_stop() */
	while (!atomic_load_explicit(&control->stopping, memory_order_acquire)) {
		struct control_turn turn = control_loop_turn(control, INT64_MAX);
		pause_ns = control_loop_pause(pause_ns, &turn);
		if (pause_ns > 0)
			wait_for_wake(control, pause_ns);
	}
	control_loop_finish(
			control, atomic_load_explicit(&control->until_ns, memory_order_relaxed));
}
