/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_client.h"

#include "base_clock.h"
#include "proto_frame.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct proto_client {
	int fd;
	int64_t timeout_ns;
	json_int_t last_id;
	struct proto_frame frame;
};

/* Waits until the socket is ready for `events`; 0, -ETIMEDOUT or -errno. */
static int wait_ready(const struct proto_client *client, short events, int64_t deadline_ns)
{
	struct pollfd poll_fd = {.fd = client->fd, .events = events};

	for (;;) {
		int64_t left_ns = deadline_ns - base_clock_mono_ns();
		if (left_ns <= 0)
			return -ETIMEDOUT;
		int n = poll(&poll_fd, 1, (int)(left_ns / BASE_NS_PER_MS) + 1);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

/* A listener whose queue is full refuses with EAGAIN for a moment. */
static int connect_patiently(struct proto_client *client, const struct sockaddr_un *address)
{
	int64_t deadline_ns = base_clock_mono_ns() + client->timeout_ns;

	while (connect(client->fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (base_clock_mono_ns() > deadline_ns)
			return -ETIMEDOUT;
		usleep(10 * 1000);
	}
	return 0;
}

int proto_client_open(struct proto_client **client, const char *path, int64_t timeout_ns)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	struct proto_client *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->timeout_ns = timeout_ns;
	/* An answer's line may be a little over the server's limit for its result. */
	proto_frame_init(&c->frame, PROTO_ANSWER_MAX_BYTES + PROTO_REQUEST_MAX_BYTES);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = c->fd < 0 ? -errno : connect_patiently(c, &address);
	if (rc < 0) {
		proto_client_close(c);
		return rc;
	}
	*client = c;
	return 0;
}

void proto_client_close(struct proto_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	proto_frame_fini(&client->frame);
	free(client);
}

static int send_all(
		struct proto_client *client, const struct base_strbuf *text, int64_t deadline_ns)
{
	size_t sent = 0;

	while (sent < text->len) {
		ssize_t n = send(client->fd, text->text + sent, text->len - sent, MSG_NOSIGNAL);
		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		/* It hung up; what it said before (too many clients, say) is still to be read. */
		if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		int rc = wait_ready(client, POLLOUT, deadline_ns);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* One line of the server; valid until the next. 0 or -errno. */
static int receive_line(
		struct proto_client *client, const char **line, size_t *len, int64_t deadline_ns)
{
	for (;;) {
		int found = proto_frame_next(&client->frame, line, len);
		if (found != 0)
			return found < 0 ? -EPROTO : 0;
		int rc = wait_ready(client, POLLIN, deadline_ns);
		if (rc < 0)
			return rc;
		size_t room;
		char *data = proto_frame_room(&client->frame, &room);
		if (!data)
			return -ENOMEM;
		ssize_t n = recv(client->fd, data, room, 0);
		if (n == 0)
			return -ECONNRESET;
		if (n > 0)
			proto_frame_filled(&client->frame, (size_t)n);
		else if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

static int take_error(const json_t *object, struct proto_error *error)
{
	const char *message = json_string_value(json_object_get(object, "message"));
	const char *hint =
			json_string_value(json_object_get(json_object_get(object, "data"), "hint"));

	proto_error_set(error, (int)json_integer_value(json_object_get(object, "code")), hint, "%s",
			message ? message : "error without a message");
	return -EREMOTEIO;
}

/* Takes the result out of an answer. An answer to another request is passed over: -EAGAIN. */
static int take_answer(struct proto_client *client, const char *line, size_t len, json_t **result,
		struct proto_error *error)
{
	json_error_t json_error;
	json_t *answer = json_loadb(line, len, 0, &json_error);
	const json_t *id = json_object_get(answer, "id");
	const json_t *problem = json_object_get(answer, "error");
	int rc = -EPROTO;

	if (json_is_object(problem)
			&& (json_is_null(id) || json_integer_value(id) == client->last_id))
		rc = take_error(problem, error);
	else if (json_is_integer(id) && json_integer_value(id) != client->last_id)
		rc = -EAGAIN;
	else if (json_is_integer(id) && (*result = json_object_get(answer, "result")) != NULL) {
		json_incref(*result);
		rc = 0;
	}
	json_decref(answer);
	return rc;
}

int proto_client_call(struct proto_client *client, const char *method, json_t *params,
		json_t **result, struct proto_error *error)
{
	int64_t deadline_ns = base_clock_mono_ns() + client->timeout_ns;
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	json_t *request = proto_request_new(++client->last_id, method, params);
	int rc = request ? proto_append(&text, request) : -ENOMEM;

	json_decref(request);
	if (rc == 0)
		rc = send_all(client, &text, deadline_ns);
	base_strbuf_fini(&text);
	if (rc < 0)
		return rc;
	do {
		const char *line;
		size_t len;
		rc = receive_line(client, &line, &len, deadline_ns);
		if (rc == 0)
			rc = take_answer(client, line, len, result, error);
	} while (rc == -EAGAIN);
	return rc;
}
