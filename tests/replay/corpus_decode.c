/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decode against an independent meter: every capture of a corpus is decoded, the packets and octets
 * of each 5-tuple are summed in both directions, and held against the corpus' own tables.
 *
 * WEIR_CORPUS names the folder with pcaps/ and expected/; without it the test is skipped. Each
 * capture is decoded in every mode below; where the corpus has no table of its own for a mode, that
 * of the plainer mode counts. Sums must match to the octet, but for the tier "bad" (the part of the
 * name before "__"), which may only fall short of what was expected.
 */
#include "corpus_flows.h"
#include "packet_link.h"
#include "packet_views.h"

#include <pcap.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SKIPPED 77
#define PATH_BYTES 1024
#define FRAGMENTS_MAX 1024

static const struct mode {
	const char *name;
	enum packet_open open;
	bool track; /* later fragments get the ports of the first */
	const char *tables[4]; /* suffixes, best first */
} modes[] = {
		{"outer", PACKET_OPEN_OUTER, false, {""}},
		{"outer, fragments tracked", PACKET_OPEN_OUTER, true, {".track", ""}},
		{"inner", PACKET_OPEN_INNER, false, {".inner", ""}},
		{"inner, fragments tracked", PACKET_OPEN_INNER, true,
				{".inner.track", ".inner", ".track", ""}},
		{"both", PACKET_OPEN_BOTH, false, {""}},
};

/* `inside` holds inner flows until it is known which of them are outer flows as well. */
static struct corpus_flows expected, decoded, inside;

/* First fragments, for the modes that track them; newest last. */
static struct packet_meta fragments[FRAGMENTS_MAX];
static size_t fragment_count;

static bool is_same_datagram(const struct packet_meta *a, const struct packet_meta *b)
{
	return a->fragment_id == b->fragment_id && a->protocol == b->protocol
			&& a->ip_version == b->ip_version
			&& memcmp(&a->source, &b->source, sizeof(a->source)) == 0
			&& memcmp(&a->destination, &b->destination, sizeof(a->destination)) == 0;
}

static void track_fragment(struct packet_meta *meta)
{
	if (!(meta->flags & PACKET_FLAG_LATER_FRAGMENT)) {
		if (fragment_count == FRAGMENTS_MAX)
			abort();
		fragments[fragment_count++] = *meta;
		return;
	}
	for (size_t i = fragment_count; i-- > 0;) {
		if (is_same_datagram(&fragments[i], meta)) {
			meta->source_port = fragments[i].source_port;
			meta->destination_port = fragments[i].destination_port;
			return;
		}
	}
}

static void add_view(struct corpus_flows *flows, const struct mode *mode, struct packet_meta meta)
{
	struct corpus_flow flow = {.forward = {1, meta.ip_bytes}, .tcp_flags = meta.tcp_flags};

	if (mode->track && (meta.flags & PACKET_FLAG_FRAGMENT))
		track_fragment(&meta);
	flow.who = meta;
	corpus_flows_add(flows, &flow);
}

/* With all tunnels closed both functions have to say the same. */
static void check_plain(const struct packet_frame *frame, const struct packet_meta *outer,
		enum packet_verdict verdict)
{
	struct packet_meta meta;

	if (packet_decode(frame->link, frame->data, frame->captured_bytes, frame->wire_bytes, &meta)
					!= verdict
			|| (verdict == PACKET_METERED && memcmp(&meta, outer, sizeof(meta)) != 0)) {
		fprintf(stderr, "packet_decode() differs from the outer view\n");
		exit(EXIT_FAILURE);
	}
}

static int decode_capture(const char *path, const struct mode *mode)
{
	char message[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	struct packet_policy policy;
	pcap_t *pcap = pcap_open_offline(path, message);

	if (!pcap) {
		fprintf(stderr, "%s: %s\n", path, message);
		return -1;
	}
	packet_policy_init(&policy, mode->open, 4);
	fragment_count = 0;
	decoded.count = 0;
	inside.count = 0;
	enum packet_link link = packet_link_from_linktype(pcap_datalink(pcap));
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		struct packet_frame frame = {data, header->caplen, header->len, link};
		struct packet_meta metas[PACKET_VIEWS_MAX];
		struct packet_views views;
		uint32_t count = packet_decode_views(&policy, &frame, metas, &views);
		if (mode->open == PACKET_OPEN_OUTER)
			check_plain(&frame, metas, count ? PACKET_METERED : views.verdict);
		for (uint32_t i = 0; i < count; i++)
			add_view(i ? &inside : &decoded, mode, metas[i]);
	}
	corpus_flows_merge(&decoded, &inside);
	pcap_close(pcap);
	return 0;
}

static const char *find_table(char path[static PATH_BYTES], const char *corpus, const char *name,
		const char *const suffixes[4])
{
	for (int i = 0; i < 4 && suffixes[i]; i++) {
		snprintf(path, PATH_BYTES, "%s/expected/%s%s.csv", corpus, name, suffixes[i]);
		if (access(path, R_OK) == 0)
			return path;
	}
	snprintf(path, PATH_BYTES, "%s/expected/%s.csv", corpus, name);
	return path;
}

/*
 * Both views: the outer flows, and those inner ones whose 5-tuple is not an outer one as well. This
 * is the bound of malformed captures too: the outer view is given where the inner one is malformed.
 */
static int read_tables(const char *corpus, const char *name, const struct mode *mode, bool bound)
{
	static const char *const outer[4] = {""}, *const inner[4] = {".inner", ""};
	char path[PATH_BYTES];
	bool both = bound || mode->open == PACKET_OPEN_BOTH;

	if (corpus_flows_read(
			    &expected, find_table(path, corpus, name, both ? outer : mode->tables)))
		return -1;
	if (!both)
		return 0;
	if (corpus_flows_read(&inside, find_table(path, corpus, name, inner)))
		return -1;
	corpus_flows_merge(&expected, &inside);
	return 0;
}

static bool check_capture(const char *corpus, const char *name, const struct mode *mode)
{
	char capture[PATH_BYTES];
	bool bound = strncmp(name, "bad__", 5) == 0;

	snprintf(capture, sizeof(capture), "%s/pcaps/%s", corpus, name);
	if (read_tables(corpus, name, mode, bound) || decode_capture(capture, mode))
		return false;
	if (bound) {
		struct corpus_sums want = corpus_flows_total(&expected);
		struct corpus_sums got = corpus_flows_total(&decoded);
		return got.packets <= want.packets && got.bytes <= want.bytes;
	}
	return corpus_flows_differ("decoded", &decoded, &expected)
			+ corpus_flows_differ("expected", &expected, &decoded)
			== 0;
}

static int is_capture(const struct dirent *entry)
{
	return strstr(entry->d_name, "__") != NULL;
}

int main(void)
{
	const char *corpus = getenv("WEIR_CORPUS");
	char folder[PATH_BYTES];
	struct dirent **entries;
	int number = 0, failed = 0;

	if (!corpus) {
		printf("1..0 # SKIP WEIR_CORPUS does not name a folder of captures\n");
		return SKIPPED;
	}
	snprintf(folder, sizeof(folder), "%s/pcaps", corpus);
	int count = scandir(folder, &entries, is_capture, alphasort);
	if (count <= 0) {
		fprintf(stderr, "%s: no captures\n", folder);
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count * (int)BASE_COUNT_OF(modes));
	for (int i = 0; i < count; i++) {
		for (size_t m = 0; m < BASE_COUNT_OF(modes); m++) {
			bool good = check_capture(corpus, entries[i]->d_name, &modes[m]);
			printf("%sok %d - %s: %s, %zu flows\n", good ? "" : "not ", ++number,
					entries[i]->d_name, modes[m].name, decoded.count);
			failed += !good;
		}
		free(entries[i]);
	}
	free(entries);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
