/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STATS_REFERENCE_H
#define STATS_REFERENCE_H

#include "base_strbuf.h"

/* Appends the reference page of all counters (docs/counters.md), in Markdown, from the tables. */
void stats_write_reference(struct base_strbuf *out);

#endif
