/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_summary.h"

#include "base_units.h"
#include "packet_decode.h"
#include "weir_ledger.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define TOPS_SHOWN 5
#define ENDPOINT_BYTES (INET6_ADDRSTRLEN + 8)

static const char *protocol_name(uint8_t protocol, char *out, size_t size)
{
	switch (protocol) {
	case 1:
		return "icmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 58:
		return "icmp6";
	case 132:
		return "sctp";
	default:
		snprintf(out, size, "ip %u", protocol);
		return out;
	}
}

static void print_top(const struct control_top *top, uint64_t all_bytes)
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN], port[8] = "", name[8];
	char bytes[BASE_UNITS_BYTES];
	int family = top->key.ip_version == 6 ? AF_INET6 : AF_INET;

	inet_ntop(family, &top->key.source, source, sizeof(source));
	inet_ntop(family, &top->key.destination, destination, sizeof(destination));
	if (top->key.destination_port)
		snprintf(port, sizeof(port), ":%u", top->key.destination_port);
	fprintf(stderr, "             %s%9s  %3.0f %%  %s -> %s %s%s\n",
			top->error_bytes ? "~" : " ", base_units_bytes_si(top->bytes, bytes),
			all_bytes ? 100.0 * (double)top->bytes / (double)all_bytes : 0.0, source,
			destination, protocol_name(top->key.protocol, name, sizeof(name)), port);
}

static void print_tops(struct control *control, uint64_t all_bytes)
{
	struct control_top tops[TOPS_SHOWN];
	uint32_t count = control_tops(control, tops, TOPS_SHOWN);

	/* many flows of one size have no heaviest: what the sketch then says is an upper bound */
	if (count > 0 && tops[0].bytes < all_bytes / 200)
		return;
	if (count > 0)
		fprintf(stderr, "  top        conversations by octets, both directions\n");
	for (uint32_t i = 0; i < count; i++)
		print_top(&tops[i], all_bytes);
}

/* Without those that sampling passed over. */
static uint64_t count_not_metered(const uint64_t *v)
{
	return v[STATS_rx_packets] - v[STATS_metered_packets]
			- v[STATS_decode_drop_sampled_out_packets];
}

void weir_summary_say_sampling(const struct config *config, FILE *out)
{
	fprintf(out, "1 in %u%s: counts are of selected packets, not scaled", config->sampling.rate,
			config->sampling.method == CONFIG_SAMPLING_RANDOM ? " at random" : "");
}

static void print_sampling(const uint64_t *v, const struct config *config)
{
	char number[BASE_UNITS_BYTES];

	if (!config_is_sampled(config))
		return;
	fputs("  sampled    ", stderr);
	weir_summary_say_sampling(config, stderr);
	fprintf(stderr, "; %s sampled out\n",
			base_units_exact(v[STATS_decode_drop_sampled_out_packets], number));
}

static void print_drops(const uint64_t *v)
{
	char number[BASE_UNITS_BYTES];
	uint64_t all = count_not_metered(v);

	if (all == 0)
		return;
	fprintf(stderr, "  not metered  %s packets\n", base_units_exact(all, number));
	for (int i = 0; i < PACKET_REASON_COUNT; i++) {
		uint64_t packets = v[STATS_DROP_PACKETS(i)];
		if (packets > 0 && i != PACKET_sampled_out)
			fprintf(stderr, "             %9s  %s: %s\n",
					base_units_exact(packets, number),
					packet_verdict_name((enum packet_verdict)i),
					packet_verdict_help((enum packet_verdict)i));
	}
}

static void print_records(const uint64_t *v, const struct weir_summary *summary)
{
	static const struct {
		int row;
		const char *live, *replayed;
	} reasons[] = {
			{STATS_records_idle, "idle", "idle"},
			{STATS_records_active, "active", "active"},
			{STATS_records_detected, "tcp end", "tcp end"},
			{STATS_records_forced, "at stop", "at end of file"},
			{STATS_records_resources, "evicted", "evicted"},
	};
	char number[BASE_UNITS_BYTES];
	uint64_t all = 0;

	for (size_t i = 0; i < BASE_COUNT_OF(reasons); i++)
		all += v[reasons[i].row];
	fprintf(stderr, "  records    %s", base_units_exact(all, number));
	const char *separator = ": ";
	for (size_t i = 0; i < BASE_COUNT_OF(reasons); i++) {
		if (v[reasons[i].row] == 0)
			continue;
		fprintf(stderr, "%s%s %s", separator,
				summary->replay && !summary->stopped ? reasons[i].replayed
								     : reasons[i].live,
				base_units_exact(v[reasons[i].row], number));
		separator = ", ";
	}
	fputc('\n', stderr);
	if (v[STATS_flows_active] > 0)
		fprintf(stderr,
				"  left       %s flows in the tables: no time to write them at the "
				"stop; raise expert.stop_deadline\n",
				base_units_exact(v[STATS_flows_active], number));
	if (v[STATS_ring_drop_full] > 0)
		fprintf(stderr,
				"  lost       %s records: the ring was full; raise "
				"flows.ring_records\n",
				base_units_exact(v[STATS_ring_drop_full], number));
	if (v[STATS_flows_ended_resources] > 0)
		fprintf(stderr,
				"  evicted    %s flows: the table was full; raise "
				"flows.capacity_per_worker\n",
				base_units_exact(v[STATS_flows_ended_resources], number));
}

static void print_outputs(const struct control_view *view)
{
	char number[BASE_UNITS_BYTES];

	for (size_t i = 0; i < view->snapshot.output_count; i++) {
		const struct stats_output_view *output = &view->outputs[i];
		for (int row = 0; row < STATS_OUTPUT_COUNT; row++) {
			enum stats_output_index at = (enum stats_output_index)row;
			uint64_t lost = stats_output_loss(at) ? output->values[row] : 0;
			if (lost > 0)
				fprintf(stderr,
						"  lost       %s records that %s did not take: "
						"%s\n",
						base_units_exact(lost, number), output->name,
						stats_output_loss_words(at));
		}
	}
}

static void print_times(const uint64_t *v, const struct weir_summary *summary, uint32_t workers)
{
	char rate[BASE_UNITS_BYTES], took[BASE_UNITS_BYTES], number[BASE_UNITS_BYTES];
	double seconds = (double)summary->took_ns / 1e9;

	fprintf(stderr, "  rate       %s over %s with %u worker%s\n",
			base_units_rate(seconds > 0 ? (double)v[STATS_rx_packets] / seconds : 0,
					"pkt", rate),
			base_units_duration(summary->took_ns, took), workers,
			workers == 1 ? "" : "s");
	if (v[STATS_time_backwards_packets] > 0)
		fprintf(stderr, "  reordered  %s packets were older than one before them\n",
				base_units_exact(v[STATS_time_backwards_packets], number));
	if (v[STATS_time_rewinds] > 0)
		fprintf(stderr,
				"  time       went back %s times by more than reordering explains: "
				"flows were cut there\n",
				base_units_exact(v[STATS_time_rewinds] / workers, number));
}

bool weir_summary_print(struct control *control, const struct weir_summary *summary)
{
	struct control_view *view = malloc(sizeof(*view));
	char packets[BASE_UNITS_BYTES], octets[BASE_UNITS_BYTES], span[BASE_UNITS_BYTES];
	char flows[BASE_UNITS_BYTES];

	if (!view)
		return false;
	control_snapshot(control, view);
	const uint64_t *v = view->snapshot.worker;
	fprintf(stderr, "%s: %s packets, %s on the wire, %s, %s not metered\n", summary->subject,
			base_units_exact(v[STATS_rx_packets], packets),
			base_units_bytes_si(v[STATS_rx_octets], octets),
			base_units_duration(summary->span_ns, span),
			base_units_exact(count_not_metered(v), flows));
	print_sampling(v, control_get_setup(control)->config);
	fprintf(stderr, "  flows      %s\n", base_units_exact(v[STATS_flows_created], flows));
	print_records(v, summary);
	print_times(v, summary, control_get_setup(control)->worker_count);
	print_drops(v);
	print_tops(control, v[STATS_metered_octets]);
	print_outputs(view);
	bool closes = weir_ledger_print(view, stderr);
	free(view);
	return closes;
}
