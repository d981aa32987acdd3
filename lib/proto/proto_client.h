/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's side of the control socket: connect, call, close. One thread at a time.
 */
#ifndef PROTO_CLIENT_H
#define PROTO_CLIENT_H

#include "base_cacheline.h"
#include "proto_message.h"

#include <stdint.h>

struct proto_client;

/*
 * Connects to the Unix stream socket at `path`. `timeout_ns` is for each call. 0 or -errno of
 * connect(2): -ENOENT and -ECONNREFUSED when nobody listens, -EACCES when not allowed.
 */
int proto_client_open(
		struct proto_client **client, const char *path, int64_t timeout_ns) BASE_MUST_CHECK;
void proto_client_close(struct proto_client *client);

/*
 * Sends a request and waits for its answer. `params` is taken over and may be NULL. 0 with *result,
 * owned by the caller; -EREMOTEIO when the server answered with an error, which is in *error;
 * -ETIMEDOUT; -ECONNRESET when it hung up; -EPROTO when what came is no answer; other -errno. After
 * any error but -EREMOTEIO the connection is of no more use.
 */
int proto_client_call(struct proto_client *client, const char *method, json_t *params,
		json_t **result, struct proto_error *error) BASE_MUST_CHECK;

#endif
