/* SPDX-License-Identifier: BSD-3-Clause */
/* hello and status: who answers, and how it is doing in a few lines. */
#include "api_answer.h"
#include "base_clock.h"
#include "proto_method.h"

#include <string.h>
#include <unistd.h>

static json_t *host_name(void)
{
	char name[65] = "";

	gethostname(name, sizeof(name) - 1);
	return proto_text(name);
}

json_t *api_answer_hello(const struct api_call *call)
{
	json_t *methods = json_array();
	const char *dpdk = call->context->dpdk_version;

	for (size_t i = 0; i < api_method_count; i++) {
		if (!api_methods[i].admin || call->peer->admin)
			json_array_append_new(methods, proto_text(api_methods[i].name));
	}
	return json_pack("{s:s, s:s, s:i, s:o, s:I, s:o, s:s, s:o}", "name", "weir", "version",
			WEIR_VERSION, "protocol", PROTO_VERSION, "dpdk",
			dpdk ? proto_text(dpdk) : json_null(), "pid", (json_int_t)getpid(), "host",
			host_name(), "access", call->peer->admin ? "admin" : "view", "methods",
			methods);
}

json_t *api_answer_reopen(const struct api_call *call)
{
	const struct control_setup *setup = control_get_setup(call->context->control);

	control_reopen(call->context->control);
	return json_pack("{s:I}", "outputs", (json_int_t)setup->config->output_count);
}

static json_t *traffic(const struct control_rates *rates)
{
	return json_pack("{s:f, s:f}", "packets_per_sec", rates->packets_per_sec, "bits_per_sec",
			rates->bits_per_sec);
}

static json_t *workers(const struct control_setup *setup, const struct control_rates *rates)
{
	double busiest = 0;

	for (uint32_t i = 0; i < setup->worker_count; i++) {
		if (rates->busy[i] > busiest)
			busiest = rates->busy[i];
	}
	return json_pack(
			"{s:I, s:f}", "count", (json_int_t)setup->worker_count, "busiest", busiest);
}

static json_t *flows(const struct control_setup *setup, const struct control_view *view,
		const struct control_rates *rates)
{
	const uint64_t *worker = view->snapshot.worker;
	uint64_t capacity = 0;

	for (uint32_t i = 0; i < setup->worker_count; i++)
		capacity += setup->workers[i].capacity;
	return json_pack("{s:o, s:o, s:f, s:o, s:o}", "live", proto_u64(worker[STATS_flows_active]),
			"capacity", proto_u64(capacity), "created_per_sec", rates->flows_per_sec,
			"created", proto_u64(worker[STATS_flows_created]), "evicted",
			proto_u64(worker[STATS_flows_ended_resources]));
}

/* Everything that went missing since the start, and where nothing can be known. */
static json_t *loss(const struct control_view *view, const struct control_setup *setup)
{
	uint64_t missed = 0, errors = 0, lost = 0;
	json_t *blind = json_array();

	for (size_t i = 0; i < view->snapshot.port_count; i++) {
		missed += view->ports[i].values[STATS_port_missed_packets];
		errors += view->ports[i].values[STATS_port_error_packets];
		if (!view->ports[i].drops_observable && i < setup->port_count)
			json_array_append_new(blind, proto_text(setup->ports[i].name));
	}
	for (size_t i = 0; i < view->snapshot.output_count; i++)
		lost += stats_output_lost(view->outputs[i].values);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "packets_missed", proto_u64(missed),
			"packets_error", proto_u64(errors), "records_ring",
			proto_u64(view->snapshot.worker[STATS_ring_drop_full]), "records_outputs",
			proto_u64(lost), "blind_ports", blind);
}

static json_t *outputs(const struct control_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->snapshot.output_count; i++) {
		const uint64_t *values = view->outputs[i].values;
		json_array_append_new(list,
				json_pack("{s:o, s:o, s:o, s:o}", "name",
						proto_text(view->outputs[i].name), "sent",
						proto_u64(values[STATS_output_sent]), "queued",
						proto_u64(values[STATS_output_queued]), "lost",
						proto_u64(stats_output_lost(values))));
	}
	return list;
}

json_t *api_sampling_json(const struct config *config)
{
	bool random = config->sampling.method == CONFIG_SAMPLING_RANDOM;

	if (!config_is_sampled(config))
		return json_null();
	return json_pack("{s:s, s:I}", "method", random ? "random" : "systematic", "rate",
			(json_int_t)config->sampling.rate);
}

static json_t *ledger(struct api_context *context)
{
	struct api_ledger *read = api_ledger_read(context, false);

	if (!read)
		return NULL;
	json_t *result = json_pack("{s:b, s:I, s:I}", "holds", read->holds, "identities",
			(json_int_t)read->count, "unknown", (json_int_t)read->unknown);
	free(read);
	return result;
}

json_t *api_answer_status(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct control_setup *setup = control_get_setup(context->control);
	struct control_rates rates;
	char started[BASE_CLOCK_ISO_BYTES];
	int64_t started_ns = control_started_ns(context->control);

	control_get_rates(context->control, &rates);
	base_clock_format_iso(started_ns, started);
	json_t *verdict = ledger(context); /* leaves the latest reading in the view */
	const struct control_view *view = &context->view;
	return json_pack("{s:s, s:o, s:I, s:s, s:I, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:f, s:o, "
			 "s:o}",
			"version", WEIR_VERSION, "host", host_name(), "pid", (json_int_t)getpid(),
			"started", started, "uptime_ns",
			(json_int_t)(base_clock_wall_ns() - started_ns), "config",
			setup->config->source[0] ? proto_text(setup->config->source) : json_null(),
			"traffic", traffic(&rates), "sampling", api_sampling_json(setup->config),
			"ports", (int)setup->port_count, "workers", workers(setup, &rates), "flows",
			flows(setup, view, &rates), "loss", loss(view, setup), "records_per_sec",
			rates.records_per_sec, "outputs", outputs(view), "ledger", verdict);
}
