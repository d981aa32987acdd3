/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the messages of an exporter leave: what is due is announced, what waits is stamped, given to
 * the transport, and accounted for.
 *
 *     announced, data -> stamp -> transport -+-> sent, or in flight until it is acknowledged
 *                          ^                 |
 *                          +-- give back ----+ what it did not take
 */
#ifndef EXPORT_PUMP_H
#define EXPORT_PUMP_H

#include "export_exporter.h"

/*
 * A collector that acknowledges nothing for so long gets no records that others of its group can
 * have.
 */
#define EXPORT_STALL_NS (5 * BASE_NS_PER_SEC)

/* Sends until nothing waits or the transport takes no more. */
void export_pump(struct export_exporter *exporter);
/* Lets the transport do what is due, and begins a session where it asks for one. */
void export_pump_link(struct export_exporter *exporter, int64_t wall_ns);
/* What such an event asks for. */
void export_pump_take_event(struct export_exporter *exporter, enum export_event event);
/* Counts what was acknowledged, and what a connection took along when it broke. */
void export_pump_settle(struct export_exporter *exporter);
/* What was announced and not sent is dropped; what was stamped gives its numbers back. */
void export_pump_forget(struct export_exporter *exporter);

/* Records that this collector will not get, by reason. */
void export_pump_lose(struct export_exporter *exporter, enum stats_output_index row,
		const struct export_load *load);

/* NetFlow in a replay: its times are the packets' own. */
bool export_pump_uses_packet_clock(const struct export_exporter *exporter);

#endif
