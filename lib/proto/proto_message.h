/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON-RPC 2.0 messages (https://www.jsonrpc.org/specification), one a line. Parameters go by name.
 * Batches are not supported: requests can simply be written one after the other.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "base_cacheline.h"
#include "base_strbuf.h"

#include <jansson.h>

#include <stddef.h>
#include <stdint.h>

/* Significant digits of numbers that are not whole: rates and shares. */
#define PROTO_REAL_DIGITS 9

enum proto_error_code {
	PROTO_ERROR_PARSE = -32700,
	PROTO_ERROR_REQUEST = -32600,
	PROTO_ERROR_METHOD = -32601,
	PROTO_ERROR_PARAMS = -32602,
	PROTO_ERROR_INTERNAL = -32603,
	/* of weir */
	PROTO_ERROR_BUSY = -32000, /* too many clients, or somebody else has it */
	PROTO_ERROR_FORBIDDEN = -32001, /* the method is not for this socket */
	PROTO_ERROR_TOO_LONG = -32002, /* request or answer over its limit */
	PROTO_ERROR_TIMEOUT = -32003, /* request not complete in time, or client idle */
};

/* What went wrong and what to do about it, for people. */
struct proto_error {
	int code;
	char message[200];
	char hint[200]; /* "" none */
};

/* Fills an error; `hint` may be NULL. Text that does not fit is cut. */
void proto_error_set(struct proto_error *error, int code, const char *hint, const char *format, ...)
		__attribute__((format(printf, 4, 5)));

struct proto_request {
	json_t *root;
	const char *method;
	const json_t *id; /* NULL: a notification, to which there is no answer */
	json_t *params; /* an object, or NULL */
};

/*
 * Parses one line. 0, or -EINVAL with *error; then `id` is still set when it could be read, and
 * the request is to be finished all the same. Duplicate keys and NUL in strings are refused.
 */
int proto_request_parse(struct proto_request *request, const char *line, size_t len,
		struct proto_error *error) BASE_MUST_CHECK;
void proto_request_fini(struct proto_request *request);

/* An answer: `result` is taken over (also on failure); `id` NULL gives null. NULL: out of memory.
 */
json_t *proto_result_new(const json_t *id, json_t *result);
json_t *proto_error_new(const json_t *id, const struct proto_error *error);
/* A request; `params` is taken over and may be NULL. */
json_t *proto_request_new(json_int_t id, const char *method, json_t *params);

/* Appends the message as one line. 0 or -ENOMEM. */
int proto_append(struct base_strbuf *out, const json_t *message) BASE_MUST_CHECK;

/* A JSON integer has 63 bits: what is above reads as 2^63 - 1. */
json_t *proto_u64(uint64_t value);
/* A string; octets that are not UTF-8 become question marks. */
json_t *proto_text(const char *text);

#endif
