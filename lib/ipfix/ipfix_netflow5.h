/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NetFlow version 5: records of one form, without templates: IPv4, one direction, counters and
 * interfaces of 32 and 16 bits. A flow with more octets or packets than 32 bits hold becomes
 * several records that add up to it.
 */
#ifndef IPFIX_NETFLOW5_H
#define IPFIX_NETFLOW5_H

#include "ipfix_encode.h"

#define IPFIX_NETFLOW5_HEADER_BYTES 24u
#define IPFIX_NETFLOW5_RECORD_BYTES 48u
#define IPFIX_NETFLOW5_RECORDS_MAX 30 /* in one message */
/* No flow becomes more records than this; what is beyond (2^48 octets) is cut off and counted. */
#define IPFIX_NETFLOW5_PARTS_MAX 65536

/* One direction of a flow, and how many records it takes. */
struct ipfix_netflow5_flow {
	const struct flow_record *record;
	bool turned; /* the way back */
	uint64_t packets;
	uint64_t octets;
	uint32_t parts;
	bool cut; /* the last part cannot hold what is left */
};

/* What has to be written of one direction of an IPv4 record. */
struct ipfix_netflow5_flow ipfix_netflow5_begin(const struct flow_record *record, bool turned);

/*
 * Writes the next part (IPFIX_NETFLOW5_RECORD_BYTES at `out`) and takes it off what is left; call
 * flow->parts times. *packets and *octets get what the part says.
 */
void ipfix_netflow5_write(struct ipfix_netflow5_flow *flow, const struct ipfix_scene *scene,
		uint8_t *out, uint32_t *packets, uint32_t *octets);

#endif
