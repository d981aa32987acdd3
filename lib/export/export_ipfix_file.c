/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPFIX files (RFC 5655): each is one transport session that begins with its templates, so each can
 * be read alone. Nothing is ever appended to a file of before: it is set aside under a rotated
 * name.
 */
#include "base_clock.h"
#include "base_log.h"
#include "export_error.h"
#include "export_transport.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int set_aside(const char *path)
{
	char moved[EXPORT_ROTATE_PATH_BYTES];
	struct stat status;

	if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISREG(status.st_mode)
			|| status.st_size == 0)
		return 0;
	int error = export_rotate_rename(path, base_clock_wall_ns(), moved);
	if (error == 0)
		base_log_notice("%s is set aside as %s: an IPFIX file begins anew", path, moved);
	return error;
}

static void begin_file(struct export_transport *transport)
{
	transport->messages_in_file = 0;
	transport->link = EXPORT_LINK_UP;
	transport->error = 0;
	transport->not_begun = 0;
	transport->reopen_due = false;
	transport->sessions++;
}

/* Messages go on to the file of before, and that stays an error however well they do. */
static void fail_to_begin(struct export_transport *transport, int error, bool moved)
{
	transport->error = transport->not_begun = -error;
	transport->reopen_due = moved;
}

static int open_ipfix_file(struct export_transport *transport)
{
	int error = set_aside(transport->config.path);

	if (error == 0)
		error = export_file_open(&transport->file, transport->config.path, "", 0);
	if (error < 0) {
		transport->error = -error;
		return error;
	}
	return 0;
}

/* True when messages now go to another file. */
static bool rotate(struct export_transport *transport, int64_t ns)
{
	bool moved;
	int error = export_file_rotate(&transport->file, ns, &moved);

	if (error == -ENOENT && !moved) { /* somebody else was first */
		moved = true;
		error = export_file_reopen(&transport->file, &(bool){false});
	}
	if (error < 0) {
		fail_to_begin(transport, error, moved);
		return false;
	}
	transport->rotations++;
	export_rotate_prune(transport->config.path, transport->config.keep_files);
	begin_file(transport);
	return true;
}

static bool cut_file(struct export_transport *transport, size_t octets)
{
	uint64_t limit = transport->config.rotate_bytes;

	return limit > 0 && transport->messages_in_file > 0
			&& transport->file.bytes + octets > limit
			&& export_file_can_rotate(&transport->file)
			&& rotate(transport, transport->wall_ns);
}

static bool rotate_by_time(struct export_transport *transport)
{
	int64_t step = transport->config.rotate_ns, now = transport->wall_ns;
	bool rotated = false;

	if (step <= 0 || !export_file_can_rotate(&transport->file))
		return false;
	if (transport->rotate_at_ns == 0 || transport->rotate_at_ns > now + step)
		transport->rotate_at_ns = now - now % step + step;
	if (now < transport->rotate_at_ns)
		return false;
	if (transport->messages_in_file > 0)
		rotated = rotate(transport, now - now % step);
	transport->rotate_at_ns = now - now % step + step;
	return rotated;
}

static enum export_event reopen_file(struct export_transport *transport)
{
	bool moved;

	if (!export_file_can_rotate(&transport->file))
		return EXPORT_EVENT_NONE;
	int error = export_file_reopen(&transport->file, &moved);
	if (error < 0) {
		fail_to_begin(transport, error, true);
		return EXPORT_EVENT_NONE;
	}
	transport->not_begun = 0;
	transport->reopen_due = false;
	if (!moved)
		return EXPORT_EVENT_NONE;
	transport->rotations++;
	begin_file(transport);
	return EXPORT_EVENT_SESSION;
}

static enum export_event tick_file(
		struct export_transport *transport, int64_t now_ns, int64_t wall_ns)
{
	(void)now_ns;
	transport->wall_ns = wall_ns;
	if (transport->sessions == 0) {
		begin_file(transport);
		return EXPORT_EVENT_SESSION;
	}
	if (transport->reopen_due)
		return reopen_file(transport);
	return transport->link == EXPORT_LINK_UP && rotate_by_time(transport) ? EXPORT_EVENT_SESSION
									      : EXPORT_EVENT_NONE;
}

/* Octets of `done` beyond the last whole piece; adds the whole ones to *whole. */
static size_t torn_part(
		const struct iovec *pieces, unsigned int count, size_t done, uint64_t *whole)
{
	for (unsigned int i = 0; i < count && done >= pieces[i].iov_len; i++) {
		done -= pieces[i].iov_len;
		(*whole)++;
	}
	return done;
}

static ssize_t send_file(
		struct export_transport *transport, const struct iovec *pieces, unsigned int count)
{
	ssize_t done = export_file_write(&transport->file, pieces, (int)count);

	if (done == 0 || done == -EAGAIN)
		return -EAGAIN;
	if (done < 0) {
		transport->error = (int)-done;
		/* a reader that went away does not come back; a disk may have room again */
		if (export_error_lost_row(transport->error) == STATS_output_lost_closed)
			transport->link = EXPORT_LINK_DOWN;
		return done;
	}
	size_t torn = torn_part(pieces, count, (size_t)done, &transport->messages_in_file);
	if (torn > 0 && export_file_cut(&transport->file, torn) == 0)
		done -= (ssize_t)torn;
	transport->error = torn > 0 ? transport->file.stopped : transport->not_begun;
	if (done > 0)
		return done;
	return transport->error != 0 ? -transport->error : -EAGAIN;
}

static void wait_file(struct export_transport *transport, int64_t timeout_ns)
{
	export_stream_wait(&transport->file.stream, timeout_ns);
}

static void close_file(struct export_transport *transport, int64_t deadline_ns)
{
	(void)deadline_ns;
	export_file_close(&transport->file);
}

const struct export_transport_ops export_ipfix_file_ops = {
		.open = open_ipfix_file,
		.tick = tick_file,
		.send = send_file,
		.wait = wait_file,
		.cut = cut_file,
		.reopen = reopen_file,
		.close = close_file,
};
