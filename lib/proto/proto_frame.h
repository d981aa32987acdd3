/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Splits a stream of octets into lines, one message each, however the stream was cut into reads.
 *
 *     data  [taken ...][ line \n][ line \n][ begun ...][ room ...]
 *                       ^taken              ^            ^len
 *                                           no newline up to `searched`
 *
 * Invariant: taken <= searched <= len <= size, and no line is ever longer than `limit`. Lines that
 * hold nothing but blanks are skipped; a carriage return before the newline is dropped.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stddef.h>

/* Longest request that a server takes, without its newline. */
#define PROTO_REQUEST_MAX_BYTES (64u * 1024)
/* Longest answer that it gives. */
#define PROTO_ANSWER_MAX_BYTES (1024u * 1024)

struct proto_frame {
	char *data;
	size_t taken, searched, len, size, limit;
};

/* Keeps lines of at most `limit` octets; memory is allocated with the first octets. */
void proto_frame_init(struct proto_frame *frame, size_t limit);
void proto_frame_fini(struct proto_frame *frame);

/*
 * Room for the next read: at least one octet at the pointer returned, *room of them. NULL when
 * memory is short. Ends the life of lines that proto_frame_next() gave.
 */
char *proto_frame_room(struct proto_frame *frame, size_t *room);
/* `count` octets were read into that room. */
void proto_frame_filled(struct proto_frame *frame, size_t count);

/*
 * The next line, without its newline and not NUL-terminated, valid until the next
 * proto_frame_room(). Returns 1 with *line and *len, 0 when more must be read, or -EMSGSIZE when
 * the line is longer than the limit: nothing after that can be split, the stream is to be closed.
 */
int proto_frame_next(struct proto_frame *frame, const char **line, size_t *len) BASE_MUST_CHECK;

/* True while octets of an unfinished line are held. */
bool proto_frame_is_partial(const struct proto_frame *frame);

#endif
