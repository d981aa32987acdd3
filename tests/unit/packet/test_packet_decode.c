/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_decode.h"
#include "packet_guard.h"
#include "packet_samples.h"
#include "unit_main.h"

#include <arpa/inet.h>

static const char *const addresses[2][2] = {
		{"192.0.2.1", "198.51.100.2"},
		{"2001:db8::1", "2001:db8::2"},
};

static void assert_addresses(const struct packet_meta *meta)
{
	union packet_address want[2] = {{{0}}, {{0}}};
	bool ipv6 = meta->ip_version == 6;

	for (int i = 0; i < 2; i++)
		inet_pton(ipv6 ? AF_INET6 : AF_INET, addresses[ipv6][i], &want[i]);
	ck_assert_mem_eq(&meta->source, &want[0], sizeof(want[0]));
	ck_assert_mem_eq(&meta->destination, &want[1], sizeof(want[1]));
}

static bool is_truncated(enum packet_verdict verdict)
{
	return verdict == PACKET_truncated_link || verdict == PACKET_truncated_ipv4
			|| verdict == PACKET_truncated_ipv6;
}

START_TEST(a_sample_reads_as_told)
{
	const struct sample *sample = &samples[_i];
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(sample->hex, octets);
	struct packet_meta meta;

	memset(&meta, 0xee, sizeof(meta));
	enum packet_verdict verdict =
			packet_decode(sample->link, guard_copy(octets, bytes), bytes, bytes, &meta);
	ck_assert_msg(verdict == sample->verdict, "%s: %s", sample->name,
			packet_verdict_name(verdict));
	if (verdict != PACKET_METERED)
		return;
	assert_addresses(&meta);
	ck_assert_uint_eq(meta.ip_bytes, sample->ip_bytes);
	ck_assert_uint_eq(meta.ip_version, sample->ip_version);
	ck_assert_uint_eq(meta.protocol, sample->protocol);
	ck_assert_uint_eq(meta.source_port, sample->source_port);
	ck_assert_uint_eq(meta.destination_port, sample->destination_port);
	ck_assert_uint_eq(meta.vlan, sample->vlan);
	ck_assert_uint_eq(meta.vlan_inner, sample->vlan_inner);
	ck_assert_uint_eq(meta.tcp_flags, sample->tcp_flags);
	ck_assert_uint_eq(meta.icmp_type, sample->icmp_type);
	ck_assert_uint_eq(meta.icmp_code, sample->icmp_code);
	ck_assert_uint_eq(meta.flags, sample->flags);
	ck_assert_uint_eq(meta.l4_offset, sample->l4_offset);
	ck_assert_uint_eq(meta.ttl, 64);
	ck_assert_uint_eq(meta.tos, 0xb8);
	ck_assert_uint_eq(meta.scope_high, 0);
	ck_assert_uint_ge(meta.depth, 2);
	ck_assert_uint_le(meta.depth, PACKET_MAX_LAYERS);
}
END_TEST

/*
 * The capture holds the first `cut` octets of the frame. What is then metered must be the same flow
 * with the same octets; ports and flags are right or, where they were not captured, 0.
 */
START_TEST(a_capture_cut_anywhere_is_truncated_or_true)
{
	const struct sample *sample = &samples[_i];
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(sample->hex, octets);

	for (uint32_t cut = 0; cut < bytes; cut++) {
		struct packet_meta meta;
		enum packet_verdict verdict = packet_decode(
				sample->link, guard_copy(octets, cut), cut, bytes, &meta);
		if (is_truncated(verdict))
			continue;
		ck_assert_msg(verdict == sample->verdict, "%s cut at %u: %s", sample->name, cut,
				packet_verdict_name(verdict));
		if (verdict != PACKET_METERED)
			continue;
		assert_addresses(&meta);
		ck_assert_uint_eq(meta.ip_bytes, sample->ip_bytes);
		ck_assert_uint_eq(meta.protocol, sample->protocol);
		ck_assert_uint_eq(meta.vlan, sample->vlan);
		if (meta.flags & PACKET_FLAG_NO_PORTS) {
			ck_assert_uint_eq(meta.source_port, 0);
			ck_assert_uint_eq(meta.destination_port, 0);
		} else {
			ck_assert_uint_eq(meta.source_port, sample->source_port);
			ck_assert_uint_eq(meta.destination_port, sample->destination_port);
		}
		ck_assert_uint_eq(meta.flags & ~PACKET_FLAG_NO_PORTS, sample->flags);
		ck_assert(meta.tcp_flags == 0 || meta.tcp_flags == sample->tcp_flags);
	}
}
END_TEST

/* The frame itself is shorter: its IP lengths lie, and nothing of it may be metered. */
START_TEST(a_frame_cut_inside_its_ip_packet_is_never_metered)
{
	const struct sample *sample = &samples[_i];
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(sample->hex, octets), metered_from = 0;

	if (sample->verdict != PACKET_METERED)
		return;
	for (uint32_t cut = 0; cut < bytes; cut++) {
		struct packet_meta meta;
		enum packet_verdict verdict = packet_decode(
				sample->link, guard_copy(octets, cut), cut, cut, &meta);
		if (verdict == PACKET_METERED && metered_from == 0)
			metered_from = cut;
		ck_assert_msg(verdict == PACKET_METERED || metered_from == 0,
				"%s: %s at %u but metered at %u", sample->name,
				packet_verdict_name(verdict), cut, metered_from);
	}
	/* Metered before its last octet only if that is padding. */
	ck_assert_msg(metered_from == 0 || strstr(sample->name, "padded to"), "%s at %u",
			sample->name, metered_from);
}
END_TEST

#define ATTRIBUTES "04000100 04000100 04000100 04000100 "

/* A sample's packet with some octets overwritten, and the verdict on it. */
static const struct lie {
	const char *name;
	const char *hex;
	enum packet_verdict verdict;
	enum packet_link link;
} lies[] = {
		{"IPv4 header length of 16",
				MACS "0800 44000028 00000000 40060000 c0000201 c6336402" TCP,
				PACKET_malformed_ipv4},
		{"IPv4 header longer than the packet",
				MACS "0800 4f000028 00000000 40060000 c0000201 c6336402" TCP,
				PACKET_malformed_ipv4},
		{"IPv4 total length of 19", MACS "0800" IPV4("13", "06") TCP,
				PACKET_malformed_ipv4},
		{"IPv4 total length of 0", MACS "0800" IPV4("00", "06") TCP, PACKET_malformed_ipv4},
		{"IPv4 total length one more than the frame", MACS "0800" IPV4("29", "06") TCP,
				PACKET_malformed_ipv4},
		{"EtherType of IPv4, version 6", MACS "0800" V6_TCP, PACKET_malformed_ipv4},
		{"EtherType of IPv6, version 4", MACS "86dd" V4_TCP "0000", PACKET_malformed_ipv6},
		{"IPv6 payload one more than the frame", MACS "86dd" IPV6("15", "06") TCP,
				PACKET_malformed_ipv6},
		{"IPv6 extension header longer than the payload",
				MACS "86dd" IPV6("1c", "3c") "0603 010400000000" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 fragment header at the end of the payload",
				MACS "86dd" IPV6("04", "2c") "06000001", PACKET_malformed_ipv6},
		{"IPv6 payload of 0 and no jumbo option",
				MACS "86dd" IPV6("00", "00") "0600 010400000000" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 jumbo length that needs no jumbogram",
				MACS "86dd" IPV6("00", "00") "0600 c204 00000014" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 jumbo length larger than the frame",
				MACS "86dd" IPV6("00", "00") "0600 c204 00020000" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 jumbo option of a wrong size",
				MACS "86dd" IPV6("00", "00") "0600 c203 000200 00" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 jumbo option that runs over its header",
				MACS "86dd" IPV6("00", "00") "0600 0000 00c20400" TCP,
				PACKET_malformed_ipv6},
		{"IPv6 hop-by-hop header longer than the frame, no payload length",
				MACS "86dd" IPV6("00", "00") "06ff c204 00010004" TCP,
				PACKET_malformed_ipv6},
		{"TCP data offset of 16",
				MACS "0800" IPV4("28", "06") "c35001bb 00000001 00000002 4112ffff"
							     " 00000000",
				PACKET_malformed_l4},
		{"TCP data offset behind the packet",
				MACS "0800" IPV4("28", "06") "c35001bb 00000001 00000002 6112ffff"
							     " 00000000 00000000",
				PACKET_malformed_l4},
		{"TCP in 19 octets", MACS "0800" IPV4("27", "06") TCP, PACKET_malformed_l4},
		{"TCP in no octets", MACS "86dd" IPV6("00", "06") TCP, PACKET_malformed_l4},
		{"TCP data offset of 16 in a first fragment",
				MACS "0800" IPV4_FRAGMENT(
						"28", "06", "2000") "c35001bb 00000001 00000002"
								    "4112ffff 00000000",
				PACKET_malformed_l4},
		{"UDP length of 7", MACS "0800" IPV4("1c", "11") "c3500035 00070000",
				PACKET_malformed_l4},
		{"UDP length of 0", MACS "0800" IPV4("1c", "11") "c3500035 00000000",
				PACKET_malformed_l4},
		{"UDP length one more than the payload",
				MACS "0800" IPV4("1c", "11") "c3500035 00090000",
				PACKET_malformed_l4},
		{"UDP in 7 octets", MACS "0800" IPV4("1b", "11") UDP, PACKET_malformed_l4},
		{"SCTP in 11 octets", MACS "0800" IPV4("1f", "84") SCTP, PACKET_malformed_l4},
		{"ICMP in 3 octets", MACS "0800" IPV4("17", "01") "080000", PACKET_malformed_l4},
		{"PPPoE length larger than the frame", MACS "8864 1100 002a 001f 0021" V4_UDP,
				PACKET_malformed_link},
		{"PPPoE length smaller than its IP packet", MACS "8864 1100 002a 001d 0021" V4_UDP,
				PACKET_malformed_ipv4},
		{"PPPoE version 2", MACS "8864 2100 002a 001e 0021" V4_UDP, PACKET_malformed_link},
		{"radiotap header of 7 octets", "0000 0700 00000000", PACKET_malformed_link,
				PACKET_LINK_RADIOTAP},
		{"radiotap header longer than the frame", "0000 0900 00000000",
				PACKET_malformed_link, PACKET_LINK_RADIOTAP},
		{"radiotap version 1", "0100 0800 00000000 0801", PACKET_malformed_link,
				PACKET_LINK_RADIOTAP},
		{"netfilter log attribute of 3 octets", "02000001 0300 0100 08000100",
				PACKET_malformed_link, PACKET_LINK_NFLOG},
		{"netfilter log of 36 attributes",
				"02000001" ATTRIBUTES ATTRIBUTES ATTRIBUTES ATTRIBUTES ATTRIBUTES
						ATTRIBUTES ATTRIBUTES ATTRIBUTES ATTRIBUTES,
				PACKET_depth_exceeded, PACKET_LINK_NFLOG},
		{"netfilter log payload longer than the frame", "02000001 2100 0900" V4_UDP,
				PACKET_malformed_link, PACKET_LINK_NFLOG},
};

START_TEST(a_header_that_lies_is_malformed)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(lies[_i].hex, octets);
	struct packet_meta meta;
	enum packet_verdict verdict = packet_decode(
			lies[_i].link, guard_copy(octets, bytes), bytes, bytes, &meta);

	ck_assert_msg(verdict == lies[_i].verdict, "%s: %s", lies[_i].name,
			packet_verdict_name(verdict));
}
END_TEST

/* `before`, `count` times `layer`, `after`: the last count that is metered, and one more. */
static const struct nest {
	const char *name;
	const char *before;
	const char *layer;
	const char *after;
	uint32_t most;
} nests[] = {
		{"VLAN tags", MACS, "8100 0001", "0800" V4_UDP, PACKET_MAX_VLAN_TAGS},
		{"MPLS labels", MACS "8847", "000010ff", "000021ff" V4_UDP,
				PACKET_MAX_MPLS_LABELS - 1},
		/* Ethernet, IP and UDP are layers too. */
		{"802.1ah tags", MACS, "88e7 00000123 0a0000000002 0a0000000001", "0800" V4_UDP,
				PACKET_MAX_LAYERS - 3},
};

static enum packet_verdict decode_nest(const struct nest *nest, uint32_t count)
{
	static uint8_t octets[SAMPLE_BYTES_MAX * 4], piece[SAMPLE_BYTES_MAX];
	struct packet_meta meta;
	uint32_t bytes = sample_octets(nest->before, octets);

	for (uint32_t i = 0; i <= count; i++) {
		uint32_t more = sample_octets(i < count ? nest->layer : nest->after, piece);
		memcpy(octets + bytes, piece, more);
		bytes += more;
	}
	return packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes, bytes, &meta);
}

START_TEST(nesting_ends_at_the_limit)
{
	const struct nest *nest = &nests[_i];

	for (uint32_t count = 0; count <= nest->most; count++)
		ck_assert_int_eq(decode_nest(nest, count), PACKET_METERED);
	ck_assert_int_eq(decode_nest(nest, nest->most + 1), PACKET_depth_exceeded);
	ck_assert_int_eq(decode_nest(nest, nest->most + 30), PACKET_depth_exceeded);
}
END_TEST

/* `count` destination options headers, the last of which leads to UDP. */
static enum packet_verdict decode_extensions(uint32_t count)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	struct packet_meta meta;
	uint32_t bytes = sample_octets(MACS "86dd" IPV6("00", "3c"), octets);

	for (uint32_t i = 0; i < count; i++) {
		static const uint8_t options[8] = {60, 0, 1, 4};
		memcpy(octets + bytes, options, sizeof(options));
		octets[bytes] = i + 1 < count ? 60 : 17;
		bytes += sizeof(options);
	}
	uint8_t udp[SAMPLE_BYTES_MAX];
	uint32_t udp_bytes = sample_octets(UDP, udp);
	memcpy(octets + bytes, udp, udp_bytes);
	bytes += udp_bytes;
	octets[19] = (uint8_t)(bytes - 54);
	return packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes, bytes, &meta);
}

START_TEST(extension_headers_end_at_the_limit)
{
	for (uint32_t count = 1; count <= PACKET_MAX_EXTENSIONS; count++)
		ck_assert_int_eq(decode_extensions(count), PACKET_METERED);
	ck_assert_int_eq(decode_extensions(PACKET_MAX_EXTENSIONS + 1), PACKET_depth_exceeded);
}
END_TEST

/* RFC 2675: a payload of 65552 octets, of which the capture holds only the headers. */
START_TEST(a_jumbogram_counts_its_jumbo_length)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(MACS
			"86dd" IPV6("00", "00") "1100 c204 00010010 c3500035 00000000",
			octets);
	struct packet_meta meta;
	uint32_t wire_bytes = 14 + 40 + 65552;

	ck_assert_int_eq(packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes,
					 wire_bytes, &meta),
			PACKET_METERED);
	ck_assert_uint_eq(meta.ip_bytes, 40 + 65552);
	ck_assert_uint_eq(meta.protocol, 17);
	ck_assert_uint_eq(meta.source_port, 50000);
	ck_assert_int_eq(packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes,
					 wire_bytes - 1, &meta),
			PACKET_malformed_ipv6);
	for (uint32_t cut = 14; cut < 62; cut++)
		ck_assert_int_eq(packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, cut), cut,
						 wire_bytes, &meta),
				PACKET_truncated_ipv6);
}
END_TEST

/* The wire's length counts, however little was captured. */
START_TEST(a_snapped_packet_counts_its_ip_length)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	struct packet_meta meta;
	uint32_t bytes = sample_octets(
			MACS "0800 450005dc 00000000 40060000 c0000201 c6336402" TCP, octets);

	ck_assert_int_eq(packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes, 1514,
					 &meta),
			PACKET_METERED);
	ck_assert_uint_eq(meta.ip_bytes, 1500);
	ck_assert_int_eq(packet_decode(PACKET_LINK_ETHERNET, guard_copy(octets, bytes), bytes, 1513,
					 &meta),
			PACKET_malformed_ipv4);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_decode");
	TCase *tcase = tcase_create("packet_decode");
	int sample_count = (int)BASE_COUNT_OF(samples);

	tcase_add_loop_test(tcase, a_sample_reads_as_told, 0, sample_count);
	tcase_add_loop_test(tcase, a_capture_cut_anywhere_is_truncated_or_true, 0, sample_count);
	tcase_add_loop_test(
			tcase, a_frame_cut_inside_its_ip_packet_is_never_metered, 0, sample_count);
	tcase_add_loop_test(tcase, a_header_that_lies_is_malformed, 0, (int)BASE_COUNT_OF(lies));
	tcase_add_loop_test(tcase, nesting_ends_at_the_limit, 0, (int)BASE_COUNT_OF(nests));
	tcase_add_test(tcase, extension_headers_end_at_the_limit);
	tcase_add_test(tcase, a_jumbogram_counts_its_jumbo_length);
	tcase_add_test(tcase, a_snapped_packet_counts_its_ip_length);
	suite_add_tcase(suite, tcase);
	return suite;
}
