/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recursive descent, one function a level: or, and, not, primitive. Depth is bounded by the number
 * of nodes that not and parentheses may nest, see MAX_DEPTH.
 */
#include "base_units.h"
#include "flow_filter.h"
#include "packet_policy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 16
#define TOKEN_BYTES 64

static const char expected_primitive[] = "host, net, port, src, dst, proto, tcp, udp, icmp, icmp6, "
					 "sctp, ip, ip6, vlan, inner, outer, tunnel, "
					 "tunnelid, bytes, packets, not or (";

struct parser {
	struct flow_filter *filter;
	const char *text; /* of the whole filter */
	const char *next; /* behind the current token */
	const char *at; /* where the current token begins */
	char token[TOKEN_BYTES]; /* "" at the end */
	unsigned int depth;
	char *error;
	size_t error_bytes;
};

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmp6", 58}, {"sctp", 132}, {"igmp", 2},
		{"gre", 47}, {"esp", 50}, {"ah", 51}, {"ospf", 89}};
#define BARE_PROTOCOLS 5 /* how many of those stand without "proto" */

static int fail(struct parser *parser, const char *expected)
{
	if (parser->token[0] == '\0')
		snprintf(parser->error, parser->error_bytes, "filter ends too early; expected %s",
				expected);
	else
		snprintf(parser->error, parser->error_bytes,
				"\"%s\" at character %td of the filter; expected %s", parser->token,
				parser->at - parser->text + 1, expected);
	return -EINVAL;
}

static size_t token_length(const char *text)
{
	if (strchr("()!", *text) && *text)
		return 1;
	if (strchr("<>=", *text) && *text)
		return text[1] == '=' ? 2 : 1;
	return strcspn(text, "()!<>= \t\r\n");
}

static void advance(struct parser *parser)
{
	parser->next += strspn(parser->next, " \t\r\n");
	parser->at = parser->next;
	size_t len = token_length(parser->next);
	parser->next += len;
	/* What is cut here is longer than any word of the language and fails as what it is. */
	snprintf(parser->token, sizeof(parser->token), "%.*s", (int)(len < 99 ? len : 99),
			parser->at);
}

static bool token_is(const struct parser *parser, const char *word)
{
	return !strcmp(parser->token, word);
}

/* Takes the token if it is `word`. */
static bool accept_word(struct parser *parser, const char *word)
{
	if (!token_is(parser, word))
		return false;
	advance(parser);
	return true;
}

static int add_node(struct parser *parser, const struct flow_filter_node *node)
{
	if (parser->filter->count == FLOW_FILTER_MAX_NODES) {
		snprintf(parser->error, parser->error_bytes, "filter has more than %d terms",
				FLOW_FILTER_MAX_NODES);
		return -EINVAL;
	}
	parser->filter->nodes[parser->filter->count] = *node;
	return parser->filter->count++;
}

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 && *value <= max;
}

static int parse_net(struct parser *parser, struct flow_filter_node *node, bool host)
{
	char *slash = strchr(parser->token, '/');
	uint64_t bits;

	node->kind = FLOW_FILTER_NET;
	if ((slash == NULL) != host)
		return fail(parser, host ? "an address" : "ADDRESS/LENGTH");
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, parser->token, node->address.octets) == 1)
		node->ip_version = 4;
	else if (inet_pton(AF_INET6, parser->token, node->address.octets) == 1)
		node->ip_version = 6;
	uint8_t most = node->ip_version == 4 ? 32 : 128;
	if (slash)
		*slash = '/';
	if (node->ip_version == 0)
		return fail(parser, host ? "an address" : "ADDRESS/LENGTH");
	node->prefix_bits = most;
	if (slash) {
		if (!parse_number(slash + 1, most, &bits))
			return fail(parser,
					most == 32 ? "a length of 0 to 32"
						   : "a length of 0 to 128");
		node->prefix_bits = (uint8_t)bits;
	}
	advance(parser);
	return add_node(parser, node);
}

static int parse_port(struct parser *parser, struct flow_filter_node *node)
{
	char *dash = strchr(parser->token, '-');

	node->kind = FLOW_FILTER_PORT;
	if (dash)
		*dash = '\0';
	bool good = parse_number(parser->token, UINT16_MAX, &node->low);
	node->high = node->low;
	if (dash) {
		*dash = '-';
		good = good && parse_number(dash + 1, UINT16_MAX, &node->high);
	}
	if (!good || node->low > node->high)
		return fail(parser, "a port of 0 to 65535, or two as in 1024-65535");
	advance(parser);
	return add_node(parser, node);
}

static bool find_protocol(const char *name, size_t count, uint64_t *number)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(name, protocols[i].name)) {
			*number = protocols[i].number;
			return true;
		}
	}
	return false;
}

static int parse_protocol(struct parser *parser, struct flow_filter_node *node)
{
	node->kind = FLOW_FILTER_PROTOCOL;
	if (!find_protocol(parser->token, BASE_COUNT_OF(protocols), &node->low)
			&& !parse_number(parser->token, UINT8_MAX, &node->low))
		return fail(parser,
				"a protocol: tcp, udp, icmp, icmp6, sctp, igmp, gre, esp, ah, ospf "
				"or 0 to 255");
	node->high = node->low;
	advance(parser);
	return add_node(parser, node);
}

static int parse_vlan(struct parser *parser, struct flow_filter_node *node)
{
	node->kind = FLOW_FILTER_VLAN;
	if (!parse_number(parser->token, 4095, &node->low))
		return fail(parser, "a VLAN id of 0 (untagged) to 4095");
	node->high = node->low;
	advance(parser);
	return add_node(parser, node);
}

static int parse_tunnel(struct parser *parser, struct flow_filter_node *node)
{
	node->kind = FLOW_FILTER_TUNNEL;
	node->low = node->high = packet_tunnel_from_name(parser->token);
	if (node->low == PACKET_TUNNEL_NONE)
		return fail(parser, "a kind of tunnel, such as vxlan, gtpu, gre or 6in4");
	advance(parser);
	return add_node(parser, node);
}

static int parse_tunnel_id(struct parser *parser, struct flow_filter_node *node)
{
	node->kind = FLOW_FILTER_TUNNEL_ID;
	if (!parse_number(parser->token, UINT32_MAX, &node->low))
		return fail(parser, "the id of a tunnel: VNI, TEID, GRE key, ...");
	node->high = node->low;
	advance(parser);
	return add_node(parser, node);
}

static int parse_amount(struct parser *parser, struct flow_filter_node *node)
{
	char op[3];
	uint64_t value;

	if (!strchr("<>=", parser->token[0]) || !parser->token[0])
		return fail(parser, "<, <=, =, >= or >");
	snprintf(op, sizeof(op), "%.2s", parser->token);
	advance(parser);
	if (base_units_parse_count(parser->token, &value) < 0)
		return fail(parser, "a number such as 1500, 10k or 1M");
	if (op[0] == '=') {
		node->low = node->high = value;
	} else if (op[0] == '<') {
		node->high = op[1] == '=' || value == 0 ? value : value - 1;
		node->low = op[1] != '=' && value == 0 ? 1 : 0; /* below 0: nothing matches */
	} else {
		node->high = UINT64_MAX;
		node->low = op[1] == '=' || value == UINT64_MAX ? value : value + 1;
	}
	advance(parser);
	return add_node(parser, node);
}

static int parse_sided(struct parser *parser, struct flow_filter_node *node)
{
	if (accept_word(parser, "host"))
		return parse_net(parser, node, true);
	if (accept_word(parser, "net"))
		return parse_net(parser, node, false);
	if (accept_word(parser, "port"))
		return parse_port(parser, node);
	return fail(parser,
			node->side == FLOW_FILTER_EITHER ? expected_primitive
							 : "host, net or port");
}

static int parse_primitive(struct parser *parser)
{
	struct flow_filter_node node = {.side = FLOW_FILTER_EITHER};

	if (token_is(parser, "src") || token_is(parser, "dst")) {
		node.side = token_is(parser, "src") ? FLOW_FILTER_SRC : FLOW_FILTER_DST;
		advance(parser);
		return parse_sided(parser, &node);
	}
	if (accept_word(parser, "proto"))
		return parse_protocol(parser, &node);
	if (find_protocol(parser->token, BARE_PROTOCOLS, &node.low))
		return parse_protocol(parser, &node);
	if (token_is(parser, "ip") || token_is(parser, "ip6")) {
		node.kind = FLOW_FILTER_VERSION;
		node.low = node.high = token_is(parser, "ip") ? 4 : 6;
		advance(parser);
		return add_node(parser, &node);
	}
	if (accept_word(parser, "vlan"))
		return parse_vlan(parser, &node);
	if (token_is(parser, "inner") || token_is(parser, "outer")) {
		node.kind = FLOW_FILTER_VIEW;
		node.low = node.high = token_is(parser, "inner");
		advance(parser);
		return add_node(parser, &node);
	}
	if (accept_word(parser, "tunnel"))
		return parse_tunnel(parser, &node);
	if (accept_word(parser, "tunnelid"))
		return parse_tunnel_id(parser, &node);
	if (token_is(parser, "bytes") || token_is(parser, "packets")) {
		node.kind = token_is(parser, "bytes") ? FLOW_FILTER_BYTES : FLOW_FILTER_PACKETS;
		advance(parser);
		return parse_amount(parser, &node);
	}
	return parse_sided(parser, &node);
}

static int parse_or(struct parser *parser);

static int parse_nested(struct parser *parser)
{
	int inner = parse_or(parser);

	if (inner < 0)
		return inner;
	if (!accept_word(parser, ")"))
		return fail(parser, "and, or, or )");
	return inner;
}

static int parse_not(struct parser *parser)
{
	struct flow_filter_node node = {.kind = FLOW_FILTER_NOT};
	int rc;

	if (++parser->depth > MAX_DEPTH) {
		snprintf(parser->error, parser->error_bytes, "filter nests deeper than %d",
				MAX_DEPTH);
		return -EINVAL;
	}
	if (accept_word(parser, "not") || accept_word(parser, "!")) {
		rc = parse_not(parser);
		node.left = (uint8_t)rc;
		rc = rc < 0 ? rc : add_node(parser, &node);
	} else if (accept_word(parser, "(")) {
		rc = parse_nested(parser);
	} else {
		rc = parse_primitive(parser);
	}
	parser->depth--;
	return rc;
}

static int combine(struct parser *parser, enum flow_filter_kind kind, int left, int right)
{
	struct flow_filter_node node = {
			.kind = kind, .left = (uint8_t)left, .right = (uint8_t)right};

	return right < 0 ? right : add_node(parser, &node);
}

static int parse_and(struct parser *parser)
{
	int left = parse_not(parser);

	while (left >= 0 && parser->token[0] != '\0' && !token_is(parser, "or")
			&& !token_is(parser, ")")) {
		accept_word(parser, "and");
		left = combine(parser, FLOW_FILTER_AND, left, parse_not(parser));
	}
	return left;
}

static int parse_or(struct parser *parser)
{
	int left = parse_and(parser);

	while (left >= 0 && accept_word(parser, "or"))
		left = combine(parser, FLOW_FILTER_OR, left, parse_and(parser));
	return left;
}

int flow_filter_parse(struct flow_filter *filter, const char *text, char *error, size_t error_bytes)
{
	struct parser parser = {.filter = filter,
			.text = text,
			.next = text,
			.error = error,
			.error_bytes = error_bytes};

	filter->count = 0;
	advance(&parser);
	if (parser.token[0] == '\0')
		return 0;
	int root = parse_or(&parser);
	if (root < 0)
		return root;
	if (parser.token[0] != '\0')
		return fail(&parser, "and, or, or the end");
	filter->root = (uint8_t)root;
	return 0;
}
