/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_progress.h"

#include "base_units.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_CELLS 24

void weir_progress_draw(
		const struct source_replay_progress *progress, const char *subject, int64_t took_ns)
{
	char done[BASE_UNITS_BYTES], total[BASE_UNITS_BYTES], rate[BASE_UNITS_BYTES],
			left[BASE_UNITS_BYTES];
	double seconds = (double)took_ns / 1e9;

	base_units_bytes_si(progress->bytes_read, done);
	base_units_rate(seconds > 0 ? (double)progress->packets / seconds : 0, "pkt", rate);
	if (progress->bytes_total == 0) { /* a pipe: no end in sight */
		fprintf(stderr, "\r\033[K%.30s  %s  %s", subject, done, rate);
		fflush(stderr);
		return;
	}
	double part = (double)progress->bytes_read / (double)progress->bytes_total;
	if (part > 1)
		part = 1;
	fprintf(stderr, "\r\033[K%.30s  ", subject);
	for (int i = 0; i < BAR_CELLS; i++)
		fputs(i < (int)(part * BAR_CELLS) ? "\u2501" : "\u2500", stderr);
	int64_t rest_ns = part > 0 ? (int64_t)((double)took_ns * (1 - part) / part) : 0;
	fprintf(stderr, "  %3.0f %%  %s of %s  %s  %s left", 100 * part, done,
			base_units_bytes_si(progress->bytes_total, total), rate,
			base_units_duration(rest_ns, left));
	fflush(stderr);
}

void weir_progress_clear(void)
{
	fputs("\r\033[K", stderr);
	fflush(stderr);
}
