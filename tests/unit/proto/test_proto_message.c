/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto_message.h"
#include "unit_main.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *line;
	int code; /* 0: a good request */
	const char *id; /* as JSON; NULL: none was read */
	const char *saying; /* part of the message */
} requests[] = {
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}", 0, "1", NULL},
		{"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"x\",\"params\":{}}", 0, "\"a\"",
				NULL},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"x\"}", 0, "null", NULL},
		{"{\"jsonrpc\":\"2.0\",\"id\":9223372036854775807,\"method\":\"x\"}", 0,
				"9223372036854775807", NULL},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", 0, NULL, NULL},
		{"", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"hello", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"{\"id\":1", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"{} x", PROTO_ERROR_PARSE, NULL, "end of file expected"},
		{"{\"id\":1,\"id\":2}", PROTO_ERROR_PARSE, NULL, "duplicate"},
		{"{\"id\":18446744073709551616}", PROTO_ERROR_PARSE, NULL, "too big integer"},
		{"{\"method\":\"a\\u0000b\"}", PROTO_ERROR_PARSE, NULL, "NUL"},
		{"{\"method\":\"\xff\"}", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"{\"method\":\"\xed\xa0\x80\"}", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"{\"method\":\"\\ud800\"}", PROTO_ERROR_PARSE, NULL, "not JSON"},
		{"[]", PROTO_ERROR_REQUEST, NULL, "batches"},
		{"{}", PROTO_ERROR_REQUEST, NULL, "jsonrpc"},
		{"{\"id\":7}", PROTO_ERROR_REQUEST, "7", "jsonrpc"},
		{"{\"id\":7,\"jsonrpc\":2.0}", PROTO_ERROR_REQUEST, "7", "jsonrpc"},
		{"{\"id\":7,\"jsonrpc\":\"1.0\"}", PROTO_ERROR_REQUEST, "7", "jsonrpc"},
		{"{\"id\":[7],\"jsonrpc\":\"2.0\"}", PROTO_ERROR_REQUEST, NULL, "id"},
		{"{\"id\":true,\"jsonrpc\":\"2.0\"}", PROTO_ERROR_REQUEST, NULL, "id"},
		{"{\"id\":7,\"jsonrpc\":\"2.0\"}", PROTO_ERROR_REQUEST, "7", "method"},
		{"{\"id\":7,\"jsonrpc\":\"2.0\",\"method\":1}", PROTO_ERROR_REQUEST, "7", "method"},
		{"{\"id\":7,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[1]}",
				PROTO_ERROR_PARAMS, "7", "by name"},
		{"{\"id\":7,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":null}",
				PROTO_ERROR_PARAMS, "7", "by name"},
};

START_TEST(requests_are_judged)
{
	struct proto_request request;
	struct proto_error error = {0};
	const char *line = requests[_i].line;
	int rc = proto_request_parse(&request, line, strlen(line), &error);

	ck_assert_int_eq(rc, requests[_i].code ? -EINVAL : 0);
	ck_assert_int_eq(error.code, requests[_i].code);
	if (requests[_i].saying)
		ck_assert_msg(strstr(error.message, requests[_i].saying) != NULL, "%s",
				error.message);
	char *id = request.id ? json_dumps(request.id, JSON_ENCODE_ANY) : NULL;
	if (requests[_i].id)
		ck_assert_str_eq(id, requests[_i].id);
	else
		ck_assert_ptr_null(id);
	free(id);
	proto_request_fini(&request);
}
END_TEST

/* A bomb of brackets, as deep as a request can be long, is refused and not followed. */
START_TEST(depth_is_bounded)
{
	static char line[64 * 1024];
	struct proto_request request;
	struct proto_error error;

	memset(line, "[{"[_i], sizeof(line));
	for (size_t i = 0; _i == 1 && i + 5 <= sizeof(line); i += 5)
		memcpy(line + i, "{\"a\":", 5);
	ck_assert_int_eq(proto_request_parse(&request, line, sizeof(line), &error), -EINVAL);
	ck_assert_int_eq(error.code, PROTO_ERROR_PARSE);
	ck_assert_ptr_nonnull(strstr(error.message, "depth"));
	proto_request_fini(&request);
}
END_TEST

static void assert_dumps(json_t *message, const char *expected)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	ck_assert_ptr_nonnull(message);
	ck_assert_int_eq(proto_append(&out, message), 0);
	ck_assert_str_eq(out.text, expected);
	base_strbuf_fini(&out);
	json_decref(message);
}

START_TEST(messages_are_one_line)
{
	json_t *id = json_string("a\nb");
	struct proto_error error;

	assert_dumps(proto_request_new(3, "flows", json_pack("{s:i}", "limit", 5)),
			"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"flows\",\"params\":{\"limit\":"
			"5}}\n");
	assert_dumps(proto_request_new(1, "hello", NULL),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n");
	assert_dumps(proto_result_new(id, json_object()),
			"{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"result\":{}}\n");
	json_decref(id);
	proto_error_set(&error, PROTO_ERROR_METHOD, "try \"hello\"", "no %s", "such method");
	assert_dumps(proto_error_new(NULL, &error),
			"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32601,\"message\":"
			"\"no "
			"such method\",\"data\":{\"hint\":\"try \\\"hello\\\"\"}}}\n");
	proto_error_set(&error, PROTO_ERROR_INTERNAL, NULL, "x");
	assert_dumps(proto_error_new(NULL, &error),
			"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":"
			"\"x\"}}\n");
}
END_TEST

START_TEST(long_error_text_is_cut_to_valid_json)
{
	struct proto_error error;
	char text[500];

	memset(text, 0, sizeof(text));
	for (size_t i = 0; i + 2 < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3); /* the euro sign, cut in its middle */
	for (int shift = 0; shift < 3; shift++) {
		proto_error_set(&error, -1, text + 3 * 3, "%.*s%s", shift, "ab", text);
		json_t *answer = proto_error_new(NULL, &error);
		const json_t *object = json_object_get(answer, "error");
		ck_assert_ptr_nonnull(json_string_value(json_object_get(object, "message")));
		ck_assert_ptr_nonnull(json_object_get(object, "data"));
		json_decref(answer);
	}
}
END_TEST

START_TEST(large_counters_saturate)
{
	static const struct {
		uint64_t value;
		json_int_t integer;
	} rows[] = {
			{0, 0},
			{INT64_MAX - UINT64_C(1), INT64_MAX - INT64_C(1)},
			{INT64_MAX, INT64_MAX},
			{INT64_MAX + UINT64_C(1), INT64_MAX},
			{UINT64_MAX, INT64_MAX},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *number = proto_u64(rows[i].value);
		ck_assert_int_eq(json_integer_value(number), rows[i].integer);
		json_decref(number);
	}
}
END_TEST

START_TEST(text_that_is_not_utf8_is_still_a_string)
{
	json_t *text = proto_text("eth\xff"
				  "1");

	ck_assert_str_eq(json_string_value(text), "eth?1");
	json_decref(text);
	text = proto_text("eth\xc3\xa9");
	ck_assert_str_eq(json_string_value(text), "eth\xc3\xa9");
	json_decref(text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("proto_message");
	TCase *tcase = tcase_create("message");

	tcase_add_loop_test(tcase, requests_are_judged, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_loop_test(tcase, depth_is_bounded, 0, 2);
	tcase_add_test(tcase, messages_are_one_line);
	tcase_add_test(tcase, long_error_text_is_cut_to_valid_json);
	tcase_add_test(tcase, large_counters_saturate);
	tcase_add_test(tcase, text_that_is_not_utf8_is_still_a_string);
	suite_add_tcase(suite, tcase);
	return suite;
}
