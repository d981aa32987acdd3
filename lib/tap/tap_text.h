/* SPDX-License-Identifier: BSD-3-Clause */
/* Tapped packets as people read them, one line a layer, and what became of them. */
#ifndef TAP_TEXT_H
#define TAP_TEXT_H

#include "base_strbuf.h"
#include "packet_trace.h"
#include "tap.h"

/*
 * Walks the packet again, as the worker did, into *trace; *frame gets what was kept of it, which
 * lives as long as *packet. Slow; any thread.
 */
void tap_trace(struct packet_trace *trace, struct packet_frame *frame,
		const struct packet_policy *policy, const struct tap_packet *packet);

/*
 * Appends how it ended, without a newline: one text a view (`view` below packet->views), or, for
 * view 0 of a packet that was not metered, why not.
 */
void tap_text_end(struct base_strbuf *out, const struct tap_packet *packet,
		const struct packet_trace *trace, uint32_t view);

/* Appends the whole packet as lines; `number` from 1, `port` its name or NULL. */
void tap_text_packet(struct base_strbuf *out, const struct packet_policy *policy,
		const struct tap_packet *packet, uint64_t number, const char *port);

#endif
