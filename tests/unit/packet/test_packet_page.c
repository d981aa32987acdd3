/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/decode.md against the code: what it lists is what there is. */
#include "packet_trace.h"
#include "packet_tunnel_samples.h"
#include "packet_walk.h"
#include "unit_main.h"

#include <ctype.h>
#include <stdio.h>

static char page[32 * 1024];

static void setup(void)
{
	char path[4096];
	const char *root = getenv("WEIR_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/docs/decode.md", root ? root : ".");
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s is missing", path);
	page[fread(page, 1, sizeof(page) - 1, file)] = '\0';
	fclose(file);
}

/* As a word of its own: "VXLAN" is not in "VXLAN-GPE". */
static bool names(const char *word)
{
	size_t len = strlen(word);

	for (const char *at = page; (at = strstr(at, word)) != NULL; at++) {
		bool begins = at == page || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
		if (begins && !isalnum((unsigned char)at[len]) && at[len] != '_' && at[len] != '-')
			return true;
	}
	return false;
}

START_TEST(every_reason_has_its_row)
{
	char row[256];

	for (int r = 0; r < PACKET_REASON_COUNT; r++) {
		snprintf(row, sizeof(row), "| %s | %s |\n",
				packet_verdict_name((enum packet_verdict)r),
				packet_verdict_help((enum packet_verdict)r));
		ck_assert_msg(strstr(page, row) != NULL, "no row: %s", row);
	}
}
END_TEST

/* Name, id, and each UDP port at which it is looked for. */
START_TEST(every_kind_of_tunnel_is_named)
{
	struct packet_policy policy;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, 1);
	for (int kind = PACKET_TUNNEL_NONE + 1; kind < PACKET_TUNNEL_COUNT; kind++) {
		enum packet_tunnel tunnel = (enum packet_tunnel)kind;
		ck_assert_msg(names(packet_tunnel_name(tunnel)), "%s", packet_tunnel_name(tunnel));
		ck_assert_msg(names(packet_tunnel_id_name(tunnel)), "%s",
				packet_tunnel_id_name(tunnel));
	}
	for (uint32_t i = 0; i < policy.port_count; i++) {
		char port[8];
		snprintf(port, sizeof(port), "%u", policy.ports[i].port);
		ck_assert_msg(names(port), "UDP port %s", port);
	}
}
END_TEST

static const struct {
	const char *row;
	unsigned int limit;
} limits[] = {
		{"| VLAN tags | %u |", PACKET_MAX_VLAN_TAGS},
		{"| MPLS labels in one stack | %u |", PACKET_MAX_MPLS_LABELS},
		{"| IPv6 extension headers | %u |", PACKET_MAX_EXTENSIONS},
		{"| tunnels in one another | %u |", PACKET_MAX_TUNNELS},
		{"| headers in all | %u |", PACKET_MAX_LAYERS},
};

START_TEST(limits_are_those_of_the_code)
{
	char row[100];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(row, sizeof(row), limits[_i].row, limits[_i].limit);
#pragma GCC diagnostic pop
	ck_assert_msg(strstr(page, row) != NULL, "no row: %s", row);
}
END_TEST

/* What a trace of the samples calls each header has to be on the page, whatever its case. */
static void assert_layers_named(enum packet_link link, const char *hex)
{
	uint8_t octets[SAMPLE_BYTES_MAX];
	uint32_t bytes = sample_octets(hex, octets);
	const struct packet_frame frame = {octets, bytes, bytes, link};
	struct packet_policy policy;
	struct packet_trace trace;

	packet_policy_init(&policy, PACKET_OPEN_BOTH, PACKET_MAX_TUNNELS);
	packet_trace(&trace, &policy, &frame);
	for (uint32_t i = 0; trace.view_count > 0 && i < trace.layer_count; i++) {
		const char *name = packet_layer_name(&trace.layers[i], link);
		if (trace.layers[i].step == PACKET_LAYER_TRANSPORT && !names(name))
			continue; /* "any other protocol" */
		ck_assert_msg(strcasestr(page, name) != NULL, "%s is not on the page", name);
	}
}

START_TEST(every_header_is_named)
{
	for (size_t i = 0; i < BASE_COUNT_OF(samples); i++)
		assert_layers_named(samples[i].link, samples[i].hex);
	for (size_t i = 0; i < BASE_COUNT_OF(tunnel_samples); i++)
		assert_layers_named(PACKET_LINK_ETHERNET, tunnel_samples[i].hex);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packet_page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, every_reason_has_its_row);
	tcase_add_test(tcase, every_kind_of_tunnel_is_named);
	tcase_add_loop_test(tcase, limits_are_those_of_the_code, 0, (int)BASE_COUNT_OF(limits));
	tcase_add_test(tcase, every_header_is_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
