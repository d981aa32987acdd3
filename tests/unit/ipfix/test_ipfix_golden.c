/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whole exports, octet by octet, against golden/<name>.txt: a change of what goes over the wire is
 * seen and has to be meant. Write them anew with
 *
 *     WEIR_UPDATE_GOLDEN=1 meson test -C build ipfix_golden
 */
#include "ipfix_sample.h"
#include "unit_main.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW INT64_C(1795224660000000000)

static const struct {
	const char *name;
	struct ipfix_settings settings;
} exports[] = {
		{"biflow", {.selector_id = 1}},
		{"biflow_nanoseconds", {.selector_id = 1, .nanoseconds = true, .enterprise = 4711}},
		{"uniflow_plain", {.uniflow = true, .plain = true, .unpadded = true}},
		{"netflow9",
				{.protocol = IPFIX_PROTOCOL_NETFLOW9,
						.selector_id = 1,
						.boot_ns = NOW - INT64_C(3600000000000)}},
		{"netflow5",
				{.protocol = IPFIX_PROTOCOL_NETFLOW5,
						.boot_ns = NOW - INT64_C(3600000000000)}},
};

static struct ipfix_session session;
static struct sample_sink sink;

static void stamp_and_take(void *context, struct ipfix_message *message)
{
	ipfix_session_stamp(&session, message, NOW);
	sample_take(context, message);
}

static void export_all(const struct ipfix_settings *settings)
{
	static const struct ipfix_selector selector = {.id = 1,
			.algorithm = IPFIX_ALGORITHM_SYSTEMATIC,
			.interval = 1,
			.observed_packets = 1000,
			.selected_packets = 1000};
	static const struct ipfix_report report = {.interfaces = sample_interfaces,
			.interface_count = 2,
			.selectors = &selector,
			.selector_count = 1,
			.metering_id = 1,
			.exporting_id = 2,
			.ignored = {.packets = 5, .octets = 320},
			.not_sent = {.flows = 3, .packets = 30, .octets = 4000}};
	const struct ipfix_session_settings session_settings = {
			.domain = 42, .message_bytes = 1400};
	struct flow_record records[] = {sample_record(), sample_record6(), sample_record_around(),
			sample_record(), sample_record6(), sample_record()};
	static uint8_t data[1400], octets[1400];
	static struct ipfix_plan plan;
	struct ipfix_builder builder;

	records[3].rev_packets = records[3].rev_bytes = 0;
	records[3].rev_port = 0xffff;
	records[4].protocol = 58;
	records[4].icmp_type = 128;
	records[5].around = sample_record_around().around;
	records[5].flags = PACKET_FLAG_AROUND;
	records[5].around.outer_version = 6;
	ipfix_plan_init(&plan, settings);
	ck_assert_int_eq(ipfix_session_init(&session, &plan, &session_settings), 0);
	ipfix_session_open(&session);
	ipfix_session_announce(&session, NOW, &report, octets, sample_take, &sink);
	ck_assert_int_eq(ipfix_builder_init(&builder, &plan, &sample_scene, data, 1400), 0);
	ipfix_builder_set_sink(&builder, stamp_and_take, &sink);
	ipfix_builder_add(&builder, records, BASE_COUNT_OF(records));
	ipfix_builder_flush(&builder);
}

static void print_messages(FILE *file)
{
	for (unsigned int i = 0; i < sink.count; i++) {
		const uint8_t *message = sample_message(&sink, i);
		fprintf(file, "message %u, %zu octets\n", i, sample_length(&sink, i));
		for (size_t at = 0; at < sample_length(&sink, i); at++)
			fprintf(file, "%02x%s", message[at],
					at % 32 == 31 || at + 1 == sample_length(&sink, i) ? "\n"
							: at % 4 == 3                      ? " "
											   : "");
	}
}

START_TEST(export_is_golden)
{
	const char *root = getenv("WEIR_SOURCE_ROOT");
	static char path[4096], golden[1 << 17];
	char *made = NULL;
	size_t made_bytes = 0;

	memset(&sink, 0, sizeof(sink));
	export_all(&exports[_i].settings);
	FILE *memory = open_memstream(&made, &made_bytes);
	ck_assert_ptr_nonnull(memory);
	print_messages(memory);
	fclose(memory);
	snprintf(path, sizeof(path), "%s/tests/unit/ipfix/golden/%s.txt", root ? root : ".",
			exports[_i].name);
	if (getenv("WEIR_UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fwrite(made, 1, made_bytes, file);
		fclose(file);
	}
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s is missing", path);
	size_t bytes = fread(golden, 1, sizeof(golden), file);
	fclose(file);
	ck_assert_msg(bytes == made_bytes && memcmp(golden, made, bytes) == 0,
			"%s: what is exported has changed", exports[_i].name);
	free(made);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ipfix_golden");
	TCase *tcase = tcase_create("golden");

	tcase_add_loop_test(tcase, export_is_golden, 0, BASE_COUNT_OF(exports));
	suite_add_tcase(suite, tcase);
	return suite;
}
