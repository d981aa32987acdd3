/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The octets of one capture file, read in chunks.
 *
 * A chunk is filled by read(2) and parsed in place; packets point into it. What a packet points to
 * is never moved: when the parser runs dry, the caller brings a chunk that no packet points into
 * any more, and the unread rest moves to the front of that one.
 *
 *      chunk  [ parsed: packets point here | unread | room ]
 *                                          ^start   ^end
 *
 * Reading beats mapping here: 64 ns a packet against 75 (5M packets of 553 octets, page cache), and
 * a file that is cut while it is read is a short read, not a SIGBUS. Chunks of 128 to 512 KiB cost
 * the same, larger ones fall out of the cache between copy and parse (81 ns with 4 MiB).
 */
#ifndef SOURCE_INPUT_H
#define SOURCE_INPUT_H

#include "base_cacheline.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_CHUNK_BYTES (256 * 1024)

struct source_chunk {
	uint8_t *bytes;
	size_t size;
};

int source_chunk_init(struct source_chunk *chunk) BASE_MUST_CHECK;
void source_chunk_fini(struct source_chunk *chunk);
/* Makes the chunk hold `size` octets; those that are in it stay. 0 or -ENOMEM. */
int source_chunk_grow(struct source_chunk *chunk, size_t size) BASE_MUST_CHECK;

struct source_input {
	int fd;
	bool borrowed; /* standard input: not ours to close */
	bool waits; /* a pipe, a socket, a terminal: octets come when they come */
	bool ended; /* what is unread is all there is */
	struct source_chunk *chunk; /* NULL before the first refill */
	size_t start, end;
	uint64_t taken_bytes; /* read from fd so far */
	const atomic_bool *stop; /* ends a wait */
};

/*
 * Opens `path` ("-": standard input, which close leaves open). A FIFO without a writer opens at
 * once and waits in refill. 0 or -errno.
 */
int source_input_open(struct source_input *input, const char *path,
		const atomic_bool *stop) BASE_MUST_CHECK;
void source_input_close(struct source_input *input);

/*
 * Goes on in chunk `to` (it may be the present one): moves the unread octets there and reads until
 * there are `need` of them or the file ends. A regular file fills the chunk; of a pipe it takes
 * what is there, so that packets do not wait for later ones. `to` grows when `need` is larger.
 * Returns 0, -ECANCELED when *stop was set, or -errno of the read.
 */
int source_input_refill(
		struct source_input *input, struct source_chunk *to, size_t need) BASE_MUST_CHECK;

/* True when a read would not wait. */
bool source_input_ready(const struct source_input *input);

static inline size_t source_input_unread(const struct source_input *input)
{
	return input->end - input->start;
}

static inline const uint8_t *source_input_at(const struct source_input *input)
{
	return input->chunk->bytes + input->start;
}

#endif
