/* SPDX-License-Identifier: BSD-3-Clause */
#include "weir_ipfix_names.h"

#include "ipfix_read.h"

#include <stdlib.h>
#include <string.h>

/* Elements of a type record. */
enum {
	ELEMENT_ID = 303,
	DATA_TYPE = 339,
	ELEMENT_NAME = 341,
	ENTERPRISE_NUMBER = 346,
};

/* As element names are: what a terminal minds, or what looks like a value, is none. */
static bool is_name(const struct ipfix_field_value *value)
{
	if (value->length == 0 || value->length >= WEIR_IPFIX_NAME_BYTES)
		return false;
	for (uint32_t i = 0; i < value->length; i++) {
		uint8_t c = value->octets[i] | 0x20;
		bool digit = value->octets[i] >= '0' && value->octets[i] <= '9';
		if ((c < 'a' || c > 'z') && !(digit && i > 0) && value->octets[i] != '_')
			return false;
	}
	return true;
}

/* A time is read by its registered element only. */
static bool is_plain(uint64_t type)
{
	return type < IPFIX_TYPE_COUNT && (type < IPFIX_SECONDS || type > IPFIX_NANOSECONDS);
}

void weir_ipfix_names_learn(struct weir_ipfix_names *names, const struct ipfix_record_seen *record)
{
	const struct ipfix_field_value *id = ipfix_record_field(record, 0, ELEMENT_ID);
	const struct ipfix_field_value *type = ipfix_record_field(record, 0, DATA_TYPE);
	const struct ipfix_field_value *name = ipfix_record_field(record, 0, ELEMENT_NAME);
	const struct ipfix_field_value *enterprise =
			ipfix_record_field(record, 0, ENTERPRISE_NUMBER);
	struct weir_ipfix_name *learned;

	if (!id || !name || !enterprise || !is_name(name) || names->count == WEIR_IPFIX_NAMES_MAX)
		return;
	const struct ipfix_spec spec = {
			.enterprise = (uint32_t)ipfix_read_number(
					enterprise->octets, enterprise->length),
			.id = (uint16_t)ipfix_read_number(id->octets, id->length)
					& (uint16_t)~IPFIX_ENTERPRISE_BIT,
	};
	if (weir_ipfix_names_find(names, &spec))
		return;
	if (!names->list)
		names->list = calloc(WEIR_IPFIX_NAMES_MAX, sizeof(*names->list));
	if (!names->list)
		return;
	learned = &names->list[names->count++];
	uint64_t number = type ? ipfix_read_number(type->octets, type->length) : IPFIX_OCTETS;
	memcpy(learned->name, name->octets, name->length);
	learned->spec = spec;
	learned->element = (struct ipfix_element){.id = spec.id,
			.name = learned->name,
			.type = (uint8_t)(is_plain(number) ? number : IPFIX_OCTETS)};
}

const struct ipfix_element *weir_ipfix_names_find(
		const struct weir_ipfix_names *names, const struct ipfix_spec *spec)
{
	for (unsigned int i = 0; i < names->count; i++) {
		if (names->list[i].spec.id == spec->id
				&& names->list[i].spec.enterprise == spec->enterprise)
			return &names->list[i].element;
	}
	return NULL;
}

void weir_ipfix_names_fini(struct weir_ipfix_names *names)
{
	free(names->list);
	*names = (struct weir_ipfix_names){0};
}
