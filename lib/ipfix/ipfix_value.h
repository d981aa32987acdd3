/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of decoded fields: what they hold, whether they may, and how they are written (RFC 7373).
 */
#ifndef IPFIX_VALUE_H
#define IPFIX_VALUE_H

#include "base_strbuf.h"
#include "ipfix_element.h"
#include "ipfix_reader.h"

/* Gets a rule's number and a sentence about the value. */
typedef void (*ipfix_value_fn)(void *context, uint16_t rule, const char *sentence);

/* Judges the value of a field by its element; unknown elements are never wrong. */
void ipfix_value_check(const struct ipfix_field_value *value, uint32_t own_enterprise,
		ipfix_value_fn report, void *context);

/*
 * Appends "name=value". Texts are quoted; elements without a known type are "enterprise/id" and
 * hexadecimal digits.
 */
void ipfix_value_print(const struct ipfix_field_value *value, uint32_t own_enterprise,
		struct base_strbuf *out);

/*
 * Appends the value alone, as an element that the caller knows: of NULL, or when the length is none
 * of its type's, hexadecimal digits. Times are of the registry's elements only.
 */
void ipfix_value_print_as(const struct ipfix_field_value *value,
		const struct ipfix_element *element, struct base_strbuf *out);

/* Appends the name of a field's element as ipfix_value_print() does. */
void ipfix_value_print_name(
		const struct ipfix_spec *spec, uint32_t own_enterprise, struct base_strbuf *out);

/*
 * A time as ns since 1970: seconds, ms, NTP. False when the field is no time, or out of range. 32
 * bits of seconds are those after 1970.
 */
bool ipfix_value_time(const struct ipfix_field_value *value, int64_t *ns);

#endif
