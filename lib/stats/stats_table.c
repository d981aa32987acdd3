/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats_table.h"

#include <string.h>

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

const char *stats_output_loss(enum stats_output_index row)
{
	static const char prefix[] = "output_lost_";
	const char *name = stats_output_rows[row].name;
	size_t len = sizeof(prefix) - 1;

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

const char *stats_output_loss_words(enum stats_output_index row)
{
	/* each of their helps begins so: a test holds them to it */
	return stats_output_rows[row].help + sizeof("records lost: ") - 1;
}

uint64_t stats_output_lost(const uint64_t *values)
{
	uint64_t lost = 0;

	for (int row = 0; row < STATS_OUTPUT_COUNT; row++) {
		if (stats_output_loss((enum stats_output_index)row))
			lost += values[row];
	}
	return lost;
}
