/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIRCTL_TRACE_H
#define WEIRCTL_TRACE_H

#include "weirctl_command.h"

/* weirctl trace N [FILTER...]: starts, polls and prints until N packets, the time or Ctrl-C. */
int weirctl_trace(const struct weirctl_run *run);

#endif
