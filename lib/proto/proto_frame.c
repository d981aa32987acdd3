/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096

void proto_frame_init(struct proto_frame *frame, size_t limit)
{
	*frame = (struct proto_frame){.limit = limit};
}

void proto_frame_fini(struct proto_frame *frame)
{
	free(frame->data);
	*frame = (struct proto_frame){.limit = frame->limit};
}

static void drop_taken(struct proto_frame *frame)
{
	if (frame->taken == 0)
		return;
	memmove(frame->data, frame->data + frame->taken, frame->len - frame->taken);
	frame->len -= frame->taken;
	frame->searched -= frame->taken;
	frame->taken = 0;
}

char *proto_frame_room(struct proto_frame *frame, size_t *room)
{
	drop_taken(frame);
	if (frame->len == frame->size) {
		/* One more than the limit, for the newline; whoever needs more gets -EMSGSIZE. */
		size_t most = frame->limit + 1 > frame->len + 1 ? frame->limit + 1 : frame->len + 1;
		size_t size = frame->size ? frame->size * 2 : FIRST_BYTES;
		if (size > most)
			size = most;
		char *data = realloc(frame->data, size);
		if (!data)
			return NULL;
		frame->data = data;
		frame->size = size;
	}
	*room = frame->size - frame->len;
	return frame->data + frame->len;
}

void proto_frame_filled(struct proto_frame *frame, size_t count)
{
	frame->len += count;
}

static size_t without_blanks(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	return len;
}

int proto_frame_next(struct proto_frame *frame, const char **line, size_t *len)
{
	while (frame->searched < frame->len) {
		char *newline = memchr(
				frame->data + frame->searched, '\n', frame->len - frame->searched);
		size_t end = newline ? (size_t)(newline - frame->data) : frame->len;
		if (end - frame->taken > frame->limit)
			return -EMSGSIZE;
		frame->searched = end;
		if (!newline)
			return 0;
		*line = frame->data + frame->taken;
		*len = without_blanks(*line, end - frame->taken);
		frame->searched = frame->taken = end + 1;
		if (*len > 0)
			return 1;
	}
	return 0;
}

bool proto_frame_is_partial(const struct proto_frame *frame)
{
	return frame->taken < frame->len;
}
