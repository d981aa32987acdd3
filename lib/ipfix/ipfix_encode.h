/* SPDX-License-Identifier: BSD-3-Clause */
/* A flow record to one record on the wire: the ops of its template, one after the other. */
#ifndef IPFIX_ENCODE_H
#define IPFIX_ENCODE_H

#include "ipfix_plan.h"

/* What a collector knows of a port of weir. Texts are the caller's and may be NULL. */
struct ipfix_interface {
	uint32_t index; /* as ingressInterface; 0 is none to many collectors */
	uint32_t egress_index; /* where packets that entered here leave, when no way back says it */
	const char *name;
	const char *description;
};

/* What records do not say. */
struct ipfix_scene {
	const struct ipfix_interface *interfaces; /* by port */
	unsigned int interface_count;
	int64_t boot_ns; /* of the plan's settings */
};

/*
 * Runs `count` ops on a record: fills template->record_bytes at `out`. Times before 1970 read 1970.
 * No allocation, any thread.
 */
void ipfix_encode(const struct ipfix_op *ops, unsigned int count, const struct flow_record *record,
		const struct ipfix_scene *scene, uint8_t *out);

/*
 * A wall clock time as NTP time stamp (RFC 5905), modulo its era of 2^32 seconds; the fraction is
 * rounded up, so that cutting it to nanoseconds gives the time back.
 */
uint64_t ipfix_ntp_from_ns(int64_t ns);

/* The way back, for times of the 136 years around 2004 (eras 0 and 1). */
int64_t ipfix_ntp_to_ns(uint64_t ntp);

#endif
