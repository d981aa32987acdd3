/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_reference.h"

#include "ipfix_field.h"
#include "ipfix_option.h"
#include "ipfix_registry.h"
#include "ipfix_rule.h"

/* clang-format off */
static const char introduction[] =
"<!-- SPDX-License-Identifier: BSD-3-Clause -->\n"
"<!-- Written from the tables in lib/ipfix; a unit test compares. -->\n"
"# Information elements\n"
"\n"
"What weir sends in IPFIX and NetFlow version 9, field by field. Names, types and numbers are those of\n"
"the IANA registry. A record has the fields whose *when* applies to it, in this order.\n"
"\n"
"- A flow is one record with both directions (a biflow, RFC 5103): *reverse* fields are the way back. A\n"
"  flow without a way back has none of them. With uniflows each direction is a record of its own; the\n"
"  second one differs from the first in the lowest bit of `flowId`.\n"
"- Counters are deltas: what happened since the flow's previous record. Sums over any set of records\n"
"  are the traffic in them.\n"
"- Octets are counted from the IP header on.\n"
"\n"
"## Fields\n"
"\n"
"| element | id | type | octets | unit | when | value |\n"
"|---|---|---|---|---|---|---|\n";

static const char own_introduction[] =
"\n"
"## Elements of weir\n"
"\n"
"For what the registry has no element. They stand under the enterprise number that is configured\n"
"(32473, the number for documentation, unless you set your own) and explain themselves to collectors by\n"
"RFC 5610 type records. Plain flows, outside any tunnel, use none of them.\n"
"\n"
"| element | id | type | meaning |\n"
"|---|---|---|---|\n";

static const char options_introduction[] =
"\n"
"## Options records\n"
"\n"
"Sent after the templates and again at the interval for options.\n"
"\n"
"| record | protocol | scope | fields |\n"
"|---|---|---|---|\n";

static const char rules_introduction[] =
"\n"
"## Rules\n"
"\n"
"What a check of an exporter's messages can find, weir's own or any other's. An *error* may cost a\n"
"collector data, a *warning* costs some collectors data or tells of data that may have been lost, a\n"
"*note* is allowed and worth knowing.\n"
"\n"
"| rule | level | source | what holds | what a collector makes of it when broken |\n"
"|---|---|---|---|---|\n";
/* clang-format on */

static const struct {
	uint16_t trait;
	const char *word;
} words[] = {
		{IPFIX_TRAIT_IPV4, "IPv4"},
		{IPFIX_TRAIT_IPV6, "IPv6"},
		{IPFIX_TRAIT_BIFLOW, "biflows"},
		{IPFIX_TRAIT_REVERSE, "way back"},
		{IPFIX_TRAIT_AROUND, "in a tunnel, PPPoE or MPLS"},
		{IPFIX_TRAIT_OUTER4, "in IPv4"},
		{IPFIX_TRAIT_OUTER6, "in IPv6"},
		{IPFIX_TRAIT_MILLISECONDS, "milliseconds"},
		{IPFIX_TRAIT_NANOSECONDS, "nanoseconds"},
		{IPFIX_TRAIT_SELECTOR, "with a selector"},
		{IPFIX_TRAIT_NETFLOW9, "NetFlow 9"},
};

static void write_when(struct base_strbuf *out, uint16_t traits)
{
	const char *separator = "";

	for (unsigned int i = 0; i < BASE_COUNT_OF(words); i++) {
		if (!(traits & words[i].trait))
			continue;
		base_strbuf_printf(out, "%s%s", separator, words[i].word);
		separator = ", ";
	}
	if (!*separator)
		base_strbuf_puts(out, traits & IPFIX_TRAIT_IPFIX ? "IPFIX" : "always");
}

static void write_name(struct base_strbuf *out, enum ipfix_space space, uint16_t id)
{
	const struct ipfix_element *element = ipfix_element_of(space, id);

	base_strbuf_printf(out, "%s`%s`", space == IPFIX_SPACE_REVERSE ? "reverse " : "",
			element ? element->name : "?");
}

static void write_fields(struct base_strbuf *out)
{
	for (unsigned int i = 0; i < ipfix_field_count; i++) {
		const struct ipfix_field *field = &ipfix_fields[i];
		enum ipfix_space space = (enum ipfix_space)field->space;
		const struct ipfix_element *element = ipfix_element_of(space, field->id);
		base_strbuf_puts(out, "| ");
		write_name(out, space, field->id);
		base_strbuf_printf(out, " | %u | %s | %u | %s | ", field->id,
				ipfix_type_name((enum ipfix_type)element->type), field->length,
				element->unit ? ipfix_unit_name((enum ipfix_unit)element->unit)
					      : "");
		write_when(out, field->traits);
		base_strbuf_printf(out, " | %s |\n", field->from);
	}
}

static void write_own(struct base_strbuf *out)
{
	for (unsigned int i = 0; i < ipfix_own_element_count; i++)
		base_strbuf_printf(out, "| `%s` | %u | %s | %s |\n",
				ipfix_own_elements[i].element.name,
				ipfix_own_elements[i].element.id,
				ipfix_type_name((enum ipfix_type)ipfix_own_elements[i]
								.element.type),
				ipfix_own_elements[i].description);
	base_strbuf_puts(out, "\nKinds of tunnel, by number:");
	for (unsigned int tunnel = 1; tunnel < PACKET_TUNNEL_COUNT; tunnel++)
		base_strbuf_printf(out, "%s %u %s", tunnel > 1 ? "," : "",
				ipfix_tunnel_number((enum packet_tunnel)tunnel),
				packet_tunnel_name((enum packet_tunnel)tunnel));
	base_strbuf_puts(out, ".\n");
}

static void write_option_fields(struct base_strbuf *out, const struct ipfix_option *option,
		unsigned int first, unsigned int end)
{
	bool v9 = option->protocol == IPFIX_PROTOCOL_NETFLOW9;

	for (unsigned int i = first; i < end; i++) {
		if (i > first)
			base_strbuf_puts(out, ", ");
		if (v9 && i < option->scope_count)
			base_strbuf_puts(out, option->fields[i].id == 1 ? "system" : "interface");
		else
			write_name(out, IPFIX_SPACE_IANA, option->fields[i].id);
	}
}

static void write_options(struct base_strbuf *out)
{
	for (unsigned int i = 0; i < IPFIX_OPTION_COUNT; i++) {
		const struct ipfix_option *option = &ipfix_options[i];
		base_strbuf_printf(out, "| %s | %s | ", option->name,
				option->protocol == IPFIX_PROTOCOL_NETFLOW9 ? "NetFlow 9"
									    : "IPFIX");
		write_option_fields(out, option, 0, option->scope_count);
		base_strbuf_puts(out, " | ");
		write_option_fields(out, option, option->scope_count, option->field_count);
		base_strbuf_puts(out, " |\n");
	}
}

static void write_rules(struct base_strbuf *out)
{
	for (unsigned int i = 0; i < ipfix_rule_count; i++) {
		const struct ipfix_rule *rule = &ipfix_rules[i];
		base_strbuf_printf(out, "| IPX-%u | %s | %s | %s | %s |\n", rule->number,
				ipfix_severity_name((enum ipfix_severity)rule->severity),
				rule->source, rule->text, rule->harm);
	}
}

void ipfix_write_reference(struct base_strbuf *out)
{
	base_strbuf_puts(out, introduction);
	write_fields(out);
	base_strbuf_puts(out, own_introduction);
	write_own(out);
	base_strbuf_puts(out, options_introduction);
	write_options(out);
	base_strbuf_puts(out, rules_introduction);
	write_rules(out);
}
