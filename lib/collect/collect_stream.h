/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Octets of a stream, in whatever pieces they come, to messages for a check.
 *
 *     pieces   | 500 | 1448 | 37 |  ...        buffer: at most one message that is not whole yet
 *     messages |   1200   |   785 ...
 *
 * Invariant: memory is bounded by two of the longest messages, taken when the first octet comes.
 * Where no message can begin, the stream is lost: that is a finding, and the rest is skipped, as a
 * collector would end the connection.
 */
#ifndef COLLECT_STREAM_H
#define COLLECT_STREAM_H

#include "ipfix_check.h"

struct collect_stream {
	uint8_t *octets;
	size_t length;
	bool lost;
	uint64_t skipped; /* octets behind the place where it was lost */
};

void collect_stream_init(struct collect_stream *stream);
void collect_stream_fini(struct collect_stream *stream);

/* Gives each whole message to the check. 0, or -ENOMEM: these octets are skipped. */
int collect_stream_feed(struct collect_stream *stream, struct ipfix_check *check,
		const uint8_t *octets, size_t length, int64_t received_ns);

/* Forgets what is not whole, and looks for a message at the next octet again. */
void collect_stream_reset(struct collect_stream *stream);

/* No octet will come any more: a message that is not whole is given to the check as it is. */
void collect_stream_end(
		struct collect_stream *stream, struct ipfix_check *check, int64_t received_ns);

#endif
