/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_filter.h"
#include "packet_policy.h"
#include "unit_main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEB, DNS6, PING, COUNT };
#define W (1u << WEB)
#define D (1u << DNS6)
#define P (1u << PING)
#define ALL (W | D | P)

static struct flow_record flows[COUNT];

static void make_flows(void)
{
	struct flow_record *f = flows;

	memset(flows, 0, sizeof(flows));
	f[WEB] = (struct flow_record){.ip_version = 4,
			.protocol = 6,
			.source_port = 51514,
			.destination_port = 443,
			.bytes = 1000,
			.rev_bytes = 500,
			.packets = 7,
			.rev_packets = 3,
			.vlan = 5};
	inet_pton(AF_INET, "10.1.4.17", f[WEB].source.octets);
	inet_pton(AF_INET, "151.101.1.6", f[WEB].destination.octets);
	f[DNS6] = (struct flow_record){.ip_version = 6,
			.protocol = 17,
			.source_port = 40112,
			.destination_port = 53,
			.bytes = 80,
			.packets = 1,
			.flags = PACKET_FLAG_INNER | PACKET_FLAG_AROUND,
			.around = {.tunnel = PACKET_TUNNEL_VXLAN, .tunnel_id = 5000}};
	inet_pton(AF_INET6, "2001:db8::17", f[DNS6].source.octets);
	inet_pton(AF_INET6, "2606:4700::1", f[DNS6].destination.octets);
	f[PING] = (struct flow_record){.ip_version = 4,
			.protocol = 1,
			.bytes = 84,
			.rev_bytes = 84,
			.packets = 1,
			.rev_packets = 1};
	inet_pton(AF_INET, "10.1.4.18", f[PING].source.octets);
	inet_pton(AF_INET, "10.1.4.17", f[PING].destination.octets);
}

static const struct {
	const char *text;
	unsigned int matches;
} filters[] = {
		{"", ALL},
		{"  \t", ALL},
		{"host 10.1.4.17", W | P},
		{"src host 10.1.4.17", W},
		{"dst host 10.1.4.17", P},
		{"host 2001:db8::17", D},
		{"host 2001:DB8:0::17", D},
		{"host 10.1.4.1", 0},
		{"net 10.0.0.0/8", W | P},
		{"net 10.1.4.16/31", W | P},
		{"net 10.1.4.18/32", P},
		{"src net 10.1.4.18/31", P},
		{"net 10.1.4.16/30 and dst net 151.101.0.0/16", W},
		{"net 0.0.0.0/0", W | P},
		{"net ::/0", D},
		{"net 2001:db8::/32", D},
		{"net 2001:db8:8000::/33", 0},
		{"dst net 2001:db8::/32", 0},
		{"port 443", W},
		{"src port 443", 0},
		{"dst port 443", W},
		{"port 53-443", W | D},
		{"port 40112-51514", W | D},
		{"port 0", P},
		{"tcp", W},
		{"proto tcp", W},
		{"proto 6", W},
		{"proto icmp", P},
		{"udp or icmp", D | P},
		{"ip", W | P},
		{"ip6", D},
		{"vlan 5", W},
		{"vlan 0", D | P},
		{"inner", D},
		{"outer", W | P},
		{"tunnel vxlan", D},
		{"tunnel gre", 0},
		{"not tunnel vxlan", W | P},
		{"tunnelid 5000", D},
		{"tunnelid 0", 0},
		{"inner and tunnel vxlan tunnelid 5000", D},
		{"bytes > 1499", W},
		{"bytes > 1500", 0},
		{"bytes >= 1500", W},
		{"bytes>=1k", W},
		{"bytes < 168", D},
		{"bytes <= 168", D | P},
		{"bytes=80", D},
		{"bytes < 0", 0},
		{"bytes <= 0", 0},
		{"packets > 9", W},
		{"packets < 1k", ALL},
		{"not tcp", D | P},
		{"! tcp", D | P},
		{"!tcp", D | P},
		{"not not tcp", W},
		{"tcp port 443", W},
		{"tcp and port 53", 0},
		{"tcp or port 53 and ip6", W | D},
		{"(tcp or port 53) and ip6", D},
		{"not (tcp or ip6)", P},
		{"not tcp and ip", P},
		{"((((tcp))))", W},
		{"src host 10.1.4.17 dst port 443 tcp ip vlan 5", W},
};

static unsigned int matching(const struct flow_filter *filter)
{
	unsigned int set = 0;

	for (int i = 0; i < COUNT; i++)
		set |= (unsigned int)flow_filter_matches(filter, &flows[i]) << i;
	return set;
}

START_TEST(matches_what_it_says)
{
	struct flow_filter filter;
	char error[200] = "";

	make_flows();
	int rc = flow_filter_parse(&filter, filters[_i].text, error, sizeof(error));
	ck_assert_msg(rc == 0, "%s: %s", filters[_i].text, error);
	ck_assert_uint_eq(matching(&filter), filters[_i].matches);
}
END_TEST

static const struct {
	const char *text, *error;
} mistakes[] = {
		{"hots 10.0.0.1",
				"\"hots\" at character 1 of the filter; expected host, net, port,"},
		{"host", "filter ends too early; expected an address"},
		{"host example.org",
				"\"example.org\" at character 6 of the filter; expected an "
				"address"},
		{"host 10.0.0.0/8", "expected an address"},
		{"host 10.0.0.256", "expected an address"},
		{"net 10.0.0.1", "expected ADDRESS/LENGTH"},
		{"net 10.0.0.0/33", "expected a length of 0 to 32"},
		{"net ::/129", "expected a length of 0 to 128"},
		{"net ::/", "expected a length of 0 to 128"},
		{"net /8", "expected ADDRESS/LENGTH"},
		{"src tcp", "\"tcp\" at character 5 of the filter; expected host, net or port"},
		{"port", "expected a port of 0 to 65535"},
		{"port 65536", "expected a port"},
		{"port 80-", "expected a port"},
		{"port 443-80", "expected a port"},
		{"port -1", "expected a port"},
		{"port 80x", "expected a port"},
		{"proto tpc", "expected a protocol"},
		{"proto 256", "expected a protocol"},
		{"vlan 4096", "expected a VLAN id"},
		{"tunnel vxlam", "expected a kind of tunnel"},
		{"tunnelid x", "expected the id of a tunnel"},
		{"bytes 5", "expected <, <=, =, >= or >"},
		{"bytes", "expected <, <=, =, >= or >"},
		{"bytes > x", "expected a number"},
		{"bytes >", "filter ends too early; expected a number"},
		{"tcp and", "filter ends too early"},
		{"and tcp", "\"and\" at character 1 of the filter"},
		{"tcp or", "filter ends too early"},
		{"(tcp", "filter ends too early; expected and, or, or )"},
		{"tcp )", "\")\" at character 5 of the filter; expected and, or, or the end"},
		{"()", "\")\" at character 2 of the filter"},
		{"not", "filter ends too early"},
		{"tcp \xff", "\"\xff\" at character 5 of the filter"},
};

START_TEST(mistakes_are_pointed_at)
{
	struct flow_filter filter;
	char error[300] = "";

	ck_assert_int_eq(flow_filter_parse(&filter, mistakes[_i].text, error, sizeof(error)),
			-EINVAL);
	ck_assert_msg(strstr(error, mistakes[_i].error) != NULL, "%s", error);
}
END_TEST

START_TEST(size_is_bounded)
{
	static char text[70000];
	struct flow_filter filter;
	char error[200];

	/* 32 terms and 31 times "and" fill 63 nodes; one more term is one too many. */
	text[0] = '\0';
	for (int i = 0; i < 32; i++)
		strcat(text, "tcp ");
	ck_assert_int_eq(flow_filter_parse(&filter, text, error, sizeof(error)), 0);
	strcat(text, "tcp ");
	ck_assert_int_eq(flow_filter_parse(&filter, text, error, sizeof(error)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "more than 64 terms"));

	memset(text, "(!x"[_i], sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(flow_filter_parse(&filter, text, error, sizeof(error)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, _i == 2 ? "at character 1" : "nests deeper"));
}
END_TEST

START_TEST(random_words_never_crash)
{
	static const char *const words[] = {"host ", "10.0.0.1 ", "net ", "10.0.0.0/8 ", "::/0 ",
			"port ", "80 ", "80-90 ", "tcp ", "not ", "( ", ") ", "and ", "or ",
			"bytes ", "> ", ">=", "1k ", "src ", "dst ", "vlan ", "proto ", "ip6 "};
	struct flow_filter filter;
	char text[600], error[200];
	int good = 0;

	make_flows();
	srandom(11);
	for (int i = 0; i < 50000; i++) {
		text[0] = '\0';
		for (long n = random() % 12; n >= 0; n--)
			strcat(text, words[(size_t)random() % BASE_COUNT_OF(words)]);
		if (flow_filter_parse(&filter, text, error, sizeof(error)) == 0) {
			ck_assert_uint_le(matching(&filter), ALL);
			good++;
		}
	}
	ck_assert_int_gt(good, 100);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flow_filter");
	TCase *tcase = tcase_create("filter");

	tcase_add_loop_test(tcase, matches_what_it_says, 0, BASE_COUNT_OF(filters));
	tcase_add_loop_test(tcase, mistakes_are_pointed_at, 0, BASE_COUNT_OF(mistakes));
	tcase_add_loop_test(tcase, size_is_bounded, 0, 3);
	tcase_add_test(tcase, random_words_never_crash);
	suite_add_tcase(suite, tcase);
	return suite;
}
