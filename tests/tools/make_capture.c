/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes a large capture of made-up conversations for benchmarks and load tests:
 *
 *     make_capture --packets 5000000 --flows 1000000 --seed 1 FILE
 *
 * A number of conversations is open at any time; each packet belongs to one of them at random. A
 * TCP conversation opens with a handshake and closes with FINs, the rest is UDP; both directions
 * occur, a fifth is IPv6. A conversation's length is exponential around packets / flows. The same
 * arguments give the same file, octet for octet. Transport checksums are left zero.
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX_FLOWS 65536
#define FRAME_BYTES_MAX 1514
#define ETHERNET_BYTES 14
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define TCP_BYTES 20
#define UDP_BYTES 8
#define HEADERS_BYTES_MAX (ETHERNET_BYTES + IPV6_BYTES + TCP_BYTES)
#define PROTO_TCP 6
#define PROTO_UDP 17
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define START_SEC 1700000000u

struct options {
	uint64_t packets, flows, seed;
	uint32_t rate_pps;
	uint32_t snap_bytes; /* 0: whole frames */
	const char *path;
};

struct conversation {
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
	uint32_t sent, length;
	uint8_t proto;
	bool v6;
};

struct pcap_file_header {
	uint32_t magic;
	uint16_t major, minor;
	int32_t zone;
	uint32_t accuracy, snap_bytes, link;
};

struct pcap_packet_header {
	uint32_t sec, nsec, captured_bytes, wire_bytes;
};

static uint64_t random_state;

/* SplitMix64: small, and the same on every machine. */
static uint64_t random_next(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t random_below(uint32_t bound)
{
	return (uint32_t)(((random_next() >> 32) * bound) >> 32);
}

static double random_unit(void)
{
	return (double)((random_next() >> 11) + 1) * 0x1p-53;
}

static void put_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, (uint16_t)(value >> 16));
	put_be16(at + 2, (uint16_t)value);
}

static void open_conversation(struct conversation *c, double mean_length)
{
	static const uint16_t ports[] = {443, 443, 443, 80, 80, 22, 25, 8080};

	memset(c, 0, sizeof(*c));
	c->v6 = random_below(5) == 0;
	c->proto = random_below(4) == 0 ? PROTO_UDP : PROTO_TCP;
	if (c->v6) {
		put_be32(c->client, 0x20010db8);
		put_be32(c->server, 0x20010db8);
		c->server[6] = 1;
		put_be32(c->client + 12, (uint32_t)random_next());
		put_be32(c->server + 12, random_below(4096));
	} else {
		put_be32(c->client, 0x0a000000 | (uint32_t)(random_next() & 0xffffff));
		put_be32(c->server, 0xc6120000 | random_below(4096));
	}
	c->client_port = (uint16_t)(1024 + random_below(64512));
	c->server_port = c->proto == PROTO_UDP ? 53 : ports[random_below(8)];
	c->length = 1 + (uint32_t)(-log(random_unit()) * (mean_length - 0.5));
}

static uint8_t tcp_flags(const struct conversation *c)
{
	if (c->sent == 0)
		return TCP_SYN;
	if (c->sent == 1)
		return TCP_SYN | TCP_ACK;
	if (c->length > 4 && c->sent + 2 >= c->length)
		return TCP_FIN | TCP_ACK;
	return c->sent == 2 ? TCP_ACK : TCP_PSH | TCP_ACK;
}

static uint32_t payload_bytes(const struct conversation *c, bool from_client)
{
	if (c->proto == PROTO_UDP)
		return from_client ? 30 + random_below(30) : 60 + random_below(400);
	if (c->sent < 3)
		return 0;
	return from_client ? random_below(400) : random_below(2) * 1400;
}

static void put_ipv4(uint8_t *at, const struct conversation *c, bool from_client, uint16_t total)
{
	uint32_t sum = 0;

	memset(at, 0, IPV4_BYTES);
	at[0] = 0x45;
	put_be16(at + 2, total);
	put_be16(at + 4, (uint16_t)c->sent);
	at[6] = 0x40;
	at[8] = from_client ? 64 : 57;
	at[9] = c->proto;
	memcpy(at + 12, from_client ? c->client : c->server, 4);
	memcpy(at + 16, from_client ? c->server : c->client, 4);
	for (int i = 0; i < IPV4_BYTES; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(at + 10, (uint16_t) ~(sum + (sum >> 16)));
}

static void put_ipv6(uint8_t *at, const struct conversation *c, bool from_client, uint16_t length)
{
	memset(at, 0, IPV6_BYTES);
	at[0] = 0x60;
	put_be16(at + 4, length);
	at[6] = c->proto;
	at[7] = from_client ? 64 : 57;
	memcpy(at + 8, from_client ? c->client : c->server, 16);
	memcpy(at + 24, from_client ? c->server : c->client, 16);
}

static void put_transport(
		uint8_t *at, const struct conversation *c, bool from_client, uint32_t payload)
{
	put_be16(at, from_client ? c->client_port : c->server_port);
	put_be16(at + 2, from_client ? c->server_port : c->client_port);
	if (c->proto == PROTO_UDP) {
		put_be16(at + 4, (uint16_t)(UDP_BYTES + payload));
		put_be16(at + 6, 0);
		return;
	}
	memset(at + 4, 0, TCP_BYTES - 4);
	put_be32(at + 4, c->sent);
	at[12] = 0x50;
	at[13] = tcp_flags(c);
	put_be16(at + 14, 64240);
}

/* Fills `frame` (FRAME_BYTES_MAX, payload zero) with the next packet; returns its length. */
static uint32_t next_frame(uint8_t *frame, struct conversation *c)
{
	bool from_client = c->sent == 1 ? false : c->sent < 3 || random_below(2) == 0;
	uint32_t payload = payload_bytes(c, from_client);
	uint32_t header = c->proto == PROTO_UDP ? UDP_BYTES : TCP_BYTES;
	uint32_t ip = c->v6 ? IPV6_BYTES : IPV4_BYTES;
	uint8_t *network = frame + ETHERNET_BYTES;

	memset(frame, 0, HEADERS_BYTES_MAX); /* the last packet's headers may have been longer */
	frame[from_client ? 5 : 11] = 1;
	put_be16(frame + 12, c->v6 ? 0x86dd : 0x0800);
	if (c->v6)
		put_ipv6(network, c, from_client, (uint16_t)(header + payload));
	else
		put_ipv4(network, c, from_client, (uint16_t)(ip + header + payload));
	put_transport(network + ip, c, from_client, payload);
	c->sent++;
	return ETHERNET_BYTES + ip + header + payload;
}

static bool write_capture(FILE *file, const struct options *options)
{
	struct pcap_file_header start = {.magic = 0xa1b23c4d, .major = 2, .minor = 4, .link = 1};
	uint32_t open = options->flows < OPEN_MAX_FLOWS ? (uint32_t)options->flows : OPEN_MAX_FLOWS;
	double mean_length = (double)options->packets / (double)options->flows;
	struct conversation *conversations = calloc(open, sizeof(*conversations));
	uint8_t frame[FRAME_BYTES_MAX] = {0};
	uint64_t gap_ns = 2 * UINT64_C(1000000000) / options->rate_pps;
	uint64_t time_ns = 0;

	if (!conversations)
		return false;
	start.snap_bytes = options->snap_bytes ? options->snap_bytes : 65535;
	fwrite(&start, sizeof(start), 1, file);
	for (uint64_t i = 0; i < options->packets; i++) {
		struct conversation *c = &conversations[random_below(open)];
		if (c->sent == c->length)
			open_conversation(c, mean_length);
		uint32_t wire = next_frame(frame, c);
		struct pcap_packet_header header = {
				.sec = START_SEC + (uint32_t)(time_ns / 1000000000),
				.nsec = (uint32_t)(time_ns % 1000000000),
				.captured_bytes = wire < start.snap_bytes ? wire : start.snap_bytes,
				.wire_bytes = wire,
		};
		fwrite(&header, sizeof(header), 1, file);
		fwrite(frame, header.captured_bytes, 1, file);
		time_ns += random_below((uint32_t)gap_ns + 1);
	}
	free(conversations);
	return fflush(file) == 0 && !ferror(file);
}

static int usage(FILE *to, int code)
{
	fputs("usage: make_capture [--packets N] [--flows N] [--seed N] [--rate "
	      "PACKETS_PER_SECOND]\n"
	      "                    [--snap OCTETS] FILE    (- is standard output)\n",
			to);
	return code;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {{"packets", required_argument, NULL, 'p'},
			{"flows", required_argument, NULL, 'f'},
			{"seed", required_argument, NULL, 's'},
			{"rate", required_argument, NULL, 'r'},
			{"snap", required_argument, NULL, 'n'}, {NULL, 0, NULL, 0}};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;
		if (name == 'p')
			options->packets = value;
		else if (name == 'f')
			options->flows = value;
		else if (name == 's')
			options->seed = value;
		else if (name == 'r')
			options->rate_pps = (uint32_t)value;
		else if (name == 'n')
			options->snap_bytes = (uint32_t)value;
		else
			return false;
	}
	options->path = argv[optind];
	return argc == optind + 1 && options->flows > 0 && options->rate_pps > 0;
}

int main(int argc, char **argv)
{
	struct options options = {
			.packets = 1000000, .flows = 200000, .seed = 1, .rate_pps = 100000};

	if (!parse_options(argc, argv, &options))
		return usage(stderr, 64);
	random_state = options.seed;
	FILE *file = strcmp(options.path, "-") == 0 ? stdout : fopen(options.path, "wb");
	if (!file || !write_capture(file, &options) || fclose(file) != 0) {
		perror(options.path);
		return 74;
	}
	return 0;
}
