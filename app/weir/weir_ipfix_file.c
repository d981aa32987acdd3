/* SPDX-License-Identifier: BSD-3-Clause */
/* weir ipfix check FILE: a capture or messages, told apart by the first octets. */
#include "collect_cut.h"
#include "source_capture.h"
#include "weir_ipfix.h"

#include <errno.h>
#include <string.h>

#define KIND_BYTES 24
/* Ports that are named when nothing was found. */
#define SHOWN_PORTS 6

/* What else people have in files. */
static const struct {
	const char *magic;
	unsigned int bytes;
	const char *name;
	const char *cure;
} others[] = {
		{"\x1f\x8b", 2, "compressed with gzip", "try: zcat FILE | weir ipfix check -"},
		{"\x28\xb5\x2f\xfd", 4, "compressed with zstd",
				"try: zstdcat FILE | weir ipfix check -"},
		{"\xfd"
		 "7zXZ",
				5, "compressed with xz", "try: xzcat FILE | weir ipfix check -"},
		{"BZh", 3, "compressed with bzip2", "try: bzcat FILE | weir ipfix check -"},
		{"\x04\x22\x4d\x18", 4, "compressed with lz4",
				"try: lz4cat FILE | weir ipfix check -"},
		{"\x0c\xa5", 2, "a file of nfdump, which holds no messages any more",
				"check what nfcapd receives: tcpdump -w x.pcap port 9995"},
		{"\xa5\x0c", 2, "a file of nfdump, which holds no messages any more",
				"check what nfcapd receives: tcpdump -w x.pcap port 9995"},
};

/* Of classic pcap in any flavour, and pcapng. */
static bool is_capture(const uint8_t *octets, size_t length)
{
	static const uint8_t magics[][4] = {{0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1},
			{0xa1, 0xb2, 0x3c, 0x4d}, {0x4d, 0x3c, 0xb2, 0xa1},
			{0xa1, 0xb2, 0xcd, 0x34}, {0x34, 0xcd, 0xb2, 0xa1},
			{0x0a, 0x0d, 0x0d, 0x0a}};

	for (size_t i = 0; i < BASE_COUNT_OF(magics); i++) {
		if (length >= sizeof(magics[0])
				&& memcmp(octets, magics[i], sizeof(magics[0])) == 0)
			return true;
	}
	return false;
}

static const char *name_of(const struct weir_ipfix *ipfix)
{
	return strcmp(ipfix->options.target, "-") == 0 ? "standard input" : ipfix->options.target;
}

static int fail_open(const struct weir_ipfix *ipfix, int error)
{
	const char *name = name_of(ipfix);

	switch (error) {
	case -EISDIR:
		return weir_ipfix_fail("name one of the files in it", "%s is a folder", name);
	case -ENOENT:
		return weir_ipfix_fail("to listen, name a port: weir ipfix check 4739",
				"there is no file %s", name);
	case -EACCES:
		return weir_ipfix_fail("as another user, or chmod", "%s may not be read", name);
	default:
		return weir_ipfix_fail(
				"is it a file?", "cannot read %s: %s", name, strerror(-error));
	}
}

static int fail_kind(const struct weir_ipfix *ipfix, const uint8_t *octets, size_t length)
{
	if (length == 0)
		return weir_ipfix_fail("is the exporter running, and the capture long enough?",
				"%s is empty", name_of(ipfix));
	for (size_t i = 0; i < BASE_COUNT_OF(others); i++) {
		if (length >= others[i].bytes
				&& memcmp(octets, others[i].magic, others[i].bytes) == 0)
			return weir_ipfix_fail(
					others[i].cure, "%s is %s", name_of(ipfix), others[i].name);
	}
	return weir_ipfix_fail("expected pcap, pcapng, or messages of IPFIX or NetFlow one after "
			       "the other",
			"%s is neither a capture nor IPFIX: it begins with %02x%02x",
			name_of(ipfix), octets[0], length > 1 ? octets[1] : 0);
}

static int read_messages(
		struct weir_ipfix *ipfix, struct source_input *input, struct source_chunk *chunk)
{
	const struct collect_endpoints endpoints = {.transport = COLLECT_FILE};
	const struct collect_arrival arrival = {0};
	struct collect_session *session = collect_open(ipfix->collect, &endpoints, &arrival);

	if (!session)
		return weir_ipfix_fail("free some", "no memory to read with");
	for (;;) {
		weir_ipfix_feed(ipfix, session, source_input_at(input), source_input_unread(input),
				&arrival);
		ipfix->octets += source_input_unread(input);
		input->start = input->end;
		if (input->ended && !weir_ipfix_is_enough(ipfix))
			return 0;
		int rc = weir_ipfix_is_enough(ipfix) ? -ECANCELED
						     : source_input_refill(input, chunk, 1);
		if (rc == -ECANCELED) {
			/* what was not read to its end is not the exporter's fault */
			collect_close(ipfix->collect, session, false, &arrival);
			return 0;
		}
		if (rc < 0)
			return weir_ipfix_fail("is the disk or the pipe all right?",
					"cannot read %s further: %s", name_of(ipfix),
					strerror(-rc));
	}
}

/* Appends the ports with most packets, those that look like messages first. */
static void describe_ports(
		const char *transport, struct collect_port *ports, struct base_strbuf *out)
{
	for (unsigned int shown = 0; shown < SHOWN_PORTS; shown++) {
		unsigned int best = 0;
		for (unsigned int i = 1; i < COLLECT_PORTS; i++) {
			if (ports[i].resembling > ports[best].resembling
					|| (ports[i].resembling == ports[best].resembling
							&& ports[i].packets > ports[best].packets))
				best = i;
		}
		if (ports[best].packets == 0)
			return;
		base_strbuf_printf(out, "\n    %s port %u: %u packets", transport, best,
				ports[best].packets);
		if (ports[best].resembling > 0)
			base_strbuf_printf(out, ", %u of them like messages: try --port %u",
					ports[best].resembling, best);
		ports[best] = (struct collect_port){0};
	}
}

static int fail_without(struct weir_ipfix *ipfix)
{
	struct base_strbuf cure = BASE_STRBUF_EMPTY;
	struct collect_capture *capture = &ipfix->capture;
	char ports[WEIR_IPFIX_PORTS_MAX * 8] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < ipfix->options.port_count; i++)
		len += (size_t)snprintf(ports + len, sizeof(ports) - len, "%s%u", i > 0 ? ", " : "",
				ipfix->options.ports[i]);
	if (capture->sctp > 0)
		base_strbuf_printf(&cure, "%llu packets of SCTP were there: SCTP is not read\n  ",
				(unsigned long long)capture->sctp);
	if (capture->foreign > 0)
		base_strbuf_printf(&cure, "%llu datagrams to these ports are no messages\n  ",
				(unsigned long long)capture->foreign);
	base_strbuf_puts(&cure, "what the capture has:");
	size_t before = cure.len;
	describe_ports("UDP", capture->udp, &cure);
	describe_ports("TCP", capture->tcp, &cure);
	if (cure.len == before)
		base_strbuf_puts(&cure, " nothing over UDP or TCP with a payload");
	int rc = weir_ipfix_fail(cure.text ? cure.text : "",
			"%s: no IPFIX and no NetFlow to port %s in %llu packets", name_of(ipfix),
			ports, (unsigned long long)capture->packets);
	base_strbuf_fini(&cure);
	return rc;
}

/* To the capture's end; a capture that is broken off is read until there. */
static int read_packets(
		struct weir_ipfix *ipfix, struct source_capture *source, struct source_chunk *chunk)
{
	struct source_packet packet;
	int rc;

	while (!weir_ipfix_is_enough(ipfix)) {
		switch (source_capture_next(source, &packet)) {
		case SOURCE_STEP_PACKET:
			source->clock_ns = packet.time_ns;
			collect_capture_take(&ipfix->capture,
					&(struct packet_frame){packet.data, packet.captured_bytes,
							packet.wire_bytes,
							(enum packet_link)packet.link},
					packet.time_ns);
			break;
		case SOURCE_STEP_MORE:
			rc = source_capture_refill(source, chunk);
			if (rc == -ECANCELED)
				return 0;
			if (rc < 0)
				return weir_ipfix_fail("is the disk or the pipe all right?",
						"cannot read %s further: %s", name_of(ipfix),
						strerror(-rc));
			break;
		case SOURCE_STEP_BROKEN:
			if (ipfix->capture.packets == 0)
				return weir_ipfix_fail("is it whole?", "%s %s", name_of(ipfix),
						source->message);
			(void)weir_ipfix_fail("what follows is of the packets before",
					"%s %s, after %llu packets", name_of(ipfix),
					source->message,
					(unsigned long long)ipfix->capture.packets);
			return 0;
		case SOURCE_STEP_END:
			return 0;
		}
	}
	return 0;
}

static void choose_ports(struct weir_ipfix *ipfix)
{
	struct weir_ipfix_options *options = &ipfix->options;

	if (options->port_count == 0) {
		options->port_count = collect_default_port_count;
		memcpy(options->ports, collect_default_ports,
				collect_default_port_count * sizeof(options->ports[0]));
	}
	for (unsigned int i = 0; i < options->port_count; i++)
		collect_capture_choose(&ipfix->capture, options->ports[i]);
}

static int read_capture(
		struct weir_ipfix *ipfix, struct source_capture *source, struct source_chunk *chunk)
{
	int rc;

	ipfix->kind = WEIR_IPFIX_CAPTURE;
	choose_ports(ipfix);
	rc = read_packets(ipfix, source, chunk);
	if (rc != 0)
		return rc;
	ipfix->octets = source_capture_parsed_bytes(source);
	return collect_used(ipfix->collect) > 0 ? 0 : fail_without(ipfix);
}

int weir_ipfix_read_file(struct weir_ipfix *ipfix)
{
	struct source_capture source;
	struct source_chunk chunk;
	int rc = source_capture_open(&source, ipfix->options.target, ipfix->stop);

	if (rc < 0)
		return fail_open(ipfix, rc);
	rc = source_chunk_init(&chunk);
	if (rc == 0)
		rc = source_input_refill(&source.input, &chunk, KIND_BYTES);
	if (rc < 0) {
		rc = fail_open(ipfix, rc);
		goto out;
	}
	const uint8_t *octets = source_input_at(&source.input);
	size_t length = source_input_unread(&source.input);
	if (is_capture(octets, length))
		rc = read_capture(ipfix, &source, &chunk);
	else if (collect_begins(octets, length))
		rc = read_messages(ipfix, &source.input, &chunk);
	else
		rc = fail_kind(ipfix, octets, length);
out:
	source_chunk_fini(&chunk);
	source_capture_close(&source);
	return rc;
}
