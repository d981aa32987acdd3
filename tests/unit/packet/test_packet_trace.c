/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_guard.h"
#include "packet_trace.h"
#include "packet_tunnel_samples.h"
#include "unit_main.h"

static struct packet_policy policy;

static void setup(void)
{
	packet_policy_init(&policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
}

/* "0 Ethernet: TEXT\n14 IPv4: TEXT\n" */
static char *lines_of(const struct packet_trace *trace, const struct packet_frame *frame)
{
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	for (uint32_t i = 0; i < trace->layer_count; i++) {
		const struct packet_layer *layer = &trace->layers[i];
		base_strbuf_printf(&out, "%u %s: ", layer->offset,
				packet_layer_name(layer, frame->link));
		packet_layer_describe(&out, layer, frame);
		base_strbuf_putc(&out, '\n');
	}
	ck_assert(!out.failed && out.text);
	return out.text;
}

static const struct {
	const char *hex;
	uint32_t cut; /* octets that were not captured */
	const char *lines;
} rows[] = {
		{MACS "0800" V4_TCP, 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4\n"
				"14 IPv4: 192.0.2.1 > 198.51.100.2, TCP, 40 octets, TTL 64\n"
				"34 TCP: 50000 > 443, flags SAN\n"},
		{MACS "8100 2005 0800" V4_UDP, 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, 802.1Q\n"
				"14 802.1Q: id 5, priority 1, IPv4\n"
				"18 IPv4: 192.0.2.1 > 198.51.100.2, UDP, 28 octets, TTL 64\n"
				"38 UDP: 50000 > 53, 8 octets\n"},
		{MACS "8847 00064040 000c8140" V4_TCP, 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, MPLS\n"
				"14 MPLS: label 100 (TTL 64), label 200 (TTL 64)\n"
				"22 IPv4: 192.0.2.1 > 198.51.100.2, TCP, 40 octets, TTL 64\n"
				"42 TCP: 50000 > 443, flags SAN\n"},
		{MACS "86dd" IPV6("20", "00") "3c00000000000000 0600000000000000"
					      "c35001bb 00000001 "
					      "00000002 5112ffff",
				0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv6\n"
				"14 IPv6: 2001:db8::1 > 2001:db8::2, hop-by-hop, 40 + 32 octets, "
				"hop "
				"limit 64\n"
				"54 hop-by-hop: destination options follows, 8 octets\n"
				"62 destination options: TCP follows, 8 octets\n"
				"70 TCP: 50000 > 443, flags SAN\n"},
		{MACS "0800" IPV4_FRAGMENT("28", "11", "20b9"), 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4\n"
				"14 IPv4: 192.0.2.1 > 198.51.100.2, UDP, 40 octets, TTL 64, "
				"fragment of "
				"0x1234 at 1480\n"},
		{MACS "0806 0001", 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, ARP\n"
				"14 ARP: \n"},
		{MACS "0800" V4_TCP, 28,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4\n"
				"14 IPv4: cut\n"},
		{MACS "0800" OUT4("5a", "11") UDP_TO("12b5", "46") VXLAN("88") ETH4, 0,
				"0 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4\n"
				"14 IPv4: 203.0.113.1 > 203.0.113.2, UDP, 90 octets, TTL 64\n"
				"34 UDP: 49152 > 4789, 70 octets\n"
				"42 VXLAN: VNI 136\n"
				"50 Ethernet: 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4\n"
				"64 IPv4: 192.0.2.1 > 198.51.100.2, TCP, 40 octets, TTL 64\n"
				"84 TCP: 50000 > 443, flags SAN\n"},
};

START_TEST(layers_are_those_that_were_read)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(rows[_i].hex, octets);
	struct packet_frame frame = {octets, bytes - rows[_i].cut, bytes, PACKET_LINK_ETHERNET};
	struct packet_trace trace;

	packet_trace(&trace, &policy, &frame);
	char *lines = lines_of(&trace, &frame);
	ck_assert_str_eq(lines, rows[_i].lines);
	free(lines);
}
END_TEST

/* Verdict, views and what stands around them, of every sample cut anywhere; nothing is read behind.
 */
static void assert_agrees(
		enum packet_link link, const uint8_t *octets, uint32_t captured, uint32_t wire)
{
	struct packet_frame frame = {guard_copy(octets, captured), captured, wire, link};
	struct packet_meta metas[PACKET_VIEWS_MAX];
	struct packet_views views;
	struct packet_trace trace;

	uint32_t count = packet_decode_views(&policy, &frame, metas, &views);
	packet_trace(&trace, &policy, &frame);
	ck_assert_uint_eq(trace.view_count, count);
	ck_assert_int_eq(trace.views.verdict, views.verdict);
	for (uint32_t i = 0; i < count; i++) {
		/* the shortcut counts no layers */
		metas[i].depth = trace.metas[i].depth;
		ck_assert_mem_eq(&trace.metas[i], &metas[i], sizeof(metas[i]));
	}
	free(lines_of(&trace, &frame));
}

static void assert_agrees_cut_anywhere(enum packet_link link, const char *hex)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(hex, octets);

	for (uint32_t captured = 0; captured <= bytes; captured++) {
		if (captured > 0)
			assert_agrees(link, octets, captured, bytes);
	}
}

START_TEST(agrees_with_decode)
{
	assert_agrees_cut_anywhere(samples[_i].link, samples[_i].hex);
}
END_TEST

START_TEST(agrees_with_decode_of_tunnels)
{
	assert_agrees_cut_anywhere(PACKET_LINK_ETHERNET, tunnel_samples[_i].hex);
}
END_TEST

START_TEST(conversations_are_named)
{
	struct packet_meta meta = {
			.ip_version = 6, .protocol = 17, .source_port = 1, .destination_port = 2};
	struct base_strbuf out = BASE_STRBUF_EMPTY;

	meta.source.octets[15] = 1;
	meta.destination.octets[15] = 2;
	packet_meta_describe(&out, &meta);
	ck_assert_str_eq(out.text, "[::1]:1 > [::2]:2 UDP");
	base_strbuf_reset(&out);
	meta.ip_version = 4;
	meta.source_port = meta.destination_port = 0;
	meta.protocol = 200;
	packet_meta_describe(&out, &meta);
	ck_assert_str_eq(out.text, "0.0.0.0 > 0.0.0.0 protocol 200");
	base_strbuf_fini(&out);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_trace");
	TCase *tcase = tcase_create("trace");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, layers_are_those_that_were_read, 0, (int)BASE_COUNT_OF(rows));
	tcase_add_loop_test(tcase, agrees_with_decode, 0, (int)BASE_COUNT_OF(samples));
	tcase_add_loop_test(tcase, agrees_with_decode_of_tunnels, 0,
			(int)BASE_COUNT_OF(tunnel_samples));
	tcase_add_test(tcase, conversations_are_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
