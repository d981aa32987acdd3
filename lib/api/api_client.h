/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One connection. It has at most one answer under way: while that is not sent, nothing more is
 * read, so a client that does not read costs one answer of memory and nobody else's time. Requests
 * that were read together are answered one a turn, so that none who sends many keeps the others
 * waiting.
 *
 *     idle --octets--> partial --newline--> answering --sent--> idle      each state has its
 * deadline
 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include "api_method.h"
#include "api_server.h"
#include "base_strbuf.h"
#include "proto_frame.h"

#include <stdbool.h>
#include <stdint.h>

struct api_client {
	int fd;
	struct api_peer peer;
	struct proto_frame in;
	struct base_strbuf out;
	size_t sent; /* octets of `out` */
	int64_t held_until_ns; /* `out` is not sent before (api_pace.h); 0: not held */
	int64_t deadline_ns; /* monotonic */
	uint32_t watched; /* epoll events that the server asked for */
	bool partial; /* the deadline is that of an unfinished request */
	bool more; /* lines may be waiting in `in` */
	bool finished; /* the peer sends no more, or it is to go: close when `out` is sent */
	bool broken; /* close now */
};

/* Takes over `fd`, which does not block. NULL: out of memory, and fd is closed. */
struct api_client *api_client_create(int fd, bool admin, const struct api_limits *limits);
void api_client_destroy(struct api_client *client);

/* Something can be read: reads it, once. */
void api_client_read(struct api_client *client, const struct api_limits *limits);
/* Something can be written: writes what it takes. */
void api_client_write(struct api_client *client, const struct api_limits *limits);
/* Answers at most one request of those that were read; sends an answer that was held till now_ns.
 */
void api_client_answer(struct api_client *client, struct api_context *context,
		const struct api_limits *limits, int64_t now_ns);
/* Its deadline is over: says so if the peer waits for nothing else, and marks it broken. */
void api_client_expire(struct api_client *client);

/* Says why and marks it as finished. */
void api_client_refuse(struct api_client *client, int code, const char *hint, const char *message);

static inline bool api_client_has_answer(const struct api_client *client)
{
	return client->sent < client->out.len;
}
/* What to wait for. */
static inline bool api_client_wants_write(const struct api_client *client)
{
	return api_client_has_answer(client) && client->held_until_ns == 0;
}
static inline bool api_client_wants_read(const struct api_client *client)
{
	return !api_client_has_answer(client) && !client->more && !client->finished;
}
/* True when there is nothing left to do for it. */
static inline bool api_client_is_done(const struct api_client *client)
{
	return client->broken
			|| (client->finished && !client->more && !api_client_has_answer(client));
}

#endif
