/* SPDX-License-Identifier: BSD-3-Clause */
/* One request to a weir whose numbers a test sets (fake_control.h), and what its answer holds. */
#ifndef API_ASK_H
#define API_ASK_H

#include "api_answer.h"
#include "fake_control.h"

#include <check.h>

#include <stdlib.h>
#include <string.h>

static struct api_context context;

static inline void set_up(void)
{
	fake_reset();
	context.control = &fake;
	context.dpdk_version = "22.11.11";
	context.trace = (struct api_trace){0};
}

/* The answer to a line, as JSON; NULL when there is none. */
static inline json_t *ask(const char *line, bool admin)
{
	const struct api_peer peer = {.pid = 1, .uid = 0, .admin = admin};
	struct base_strbuf out = BASE_STRBUF_EMPTY;
	json_t *answer = NULL;

	api_dispatch(&context, &peer, line, strlen(line), &out);
	ck_assert(!out.failed);
	if (out.len > 0) {
		ck_assert_ptr_eq(strchr(out.text, '\n'), out.text + out.len - 1);
		answer = json_loads(out.text, 0, NULL);
		ck_assert_ptr_nonnull(answer);
	}
	base_strbuf_fini(&out);
	return answer;
}

/* The result of a method with these parameters, as a borrowed part of *answer. */
static inline json_t *result_of(const char *method, const char *params, json_t **answer)
{
	char line[4096];

	snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
			params);
	*answer = ask(line, false);
	json_t *result = json_object_get(*answer, "result");
	if (!result)
		ck_abort_msg("%s: %s", method, json_dumps(*answer, 0));
	return result;
}

/* The method must fail with this code and these words in its message. */
static inline void fails(const char *method, const char *params, int code, const char *words)
{
	char line[4096];

	snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
			params);
	json_t *answer = ask(line, false);
	const json_t *error = json_object_get(answer, "error");
	ck_assert_int_eq(json_integer_value(json_object_get(error, "code")), code);
	const char *message = json_string_value(json_object_get(error, "message"));
	ck_assert_msg(message && strstr(message, words), "%s: %s", method, message);
	json_decref(answer);
}

static inline json_int_t integer_at(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	ck_assert_msg(json_is_integer(value), "%s is no integer", name);
	return json_integer_value(value);
}

static inline double real_at(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	ck_assert_msg(json_is_real(value), "%s is no real", name);
	return json_real_value(value);
}

static inline const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	ck_assert_msg(text != NULL, "%s is no string", name);
	return text;
}

#endif
