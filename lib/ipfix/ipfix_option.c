/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_option.h"

#include "ipfix_text.h"
#include "ipfix_write.h"

#define V IPFIX_VARIABLE

/* clang-format off */
const struct ipfix_option ipfix_options[IPFIX_OPTION_COUNT] = {
	/* nfdump 1.7.1 reads names of a fixed length, and nothing beside them in their record. */
	[IPFIX_OPTION_INTERFACE] = {"interface names", IPFIX_PROTOCOL_IPFIX, 1, 2,
		{{10, 4}, {82, 32}}},
	[IPFIX_OPTION_DESCRIPTION] = {"interface descriptions", IPFIX_PROTOCOL_IPFIX, 1, 2,
		{{10, 4}, {83, V}}},
	[IPFIX_OPTION_SELECTOR_SYSTEMATIC] = {"selector report, one in N", IPFIX_PROTOCOL_IPFIX, 1, 4,
		{{302, 8}, {304, 2}, {305, 4}, {306, 4}}},
	[IPFIX_OPTION_SELECTOR_RANDOM] = {"selector report, n out of N at random",
		IPFIX_PROTOCOL_IPFIX, 1, 4, {{302, 8}, {304, 2}, {309, 4}, {310, 4}}},
	[IPFIX_OPTION_SEQUENCE] = {"selection sequence report", IPFIX_PROTOCOL_IPFIX, 1, 3,
		{{301, 8}, {149, 4}, {302, 8}}},
	[IPFIX_OPTION_SEQUENCE_STATISTICS] = {"selection sequence statistics", IPFIX_PROTOCOL_IPFIX,
		1, 3, {{301, 8}, {318, 8}, {319, 8}}},
	[IPFIX_OPTION_METERING] = {"metering process statistics", IPFIX_PROTOCOL_IPFIX, 2, 5,
		{{149, 4}, {143, 4}, {41, 8}, {42, 8}, {40, 8}}},
	[IPFIX_OPTION_METERING_RELIABILITY] = {"metering process reliability", IPFIX_PROTOCOL_IPFIX,
		2, 6, {{149, 4}, {143, 4}, {164, 8}, {165, 8}, {323, 8}, {323, 8}}},
	[IPFIX_OPTION_EXPORTING_RELIABILITY] = {"exporting process reliability",
		IPFIX_PROTOCOL_IPFIX, 1, 6, {{144, 4}, {166, 8}, {167, 8}, {168, 8}, {323, 8}, {323, 8}}},
	[IPFIX_OPTION_FLOW_KEYS] = {"flow keys", IPFIX_PROTOCOL_IPFIX, 1, 2, {{145, 2}, {173, 8}}},
	[IPFIX_OPTION_TYPE] = {"types of weir's own elements", IPFIX_PROTOCOL_IPFIX, 2, 7,
		{{346, 4}, {303, 2}, {339, 1}, {344, 1}, {345, 2}, {341, V}, {340, V}}},
	/* Scopes of version 9 are no elements: 1 the exporter, 2 an interface. */
	[IPFIX_OPTION_V9_INTERFACE] = {"interface names", IPFIX_PROTOCOL_NETFLOW9, 1, 2,
		{{2, 4}, {82, 32}}},
	[IPFIX_OPTION_V9_DESCRIPTION] = {"interface descriptions", IPFIX_PROTOCOL_NETFLOW9, 1, 2,
		{{2, 4}, {83, 64}}},
	[IPFIX_OPTION_V9_SAMPLER] = {"sampler", IPFIX_PROTOCOL_NETFLOW9, 1, 4,
		{{1, 4}, {48, 1}, {49, 1}, {50, 4}}},
	[IPFIX_OPTION_V9_TOTALS] = {"totals", IPFIX_PROTOCOL_NETFLOW9, 1, 4,
		{{1, 4}, {41, 4}, {42, 4}, {40, 8}}},
	/* nfdump 1.7.1 takes the rate from here alone, and only when no algorithm stands beside it. */
	[IPFIX_OPTION_RATE] = {"sampling rate", IPFIX_PROTOCOL_IPFIX, 1, 2, {{302, 8}, {34, 4}}},
	[IPFIX_OPTION_V9_RATE] = {"sampling rate", IPFIX_PROTOCOL_NETFLOW9, 1, 2, {{1, 4}, {34, 4}}},
};
/* clang-format on */

static bool is_version9(const struct ipfix_option *option)
{
	return option->protocol == IPFIX_PROTOCOL_NETFLOW9;
}

uint32_t ipfix_option_spec_bytes(enum ipfix_option_kind kind)
{
	return 6u + 4u * ipfix_options[kind].field_count;
}

/* Both begin with three numbers; version 9 counts octets where IPFIX counts fields. */
void ipfix_option_write_spec(enum ipfix_option_kind kind, uint8_t *out)
{
	const struct ipfix_option *option = &ipfix_options[kind];
	uint16_t scope = option->scope_count, all = option->field_count;

	ipfix_write_u16(out, ipfix_option_id(kind));
	ipfix_write_u16(out + 2, is_version9(option) ? (uint16_t)(4 * scope) : all);
	ipfix_write_u16(out + 4, is_version9(option) ? (uint16_t)(4 * (all - scope)) : scope);
	out += 6;
	for (unsigned int i = 0; i < option->field_count; i++)
		out += ipfix_write_spec(out, 0, option->fields[i].id, option->fields[i].length);
}

static bool is_text(const struct ipfix_option_field *field)
{
	return field->length == IPFIX_VARIABLE || field->length > 8;
}

uint32_t ipfix_option_record_bytes(enum ipfix_option_kind kind, const struct ipfix_value *values)
{
	const struct ipfix_option *option = &ipfix_options[kind];
	uint8_t text[IPFIX_OPTION_TEXT_MAX];
	uint32_t bytes = 0;
	bool cut;

	for (unsigned int i = 0; i < option->field_count; i++)
		bytes += option->fields[i].length != IPFIX_VARIABLE ? option->fields[i].length
								    : 1
						+ (uint32_t)ipfix_text_copy(text, sizeof(text),
								values[i].text, &cut);
	return bytes;
}

/* A text of variable length needs one octet for it, as it is shorter than 255. */
static uint32_t write_text(const struct ipfix_option_field *field, const char *text, uint8_t *out,
		uint32_t *cut)
{
	bool variable = field->length == IPFIX_VARIABLE, was_cut;
	size_t room = variable ? IPFIX_OPTION_TEXT_MAX : field->length;
	size_t len = ipfix_text_copy(out + variable, room, text, &was_cut);

	*cut += was_cut;
	if (variable) {
		out[0] = (uint8_t)len;
		return 1 + (uint32_t)len;
	}
	memset(out + len, 0, room - len);
	return field->length;
}

uint32_t ipfix_option_write(enum ipfix_option_kind kind, const struct ipfix_value *values,
		uint8_t *out, uint32_t *cut)
{
	const struct ipfix_option *option = &ipfix_options[kind];
	uint8_t *at = out;

	for (unsigned int i = 0; i < option->field_count; i++) {
		const struct ipfix_option_field *field = &option->fields[i];
		if (is_text(field)) {
			at += write_text(field, values[i].text, at, cut);
		} else {
			ipfix_write_number(at, values[i].number, field->length);
			at += field->length;
		}
	}
	return (uint32_t)(at - out);
}
