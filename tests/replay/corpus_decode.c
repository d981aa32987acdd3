/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decode against an independent meter: every capture of a corpus is decoded, the packets and octets
 * of each 5-tuple are summed in both directions, and held against the corpus' own
 * expected/NAME.csv.
 *
 * WEIR_CORPUS names the folder with pcaps/ and expected/; without it the test is skipped. The tier
 * is the part of a capture's name before "__"; those of exact_tiers must match to the octet, the
 * tier "bad" may only fall short of what was expected.
 */
#include "packet_decode.h"
#include "packet_link.h"

#include <pcap.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKIPPED 77
#define FLOWS_MAX 4096
#define PATH_BYTES 1024

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

struct sums {
	uint64_t packets;
	uint64_t bytes;
};

/* One conversation; `forward` is what who.source sent. */
struct flow {
	struct packet_meta who;
	struct sums forward;
	struct sums reverse;
	uint32_t tcp_flags;
};

struct flows {
	struct flow list[FLOWS_MAX];
	size_t count;
};

static struct flows expected, decoded;

static const char *const exact_tiers[] = {"core", "l2", "fmt", "link"};

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

/* The flow of *meta, made when it is new; *reverse says which side of it sent the packet. */
static struct flow *find_flow(struct flows *flows, const struct packet_meta *meta, bool *reverse)
{
	struct packet_meta back = turned(meta);

	for (size_t i = 0; i < flows->count; i++) {
		*reverse = !same_way(&flows->list[i].who, meta);
		if (!*reverse || same_way(&flows->list[i].who, &back))
			return &flows->list[i];
	}
	if (flows->count == FLOWS_MAX) {
		fprintf(stderr, "more than %d flows in one capture\n", FLOWS_MAX);
		exit(EXIT_FAILURE);
	}
	*reverse = false;
	struct flow *flow = &flows->list[flows->count++];
	*flow = (struct flow){.who = *meta};
	return flow;
}

static void add_sums(struct sums *to, const struct sums *more)
{
	to->packets += more->packets;
	to->bytes += more->bytes;
}

/* Adds `add`, whose addresses and ports are those of the sender of add->forward. */
static void add_flow(struct flows *flows, const struct flow *add)
{
	struct packet_meta who = add->who;
	bool reverse;

	drop_other_ports(&who);
	struct flow *flow = find_flow(flows, &who, &reverse);
	add_sums(reverse ? &flow->reverse : &flow->forward, &add->forward);
	add_sums(reverse ? &flow->forward : &flow->reverse, &add->reverse);
	flow->tcp_flags |= add->tcp_flags & 0xff;
}

/* 0, or -1 when the line has too few columns or no addresses. */
static int parse_row(char *line, struct flow *flow)
{
	char *field[COLUMN_COUNT];

	for (int i = 0; i < COLUMN_COUNT; i++) {
		field[i] = strsep(&line, ",\n");
		if (!field[i])
			return -1;
	}
	*flow = (struct flow){
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

static int read_expected(const char *path)
{
	char line[1024];
	struct flow flow;
	FILE *file = fopen(path, "r");

	expected.count = 0;
	if (!file) {
		perror(path);
		return -1;
	}
	int error = fgets(line, sizeof(line), file) ? 0 : -1; /* the head line */
	while (!error && fgets(line, sizeof(line), file)) {
		error = parse_row(line, &flow);
		if (!error)
			add_flow(&expected, &flow);
	}
	fclose(file);
	if (error)
		fprintf(stderr, "%s: not a table of flows\n", path);
	return error;
}

static int decode_capture(const char *path)
{
	char message[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	pcap_t *pcap = pcap_open_offline(path, message);

	decoded.count = 0;
	if (!pcap) {
		fprintf(stderr, "%s: %s\n", path, message);
		return -1;
	}
	enum packet_link link = packet_link_from_linktype(pcap_datalink(pcap));
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		struct flow flow = {.forward.packets = 1};
		if (packet_decode(link, data, header->caplen, header->len, &flow.who)
				!= PACKET_METERED)
			continue;
		flow.forward.bytes = flow.who.ip_bytes;
		flow.tcp_flags = flow.who.tcp_flags;
		add_flow(&decoded, &flow);
	}
	pcap_close(pcap);
	return 0;
}

static struct sums total_of(const struct flows *flows)
{
	struct sums total = {0, 0};

	for (size_t i = 0; i < flows->count; i++) {
		add_sums(&total, &flows->list[i].forward);
		add_sums(&total, &flows->list[i].reverse);
	}
	return total;
}

static void print_flow(const char *what, const struct flow *flow)
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

static bool same_sums(const struct sums *a, const struct sums *b)
{
	return a->packets == b->packets && a->bytes == b->bytes;
}

/* Prints the flows of `from` that `in` does not have, or has otherwise; returns how many. */
static size_t count_differences(const char *what, const struct flows *from, struct flows *in)
{
	size_t differences = 0, known = in->count;

	for (size_t i = 0; i < from->count; i++) {
		const struct flow *one = &from->list[i];
		bool reverse;
		const struct flow *other = find_flow(in, &one->who, &reverse);
		in->count = known;
		if (same_sums(&one->forward, reverse ? &other->reverse : &other->forward)
				&& same_sums(&one->reverse,
						reverse ? &other->forward : &other->reverse)
				&& one->tcp_flags == other->tcp_flags)
			continue;
		print_flow(what, one);
		differences++;
	}
	return differences;
}

static bool is_exact_tier(const char *name)
{
	for (size_t i = 0; i < BASE_COUNT_OF(exact_tiers); i++) {
		size_t length = strlen(exact_tiers[i]);
		if (strncmp(name, exact_tiers[i], length) == 0
				&& strncmp(name + length, "__", 2) == 0)
			return true;
	}
	return false;
}

static bool check_capture(const char *corpus, const char *name)
{
	char capture[PATH_BYTES], table[PATH_BYTES];

	snprintf(capture, sizeof(capture), "%s/pcaps/%s", corpus, name);
	snprintf(table, sizeof(table), "%s/expected/%s.csv", corpus, name);
	if (read_expected(table) || decode_capture(capture))
		return false;
	if (is_exact_tier(name))
		return count_differences("decoded", &decoded, &expected)
				+ count_differences("expected", &expected, &decoded)
				== 0;
	struct sums want = total_of(&expected), got = total_of(&decoded);
	return got.packets <= want.packets && got.bytes <= want.bytes;
}

static int is_tested(const struct dirent *entry)
{
	return is_exact_tier(entry->d_name) || strncmp(entry->d_name, "bad__", 5) == 0;
}

int main(void)
{
	const char *corpus = getenv("WEIR_CORPUS");
	char folder[PATH_BYTES];
	struct dirent **entries;
	int passed = 0;

	if (!corpus) {
		printf("1..0 # SKIP WEIR_CORPUS does not name a folder of captures\n");
		return SKIPPED;
	}
	snprintf(folder, sizeof(folder), "%s/pcaps", corpus);
	int count = scandir(folder, &entries, is_tested, alphasort);
	if (count <= 0) {
		fprintf(stderr, "%s: no captures\n", folder);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		bool good = check_capture(corpus, entries[i]->d_name);
		printf("%sok %d - %s: %zu flows\n", good ? "" : "not ", i + 1, entries[i]->d_name,
				decoded.count);
		passed += good;
		free(entries[i]);
	}
	free(entries);
	return passed == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
