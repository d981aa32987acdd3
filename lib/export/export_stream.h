/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A descriptor that may be slow: pipe, terminal, socket or device, written without blocking.
 *
 * Standard output is shared with whoever started weir, and O_NONBLOCK belongs to what is shared: to
 * set it would break their shell. So it is opened anew where the system allows (/proc/self/fd/1);
 * where it does not (sockets, other user's terminals) each write is small and preceded by poll().
 */
#ifndef EXPORT_STREAM_H
#define EXPORT_STREAM_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct export_stream {
	int fd;
	bool own; /* to be closed */
	bool polled; /* blocking descriptor: poll before each small write */
};

/* Takes `fd`, which was opened with O_NONBLOCK: the stream closes it. */
void export_stream_init(struct export_stream *stream, int fd);
/* Borrows `fd`, which is shared with other programs and stays open. */
void export_stream_borrow(struct export_stream *stream, int fd);
void export_stream_close(struct export_stream *stream);

/*
 * Writes what is taken without waiting. Returns the octets, or -errno: -EAGAIN when the reader is
 * not ready, -EPIPE when it went away (SIGPIPE has to be ignored by the process).
 */
ssize_t export_stream_write(
		const struct export_stream *stream, const struct iovec *pieces, int count);
/* Waits up to timeout_ns until a write is worth trying; true when it is. */
bool export_stream_wait(const struct export_stream *stream, int64_t timeout_ns);

#endif
