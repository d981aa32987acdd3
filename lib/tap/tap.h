/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A tap: where another thread takes copies of a worker's packets from, with what became of them, to
 * show them layer by layer.
 *
 *      worker                                  reader (main thread of a replay, api)
 *        tap_is_on()  once a turn                tap_open(count, filter)
 *        tap_take()   copies into a slot         tap_read()  takes slots out
 *        tap_commit() adds the flow ids          tap_close()
 *
 * One producer, one consumer, TAP_SLOTS places. A worker never waits for its reader: when all
 * places are full the packet is counted as missed (in replay, it may wait: its time is the
 * packets'). Closed, it costs the worker one load a turn.
 *
 * Synchronisation: `state` is stored by both sides, release to acquire: ON publishes count and
 * filter to the worker, OFF by the worker says that it will not touch them again. `head` and `tail`
 * publish slots and room as in any ring.
 */
#ifndef TAP_H
#define TAP_H

#include "filter.h"
#include "flow_table.h"
#include "packet_views.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAP_SLOTS 128
#define TAP_SNAP_BYTES 960
#define TAP_MAX_PACKETS 100000

/* A packet and what became of it. */
struct tap_packet {
	int64_t time_ns;
	uint64_t flow_ids[PACKET_VIEWS_MAX]; /* 0: the flow had ended again when it was looked up */
	uint32_t captured_bytes, wire_bytes;
	uint32_t kept_bytes; /* of octets[] */
	uint16_t port;
	uint8_t link; /* enum packet_link */
	uint8_t verdict; /* enum packet_verdict, of the worker: METERED or why not */
	uint8_t views; /* that were metered */
	uint8_t octets[TAP_SNAP_BYTES];
};

struct tap;

/* policy: which tunnels the worker opens; it outlives the tap. 0 or -ENOMEM. */
int tap_create(struct tap **tap, const struct packet_policy *policy) BASE_MUST_CHECK;
/* NULL is allowed. After the worker has ended. */
void tap_destroy(struct tap *tap);

/* --- reader --- */

/*
 * Asks for the next `count` packets (1 to TAP_MAX_PACKETS) that match `expression` (NULL: any). 0,
 * -EBUSY when it is open, or -EINVAL with what is wrong with the expression in error.
 */
int tap_open(struct tap *tap, uint32_t count, const char *expression, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/* Ends it; waits for the worker's turn, a second at most. What was not read is dropped. */
void tap_close(struct tap *tap);
/* Takes one packet out; false when there is none now. */
bool tap_read(struct tap *tap, struct tap_packet *packet);
/* Since it was opened: packets that it took, packets that found no place. */
uint64_t tap_taken(const struct tap *tap);
uint64_t tap_missed(const struct tap *tap);
const struct packet_policy *tap_policy(const struct tap *tap);

/* --- worker --- */

/* To be asked at the start of each turn. True: offer every packet of this turn to tap_take(). */
bool tap_is_on(struct tap *tap);
/* What tap_take() is told of a packet. */
struct tap_offer {
	const struct packet_frame *frame;
	int64_t time_ns;
	uint16_t port;
	enum packet_verdict verdict;
	uint32_t views;
	uint32_t first_meta; /* of its views in the batch */
};
/* Takes the packet if it is wanted; if no place is free it is counted as missed. */
void tap_take(struct tap *tap, const struct tap_offer *offer);
/* Free places. */
uint32_t tap_room(const struct tap *tap);
/* After the batch was metered: looks the flows up and hands the packets over. */
void tap_commit(struct tap *tap, const struct flow_table *table, const struct packet_meta *metas);
/* The worker's last word. */
void tap_leave(struct tap *tap);

#endif
