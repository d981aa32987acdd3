/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_session.h"

#include "collect_cut.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct collect {
	struct collect_settings settings;
	struct collect_session *sessions[COLLECT_SESSIONS_MAX];
	unsigned int count;
	unsigned int latest; /* index of the session that was found last */
	uint64_t refused;
	struct collect_session *current;
	struct collect_arrival arrival; /* of what current was given */
};

struct collect *collect_create(const struct collect_settings *settings)
{
	struct collect *collect = calloc(1, sizeof(*collect));

	if (collect)
		collect->settings = *settings;
	return collect;
}

void collect_destroy(struct collect *collect)
{
	if (!collect)
		return;
	for (unsigned int i = 0; i < collect->count; i++) {
		struct collect_session *session = collect->sessions[i];
		ipfix_check_destroy(session->check);
		collect_stream_fini(&session->stream);
		collect_tcp_fini(&session->tcp);
		free(session);
	}
	free(collect);
}

static bool is_open_with(
		const struct collect_session *session, const struct collect_endpoints *endpoints)
{
	return !session->closed && memcmp(&session->endpoints, endpoints, sizeof(*endpoints)) == 0;
}

struct collect_session *collect_find(
		struct collect *collect, const struct collect_endpoints *endpoints)
{
	/* most often the one of before */
	if (collect->latest < collect->count
			&& is_open_with(collect->sessions[collect->latest], endpoints))
		return collect->sessions[collect->latest];
	for (unsigned int i = 0; i < collect->count; i++) {
		if (is_open_with(collect->sessions[i], endpoints)) {
			collect->latest = i;
			return collect->sessions[i];
		}
	}
	return NULL;
}

static enum ipfix_carrier carrier_of(const struct collect_endpoints *endpoints)
{
	switch ((enum collect_transport)endpoints->transport) {
	case COLLECT_UDP:
		return IPFIX_CARRIER_DATAGRAMS;
	case COLLECT_TCP:
		return IPFIX_CARRIER_STREAM;
	default:
		return IPFIX_CARRIER_FILE;
	}
}

static struct collect_session *make_session(
		const struct collect *collect, const struct collect_endpoints *endpoints)
{
	struct collect_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->check =
			ipfix_check_create(carrier_of(endpoints), collect->settings.own_enterprise);
	if (!session->check) {
		free(session);
		return NULL;
	}
	if (collect->settings.listener)
		ipfix_check_set_listener(session->check, collect->settings.listener,
				collect->settings.listener_context);
	session->endpoints = *endpoints;
	session->number = collect->count + 1;
	collect_stream_init(&session->stream);
	collect_tcp_init(&session->tcp);
	return session;
}

struct collect_session *collect_open(struct collect *collect,
		const struct collect_endpoints *endpoints, const struct collect_arrival *arrival)
{
	struct collect_session *session = collect_find(collect, endpoints);

	if (session)
		return session;
	if (collect->count < COLLECT_SESSIONS_MAX)
		session = make_session(collect, endpoints);
	if (!session) {
		collect->refused++;
		return NULL;
	}
	session->first_ns = session->last_ns = arrival->received_ns;
	collect->latest = collect->count;
	collect->sessions[collect->count++] = session;
	return session;
}

void collect_session_join(struct collect_session *session)
{
	session->joined = session->searching = true;
	ipfix_check_set_joined(session->check);
}

static void begin(struct collect *collect, struct collect_session *session,
		const struct collect_arrival *arrival)
{
	session->last_ns = arrival->received_ns;
	collect->current = session;
	collect->arrival = *arrival;
	ipfix_check_set_place(session->check, arrival->place);
}

void collect_datagram(struct collect *collect, struct collect_session *session,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival)
{
	begin(collect, session, arrival);
	if (collect_is_encrypted(octets, length))
		session->encrypted = true;
	else
		ipfix_check_message(session->check, octets, length, arrival->received_ns);
}

void collect_fragments(struct collect *collect, struct collect_session *session, size_t length,
		const struct collect_arrival *arrival)
{
	char sentence[IPFIX_SENTENCE_BYTES];

	begin(collect, session, arrival);
	snprintf(sentence, sizeof(sentence),
			"a datagram of %zu octets came in IP fragments, and was not read", length);
	ipfix_check_blame(session->check, 504, sentence);
	ipfix_check_skip(session->check);
	session->fragmented++;
}

void collect_blame(struct collect *collect, struct collect_session *session, uint16_t rule,
		const char *sentence, const struct collect_arrival *arrival)
{
	begin(collect, session, arrival);
	ipfix_check_blame(session->check, rule, sentence);
}

void collect_cut_datagram(struct collect_session *session)
{
	session->cut++;
	ipfix_check_skip(session->check);
}

void collect_octets(struct collect *collect, struct collect_session *session, const uint8_t *octets,
		size_t length, const struct collect_arrival *arrival)
{
	bool first = session->stream.octets == NULL;

	begin(collect, session, arrival);
	if (first && collect_is_encrypted(octets, length))
		session->encrypted = true;
	if (!session->encrypted)
		(void)collect_stream_feed(&session->stream, session->check, octets, length,
				arrival->received_ns);
}

struct giving {
	struct collect *collect;
	struct collect_session *session;
};

static void give(void *context, const uint8_t *octets, size_t length, uint32_t hole)
{
	const struct giving *giving = context;
	struct collect_session *session = giving->session;
	const struct collect_arrival arrival = giving->collect->arrival;

	if (hole > 0) {
		session->holes++;
		session->hole_octets += hole;
		session->searching = true;
		collect_stream_reset(&session->stream);
		ipfix_check_skip(session->check);
	}
	if (session->searching && !collect_resembles(octets, length, false)) {
		session->encrypted |= collect_is_encrypted(octets, length);
		session->unsearched += length;
		return;
	}
	session->searching = false;
	collect_octets(giving->collect, session, octets, length, &arrival);
}

void collect_segment(struct collect *collect, struct collect_session *session, uint32_t sequence,
		const uint8_t *octets, size_t length, const struct collect_arrival *arrival)
{
	struct giving giving = {collect, session};

	begin(collect, session, arrival);
	collect_tcp_segment(&session->tcp, sequence, octets, length, give, &giving);
}

void collect_close(struct collect *collect, struct collect_session *session, bool whole,
		const struct collect_arrival *arrival)
{
	struct giving giving = {collect, session};

	if (session->closed)
		return;
	begin(collect, session, arrival);
	collect_tcp_end(&session->tcp, give, &giving);
	if (whole)
		collect_stream_end(&session->stream, session->check, arrival->received_ns);
	collect_stream_fini(&session->stream);
	session->closed = true;
}

bool collect_session_complete(const struct collect_session *session)
{
	return session->endpoints.transport == COLLECT_FILE
			|| (session->fin && session->tcp.next == session->fin_sequence);
}

void collect_finish(struct collect *collect)
{
	for (unsigned int i = 0; i < collect->count; i++) {
		struct collect_session *session = collect->sessions[i];
		const struct collect_arrival arrival = {.received_ns = session->last_ns};
		collect_close(collect, session, collect_session_complete(session), &arrival);
		ipfix_check_finish(session->check);
	}
}

struct collect_session *collect_session_at(const struct collect *collect, unsigned int index)
{
	return index < collect->count ? collect->sessions[index] : NULL;
}

bool collect_session_used(const struct collect_session *session)
{
	return ipfix_check_totals(session->check)->messages > 0 || session->encrypted
			|| session->cut > 0 || session->fragmented > 0 || session->unsearched > 0;
}

unsigned int collect_used(const struct collect *collect)
{
	unsigned int used = 0;

	for (unsigned int i = 0; i < collect->count; i++)
		used += collect_session_used(collect->sessions[i]);
	return used;
}

const struct collect_session *collect_current(
		const struct collect *collect, const struct collect_arrival **arrival)
{
	*arrival = &collect->arrival;
	return collect->current;
}

void collect_sum(const struct collect *collect, struct ipfix_check_totals *totals)
{
	*totals = (struct ipfix_check_totals){0};
	for (unsigned int i = 0; i < collect->count; i++) {
		const struct ipfix_check_totals *one =
				ipfix_check_totals(collect->sessions[i]->check);
		totals->messages += one->messages;
		totals->octets += one->octets;
		totals->records += one->records;
		totals->options_records += one->options_records;
		totals->template_records += one->template_records;
		totals->unknown_sets += one->unknown_sets;
		totals->missing += one->missing;
		totals->unreadable += one->unreadable;
	}
}

uint64_t collect_rule_count(const struct collect *collect, unsigned int rule_index)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < collect->count; i++)
		count += ipfix_check_count(collect->sessions[i]->check, rule_index);
	return count;
}

unsigned int collect_broken(const struct collect *collect, enum ipfix_severity severity)
{
	unsigned int broken = 0;

	for (unsigned int i = 0; i < ipfix_rule_count; i++)
		broken += ipfix_rules[i].severity == severity && collect_rule_count(collect, i) > 0;
	return broken;
}

uint64_t collect_refused(const struct collect *collect)
{
	return collect->refused;
}

const char *collect_transport_name(enum collect_transport transport)
{
	static const char *const names[] = {"file", "udp", "tcp"};

	return (size_t)transport < BASE_COUNT_OF(names) ? names[transport] : "unknown";
}

const char *collect_address_print(
		const union packet_address *address, uint8_t ip_version, char *out)
{
	const char *text = inet_ntop(ip_version == 6 ? AF_INET6 : AF_INET, address->octets, out,
			INET6_ADDRSTRLEN);

	return text ? text : "?";
}

static void print_endpoint(const union packet_address *address, uint8_t ip_version, uint16_t port,
		struct base_strbuf *out)
{
	char text[INET6_ADDRSTRLEN];

	base_strbuf_printf(out, ip_version == 6 ? "[%s]:%u" : "%s:%u",
			collect_address_print(address, ip_version, text), port);
}

void collect_endpoints_print(const struct collect_endpoints *endpoints, struct base_strbuf *out)
{
	base_strbuf_puts(out, collect_transport_name((enum collect_transport)endpoints->transport));
	if (endpoints->transport == COLLECT_FILE)
		return;
	base_strbuf_putc(out, ' ');
	print_endpoint(&endpoints->source, endpoints->ip_version, endpoints->source_port, out);
	base_strbuf_puts(out, " > ");
	print_endpoint(&endpoints->destination, endpoints->ip_version, endpoints->destination_port,
			out);
}
