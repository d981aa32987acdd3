/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_signals.h"

#include "base_clock.h"

#include <signal.h>
#include <time.h>

static void stop_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

void weir_signals_block(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	stop_set(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

enum weir_signal weir_signals_wait(int64_t wait_ns)
{
	struct timespec ts = {
			.tv_sec = wait_ns / BASE_NS_PER_SEC, .tv_nsec = wait_ns % BASE_NS_PER_SEC};
	sigset_t set;

	stop_set(&set);
	sigaddset(&set, SIGHUP);
	switch (sigtimedwait(&set, NULL, &ts)) {
	case SIGHUP:
		return WEIR_SIGNAL_REOPEN;
	case SIGTERM:
	case SIGINT:
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		stop_set(&set);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		return WEIR_SIGNAL_STOP;
	default:
		return WEIR_SIGNAL_NONE;
	}
}
