/* SPDX-License-Identifier: BSD-3-Clause */
/* The client against servers that behave well, badly and not at all. */
#include "base_clock.h"
#include "proto_client.h"
#include "unit_main.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[] = "/tmp/weir-client-XXXXXX";
static char path[64];
static int listener;

static void listen_there(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/s", directory);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
}

static void stop_listening(void)
{
	close(listener);
	unlink(path);
	rmdir(directory);
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
}

struct script {
	const char *answer; /* sent after the request; NULL: hold the line */
	bool without_reading;
	bool by_octet;
	char request[256];
};

static void *serve(void *arg)
{
	struct script *script = arg;
	int fd = accept(listener, NULL, NULL);

	if (!script->without_reading) {
		ssize_t n = read(fd, script->request, sizeof(script->request) - 1);
		script->request[n > 0 ? n : 0] = '\0';
	}
	for (const char *p = script->answer; p && *p;) {
		size_t piece = script->by_octet ? 1 : strlen(p);
		p += send(fd, p, piece, MSG_NOSIGNAL);
		if (script->by_octet)
			usleep(100);
	}
	if (!script->answer)
		read(fd, &(char){0}, 1); /* until the client gives up */
	close(fd);
	return NULL;
}

static int call(struct script *script, json_t **result, struct proto_error *error)
{
	pthread_t thread;
	struct proto_client *client;

	ck_assert_int_eq(pthread_create(&thread, NULL, serve, script), 0);
	ck_assert_int_eq(proto_client_open(&client, path, 300 * BASE_NS_PER_MS), 0);
	int rc = proto_client_call(client, "flows", json_pack("{s:i}", "limit", 2), result, error);
	proto_client_close(client);
	pthread_join(thread, NULL);
	return rc;
}

static const struct {
	struct script script;
	int rc;
	const char *says; /* in the result or the error */
} scripts[] = {
		{{.answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":\"yes\"}}\n"}, 0,
				"yes"},
		{{.answer = "{\"id\":1,\"result\":{\"x\":\"slow\"}}\r\n", .by_octet = true}, 0,
				"slow"},
		{{.answer = "{\"id\":77,\"result\":{}}\n{\"id\":1,\"result\":{\"x\":\"mine\"}}\n"},
				0, "mine"},
		{{.answer = "{\"id\":1,\"error\":{\"code\":-32602,\"message\":\"no such key\","
			    "\"data\":{\"hint\":\"try bytes\"}}}\n"},
				-EREMOTEIO, "no such key"},
		{{.answer = "{\"id\":null,\"error\":{\"code\":-32000,\"message\":\"busy\"}}\n",
				 .without_reading = true},
				-EREMOTEIO, "busy"},
		{{.answer = "{\"id\":1}\n"}, -EPROTO, NULL},
		{{.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"}, -EPROTO, NULL},
		{{.answer = "{\"id\":1,\"result\":{}}"}, -ECONNRESET, NULL}, /* no newline */
		{{.answer = ""}, -ECONNRESET, NULL},
		{{.answer = NULL}, -ETIMEDOUT, NULL},
};

START_TEST(answers_and_other_things)
{
	struct script script = scripts[_i].script;
	struct proto_error error = {0};
	json_t *result = NULL;

	ck_assert_int_eq(call(&script, &result, &error), scripts[_i].rc);
	if (scripts[_i].rc == 0)
		ck_assert_str_eq(json_string_value(json_object_get(result, "x")), scripts[_i].says);
	else if (scripts[_i].says)
		ck_assert_str_eq(error.message, scripts[_i].says);
	if (!script.without_reading)
		ck_assert_str_eq(script.request,
				"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"flows\","
				"\"params\":{\"limit\":2}}\n");
	json_decref(result);
}
END_TEST

START_TEST(says_why_it_cannot_connect)
{
	struct proto_client *client = NULL;
	char other[128];

	snprintf(other, sizeof(other), "%s/none", directory);
	ck_assert_int_eq(proto_client_open(&client, other, BASE_NS_PER_SEC), -ENOENT);
	close(listener);
	ck_assert_int_eq(proto_client_open(&client, path, BASE_NS_PER_SEC), -ECONNREFUSED);
	memset(other, 'x', sizeof(other) - 1);
	other[sizeof(other) - 1] = '\0';
	ck_assert_int_eq(proto_client_open(&client, other, BASE_NS_PER_SEC), -ENAMETOOLONG);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_ptr_null(client);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("proto_client");
	TCase *tcase = tcase_create("client");

	tcase_add_checked_fixture(tcase, listen_there, stop_listening);
	tcase_add_loop_test(
			tcase, answers_and_other_things, 0, sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(tcase, says_why_it_cannot_connect);
	suite_add_tcase(suite, tcase);
	return suite;
}
