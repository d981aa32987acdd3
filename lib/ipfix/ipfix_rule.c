/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_rule.h"

#include "base_cacheline.h"

#define E IPFIX_SEVERITY_ERROR
#define W IPFIX_SEVERITY_WARNING
#define N IPFIX_SEVERITY_NOTE

/* clang-format off */
const struct ipfix_rule ipfix_rules[] = {
	{0, N, "this check", "What came before it, and what goes beyond what it keeps, is not judged.",
		"Nothing: it is what this check could not see, or did not keep."},
	{101, E, "RFC 7011, 3.1", "The version is 10.",
		"It does not know such a message, and drops it."},
	{102, E, "RFC 7011, 3.1", "The length is that of header and sets, and of the datagram.",
		"It drops the message; of a stream it loses the rest."},
	{103, W, "RFC 7011, 3.1", "Export times are those of the clock, and do not go back within a session.",
		"It files flows under a wrong time, or refuses them as too old."},
	{104, W, "RFC 7011, 3.1",
		"Sequence numbers count what was sent before: data records, options data included.",
		"Its count of lost records is wrong, or records are lost."},
	{105, W, "RFC 7011, 3.1", "Sequence numbers begin anew in a new session only, on a new port.",
		"It takes the restart for a loss, and may read by templates of before."},
	{107, E, "RFC 7011, 3.3.2", "Set ids are 2, 3, or 256 and above.",
		"It skips the set and what is in it."},
	{108, E, "RFC 7011, 3.3", "A set's length holds its header, whole records and zero padding.",
		"It reads at the wrong place, or drops the rest of the message."},
	{109, W, "RFC 7011, 3.3", "Messages hold sets, and sets hold records.",
		"No data is lost; some log an error for each."},
	{111, E, "RFC 7011, 3.1", "Nothing follows the last set.",
		"It takes them for a set, or refuses the message."},
	{201, E, "RFC 7011, 3.4.1", "Template ids are 256 and above.",
		"It refuses the template, and so all of its data."},
	{202, E, "RFC 7011, 3.2", "The enterprise bit goes with an enterprise number.",
		"It reads all fields behind it at the wrong place."},
	{203, E, "RFC 7011, 3.4", "Field and scope counts are those of the specifiers.",
		"It refuses the template, and so all of its data."},
	{204, E, "RFC 7011, 8", "A template is withdrawn before its id means something else.",
		"It reads data by the wrong template: wrong values, no error."},
	{207, E, "RFC 7011, 6", "No field is longer than its type.",
		"It refuses the template, or reads a part of the value."},
	{208, W, "RFC 7011, 7", "An empty text needs a variable length.",
		"Some refuse the template, and so all of its data."},
	{209, E, "RFC 7011, 3.4.3", "Records have octets.",
		"It cannot tell how many there are; a careless one never ends."},
	{301, W, "RFC 7011, 8.4", "Over UDP, templates are sent again and again.",
		"It reads nothing until the template comes, after it starts or missed it."},
	{302, E, "RFC 7011, 8", "A template comes before its data.",
		"It cannot read these records, and drops them."},
	{304, E, "RFC 7011, 8.4", "Over UDP, nothing is withdrawn.",
		"It refuses it, or forgets a template that is in use."},
	{306, E, "RFC 7011, 8.1", "Only what was announced is withdrawn.",
		"It may end the session."},
	{402, E, "RFC 7011, 6.1", "Booleans are 1 or 2, texts are UTF-8.",
		"It stores another value, or refuses the record."},
	{403, N, "RFC 7011, 6.1.9", "The last 11 bits of microsecond times are zero.",
		"It shows times finer than they were taken."},
	{404, E, "RFC 7011, 6.2", "Only numbers are shortened.",
		"It refuses the template, or reads a wrong value."},
	{405, N, "IANA, element 158", "Times as microseconds before export reach 71 minutes.",
		"Longer flows get a wrong start."},
	{406, E, "RFC 7011, 7", "Fields of variable length end within their set.",
		"It drops the rest of the set."},
	{408, N, "RFC 7012", "A template has delta counters or total counters, not both.",
		"Who sums both counts octets twice."},
	{409, N, "RFC 9565", "tcpControlBits has 16 bits; ICMP has a type and code, not ports.",
		"Some flags are not seen, or ICMP is shown with ports."},
	{503, W, "RFC 7011, 10.3.2", "Datagrams have a checksum.",
		"Damage on the way is not noticed, and stored."},
	{504, W, "RFC 7011, 10.3.3", "Datagrams fit the path: 1452 octets behind IPv6 and UDP.",
		"It comes in IP fragments, which are lost sooner, or not at all."},
	{508, N, "RFC 7011, 10.3", "Datagrams come once and in order: the path's fault, not the exporter's.",
		"It may count a loss where nothing is lost."},
	{601, N, "RFC 7011, 4.1", "Options say how much was sent.",
		"What it received cannot be held against what was sent."},
	{602, N, "RFC 7011, 4.2", "Options say what was not metered.",
		"Traffic that was not metered looks as if it was not there."},
	{603, N, "RFC 7011, 4.3", "Options say what was not sent.",
		"Flows that were not sent look as if they were not there."},
	{605, W, "practice", "Options name the interfaces that records number.",
		"It shows numbers instead of names; some drop the flows."},
	{606, W, "RFC 5476, 6.5.2", "Options say how packets were selected, also when all were.",
		"It cannot tell all packets from one in a thousand; some drop the flows."},
	{609, N, "RFC 5610", "Private elements are explained by type records.",
		"It stores them without a name, or not at all."},
	{701, E, "RFC 5103", "Reverse elements go with a source and a destination.",
		"It cannot tell whose way back they are."},
	{702, E, "RFC 5103, 6.1", "Elements that say nothing of a direction have no reverse.",
		"It stores a value that means nothing."},
	{703, N, "RFC 5103", "Flows without a way back need no reverse elements.",
		"Flows without an answer look like answered ones."},
	{704, E, "RFC 5103, 6.3", "biflowDirection is 0 to 3.",
		"It shows client and server the wrong way round."},
	{801, E, "IANA, element 136", "flowEndReason is 1 to 5.",
		"It cannot tell a flow that goes on from one that ended."},
	{804, W, "RFC 7012", "Flows start before they end, and end before they are exported.",
		"Rates and durations of these flows are wrong."},
	{905, E, "RFC 3954, 5.1", "The count in a NetFlow header is that of its records.",
		"It reads too few records, or looks for some that are not there."},
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
