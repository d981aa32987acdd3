/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the sockets answer: one table of methods (api_method.c), one function each. Nothing here
 * knows of sockets: a request is a line, its answer another.
 */
#ifndef API_METHOD_H
#define API_METHOD_H

#include "api_pace.h"
#include "api_trace.h"
#include "base_cacheline.h"
#include "base_strbuf.h"
#include "control.h"
#include "proto_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What every method may look at. One thread: the view is scratch space. */
struct api_context {
	struct control *control;
	const char *dpdk_version; /* may be NULL */
	struct control_view view;
	struct api_trace trace;
	struct api_pace pace;
};

/* Who asks. */
struct api_peer {
	pid_t pid;
	uid_t uid;
	bool admin; /* came over admin.sock */
};

struct api_call {
	struct api_context *context;
	const struct api_peer *peer;
	const json_t *params; /* an object that was checked against the table, or NULL */
	struct proto_error *error;
};

/* Returns the result, or NULL with *call->error (left alone: out of memory). */
typedef json_t *(*api_method_fn)(const struct api_call *call);

enum api_param_type { API_PARAM_END, API_PARAM_INTEGER, API_PARAM_STRING, API_PARAM_BOOLEAN };

struct api_param {
	const char *name;
	enum api_param_type type;
	int64_t min, max;
};

struct api_method {
	const char *name;
	api_method_fn answer;
	const struct api_param *params; /* up to API_PARAM_END; NULL: takes none */
	bool admin; /* only over admin.sock, and logged */
};

extern const struct api_method api_methods[];
extern const size_t api_method_count;

/*
 * Answers one request line: appends one line to *out, or nothing when it was a notification. When
 * memory is short out->failed is set.
 */
void api_dispatch(struct api_context *context, const struct api_peer *peer, const char *line,
		size_t len, struct base_strbuf *out);
/* Appends an error to a request that nobody can name. */
void api_append_error(struct base_strbuf *out, const struct proto_error *error);

/* Values of checked parameters; the default when absent. */
int64_t api_param_integer(const struct api_call *call, const char *name, int64_t absent);
bool api_param_boolean(const struct api_call *call, const char *name);
const char *api_param_string(const struct api_call *call, const char *name); /* NULL when absent */

#endif
