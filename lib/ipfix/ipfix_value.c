/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_value.h"

#include "base_clock.h"
#include "ipfix_element.h"
#include "ipfix_encode.h"
#include "ipfix_problem.h"
#include "ipfix_read.h"
#include "ipfix_text.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Fraction bits of a microsecond time that are no microseconds. */
#define MICROSECOND_MASK 0x7ff

/* Elements whose values are numbered. */
enum {
	FLOW_END_REASON = 136,
	BIFLOW_DIRECTION = 239,
};

/* The scopes of NetFlow version 9 (RFC 3954, section 6.1). */
static const struct ipfix_element scopes[] = {
		{1, "scopeSystem", IPFIX_U64, IPFIX_SEM_IDENTIFIER, IPFIX_UNIT_NONE, false},
		{2, "scopeInterface", IPFIX_U64, IPFIX_SEM_IDENTIFIER, IPFIX_UNIT_NONE, false},
		{3, "scopeLineCard", IPFIX_U64, IPFIX_SEM_IDENTIFIER, IPFIX_UNIT_NONE, false},
		{4, "scopeCache", IPFIX_U64, IPFIX_SEM_IDENTIFIER, IPFIX_UNIT_NONE, false},
		{5, "scopeTemplate", IPFIX_U64, IPFIX_SEM_IDENTIFIER, IPFIX_UNIT_NONE, false},
};

static const struct ipfix_element *find_by_spec(
		const struct ipfix_spec *spec, uint32_t own_enterprise)
{
	if (spec->enterprise == IPFIX_PEN_V9_SCOPE)
		return spec->id >= 1 && spec->id <= BASE_COUNT_OF(scopes) ? &scopes[spec->id - 1]
									  : NULL;
	return ipfix_element_find(spec->enterprise, spec->id, own_enterprise);
}

static const struct ipfix_element *find_element(
		const struct ipfix_field_value *value, uint32_t own_enterprise)
{
	return find_by_spec(value->spec, own_enterprise);
}

static uint64_t number_of(const struct ipfix_field_value *value)
{
	return ipfix_read_number(value->octets, value->length);
}

static bool is_utf8(const struct ipfix_field_value *value)
{
	for (uint32_t at = 0; at < value->length;) {
		size_t octets = ipfix_text_character(value->octets + at, value->length - at);
		if (octets == 0)
			return false;
		at += (uint32_t)octets;
	}
	return true;
}

static void check_number(
		const struct ipfix_field_value *value, ipfix_value_fn report, void *context)
{
	char sentence[IPFIX_SENTENCE_BYTES];
	uint64_t number = number_of(value);

	if (value->spec->enterprise != IPFIX_PEN_IANA)
		return;
	if (value->spec->id == FLOW_END_REASON && (number < 1 || number > 5)) {
		snprintf(sentence, sizeof(sentence), "flowEndReason is %llu",
				(unsigned long long)number);
		report(context, 801, sentence);
	} else if (value->spec->id == BIFLOW_DIRECTION && number > 3) {
		snprintf(sentence, sizeof(sentence), "biflowDirection is %llu",
				(unsigned long long)number);
		report(context, 704, sentence);
	}
}

void ipfix_value_check(const struct ipfix_field_value *value, uint32_t own_enterprise,
		ipfix_value_fn report, void *context)
{
	const struct ipfix_element *element = find_element(value, own_enterprise);
	char sentence[IPFIX_SENTENCE_BYTES];

	if (!element)
		return;
	switch (element->type) {
	case IPFIX_U8:
		check_number(value, report, context);
		break;
	case IPFIX_BOOL:
		if (value->length == 1 && value->octets[0] != 1 && value->octets[0] != 2) {
			snprintf(sentence, sizeof(sentence), "%s is %u, true is 1 and false is 2",
					element->name, value->octets[0]);
			report(context, 402, sentence);
		}
		break;
	case IPFIX_STRING:
		if (!is_utf8(value)) {
			snprintf(sentence, sizeof(sentence), "%s is not UTF-8", element->name);
			report(context, 402, sentence);
		}
		break;
	case IPFIX_MICROSECONDS:
		if (value->length == 8 && (number_of(value) & MICROSECOND_MASK)) {
			snprintf(sentence, sizeof(sentence), "%s has bits below a microsecond",
					element->name);
			report(context, 403, sentence);
		}
		break;
	}
}

bool ipfix_value_time(const struct ipfix_field_value *value, int64_t *ns)
{
	const struct ipfix_element *element = find_element(value, 0);
	uint64_t number = number_of(value);

	if (!element || value->length != ipfix_type_bytes((enum ipfix_type)element->type))
		return false;
	switch (element->type) {
	case IPFIX_SECONDS:
		*ns = (int64_t)number * BASE_NS_PER_SEC;
		return true;
	case IPFIX_MILLISECONDS:
		if (number > INT64_MAX / BASE_NS_PER_MS)
			return false;
		*ns = (int64_t)number * BASE_NS_PER_MS;
		return true;
	case IPFIX_MICROSECONDS:
	case IPFIX_NANOSECONDS:
		*ns = ipfix_ntp_to_ns(number);
		return true;
	default:
		return false;
	}
}

static void print_hex(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	base_strbuf_puts(out, "0x");
	for (uint32_t i = 0; i < value->length; i++)
		base_strbuf_printf(out, "%02x", value->octets[i]);
}

/* What a terminal might obey: C0, DEL, and C1 in UTF-8. */
static bool is_control(const uint8_t *from, size_t octets)
{
	return *from < 0x20 || *from == 0x7f || (octets == 2 && *from == 0xc2 && from[1] < 0xa0);
}

/* Octets that a terminal or a line might mind are escaped. */
static void print_text(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	uint32_t length = value->length;

	/* of fixed length: filled with zeros */
	while (length > 0 && value->octets[length - 1] == 0)
		length--;
	base_strbuf_putc(out, '"');
	for (uint32_t at = 0; at < length;) {
		const uint8_t *from = value->octets + at;
		size_t octets = ipfix_text_character(from, length - at);
		if (octets == 0 || is_control(from, octets) || *from == '"' || *from == '\\') {
			base_strbuf_printf(out, "\\x%02x", *from);
			octets = 1;
		} else {
			base_strbuf_add(out, (const char *)from, octets);
		}
		at += (uint32_t)octets;
	}
	base_strbuf_putc(out, '"');
}

static void print_signed(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	unsigned int shift = 64 - 8 * value->length;

	base_strbuf_printf(out, "%lld", (long long)(number_of(value) << shift) >> shift);
}

static void print_float(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	uint64_t number = number_of(value);
	uint32_t half = (uint32_t)number;
	double whole;
	float single;

	memcpy(&single, &half, sizeof(single));
	memcpy(&whole, &number, sizeof(whole));
	base_strbuf_printf(out, "%.17g", value->length == 4 ? (double)single : whole);
}

static void print_address(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(value->length == 4 ? AF_INET : AF_INET6, value->octets, text, sizeof(text)))
		base_strbuf_puts(out, text);
}

static void print_mac(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	for (uint32_t i = 0; i < value->length; i++)
		base_strbuf_printf(out, "%s%02x", i ? ":" : "", value->octets[i]);
}

static void print_time(const struct ipfix_field_value *value, struct base_strbuf *out)
{
	char text[BASE_CLOCK_ISO_BYTES];
	int64_t ns;

	if (ipfix_value_time(value, &ns)) {
		base_clock_format_iso(ns, text);
		base_strbuf_puts(out, text);
	} else {
		print_hex(value, out);
	}
}

static void print_typed(enum ipfix_type type, const struct ipfix_field_value *value,
		struct base_strbuf *out)
{
	switch (type) {
	case IPFIX_U8:
	case IPFIX_U16:
	case IPFIX_U32:
	case IPFIX_U64:
		base_strbuf_u64(out, number_of(value));
		break;
	case IPFIX_S8:
	case IPFIX_S16:
	case IPFIX_S32:
	case IPFIX_S64:
		print_signed(value, out);
		break;
	case IPFIX_F32:
	case IPFIX_F64:
		print_float(value, out);
		break;
	case IPFIX_BOOL:
		base_strbuf_puts(out, value->octets[0] == 1 ? "true" : "false");
		break;
	case IPFIX_MAC:
		print_mac(value, out);
		break;
	case IPFIX_IPV4:
	case IPFIX_IPV6:
		print_address(value, out);
		break;
	case IPFIX_SECONDS:
	case IPFIX_MILLISECONDS:
	case IPFIX_MICROSECONDS:
	case IPFIX_NANOSECONDS:
		print_time(value, out);
		break;
	case IPFIX_STRING:
		print_text(value, out);
		break;
	default:
		print_hex(value, out);
	}
}

void ipfix_value_print_name(
		const struct ipfix_spec *spec, uint32_t own_enterprise, struct base_strbuf *out)
{
	const struct ipfix_element *element = find_by_spec(spec, own_enterprise);

	if (!element && spec->enterprise == IPFIX_PEN_V9_SCOPE)
		base_strbuf_printf(out, "scope%u", spec->id);
	else if (!element)
		base_strbuf_printf(out, "%u/%u", spec->enterprise, spec->id);
	else if (spec->enterprise == IPFIX_PEN_REVERSE)
		base_strbuf_printf(out, "reverse%c%s", element->name[0] - 'a' + 'A',
				element->name + 1);
	else
		base_strbuf_puts(out, element->name);
}

void ipfix_value_print_as(const struct ipfix_field_value *value,
		const struct ipfix_element *element, struct base_strbuf *out)
{
	/* of a length that its type does not have, it could be anything */
	if (!element || (value->length == 0 && element->type != IPFIX_STRING)
			|| !ipfix_type_allows(
					(enum ipfix_type)element->type, (uint16_t)value->length))
		print_hex(value, out);
	else
		print_typed((enum ipfix_type)element->type, value, out);
}

void ipfix_value_print(const struct ipfix_field_value *value, uint32_t own_enterprise,
		struct base_strbuf *out)
{
	ipfix_value_print_name(value->spec, own_enterprise, out);
	base_strbuf_putc(out, '=');
	ipfix_value_print_as(value, find_element(value, own_enterprise), out);
}
