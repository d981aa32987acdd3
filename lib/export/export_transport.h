/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How whole messages reach a collector or a file. One file for each way: export_udp.c,
 * export_tcp.c, export_tls.c, export_sctp.c, export_ipfix_file.c.
 *
 *              tick                    tick                      send fails
 *     DOWN ------------> CONNECTING ------------> UP ---------------------------> DOWN
 *                      (names, too)                ^ tick                          |
 *                                    PROBING ------+      (UDP, refused)   <-------+
 *
 * Nothing here blocks: sockets are non-blocking, and what is not accepted stays with the caller.
 * All functions are called by one thread.
 */
#ifndef EXPORT_TRANSPORT_H
#define EXPORT_TRANSPORT_H

#include "config.h"
#include "export_file.h"
#include "export_pace.h"
#include "export_target.h"
#include "stats_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum export_link {
	EXPORT_LINK_DOWN,
	EXPORT_LINK_CONNECTING,
	EXPORT_LINK_PROBING, /* templates only: is anybody there again? */
	EXPORT_LINK_UP,
	EXPORT_LINK_COUNT,
};

/* What a tick brought about. */
enum export_event {
	EXPORT_EVENT_NONE,
	EXPORT_EVENT_SESSION, /* a new transport session begins: everything anew */
	EXPORT_EVENT_REPEAT, /* the same session, but templates may have been missed */
};

/* Pieces that one send takes at most. */
#define EXPORT_TRANSPORT_PIECES 64

/* An error beyond errno: the name of the collector was not found; minus an EAI_ of getaddrinfo().
 */
#define EXPORT_ERROR_LOOKUP 0x10000
/* ... or what `cause` of the transport says: from here on, see export_transport_told(). */
#define EXPORT_ERROR_TOLD 0x20000

static inline bool export_transport_is_lookup(int error)
{
	return error >= EXPORT_ERROR_LOOKUP && error < EXPORT_ERROR_TOLD;
}

/* Octets of `cause`. */
#define EXPORT_CAUSE_BYTES 768

struct export_connection_ops;
struct export_tls;
struct export_transport;

struct export_transport_ops {
	bool datagrams; /* a piece is a packet: sent whole or not at all */
	bool single; /* takes one piece at a time */
	const struct export_connection_ops *connection; /* NULL: it has none */
	/* Once, before all others. 0, or -errno when no try would help. */
	int (*open)(struct export_transport *transport);
	/* Does what is due at that time (monotonic; wall clock for rotation). */
	enum export_event (*tick)(
			struct export_transport *transport, int64_t now_ns, int64_t wall_ns);
	/*
	 * Octets accepted of `count` pieces, or -errno when none: -EAGAIN: not now, -EMSGSIZE:
	 * never the first one. Others took the link down or will be tried again.
	 */
	ssize_t (*send)(struct export_transport *transport, const struct iovec *pieces,
			unsigned int count);
	/* Waits until sending is worth a try, at most that long. */
	void (*wait)(struct export_transport *transport, int64_t timeout_ns);
	/*
	 * Before the next message, of that many octets: true when it begins a new session (the next
	 * file). NULL: never.
	 */
	bool (*cut)(struct export_transport *transport, size_t octets);
	/* Opens its file again. NULL: nothing to open. */
	enum export_event (*reopen)(struct export_transport *transport);
	/* No more data: what the peer must be told. Waits no longer than deadline_ns (monotonic).
	 */
	void (*close)(struct export_transport *transport, int64_t deadline_ns);
};

struct export_transport {
	const struct export_transport_ops *ops;
	struct config_output config;
	enum export_link link;
	int error; /* errno or EXPORT_ERROR_ of what is wrong; 0: nothing */
	uint64_t sessions; /* begun so far */

	/* sockets */
	int fd; /* -1: none */
	struct export_target target;
	int64_t tried_ns; /* monotonic: the last attempt to connect, to whatever address first */
	int64_t aimed_ns; /* ... to this address */
	bool greeting; /* connected, but not yet ready */
	short events; /* of poll(), that are worth a try; 0: POLLOUT */
	uint64_t written; /* octets that the kernel took, in all connections */
	uint64_t acknowledged; /* of those, by the peer's host; of the last connection, at its end
				*/
	struct export_tls *tls; /* NULL: none under way */
	char cause[EXPORT_CAUSE_BYTES]; /* of EXPORT_ERROR_TOLD */
	int64_t next_try_ns;
	struct export_pace pace; /* of datagrams */
	unsigned int failures; /* attempts that failed, one after the other */
	size_t too_long; /* octets of the message that the path did not take; 0: none */

	/* file */
	struct export_file file;
	uint64_t messages_in_file;
	uint32_t torn; /* octets of a message that the file took in part */
	int64_t wall_ns; /* of the last tick */
	int64_t rotate_at_ns;
	int not_begun; /* errno of the next file that could not be begun; 0: none */
	bool reopen_due; /* ... because its path could not be opened: every tick tries again */
	uint64_t rotations;
};

extern const struct export_transport_ops export_udp_ops;
extern const struct export_transport_ops export_tcp_ops;
extern const struct export_transport_ops export_tls_ops;
extern const struct export_transport_ops export_sctp_ops;
extern const struct export_transport_ops export_ipfix_file_ops;

/* Chooses the way that `config` asks for and opens it. 0 or -errno. */
int export_transport_open(struct export_transport *transport,
		const struct config_output *config) BASE_MUST_CHECK;
void export_transport_close(struct export_transport *transport, int64_t deadline_ns);

/* The error whose words are in `cause` now: another number for other words. */
int export_transport_told(const struct export_transport *transport);

/*
 * Looks at what an output to a collector needs of this host, and opens nothing: files for TLS, SCTP
 * in the kernel. 0, or -errno with "cause; cure" in cause[bytes].
 */
int export_transport_check(
		const struct config_output *config, char *cause, size_t bytes) BASE_MUST_CHECK;

/* "up", "connecting", ... */
const char *export_link_name(enum export_link link);

/* The counter of records that are lost while `error` keeps the transport from sending. */
enum stats_output_index export_transport_lost_row(const struct export_transport *transport);

/* Holds any explanation with its NUL. */
#define EXPORT_TRANSPORT_ERROR_BYTES (EXPORT_CAUSE_BYTES + CONFIG_COLLECTOR_BYTES + 128)
/* One line, without newline: "cannot send to COLLECTOR: cause; cure". Returns `out`. */
char *export_transport_explain(const struct export_transport *transport, char *out, size_t bytes);

#endif
