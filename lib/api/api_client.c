/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_client.h"

#include "base_clock.h"
#include "base_log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Memory that one client may keep between answers. */
#define KEEP_BYTES (64u * 1024)

/* From here on it has time to ask, or to finish what it began to ask. */
static void await_request(struct api_client *client, const struct api_limits *limits)
{
	client->partial = proto_frame_is_partial(&client->in);
	client->deadline_ns = base_clock_mono_ns()
			+ (client->partial ? limits->request_ns : limits->idle_ns);
}

struct api_client *api_client_create(int fd, bool admin, const struct api_limits *limits)
{
	struct api_client *client = calloc(1, sizeof(*client));
	struct ucred peer = {.pid = 0, .uid = (uid_t)-1};
	socklen_t len = sizeof(peer);

	if (!client) {
		close(fd);
		return NULL;
	}
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	client->fd = fd;
	client->peer = (struct api_peer){.pid = peer.pid, .uid = peer.uid, .admin = admin};
	proto_frame_init(&client->in, PROTO_REQUEST_MAX_BYTES);
	await_request(client, limits);
	base_log_debug("control: uid %u, pid %d connected to %s.sock", (unsigned int)peer.uid,
			(int)peer.pid, admin ? "admin" : "view");
	return client;
}

void api_client_destroy(struct api_client *client)
{
	if (!client)
		return;
	close(client->fd);
	proto_frame_fini(&client->in);
	base_strbuf_fini(&client->out);
	free(client);
}

void api_client_read(struct api_client *client, const struct api_limits *limits)
{
	size_t room;
	char *data = proto_frame_room(&client->in, &room);

	if (!data) {
		client->broken = true;
		return;
	}
	ssize_t n = recv(client->fd, data, room, MSG_DONTWAIT);
	if (n > 0) {
		proto_frame_filled(&client->in, (size_t)n);
		client->more = true;
		if (!client->partial) {
			client->partial = true;
			client->deadline_ns = base_clock_mono_ns() + limits->request_ns;
		}
	} else if (n == 0) {
		client->finished = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		client->broken = true;
	}
}

static void drop_sent(struct api_client *client)
{
	client->sent = 0;
	base_strbuf_reset(&client->out);
	if (client->out.size > KEEP_BYTES)
		base_strbuf_fini(&client->out);
}

void api_client_write(struct api_client *client, const struct api_limits *limits)
{
	while (api_client_wants_write(client)) {
		ssize_t n = send(client->fd, client->out.text + client->sent,
				client->out.len - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			client->broken = errno != EAGAIN;
			return;
		}
		client->sent += (size_t)n;
		client->deadline_ns = base_clock_mono_ns() + limits->write_ns;
	}
	drop_sent(client);
	await_request(client, limits);
}

void api_client_refuse(struct api_client *client, int code, const char *hint, const char *message)
{
	struct proto_error error;

	proto_error_set(&error, code, hint, "%s", message);
	api_append_error(&client->out, &error);
	client->finished = true;
	client->more = false;
	client->broken |= client->out.failed;
}

/* What it took to read the tables is known now; nobody asks again before the answer is there. */
static void hold(struct api_client *client, struct api_pace *pace)
{
	int64_t now_ns = base_clock_mono_ns();
	int64_t due_ns = api_pace_due(pace, now_ns);

	client->held_until_ns = due_ns > now_ns ? due_ns : 0;
}

static void send_answer(struct api_client *client, const struct api_limits *limits)
{
	client->deadline_ns = base_clock_mono_ns() + limits->write_ns;
	api_client_write(client, limits);
}

void api_client_answer(struct api_client *client, struct api_context *context,
		const struct api_limits *limits, int64_t now_ns)
{
	const char *line;
	size_t len;

	if (client->held_until_ns != 0 && client->held_until_ns <= now_ns) {
		client->held_until_ns = 0;
		send_answer(client, limits);
	}
	if (!client->more || api_client_has_answer(client))
		return;
	int found = proto_frame_next(&client->in, &line, &len);
	if (found < 0) {
		api_client_refuse(client, PROTO_ERROR_TOO_LONG, "one request a line",
				"the request is longer than 65536 octets");
	} else if (found == 0) {
		client->more = false;
		/* What was begun keeps its deadline, however slowly its octets come. */
		if (!proto_frame_is_partial(&client->in))
			await_request(client, limits);
	} else {
		api_dispatch(context, &client->peer, line, len, &client->out);
		client->broken |= client->out.failed;
		await_request(client, limits);
		if (context->pace.spent_ns > 0)
			hold(client, &context->pace);
	}
	if (api_client_wants_write(client))
		send_answer(client, limits);
}

void api_client_expire(struct api_client *client)
{
	struct proto_error error;

	base_log_debug("control: uid %u, pid %d: closed, %s", (unsigned int)client->peer.uid,
			(int)client->peer.pid,
			api_client_wants_write(client)    ? "it does not read"
					: client->partial ? "its request was not finished in time"
							  : "idle");
	if (!api_client_wants_write(client)) {
		proto_error_set(&error, PROTO_ERROR_TIMEOUT, "connect again", "%s",
				client->partial ? "the request was not finished in time"
						: "nothing was asked for a while");
		api_append_error(&client->out, &error);
		ssize_t n = send(client->fd, client->out.text, client->out.len,
				MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)n; /* a courtesy */
	}
	client->broken = true;
}
