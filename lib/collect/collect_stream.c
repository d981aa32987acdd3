/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_stream.h"

#include "collect_cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Enough for a whole message and as much behind it. */
#define BUFFER_BYTES (2 * 65536)

void collect_stream_init(struct collect_stream *stream)
{
	*stream = (struct collect_stream){0};
}

void collect_stream_fini(struct collect_stream *stream)
{
	free(stream->octets);
	stream->octets = NULL;
	stream->length = 0;
}

static void lose(struct collect_stream *stream, struct ipfix_check *check, size_t at,
		int64_t received_ns)
{
	/* lets the check say what is wrong with it */
	ipfix_check_message(check, stream->octets + at, stream->length - at, received_ns);
	stream->lost = true;
	stream->length = 0;
}

static void cut(struct collect_stream *stream, struct ipfix_check *check, bool ended,
		int64_t received_ns)
{
	size_t at = 0;
	int bytes;

	while ((bytes = collect_cut(stream->octets + at, stream->length - at, ended)) > 0) {
		ipfix_check_message(check, stream->octets + at, (size_t)bytes, received_ns);
		at += (size_t)bytes;
	}
	if (bytes < 0 || (ended && at < stream->length)) {
		lose(stream, check, at, received_ns);
		return;
	}
	stream->length -= at;
	if (stream->length > 0)
		memmove(stream->octets, stream->octets + at, stream->length);
}

int collect_stream_feed(struct collect_stream *stream, struct ipfix_check *check,
		const uint8_t *octets, size_t length, int64_t received_ns)
{
	if (!stream->octets)
		stream->octets = malloc(BUFFER_BYTES);
	if (!stream->octets) {
		stream->skipped += length;
		return -ENOMEM;
	}
	while (length > 0 && !stream->lost) {
		size_t piece = BUFFER_BYTES - stream->length;
		if (piece > length)
			piece = length;
		memcpy(stream->octets + stream->length, octets, piece);
		stream->length += piece;
		octets += piece;
		length -= piece;
		cut(stream, check, false, received_ns);
	}
	stream->skipped += length;
	return 0;
}

void collect_stream_reset(struct collect_stream *stream)
{
	stream->skipped += stream->length;
	stream->length = 0;
	stream->lost = false;
}

void collect_stream_end(
		struct collect_stream *stream, struct ipfix_check *check, int64_t received_ns)
{
	if (stream->length > 0 && !stream->lost)
		cut(stream, check, true, received_ns);
}
