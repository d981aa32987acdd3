/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"
#include "base_log.h"
#include "control_internal.h"
#include "control_loop.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* How much later than the deadline the thread may come home before it is given up. */
#define GRACE_NS BASE_NS_PER_SEC
/* ifIndex of ports that are no interfaces of the kernel; fits 16 bits, as version 5 needs. */
#define NUMBER_BASE 60000

static int check_setup(const struct control_setup *setup, char *error, size_t error_bytes)
{
	if (setup->worker_count > CONFIG_MAX_WORKERS || setup->port_count > CONFIG_MAX_PORTS) {
		snprintf(error, error_bytes, "%u workers and %u ports; at most %d and %d",
				setup->worker_count, setup->port_count, CONFIG_MAX_WORKERS,
				CONFIG_MAX_PORTS);
		return -EINVAL;
	}
	for (uint32_t i = 0; setup->port_count > 1 && i < setup->port_count; i++) {
		if (setup->ports[i].polled)
			continue;
		snprintf(error, error_bytes, "port %s does not say what was polled from it",
				setup->ports[i].name);
		return -EINVAL;
	}
	return 0;
}

static int create_tops(struct control *control)
{
	uint64_t seed;

	if (control->setup.top_count == 0)
		return 0;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint64_t)base_clock_mono_ns();
	return control_tops_create(&control->tops, CONTROL_TOPS_COUNTERS, seed);
}

static void init_locks(struct control *control)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&control->ended_lock, NULL);
	pthread_mutex_init(&control->ports_lock, NULL);
	pthread_mutex_init(&control->rates_lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&control->ended_cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* The kernel's index where the port has one; the others are numbered out of its way. */
static uint32_t number_port(const struct control_port *port, uint32_t i)
{
	unsigned int index = if_nametoindex(port->device);

	return index ? index : NUMBER_BASE + i;
}

static void init_state(struct control *control, const struct control_setup *setup)
{
	control->setup = *setup;
	control->started_ns = base_clock_wall_ns();
	control->clock.known_ns = base_clock_step_ns();
	atomic_init(&control->stopping, false);
	atomic_init(&control->reopen, false);
	atomic_init(&control->until_ns, INT64_MAX);
	for (uint32_t i = 0; i < setup->port_count; i++) {
		control->port_names[i] = setup->ports[i].name;
		control->port_descriptions[i] = setup->ports[i].device;
		control->port_indexes[i] = number_port(&setup->ports[i], i);
	}
	control->context = (struct export_context){
			.port_names = control->port_names,
			.port_count = setup->port_count,
			.port_indexes = setup->port_count ? control->port_indexes : NULL,
			.port_descriptions = setup->port_count ? control->port_descriptions : NULL,
			.read_metering = control_read_metering,
			.metering_arg = control,
			.sampling_rate = setup->config->sampling.rate,
			.sampling_random = config_is_sampled(setup->config)
					&& setup->config->sampling.method == CONFIG_SAMPLING_RANDOM,
			.replay = setup->replay,
			.may_block = setup->replay,
	};
	control->drain.ring_count = setup->worker_count;
	for (uint32_t i = 0; i < setup->worker_count; i++)
		control->drain.rings[i] = setup->workers[i].ring;
	control->drain.outputs = &control->outputs;
	control->drain.ledger = &control->ledger;
	control->meter.worker_count = setup->worker_count;
	control->meter.port_count = setup->port_count;
}

int control_create(struct control **control, const struct control_setup *setup, char *error,
		size_t error_bytes)
{
	int rc = check_setup(setup, error, error_bytes);
	if (rc < 0)
		return rc;
	struct control *c = aligned_alloc(BASE_CACHE_LINE_BYTES, sizeof(*c));
	if (!c) {
		snprintf(error, error_bytes, "no memory for the control thread");
		return -ENOMEM;
	}
	memset(c, 0, sizeof(*c));
	init_state(c, setup);
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake_fd < 0) {
		rc = -errno;
		snprintf(error, error_bytes, "cannot make an event descriptor: %m");
		goto err_free;
	}
	rc = create_tops(c);
	if (rc < 0) {
		snprintf(error, error_bytes, "no memory for the list of top talkers");
		goto err_close_wake;
	}
	c->drain.tops = c->tops;
	init_locks(c);
	rc = control_outputs_open(&c->outputs, setup->config, &c->context, error, error_bytes);
	if (rc < 0)
		goto err_destroy_tops;
	control_ledger_init(&c->ledger, setup->worker_count, c->outputs.count);
	control_drain_publish(&c->drain);
	*control = c;
	return 0;

err_destroy_tops:
	control_tops_destroy(c->tops);
err_close_wake:
	close(c->wake_fd);
err_free:
	free(c);
	return rc;
}

static void pin_thread(const struct control *control)
{
	int cpu = control->setup.config->workers.control_cpu;
	cpu_set_t cpus;

	if (cpu < 0)
		return;
	CPU_ZERO(&cpus);
	CPU_SET((unsigned int)cpu, &cpus);
	int rc = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	if (rc != 0)
		base_log_warning("control thread: cannot run on CPU %d: %s; it runs where the "
				 "system puts it",
				cpu, strerror(rc));
}

static void *run_thread(void *arg)
{
	struct control *control = arg;

	pin_thread(control);
	control_loop_run(control);
	pthread_mutex_lock(&control->ended_lock);
	control->ended = true;
	pthread_cond_signal(&control->ended_cond);
	pthread_mutex_unlock(&control->ended_lock);
	return NULL;
}

int control_start(struct control *control)
{
	sigset_t all, old;

	control_sample_rates(control, base_clock_mono_ns());
	/* Signals are the main thread's; a reader that went away shows as EPIPE, not as SIGPIPE. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&control->thread, NULL, run_thread, control);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return -rc;
	pthread_setname_np(control->thread, "weir-control");
	control->started = true;
	return 0;
}

/* True when the thread has ended, false when it has not until then (monotonic). */
static bool await_end(struct control *control, int64_t until_ns)
{
	struct timespec until = {
			.tv_sec = until_ns / BASE_NS_PER_SEC,
			.tv_nsec = until_ns % BASE_NS_PER_SEC,
	};
	int rc = 0;

	pthread_mutex_lock(&control->ended_lock);
	while (!control->ended && rc == 0)
		rc = pthread_cond_timedwait(&control->ended_cond, &control->ended_lock, &until);
	bool ended = control->ended;
	pthread_mutex_unlock(&control->ended_lock);
	return ended;
}

static void stop_thread(struct control *control, int64_t deadline_ns)
{
	control_loop_stop(control, deadline_ns);
	if (!await_end(control, deadline_ns)) {
		/* relaxed: an output that waits for its reader looks at nothing else */
		__atomic_store_n(&control->context.may_block, false, __ATOMIC_RELAXED);
		if (!await_end(control, base_clock_mono_ns() + GRACE_NS)) {
			control->abandoned = true;
			base_log_error("control thread: does not end, because an output's file "
				       "does not answer; leaving without it");
			return;
		}
	}
	pthread_join(control->thread, NULL);
}

void control_stop(struct control *control, int64_t deadline_ns)
{
	if (control->stopped)
		return;
	control->stopped = true;
	if (control->started)
		stop_thread(control, deadline_ns);
	else
		control_loop_finish(control, deadline_ns);
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	control_stop(control, 0);
	if (control->abandoned)
		return;
	pthread_cond_destroy(&control->ended_cond);
	pthread_mutex_destroy(&control->rates_lock);
	pthread_mutex_destroy(&control->ports_lock);
	pthread_mutex_destroy(&control->ended_lock);
	control_tops_destroy(control->tops);
	close(control->wake_fd);
	free(control);
}

void control_reopen(struct control *control)
{
	/* relaxed: the flag is the whole message */
	atomic_store_explicit(&control->reopen, true, memory_order_relaxed);
	control_loop_wake(control);
}

const struct control_setup *control_get_setup(const struct control *control)
{
	return &control->setup;
}

int64_t control_started_ns(const struct control *control)
{
	return control->started_ns;
}

uint32_t control_tops(struct control *control, struct control_top *tops, uint32_t max)
{
	if (!control->tops || control->abandoned)
		return 0;
	if (max > control->setup.top_count)
		max = control->setup.top_count;
	return control_tops_list(control->tops, tops, max);
}

void control_get_output_errors(struct control *control, struct control_output_error *errors)
{
	control_outputs_read_errors(&control->outputs, errors);
}

int control_get_recent(
		struct control *control, uint32_t output, struct export_recent_message **list)
{
	return control_outputs_recent(&control->outputs, output, list);
}
