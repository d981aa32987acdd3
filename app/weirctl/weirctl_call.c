/* SPDX-License-Identifier: BSD-3-Clause */
#include "weirctl_call.h"

#include "base_clock.h"
#include "proto_client.h"
#include "proto_method.h"
#include "proto_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define TIMEOUT_NS (20 * BASE_NS_PER_SEC)

static int say_unreachable(const char *path, int rc)
{
	if (rc == -EACCES || rc == -EPERM) {
		fprintf(stderr,
				"weirctl: not allowed to use %s\n"
				"  cure:     sudo weirctl ..., or join the group that "
				"control.group in "
				"weir.yaml names\n",
				path);
		return EX_NOPERM;
	}
	if (rc == -ENAMETOOLONG) {
		fprintf(stderr, "weirctl: %s: longer than a socket's path may be\n", path);
		return EX_USAGE;
	}
	fprintf(stderr,
			"weirctl: no weir answers at %s: %s\n"
			"  see it:   pgrep -a weir\n"
			"  cure:     start one (weir run -i eth1), or say where it listens (-s "
			"PATH)\n",
			path,
			rc == -ENOENT                         ? "there is no such socket"
					: rc == -ECONNREFUSED ? "it is left over, nobody listens"
					: rc == -ETIMEDOUT    ? "it does not take connections"
							      : strerror(-rc));
	return EX_UNAVAILABLE;
}

static int say_refused(const struct proto_error *error)
{
	fprintf(stderr, "weirctl: %s\n", error->message);
	if (error->hint[0])
		fprintf(stderr, "  hint:     %s\n", error->hint);
	switch (error->code) {
	case PROTO_ERROR_PARAMS:
	case PROTO_ERROR_METHOD:
		return EX_USAGE;
	case PROTO_ERROR_FORBIDDEN:
		return EX_NOPERM;
	case PROTO_ERROR_BUSY:
	case PROTO_ERROR_TIMEOUT:
		return EX_TEMPFAIL;
	default:
		return EX_SOFTWARE;
	}
}

static int say_broken(const char *path, int rc)
{
	fprintf(stderr, "weirctl: %s: %s\n", path,
			rc == -ETIMEDOUT                    ? "no answer within 20 s"
					: rc == -ECONNRESET ? "weir hung up without an answer"
					: rc == -EPROTO     ? "what answers there is no weir"
							    : strerror(-rc));
	return rc == -EPROTO ? EX_PROTOCOL : EX_TEMPFAIL;
}

/* An older client reads a newer weir as well as it can, and says so. */
static void warn_of_version(const json_t *hello)
{
	json_int_t protocol = json_integer_value(json_object_get(hello, "protocol"));

	if (protocol != PROTO_VERSION)
		fprintf(stderr,
				"weirctl: weir speaks version %lld of the protocol, this weirctl "
				"version %d: some values may be missing\n",
				(long long)protocol, PROTO_VERSION);
}

static int ask(struct proto_client *client, const char *path, const char *method, json_t *params,
		json_t **result)
{
	struct proto_error error;
	int rc = proto_client_call(client, method, params, result, &error);

	if (rc == 0)
		return 0;
	return rc == -EREMOTEIO ? say_refused(&error) : say_broken(path, rc);
}

int weirctl_call(const char *path, bool admin, const char *method, json_t *params, json_t **result)
{
	const char *name = admin ? PROTO_ADMIN_SOCKET : PROTO_VIEW_SOCKET;
	char at[PROTO_PATH_BYTES];
	struct proto_client *client;
	json_t *hello;

	int rc = path ? proto_path_given(path, name, at) : proto_path_default(name, at);
	if (rc == 0)
		rc = proto_client_open(&client, at, TIMEOUT_NS);
	if (rc < 0) {
		json_decref(params);
		return say_unreachable(at, rc);
	}
	rc = ask(client, at, PROTO_METHOD_HELLO, NULL, &hello);
	if (rc == 0) {
		warn_of_version(hello);
		json_decref(hello);
		rc = ask(client, at, method, params, result);
	} else {
		json_decref(params);
	}
	proto_client_close(client);
	return rc;
}
