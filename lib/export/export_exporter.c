/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_exporter.h"

#include "base_clock.h"
#include "config_collector.h"
#include "export_announce.h"
#include "export_connection.h"
#include "export_pump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IP_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES 8
#define SCTP_BYTES 28 /* with the header of one DATA chunk */
/* Over streams and in files: long enough that its header costs nothing. */
#define STREAM_MESSAGE_BYTES 16384
#define ANNOUNCED_BYTES ((size_t)1 << 20)
#define QUEUE_MESSAGES_MIN 4
/* Messages that wait before a send is tried within a run of records. */
#define PUMP_MESSAGES 16
#define REFRESH_MESSAGES 1000
/* Messages a second over UDP, some 100,000 records: collectors take that with the usual buffers. */
#define REPLAY_PACE 10000
#define WAIT_NS (100 * BASE_NS_PER_MS)
#define LOG_SECONDS 10
/* As an errno, of the lines in the log. */
#define STALLED (-1)
#define NEVER_NS INT64_MAX
/* NetFlow counts time from a boot, which no flow may precede. */
#define BOOT_MARGIN_NS (3600 * BASE_NS_PER_SEC)

static void lose(struct export_exporter *exporter, const struct export_load *load)
{
	export_pump_lose(exporter, export_transport_lost_row(&exporter->transport), load);
}

static struct export_load load_of(const struct ipfix_message *message)
{
	return (struct export_load){
			1, message->flow_records, message->flow_packets, message->flow_octets};
}

/* A file, or a device, that takes nothing: to wait for it brings no room. */
static bool is_stuck(const struct export_exporter *exporter)
{
	return !exporter->config.collector[0] && exporter->transport.error != 0;
}

static bool may_wait(const struct export_exporter *exporter)
{
	/* relaxed: the flag is its own message */
	return __atomic_load_n(&exporter->context->may_block, __ATOMIC_RELAXED)
			&& exporter->transport.link != EXPORT_LINK_DOWN && !is_stuck(exporter);
}

/* Points the builder, which is empty, at room in the ring, or at the spare message. */
static void place_builder(struct export_exporter *exporter)
{
	uint8_t *room = export_messages_reserve(&exporter->data, exporter->message_bytes);

	if (!room) { /* perhaps only because so many records came at once */
		export_pump(exporter);
		room = export_messages_reserve(&exporter->data, exporter->message_bytes);
	}
	while (!room && may_wait(exporter)) {
		exporter->transport.ops->wait(&exporter->transport, WAIT_NS);
		export_pump_link(exporter, base_clock_wall_ns());
		export_pump(exporter);
		room = export_messages_reserve(&exporter->data, exporter->message_bytes);
	}
	exporter->spare_used = room == NULL;
	exporter->builder.message.octets = room ? room : exporter->spare;
}

static void take_message(void *context, struct ipfix_message *message)
{
	struct export_exporter *exporter = context;

	if (exporter->spare_used) {
		struct export_load load = load_of(message);
		lose(exporter, &load);
	} else {
		export_messages_publish(&exporter->data, message);
		if (exporter->data.waiting.messages % PUMP_MESSAGES == 0)
			export_pump(exporter);
	}
	place_builder(exporter);
}

static void count_refused(struct export_exporter *exporter)
{
	const struct ipfix_refused *now = &exporter->builder.refused;
	struct export_load load = {
			.records = now->records - exporter->refused.records,
			.packets = now->packets - exporter->refused.packets,
			.octets = now->octets - exporter->refused.octets,
	};

	if (load.records == 0 && load.packets == 0)
		return;
	exporter->refused = *now;
	export_pump_lose(exporter, STATS_output_lost_unfit, &load);
}

static void lose_records(
		struct export_exporter *exporter, const struct flow_record *records, uint32_t count)
{
	struct export_load load = {.records = count};

	for (uint32_t i = 0; i < count; i++) {
		load.packets += records[i].packets + records[i].rev_packets;
		load.octets += records[i].bytes + records[i].rev_bytes;
	}
	lose(exporter, &load);
}

static void init_plan(struct export_exporter *exporter, int64_t boot_ns)
{
	static const enum ipfix_protocol protocols[] = {
			[CONFIG_OUTPUT_IPFIX] = IPFIX_PROTOCOL_IPFIX,
			[CONFIG_OUTPUT_NETFLOW9] = IPFIX_PROTOCOL_NETFLOW9,
			[CONFIG_OUTPUT_NETFLOW5] = IPFIX_PROTOCOL_NETFLOW5,
	};
	const struct config_output *config = &exporter->config;
	struct ipfix_settings settings = {
			.protocol = protocols[config->format],
			.uniflow = config->uniflow || config->format != CONFIG_OUTPUT_IPFIX,
			.enterprise = config->enterprise,
			.nanoseconds = config->time_unit == CONFIG_TIME_NS,
			.selector_id = EXPORT_SELECTOR_ID,
			.sampling = export_announce_netflow5_sampling(exporter->context),
			.boot_ns = boot_ns,
	};

	ipfix_plan_init(&exporter->plan, &settings);
	exporter->builder.scene.boot_ns = boot_ns;
}

/* The clock of a replay is that of the packets; the boot is before all that it has. */
static void follow_packets(
		struct export_exporter *exporter, const struct flow_record *records, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (exporter->packet_clock_ns == 0)
			init_plan(exporter, records[i].start_ns - BOOT_MARGIN_NS);
		if (records[i].end_ns > exporter->packet_clock_ns)
			exporter->packet_clock_ns = records[i].end_ns;
	}
}

void export_exporter_write(
		struct export_exporter *exporter, const struct flow_record *records, uint32_t count)
{
	if (exporter->closed) {
		lose_records(exporter, records, count);
		return;
	}
	if (export_pump_uses_packet_clock(exporter))
		follow_packets(exporter, records, count);
	if (exporter->spare_used) {
		place_builder(exporter);
		if (exporter->spare_used) {
			lose_records(exporter, records, count);
			return;
		}
	}
	ipfix_builder_add(&exporter->builder, records, count);
	count_refused(exporter);
	if (exporter->spare_used) /* it is lost already, so say so now */
		ipfix_builder_flush(&exporter->builder);
	export_pump(exporter);
}

static void explain(struct export_exporter *exporter, int error)
{
	if (error == STALLED)
		snprintf(exporter->error, sizeof(exporter->error),
				"%s is connected, but has taken nothing for %d s; is it frozen?",
				exporter->config.collector,
				(int)(EXPORT_STALL_NS / BASE_NS_PER_SEC));
	else
		export_transport_explain(
				&exporter->transport, exporter->error, sizeof(exporter->error));
}

static void report(struct export_exporter *exporter)
{
	int error = exporter->transport.error;

	if (error == 0 && exporter->stalled)
		error = STALLED;
	if (error == exporter->reported)
		return;
	exporter->reported = error;
	if (error != 0) {
		explain(exporter, error);
		base_log_limited(&exporter->log_limit, LOG_SECONDS, BASE_LOG_WARNING,
				"output %s: %s", exporter->config.name, exporter->error);
		return;
	}
	exporter->error[0] = '\0';
	base_log_limited(&exporter->good_limit, LOG_SECONDS, BASE_LOG_NOTICE,
			"output %s: sends again; %llu records were lost since start",
			exporter->config.name,
			(unsigned long long)stats_output_lost(exporter->counters));
}

void export_exporter_tick(struct export_exporter *exporter, int64_t wall_ns)
{
	if (exporter->closed)
		return;
	export_pump_link(exporter, wall_ns);
	/* a record waits no longer than a tick for its message to fill up */
	ipfix_builder_flush(&exporter->builder);
	export_pump(exporter);
	report(exporter);
}

void export_exporter_push(struct export_exporter *exporter)
{
	if (!exporter->closed && !export_messages_is_empty(&exporter->data))
		export_pump(exporter);
}

void export_exporter_reopen(struct export_exporter *exporter)
{
	struct export_transport *transport = &exporter->transport;

	if (exporter->closed || !transport->ops->reopen)
		return;
	ipfix_builder_flush(&exporter->builder);
	export_pump(exporter);
	/* also when the disk is full: then it may be for room that the file was moved away */
	export_pump_take_event(exporter, transport->ops->reopen(transport));
}

static bool is_drained(const struct export_exporter *exporter)
{
	return export_messages_is_empty(&exporter->data)
			&& export_messages_is_empty(&exporter->announced);
}

/* Sends what waits until there is nothing left, or no hope, or no time (monotonic). */
static void drain(struct export_exporter *exporter, int64_t end_ns)
{
	for (;;) {
		export_pump_link(exporter, base_clock_wall_ns());
		export_pump(exporter);
		int64_t left_ns = end_ns - base_clock_mono_ns();
		if (is_drained(exporter) || left_ns <= 0
				|| exporter->transport.link == EXPORT_LINK_DOWN
				|| is_stuck(exporter))
			return;
		exporter->transport.ops->wait(
				&exporter->transport, left_ns < WAIT_NS ? left_ns : WAIT_NS);
	}
}

void export_exporter_finish(struct export_exporter *exporter, int64_t deadline_ns)
{
	int64_t end_ns = base_clock_mono_ns() + deadline_ns;

	if (exporter->closed)
		return;
	ipfix_builder_flush(&exporter->builder);
	drain(exporter, end_ns);
	if (exporter->config.options_refresh_ns > 0) {
		exporter->session.options_due = true; /* the last totals */
		drain(exporter, end_ns);
	}
	export_pump_link(exporter, base_clock_wall_ns());
	report(exporter);
	export_pump_forget(exporter);
	struct export_load rest = export_messages_clear(&exporter->data);
	lose(exporter, &rest);
	export_transport_close(&exporter->transport, end_ns);
	export_pump_settle(exporter);
	exporter->closed = true;
}

bool export_exporter_works(const struct export_exporter *exporter)
{
	const struct export_transport *transport = &exporter->transport;
	/* the first connection of all is hoped for */
	bool hoped = transport->link == EXPORT_LINK_CONNECTING && transport->failures == 0;

	return !exporter->closed && !exporter->stalled
			&& (hoped || (transport->link == EXPORT_LINK_UP && transport->error == 0));
}

void export_exporter_count(struct export_exporter *exporter)
{
	uint64_t *counters = exporter->counters;

	counters[STATS_output_in_flight] = exporter->flight ? exporter->flight->load.records : 0;
	counters[STATS_output_queued] = exporter->data.waiting.records
			+ exporter->builder.message.flow_records + counters[STATS_output_in_flight];
	counters[STATS_output_rotations] = exporter->transport.rotations;
	counters[STATS_output_sessions] = exporter->session.totals.sessions;
	counters[STATS_output_sequence] = exporter->session.sequence;
	counters[STATS_output_link] = exporter->transport.link;
}

/* Ports as interfaces; in a replay there are none, and one stands for the files. */
static int make_interfaces(struct export_exporter *exporter)
{
	const struct export_context *context = exporter->context;
	unsigned int count = context->port_count ? context->port_count : 1;

	exporter->interfaces = calloc(count, sizeof(*exporter->interfaces));
	if (!exporter->interfaces)
		return -ENOMEM;
	exporter->interface_count = count;
	exporter->interfaces[0].name = "replay";
	for (unsigned int i = 0; i < count; i++) {
		struct ipfix_interface *interface = &exporter->interfaces[i];
		interface->index = context->port_indexes ? context->port_indexes[i] : i + 1;
		/* a mirror port sees both ends; collectors drop what leaves nowhere */
		interface->egress_index = interface->index;
		if (i < context->port_count)
			interface->name = context->port_names[i];
		if (context->port_descriptions)
			interface->description = context->port_descriptions[i];
	}
	return 0;
}

static uint32_t message_bytes(const struct config_output *config)
{
	bool sctp = config->transport == CONFIG_TRANSPORT_SCTP;

	if (!config->collector[0] || (config->transport != CONFIG_TRANSPORT_UDP && !sctp))
		return STREAM_MESSAGE_BYTES;
	struct config_collector collector;
	/* a name may turn out to be of either family */
	bool v4 = config_collector_parse(config->collector, &collector) == 0
			&& collector.address.ss_family == AF_INET;
	return config->mtu - (v4 ? IP_BYTES : IPV6_BYTES) - (sctp ? SCTP_BYTES : UDP_BYTES);
}

static int open_session(struct export_exporter *exporter)
{
	const struct config_output *config = &exporter->config;
	struct ipfix_scene scene = {.interfaces = exporter->interfaces,
			.interface_count = exporter->interface_count};
	struct ipfix_session_settings settings = {
			.domain = config->domain,
			.message_bytes = exporter->message_bytes,
			.datagrams = config->collector[0]
					&& config->transport == CONFIG_TRANSPORT_UDP,
			.template_refresh_ns = config->template_refresh_ns,
			.template_refresh_messages = REFRESH_MESSAGES,
			.options_refresh_ns = config->options_refresh_ns
					? config->options_refresh_ns
					: NEVER_NS,
	};

	init_plan(exporter, base_clock_wall_ns() - BOOT_MARGIN_NS);
	int error = ipfix_builder_init(&exporter->builder, &exporter->plan, &scene, exporter->spare,
			exporter->message_bytes);
	if (error == 0)
		error = ipfix_session_init(&exporter->session, &exporter->plan, &settings);
	ipfix_builder_set_sink(&exporter->builder, take_message, exporter);
	return error;
}

static int open_memory(struct export_exporter *exporter)
{
	size_t least = QUEUE_MESSAGES_MIN
			* (exporter->message_bytes + sizeof(struct export_message_head));
	size_t size = exporter->config.queue_bytes > least ? exporter->config.queue_bytes : least;

	exporter->spare = malloc(2 * (size_t)exporter->message_bytes);
	if (!exporter->spare || make_interfaces(exporter) < 0
			|| export_recent_init(&exporter->recent) < 0)
		return -ENOMEM;
	if (exporter->config.collector[0] && exporter->config.transport != CONFIG_TRANSPORT_UDP) {
		exporter->flight = calloc(1, sizeof(*exporter->flight));
		if (!exporter->flight)
			return -ENOMEM;
	}
	int error = export_messages_init(&exporter->data, size);
	return error < 0 ? error : export_messages_init(&exporter->announced, ANNOUNCED_BYTES);
}

int export_exporter_open(struct export_exporter *exporter, const struct config_output *config,
		const struct export_context *context, char *cause)
{
	*exporter = (struct export_exporter){.config = *config,
			.context = context,
			.message_bytes = message_bytes(config),
			.transport = {.fd = -1}};
	int error = open_memory(exporter);
	if (error == 0)
		error = open_session(exporter);
	if (error < 0) {
		snprintf(cause, EXPORT_ERROR_BYTES, "no memory for a queue of %llu octets",
				(unsigned long long)config->queue_bytes);
		export_exporter_fini(exporter);
		return error;
	}
	if (exporter->config.pace == 0 && context->replay)
		exporter->config.pace = REPLAY_PACE;
	error = export_transport_open(&exporter->transport, &exporter->config);
	if (error < 0) {
		exporter->transport.error = -error;
		export_transport_explain(&exporter->transport, cause, EXPORT_ERROR_BYTES);
		export_exporter_fini(exporter);
		return error;
	}
	place_builder(exporter);
	export_pump_link(exporter, base_clock_wall_ns());
	report(exporter);
	return 0;
}

void export_exporter_fini(struct export_exporter *exporter)
{
	if (exporter->transport.ops && !exporter->closed)
		export_transport_close(&exporter->transport, 0);
	free(exporter->flight);
	export_messages_fini(&exporter->data);
	export_messages_fini(&exporter->announced);
	export_recent_fini(&exporter->recent);
	free(exporter->interfaces);
	free(exporter->spare);
}
