/* SPDX-License-Identifier: BSD-3-Clause */
/* trace_start, trace_read, trace_stop: packets of the workers, layer by layer. */
#include "api_trace.h"

#include "api_answer.h"
#include "base_clock.h"
#include "tap_text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define READ_PACKETS_MAX 32

const struct api_param api_trace_start_params[] = {
		{"count", API_PARAM_INTEGER, 1, TAP_MAX_PACKETS},
		{.name = "filter", .type = API_PARAM_STRING},
		{.type = API_PARAM_END},
};
const struct api_param api_trace_id_params[] = {
		{"id", API_PARAM_INTEGER, 1, INT64_MAX},
		{.type = API_PARAM_END},
};

static const struct control_setup *setup_of(const struct api_call *call)
{
	return control_get_setup(call->context->control);
}

void api_trace_end(struct api_trace *trace, const struct control_setup *setup)
{
	for (uint32_t i = 0; trace->id != 0 && i < setup->worker_count; i++)
		tap_close(setup->workers[i].tap);
	trace->id = 0;
}

void api_trace_tick(struct api_trace *trace, const struct control_setup *setup, int64_t now_ns)
{
	if (trace->id != 0 && now_ns > trace->expires_ns)
		api_trace_end(trace, setup);
}

/* Opens the taps of all workers or none. */
static int open_taps(const struct api_call *call, uint32_t count, const char *filter)
{
	const struct control_setup *setup = setup_of(call);
	char error[256] = "";

	for (uint32_t i = 0; i < setup->worker_count; i++) {
		int rc = tap_open(setup->workers[i].tap, count, filter, error, sizeof(error));
		if (rc == 0)
			continue;
		while (i-- > 0)
			tap_close(setup->workers[i].tap);
		if (rc == -EINVAL)
			proto_error_set(call->error, PROTO_ERROR_PARAMS,
					"filters of trace are those of tcpdump: man pcap-filter",
					"filter: %s, in \"%.100s\"", error, filter);
		else
			proto_error_set(call->error, PROTO_ERROR_BUSY, "try again",
					"a worker has not let go of the last trace yet");
		return rc;
	}
	return 0;
}

json_t *api_answer_trace_start(const struct api_call *call)
{
	struct api_trace *trace = &call->context->trace;
	int64_t now_ns = base_clock_mono_ns();
	uint32_t count = (uint32_t)api_param_integer(call, "count", 10);

	api_trace_tick(trace, setup_of(call), now_ns);
	if (trace->id != 0) {
		proto_error_set(call->error, PROTO_ERROR_BUSY, "one at a time; wait until it ends",
				"pid %d traces already", (int)trace->holder_pid);
		return NULL;
	}
	if (open_taps(call, count, api_param_string(call, "filter")) < 0)
		return NULL;
	*trace = (struct api_trace){.id = trace->last_id + 1,
			.last_id = trace->last_id + 1,
			.expires_ns = now_ns + API_TRACE_LEASE_NS,
			.wanted = count,
			.holder_pid = (int32_t)call->peer->pid};
	return json_pack("{s:I, s:I}", "id", (json_int_t)trace->id, "count", (json_int_t)count);
}

static bool is_mine(const struct api_call *call)
{
	struct api_trace *trace = &call->context->trace;

	api_trace_tick(trace, setup_of(call), base_clock_mono_ns());
	if (trace->id != 0 && (uint64_t)api_param_integer(call, "id", 0) == trace->id)
		return true;
	proto_error_set(call->error, PROTO_ERROR_PARAMS, "start another",
			"no trace of this id: it ended, or was not read for 5 s");
	return false;
}

static json_t *strbuf_json(struct base_strbuf *buf)
{
	json_t *text = buf->failed ? NULL : json_stringn(buf->text ? buf->text : "", buf->len);

	base_strbuf_fini(buf);
	return text;
}

static json_t *layers_json(const struct packet_trace *trace, const struct packet_frame *frame)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < trace->layer_count; i++) {
		struct base_strbuf text = BASE_STRBUF_EMPTY;
		packet_layer_describe(&text, &trace->layers[i], frame);
		json_array_append_new(list,
				json_pack("{s:I, s:s, s:o}", "offset",
						(json_int_t)trace->layers[i].offset, "layer",
						packet_layer_name(&trace->layers[i], frame->link),
						"text", strbuf_json(&text)));
	}
	return list;
}

static json_t *ends_json(const struct tap_packet *packet, const struct packet_trace *trace)
{
	json_t *list = json_array();

	for (uint32_t view = 0; view == 0 || view < packet->views; view++) {
		struct base_strbuf text = BASE_STRBUF_EMPTY;
		tap_text_end(&text, packet, trace, view);
		json_array_append_new(list, strbuf_json(&text));
	}
	return list;
}

static json_t *packet_json(const struct api_call *call, const struct control_worker *worker,
		const struct tap_packet *packet, uint32_t number)
{
	const struct control_setup *setup = setup_of(call);
	const struct packet_policy *policy = tap_policy(worker->tap);
	const char *port =
			packet->port < setup->port_count ? setup->ports[packet->port].name : NULL;
	struct base_strbuf text = BASE_STRBUF_EMPTY;
	struct packet_trace trace;
	struct packet_frame frame;
	char time[BASE_CLOCK_ISO_BYTES];

	tap_trace(&trace, &frame, policy, packet);
	tap_text_packet(&text, policy, packet, number, port);
	base_clock_format_iso(packet->time_ns, time);
	return json_pack("{s:I, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:o}", "number",
			(json_int_t)number, "time", time, "port",
			port ? proto_text(port) : json_null(), "octets",
			(json_int_t)packet->wire_bytes, "captured",
			(json_int_t)packet->captured_bytes, "verdict",
			packet_verdict_name((enum packet_verdict)packet->verdict), "layers",
			layers_json(&trace, &frame), "ends", ends_json(packet, &trace), "text",
			strbuf_json(&text));
}

json_t *api_answer_trace_read(const struct api_call *call)
{
	const struct control_setup *setup = setup_of(call);
	struct api_trace *trace = &call->context->trace;
	uint64_t missed = 0;
	struct tap_packet packet;

	if (!is_mine(call))
		return NULL;
	trace->expires_ns = base_clock_mono_ns() + API_TRACE_LEASE_NS;
	json_t *packets = json_array();
	for (uint32_t i = 0; i < setup->worker_count; i++) {
		const struct control_worker *worker = &setup->workers[i];
		missed += tap_missed(worker->tap);
		while (trace->given < trace->wanted && json_array_size(packets) < READ_PACKETS_MAX
				&& tap_read(worker->tap, &packet))
			json_array_append_new(packets,
					packet_json(call, worker, &packet, ++trace->given));
	}
	bool done = trace->given == trace->wanted;
	if (done)
		api_trace_end(trace, setup);
	return json_pack("{s:o, s:o, s:b}", "packets", packets, "missed", proto_u64(missed), "done",
			done);
}

json_t *api_answer_trace_stop(const struct api_call *call)
{
	struct api_trace *trace = &call->context->trace;

	if (!is_mine(call))
		return NULL;
	uint32_t given = trace->given;
	api_trace_end(trace, setup_of(call));
	return json_pack("{s:I}", "packets", (json_int_t)given);
}
