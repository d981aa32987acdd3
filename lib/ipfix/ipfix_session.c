/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_session.h"

#include "ipfix_announce.h"
#include "ipfix_write.h"

#include <errno.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MILLISECOND INT64_C(1000000)
#define MS_PER_SECOND 1000
/* RFC 7011, section 8.3: several copies at first, in separate messages. */
#define FIRST_COPIES_DATAGRAMS 2
#define FIRST_COPIES_STREAM 1
#define NETFLOW9_VERSION 9
#define NETFLOW5_VERSION 5

int ipfix_session_init(struct ipfix_session *session, const struct ipfix_plan *plan,
		const struct ipfix_session_settings *settings)
{
	*session = (struct ipfix_session){.plan = plan, .settings = *settings};
	if (settings->message_bytes < IPFIX_MESSAGE_MIN
			|| settings->message_bytes > IPFIX_MESSAGE_MAX)
		return -EINVAL;
	return 0;
}

void ipfix_session_open(struct ipfix_session *session)
{
	session->sequence = 0;
	session->export_sec = 0;
	session->messages_since = 0;
	session->copies =
			session->settings.datagrams ? FIRST_COPIES_DATAGRAMS : FIRST_COPIES_STREAM;
	session->options_due = true;
	session->totals.sessions++;
}

void ipfix_session_repeat(struct ipfix_session *session)
{
	if (session->copies == 0)
		session->copies = 1;
	session->options_due = true;
}

static bool is_templates_due(const struct ipfix_session *session, int64_t now_ns)
{
	const struct ipfix_session_settings *settings = &session->settings;

	if (session->plan->settings.protocol == IPFIX_PROTOCOL_NETFLOW5)
		return false;
	if (session->copies > 0)
		return true;
	if (!settings->datagrams)
		return false;
	return now_ns - session->templates_ns >= settings->template_refresh_ns
			|| session->messages_since >= settings->template_refresh_messages;
}

static bool is_options_due(const struct ipfix_session *session, int64_t now_ns)
{
	if (session->plan->settings.protocol == IPFIX_PROTOCOL_NETFLOW5)
		return false;
	return session->options_due
			|| now_ns - session->options_ns >= session->settings.options_refresh_ns;
}

bool ipfix_session_due(const struct ipfix_session *session, int64_t now_ns)
{
	return is_templates_due(session, now_ns) || is_options_due(session, now_ns);
}

void ipfix_session_announce(struct ipfix_session *session, int64_t now_ns,
		const struct ipfix_report *report, uint8_t *octets, ipfix_emit_fn emit,
		void *context)
{
	struct ipfix_announcer announcer;

	ipfix_announcer_init(&announcer, session, now_ns, octets, emit, context);
	if (is_templates_due(session, now_ns)) {
		unsigned int copies = session->copies > 0 ? session->copies : 1;
		session->copies = 0;
		session->messages_since = 0;
		session->templates_ns = now_ns;
		for (unsigned int copy = 0; copy < copies; copy++)
			ipfix_announce_templates(&announcer);
	}
	if (is_options_due(session, now_ns)) {
		session->options_due = false;
		session->options_ns = now_ns;
		ipfix_announce_options(&announcer, report);
	}
	session->totals.texts_cut += announcer.texts_cut;
}

static void write_header(const struct ipfix_session *session, const struct ipfix_message *message)
{
	uint8_t *header = message->octets;

	ipfix_write_u16(header, IPFIX_VERSION);
	ipfix_write_u16(header + 2, (uint16_t)message->length);
	ipfix_write_u32(header + 4, (uint32_t)session->export_sec);
	ipfix_write_u32(header + 8, session->sequence);
	ipfix_write_u32(header + 12, session->settings.domain);
}

static uint32_t uptime_at(const struct ipfix_session *session, int64_t wall_ms)
{
	return (uint32_t)(wall_ms - session->plan->settings.boot_ns / NS_PER_MILLISECOND);
}

/*
 * Collectors take the time of the boot from these two numbers, and the times of flows from that:
 * both are of the same instant, a whole second, else all times would be wrong by its fraction.
 */
static void write_header9(const struct ipfix_session *session, const struct ipfix_message *message)
{
	uint8_t *header = message->octets;

	ipfix_write_u16(header, NETFLOW9_VERSION);
	ipfix_write_u16(header + 2, (uint16_t)message->records);
	ipfix_write_u32(header + 4, uptime_at(session, session->export_sec * MS_PER_SECOND));
	ipfix_write_u32(header + 8, (uint32_t)session->export_sec);
	ipfix_write_u32(header + 12, session->sequence);
	ipfix_write_u32(header + 16, session->settings.domain);
}

static void write_header5(const struct ipfix_session *session, const struct ipfix_message *message,
		int64_t now_ns)
{
	uint8_t *header = message->octets;

	ipfix_write_u16(header, NETFLOW5_VERSION);
	ipfix_write_u16(header + 2, (uint16_t)message->records);
	ipfix_write_u32(header + 4, uptime_at(session, now_ns / NS_PER_MILLISECOND));
	ipfix_write_u32(header + 8, (uint32_t)session->export_sec);
	ipfix_write_u32(header + 12, (uint32_t)(now_ns % NS_PER_SECOND));
	ipfix_write_u32(header + 16, session->sequence);
	ipfix_write_u16(header + 20, (uint16_t)session->settings.domain);
	ipfix_write_u16(header + 22, session->plan->settings.sampling);
}

/* Says how far the message moves the sequence number on. */
static uint32_t write_any_header(const struct ipfix_session *session,
		const struct ipfix_message *message, int64_t now_ns)
{
	switch (session->plan->settings.protocol) {
	case IPFIX_PROTOCOL_NETFLOW9:
		write_header9(session, message);
		return 1;
	case IPFIX_PROTOCOL_NETFLOW5:
		write_header5(session, message, now_ns);
		return message->data_records;
	default:
		write_header(session, message);
		return message->data_records;
	}
}

void ipfix_session_stamp(
		struct ipfix_session *session, struct ipfix_message *message, int64_t now_ns)
{
	int64_t now_sec = now_ns / NS_PER_SECOND;

	/* version 9 rounds up: no flow may end after it was exported */
	if (session->plan->settings.protocol == IPFIX_PROTOCOL_NETFLOW9
			&& now_ns % NS_PER_SECOND > 0)
		now_sec++;
	if (session->export_sec < now_sec)
		session->export_sec = now_sec;
	session->sequence += write_any_header(session, message, now_ns);
	session->messages_since++;
	session->totals.messages++;
	session->totals.octets += message->length;
	session->totals.data_records += message->data_records;
	session->totals.flow_records += message->flow_records;
	if (message->flow_records > 0)
		session->totals.exported_records += message->data_records;
	if (message->records > message->data_records)
		session->totals.template_messages++;
}

void ipfix_session_unstamp(struct ipfix_session *session, const struct ipfix_message *message)
{
	bool v9 = session->plan->settings.protocol == IPFIX_PROTOCOL_NETFLOW9;

	session->sequence -= v9 ? 1 : message->data_records;
	if (session->messages_since > 0)
		session->messages_since--;
	session->totals.messages--;
	session->totals.octets -= message->length;
	session->totals.data_records -= message->data_records;
	session->totals.flow_records -= message->flow_records;
	if (message->flow_records > 0)
		session->totals.exported_records -= message->data_records;
	if (message->records > message->data_records)
		session->totals.template_messages--;
}
