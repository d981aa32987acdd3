/* SPDX-License-Identifier: BSD-3-Clause */
#include "corpus_flows.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of expected/NAME.csv, as far as it is compared. */
enum column {
	COLUMN_VERSION,
	COLUMN_SOURCE,
	COLUMN_DESTINATION,
	COLUMN_PROTOCOL,
	COLUMN_SOURCE_PORT,
	COLUMN_DESTINATION_PORT,
	COLUMN_PACKETS,
	COLUMN_BYTES,
	COLUMN_REV_PACKETS,
	COLUMN_REV_BYTES,
	COLUMN_FLAGS,
	COLUMN_COUNT,
};

/* Only what both meters call ports: TCP, UDP and SCTP. */
static void drop_other_ports(struct packet_meta *meta)
{
	if (meta->protocol != 6 && meta->protocol != 17 && meta->protocol != 132) {
		meta->source_port = 0;
		meta->destination_port = 0;
	}
}

static bool same_way(const struct packet_meta *a, const struct packet_meta *b)
{
	return a->ip_version == b->ip_version && a->protocol == b->protocol
			&& a->source_port == b->source_port
			&& a->destination_port == b->destination_port
			&& memcmp(&a->source, &b->source, sizeof(a->source)) == 0
			&& memcmp(&a->destination, &b->destination, sizeof(a->destination)) == 0;
}

static struct packet_meta turned(const struct packet_meta *meta)
{
	struct packet_meta other = *meta;

	other.source = meta->destination;
	other.destination = meta->source;
	other.source_port = meta->destination_port;
	other.destination_port = meta->source_port;
	return other;
}

/* The flow of *meta or NULL; *reverse says which side of it sent the packet. */
static struct corpus_flow *find_flow(
		struct corpus_flows *flows, const struct packet_meta *meta, bool *reverse)
{
	struct packet_meta back = turned(meta);

	for (size_t i = 0; i < flows->count; i++) {
		*reverse = !same_way(&flows->list[i].who, meta);
		if (!*reverse || same_way(&flows->list[i].who, &back))
			return &flows->list[i];
	}
	return NULL;
}

static struct corpus_flow *append_flow(struct corpus_flows *flows, const struct packet_meta *meta)
{
	if (flows->count == CORPUS_FLOWS_MAX) {
		fprintf(stderr, "more than %d flows in one capture\n", CORPUS_FLOWS_MAX);
		exit(EXIT_FAILURE);
	}
	struct corpus_flow *flow = &flows->list[flows->count++];
	*flow = (struct corpus_flow){.who = *meta};
	return flow;
}

static void add_sums(struct corpus_sums *to, const struct corpus_sums *more)
{
	to->packets += more->packets;
	to->bytes += more->bytes;
}

void corpus_flows_add(struct corpus_flows *flows, const struct corpus_flow *add)
{
	struct packet_meta who = add->who;
	bool reverse = false;

	drop_other_ports(&who);
	struct corpus_flow *flow = find_flow(flows, &who, &reverse);
	if (!flow) {
		flow = append_flow(flows, &who);
		reverse = false;
	}
	add_sums(reverse ? &flow->reverse : &flow->forward, &add->forward);
	add_sums(reverse ? &flow->forward : &flow->reverse, &add->reverse);
	flow->tcp_flags |= add->tcp_flags & 0xff;
}

/* 0, or -1 when the line has too few columns or no addresses. */
static int parse_row(char *line, struct corpus_flow *flow)
{
	char *field[COLUMN_COUNT];

	for (int i = 0; i < COLUMN_COUNT; i++) {
		field[i] = strsep(&line, ",\n");
		if (!field[i])
			return -1;
	}
	*flow = (struct corpus_flow){
			.who.ip_version = (uint8_t)atoi(field[COLUMN_VERSION]),
			.who.protocol = (uint8_t)atoi(field[COLUMN_PROTOCOL]),
			.who.source_port = (uint16_t)atoi(field[COLUMN_SOURCE_PORT]),
			.who.destination_port = (uint16_t)atoi(field[COLUMN_DESTINATION_PORT]),
			.forward.packets = strtoull(field[COLUMN_PACKETS], NULL, 10),
			.forward.bytes = strtoull(field[COLUMN_BYTES], NULL, 10),
			.reverse.packets = strtoull(field[COLUMN_REV_PACKETS], NULL, 10),
			.reverse.bytes = strtoull(field[COLUMN_REV_BYTES], NULL, 10),
			.tcp_flags = (uint32_t)atoi(field[COLUMN_FLAGS]),
	};
	int family = flow->who.ip_version == 4 ? AF_INET : AF_INET6;
	return inet_pton(family, field[COLUMN_SOURCE], &flow->who.source) == 1
					&& inet_pton(family, field[COLUMN_DESTINATION],
							   &flow->who.destination)
							== 1
			? 0
			: -1;
}

int corpus_flows_read(struct corpus_flows *flows, const char *path)
{
	char line[1024];
	struct corpus_flow flow;
	FILE *file = fopen(path, "r");

	flows->count = 0;
	if (!file) {
		perror(path);
		return -1;
	}
	int error = fgets(line, sizeof(line), file) ? 0 : -1; /* the head line */
	while (!error && fgets(line, sizeof(line), file)) {
		error = parse_row(line, &flow);
		if (!error)
			corpus_flows_add(flows, &flow);
	}
	fclose(file);
	if (error)
		fprintf(stderr, "%s: not a table of flows\n", path);
	return error;
}

void corpus_flows_merge(struct corpus_flows *flows, const struct corpus_flows *more)
{
	size_t known = flows->count;
	bool reverse;

	for (size_t i = 0; i < more->count; i++) {
		const struct corpus_flow *flow = &more->list[i];
		size_t count = flows->count;
		flows->count = known;
		bool is_new = !find_flow(flows, &flow->who, &reverse);
		flows->count = count;
		if (is_new)
			corpus_flows_add(flows, flow);
	}
}

struct corpus_sums corpus_flows_total(const struct corpus_flows *flows)
{
	struct corpus_sums total = {0, 0};

	for (size_t i = 0; i < flows->count; i++) {
		add_sums(&total, &flows->list[i].forward);
		add_sums(&total, &flows->list[i].reverse);
	}
	return total;
}

static void print_flow(const char *what, const struct corpus_flow *flow)
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	int family = flow->who.ip_version == 4 ? AF_INET : AF_INET6;

	inet_ntop(family, &flow->who.source, source, sizeof(source));
	inet_ntop(family, &flow->who.destination, destination, sizeof(destination));
	printf("# %-8s protocol %u %s:%u - %s:%u  %" PRIu64 "/%" PRIu64 " %" PRIu64 "/%" PRIu64
	       " flags %02x\n",
			what, flow->who.protocol, source, flow->who.source_port, destination,
			flow->who.destination_port, flow->forward.packets, flow->forward.bytes,
			flow->reverse.packets, flow->reverse.bytes, flow->tcp_flags);
}

static bool same_sums(const struct corpus_sums *a, const struct corpus_sums *b)
{
	return a->packets == b->packets && a->bytes == b->bytes;
}

size_t corpus_flows_differ(
		const char *what, const struct corpus_flows *from, struct corpus_flows *in)
{
	size_t differences = 0;

	for (size_t i = 0; i < from->count; i++) {
		const struct corpus_flow *one = &from->list[i];
		bool reverse;
		const struct corpus_flow *other = find_flow(in, &one->who, &reverse);
		if (other && same_sums(&one->forward, reverse ? &other->reverse : &other->forward)
				&& same_sums(&one->reverse,
						reverse ? &other->forward : &other->reverse)
				&& one->tcp_flags == other->tcp_flags)
			continue;
		print_flow(what, one);
		differences++;
	}
	return differences;
}
