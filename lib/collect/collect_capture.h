/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captured packets to sessions: who sends to one of the ports of collectors, over UDP or TCP.
 *
 * Everything else is counted by port, so that who finds nothing can be told where to look.
 * Fragments are not put together: exporters must not need them. One thread at a time.
 */
#ifndef COLLECT_CAPTURE_H
#define COLLECT_CAPTURE_H

#include "collect_session.h"
#include "packet_views.h"

#define COLLECT_PORTS 65536

/* Packets to a port that is not a collector's by what was said. */
struct collect_port {
	uint32_t packets; /* with payload */
	uint32_t resembling; /* ... that looks like a message */
};

struct collect_capture {
	struct collect *collect;
	uint8_t chosen[COLLECT_PORTS / 8];
	struct collect_port *udp; /* COLLECT_PORTS */
	struct collect_port *tcp;
	uint64_t packets;
	uint64_t without_ip; /* or malformed */
	uint64_t fragments; /* of any protocol and port */
	uint64_t sctp; /* to a chosen port */
	uint64_t foreign; /* datagrams to a chosen port that are no messages */
};

/* The ports of collectors when none is chosen: 4739, 4740, 2055, 9995, 9996. */
extern const uint16_t collect_default_ports[];
extern const unsigned int collect_default_port_count;

/* 0 or -ENOMEM. */
int collect_capture_init(struct collect_capture *capture, struct collect *collect) BASE_MUST_CHECK;
void collect_capture_fini(struct collect_capture *capture);
void collect_capture_choose(struct collect_capture *capture, uint16_t port);

/* Takes the next packet of the capture. */
void collect_capture_take(
		struct collect_capture *capture, const struct packet_frame *frame, int64_t time_ns);

#endif
