/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines that wait for a reader: a ring of octets in which every line is in one piece.
 *
 *   used part, not wrapped          wrapped: the rest of the ring was too short for the next line
 *
 *   |    head====tail      |        |====tail     head=====limit..|
 *
 * Invariants: head is the first octet of a line; `lines` newlines lie in the used part; `torn`
 * octets from head on were accepted by the reader, and are fewer than that line has. They leave
 * the ring with the end of their line, so that the line can still be sent again whole.
 */
#ifndef EXPORT_QUEUE_H
#define EXPORT_QUEUE_H

#include "base_cacheline.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* One thread. */
struct export_queue {
	char *octets;
	size_t size;
	size_t head;
	size_t tail;
	size_t limit; /* end of the upper part; 0: not wrapped */
	size_t torn;
	size_t peak; /* highest tail since memory was last given back */
	uint64_t lines;
};

/* What an empty queue keeps of its memory; the rest goes back to the system. */
#define EXPORT_QUEUE_KEEP_BYTES ((size_t)1 << 20)

/* Room for `size` octets, touched when used. 0 or -ENOMEM. */
int export_queue_init(struct export_queue *queue, size_t size) BASE_MUST_CHECK;
void export_queue_fini(struct export_queue *queue);

/* Room for one line of up to `need` octets, or NULL when there is none now. */
char *export_queue_reserve(struct export_queue *queue, size_t need);
/* Adds the `len` octets written at export_queue_reserve(): one line with its newline. */
void export_queue_publish(struct export_queue *queue, size_t len);

/* Octets that the reader has not accepted. */
size_t export_queue_bytes(const struct export_queue *queue);
/* The same as pieces, in order, up to `max` octets; returns how many of the two are used. */
int export_queue_peek(const struct export_queue *queue, size_t max, struct iovec pieces[2]);
/*
 * The most octets, up to `max`, that end with a line. 0 when the first line is longer. Not while
 * a line is torn.
 */
size_t export_queue_fit(const struct export_queue *queue, size_t max);

/* The reader accepted `len` more octets: returns the lines that this completed. */
uint64_t export_queue_accept(struct export_queue *queue, size_t len);
/* What was accepted of the first line is void: it will be sent again from its start. */
void export_queue_untear(struct export_queue *queue);
/* Drops everything; returns the lines that were in it. */
uint64_t export_queue_clear(struct export_queue *queue);

#endif
