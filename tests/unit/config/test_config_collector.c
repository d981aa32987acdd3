/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_collector.h"
#include "unit_main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-012345678"

static const struct {
	const char *text;
	int result;
	int family;
	const char *host;
	uint16_t port;
} collectors[] = {
		{"192.0.2.1:4739", 0, AF_INET, "192.0.2.1", 4739},
		{"127.0.0.1:1", 0, AF_INET, "127.0.0.1", 1},
		{"[2001:db8::1]:65535", 0, AF_INET6, "2001:db8::1", 65535},
		{"[::]:9", 0, AF_INET6, "::", 9},
		{"[fe80::1%eth1]:4739", 0, AF_UNSPEC, "fe80::1%eth1", 4739},
		{"[fe80::1%3]:4739", 0, AF_UNSPEC, "fe80::1%3", 4739},
		{"[fe80::1]:4739", -ENODEV, 0, NULL, 0},
		{"[febf::1]:4739", -ENODEV, 0, NULL, 0},
		{"[ff02::1]:4739", -ENODEV, 0, NULL, 0},
		{"[fe80::1%]:4739", -EINVAL, 0, NULL, 0},
		{"[fe80::1%a-name-much-too-long]:4739", -EINVAL, 0, NULL, 0},
		{"[fe80::1%eth1%2]:4739", -EINVAL, 0, NULL, 0},
		{"[fe80::%2/eth]:4739", -EINVAL, 0, NULL, 0},
		{"[2001:db8::1%eth1]:4739", -EINVAL, 0, NULL, 0},
		{"192.0.2.1%eth1:4739", -EINVAL, 0, NULL, 0},
		{"", -EINVAL, 0, NULL, 0},
		{":4739", -EINVAL, 0, NULL, 0},
		{"192.0.2.1", -EINVAL, 0, NULL, 0},
		{"192.0.2.1:", -EINVAL, 0, NULL, 0},
		{"2001:db8::1:4739", -EINVAL, 0, NULL, 0},
		{"[2001:db8::1]", -EINVAL, 0, NULL, 0},
		{"[192.0.2.1]:4739", -EINVAL, 0, NULL, 0},
		{"[]:4739", -EINVAL, 0, NULL, 0},
		{"flows.example.net:4739", 0, AF_UNSPEC, "flows.example.net", 4739},
		{"flows.example.net.:4739", 0, AF_UNSPEC, "flows.example.net.", 4739},
		{"collector:1", 0, AF_UNSPEC, "collector", 1},
		{"a-1.b_2.c3:1", 0, AF_UNSPEC, "a-1.b_2.c3", 1},
		{"10.net:1", 0, AF_UNSPEC, "10.net", 1},
		{LABEL_63 "." LABEL_63 ".net:4739", 0, AF_UNSPEC, LABEL_63 "." LABEL_63 ".net",
				4739},
		{LABEL_63 "a.net:4739", -EINVAL, 0, NULL, 0},
		{LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ":4739", -EINVAL, 0, NULL, 0},
		{LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ":4739", -EINVAL, 0,
				NULL, 0},
		{"192.0.2.256:4739", -EINVAL, 0, NULL, 0},
		{"192.0.2:4739", -EINVAL, 0, NULL, 0},
		{"4739:4739", -EINVAL, 0, NULL, 0},
		{"[flows.example.net]:4739", -EINVAL, 0, NULL, 0},
		{".example.net:4739", -EINVAL, 0, NULL, 0},
		{"flows..net:4739", -EINVAL, 0, NULL, 0},
		{".:4739", -EINVAL, 0, NULL, 0},
		{"-flows.net:4739", -EINVAL, 0, NULL, 0},
		{"flows example.net:4739", -EINVAL, 0, NULL, 0},
		{"fl\xc3\xb6ws.net:4739", -EINVAL, 0, NULL, 0},
		{"ipfix://flows:4739", -EINVAL, 0, NULL, 0},
		{"192.0.2.1:0", -ERANGE, 0, NULL, 0},
		{"192.0.2.1:65536", -ERANGE, 0, NULL, 0},
		{"192.0.2.1:99999999999999999999", -ERANGE, 0, NULL, 0},
		{"192.0.2.1:47a9", -ERANGE, 0, NULL, 0},
		{"192.0.2.1:-1", -ERANGE, 0, NULL, 0},
};

START_TEST(address_and_port)
{
	struct config_collector collector;
	char host[INET6_ADDRSTRLEN];

	ck_assert_int_eq(config_collector_parse(collectors[_i].text, &collector),
			collectors[_i].result);
	if (collectors[_i].result < 0)
		return;
	ck_assert_str_eq(collector.host, collectors[_i].host);
	ck_assert_uint_eq(collector.port, collectors[_i].port);
	ck_assert_int_eq(collector.address.ss_family, collectors[_i].family);
	if (collectors[_i].family == AF_UNSPEC) {
		ck_assert_uint_eq(collector.address_len, 0);
		return;
	}
	const struct sockaddr_in *v4 = (const void *)&collector.address;
	const struct sockaddr_in6 *v6 = (const void *)&collector.address;
	bool is_v4 = collector.address.ss_family == AF_INET;
	inet_ntop(collector.address.ss_family, is_v4 ? (const void *)&v4->sin_addr : &v6->sin6_addr,
			host, sizeof(host));
	ck_assert_str_eq(host, collectors[_i].host);
	ck_assert_uint_eq(ntohs(is_v4 ? v4->sin_port : v6->sin6_port), collectors[_i].port);
	ck_assert_uint_eq(collector.address_len, is_v4 ? sizeof(*v4) : sizeof(*v6));
}
END_TEST

START_TEST(url_names_format_collector_and_keys)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	struct config_output output;

	ck_assert_int_eq(config_output_parse_url(&output,
					 "ipfix://192.0.2.1:9995?transport=tcp&domain=7&name=main"
					 "&filter=not%20port%2053",
					 &why),
			0);
	ck_assert_int_eq(output.format, CONFIG_OUTPUT_IPFIX);
	ck_assert_str_eq(output.collector, "192.0.2.1:9995");
	ck_assert_int_eq(output.transport, CONFIG_TRANSPORT_TCP);
	ck_assert_uint_eq(output.domain, 7);
	ck_assert_str_eq(output.name, "main");
	ck_assert_str_eq(output.filter, "not port 53");
	/* what is not said is as in a file */
	ck_assert_uint_eq(output.queue_bytes, 16 << 20);
	ck_assert_uint_eq(output.mtu, 1400);
	base_strbuf_fini(&why);
}
END_TEST

START_TEST(url_names_files_before_their_transport)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	struct config_output output;

	ck_assert_int_eq(config_output_parse_url(&output,
					 "ipfix://192.0.2.1?ca_file=ca.pem&key=k.pem&certificate="
					 "c.pem&server_name=flows&transport=tls",
					 &why),
			0);
	ck_assert_str_eq(output.ca_file, "ca.pem");
	ck_assert_str_eq(output.certificate, "c.pem");
	ck_assert_str_eq(output.key, "k.pem");
	ck_assert_str_eq(output.server_name, "flows");
	base_strbuf_fini(&why);
}
END_TEST

static const struct {
	const char *url, *collector;
	enum config_output_format format;
} ports[] = {
		{"ipfix://192.0.2.1", "192.0.2.1:4739", CONFIG_OUTPUT_IPFIX},
		{"ipfix://192.0.2.1?transport=tls", "192.0.2.1:4740", CONFIG_OUTPUT_IPFIX},
		{"ipfix://192.0.2.1:1?transport=tls", "192.0.2.1:1", CONFIG_OUTPUT_IPFIX},
		{"ipfix://flows.example.net", "flows.example.net:4739", CONFIG_OUTPUT_IPFIX},
		{"ipfix://[2001:db8::1]", "[2001:db8::1]:4739", CONFIG_OUTPUT_IPFIX},
		{"netflow-v9://192.0.2.1?mtu=512", "192.0.2.1:2055", CONFIG_OUTPUT_NETFLOW9},
		{"netflow-v5://192.0.2.1:1", "192.0.2.1:1", CONFIG_OUTPUT_NETFLOW5},
};

START_TEST(url_has_the_port_of_its_scheme)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	struct config_output output;

	ck_assert_int_eq(config_output_parse_url(&output, ports[_i].url, &why), 0);
	ck_assert_str_eq(output.collector, ports[_i].collector);
	ck_assert_str_eq(output.name, ports[_i].collector);
	ck_assert_int_eq(output.format, ports[_i].format);
	base_strbuf_fini(&why);
}
END_TEST

static const struct {
	const char *url, *why;
} refused[] = {
		{"flows.jsonl", "begins with no known scheme"},
		{"ipfix:192.0.2.1", "begins with no known scheme"},
		{"ipfix://192.0.2.300:4739", "is no address"},
		{"ipfix://", "is no address"},
		{"ipfix://192.0.2.1:0", "has no port"},
		{"ipfix://192.0.2.1?", "after the address"},
		{"ipfix://192.0.2.1?transport", "after the address"},
		{"ipfix://192.0.2.1?colour=red", "after the address"},
		{"ipfix://192.0.2.1?path=x", "path: not for such an output"},
		{"ipfix://192.0.2.1?community_id=true", "community_id: not for such an output"},
		{"ipfix://192.0.2.1?transport=quic", "expected udp, tcp"},
		{"ipfix://192.0.2.1?ca_file=ca.pem", "expected it only with transport=tls"},
		{"ipfix://192.0.2.1?transport=tls&key=a.pem", "expected both or neither"},
		{"netflow-v9://192.0.2.1?transport=tls", "NetFlow over tls"},
		{"netflow-v5://192.0.2.1?transport=sctp", "NetFlow over sctp"},
		{"ipfix://192.0.2.1?mtu=100", "mtu: "},
		{"ipfix://192.0.2.1?mtu=600&domain=1&mtu=700", "mtu: given twice"},
		{"ipfix://192.0.2.1?filter=port%20foo", "filter: \"foo\" at character 6"},
		{"netflow-v9://192.0.2.1?transport=tcp", "expected transport=udp"},
};

START_TEST(wrong_url_says_why)
{
	struct base_strbuf why = BASE_STRBUF_EMPTY;
	struct config_output output;

	ck_assert_int_eq(config_output_parse_url(&output, refused[_i].url, &why), -EINVAL);
	ck_assert_msg(strstr(why.text, refused[_i].why) != NULL, "%s", why.text);
	base_strbuf_fini(&why);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("config_collector");
	TCase *tcase = tcase_create("collector");

	tcase_add_loop_test(tcase, address_and_port, 0, BASE_COUNT_OF(collectors));
	tcase_add_test(tcase, url_names_format_collector_and_keys);
	tcase_add_test(tcase, url_names_files_before_their_transport);
	tcase_add_loop_test(tcase, url_has_the_port_of_its_scheme, 0, BASE_COUNT_OF(ports));
	tcase_add_loop_test(tcase, wrong_url_says_why, 0, BASE_COUNT_OF(refused));
	suite_add_tcase(suite, tcase);
	return suite;
}
