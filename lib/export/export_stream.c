/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_stream.h"

#include "base_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

void export_stream_init(struct export_stream *stream, int fd)
{
	*stream = (struct export_stream){.fd = fd, .own = true};
}

void export_stream_borrow(struct export_stream *stream, int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	*stream = again >= 0 ? (struct export_stream){.fd = again, .own = true}
			     : (struct export_stream){.fd = fd, .polled = true};
}

void export_stream_close(struct export_stream *stream)
{
	if (stream->own && stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
	stream->own = false;
}

bool export_stream_wait(const struct export_stream *stream, int64_t timeout_ns)
{
	struct pollfd poll_fd = {.fd = stream->fd, .events = POLLOUT};
	struct timespec timeout = {timeout_ns / BASE_NS_PER_SEC, timeout_ns % BASE_NS_PER_SEC};

	return ppoll(&poll_fd, 1, &timeout, NULL) > 0;
}

/* POLLOUT promises that PIPE_BUF octets go into a pipe at once. */
static ssize_t write_small(const struct export_stream *stream, const struct iovec *piece)
{
	size_t len = piece->iov_len < PIPE_BUF ? piece->iov_len : PIPE_BUF;

	if (!export_stream_wait(stream, 0))
		return -EAGAIN;
	ssize_t written = write(stream->fd, piece->iov_base, len);
	return written >= 0 ? written : -errno;
}

ssize_t export_stream_write(
		const struct export_stream *stream, const struct iovec *pieces, int count)
{
	ssize_t written;

	do {
		if (stream->polled) {
			written = write_small(stream, pieces);
		} else {
			written = writev(stream->fd, pieces, count);
			if (written < 0)
				written = -errno;
		}
	} while (written == -EINTR);
	return written;
}
