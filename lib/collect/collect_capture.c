/* SPDX-License-Identifier: BSD-3-Clause */
#include "collect_capture.h"

#include "collect_cut.h"
#include "packet_numbers.h"
#include "packet_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UDP_BYTES 8
#define TCP_BYTES 20
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_ACK 0x10
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define IPV4_OPTIONS_MAX 40
#define IPV6_EXTENSIONS_MAX 1024

const uint16_t collect_default_ports[] = {4739, 4740, 2055, 9995, 9996};
const unsigned int collect_default_port_count = BASE_COUNT_OF(collect_default_ports);

int collect_capture_init(struct collect_capture *capture, struct collect *collect)
{
	*capture = (struct collect_capture){.collect = collect};
	capture->udp = calloc(COLLECT_PORTS, sizeof(*capture->udp));
	capture->tcp = calloc(COLLECT_PORTS, sizeof(*capture->tcp));
	if (capture->udp && capture->tcp)
		return 0;
	collect_capture_fini(capture);
	return -ENOMEM;
}

void collect_capture_fini(struct collect_capture *capture)
{
	free(capture->udp);
	free(capture->tcp);
	capture->udp = capture->tcp = NULL;
}

void collect_capture_choose(struct collect_capture *capture, uint16_t port)
{
	capture->chosen[port / 8] |= (uint8_t)(1u << port % 8);
}

static bool is_chosen(const struct collect_capture *capture, uint16_t port)
{
	return capture->chosen[port / 8] >> port % 8 & 1;
}

/* A packet that is being taken. */
struct taken {
	struct packet_meta meta;
	const struct packet_frame *frame;
	struct collect_arrival arrival;
	const uint8_t *payload;
	size_t wire; /* octets of payload that were sent */
	size_t there; /* ... and captured */
};

static void fill_endpoints(struct collect_endpoints *endpoints, const struct taken *taken,
		enum collect_transport transport)
{
	*endpoints = (struct collect_endpoints){
			.source = taken->meta.source,
			.destination = taken->meta.destination,
			.source_port = taken->meta.source_port,
			.destination_port = taken->meta.destination_port,
			.transport = (uint8_t)transport,
			.ip_version = taken->meta.ip_version,
	};
}

static void count_port(struct collect_port *ports, const struct taken *taken, bool datagram)
{
	struct collect_port *port = &ports[taken->meta.destination_port];

	if (taken->wire == 0)
		return;
	port->packets += port->packets < UINT32_MAX;
	if (collect_resembles(taken->payload, taken->there, datagram))
		port->resembling += port->resembling < UINT32_MAX;
}

static void take_udp(struct collect_capture *capture, struct taken *taken)
{
	const uint8_t *udp = taken->frame->data + taken->meta.l4_offset;
	uint32_t left = taken->frame->captured_bytes - taken->meta.l4_offset;
	struct collect_endpoints endpoints;
	struct collect_session *session;

	if (left < UDP_BYTES)
		return;
	uint16_t bytes = packet_read_be16(udp + 4);
	if (bytes < UDP_BYTES)
		return;
	taken->payload = udp + UDP_BYTES;
	taken->wire = bytes - UDP_BYTES;
	taken->there = taken->wire < left - UDP_BYTES ? taken->wire : left - UDP_BYTES;
	if (!is_chosen(capture, taken->meta.destination_port)) {
		count_port(capture->udp, taken, true);
		return;
	}
	fill_endpoints(&endpoints, taken, COLLECT_UDP);
	session = collect_find(capture->collect, &endpoints);
	if (!session && !collect_begins(taken->payload, taken->there)
			&& !collect_is_encrypted(taken->payload, taken->there)) {
		capture->foreign++;
		return;
	}
	if (!session)
		session = collect_open(capture->collect, &endpoints, &taken->arrival);
	if (!session)
		return;
	if (taken->meta.flags & PACKET_FLAG_FRAGMENT) {
		collect_fragments(capture->collect, session, taken->wire, &taken->arrival);
		return;
	}
	if (taken->there < taken->wire) {
		collect_cut_datagram(session);
		return;
	}
	if (taken->meta.ip_version == 4 && packet_read16(udp + 6) == 0)
		collect_blame(capture->collect, session, 503, "a datagram without a checksum",
				&taken->arrival);
	collect_datagram(capture->collect, session, taken->payload, taken->wire, &taken->arrival);
}

static bool is_ipv4_at(const struct taken *taken, uint32_t at, uint32_t header_bytes)
{
	const uint8_t *ip = taken->frame->data + at;

	return ip[0] == (0x40 | header_bytes / 4)
			&& packet_read_be16(ip + 2) == taken->meta.ip_bytes
			&& memcmp(ip + 12, taken->meta.source.octets, 4) == 0;
}

static bool is_ipv6_at(const struct taken *taken, uint32_t at)
{
	const uint8_t *ip = taken->frame->data + at;

	return ip[0] >> 4 == 6
			&& packet_read_be16(ip + 4) + (uint32_t)IPV6_BYTES == taken->meta.ip_bytes
			&& memcmp(ip + 8, taken->meta.source.octets, 16) == 0;
}

/*
 * Octets from the IP header to the transport header: what is behind the packet's end in the frame
 * is padding, and no payload. 0: not found.
 */
static uint32_t ip_header_bytes(const struct taken *taken)
{
	uint32_t l4 = taken->meta.l4_offset;

	if (taken->meta.ip_version == 4) {
		for (uint32_t n = IPV4_BYTES; n <= IPV4_BYTES + IPV4_OPTIONS_MAX && n <= l4;
				n += 4) {
			if (is_ipv4_at(taken, l4 - n, n))
				return n;
		}
		return 0;
	}
	for (uint32_t n = IPV6_BYTES; n <= IPV6_BYTES + IPV6_EXTENSIONS_MAX && n <= l4; n += 8) {
		if (is_ipv6_at(taken, l4 - n))
			return n;
	}
	return 0;
}

/* False when nothing can be read of it. */
static bool find_tcp_payload(struct taken *taken)
{
	const uint8_t *tcp = taken->frame->data + taken->meta.l4_offset;
	uint32_t left = taken->frame->captured_bytes - taken->meta.l4_offset, ip_bytes;

	if (left < TCP_BYTES)
		return false;
	uint32_t header_bytes = (uint32_t)(tcp[12] >> 4) * 4;
	ip_bytes = ip_header_bytes(taken);
	if (header_bytes < TCP_BYTES || ip_bytes == 0
			|| ip_bytes + header_bytes > taken->meta.ip_bytes)
		return false;
	taken->wire = taken->meta.ip_bytes - ip_bytes - header_bytes;
	taken->payload = header_bytes <= left ? tcp + header_bytes : tcp + left;
	taken->there = header_bytes <= left ? left - header_bytes : 0;
	if (taken->there > taken->wire)
		taken->there = taken->wire;
	return true;
}

/* The session of a segment: a SYN begins one, and so do octets in the middle of a connection. */
static struct collect_session *find_connection(
		struct collect_capture *capture, const struct taken *taken, uint32_t sequence)
{
	struct collect_endpoints endpoints;
	struct collect_session *session;
	bool syn = (taken->meta.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	fill_endpoints(&endpoints, taken, COLLECT_TCP);
	session = collect_find(capture->collect, &endpoints);
	if (session && syn && session->tcp.started && session->tcp.next != sequence + 1) {
		/* the ports are used again */
		collect_close(capture->collect, session, collect_session_complete(session),
				&taken->arrival);
		session = NULL;
	}
	if (session || (!syn && taken->wire == 0))
		return session;
	session = collect_open(capture->collect, &endpoints, &taken->arrival);
	if (session && syn)
		collect_tcp_start(&session->tcp, sequence + 1);
	else if (session)
		collect_session_join(session);
	return session;
}

static void take_tcp(struct collect_capture *capture, struct taken *taken)
{
	struct collect_session *session;

	if (!find_tcp_payload(taken))
		return;
	if (!is_chosen(capture, taken->meta.destination_port)) {
		count_port(capture->tcp, taken, false);
		return;
	}
	const uint8_t *tcp = taken->frame->data + taken->meta.l4_offset;
	uint32_t sequence = packet_read_be32(tcp + 4);
	session = find_connection(capture, taken, sequence);
	if (!session)
		return;
	/* of a segment that was cut the rest is a hole, or comes again */
	if (taken->there > 0)
		collect_segment(capture->collect, session, sequence, taken->payload, taken->there,
				&taken->arrival);
	session->cut += taken->there < taken->wire;
	if (taken->meta.tcp_flags & TCP_FIN) {
		session->fin = true;
		session->fin_sequence = sequence + (uint32_t)taken->wire;
	}
}

void collect_capture_take(
		struct collect_capture *capture, const struct packet_frame *frame, int64_t time_ns)
{
	struct taken taken = {.frame = frame, .arrival = {time_ns, ++capture->packets}};
	const struct packet_meta *meta = &taken.meta;

	if (packet_decode(frame->link, frame->data, frame->captured_bytes, frame->wire_bytes,
			    &taken.meta)
			!= PACKET_METERED) {
		capture->without_ip++;
		return;
	}
	capture->fragments += (meta->flags & PACKET_FLAG_FRAGMENT) != 0;
	if (meta->l4_offset == 0
			|| (meta->flags & (PACKET_FLAG_LATER_FRAGMENT | PACKET_FLAG_NO_PORTS)))
		return;
	if (meta->protocol == PACKET_PROTOCOL_UDP)
		take_udp(capture, &taken);
	else if (meta->protocol == PACKET_PROTOCOL_TCP && !(meta->flags & PACKET_FLAG_FRAGMENT))
		take_tcp(capture, &taken);
	else if (meta->protocol == PACKET_PROTOCOL_SCTP
			&& is_chosen(capture, meta->destination_port))
		capture->sctp++;
}
