/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control-socket server: a thread of its own, so that neither a slow client nor a long listing
 * stalls the draining of rings. It listens on two sockets in one directory:
 *
 *     view.sock    reads only; the configured group may connect
 *     admin.sock   the same and what changes something; the owner alone
 *
 * What it answers is in docs/control-protocol.md.
 */
#ifndef API_SERVER_H
#define API_SERVER_H

#include "base_cacheline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api_server;
struct control;

/* Zero stands for the default. */
struct api_limits {
	uint32_t clients; /* of both sockets; default: as configured */
	uint32_t admin_clients; /* of those, kept for admin.sock; default 8, at most half */
	int64_t request_ns; /* from the first octet of a request to its newline; default 5 s */
	int64_t idle_ns; /* between requests; default 60 s */
	int64_t write_ns; /* without any progress in sending an answer; default 30 s */
};

struct api_server_setup {
	struct control *control; /* outlives the server */
	const char *directory; /* of the sockets; NULL: as configured */
	const char *dpdk_version; /* "22.11.11", for hello; may be NULL */
	struct api_limits limits;
};

/*
 * Binds and listens. The directory is made (0750) when its parent exists; a socket that nobody
 * listens on any more is replaced. 0, or -errno with cause and cure, one to three lines, in
 * error[error_bytes]: -EADDRINUSE when another weir answers there (its pid is in the text).
 */
int api_server_create(struct api_server **server, const struct api_server_setup *setup, char *error,
		size_t error_bytes) BASE_MUST_CHECK;
/* Starts the thread, with all signals blocked. 0 or -errno. */
int api_server_start(struct api_server *server) BASE_MUST_CHECK;
/* Ends the thread and closes all connections; what was being answered is lost. */
void api_server_stop(struct api_server *server);
/* Stops if need be, removes the sockets. */
void api_server_destroy(struct api_server *server);

/* Path of view.sock or admin.sock; lives as long as the server. */
const char *api_server_path(const struct api_server *server, bool admin);

#endif
