/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats_table.h"

#define ROW(name, unit, kind, help) [STATS_##name] = {#name, unit, help, STATS_##kind},
#define DROP_ROWS(name, help)                                                                      \
	ROW(decode_drop_##name##_packets, "packets", COUNTER, "not metered: " help)                \
	ROW(decode_drop_##name##_octets, "octets", COUNTER, "octets on the wire of those packets") \
	ROW(decode_drop_##name##_last_ns, "ns", MAXIMUM,                                           \
			"time of the newest of them, since 1970; 0: none yet")

const struct stats_row stats_worker_rows[STATS_WORKER_COUNT] = {
		STATS_WORKER_ROWS(ROW) BASE_REASONS(DROP_ROWS)};
const struct stats_row stats_control_rows[STATS_CONTROL_COUNT] = {STATS_CONTROL_ROWS(ROW)};
const struct stats_row stats_output_rows[STATS_OUTPUT_COUNT] = {STATS_OUTPUT_ROWS(ROW)};
const struct stats_row stats_port_rows[STATS_PORT_COUNT] = {STATS_PORT_ROWS(ROW)};
