/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_rule.h"

#include "base_cacheline.h"

#define E IPFIX_SEVERITY_ERROR
#define W IPFIX_SEVERITY_WARNING
#define N IPFIX_SEVERITY_NOTE

/* clang-format off */
const struct ipfix_rule ipfix_rules[] = {
	{0, N, "this check", "What it keeps of templates and domains is bounded."},
	{101, E, "RFC 7011, 3.1", "The version is 10."},
	{102, E, "RFC 7011, 3.1", "The length is that of header and sets, and of the datagram."},
	{103, W, "RFC 7011, 3.1", "Export times do not go back within a session."},
	{104, W, "RFC 7011, 3.1",
		"The sequence number counts the data records before the message, options data included."},
	{107, E, "RFC 7011, 3.3.2", "Set ids are 2, 3, or 256 and above."},
	{108, E, "RFC 7011, 3.3", "A set's length holds its header, whole records and zero padding."},
	{109, W, "RFC 7011, 3.3", "Messages hold sets, and sets hold records."},
	{111, E, "RFC 7011, 3.1", "Nothing follows the last set."},
	{201, E, "RFC 7011, 3.4.1", "Template ids are 256 and above."},
	{202, E, "RFC 7011, 3.2", "The enterprise bit goes with an enterprise number."},
	{203, E, "RFC 7011, 3.4", "Field and scope counts are those of the specifiers."},
	{204, E, "RFC 7011, 8", "A template is withdrawn before its id means something else."},
	{207, E, "RFC 7011, 6", "No field is longer than its type."},
	{208, W, "RFC 7011, 7", "An empty text needs a variable length."},
	{209, E, "RFC 7011, 3.4.3", "Records have octets."},
	{301, W, "RFC 7011, 8.4", "Over UDP, templates are sent again and again."},
	{302, E, "RFC 7011, 8", "A template comes before its data."},
	{304, E, "RFC 7011, 8.4", "Over UDP, nothing is withdrawn."},
	{306, E, "RFC 7011, 8.1", "Only what was announced is withdrawn."},
	{402, E, "RFC 7011, 6.1", "Booleans are 1 or 2, texts are UTF-8."},
	{403, N, "RFC 7011, 6.1.9", "The last 11 bits of microsecond times are zero."},
	{404, E, "RFC 7011, 6.2", "Only numbers are shortened."},
	{405, N, "IANA, element 158", "Times as microseconds before export reach 71 minutes."},
	{406, E, "RFC 7011, 7", "Fields of variable length end within their set."},
	{408, N, "RFC 7012", "A template has delta counters or total counters, not both."},
	{409, N, "RFC 9565", "tcpControlBits has 16 bits; ICMP has a type and code, not ports."},
	{504, W, "RFC 7011, 10.3.3", "Datagrams fit the path: 1452 octets behind IPv6 and UDP."},
	{601, N, "RFC 7011, 4.1", "Options say how much was sent."},
	{602, N, "RFC 7011, 4.2", "Options say what was not metered."},
	{603, N, "RFC 7011, 4.3", "Options say what was not sent."},
	{605, W, "practice", "Options name the interfaces that records number."},
	{606, W, "RFC 5476, 6.5.2", "Options say how packets were selected, also when all were."},
	{609, N, "RFC 5610", "Private elements are explained by type records."},
	{701, E, "RFC 5103", "Reverse elements go with a source and a destination."},
	{702, E, "RFC 5103, 6.1", "Elements that say nothing of a direction have no reverse."},
	{703, N, "RFC 5103", "Flows without a way back need no reverse elements."},
	{704, E, "RFC 5103, 6.3", "biflowDirection is 0 to 3."},
	{801, E, "IANA, element 136", "flowEndReason is 1 to 5."},
	{804, W, "RFC 7012", "Flows start before they end, and end before they are exported."},
	{905, E, "RFC 3954, 5.1", "NetFlow counts: messages in version 9, flows in version 5."},
};
/* clang-format on */

const unsigned int ipfix_rule_count = BASE_COUNT_OF(ipfix_rules);

unsigned int ipfix_rule_find(uint16_t number)
{
	unsigned int i = 0;

	while (i < ipfix_rule_count && ipfix_rules[i].number != number)
		i++;
	return i;
}

const char *ipfix_severity_name(enum ipfix_severity severity)
{
	static const char *const names[IPFIX_SEVERITY_COUNT] = {"error", "warning", "note"};

	return (unsigned int)severity < IPFIX_SEVERITY_COUNT ? names[severity] : "unknown";
}
