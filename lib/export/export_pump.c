/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_pump.h"

#include "base_clock.h"
#include "export_announce.h"
#include "export_connection.h"

#include <errno.h>

void export_pump_lose(struct export_exporter *exporter, enum stats_output_index row,
		const struct export_load *load)
{
	struct ipfix_loss *lost = &exporter->lost;

	exporter->counters[row] += load->records;
	lost->flows += load->records;
	lost->packets += load->packets;
	lost->octets += load->octets;
	if (load->records == 0)
		return;
	lost->last_ns = base_clock_wall_ns();
	if (lost->first_ns == 0)
		lost->first_ns = lost->last_ns;
}

/* What is known of a message besides its octets, for the session. */
static struct ipfix_message message_of(struct export_message_head *head)
{
	return (struct ipfix_message){
			.octets = export_messages_octets(head),
			.length = head->length,
			.records = head->records,
			.data_records = head->data_records,
			.flow_records = head->flow_records,
			.flow_packets = head->flow_packets,
			.flow_octets = head->flow_octets,
	};
}

bool export_pump_uses_packet_clock(const struct export_exporter *exporter)
{
	return exporter->context->replay && exporter->config.format != CONFIG_OUTPUT_IPFIX;
}

static int64_t now_of(const struct export_exporter *exporter)
{
	return export_pump_uses_packet_clock(exporter) ? exporter->packet_clock_ns
						       : base_clock_wall_ns();
}

/* Gives back the numbers of the stamped messages after the first `kept`, the last one first. */
static void unstamp(struct export_exporter *exporter, struct export_messages *queue,
		struct export_message_head **heads, unsigned int count)
{
	for (unsigned int i = count; i > 0; i--) {
		struct ipfix_message message = message_of(heads[i - 1]);
		ipfix_session_unstamp(&exporter->session, &message);
	}
	queue->stamped = 0;
}

static void stamp(struct export_exporter *exporter, struct export_messages *queue,
		struct export_message_head **heads, unsigned int count, int64_t now_ns)
{
	for (unsigned int i = (unsigned int)queue->stamped; i < count; i++) {
		struct ipfix_message message = message_of(heads[i]);
		ipfix_session_stamp(&exporter->session, &message, now_ns);
	}
	if (queue->stamped < count)
		queue->stamped = count;
}

/* A frozen collector stays connected: only that nothing arrives tells. */
static void judge_progress(struct export_exporter *exporter)
{
	int64_t now_ns = base_clock_mono_ns();

	if (exporter->flight->count == 0 || exporter->transport.link != EXPORT_LINK_UP
			|| exporter->acknowledged != exporter->transport.acknowledged)
		exporter->progress_ns = now_ns;
	exporter->acknowledged = exporter->transport.acknowledged;
	exporter->stalled = now_ns - exporter->progress_ns > EXPORT_STALL_NS;
}

/* What was acknowledged is sent; what was not when the connection ended may be lost. */
void export_pump_settle(struct export_exporter *exporter)
{
	uint64_t *counters = exporter->counters;

	if (!exporter->flight)
		return;
	judge_progress(exporter);
	counters[STATS_output_sent] +=
			export_flight_land(exporter->flight, exporter->transport.acknowledged)
					.records;
	/* not in exporter->lost: it was sent, and the collector has it among what it is told so */
	if (exporter->transport.link != EXPORT_LINK_UP)
		counters[STATS_output_lost_unacknowledged] +=
				export_flight_clear(exporter->flight).records;
}

/* The messages that the kernel took now, of which the last octet is the last it took at all. */
static void take_off(struct export_exporter *exporter, struct export_message_head **heads,
		const struct iovec *pieces, unsigned int count, size_t octets)
{
	struct export_transport *transport = &exporter->transport;

	for (unsigned int i = 0; i < count && octets >= pieces[i].iov_len; i++) {
		const struct export_message_head *head = heads[i];
		struct export_load load = {
				1, head->flow_records, head->flow_packets, head->flow_octets};
		octets -= pieces[i].iov_len;
		if (load.records == 0)
			continue;
		if (export_flight_is_full(exporter->flight)) {
			export_connection_note(transport);
			export_pump_settle(exporter);
		}
		export_flight_add(exporter->flight, transport->written - octets, &load);
	}
}

static void count_sent(
		struct export_exporter *exporter, struct export_messages *queue, size_t octets)
{
	struct export_load done = {0};

	export_messages_accept(queue, octets, &done);
	if (!exporter->flight)
		exporter->counters[STATS_output_sent] += done.records;
	exporter->counters[STATS_output_sent_octets] += octets;
}

/*
 * Counts and copies the messages that are whole with these octets, before the queue lets go of
 * them. Not when they are stamped: what is not sent gives its stamp back, and no counter may.
 */
static void note_sent(struct export_exporter *exporter, struct export_message_head **heads,
		const struct iovec *pieces, unsigned int count, size_t octets)
{
	uint64_t *counters = exporter->counters;
	int64_t now_ns = base_clock_wall_ns();

	for (unsigned int i = 0; i < count && octets >= pieces[i].iov_len; i++) {
		const struct export_message_head *head = heads[i];
		counters[STATS_output_messages]++;
		counters[STATS_output_template_messages] += head->records > head->data_records;
		exporter->has_flows |= head->flow_records > 0;
		export_recent_add(&exporter->recent, export_messages_octets(heads[i]), head->length,
				head->records > 0 && head->data_records == 0, now_ns);
		octets -= pieces[i].iov_len;
	}
}

/* A message that no try will bring over: its numbers stay taken, so the collector sees the gap. */
static void give_up_first(struct export_exporter *exporter, struct export_messages *queue)
{
	struct export_load load = export_messages_drop(queue);

	export_pump_lose(exporter, STATS_output_lost_unfit, &load);
}

/* True when another try is worth while. */
static bool send_some(struct export_exporter *exporter, struct export_messages *queue, bool stamps)
{
	struct export_transport *transport = &exporter->transport;
	struct export_message_head *heads[EXPORT_TRANSPORT_PIECES];
	struct iovec pieces[EXPORT_TRANSPORT_PIECES];
	unsigned int max =
			transport->ops->cut || transport->ops->single ? 1 : EXPORT_TRANSPORT_PIECES;
	/* Who is slow hears of it, too: what is due goes between what is stamped and the rest. */
	if (stamps && queue->stamped > 0 && ipfix_session_due(&exporter->session, now_of(exporter)))
		max = (unsigned int)queue->stamped;
	unsigned int count = export_messages_peek(queue, pieces, heads, max);

	if (stamps)
		stamp(exporter, queue, heads, count, now_of(exporter));
	ssize_t sent = transport->ops->send(transport, pieces, count);
	if (sent > 0) {
		note_sent(exporter, heads, pieces, count, (size_t)sent);
		if (exporter->flight)
			take_off(exporter, heads, pieces, count, (size_t)sent);
		count_sent(exporter, queue, (size_t)sent);
	} else if (sent == -EMSGSIZE) {
		give_up_first(exporter, queue);
	}
	if (stamps && transport->ops->datagrams && queue->stamped > 0)
		unstamp(exporter, queue, heads + count - queue->stamped,
				(unsigned int)queue->stamped);
	return sent > 0 || sent == -EMSGSIZE;
}

static bool is_open(const struct export_exporter *exporter)
{
	return exporter->transport.link >= EXPORT_LINK_PROBING
			&& !(export_pump_uses_packet_clock(exporter)
					&& exporter->packet_clock_ns == 0);
}

/* A torn or stamped message goes before everything else. */
static bool may_announce(const struct export_exporter *exporter)
{
	return exporter->data.stamped == 0 && export_messages_is_empty(&exporter->announced);
}

static void forget_announced(struct export_exporter *exporter)
{
	struct export_message_head *head;
	struct iovec piece;

	/* by their sums alone, the order does not matter */
	while (export_messages_peek(&exporter->announced, &piece, &head, 1) == 1) {
		unstamp(exporter, &exporter->announced, &head, 1);
		export_messages_drop(&exporter->announced);
	}
}

static void forget_stamps(struct export_exporter *exporter)
{
	struct export_message_head *heads[EXPORT_TRANSPORT_PIECES];
	struct iovec pieces[EXPORT_TRANSPORT_PIECES];
	unsigned int stamped = (unsigned int)exporter->data.stamped;

	export_messages_peek(&exporter->data, pieces, heads, stamped);
	unstamp(exporter, &exporter->data, heads, stamped);
	export_messages_rewind(&exporter->data);
}

void export_pump_forget(struct export_exporter *exporter)
{
	forget_announced(exporter);
	forget_stamps(exporter);
}

void export_pump_take_event(struct export_exporter *exporter, enum export_event event)
{
	if (event == EXPORT_EVENT_NONE)
		return;
	export_pump_forget(exporter);
	if (event == EXPORT_EVENT_SESSION) {
		ipfix_session_open(&exporter->session);
		exporter->has_flows = false;
		export_recent_clear(&exporter->recent);
	} else {
		ipfix_session_repeat(&exporter->session);
	}
}

/*
 * Before a message: does it begin the next file? Not in one that holds no flows yet: its templates
 * alone may be longer than files are to be, and those of the next are as long.
 */
static void cut_if_due(struct export_exporter *exporter)
{
	const struct export_transport_ops *ops = exporter->transport.ops;
	struct export_message_head *head;
	struct iovec piece;

	if (ops->cut && exporter->has_flows && exporter->data.stamped == 0
			&& export_messages_is_empty(&exporter->announced)
			&& export_messages_peek(&exporter->data, &piece, &head, 1) == 1
			&& ops->cut(&exporter->transport, piece.iov_len))
		export_pump_take_event(exporter, EXPORT_EVENT_SESSION);
}

void export_pump(struct export_exporter *exporter)
{
	for (;;) {
		if (!is_open(exporter))
			return;
		cut_if_due(exporter);
		int64_t now_ns = now_of(exporter);
		if (may_announce(exporter) && ipfix_session_due(&exporter->session, now_ns))
			export_announce(exporter, now_ns);
		bool first = !export_messages_is_empty(&exporter->announced);
		struct export_messages *queue = first ? &exporter->announced : &exporter->data;
		if (export_messages_is_empty(queue)
				|| (!first && exporter->transport.link != EXPORT_LINK_UP))
			return;
		if (!send_some(exporter, queue, !first))
			return;
	}
}

void export_pump_link(struct export_exporter *exporter, int64_t wall_ns)
{
	struct export_transport *transport = &exporter->transport;

	export_pump_settle(exporter); /* of a connection that broke before another begins */
	enum export_event event = transport->ops->tick(transport, base_clock_mono_ns(), wall_ns);
	export_pump_settle(exporter);
	export_pump_take_event(exporter, event);
}
