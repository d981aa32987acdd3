/* SPDX-License-Identifier: BSD-3-Clause */
/* The progress line of a replay, on standard error when that is a terminal. */
#ifndef WEIR_PROGRESS_H
#define WEIR_PROGRESS_H

#include "source_replay.h"

/* Draws it over the line before. */
void weir_progress_draw(const struct source_replay_progress *progress, const char *subject,
		int64_t took_ns);
/* Takes it away. */
void weir_progress_clear(void);

#endif
