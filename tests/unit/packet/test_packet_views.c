/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet_guard.h"
#include "packet_tunnel_samples.h"
#include "packet_views.h"
#include "packet_walk.h"
#include "unit_main.h"

#include <arpa/inet.h>

static const struct packet_expected {
	uint32_t ip_bytes;
	uint16_t destination_port;
	uint16_t tcp_flags;
	uint8_t ip_version;
	uint8_t protocol;
} inners[] = {
		[INNER_V4_TCP] = {40, 443, 0x112, 4, 6},
		[INNER_V6_TCP] = {60, 443, 0x112, 6, 6},
		[INNER_V6_UDP] = {48, 53, 0, 6, 17},
};

struct result {
	uint32_t count;
	struct packet_meta metas[PACKET_VIEWS_MAX];
	struct packet_views views;
};

static struct result decode(const struct packet_policy *policy, enum packet_link link,
		const uint8_t *octets, uint32_t captured_bytes, uint32_t wire_bytes)
{
	struct result result;
	struct packet_frame frame = {
			guard_copy(octets, captured_bytes), captured_bytes, wire_bytes, link};

	memset(&result, 0xee, sizeof(result));
	result.count = packet_decode_views(policy, &frame, result.metas, &result.views);
	ck_assert_uint_le(result.count, PACKET_VIEWS_MAX);
	return result;
}

static struct result decode_hex(const char *hex, enum packet_open open)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(hex, octets);
	struct packet_policy policy;

	packet_policy_init(&policy, open, 4);
	return decode(&policy, PACKET_LINK_ETHERNET, octets, bytes, bytes);
}

static void assert_address(const union packet_address *address, int version, const char *ipv4,
		const char *ipv6)
{
	union packet_address want = {{0}};

	if (version)
		inet_pton(version == 6 ? AF_INET6 : AF_INET, version == 6 ? ipv6 : ipv4, &want);
	ck_assert_mem_eq(address, &want, sizeof(want));
}

static void assert_inner(const struct tunnel_sample *sample, const struct packet_meta *meta)
{
	const struct packet_expected *want = &inners[sample->inner];

	assert_address(&meta->source, meta->ip_version, "192.0.2.1", "2001:db8::1");
	assert_address(&meta->destination, meta->ip_version, "198.51.100.2", "2001:db8::2");
	ck_assert_uint_eq(meta->ip_version, want->ip_version);
	ck_assert_uint_eq(meta->protocol, want->protocol);
	ck_assert_uint_eq(
			meta->ip_bytes, sample->inner_bytes ? sample->inner_bytes : want->ip_bytes);
	ck_assert_uint_eq(meta->vlan, sample->inner_vlan);
	ck_assert_uint_eq(meta->scope_high, 0);
}

static void assert_inner_transport(
		const struct tunnel_sample *sample, const struct packet_meta *meta)
{
	ck_assert_uint_eq(meta->source_port, 50000);
	ck_assert_uint_eq(meta->destination_port, inners[sample->inner].destination_port);
	ck_assert_uint_eq(meta->tcp_flags, inners[sample->inner].tcp_flags);
	ck_assert_uint_eq(meta->flags, PACKET_FLAG_INNER);
	if (sample->depth)
		ck_assert_uint_eq(meta->depth, sample->depth);
}

static void assert_outer(const struct tunnel_sample *sample, const struct packet_meta *meta)
{
	assert_address(&meta->source, meta->ip_version, "203.0.113.1", "2001:db8:ffff::1");
	assert_address(&meta->destination, meta->ip_version, "203.0.113.2", "2001:db8:ffff::2");
	ck_assert_uint_eq(meta->ip_version, sample->outer_version);
	ck_assert_uint_eq(meta->protocol, sample->outer_protocol);
	ck_assert_uint_eq(meta->flags & PACKET_FLAG_INNER, 0);
	ck_assert_uint_eq(meta->scope_high, 0);
}

static int32_t label_plus_one(uint32_t label)
{
	return label & PACKET_LABEL_PRESENT ? (int32_t)(label & 0xfffff) + 1 : 0;
}

/* What stands around the last view. */
static void assert_around(const struct tunnel_sample *sample, const struct result *result)
{
	uint32_t last = result->count - 1;
	const struct packet_encapsulation *around = &result->views.around[last];

	if (!(result->views.encapsulated >> last & 1)) {
		ck_assert_int_eq(sample->tunnel, PACKET_TUNNEL_NONE);
		ck_assert_int_eq(sample->outermost_label, 0);
		ck_assert_uint_eq(sample->pppoe_session, 0);
		return;
	}
	uint8_t version = sample->tunnel ? sample->outer_version : 0;
	ck_assert_str_eq(packet_tunnel_name(around->tunnel), packet_tunnel_name(sample->tunnel));
	ck_assert_uint_eq(around->tunnel_id, sample->id);
	ck_assert_uint_eq(around->outer_version, version);
	assert_address(&around->outer_source, version, "203.0.113.1", "2001:db8:ffff::1");
	assert_address(&around->outer_destination, version, "203.0.113.2", "2001:db8:ffff::2");
	ck_assert_uint_eq(around->pppoe_session, sample->pppoe_session);
	ck_assert_int_eq(label_plus_one(around->mpls_outermost), sample->outermost_label);
	ck_assert_int_eq(label_plus_one(around->mpls_innermost), sample->innermost_label);
}

START_TEST(a_tunnel_gives_both_views)
{
	const struct tunnel_sample *sample = &tunnel_samples[_i];
	struct result result = decode_hex(sample->hex, PACKET_OPEN_BOTH);
	uint32_t outer = sample->outer_version ? 1 : 0, inner = sample->inner ? 1 : 0;

	ck_assert_msg(result.count == outer + inner, "%s: %u views, inside %s", sample->name,
			result.count, packet_verdict_name(result.views.inside));
	ck_assert_int_eq(result.views.verdict, PACKET_METERED);
	ck_assert_msg(result.views.inside == sample->inside, "%s: %s", sample->name,
			packet_verdict_name(result.views.inside));
	assert_around(sample, &result);
	if (outer)
		assert_outer(sample, &result.metas[0]);
	if (inner) {
		assert_inner(sample, &result.metas[outer]);
		assert_inner_transport(sample, &result.metas[outer]);
	}
	if (outer && inner)
		ck_assert_uint_eq(result.views.encapsulated, 2);
}
END_TEST

START_TEST(the_policy_inner_hides_what_carries)
{
	const struct tunnel_sample *sample = &tunnel_samples[_i];
	struct result result = decode_hex(sample->hex, PACKET_OPEN_INNER);

	ck_assert_uint_eq(result.count, 1);
	assert_around(sample, &result);
	if (sample->inner) {
		assert_inner(sample, &result.metas[0]);
		assert_inner_transport(sample, &result.metas[0]);
	} else {
		assert_outer(sample, &result.metas[0]);
	}
}
END_TEST

/* With all tunnels closed: the answer of packet_decode(), for tunnels and for all other samples. */
START_TEST(the_policy_outer_is_packet_decode)
{
	bool tunnel = _i < (int)BASE_COUNT_OF(tunnel_samples);
	const struct sample *plain = &samples[tunnel ? 0 : _i - (int)BASE_COUNT_OF(tunnel_samples)];
	enum packet_link link = tunnel ? tunnel_samples[_i].link : plain->link;
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(tunnel ? tunnel_samples[_i].hex : plain->hex, octets);
	struct packet_policy policy;
	struct packet_meta meta;

	packet_policy_init(&policy, PACKET_OPEN_OUTER, 4);
	for (uint32_t cut = 0; cut <= bytes; cut++) {
		struct result result = decode(&policy, link, octets, cut, bytes);
		enum packet_verdict verdict =
				packet_decode(link, guard_copy(octets, cut), cut, bytes, &meta);
		ck_assert_uint_eq(result.count, verdict == PACKET_METERED);
		if (verdict == PACKET_METERED)
			ck_assert_mem_eq(&meta, &result.metas[0], sizeof(meta));
		else
			ck_assert_int_eq(result.views.verdict, verdict);
	}
}
END_TEST

/* Closing one kind closes the samples of that kind and leaves the others as they were. */
START_TEST(a_kind_is_closed_alone)
{
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	packet_policy_set(&policy, (enum packet_tunnel)_i, PACKET_OPEN_OUTER);
	for (size_t i = 0; i < BASE_COUNT_OF(tunnel_samples); i++) {
		const struct tunnel_sample *sample = &tunnel_samples[i];
		uint8_t octets[SAMPLE_BYTES_MAX];
		uint32_t bytes = sample_octets(sample->hex, octets);
		struct result result = decode(&policy, sample->link, octets, bytes, bytes);
		bool open = sample->inner && (int)sample->tunnel != _i;
		ck_assert_msg(result.count == (sample->outer_version ? 1u : 0u) + (open ? 1u : 0u),
				"%s", sample->name);
		if (result.count == 0)
			ck_assert_int_ne(result.views.verdict, PACKET_METERED);
	}
}
END_TEST

/* What a capture cut away is missing, never invented; a lie may be cut away as well. */
START_TEST(a_tunnel_cut_anywhere_is_closed_or_true)
{
	const struct tunnel_sample *sample = &tunnel_samples[_i];
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(sample->hex, octets);
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	for (uint32_t cut = 0; cut < bytes; cut++) {
		struct result result = decode(&policy, sample->link, octets, cut, bytes);
		uint32_t outer = sample->outer_version ? 1 : 0;
		ck_assert_msg(result.count <= outer + (sample->inner ? 1 : 0)
						|| sample->inside == PACKET_malformed_l4,
				"%s at %u: %u", sample->name, cut, result.count);
		if (result.count > 0 && outer)
			assert_outer(sample, &result.metas[0]);
		if (result.count > outer && sample->inner)
			assert_inner(sample, &result.metas[outer]);
	}
}
END_TEST

/* A frame that is cut on the wire has no view: its outer length lies. */
START_TEST(a_short_frame_has_no_view)
{
	const struct tunnel_sample *sample = &tunnel_samples[_i];
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(sample->hex, octets);
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
	for (uint32_t cut = 0; cut < bytes; cut++) {
		struct result result = decode(&policy, sample->link, octets, cut, cut);
		ck_assert_msg(result.count == 0 || strstr(sample->name, "at any port"), "%s at %u",
				sample->name, cut);
	}
}
END_TEST

/* VXLAN in VXLAN in ...: `count` tunnels around an IPv4 packet whose source port is 50000. */
static struct result decode_nest(uint32_t count, uint32_t max_tunnels, enum packet_open open)
{
	static uint8_t octets[SAMPLE_BYTES_MAX * 8], piece[SAMPLE_BYTES_MAX];
	struct packet_policy policy;
	uint32_t bytes = 0;

	for (uint32_t i = 0; i <= count; i++) {
		uint32_t more = sample_octets(i < count ? MACS "0800" OUT4("00", "11")
								UDP_TO("12b5", "00") VXLAN("09")
							: ETH4,
				piece);
		memcpy(octets + bytes, piece, more);
		if (i < count) {
			uint32_t rest = (count - i) * 50 + 54 - 14;
			octets[bytes + 16] = (uint8_t)(rest >> 8);
			octets[bytes + 17] = (uint8_t)rest;
			octets[bytes + 38] = (uint8_t)((rest - 20) >> 8);
			octets[bytes + 39] = (uint8_t)(rest - 20);
			octets[bytes + 29] = (uint8_t)i; /* the source tells the layer */
			octets[bytes + 48] = (uint8_t)(i + 1);
		}
		bytes += more;
	}
	packet_policy_init(&policy, open, max_tunnels);
	return decode(&policy, PACKET_LINK_ETHERNET, octets, bytes, bytes);
}

START_TEST(nested_tunnels_give_the_first_and_the_last)
{
	for (uint32_t count = 1; count <= 4; count++) {
		struct result result = decode_nest(count, 4, PACKET_OPEN_BOTH);
		ck_assert_uint_eq(result.count, 2);
		ck_assert_uint_eq(result.metas[0].source.octets[3], 0);
		ck_assert_uint_eq(result.metas[1].source_port, 50000);
		ck_assert_uint_eq(result.metas[1].protocol, 6);
		ck_assert_uint_eq(result.views.around[1].outer_source.octets[3], count - 1);
		ck_assert_uint_eq(result.views.around[1].tunnel_id, count);
		ck_assert_int_eq(result.views.inside, PACKET_METERED);
	}
}
END_TEST

START_TEST(tunnels_beyond_the_limit_stay_closed)
{
	for (uint32_t most = 0; most < 4; most++) {
		struct result result = decode_nest(6, most, PACKET_OPEN_BOTH);
		ck_assert_uint_eq(result.count, most ? 2 : 1);
		ck_assert_uint_eq(result.metas[result.count - 1].source.octets[3], most);
		ck_assert_uint_eq(result.metas[result.count - 1].protocol, 17);
		ck_assert_int_eq(result.views.inside, PACKET_depth_exceeded);
	}
}
END_TEST

START_TEST(the_innermost_is_given_alone_when_asked)
{
	struct result result = decode_nest(3, 4, PACKET_OPEN_INNER);

	ck_assert_uint_eq(result.count, 1);
	ck_assert_uint_eq(result.metas[0].protocol, 6);
	ck_assert_uint_eq(result.views.encapsulated, 1);
	ck_assert_uint_eq(result.views.around[0].tunnel_id, 3);
}
END_TEST

/* No packet walks more than the bound on layers, whatever it nests. */
START_TEST(layers_are_bounded)
{
	struct result result = decode_nest(PACKET_MAX_TUNNELS + 20, 1000, PACKET_OPEN_BOTH);

	ck_assert_uint_eq(result.count, 2);
	ck_assert_uint_le(result.metas[1].depth, PACKET_MAX_LAYERS);
	ck_assert_int_eq(result.views.inside, PACKET_depth_exceeded);
}
END_TEST

/* One policy for what carries, another for what is carried: IPv4 in GRE in IPv4 in IPv6. */
START_TEST(policies_of_nested_kinds_combine)
{
	static const struct {
		enum packet_open first, second;
		uint32_t count;
		uint8_t protocols[2];
	} rows[] = {
			{PACKET_OPEN_OUTER, PACKET_OPEN_BOTH, 1, {4, 0}},
			{PACKET_OPEN_BOTH, PACKET_OPEN_OUTER, 2, {4, 47}},
			{PACKET_OPEN_BOTH, PACKET_OPEN_BOTH, 2, {4, 6}},
			{PACKET_OPEN_INNER, PACKET_OPEN_OUTER, 1, {47, 0}},
			{PACKET_OPEN_INNER, PACKET_OPEN_BOTH, 2, {47, 6}},
			{PACKET_OPEN_INNER, PACKET_OPEN_INNER, 1, {6, 0}},
			{PACKET_OPEN_BOTH, PACKET_OPEN_INNER, 2, {4, 6}},
	};
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(
			MACS "86dd" OUT6("40", "04") OUT4("40", "2f") "00000800" V4_TCP, octets);

	for (size_t i = 0; i < BASE_COUNT_OF(rows); i++) {
		struct packet_policy policy;
		packet_policy_init(&policy, PACKET_OPEN_BOTH, 4);
		packet_policy_set(&policy, PACKET_TUNNEL_4IN6, rows[i].first);
		packet_policy_set(&policy, PACKET_TUNNEL_GRE, rows[i].second);
		struct result result = decode(&policy, PACKET_LINK_ETHERNET, octets, bytes, bytes);
		ck_assert_msg(result.count == rows[i].count, "row %zu: %u", i, result.count);
		for (uint32_t view = 0; view < result.count; view++)
			ck_assert_msg(result.metas[view].protocol == rows[i].protocols[view],
					"row %zu: %u", i, result.metas[view].protocol);
	}
}
END_TEST

/* Not Ethernet, though it comes where a pseudowire does. */
START_TEST(an_associated_channel_has_no_view)
{
	struct result result =
			decode_hex(MACS "8847 000101ff 10000021 00000000 00000000 00000000 0000",
					PACKET_OPEN_BOTH);

	ck_assert_uint_eq(result.count, 0);
	ck_assert_int_eq(result.views.verdict, PACKET_non_ip);
}
END_TEST

/* A fragment says which datagram it belongs to; an atomic one and a whole packet say nothing. */
START_TEST(fragments_carry_their_identification)
{
	static const struct {
		const char *hex;
		uint32_t id;
	} rows[] = {
			{MACS "0800" OUT4_FRAGMENT("28", "06", "2000") TCP, 7},
			{MACS "0800" OUT4_FRAGMENT("28", "06", "0001") TCP, 7},
			{MACS "0800" OUT4_FRAGMENT("28", "06", "4000") TCP, 0},
			{MACS "86dd" OUT6("1c", "2c") "06000001 0001abcd" TCP, 0x1abcd},
			{MACS "86dd" OUT6("1c", "2c") "060000b9 0001abcd" TCP, 0x1abcd},
			{MACS "86dd" OUT6("1c", "2c") "06000000 0001abcd" TCP, 0},
	};

	for (size_t i = 0; i < BASE_COUNT_OF(rows); i++) {
		struct result result = decode_hex(rows[i].hex, PACKET_OPEN_BOTH);
		ck_assert_uint_eq(result.count, 1);
		ck_assert_uint_eq(result.metas[0].fragment_id, rows[i].id);
	}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_views");
	TCase *tcase = tcase_create("packet_views");
	int count = (int)BASE_COUNT_OF(tunnel_samples);

	tcase_add_loop_test(tcase, a_tunnel_gives_both_views, 0, count);
	tcase_add_loop_test(tcase, the_policy_inner_hides_what_carries, 0, count);
	tcase_add_loop_test(tcase, the_policy_outer_is_packet_decode, 0,
			count + (int)BASE_COUNT_OF(samples));
	tcase_add_loop_test(
			tcase, a_kind_is_closed_alone, PACKET_TUNNEL_NONE + 1, PACKET_TUNNEL_COUNT);
	tcase_add_loop_test(tcase, a_tunnel_cut_anywhere_is_closed_or_true, 0, count);
	tcase_add_loop_test(tcase, a_short_frame_has_no_view, 0, count);
	tcase_add_test(tcase, nested_tunnels_give_the_first_and_the_last);
	tcase_add_test(tcase, tunnels_beyond_the_limit_stay_closed);
	tcase_add_test(tcase, the_innermost_is_given_alone_when_asked);
	tcase_add_test(tcase, layers_are_bounded);
	tcase_add_test(tcase, policies_of_nested_kinds_combine);
	tcase_add_test(tcase, an_associated_channel_has_no_view);
	tcase_add_test(tcase, fragments_carry_their_identification);
	suite_add_tcase(suite, tcase);
	return suite;
}
