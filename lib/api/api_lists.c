/* SPDX-License-Identifier: BSD-3-Clause */
/* ports and workers: one object each, with what it is and how it is doing. */
#include "api_answer.h"

static json_t *text_or_null(const char *text)
{
	return text && text[0] ? proto_text(text) : json_null();
}

static json_t *node_or_null(int node)
{
	return node >= 0 ? json_integer(node) : json_null();
}

static json_t *port_facts(const struct control_port *port)
{
	uint32_t speed = port->speed ? port->speed(port->arg) : 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:b, s:o}", "name",
			proto_text(port->name), "device", proto_text(port->device), "driver",
			proto_text(port->driver), "mac", text_or_null(port->mac), "numa_node",
			node_or_null(port->numa_node), "queues", (json_int_t)port->queues,
			"rx_descriptors", (json_int_t)port->rx_descriptors, "rss",
			text_or_null(port->rss), "note", text_or_null(port->note), "promiscuous",
			port->promiscuous, "speed_mbps",
			speed ? json_integer((json_int_t)speed) : json_null());
}

static json_t *port_state(const struct stats_port_view *view)
{
	const uint64_t *values = view->values;

	return json_pack("{s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "link_up",
			values[STATS_port_link_up] != 0, "drops_observable", view->drops_observable,
			"received_packets", proto_u64(values[STATS_port_received_packets]),
			"received_octets", proto_u64(values[STATS_port_received_octets]),
			"missed_packets",
			view->drops_observable ? proto_u64(values[STATS_port_missed_packets])
					       : json_null(),
			"error_packets", proto_u64(values[STATS_port_error_packets]),
			"no_buffer_events", proto_u64(values[STATS_port_no_buffer_events]),
			"polled_packets", proto_u64(view->polled_packets));
}

json_t *api_answer_ports(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct control_setup *setup = control_get_setup(context->control);
	struct control_rates rates;
	json_t *list = json_array();

	control_get_rates(context->control, &rates);
	control_snapshot(context->control, &context->view);
	for (size_t i = 0; i < setup->port_count && i < context->view.snapshot.port_count; i++) {
		json_t *port = port_facts(&setup->ports[i]);
		json_object_update_new(port, port_state(&context->view.ports[i]));
		json_object_update_new(port,
				json_pack("{s:f, s:f}", "packets_per_sec",
						rates.port_packets_per_sec[i], "bits_per_sec",
						rates.port_bits_per_sec[i]));
		json_array_append_new(list, port);
	}
	return json_pack("{s:o}", "ports", list);
}

static double ratio(uint64_t a, uint64_t b)
{
	return b == 0 ? 0 : (double)a / (double)b;
}

static json_t *worker_facts(uint32_t number, const struct control_worker *worker)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "worker", (json_int_t)number, "cpu",
			worker->cpu >= 0 ? json_integer(worker->cpu) : json_null(), "numa_node",
			node_or_null(worker->numa_node), "queues", proto_text(worker->queues),
			"capacity", proto_u64(worker->capacity), "memory_bytes",
			proto_u64(worker->memory_bytes), "memory_pages",
			text_or_null(worker->memory_pages));
}

static json_t *worker_state(const uint64_t *values, uint64_t ring_waiting)
{
	uint64_t not_metered = values[STATS_rx_packets] - values[STATS_metered_packets];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:f}", "received_packets",
			proto_u64(values[STATS_rx_packets]), "metered_packets",
			proto_u64(values[STATS_metered_packets]), "not_metered_packets",
			proto_u64(not_metered), "sampled_out_packets",
			proto_u64(values[STATS_decode_drop_sampled_out_packets]), "flows_live",
			proto_u64(values[STATS_flows_active]), "flows_evicted",
			proto_u64(values[STATS_flows_ended_resources]), "ring_waiting",
			proto_u64(ring_waiting), "ring_lost",
			proto_u64(values[STATS_ring_drop_full]), "burst_mean",
			ratio(values[STATS_rx_packets], values[STATS_rx_bursts]), "ns_per_packet",
			ratio(values[STATS_busy_ns], values[STATS_rx_packets]));
}

/* null when no turn was timed in the last second. */
static json_t *stages_json(const double cycles[CONTROL_STAGES])
{
	double sum = 0;

	for (int i = 0; i < CONTROL_STAGES; i++)
		sum += cycles[i];
	if (sum <= 0)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "total", sum, "receive", cycles[0],
			"decode", cycles[1], "lookup", cycles[2], "update", cycles[3], "age",
			cycles[4], "publish", cycles[5]);
}

json_t *api_answer_workers(const struct api_call *call)
{
	struct api_context *context = call->context;
	const struct control_setup *setup = control_get_setup(context->control);
	struct control_rates rates;
	json_t *list = json_array();

	control_get_rates(context->control, &rates);
	control_snapshot(context->control, &context->view);
	for (uint32_t i = 0; i < setup->worker_count; i++) {
		json_t *worker = worker_facts(i, &setup->workers[i]);
		json_object_update_new(worker,
				worker_state(context->view.workers[i],
						context->view.ring_waiting[i]));
		json_object_update_new(worker,
				json_pack("{s:f, s:f, s:f, s:f, s:f, s:o}", "packets_per_sec",
						rates.worker_packets_per_sec[i], "busy",
						rates.busy[i], "busy_minute", rates.busy_minute[i],
						"busy_hour", rates.busy_hour[i], "busy_ever",
						rates.busy_ever[i], "cycles_per_packet",
						stages_json(rates.stage_cycles[i])));
		json_array_append_new(list, worker);
	}
	return json_pack("{s:o}", "workers", list);
}
