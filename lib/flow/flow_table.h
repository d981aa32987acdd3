/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H
/* Placeholder until the table lands: only what readers of live flows need. */
#include "flow_record.h"

#include <stdbool.h>
#include <stdint.h>

struct flow_table;

/*
 * Copies live flows into out[max], as records of what is not exported yet plus what was: counters
 * are totals since the flow began. Starts at table position *cursor (0: the beginning) and
 * advances it; returns how many were copied; when it returns 0 the scan is complete. Any thread, while
 * the worker runs: takes no lock and stops nobody; each entry is consistent in itself.
 */
uint32_t flow_table_scan(const struct flow_table *table, uint64_t *cursor, struct flow_record *out,
		uint32_t max);

#endif
