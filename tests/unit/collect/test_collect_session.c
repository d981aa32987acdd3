/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_messages.h"
#include "unit_main.h"

static uint8_t octets[4096];
static struct collect *collect;

static struct collect_arrival arrival(uint64_t place)
{
	return (struct collect_arrival){SAMPLE_NS + (int64_t)place * 1000000, place};
}

static void setup(void)
{
	collect = collect_create(&(struct collect_settings){0});
	ck_assert_ptr_nonnull(collect);
}

static void teardown(void)
{
	collect_destroy(collect);
}

/* A message as a datagram from that port. */
static void send(uint16_t port, const char *sets, uint32_t sequence, uint64_t place)
{
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_UDP, port);
	const struct collect_arrival when = arrival(place);
	struct collect_session *session = collect_open(collect, &endpoints, &when);

	ck_assert_ptr_nonnull(session);
	collect_datagram(collect, session, octets, sample_message(sets, sequence, octets), &when);
}

START_TEST(each_port_is_a_session)
{
	struct ipfix_check_totals totals;

	send(5000, SAMPLE_TEMPLATE SAMPLE_RECORD, 0, 1);
	send(5001, SAMPLE_TEMPLATE SAMPLE_RECORD, 0, 2);
	send(5000, SAMPLE_RECORD, 1, 3);
	send(5001, SAMPLE_RECORD, 1, 4);
	collect_finish(collect);
	ck_assert_ptr_null(collect_session_at(collect, 2));
	collect_sum(collect, &totals);
	ck_assert_uint_eq(totals.messages, 4);
	ck_assert_uint_eq(totals.records, 4);
	ck_assert_uint_eq(totals.missing, 0);
	ck_assert_uint_eq(collect_session_at(collect, 1)->number, 2);
	ck_assert_int_eq(collect_session_at(collect, 1)->last_ns
					- collect_session_at(collect, 1)->first_ns,
			2000000);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
}
END_TEST

/* A template of one session is none of another, and findings name their packet. */
START_TEST(sessions_share_no_template)
{
	unsigned int count;

	send(5000, SAMPLE_TEMPLATE SAMPLE_RECORD, 0, 1);
	send(5001, SAMPLE_RECORD, 0, 2);
	collect_finish(collect);
	ck_assert_uint_eq(sample_broken(collect, 302), 1);
	const struct ipfix_check *check = collect_session_at(collect, 1)->check;
	const struct ipfix_finding *finding =
			ipfix_check_examples(check, ipfix_rule_find(302), &count);
	ck_assert_uint_eq(finding->spot.place, 2);
	ck_assert_uint_eq(finding->spot.message, 0);
	ck_assert_uint_eq(finding->spot.offset, 16);
}
END_TEST

START_TEST(sessions_are_bounded)
{
	const struct collect_arrival when = arrival(1);

	for (unsigned int i = 0; i < COLLECT_SESSIONS_MAX; i++)
		send((uint16_t)(1000 + i), SAMPLE_TEMPLATE, 0, i);
	for (unsigned int i = 0; i < 3; i++) {
		struct collect_endpoints endpoints = sample_endpoints(COLLECT_UDP, 999);
		ck_assert_ptr_null(collect_open(collect, &endpoints, &when));
	}
	ck_assert_uint_eq(collect_refused(collect), 3);
	send(1000, SAMPLE_RECORD, 0, 2);
	collect_finish(collect);
	ck_assert_ptr_null(collect_session_at(collect, COLLECT_SESSIONS_MAX));
}
END_TEST

START_TEST(connection_is_a_session_until_it_ends)
{
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_TCP, 5000);
	const struct collect_arrival when = arrival(0);

	for (unsigned int i = 0; i < 2; i++) {
		size_t length = sample_message(SAMPLE_TEMPLATE SAMPLE_RECORD, 0, octets);
		struct collect_session *session = collect_open(collect, &endpoints, &when);
		collect_octets(collect, session, octets, 10, &when);
		ck_assert_ptr_eq(collect_find(collect, &endpoints), session);
		collect_octets(collect, session, octets + 10, length - 10, &when);
		collect_close(collect, session, true, &when);
		ck_assert_ptr_null(collect_find(collect, &endpoints));
	}
	collect_finish(collect);
	ck_assert_ptr_nonnull(collect_session_at(collect, 1));
	ck_assert_ptr_null(collect_session_at(collect, 2));
	ck_assert_uint_eq(collect_broken(collect, IPFIX_SEVERITY_ERROR), 0);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
}
END_TEST

/* Who ends a message in its middle breaks a rule; who was not watched to the end does not. */
START_TEST(half_a_message_is_whose_fault)
{
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_TCP, 5000);
	const struct collect_arrival when = arrival(0);
	struct collect_session *session = collect_open(collect, &endpoints, &when);

	sample_message(SAMPLE_TEMPLATE, 0, octets);
	collect_octets(collect, session, octets, 20, &when);
	collect_close(collect, session, _i == 1, &when);
	collect_finish(collect);
	ck_assert_uint_eq(sample_broken(collect, 102), (unsigned int)_i);
}
END_TEST

START_TEST(encrypted_sessions_are_told)
{
	static const uint8_t hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc};
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_TCP, 5000);
	const struct collect_arrival when = arrival(0);
	struct collect_session *session = collect_open(collect, &endpoints, &when);

	ck_assert(!collect_session_used(session));
	ck_assert_uint_eq(collect_used(collect), 0);
	collect_octets(collect, session, hello, sizeof(hello), &when);
	collect_octets(collect, session, hello, sizeof(hello), &when);
	collect_finish(collect);
	ck_assert(session->encrypted);
	ck_assert(collect_session_used(session));
	ck_assert_uint_eq(collect_used(collect), 1);
	ck_assert_uint_eq(ipfix_check_totals(session->check)->messages, 0);
	ck_assert_uint_eq(collect_broken(collect, IPFIX_SEVERITY_ERROR), 0);
}
END_TEST

/* What a capture lacks is not the exporter's loss. */
START_TEST(cut_datagrams_are_not_blamed)
{
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_UDP, 5000);
	const struct collect_arrival when = arrival(0);

	send(5000, SAMPLE_TEMPLATE SAMPLE_RECORD, 0, 1);
	if (_i == 0)
		collect_cut_datagram(collect_find(collect, &endpoints));
	else
		collect_fragments(collect, collect_find(collect, &endpoints), 3000, &when);
	send(5000, SAMPLE_RECORD, 100, 3);
	send(5000, SAMPLE_RECORD, 101, 4);
	collect_finish(collect);
	ck_assert_uint_eq(sample_broken(collect, 104), 0);
	ck_assert_uint_eq(sample_broken(collect, 504), (unsigned int)_i);
}
END_TEST

static void count_records(void *context, const struct ipfix_record_seen *record)
{
	const struct collect_arrival *when;

	(void)record;
	ck_assert_uint_eq(collect_current(collect, &when)->number, 1);
	ck_assert_uint_eq(when->place, 7);
	*(unsigned int *)context += 1;
}

START_TEST(listener_is_told_whose_record_it_is)
{
	static const struct ipfix_reader_ops ops = {.record = count_records};
	unsigned int records = 0;

	collect_destroy(collect);
	collect = collect_create(
			&(struct collect_settings){.listener = &ops, .listener_context = &records});
	send(5000, SAMPLE_TEMPLATE SAMPLE_RECORD SAMPLE_RECORD, 0, 7);
	ck_assert_uint_eq(records, 2);
}
END_TEST

START_TEST(endpoints_are_printed)
{
	struct collect_endpoints endpoints = sample_endpoints(COLLECT_TCP, 5000);
	struct base_strbuf text = BASE_STRBUF_EMPTY;

	collect_endpoints_print(&endpoints, &text);
	ck_assert_str_eq(text.text, "tcp 192.0.2.1:5000 > 192.0.2.9:4739");
	base_strbuf_reset(&text);
	endpoints = (struct collect_endpoints){.ip_version = 6, .transport = COLLECT_UDP};
	endpoints.source.octets[15] = 1;
	collect_endpoints_print(&endpoints, &text);
	ck_assert_str_eq(text.text, "udp [::1]:0 > [::]:0");
	base_strbuf_reset(&text);
	endpoints.transport = COLLECT_FILE;
	collect_endpoints_print(&endpoints, &text);
	ck_assert_str_eq(text.text, "file");
	ck_assert_str_eq(collect_transport_name((enum collect_transport)9), "unknown");
	base_strbuf_fini(&text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("collect_session");
	TCase *tcase = tcase_create("session");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_port_is_a_session);
	tcase_add_test(tcase, sessions_share_no_template);
	tcase_add_test(tcase, sessions_are_bounded);
	tcase_add_test(tcase, connection_is_a_session_until_it_ends);
	tcase_add_loop_test(tcase, half_a_message_is_whose_fault, 0, 2);
	tcase_add_test(tcase, encrypted_sessions_are_told);
	tcase_add_loop_test(tcase, cut_datagrams_are_not_blamed, 0, 2);
	tcase_add_test(tcase, listener_is_told_whose_record_it_is);
	tcase_add_test(tcase, endpoints_are_printed);
	suite_add_tcase(suite, tcase);
	return suite;
}
