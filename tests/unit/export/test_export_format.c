/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_format.h"
#include "export_sample.h"
#include "unit_main.h"

#include <jansson.h>

static const char *const names[] = {"eth1", "up, \"left\"\n\\ \xff caf\xc3\xa9"};
static const struct export_context context = {
		.port_names = names, .port_count = 2, .sampling_rate = 100};

/* One line, NUL-terminated, from memory of exactly the promised size; the caller frees. */
static char *encode(struct export_encoder *encoder, const struct flow_record *record)
{
	char *exact = malloc(encoder->line_bytes);
	char *end = export_encoder_write(encoder, exact, record);
	size_t len = (size_t)(end - exact);

	ck_assert_uint_le(len, encoder->line_bytes);
	ck_assert_int_eq(exact[len - 1], '\n');
	ck_assert_ptr_eq(memchr(exact, '\n', len), &exact[len - 1]);
	char *line = strndup(exact, len);
	free(exact);
	return line;
}

static char *encode_once(enum config_output_format format, bool community_id,
		const struct flow_record *record)
{
	struct export_encoder encoder;

	ck_assert_int_eq(export_encoder_init(&encoder, format, community_id, &context), 0);
	char *line = encode(&encoder, record);
	export_encoder_fini(&encoder);
	return line;
}

static json_t *parse(const char *line)
{
	json_error_t error;
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(object != NULL, "%s at %d: %s", error.text, error.position, line);
	ck_assert(json_is_object(object));
	return object;
}

START_TEST(json_reads_back_to_the_record)
{
	struct flow_record record = sample_record();
	char *line = encode_once(CONFIG_OUTPUT_JSONL, true, &record);
	json_t *object = parse(line);
	const char *src, *dst, *flags, *start, *port, *rev_port, *id;
	json_int_t sport, proto, packets, rev_bytes, ttl;
	double duration;

	ck_assert_int_eq(
			json_unpack(object, "{s:s s:s s:s s:s s:s s:s s:s s:I s:I s:I s:I s:I s:f}",
					"src_ip", &src, "dst_ip", &dst, "tcp_flags", &flags,
					"start", &start, "port", &port, "rev_port", &rev_port,
					"community_id", &id, "src_port", &sport, "proto", &proto,
					"packets", &packets, "rev_bytes", &rev_bytes, "ttl_max",
					&ttl, "duration", &duration),
			0);
	ck_assert_str_eq(src, "10.1.4.17");
	ck_assert_str_eq(dst, "151.101.1.6");
	ck_assert_str_eq(flags, "APSF");
	ck_assert_str_eq(start, "2026-11-21T01:30:00.000000001Z");
	ck_assert_str_eq(port, "eth1");
	ck_assert_str_eq(rev_port, "up, \"left\"\n\\ \xef\xbf\xbd caf\xc3\xa9");
	ck_assert_int_eq(sport, 51514);
	ck_assert_int_eq(proto, 6);
	ck_assert_int_eq(packets, 3);
	ck_assert_int_eq(rev_bytes, 3000);
	ck_assert_int_eq(ttl, 64);
	ck_assert(duration > 1.4999 && duration < 1.5001);
	json_decref(object);
	free(line);
}
END_TEST

START_TEST(json_keys_are_those_of_the_table_in_order)
{
	struct flow_record record = sample_record();
	char *line = encode_once(CONFIG_OUTPUT_JSONL, true, &record);
	json_t *object = parse(line);
	const char *last = line;
	size_t found = 0;

	for (unsigned int i = 0; i < export_field_count; i++) {
		json_t *value = json_object_get(object, export_fields[i].name);
		char key[64];

		if (!value)
			continue;
		found++;
		ck_assert_int_eq(json_is_string(value), export_fields[i].type == EXPORT_STRING);
		snprintf(key, sizeof(key), "\"%s\":", export_fields[i].name);
		const char *at = strstr(line, key);
		ck_assert_msg(at != NULL && at >= last, "%s is out of order", key);
		last = at;
	}
	ck_assert_uint_eq(found, json_object_size(object));
	json_decref(object);
	free(line);
}
END_TEST

START_TEST(json_leaves_out_what_does_not_apply)
{
	struct flow_record record = sample_record();

	record.protocol = 1;
	record.rev_packets = 0;
	char *line = encode_once(CONFIG_OUTPUT_JSONL, false, &record);
	json_t *object = parse(line);

	for (unsigned int i = 0; i < export_field_count; i++) {
		if (!strncmp(export_fields[i].name, "rev_", 4)
				&& strcmp(export_fields[i].name, "rev_packets") != 0
				&& strcmp(export_fields[i].name, "rev_bytes") != 0)
			ck_assert_ptr_null(json_object_get(object, export_fields[i].name));
	}
	ck_assert_ptr_null(json_object_get(object, "src_port"));
	ck_assert_ptr_null(json_object_get(object, "community_id"));
	ck_assert_ptr_null(json_object_get(object, "vlan"));
	ck_assert_ptr_nonnull(json_object_get(object, "icmp_type"));
	ck_assert_ptr_nonnull(json_object_get(object, "rev_packets"));
	json_decref(object);
	free(line);
}
END_TEST

START_TEST(largest_numbers_keep_every_digit)
{
	struct flow_record record = sample_record();

	record.packets = UINT64_MAX;
	record.bytes = INT64_MAX;
	char *line = encode_once(CONFIG_OUTPUT_JSONL, false, &record);
	ck_assert_ptr_nonnull(strstr(line, ",\"packets\":18446744073709551615,"));
	ck_assert_ptr_nonnull(strstr(line, ",\"bytes\":9223372036854775807,"));
	free(line);
	line = encode_once(CONFIG_OUTPUT_CSV, false, &record);
	ck_assert_ptr_nonnull(strstr(line, ",18446744073709551615,9223372036854775807,"));
	free(line);
}
END_TEST

/* Splits a CSV line in place as RFC 4180 says; returns the number of cells. */
static unsigned int split_csv(char *line, char *cells[], unsigned int max)
{
	unsigned int count = 0;
	char *at = line, *out = line;

	while (count < max) {
		bool quoted = *at == '"';
		cells[count++] = out;
		at += quoted;
		while (*at && (quoted || (*at != ',' && *at != '\n'))) {
			if (quoted && *at == '"' && *++at != '"') {
				quoted = false;
				continue;
			}
			*out++ = *at++;
		}
		char end = *at++;
		*out++ = '\0';
		if (end != ',')
			break;
	}
	return count;
}

START_TEST(csv_cells_stand_under_their_header)
{
	struct export_encoder encoder;
	struct flow_record record = sample_record();
	char *head[64], *cells[64];

	ck_assert_int_eq(export_encoder_init(&encoder, CONFIG_OUTPUT_CSV, _i, &context), 0);
	char *header = strdup(encoder.header);
	char *line = encode(&encoder, &record);
	unsigned int columns = split_csv(header, head, 64);

	ck_assert_uint_eq(columns, export_field_count - !_i);
	ck_assert_uint_eq(split_csv(line, cells, 64), columns);
	for (unsigned int i = 0; i < columns; i++) {
		if (!strcmp(head[i], "src_ip"))
			ck_assert_str_eq(cells[i], "10.1.4.17");
		if (!strcmp(head[i], "port"))
			ck_assert_str_eq(cells[i], "eth1");
		if (!strcmp(head[i], "rev_port"))
			ck_assert_str_eq(cells[i], "up, \"left\" \\ \xef\xbf\xbd caf\xc3\xa9");
		if (!strcmp(head[i], "vlan") || !strcmp(head[i], "fragment"))
			ck_assert_str_eq(cells[i], "");
		if (!strcmp(head[i], "direction"))
			ck_assert_str_eq(cells[i], "initiator");
		ck_assert(strcmp(head[i], "community_id") != 0 || _i);
	}
	free(line);
	free(header);
	export_encoder_fini(&encoder);
}
END_TEST

START_TEST(json_lines_have_no_header)
{
	struct export_encoder encoder;

	ck_assert_int_eq(export_encoder_init(&encoder, CONFIG_OUTPUT_JSONL, false, &context), 0);
	ck_assert_uint_eq(encoder.header_len, 0);
	ck_assert_str_eq(encoder.header, "");
	export_encoder_fini(&encoder);
}
END_TEST

/* Whatever octets a record has, the line is whole, in bounds and readable. */
START_TEST(any_record_is_one_readable_line)
{
	struct export_encoder json, csv;
	uint64_t seed = 4242;
	char *cells[64];

	ck_assert_int_eq(export_encoder_init(&json, CONFIG_OUTPUT_JSONL, true, &context), 0);
	ck_assert_int_eq(export_encoder_init(&csv, CONFIG_OUTPUT_CSV, true, &context), 0);
	for (unsigned int i = 0; i < 5000; i++) {
		uint64_t words[sizeof(struct flow_record) / 8];
		struct flow_record record;

		for (unsigned int w = 0; w < BASE_COUNT_OF(words); w++)
			words[w] = sample_random(&seed);
		memcpy(&record, words, sizeof(record));
		record.port &= 1;
		record.rev_port &= 3;
		record.packets &= INT64_MAX; /* the most that the parser of this test reads */
		record.bytes &= INT64_MAX;
		record.rev_packets &= INT64_MAX;
		record.rev_bytes &= INT64_MAX;
		char *line = encode(&json, &record);
		json_decref(parse(line));
		free(line);
		line = encode(&csv, &record);
		ck_assert_uint_eq(split_csv(line, cells, 64), export_field_count);
		free(line);
	}
	export_encoder_fini(&json);
	export_encoder_fini(&csv);
}
END_TEST

static const struct {
	uint32_t rate;
	const char *json, *csv;
} rates[] = {{0, NULL, NULL}, {1, NULL, NULL}, {2, ",\"sampling_rate\":2}\n", ",2\n"},
		{1000000, ",\"sampling_rate\":1000000}\n", ",1000000\n"}};

START_TEST(a_sampling_rate_is_a_field_when_there_is_one)
{
	struct export_context sampled = context;
	struct export_encoder json, csv;
	struct flow_record record = sample_record();

	sampled.sampling_rate = rates[_i].rate;
	ck_assert_int_eq(export_encoder_init(&json, CONFIG_OUTPUT_JSONL, false, &sampled), 0);
	ck_assert_int_eq(export_encoder_init(&csv, CONFIG_OUTPUT_CSV, false, &sampled), 0);
	char *object = encode(&json, &record), *row = encode(&csv, &record);
	if (rates[_i].json) {
		ck_assert_str_eq(strrchr(object, ','), rates[_i].json);
		ck_assert_str_eq(strrchr(row, ','), rates[_i].csv);
		ck_assert_str_eq(strrchr(csv.header, ','), ",sampling_rate\n");
	} else {
		ck_assert_ptr_null(strstr(object, "sampling_rate"));
		ck_assert_ptr_null(strstr(csv.header, "sampling_rate"));
	}
	free(object);
	free(row);
	export_encoder_fini(&json);
	export_encoder_fini(&csv);
}
END_TEST

START_TEST(no_ports_no_names)
{
	static const struct export_context none = {.port_names = NULL};
	struct export_encoder encoder;
	struct flow_record record = sample_record();

	ck_assert_int_eq(export_encoder_init(&encoder, CONFIG_OUTPUT_JSONL, false, &none), 0);
	char *line = encode(&encoder, &record);
	ck_assert_ptr_null(strstr(line, "\"port\""));
	ck_assert_ptr_null(strstr(line, "\"rev_port\""));
	free(line);
	export_encoder_fini(&encoder);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_format");
	TCase *tcase = tcase_create("format");

	tcase_add_test(tcase, json_reads_back_to_the_record);
	tcase_add_test(tcase, json_keys_are_those_of_the_table_in_order);
	tcase_add_loop_test(tcase, a_sampling_rate_is_a_field_when_there_is_one, 0,
			BASE_COUNT_OF(rates));
	tcase_add_test(tcase, json_leaves_out_what_does_not_apply);
	tcase_add_test(tcase, largest_numbers_keep_every_digit);
	tcase_add_loop_test(tcase, csv_cells_stand_under_their_header, 0, 2);
	tcase_add_test(tcase, json_lines_have_no_header);
	tcase_add_test(tcase, any_record_is_one_readable_line);
	tcase_add_test(tcase, no_ports_no_names);
	suite_add_tcase(suite, tcase);
	return suite;
}
