/* SPDX-License-Identifier: BSD-3-Clause */
#include "source_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOP_POLL_MS 20 /* how often a wait looks whether it is to stop */

int source_chunk_init(struct source_chunk *chunk)
{
	*chunk = (struct source_chunk){.bytes = malloc(SOURCE_CHUNK_BYTES)};
	if (!chunk->bytes)
		return -ENOMEM;
	chunk->size = SOURCE_CHUNK_BYTES;
	return 0;
}

void source_chunk_fini(struct source_chunk *chunk)
{
	free(chunk->bytes);
	*chunk = (struct source_chunk){0};
}

int source_chunk_grow(struct source_chunk *chunk, size_t size)
{
	if (size <= chunk->size)
		return 0;
	uint8_t *bytes = realloc(chunk->bytes, size);
	if (!bytes)
		return -ENOMEM;
	chunk->bytes = bytes;
	chunk->size = size;
	return 0;
}

int source_input_open(struct source_input *input, const char *path, const atomic_bool *stop)
{
	struct stat st;
	int rc;

	*input = (struct source_input){.fd = STDIN_FILENO, .stop = stop};
	input->borrowed = strcmp(path, "-") == 0;
	if (!input->borrowed)
		input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (input->fd < 0)
		return -errno;
	if (fstat(input->fd, &st) < 0) {
		rc = -errno;
		goto err_close;
	}
	if (S_ISDIR(st.st_mode)) {
		rc = -EISDIR;
		goto err_close;
	}
	input->waits = !S_ISREG(st.st_mode);
	if (!input->waits)
		(void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;

err_close:
	source_input_close(input);
	return rc;
}

void source_input_close(struct source_input *input)
{
	if (!input->borrowed && input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

bool source_input_ready(const struct source_input *input)
{
	struct pollfd p = {.fd = input->fd, .events = POLLIN};

	return poll(&p, 1, 0) != 0; /* an error is for read() to tell */
}

static int wait_readable(const struct source_input *input)
{
	struct pollfd p = {.fd = input->fd, .events = POLLIN};

	/* relaxed: the flag carries nothing but itself */
	while (!atomic_load_explicit(input->stop, memory_order_relaxed))
		if (poll(&p, 1, STOP_POLL_MS) > 0)
			return 0;
	return -ECANCELED;
}

/* Octets that were read, 0 at the end, or -errno. */
static ssize_t read_some(struct source_input *input)
{
	for (;;) {
		int rc = input->waits ? wait_readable(input) : 0;
		if (rc < 0)
			return rc;
		ssize_t n = read(input->fd, input->chunk->bytes + input->end,
				input->chunk->size - input->end);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

int source_input_refill(struct source_input *input, struct source_chunk *to, size_t need)
{
	size_t left = source_input_unread(input);
	int rc = source_chunk_grow(to, need > left ? need : left);

	if (rc < 0)
		return rc;
	if (left > 0)
		memmove(to->bytes, source_input_at(input), left);
	input->chunk = to;
	input->start = 0;
	input->end = left;
	while (!input->ended && input->end < to->size) {
		if (input->waits && input->end >= need && !source_input_ready(input))
			break;
		ssize_t n = read_some(input);
		if (n < 0)
			return (int)n;
		input->ended = n == 0;
		input->end += (size_t)n;
		input->taken_bytes += (uint64_t)n;
	}
	return 0;
}
