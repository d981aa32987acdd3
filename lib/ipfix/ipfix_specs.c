/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_specs.h"

#include "ipfix_problem.h"
#include "ipfix_read.h"

#include <stdlib.h>

/* One template record that is being read. */
struct cursor {
	struct ipfix_reader *reader;
	uint32_t offset;
	uint32_t end;
	uint32_t start; /* of the record */
	bool options;
};

static uint32_t left(const struct cursor *cursor)
{
	return cursor->end - cursor->offset;
}

static bool is_version9(const struct cursor *cursor)
{
	return cursor->reader->head.version == IPFIX_VERSION_NETFLOW9;
}

/* What is left is padding when it is zero and too short for a record. */
static bool is_padding(const struct cursor *cursor)
{
	if (left(cursor) >= 8)
		return false;
	for (uint32_t i = cursor->offset; i < cursor->end; i++) {
		if (cursor->reader->octets[i] != 0)
			return false;
	}
	return true;
}

static bool read_spec(struct cursor *cursor, struct ipfix_spec *spec)
{
	const uint8_t *at = cursor->reader->octets + cursor->offset;

	if (left(cursor) < 4)
		return false;
	spec->enterprise = IPFIX_PEN_IANA;
	spec->id = ipfix_read_u16(at);
	spec->length = ipfix_read_u16(at + 2);
	cursor->offset += 4;
	if (is_version9(cursor) || !(spec->id & IPFIX_ENTERPRISE_BIT))
		return true;
	if (left(cursor) < 4)
		return false;
	spec->id &= (uint16_t)~IPFIX_ENTERPRISE_BIT;
	spec->enterprise = ipfix_read_u32(at + 4);
	cursor->offset += 4;
	if (spec->enterprise == IPFIX_PEN_IANA)
		ipfix_problem(cursor->reader, 202, cursor->offset - 8,
				"element %u has the enterprise bit set and enterprise number 0",
				spec->id);
	return true;
}

/* Keeps it; what cannot be kept is said. */
static void keep(struct cursor *cursor, struct ipfix_known *known)
{
	struct ipfix_reader *reader = cursor->reader;
	struct ipfix_known *before = ipfix_cache_find(&reader->cache, known->domain, known->id);

	reader->tally.template_records++;
	known->announced = 1;
	if (before && ipfix_known_equals(before, known)) {
		known->announced += before->announced;
		known->records = before->records;
	}
	if (reader->ops->announced)
		reader->ops->announced(reader->context, known, before, cursor->start);
	if (ipfix_cache_put(&reader->cache, known) < 0) {
		ipfix_problem(reader, 0, cursor->start,
				"template %u is one too many to keep: its data cannot be read",
				known->id);
		free(known);
	}
}

/* Reads `count` specifiers. False when the set ends before. */
static bool read_specs(struct cursor *cursor, uint16_t id, uint16_t count, uint16_t scopes)
{
	struct ipfix_reader *reader = cursor->reader;
	struct ipfix_known *known;

	if (count > IPFIX_CACHE_FIELDS_MAX || (size_t)count * 4 > left(cursor)) {
		ipfix_problem(reader, 203, cursor->start,
				"template %u says it has %u fields, the set ends before", id,
				count);
		return false;
	}
	known = ipfix_cache_make(count);
	if (!known)
		return false;
	known->domain = reader->head.domain;
	known->id = id;
	known->scope_count = scopes;
	known->export_sec = reader->head.export_sec;
	known->received_ns = reader->head.received_ns;
	known->message = reader->head.index;
	for (unsigned int i = 0; i < count; i++) {
		if (!read_spec(cursor, &known->specs[i])) {
			ipfix_problem(reader, 203, cursor->start,
					"template %u ends in the middle of field %u", id, i);
			free(known);
			return false;
		}
		if (is_version9(cursor) && i < scopes)
			known->specs[i].enterprise = IPFIX_PEN_V9_SCOPE;
	}
	keep(cursor, known);
	return true;
}

/* A template record without fields (RFC 7011, section 8.1). */
static bool withdraw(struct cursor *cursor, uint16_t id)
{
	struct ipfix_reader *reader = cursor->reader;
	uint32_t domain = reader->head.domain;
	uint16_t all = cursor->options ? IPFIX_SET_OPTIONS_TEMPLATE : IPFIX_SET_TEMPLATE;

	if (id != all && id < IPFIX_SET_FIRST_DATA) {
		ipfix_problem(reader, 306, cursor->start,
				"withdrawal of template %u, which cannot be", id);
		return false;
	}
	reader->tally.template_records++;
	if (reader->ops->withdrawn)
		reader->ops->withdrawn(reader->context, &reader->head, id, cursor->start);
	if (id == all) {
		ipfix_cache_forget_all(&reader->cache, domain, cursor->options);
	} else if (!ipfix_cache_forget(&reader->cache, domain, id)) {
		ipfix_problem(reader, 306, cursor->start,
				"withdrawal of template %u, which was not announced", id);
	}
	return true;
}

static bool check_id(struct cursor *cursor, uint16_t id)
{
	if (id >= IPFIX_SET_FIRST_DATA)
		return true;
	ipfix_problem(cursor->reader, 201, cursor->start, "template id %u is below 256", id);
	return false;
}

static bool read_template(struct cursor *cursor)
{
	const uint8_t *at = cursor->reader->octets + cursor->offset;
	uint16_t id = ipfix_read_u16(at), count = ipfix_read_u16(at + 2);

	cursor->offset += 4;
	if (count == 0 && !is_version9(cursor))
		return withdraw(cursor, id);
	return check_id(cursor, id) && read_specs(cursor, id, count, 0);
}

static bool read_options(struct cursor *cursor)
{
	const uint8_t *at = cursor->reader->octets + cursor->offset;
	uint16_t id = ipfix_read_u16(at), count = ipfix_read_u16(at + 2), scopes;

	if (count == 0 && !is_version9(cursor)) {
		cursor->offset += 4;
		return withdraw(cursor, id);
	}
	if (left(cursor) < 6) {
		ipfix_problem(cursor->reader, 203, cursor->start,
				"options template %u ends before its scope count", id);
		return false;
	}
	scopes = ipfix_read_u16(at + 4);
	cursor->offset += 6;
	if (is_version9(cursor)) {
		/* octets of scopes, then octets of other fields; 4 each */
		uint16_t others = scopes / 4;
		scopes = count / 4;
		count = (uint16_t)(scopes + others);
	}
	if (!check_id(cursor, id))
		return false;
	if (scopes == 0 || scopes > count) {
		ipfix_problem(cursor->reader, 203, cursor->start,
				"options template %u has %u scope fields of %u", id, scopes, count);
		if (scopes > count)
			return false;
	}
	return read_specs(cursor, id, count, scopes);
}

static void read_all(struct cursor *cursor)
{
	uint32_t first = cursor->offset;

	while (left(cursor) >= 4 && !is_padding(cursor)) {
		cursor->start = cursor->offset;
		if (!(cursor->options ? read_options(cursor) : read_template(cursor)))
			return;
	}
	if (cursor->offset == first)
		ipfix_problem(cursor->reader, 109, first, "a template set holds no template");
	else if (!is_padding(cursor))
		ipfix_problem(cursor->reader, 108, cursor->offset,
				"%u octets of padding are not all zero", left(cursor));
}

void ipfix_specs_read(struct ipfix_reader *reader, uint32_t offset, uint32_t end)
{
	struct cursor cursor = {.reader = reader, .offset = offset, .end = end};

	read_all(&cursor);
}

void ipfix_specs_read_options(struct ipfix_reader *reader, uint32_t offset, uint32_t end)
{
	struct cursor cursor = {.reader = reader, .offset = offset, .end = end, .options = true};

	read_all(&cursor);
}
