/* SPDX-License-Identifier: BSD-3-Clause */
/* What an exporter says in its options records, besides what a session counts itself. */
#ifndef IPFIX_REPORT_H
#define IPFIX_REPORT_H

#include "ipfix_encode.h"

/* selectorAlgorithm (element 304, RFC 5477) */
enum ipfix_algorithm {
	IPFIX_ALGORITHM_SYSTEMATIC = 1, /* by count: one, then `interval` - 1 not */
	IPFIX_ALGORITHM_RANDOM = 3, /* one out of `interval` */
};

struct ipfix_selector {
	uint64_t id;
	uint8_t algorithm; /* enum ipfix_algorithm */
	uint32_t interval; /* one packet in that many; 1: all */
	/* both taken at one time, since start */
	uint64_t observed_packets;
	uint64_t selected_packets;
};

/* What was lost before or behind the flow table. Times are wall clock; 0: nothing was lost. */
struct ipfix_loss {
	uint64_t flows;
	uint64_t packets;
	uint64_t octets;
	int64_t first_ns;
	int64_t last_ns;
};

struct ipfix_report {
	const struct ipfix_interface *interfaces;
	unsigned int interface_count;
	const struct ipfix_selector *selectors;
	unsigned int selector_count;
	uint32_t metering_id;
	uint32_t exporting_id;
	struct ipfix_loss ignored; /* by the metering process */
	struct ipfix_loss not_sent; /* to this collector, by the exporting process */
};

#endif
