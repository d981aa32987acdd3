/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a received packet is not metered. One row each: from this table come the verdicts of decode,
 * the counters, the audit's terms, the socket's answer and the reference page. A packet gets
 * exactly one; `received = metered + sum(all rows)` is an identity that `weirctl audit` checks.
 *
 * X(name, help). To add a row, add it here and return PACKET_<NAME> where decode finds it.
 */
#ifndef BASE_REASON_H
#define BASE_REASON_H

#define BASE_REASONS(X)                                                                           \
	X(non_ip, "frame carries no IP: ARP, LLDP, spanning tree and others")                     \
	X(unknown_link, "link type of the capture file is not read by weir")                      \
	X(truncated_link, "frame ends, or was cut by the capture, inside its link-layer header")  \
	X(truncated_ipv4, "frame ends, or was cut by the capture, inside the IPv4 header")        \
	X(truncated_ipv6, "frame ends, or was cut by the capture, inside the IPv6 headers")       \
	X(malformed_link, "link-layer header contradicts itself")                                 \
	X(malformed_ipv4, "IPv4 header contradicts itself: version, header length, total length") \
	X(malformed_ipv6, "IPv6 header contradicts itself: version, payload length, extensions")  \
	X(malformed_l4, "transport header contradicts itself or is longer than the packet")       \
	X(depth_exceeded, "more layers, tags or extension headers than weir walks")               \
	X(filtered, "rejected by the configured filter")                                          \
	X(sampled_out, "not selected by packet sampling")                                         \
	X(table_full, "no entry could be made for its flow")

#endif
