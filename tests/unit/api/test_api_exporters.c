/* SPDX-License-Identifier: BSD-3-Clause */
#include "api_ask.h"
#include "export_transport.h"
#include "unit_main.h"

START_TEST(exporters_say_where_and_how)
{
	json_t *answer, *loss;
	json_int_t lost = 0;
	size_t i;

	set_up();
	struct config_output *output = &fake.config.outputs[0];
	*output = (struct config_output){.format = CONFIG_OUTPUT_IPFIX,
			.transport = CONFIG_TRANSPORT_TCP,
			.collector = "192.0.2.1:4739",
			.failover = "west",
			.filter = "port 53"};
	uint64_t *values = fake.view.outputs[0].values;
	values[STATS_output_link] = EXPORT_LINK_CONNECTING;
	values[STATS_output_lost_unreachable] = 5;
	values[STATS_output_lost_queue_full] = 2;
	values[STATS_output_messages] = 7;
	snprintf(fake.output_error.text, sizeof(fake.output_error.text), "no way");
	fake.output_error.at_ns = 1;
	const json_t *list = json_object_get(result_of("exporters", "{}", &answer), "exporters");
	ck_assert_uint_eq(json_array_size(list), 1);
	const json_t *exporter = json_array_get(list, 0);
	ck_assert_str_eq(text_at(exporter, "name"), "flows.jsonl");
	ck_assert_str_eq(text_at(exporter, "format"), "ipfix");
	ck_assert_str_eq(text_at(exporter, "transport"), "tcp");
	ck_assert_str_eq(text_at(exporter, "to"), "192.0.2.1:4739");
	ck_assert_str_eq(text_at(exporter, "state"), "connecting");
	ck_assert_str_eq(text_at(exporter, "policy"), "failover");
	ck_assert_str_eq(text_at(exporter, "group"), "west");
	ck_assert_str_eq(text_at(exporter, "filter"), "port 53");
	ck_assert_int_eq(integer_at(exporter, "lost"), 7);
	json_array_foreach (json_object_get(exporter, "losses"), i, loss) {
		ck_assert_uint_gt(strlen(text_at(loss, "why")), 5);
		lost += integer_at(loss, "records");
	}
	ck_assert_int_eq(lost, 7);
	ck_assert_int_eq(integer_at(exporter, "sent"), 2);
	ck_assert_int_eq(integer_at(exporter, "messages"), 7);
	ck_assert(json_is_null(json_object_get(exporter, "error")));
	ck_assert_str_eq(text_at(exporter, "last_error"), "no way");
	ck_assert_int_gt(integer_at(exporter, "last_error_ago_ns"), 0);
	json_decref(answer);
}
END_TEST

START_TEST(files_of_lines_have_no_messages)
{
	json_t *answer;

	set_up();
	snprintf(fake.config.outputs[0].path, CONFIG_PATH_BYTES, "flows.jsonl");
	fake.output_error.now = true;
	snprintf(fake.output_error.text, sizeof(fake.output_error.text), "disk full");
	const json_t *list = json_object_get(result_of("exporters", "{}", &answer), "exporters");
	const json_t *exporter = json_array_get(list, 0);
	ck_assert_str_eq(text_at(exporter, "transport"), "file");
	ck_assert_str_eq(text_at(exporter, "state"), "failing");
	ck_assert_str_eq(text_at(exporter, "error"), "disk full");
	ck_assert(json_is_null(json_object_get(exporter, "messages")));
	ck_assert(json_is_null(json_object_get(exporter, "policy")));
	json_decref(answer);
	list = json_object_get(result_of("export_check", "{}", &answer), "exporters");
	ck_assert_uint_eq(json_array_size(list), 0);
	json_decref(answer);
}
END_TEST

/* A template of one element, and a record by it. */
#define HEADER(length, sequence) 0, 10, 0, length, 0x6b, 0, 0, 0, 0, 0, 0, sequence, 0, 0, 0, 1
/* Its time, 9 s later than that of the records, is of when it was sent again. */
static const uint8_t template_message[] = {0, 10, 0, 28, 0x6b, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0,
		2, 0, 12, 1, 0, 0, 1, 0, 8, 0, 4};
static const uint8_t record_messages[][24] = {
		{HEADER(24, 90), 1, 0, 0, 8, 10, 0, 0, 1},
		{HEADER(24, 91), 1, 0, 0, 8, 10, 0, 0, 1},
		{HEADER(24, 95), 1, 0, 0, 8, 10, 0, 0, 1},
};

START_TEST(export_check_judges_what_was_sent)
{
	const struct export_recent_message sent[] = {
			{template_message, sizeof(template_message), true, 1},
			{record_messages[0], 24, false, 2},
			{record_messages[1], 24, false, 3},
			{record_messages[2], 24, false, 4},
	};
	json_t *answer, *finding;
	bool gap = false;
	size_t i;

	set_up();
	fake.config.outputs[0].format = CONFIG_OUTPUT_IPFIX;
	fake.recent = sent;
	fake.recent_count = 3;
	const json_t *list = json_object_get(
			result_of("export_check", "{\"name\":\"flows.jsonl\"}", &answer),
			"exporters");
	const json_t *exporter = json_array_get(list, 0);
	ck_assert_int_eq(integer_at(exporter, "messages"), 3);
	ck_assert_int_eq(integer_at(exporter, "records"), 2);
	ck_assert_int_eq(integer_at(exporter, "template_records"), 1);
	/* the template is older than what is between it and the records: that is no gap */
	ck_assert_int_eq(integer_at(exporter, "errors"), 0);
	json_array_foreach (json_object_get(exporter, "findings"), i, finding)
		ck_assert_str_ne(text_at(finding, "rule"), "IPX-103");
	json_decref(answer);

	fake.recent_count = 4;
	list = json_object_get(result_of("export_check", "{}", &answer), "exporters");
	exporter = json_array_get(list, 0);
	ck_assert_int_gt(integer_at(exporter, "errors") + integer_at(exporter, "warnings"), 0);
	json_array_foreach (json_object_get(exporter, "findings"), i, finding)
		gap |= strcmp(text_at(finding, "rule"), "IPX-104") == 0
				&& integer_at(finding, "message") == 3
				&& integer_at(finding, "count") == 1;
	ck_assert(gap);
	json_decref(answer);
	fails("export_check", "{\"name\":\"nix\"}", -32602, "nix");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("exporters");
	TCase *tcase = tcase_create("exporters");

	tcase_add_test(tcase, exporters_say_where_and_how);
	tcase_add_test(tcase, files_of_lines_have_no_messages);
	tcase_add_test(tcase, export_check_judges_what_was_sent);
	suite_add_tcase(suite, tcase);
	return suite;
}
