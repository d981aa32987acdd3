/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void proto_error_set(struct proto_error *error, int code, const char *hint, const char *format, ...)
{
	va_list args;

	error->code = code;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	snprintf(error->hint, sizeof(error->hint), "%s", hint ? hint : "");
}

json_t *proto_u64(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *proto_text(const char *text)
{
	json_t *string = json_string(text);

	if (string)
		return string;
	char *copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	string = json_string(copy);
	free(copy);
	return string;
}

static int check_request(struct proto_request *request, struct proto_error *error)
{
	static const char hint[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}";
	const json_t *version = json_object_get(request->root, "jsonrpc");
	const json_t *method = json_object_get(request->root, "method");
	const json_t *id = json_object_get(request->root, "id");

	if (!json_is_object(request->root)) {
		proto_error_set(error, PROTO_ERROR_REQUEST, hint,
				"a request is one object; batches are not supported");
		return -EINVAL;
	}
	if (id && !json_is_string(id) && !json_is_number(id) && !json_is_null(id)) {
		proto_error_set(error, PROTO_ERROR_REQUEST, hint,
				"\"id\" must be a string, a number or null");
		return -EINVAL;
	}
	request->id = id;
	if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0) {
		proto_error_set(error, PROTO_ERROR_REQUEST, hint, "\"jsonrpc\" must be \"2.0\"");
		return -EINVAL;
	}
	if (!json_is_string(method)) {
		proto_error_set(error, PROTO_ERROR_REQUEST, hint, "\"method\" must be a string");
		return -EINVAL;
	}
	request->method = json_string_value(method);
	request->params = json_object_get(request->root, "params");
	if (request->params && !json_is_object(request->params)) {
		proto_error_set(error, PROTO_ERROR_PARAMS, "for example {\"limit\":10}",
				"\"params\" must be an object: parameters go by name");
		return -EINVAL;
	}
	return 0;
}

int proto_request_parse(struct proto_request *request, const char *line, size_t len,
		struct proto_error *error)
{
	json_error_t json_error;

	*request = (struct proto_request){0};
	request->root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json_error);
	if (!request->root) {
		proto_error_set(error, PROTO_ERROR_PARSE, "one request a line, in UTF-8",
				"not JSON: %s (octet %d)", json_error.text, json_error.position);
		return -EINVAL;
	}
	return check_request(request, error);
}

void proto_request_fini(struct proto_request *request)
{
	json_decref(request->root);
	*request = (struct proto_request){0};
}

static json_t *answer_new(const json_t *id, const char *key, json_t *value)
{
	json_t *answer = json_object();
	json_t *id_copy = id ? json_deep_copy(id) : json_null();

	if (json_object_set_new(answer, "jsonrpc", json_string("2.0")) < 0
			|| json_object_set_new(answer, "id", id_copy) < 0) {
		json_decref(answer);
		json_decref(value);
		return NULL;
	}
	if (json_object_set_new(answer, key, value) < 0) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

json_t *proto_result_new(const json_t *id, json_t *result)
{
	return answer_new(id, "result", result);
}

json_t *proto_error_new(const json_t *id, const struct proto_error *error)
{
	json_t *object = json_object();

	json_object_set_new(object, "code", json_integer(error->code));
	json_object_set_new(object, "message", proto_text(error->message));
	if (error->hint[0])
		json_object_set_new(object, "data",
				json_pack("{s:o}", "hint", proto_text(error->hint)));
	return answer_new(id, "error", object);
}

json_t *proto_request_new(json_int_t id, const char *method, json_t *params)
{
	json_t *number = json_integer(id);
	json_t *request = answer_new(number, "method", json_string(method));

	json_decref(number);
	if (request && params)
		json_object_set(request, "params", params);
	json_decref(params);
	return request;
}

static int append_piece(const char *text, size_t len, void *arg)
{
	struct base_strbuf *out = arg;

	base_strbuf_add(out, text, len);
	return out->failed ? -1 : 0;
}

int proto_append(struct base_strbuf *out, const json_t *message)
{
	if (json_dump_callback(message, append_piece, out,
			    JSON_COMPACT | JSON_REAL_PRECISION(PROTO_REAL_DIGITS))
			< 0)
		return -ENOMEM;
	base_strbuf_putc(out, '\n');
	return out->failed ? -ENOMEM : 0;
}
