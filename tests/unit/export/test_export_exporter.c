/* SPDX-License-Identifier: BSD-3-Clause */
/* What a collector hears over UDP, judged by the rules of IPFIX. */
#include "export_exporter.h"
#include "export_output.h"
#include "export_sending.h"
#include "unit_main.h"

#include <time.h>

#define IPV4_UDP 28
#define IPV6_UDP 48
#define DATAGRAMS_FIT 504 /* a rule, by number */

struct path_row {
	int family;
	uint32_t mtu;
};

static const struct path_row path_rows[] = {
		{AF_INET, 512},
		{AF_INET, 576},
		{AF_INET, 1280},
		{AF_INET, 1400},
		{AF_INET, 9000},
		{AF_INET, 65535},
		{AF_INET6, 512},
		{AF_INET6, 1400},
		{AF_INET6, 65535},
};

/* What was sent, by weir's counters and by the collector's. */
static void check_counters(uint64_t records)
{
	ck_assert_uint_eq(fake_missing(fake), 0);
	ck_assert_uint_eq(fake->flows, records);
	ck_assert_uint_eq(values[STATS_output_sent], records);
	ck_assert_uint_eq(lost_of_all(), 0);
	ck_assert_uint_eq(values[STATS_output_messages], fake->messages);
	ck_assert_uint_eq(values[STATS_output_template_messages], fake->template_messages);
	ck_assert_uint_eq((uint32_t)values[STATS_output_sequence], fake->next_sequence);
	ck_assert_uint_eq(
			values[STATS_output_sent_octets], ipfix_check_totals(fake->check)->octets);
}

START_TEST(no_rule_is_broken_on_any_path)
{
	const struct path_row *row = &path_rows[_i];
	uint32_t headers = row->family == AF_INET ? IPV4_UDP : IPV6_UDP;

	fake_leave(fake);
	fake_listen(fake, row->family, 0);
	aim_at(fake, row->family);
	config.mtu = row->mtu;
	open_output();
	step();
	for (int i = 0; i < 20; i++) {
		offer(50);
		step();
	}
	finish(SECOND);
	fake_read(fake);
	check_counters(1000);
	ck_assert_uint_le(fake->longest + headers, row->mtu);
	ck_assert_uint_gt(fake->longest + headers, row->mtu < 9000 ? row->mtu - 130 : 5000);
	fake_judge(fake, row->mtu > 1500 ? DATAGRAMS_FIT : 0);
}
END_TEST

START_TEST(templates_come_twice_before_data)
{
	open_output();
	offer(10);
	step();
	ck_assert_uint_eq(fake->templates_before_data % 2, 0);
	ck_assert_uint_ge(fake->templates_before_data, 2);
	ck_assert_uint_eq(fake->template_messages, fake->templates_before_data);
	check_counters(10);
}
END_TEST

START_TEST(templates_are_repeated_by_time)
{
	config.template_refresh_ns = 300 * MILLISECOND;
	open_output();
	step();
	uint64_t first = fake->template_messages;
	step();
	ck_assert_uint_eq(fake->template_messages, first);
	for (int i = 1; i < 4; i++) {
		usleep(310000);
		step(); /* also when no record comes */
		ck_assert_uint_eq(fake->template_messages, first + (uint64_t)i * first / 2);
	}
}
END_TEST

/* Who looks at what was sent sees numbers and times go on, also over templates in between. */
START_TEST(what_is_kept_is_what_was_sent)
{
	static const enum config_output_format formats[] = {
			CONFIG_OUTPUT_IPFIX, CONFIG_OUTPUT_NETFLOW9};
	struct export_recent_message *list;

	config.format = formats[_i];
	config.template_refresh_ns = 100 * MILLISECOND;
	open_output();
	for (int i = 0; i < 4; i++) {
		offer(30);
		step();
		usleep(110000);
	}
	int count = export_output_recent(output, &list);
	ck_assert_int_ge(count, 10);
	struct ipfix_check *check = ipfix_check_create(IPFIX_CARRIER_DATAGRAMS, config.enterprise);
	for (int i = 0; i < count; i++)
		ipfix_check_message(check, list[i].octets, list[i].length, list[i].sent_ns);
	ck_assert_uint_eq(ipfix_check_totals(check)->messages, values[STATS_output_messages]);
	ck_assert_uint_eq(ipfix_check_broken(check, IPFIX_SEVERITY_ERROR), 0);
	ck_assert_uint_eq(ipfix_check_broken(check, IPFIX_SEVERITY_WARNING), 0);
	ipfix_check_destroy(check);
	free(list);
}
END_TEST

START_TEST(templates_are_repeated_by_messages)
{
	uint64_t last = 0, longest = 0;

	config.mtu = 512;
	open_output();
	step();
	uint64_t first = fake->template_messages;
	for (int i = 0; i < 800; i++) {
		uint64_t before = fake->template_messages;
		offer(16);
		step();
		if (fake->template_messages == before)
			continue;
		if (fake->messages - last > longest)
			longest = fake->messages - last;
		last = fake->messages;
	}
	ck_assert_uint_eq(fake->template_messages, first + fake->messages / 1000 * first / 2);
	ck_assert_uint_le(longest, 1100);
	ck_assert_uint_gt(fake->messages, 3000);
	check_counters(12800);
}
END_TEST

/* The number of each message is that of the one before and its data records, modulo 2^32. */
START_TEST(sequence_wraps)
{
	static struct export_exporter exporter;
	char cause[EXPORT_ERROR_BYTES];

	ck_assert_int_eq(export_exporter_open(&exporter, &config, &context, cause), 0);
	export_exporter_tick(&exporter, base_clock_wall_ns());
	fake_read(fake);
	exporter.session.sequence = UINT32_MAX - 17;
	fake->next_sequence = UINT32_MAX - 17;
	for (int i = 0; i < 100; i++) {
		struct flow_record record = recent_record();
		export_exporter_write(&exporter, &record, 1);
	}
	export_exporter_tick(&exporter, base_clock_wall_ns());
	fake_read(fake);
	ck_assert_uint_eq(fake->flows, 100);
	ck_assert_uint_eq(fake->next_sequence, 82);
	export_exporter_finish(&exporter, 0);
	export_exporter_fini(&exporter);
}
END_TEST

static void read_metering(void *arg, struct export_metering *metering)
{
	(void)arg;
	*metering = (struct export_metering){.observed_packets = 5000,
			.ignored_packets = 11,
			.ignored_octets = 700,
			.ignored_first_ns = base_clock_wall_ns() - SECOND,
			.ignored_last_ns = base_clock_wall_ns(),
			.lost_records = 3,
			.lost_packets = 30,
			.lost_octets = 999};
}

START_TEST(options_say_what_the_probe_is)
{
	context.read_metering = read_metering;
	open_output();
	offer(1);
	step();
	for (unsigned int i = 0; i < 2; i++) {
		ck_assert_uint_eq(fake->indexes[i], port_indexes[i]);
		ck_assert_str_eq(fake->names[i], port_names[i]);
		ck_assert_str_eq(fake->descriptions[i], port_descriptions[i]);
	}
	ck_assert_uint_eq(fake->last[FAKE_ALGORITHM], 1);
	ck_assert_uint_eq(fake->last[FAKE_INTERVAL], 1); /* every packet */
	ck_assert_uint_eq(fake->last[FAKE_IGNORED_PACKETS], 11);
	ck_assert_uint_eq(fake->last[FAKE_IGNORED_OCTETS], 700);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_FLOWS], 3);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_PACKETS], 30);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_OCTETS], 999);
	finish(SECOND);
	fake_read(fake);
	fake_judge(fake, 0);
}
END_TEST

START_TEST(options_come_again_and_at_the_end)
{
	config.options_refresh_ns = 300 * MILLISECOND;
	open_output();
	step();
	ck_assert_uint_eq(fake->options[FAKE_NOT_SENT_FLOWS], 1);
	offer(100);
	usleep(310000);
	step();
	ck_assert_uint_eq(fake->options[FAKE_NOT_SENT_FLOWS], 2);
	finish(SECOND);
	fake_read(fake);
	ck_assert_uint_eq(fake->options[FAKE_NOT_SENT_FLOWS], 3);
	ck_assert_uint_eq(fake->last[FAKE_FLOWS_SENT], 100);
	ck_assert_uint_eq(fake->last[FAKE_MESSAGES_SENT] + 1, fake->messages);
}
END_TEST

START_TEST(options_can_be_for_the_start_alone)
{
	config.options_refresh_ns = 0;
	open_output();
	step();
	offer(10);
	finish(SECOND);
	fake_read(fake);
	ck_assert_uint_eq(fake->options[FAKE_NOT_SENT_FLOWS], 1);
	check_counters(10);
}
END_TEST

/* A ring that is full of messages which nobody takes: no error, but the collector is too slow. */
START_TEST(a_full_queue_says_why_it_is_full)
{
	config.queue_bytes = 16 << 10;
	fake_leave(fake);
	open_output();
	offer(20);
	tick(); /* the kernel learns that nobody is there */
	tick();
	ck_assert_uint_ne(link_now(), EXPORT_LINK_UP);
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "nobody listens there"));
	uint64_t before = values[STATS_output_lost_unreachable];
	ck_assert_uint_eq(before, 0);
	offer(1000);
	ck_assert_uint_gt(values[STATS_output_queued], 50);
	ck_assert_uint_gt(values[STATS_output_lost_unreachable], 500);
	ck_assert_uint_eq(values[STATS_output_lost_unreachable], lost_of_all());
	finish(SECOND);
	ck_assert_uint_eq(values[STATS_output_sent] + lost_of_all(), 1020);
}
END_TEST

/* Data waits until a probe with templates was not refused. */
START_TEST(a_collector_that_comes_back_is_found)
{
	uint16_t port = fake_port(fake);

	open_output();
	offer(10);
	step();
	ck_assert_uint_eq(fake->flows, 10);
	fake_leave(fake);
	offer(5); /* these go into the void, as does what UDP cannot know of */
	step_until(EXPORT_LINK_DOWN);
	uint64_t into_the_void = values[STATS_output_sent] - 10;
	ck_assert_uint_le(into_the_void, 5);
	offer(300);
	step_until(EXPORT_LINK_PROBING);
	step_until(EXPORT_LINK_DOWN); /* still nobody */
	fake_listen(fake, AF_INET, port);
	/* it begins anew, so that it needs templates before all else */
	fake_begin_session(fake);
	step_until(EXPORT_LINK_UP);
	step_until_sent(315);
	fake_read(fake);
	ck_assert_uint_ge(fake->templates_before_data, 1);
	ck_assert_uint_eq(fake->flows, 315 - into_the_void);
	ck_assert_uint_eq(fake->doubles, 0);
	ck_assert_uint_eq(lost_of_all(), 0);
	ck_assert_uint_eq(values[STATS_output_sessions], 1);
	ck_assert_str_eq(export_output_error(output), "");
}
END_TEST

START_TEST(an_end_without_collector_is_quick)
{
	fake_leave(fake);
	open_output();
	offer(1000);
	tick();
	tick();
	ck_assert_int_lt(finish(10 * SECOND), SECOND);
	ck_assert_uint_eq(values[STATS_output_sent] + values[STATS_output_lost_unreachable], 1000);
	offer(7);
	ck_assert_uint_eq(lost_of_all() + values[STATS_output_sent], 1007);
}
END_TEST

static int64_t cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * SECOND + used.tv_nsec;
}

/* It waits for the probe to be refused or not, and sleeps meanwhile. */
START_TEST(an_end_while_it_probes_burns_no_time)
{
	uint16_t port = fake_port(fake);

	fake_leave(fake);
	open_output();
	offer(100);
	tick();
	step_until(EXPORT_LINK_DOWN);
	fake_listen(fake, AF_INET, port);
	step_until(EXPORT_LINK_PROBING);
	int64_t before_ns = cpu_ns();
	finish(3 * SECOND);
	ck_assert_int_lt(cpu_ns() - before_ns, 300 * MILLISECOND);
	ck_assert_uint_eq(lost_of_all(), 0);
}
END_TEST

struct form_row {
	bool uniflow;
	enum config_time_unit unit;
	uint64_t records; /* of one flow with a way back */
};

static const struct form_row form_rows[] = {
		{false, CONFIG_TIME_MS, 1},
		{false, CONFIG_TIME_NS, 1},
		{true, CONFIG_TIME_MS, 2},
		{true, CONFIG_TIME_NS, 2},
};

START_TEST(every_form_of_record_is_right)
{
	const struct form_row *row = &form_rows[_i];

	config.uniflow = row->uniflow;
	config.time_unit = row->unit;
	open_output();
	for (unsigned int i = 0; i < 10; i++) {
		struct flow_record record = recent_record();
		record.flow_id = 2 * i; /* its way back is the odd one */
		export_output_write(output, &record, 1);
		check_ledger();
	}
	finish(SECOND);
	fake_read(fake);
	ck_assert_uint_eq(fake->flows, 10 * row->records);
	ck_assert_uint_eq(fake->doubles, 0);
	ck_assert_uint_eq(values[STATS_output_sent], 10);
	ck_assert_uint_eq(fake->last[FAKE_FLOWS_SENT], 10 * row->records);
	fake_judge(fake, 0);
}
END_TEST

static struct flow_record old_record(void)
{
	struct flow_record record = sample_record();

	record.flow_id = next_id++;
	return record;
}

/* NetFlow has the packets' time in a replay: its 32 bits of uptime reach back 49 days alone. */
START_TEST(netflow_is_right_in_a_replay)
{
	context.replay = true;
	config.format = _i == 0 ? CONFIG_OUTPUT_NETFLOW9 : CONFIG_OUTPUT_NETFLOW5;
	open_output();
	tick();
	fake_read(fake);
	ck_assert_uint_eq(fake->messages, 0); /* nobody knows the time yet */
	for (int i = 0; i < 40; i++) {
		struct flow_record record = old_record();
		record.start_ns -= 40 * INT64_C(86400) * SECOND * (i == 39);
		export_output_write(output, &record, 1);
		check_ledger();
	}
	step();
	struct flow_record v6 = old_record();
	sample_address(&v6.source, "2001:db8::1");
	sample_address(&v6.destination, "2001:db8::2");
	v6.ip_version = 6;
	export_output_write(output, &v6, 1);
	finish(SECOND);
	fake_read(fake);
	ck_assert_uint_eq(values[STATS_output_lost_unfit], _i == 0 ? 0 : 1);
	ck_assert_uint_eq(lost_of_all(), values[STATS_output_lost_unfit]);
	ck_assert_uint_eq(fake->flows, _i == 0 ? 82 : 80); /* uniflows */
	ck_assert_uint_eq(fake_missing(fake), 0);
	/* version 9 rounds up */
	ck_assert_uint_eq(fake->export_sec,
			(uint64_t)old_record().end_ns / SECOND + (_i == 0 ? 1 : 0));
	/* the notes are what these versions have no room for */
	ck_assert_uint_eq(ipfix_check_broken(fake->check, IPFIX_SEVERITY_ERROR), 0);
	ck_assert_uint_eq(ipfix_check_broken(fake->check, IPFIX_SEVERITY_WARNING), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, no_rule_is_broken_on_any_path, 0, BASE_COUNT_OF(path_rows));
	tcase_add_test(tcase, templates_come_twice_before_data);
	tcase_add_test(tcase, templates_are_repeated_by_time);
	tcase_add_loop_test(tcase, what_is_kept_is_what_was_sent, 0, 2);
	tcase_add_test(tcase, templates_are_repeated_by_messages);
	tcase_add_test(tcase, sequence_wraps);
	tcase_add_test(tcase, options_say_what_the_probe_is);
	tcase_add_test(tcase, options_come_again_and_at_the_end);
	tcase_add_test(tcase, options_can_be_for_the_start_alone);
	tcase_add_test(tcase, a_full_queue_says_why_it_is_full);
	tcase_add_test(tcase, a_collector_that_comes_back_is_found);
	tcase_add_test(tcase, an_end_without_collector_is_quick);
	tcase_add_test(tcase, an_end_while_it_probes_burns_no_time);
	tcase_add_loop_test(tcase, every_form_of_record_is_right, 0, BASE_COUNT_OF(form_rows));
	tcase_add_loop_test(tcase, netflow_is_right_in_a_replay, 0, 2);
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_exporter");
	TCase *tcase = tcase_create("udp");

	tcase_add_checked_fixture(tcase, set_up_udp, tear_down);
	tcase_set_timeout(tcase, 60);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}
