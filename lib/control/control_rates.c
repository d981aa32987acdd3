/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_rates.h"

#include "base_clock.h"

/* So that who asks right after the start reads a rate and not 0. */
#define FIRST_PERIOD_NS (200 * BASE_NS_PER_MS)
#define PERIOD_NS BASE_NS_PER_SEC

static double grown(uint64_t before, uint64_t after)
{
	return after > before ? (double)(after - before) : 0;
}

void control_rates_between(const struct control_sample *before, const struct control_sample *after,
		uint32_t worker_count, uint32_t port_count, struct control_rates *rates)
{
	*rates = (struct control_rates){0};
	if (after->now_ns <= before->now_ns)
		return;
	double seconds = (double)(after->now_ns - before->now_ns) / (double)BASE_NS_PER_SEC;

	for (uint32_t i = 0; i < worker_count; i++) {
		double busy = grown(before->busy_ns[i], after->busy_ns[i]);
		double idle = grown(before->idle_ns[i], after->idle_ns[i]);
		rates->busy[i] = busy + idle > 0 ? busy / (busy + idle) : 0;
		rates->worker_packets_per_sec[i] =
				grown(before->rx_packets[i], after->rx_packets[i]) / seconds;
		rates->packets_per_sec += rates->worker_packets_per_sec[i];
		double timed = grown(before->stage_packets[i], after->stage_packets[i]);
		for (int s = 0; s < CONTROL_STAGES && timed > 0; s++)
			rates->stage_cycles[i][s] =
					grown(before->stage_cycles[i][s], after->stage_cycles[i][s])
					/ timed;
	}
	for (uint32_t i = 0; i < port_count; i++) {
		rates->port_packets_per_sec[i] =
				grown(before->port_packets[i], after->port_packets[i]) / seconds;
		rates->port_bits_per_sec[i] =
				grown(before->port_octets[i], after->port_octets[i]) * 8 / seconds;
	}
	for (uint32_t i = 0; i < PACKET_REASON_COUNT; i++)
		rates->drops_per_sec[i] = grown(before->drops[i], after->drops[i]) / seconds;
	rates->bits_per_sec = grown(before->rx_octets, after->rx_octets) * 8 / seconds;
	rates->flows_per_sec = grown(before->flows_created, after->flows_created) / seconds;
	rates->records_per_sec = grown(before->records_taken, after->records_taken) / seconds;
}

bool control_meter_due(const struct control_meter *meter, int64_t now_ns)
{
	if (!meter->started)
		return true;
	return now_ns - meter->newest.now_ns >= (meter->warm ? PERIOD_NS : FIRST_PERIOD_NS);
}

static double highest(const float *values)
{
	float most = 0;

	for (int i = 0; i < 60; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

/* A second's share goes into its minute, a minute's highest into its hour. */
static void keep_peaks(struct control_meter *meter)
{
	uint32_t second = meter->seconds % 60, minute = meter->seconds / 60 % 60;

	for (uint32_t i = 0; i < meter->worker_count; i++) {
		float busy = (float)meter->rates.busy[i];
		float *minutes = meter->busy_minutes[i];
		meter->busy_seconds[i][second] = busy;
		if (second == 0 || busy > minutes[minute])
			minutes[minute] = busy;
		if (busy > meter->busy_ever[i])
			meter->busy_ever[i] = busy;
		meter->rates.busy_minute[i] = highest(meter->busy_seconds[i]);
		meter->rates.busy_hour[i] = highest(minutes);
		meter->rates.busy_ever[i] = meter->busy_ever[i];
	}
	meter->seconds++;
}

void control_meter_add(struct control_meter *meter, const struct control_sample *sample)
{
	if (meter->started) {
		if (sample->now_ns <= meter->newest.now_ns)
			return;
		control_rates_between(&meter->newest, sample, meter->worker_count,
				meter->port_count, &meter->rates);
		keep_peaks(meter);
		meter->warm = true;
	}
	meter->newest = *sample;
	meter->started = true;
}
