/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_collector.h"

#include "config_value.h"
#include "flow_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535
#define TLS_PORT ":4740" /* RFC 7011, section 10.3.4 and 10.4.4 */
/* RFC 1035, section 2.3.4 */
#define LABEL_MAX 63
#define HOST_NAME_MAX_OCTETS 253

/* Splits at the last colon; an address with colons of its own stands in brackets. */
static int split(const char *text, struct config_collector *collector, const char **port,
		bool *brackets)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len == 0 || len >= sizeof(collector->host) || colon[1] == '\0')
		return -EINVAL;
	*brackets = text[0] == '[';
	if (*brackets) {
		if (len < 3 || text[len - 1] != ']')
			return -EINVAL;
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return -EINVAL;
	}
	memcpy(collector->host, text, len);
	collector->host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int parse_port(const char *text, uint16_t *port)
{
	unsigned long value = 0;

	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9')
			return -ERANGE;
		value = value * 10 + (unsigned long)(*at - '0');
		if (value > PORT_MAX)
			return -ERANGE;
	}
	*port = (uint16_t)value;
	return value > 0 ? 0 : -ERANGE;
}

static bool is_label_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
			|| c == '-' || c == '_';
}

/*
 * Labels between dots. A last one of digits alone is no name but an address with an error in it
 * (RFC 3696, section 2).
 */
static bool is_host_name(const char *host)
{
	size_t len = strlen(host), label = 0;
	bool digits = true;

	if (len > HOST_NAME_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (host[i] == '.' && i + 1 == len && label > 0) /* the root */
			break;
		if (host[i] == '.' && label > 0) {
			label = 0;
			digits = true;
			continue;
		}
		if (!is_label_octet(host[i]) || (host[i] == '-' && label == 0)
				|| ++label > LABEL_MAX)
			return false;
		digits = digits && host[i] >= '0' && host[i] <= '9';
	}
	return label > 0 && !digits;
}

static bool is_interface(const char *name)
{
	size_t len = strlen(name);

	for (const char *at = name; *at; at++) {
		if (*at <= ' ' || *at > '~' || *at == '/' || *at == '%')
			return false;
	}
	return len > 0 && len < IF_NAMESIZE;
}

/* The interface of a link-local address may come later: it is looked up, as a name is. */
static int take_ipv6(struct config_collector *collector)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(collector->port)};
	size_t len = strcspn(collector->host, "%");
	bool scoped = collector->host[len] == '%';
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, collector->host, len);
	text[len] = '\0';
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
		return -EINVAL;
	bool local = IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)
			|| IN6_IS_ADDR_MC_LINKLOCAL(&v6.sin6_addr);
	if (scoped)
		return local && is_interface(collector->host + len + 1) ? 0 : -EINVAL;
	if (local)
		return -ENODEV;
	memcpy(&collector->address, &v6, sizeof(v6));
	collector->address_len = sizeof(v6);
	return 0;
}

static bool take_ipv4(struct config_collector *collector)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(collector->port)};

	if (inet_pton(AF_INET, collector->host, &v4.sin_addr) != 1)
		return false;
	memcpy(&collector->address, &v4, sizeof(v4));
	collector->address_len = sizeof(v4);
	return true;
}

int config_collector_parse(const char *text, struct config_collector *collector)
{
	const char *port;
	bool brackets;

	memset(collector, 0, sizeof(*collector));
	int error = split(text, collector, &port, &brackets);
	if (error == 0)
		error = parse_port(port, &collector->port);
	if (error < 0)
		return error;
	if (brackets)
		return take_ipv6(collector);
	return take_ipv4(collector) || is_host_name(collector->host) ? 0 : -EINVAL;
}

const char *config_collector_explain(int error)
{
	if (error == -ERANGE)
		return "has no port from 1 to 65535; expected one, such as 192.0.2.1:4739";
	if (error == -ENODEV)
		return "is an address of any link; expected its interface, too, such as "
		       "[fe80::1%eth1]:4739";
	return "is no address or name with a port; expected 192.0.2.1:4739, "
	       "[2001:db8::1]:4739 or flows.example.net:4739";
}

const char *config_transport_name(enum config_transport transport)
{
	const struct config_choice *choice = config_key_get("outputs[].transport")->choices;

	while (choice->name && choice->value != transport)
		choice++;
	return choice->name ? choice->name : "";
}

static const struct {
	const char *scheme;
	enum config_output_format format;
	const char *port;
} schemes[] = {
		{"ipfix://", CONFIG_OUTPUT_IPFIX, ":4739"},
		{"netflow-v9://", CONFIG_OUTPUT_NETFLOW9, ":2055"},
		{"netflow-v5://", CONFIG_OUTPUT_NETFLOW5, ":2055"},
};

/* HOST[:PORT] up to the question mark. */
static int take_collector(struct config_output *output, const char *text, const char *port,
		struct base_strbuf *why)
{
	size_t len = strcspn(text, "?");
	const char *colon = memrchr(text, ':', len), *bracket = memrchr(text, ']', len);
	bool has_port = colon && (!bracket || colon > bracket);
	struct config_collector collector;

	snprintf(output->collector, sizeof(output->collector), "%.*s%s", (int)len, text,
			has_port ? "" : port);
	int error = len + strlen(port) >= sizeof(output->collector)
			? -EINVAL
			: config_collector_parse(output->collector, &collector);
	if (error < 0)
		base_strbuf_printf(why, "\"%s\" %s", output->collector,
				config_collector_explain(error));
	return error < 0 ? -EINVAL : 0;
}

static int hex_of(char digit)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, digit | 0x20);

	return digit > ' ' && at ? (int)(at - digits) : -1;
}

/* Percent-encoded octets (RFC 3986, 2.1) as they are meant; others, and a lone %, stay. */
static void decode(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		int high = *at == '%' ? hex_of(at[1]) : -1, low = high >= 0 ? hex_of(at[2]) : -1;
		if (low >= 0 && (high | low) != 0)
			at += 2;
		*to++ = low >= 0 && (high | low) != 0 ? (char)(high << 4 | low) : *at;
	}
	*to = '\0';
}

/* One KEY=VALUE of `len` octets. */
static int take_key(
		struct config_output *output, const char *text, size_t len, struct base_strbuf *why)
{
	const char *equals = memchr(text, '=', len);
	char value[CONFIG_OUTPUT_FILTER_BYTES];
	size_t name_len = equals ? (size_t)(equals - text) : len;
	const struct config_key *key = config_key_find("outputs[]", text, name_len);

	if (!equals || !key || len - name_len > sizeof(value)) {
		base_strbuf_printf(why,
				"\"%.*s\" after the address; expected KEY=VALUE with a key that "
				"an output to a collector has, such as transport=tcp",
				(int)len, text);
		return -EINVAL;
	}
	if (!config_key_applies(key, output)) {
		base_strbuf_printf(why, "%.*s: %s", (int)name_len, text,
				key->flags & CONFIG_FLAG_TLS
						? "for another transport; expected it only with "
						  "transport=tls"
						: "not for such an output");
		return -EINVAL;
	}
	snprintf(value, sizeof(value), "%.*s", (int)(len - name_len - 1), equals + 1);
	decode(value);
	base_strbuf_printf(why, "%.*s: ", (int)name_len, text);
	int error = config_value_parse(key, value, strlen(value), output, why);
	if (error == 0)
		base_strbuf_reset(why);
	return error;
}

/* A key that is given twice was meant once. */
static int check_twins(const char *text, struct base_strbuf *why)
{
	for (const char *at = text; at; at = strchr(at + 1, '&')) {
		size_t len = strcspn(at + 1, "=&");
		for (const char *other = strchr(at + 1, '&'); other;
				other = strchr(other + 1, '&')) {
			if (len != strcspn(other + 1, "=&") || strncmp(at + 1, other + 1, len) != 0)
				continue;
			base_strbuf_printf(why, "%.*s: given twice; expected it once", (int)len,
					at + 1);
			return -EINVAL;
		}
	}
	return 0;
}

/* All of KEY=VALUE&..., of which the transport comes first: other keys depend on it. */
static int take_keys(struct config_output *output, const char *text, struct base_strbuf *why)
{
	static const char transport[] = "transport=";
	int error = check_twins(text, why);

	for (int pass = 0; pass < 2; pass++) {
		const char *at = text;
		while (error == 0 && at) {
			size_t piece = strcspn(++at, "&");
			bool early = strncmp(at, transport, sizeof(transport) - 1) == 0;
			if (early == (pass == 0))
				error = take_key(output, at, piece, why);
			at = at[piece] == '&' ? at + piece : NULL;
		}
	}
	return error;
}

static int check_url(const struct config_output *output, struct base_strbuf *why)
{
	struct flow_filter filter;
	char error[256];

	if (output->transport != CONFIG_TRANSPORT_UDP && output->format != CONFIG_OUTPUT_IPFIX) {
		base_strbuf_printf(why, "NetFlow over %s; expected transport=udp",
				config_transport_name(output->transport));
		return -EINVAL;
	}
	if (output->filter[0]
			&& flow_filter_parse(&filter, output->filter, error, sizeof(error)) < 0) {
		base_strbuf_printf(why, "filter: %s", error);
		return -EINVAL;
	}
	if (!output->certificate[0] != !output->key[0]) {
		base_strbuf_puts(why, "one of certificate and key; expected both or neither");
		return -EINVAL;
	}
	return 0;
}

int config_output_parse_url(struct config_output *output, const char *url, struct base_strbuf *why)
{
	for (size_t i = 0; i < BASE_COUNT_OF(schemes); i++) {
		size_t len = strlen(schemes[i].scheme);
		if (strncmp(url, schemes[i].scheme, len) != 0)
			continue;
		memset(output, 0, sizeof(*output));
		config_key_set_defaults("outputs[]", output);
		output->format = schemes[i].format;
		output->collector[0] = '?'; /* to a collector: its keys apply */
		int error = take_keys(output, strchr(url, '?'), why);
		bool tls = output->transport == CONFIG_TRANSPORT_TLS;
		if (error == 0)
			error = take_collector(
					output, url + len, tls ? TLS_PORT : schemes[i].port, why);
		if (error == 0 && output->name[0] == '\0')
			snprintf(output->name, sizeof(output->name), "%.*s", CONFIG_NAME_BYTES - 1,
					output->collector);
		return error == 0 ? check_url(output, why) : error;
	}
	base_strbuf_printf(why,
			"\"%s\" begins with no known scheme; expected ipfix://HOST:PORT, "
			"netflow-v9:// or netflow-v5://",
			url);
	return -EINVAL;
}
