/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_sets.h"

#include "ipfix_problem.h"
#include "ipfix_read.h"
#include "ipfix_specs.h"

enum {
	SET_TEMPLATE9 = 0,
	SET_OPTIONS9 = 1,
};

/* Takes a field off what is left of a record. False when it does not fit. */
static bool take_field(const struct ipfix_spec *spec, const uint8_t **at, const uint8_t *end,
		struct ipfix_field_value *value)
{
	uint32_t length = spec->length;

	if (length == IPFIX_VARIABLE) {
		if (end - *at < 1)
			return false;
		length = *(*at)++;
		if (length == 255) {
			if (end - *at < 2)
				return false;
			length = ipfix_read_u16(*at);
			*at += 2;
		}
	}
	if ((size_t)(end - *at) < length)
		return false;
	*value = (struct ipfix_field_value){spec, *at, length};
	*at += length;
	return true;
}

/* Octets of the record at `offset`, 0 when it does not fit into its set. */
static uint32_t read_record(struct ipfix_reader *reader, const struct ipfix_known *known,
		uint32_t offset, uint32_t end)
{
	const uint8_t *at = reader->octets + offset;

	for (unsigned int i = 0; i < known->field_count; i++) {
		if (!take_field(&known->specs[i], &at, reader->octets + end, &reader->fields[i])) {
			ipfix_problem(reader, 406, offset,
					"field %u of template %u runs over the end of its set", i,
					known->id);
			return 0;
		}
	}
	const struct ipfix_record_seen seen = {.head = &reader->head,
			.known = known,
			.fields = reader->fields,
			.offset = offset,
			.length = (uint32_t)(at - reader->octets) - offset};
	reader->tally.records++;
	if (reader->ops->record)
		reader->ops->record(reader->context, &seen);
	return seen.length;
}

static void check_padding(struct ipfix_reader *reader, uint32_t offset, uint32_t end)
{
	for (uint32_t i = offset; i < end; i++) {
		if (reader->octets[i] != 0) {
			ipfix_problem(reader, 108, i, "%u octets of padding are not all zero",
					end - offset);
			return;
		}
	}
}

static void read_data(struct ipfix_reader *reader, uint16_t id, uint32_t offset, uint32_t end)
{
	struct ipfix_known *known = ipfix_cache_find(&reader->cache, reader->head.domain, id);
	uint32_t start = offset;

	if (!known) {
		reader->tally.unknown_sets++;
		if (reader->ops->unknown)
			reader->ops->unknown(reader->context, &reader->head, id, offset - 4);
		else
			ipfix_problem(reader, 302, offset - 4,
					"data of template %u, which was not announced", id);
		return;
	}
	if (known->min_bytes == 0)
		return; /* was said when it was announced */
	while (end - offset >= known->min_bytes) {
		uint32_t bytes = read_record(reader, known, offset, end);
		if (bytes == 0)
			return;
		offset += bytes;
		known->records++;
	}
	if (offset == start)
		ipfix_problem(reader, 109, offset - 4, "a set of template %u holds no record", id);
	check_padding(reader, offset, end);
}

static void read_set(struct ipfix_reader *reader, uint16_t id, uint32_t offset, uint32_t end)
{
	bool v9 = reader->head.version == IPFIX_VERSION_NETFLOW9;

	if (id >= IPFIX_SET_FIRST_DATA)
		read_data(reader, id, offset, end);
	else if (id == (v9 ? SET_TEMPLATE9 : IPFIX_SET_TEMPLATE))
		ipfix_specs_read(reader, offset, end);
	else if (id == (v9 ? SET_OPTIONS9 : IPFIX_SET_OPTIONS_TEMPLATE))
		ipfix_specs_read_options(reader, offset, end);
	else
		ipfix_problem(reader, 107, offset - 4, "set id %u means nothing", id);
}

void ipfix_sets_read(struct ipfix_reader *reader, uint32_t offset)
{
	uint32_t end = reader->head.length, first = offset;

	while (end - offset >= IPFIX_SET_HEADER_BYTES) {
		uint16_t id = ipfix_read_u16(reader->octets + offset);
		uint32_t bytes = ipfix_read_u16(reader->octets + offset + 2);
		if (bytes < IPFIX_SET_HEADER_BYTES) {
			ipfix_problem(reader, 108, offset,
					"set %u says it has %u octets, its header has 4", id,
					bytes);
			return;
		}
		if (bytes > end - offset) {
			ipfix_problem(reader, 108, offset,
					"set %u says it has %u octets, %u are left in the message",
					id, bytes, end - offset);
			bytes = end - offset;
		}
		if (bytes == IPFIX_SET_HEADER_BYTES)
			ipfix_problem(reader, 109, offset, "set %u is empty", id);
		else
			read_set(reader, id, offset + IPFIX_SET_HEADER_BYTES, offset + bytes);
		offset += bytes;
	}
	if (offset == first)
		ipfix_problem(reader, 109, first, "the message holds no set");
	if (offset < end)
		ipfix_problem(reader, 111, offset, "%u octets follow the last set", end - offset);
	reader->tally.whole = offset == end;
}

/* What the octets of a record of version 5 are. */
static const struct ipfix_known version5 = {.field_count = 20,
		.min_bytes = 48,
		.specs = {{0, 8, 4}, {0, 12, 4}, {0, 15, 4}, {0, 10, 2}, {0, 14, 2}, {0, 2, 4},
				{0, 1, 4}, {0, 22, 4}, {0, 21, 4}, {0, 7, 2}, {0, 11, 2},
				{0, 210, 1}, {0, 6, 1}, {0, 4, 1}, {0, 5, 1}, {0, 16, 2},
				{0, 17, 2}, {0, 9, 1}, {0, 13, 1}, {0, 210, 2}}};

void ipfix_sets_read5(struct ipfix_reader *reader, uint32_t offset)
{
	uint32_t end = reader->head.length, records = 0;

	while (records < reader->head.count && end - offset >= version5.min_bytes) {
		uint32_t bytes = read_record(reader, &version5, offset, end);
		offset += bytes;
		records++;
	}
	reader->tally.whole = offset == end && records == reader->head.count;
}
