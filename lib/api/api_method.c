/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_method.h"

#include "api_answer.h"
#include "base_log.h"
#include "proto_frame.h"
#include "proto_method.h"

#include <inttypes.h>
#include <string.h>

static const struct api_param audit_params[] = {
		{.name = "scan", .type = API_PARAM_BOOLEAN}, {.type = API_PARAM_END}};
static const struct api_param stats_params[] = {{.name = "per_worker", .type = API_PARAM_BOOLEAN},
		{.name = "help", .type = API_PARAM_BOOLEAN}, {.type = API_PARAM_END}};

const struct api_method api_methods[] = {
		{PROTO_METHOD_HELLO, api_answer_hello, NULL, false},
		{PROTO_METHOD_STATUS, api_answer_status, NULL, false},
		{PROTO_METHOD_PORTS, api_answer_ports, NULL, false},
		{PROTO_METHOD_WORKERS, api_answer_workers, NULL, false},
		{PROTO_METHOD_FLOWS, api_answer_flows, api_flows_params, false},
		{PROTO_METHOD_STATS, api_answer_stats, stats_params, false},
		{PROTO_METHOD_DROPS, api_answer_drops, NULL, false},
		{PROTO_METHOD_EXPORTERS, api_answer_exporters, NULL, false},
		{PROTO_METHOD_EXPORT_CHECK, api_answer_export_check, api_export_check_params,
				false},
		{PROTO_METHOD_AUDIT, api_answer_audit, audit_params, false},
		{PROTO_METHOD_TRACE_START, api_answer_trace_start, api_trace_start_params, false},
		{PROTO_METHOD_TRACE_READ, api_answer_trace_read, api_trace_id_params, false},
		{PROTO_METHOD_TRACE_STOP, api_answer_trace_stop, api_trace_id_params, false},
		{PROTO_METHOD_REOPEN, api_answer_reopen, NULL, true},
};
const size_t api_method_count = BASE_COUNT_OF(api_methods);

static const struct api_method *find_method(const char *name)
{
	for (size_t i = 0; i < api_method_count; i++) {
		if (!strcmp(api_methods[i].name, name))
			return &api_methods[i];
	}
	return NULL;
}

static const struct api_param *find_param(const struct api_param *params, const char *name)
{
	for (; params && params->type != API_PARAM_END; params++) {
		if (!strcmp(params->name, name))
			return params;
	}
	return NULL;
}

static void reject_param(
		const struct api_method *method, const char *name, struct proto_error *error)
{
	struct base_strbuf hint = BASE_STRBUF_EMPTY;
	const struct api_param *p = method->params;

	base_strbuf_printf(&hint, "\"%s\" takes %s", method->name, p ? "" : "no parameters");
	for (; p && p->type != API_PARAM_END; p++)
		base_strbuf_printf(&hint, "%s\"%s\"", p == method->params ? "" : ", ", p->name);
	proto_error_set(error, PROTO_ERROR_PARAMS, hint.text, "no parameter \"%.60s\"", name);
	base_strbuf_fini(&hint);
}

static int check_param(
		const struct api_param *param, const json_t *value, struct proto_error *error)
{
	json_int_t number = json_integer_value(value);

	switch (param->type) {
	case API_PARAM_INTEGER:
		if (json_is_integer(value) && number >= param->min && number <= param->max)
			return 0;
		proto_error_set(error, PROTO_ERROR_PARAMS, NULL,
				"\"%s\" must be an integer of %" PRId64 " to %" PRId64, param->name,
				param->min, param->max);
		return -1;
	case API_PARAM_STRING:
		if (json_is_string(value))
			return 0;
		proto_error_set(error, PROTO_ERROR_PARAMS, NULL, "\"%s\" must be a string",
				param->name);
		return -1;
	default:
		if (json_is_boolean(value))
			return 0;
		proto_error_set(error, PROTO_ERROR_PARAMS, NULL, "\"%s\" must be true or false",
				param->name);
		return -1;
	}
}

static int check_params(const struct api_method *method, json_t *params, struct proto_error *error)
{
	const char *name;
	json_t *value;

	json_object_foreach (params, name, value) {
		const struct api_param *param = find_param(method->params, name);
		if (!param) {
			reject_param(method, name, error);
			return -1;
		}
		if (check_param(param, value, error) < 0)
			return -1;
	}
	return 0;
}

int64_t api_param_integer(const struct api_call *call, const char *name, int64_t absent)
{
	const json_t *value = json_object_get(call->params, name);

	return value ? (int64_t)json_integer_value(value) : absent;
}

bool api_param_boolean(const struct api_call *call, const char *name)
{
	return json_is_true(json_object_get(call->params, name));
}

const char *api_param_string(const struct api_call *call, const char *name)
{
	return json_string_value(json_object_get(call->params, name));
}

static json_t *answer(struct api_context *context, const struct api_peer *peer,
		const struct proto_request *request, struct proto_error *error)
{
	const struct api_method *method = find_method(request->method);
	const struct api_call call = {context, peer, request->params, error};

	if (!method) {
		proto_error_set(error, PROTO_ERROR_METHOD, "\"hello\" lists the methods",
				"no method \"%.60s\"", request->method);
		return NULL;
	}
	if (method->admin && !peer->admin) {
		proto_error_set(error, PROTO_ERROR_FORBIDDEN,
				"use admin.sock in the same directory",
				"\"%s\" changes something and this socket is for viewing",
				method->name);
		return NULL;
	}
	if (request->params && check_params(method, request->params, error) < 0)
		return NULL;
	proto_error_set(error, PROTO_ERROR_INTERNAL, NULL, "out of memory");
	json_t *result = method->answer(&call);
	if (method->admin)
		base_log_notice("control: %s by uid %u, pid %d: %s", method->name,
				(unsigned int)peer->uid, (int)peer->pid,
				result ? "done" : error->message);
	return result;
}

void api_append_error(struct base_strbuf *out, const struct proto_error *error)
{
	json_t *message = proto_error_new(NULL, error);

	if (!message || proto_append(out, message) < 0)
		out->failed = true;
	json_decref(message);
}

/* Appends the answer; one that is over the limit gives way to an error. */
static void append_bounded(struct base_strbuf *out, const json_t *id, json_t *message)
{
	size_t before = out->len;
	struct proto_error error;

	if (!message || proto_append(out, message) < 0) {
		out->failed = true;
		return;
	}
	if (out->len - before <= PROTO_ANSWER_MAX_BYTES)
		return;
	out->len = before;
	proto_error_set(&error, PROTO_ERROR_TOO_LONG,
			"ask for less at a time, for example by \"limit\"",
			"the answer is longer than %u octets", PROTO_ANSWER_MAX_BYTES);
	json_t *instead = proto_error_new(id, &error);
	if (!instead || proto_append(out, instead) < 0)
		out->failed = true;
	json_decref(instead);
}

void api_dispatch(struct api_context *context, const struct api_peer *peer, const char *line,
		size_t len, struct base_strbuf *out)
{
	struct proto_request request;
	struct proto_error error;
	json_t *result = NULL;
	bool parsed = proto_request_parse(&request, line, len, &error) == 0;

	if (parsed)
		result = answer(context, peer, &request, &error);
	/* A notification gets no answer, not even an error; a line that is no request does. */
	if (!parsed || request.id) {
		json_t *message = result ? proto_result_new(request.id, json_incref(result))
					 : proto_error_new(request.id, &error);
		append_bounded(out, request.id, message);
		json_decref(message);
	}
	json_decref(result);
	proto_request_fini(&request);
}
