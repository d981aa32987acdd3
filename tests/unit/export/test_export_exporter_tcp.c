/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions over TCP: one after the other, slow ones, refused ones, and how they end. */
#include "export_output.h"
#include "export_sending.h"
#include "unit_main.h"

static void connect_it(void)
{
	open_output();
	step_until(EXPORT_LINK_UP);
	step();
	ck_assert_int_ge(fake->connection, 0);
	ck_assert_uint_ge(fake->template_messages, 1); /* before any record */
}

START_TEST(a_session_breaks_no_rule)
{
	connect_it();
	for (int i = 0; i < 20; i++) {
		offer(100);
		step();
	}
	step_until_sent(2000);
	finish(100 * MILLISECOND);
	fake_read(fake);
	ck_assert_uint_eq(fake->flows, 2000);
	ck_assert_uint_eq(fake->doubles, 0);
	ck_assert_uint_eq(fake_missing(fake), 0);
	ck_assert_uint_eq(fake->waiting, 0);
	ck_assert_uint_eq(fake->last[FAKE_FLOWS_SENT], 2000);
	ck_assert_uint_eq(fake->last[FAKE_MESSAGES_SENT] + 1, fake->messages);
	ck_assert_uint_eq(values[STATS_output_messages], fake->messages);
	ck_assert_uint_eq(
			values[STATS_output_sent_octets], ipfix_check_totals(fake->check)->octets);
	fake_judge(fake, 0);
}
END_TEST

/* Offers until that many records are lost, to a collector that does not read. */
static void overfill(uint64_t lost)
{
	while (lost_of_all() < lost) {
		offer(500);
		tick();
	}
}

/* What is lost of a queue that is full leaves no gap: it has no number yet. */
START_TEST(a_slow_collector_costs_its_own_records)
{
	config.queue_bytes = 256 << 10;
	connect_it();
	overfill(2000);
	ck_assert_uint_eq(link_now(), EXPORT_LINK_UP);
	ck_assert_uint_eq(values[STATS_output_lost_queue_full], lost_of_all());
	ck_assert_uint_gt(values[STATS_output_queued], 1000);
	ck_assert_str_eq(export_output_error(output), "");
	uint64_t offered = values[STATS_output_offered], lost = lost_of_all();
	step_until_sent(offered - lost);
	offer(10);
	finish(100 * MILLISECOND);
	fake_read(fake);
	ck_assert_uint_eq(fake->flows, values[STATS_output_sent]);
	ck_assert_uint_eq(fake->doubles, 0);
	ck_assert_uint_eq(fake_missing(fake), 0);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_FLOWS], lost);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_PACKETS], lost * RECORD_PACKETS);
	ck_assert_uint_eq(fake->last[FAKE_NOT_SENT_OCTETS], lost * RECORD_OCTETS);
	fake_judge(fake, 0);
}
END_TEST

/* It reads on and on, and is never done: it must hear what it loses all the same. */
START_TEST(a_frozen_collector_is_noticed)
{
	connect_it();
	overfill(1000); /* until the kernels take no more */
	ck_assert(export_output_error(output)[0] == '\0' || !export_output_works(output));
	int64_t end_ns = base_clock_mono_ns() + 60 * SECOND;
	while (!strstr(export_output_error(output), "is it frozen?")
			&& base_clock_mono_ns() < end_ns) {
		tick();
		usleep(10000);
	}
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "is it frozen?"));
	ck_assert(!export_output_works(output));
	while (!export_output_works(output) && base_clock_mono_ns() < end_ns) {
		fake_read_some(fake, 65536);
		tick();
	}
	ck_assert(export_output_works(output));
	ck_assert_str_eq(export_output_error(output), "");
}
END_TEST

START_TEST(losses_are_told_while_they_last)
{
	config.queue_bytes = 256 << 10;
	config.options_refresh_ns = 50 * MILLISECOND;
	connect_it();
	overfill(1000);
	/* as fast as this machine is: until they were told */
	int64_t end_ns = base_clock_mono_ns() + 60 * SECOND;
	while (base_clock_mono_ns() < end_ns
			&& (fake->options[FAKE_NOT_SENT_FLOWS] < 5
					|| fake->last[FAKE_NOT_SENT_FLOWS] <= 1000)) {
		offer(1000); /* more than is read */
		tick();
		for (int i = 0; i < 8; i++)
			fake_read_some(fake, 8192);
		usleep(5000);
	}
	ck_assert_uint_gt(values[STATS_output_queued], 1000);
	ck_assert_uint_ge(fake->options[FAKE_NOT_SENT_FLOWS], 5);
	ck_assert_uint_gt(fake->last[FAKE_NOT_SENT_FLOWS], 1000);
	ck_assert_uint_eq(fake_missing(fake), 0);
}
END_TEST

/* A new connection is a new session: templates first, number 0; and no record twice. */
START_TEST(each_connection_begins_anew)
{
	connect_it();
	for (uint64_t session = 2; session < 12; session++) {
		offer(200);
		tick();
		fake_read_some(fake, 5000 * (size_t)(session % 3)); /* torn anywhere */
		uint64_t flows = fake->flows;
		fake_hang_up(fake);
		offer(50);
		step_until(EXPORT_LINK_DOWN);
		offer(50);
		step_until(EXPORT_LINK_UP);
		step();
		ck_assert_uint_eq(fake->sessions, session);
		ck_assert_uint_eq(values[STATS_output_sessions], session);
		ck_assert_uint_ge(fake->templates_before_data, 1);
		ck_assert_uint_ge(fake->flows, flows + 50);
	}
	finish(SECOND);
	fake_read(fake);
	/* of what nobody acknowledged before the end, nobody knows */
	ck_assert_uint_eq(values[STATS_output_lost_unacknowledged], lost_of_all());
	ck_assert_uint_eq(fake->doubles, 0);
	fake_judge(fake, 0);
}
END_TEST

/* The first message of a session has the number 0 (fake_take_message checks those behind it). */
START_TEST(numbers_begin_at_0)
{
	connect_it();
	offer(100);
	step();
	fake_hang_up(fake);
	step_until(EXPORT_LINK_DOWN);
	for (tick(); !fake_accept(fake); tick())
		usleep(1000);
	while (fake->messages == 0) {
		tick();
		fake_read_some(fake, 100);
		usleep(1000);
	}
	uint64_t records = ipfix_check_totals(fake->check)->records;
	ck_assert_uint_eq(fake->next_sequence - records, 0);
}
END_TEST

START_TEST(an_absent_collector_costs_no_more_than_records)
{
	uint16_t port = fake_port(fake);

	fake_leave(fake);
	config.queue_bytes = 128 << 10;
	open_output();
	while (lost_of_all() < 1000) {
		offer(200);
		tick();
	}
	ck_assert_uint_eq(values[STATS_output_lost_unreachable], lost_of_all());
	ck_assert_ptr_nonnull(strstr(export_output_error(output), "nobody listens there"));
	uint64_t queued = values[STATS_output_queued];
	ck_assert_uint_gt(queued, 500);
	fake_listen(fake, AF_INET, port);
	step_until(EXPORT_LINK_UP);
	step_until_sent(queued);
	fake_read(fake);
	ck_assert_uint_eq(fake->flows, queued);
	ck_assert_str_eq(export_output_error(output), "");
}
END_TEST

/* RFC 7011, section 10.4.5: not more often than `retry` says, and less often each time. */
START_TEST(attempts_have_their_time)
{
	config.retry_ns = 100 * MILLISECOND;
	open_output();
	int64_t end_ns = base_clock_mono_ns() + SECOND;
	while (base_clock_mono_ns() < end_ns) {
		tick();
		if (fake_accept(fake))
			fake_hang_up(fake);
		usleep(2000);
	}
	ck_assert_uint_ge(fake->sessions, 2);
	ck_assert_uint_le(fake->sessions, 11);
}
END_TEST

START_TEST(an_end_keeps_its_deadline)
{
	config.queue_bytes = 256 << 10;
	connect_it();
	overfill(100);
	uint64_t before = lost_of_all();
	int64_t took_ns = finish(300 * MILLISECOND);
	ck_assert_int_ge(took_ns, 250 * MILLISECOND);
	ck_assert_int_lt(took_ns, SECOND);
	ck_assert_uint_gt(values[STATS_output_lost_queue_full], before + 100);
	ck_assert_uint_gt(values[STATS_output_lost_unacknowledged], 0);
	ck_assert_uint_eq(values[STATS_output_lost_queue_full]
					+ values[STATS_output_lost_unacknowledged],
			lost_of_all());
	fake_read(fake); /* what the kernel had taken comes, and it is whole messages but the last
			  */
	ck_assert_uint_eq(fake->flows,
			values[STATS_output_sent] + values[STATS_output_lost_unacknowledged]);
	ck_assert_uint_eq(fake_missing(fake), 0);
}
END_TEST

/* The collector dies with all that it did not read: nothing of it goes unsaid. */
START_TEST(what_was_in_flight_is_counted)
{
	config.queue_bytes = 1 << 20;
	connect_it();
	offer(100);
	step_until_sent(100);
	while (values[STATS_output_in_flight] == 0
			|| values[STATS_output_queued] - values[STATS_output_in_flight] < 500) {
		offer(500);
		tick();
	}
	uint64_t flight = values[STATS_output_in_flight], sent = values[STATS_output_sent];
	ck_assert_uint_gt(flight, 100);
	fake_hang_up(fake);
	fake_leave(fake);
	step_until(EXPORT_LINK_DOWN);
	ck_assert_uint_eq(values[STATS_output_in_flight], 0);
	ck_assert_uint_eq(values[STATS_output_lost_unacknowledged], lost_of_all());
	ck_assert_uint_gt(lost_of_all(), 0);
	/* some may have been acknowledged since, but none was before that is not now */
	ck_assert_uint_ge(values[STATS_output_sent], sent);
	ck_assert_uint_le(values[STATS_output_sent] + lost_of_all(), values[STATS_output_offered]);
	ck_assert_uint_gt(values[STATS_output_queued], 0); /* for the next */
}
END_TEST

START_TEST(what_was_acknowledged_is_sent)
{
	connect_it();
	offer(300);
	step_until_sent(300);
	ck_assert_uint_eq(values[STATS_output_in_flight], 0);
	fake_hang_up(fake);
	step_until(EXPORT_LINK_DOWN);
	ck_assert_uint_eq(values[STATS_output_sent], 300);
	ck_assert_uint_eq(lost_of_all(), 0);
}
END_TEST

START_TEST(an_end_without_connection_is_quick)
{
	fake_leave(fake);
	open_output();
	offer(100);
	tick();
	tick();
	ck_assert_int_lt(finish(10 * SECOND), SECOND);
	ck_assert_uint_eq(values[STATS_output_lost_unreachable], 100);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_exporter_tcp");
	TCase *tcase = tcase_create("tcp");

	tcase_add_checked_fixture(tcase, set_up_tcp, tear_down);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_session_breaks_no_rule);
	tcase_add_test(tcase, a_slow_collector_costs_its_own_records);
	tcase_add_test(tcase, a_frozen_collector_is_noticed);
	tcase_add_test(tcase, losses_are_told_while_they_last);
	tcase_add_test(tcase, each_connection_begins_anew);
	tcase_add_test(tcase, numbers_begin_at_0);
	tcase_add_test(tcase, an_absent_collector_costs_no_more_than_records);
	tcase_add_test(tcase, attempts_have_their_time);
	tcase_add_test(tcase, an_end_keeps_its_deadline);
	tcase_add_test(tcase, what_was_in_flight_is_counted);
	tcase_add_test(tcase, what_was_acknowledged_is_sent);
	tcase_add_test(tcase, an_end_without_connection_is_quick);
	suite_add_tcase(suite, tcase);
	return suite;
}
