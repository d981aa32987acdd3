/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_lint.h"

#include "ipfix_element.h"
#include "ipfix_problem.h"

#include <stdarg.h>
#include <stdio.h>

struct linter {
	const struct ipfix_known *known;
	uint32_t own_enterprise;
	ipfix_lint_fn report;
	void *context;
};

/* Elements that a lint looks for. */
enum {
	OCTET_DELTA = 1,
	TCP_CONTROL_BITS = 6,
	OCTET_TOTAL = 85,
	FLOW_START_DELTA_US = 158,
	FLOW_END_DELTA_US = 159,
};

static void say(const struct linter *linter, uint16_t rule, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

static void say(const struct linter *linter, uint16_t rule, const char *format, ...)
{
	char sentence[IPFIX_SENTENCE_BYTES];
	va_list args;
	int len = snprintf(sentence, sizeof(sentence), "template %u: ", linter->known->id);

	va_start(args, format);
	vsnprintf(sentence + len, sizeof(sentence) - (size_t)len, format, args);
	va_end(args);
	linter->report(linter->context, rule, sentence);
}

bool ipfix_known_has(const struct ipfix_known *known, uint32_t enterprise, uint16_t id)
{
	for (unsigned int i = 0; i < known->field_count; i++) {
		if (known->specs[i].id == id && known->specs[i].enterprise == enterprise)
			return true;
	}
	return false;
}

static void judge_length(const struct linter *linter, const struct ipfix_element *element,
		const struct ipfix_spec *spec)
{
	enum ipfix_type type = (enum ipfix_type)element->type;
	uint16_t natural = ipfix_type_bytes(type);

	if (type == IPFIX_STRING && spec->length == 0)
		say(linter, 208, "%s is a text of fixed length 0", element->name);
	if (ipfix_type_allows(type, spec->length))
		return;
	if (spec->length == IPFIX_VARIABLE)
		say(linter, 207, "%s has a variable length, %s has %u octets", element->name,
				ipfix_type_name(type), natural);
	else if (spec->length > natural)
		say(linter, 207, "%s has %u octets, %s has %u", element->name, spec->length,
				ipfix_type_name(type), natural);
	else
		say(linter, 404, "%s has %u octets, %s cannot be shortened from %u", element->name,
				spec->length, ipfix_type_name(type), natural);
}

static void judge_reverse(const struct linter *linter, const struct ipfix_spec *spec)
{
	const struct ipfix_element *element = ipfix_element_of(IPFIX_SPACE_IANA, spec->id);

	if (element && !element->reversible)
		say(linter, 702, "the reverse of %s says nothing", element->name);
}

static void judge_field(const struct linter *linter, const struct ipfix_spec *spec)
{
	const struct ipfix_element *element =
			ipfix_element_find(spec->enterprise, spec->id, linter->own_enterprise);

	if (spec->enterprise == IPFIX_PEN_REVERSE)
		judge_reverse(linter, spec);
	if (element)
		judge_length(linter, element, spec);
	if (spec->enterprise == IPFIX_PEN_IANA && spec->id == TCP_CONTROL_BITS && spec->length == 1)
		say(linter, 409, "tcpControlBits has 8 of its 16 bits");
}

/* Source and destination of some kind: addresses, prefixes, MAC addresses, ports. */
static bool has_direction(const struct ipfix_known *known)
{
	static const struct {
		uint16_t source, destination;
	} pairs[] = {{8, 12}, {27, 28}, {44, 45}, {169, 170}, {7, 11}, {56, 80}, {16, 17}};

	for (unsigned int i = 0; i < BASE_COUNT_OF(pairs); i++) {
		if (ipfix_known_has(known, 0, pairs[i].source)
				&& ipfix_known_has(known, 0, pairs[i].destination))
			return true;
	}
	return false;
}

static bool has_reverse(const struct ipfix_known *known)
{
	for (unsigned int i = 0; i < known->field_count; i++) {
		if (known->specs[i].enterprise == IPFIX_PEN_REVERSE)
			return true;
	}
	return false;
}

void ipfix_lint_template(const struct ipfix_known *known, uint32_t own_enterprise,
		ipfix_lint_fn report, void *context)
{
	const struct linter linter = {known, own_enterprise, report, context};
	uint32_t bytes = 0;

	for (unsigned int i = 0; i < known->field_count; i++) {
		judge_field(&linter, &known->specs[i]);
		bytes += known->specs[i].length;
	}
	if (bytes == 0)
		say(&linter, 209, "its records have no octets");
	if (has_reverse(known) && !has_direction(known))
		say(&linter, 701, "reverse elements without a source and a destination");
	if (ipfix_known_has(known, 0, OCTET_DELTA) && ipfix_known_has(known, 0, OCTET_TOTAL))
		say(&linter, 408, "octetDeltaCount and octetTotalCount");
	if (ipfix_known_has(known, 0, FLOW_START_DELTA_US)
			|| ipfix_known_has(known, 0, FLOW_END_DELTA_US))
		say(&linter, 405, "times as microseconds before the export");
}
