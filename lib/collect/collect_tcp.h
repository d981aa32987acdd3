/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One direction of a TCP connection as a capture shows it, to the octets that the receiver read:
 * each once and in order (RFC 9293).
 *
 *     next           what was given on ends here
 *      |---- new ----|                       in order: given on
 *   |-- again --|                            seen before: dropped
 *                        |-- early --|       kept until the octets before it come
 *
 * Invariant: what is kept is bounded. When it is full, or at the end, octets that did not come are
 * a hole: the capture lacks them, and what is behind is given on as a new piece.
 */
#ifndef COLLECT_TCP_H
#define COLLECT_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLLECT_TCP_EARLY_MAX 64
#define COLLECT_TCP_EARLY_BYTES (512 * 1024)

/* Gets octets in order; `hole` octets are missing right before them. */
typedef void (*collect_tcp_fn)(void *context, const uint8_t *octets, size_t length, uint32_t hole);

struct collect_tcp_early {
	uint8_t *octets;
	uint32_t sequence;
	uint32_t length;
};

struct collect_tcp {
	bool started; /* next is known */
	uint32_t next; /* sequence number */
	struct collect_tcp_early early[COLLECT_TCP_EARLY_MAX]; /* in no order */
	unsigned int early_count;
	size_t early_bytes;
	uint64_t again; /* segments that brought nothing new */
};

void collect_tcp_init(struct collect_tcp *tcp);
void collect_tcp_fini(struct collect_tcp *tcp);

/* The number of the first octet, which the SYN told. */
void collect_tcp_start(struct collect_tcp *tcp, uint32_t sequence);

/* A segment's octets; without a start the first one begins the stream. */
void collect_tcp_segment(struct collect_tcp *tcp, uint32_t sequence, const uint8_t *octets,
		size_t length, collect_tcp_fn give, void *context);

/* No segment will come any more: gives on what was kept, with the holes before it. */
void collect_tcp_end(struct collect_tcp *tcp, collect_tcp_fn give, void *context);

#endif
