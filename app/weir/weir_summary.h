/* SPDX-License-Identifier: BSD-3-Clause */
/* What a person reads at the end of a replay or a run, on standard error. */
#ifndef WEIR_SUMMARY_H
#define WEIR_SUMMARY_H

#include "control.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct weir_summary {
	const char *subject; /* "office.pcap", "3 files", "eth1, eth2" */
	int64_t span_ns; /* of the packets' time stamps, or of the run */
	int64_t took_ns; /* by the clock on the wall */
	bool replay;
	bool stopped; /* before its end */
};

/* Prints it; true when the ledger closes. After control_stop(). */
bool weir_summary_print(struct control *control, const struct weir_summary *summary);

/* "1 in 7 at random: counts are ...", of a configuration that samples. */
void weir_summary_say_sampling(const struct config *config, FILE *out);

#endif
