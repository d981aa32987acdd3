/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which parts of a flow record mean something for its protocol.
 */
#ifndef EXPORT_RECORD_H
#define EXPORT_RECORD_H

#include "flow_record.h"

#include <stdbool.h>

/* IANA protocol numbers that records treat apart. */
enum export_protocol {
	EXPORT_PROTOCOL_ICMP = 1,
	EXPORT_PROTOCOL_TCP = 6,
	EXPORT_PROTOCOL_UDP = 17,
	EXPORT_PROTOCOL_DCCP = 33,
	EXPORT_PROTOCOL_ICMPV6 = 58,
	EXPORT_PROTOCOL_SCTP = 132,
	EXPORT_PROTOCOL_UDPLITE = 136,
};

static inline bool export_record_is_icmp(const struct flow_record *record)
{
	return record->protocol == EXPORT_PROTOCOL_ICMP
			|| record->protocol == EXPORT_PROTOCOL_ICMPV6;
}

static inline bool export_record_is_tcp(const struct flow_record *record)
{
	return record->protocol == EXPORT_PROTOCOL_TCP;
}

static inline bool export_record_has_reverse(const struct flow_record *record)
{
	return record->rev_packets > 0;
}

/* The protocol has ports, whether or not they were seen. */
static inline bool export_record_is_ported(const struct flow_record *record)
{
	switch (record->protocol) {
	case EXPORT_PROTOCOL_TCP:
	case EXPORT_PROTOCOL_UDP:
	case EXPORT_PROTOCOL_DCCP:
	case EXPORT_PROTOCOL_SCTP:
	case EXPORT_PROTOCOL_UDPLITE:
		return true;
	default:
		return false;
	}
}

/*
 * The transport header of the flow was not seen: later fragments whose first fragment was not
 * matched, captures cut after the IP header. Ports read 0 but are not known to be 0.
 */
static inline bool export_record_lacks_transport(const struct flow_record *record)
{
	return (record->flags & (PACKET_FLAG_LATER_FRAGMENT | PACKET_FLAG_NO_PORTS))
			&& record->source_port == 0 && record->destination_port == 0
			&& (export_record_is_ported(record) || export_record_is_icmp(record));
}

#endif
