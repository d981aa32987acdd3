/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_reader.h"

#include "ipfix_netflow5.h"
#include "ipfix_problem.h"
#include "ipfix_read.h"
#include "ipfix_sets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void ipfix_reader_init(struct ipfix_reader *reader, const struct ipfix_reader_ops *ops,
		void *context, uint32_t templates_max, uint32_t fields_max)
{
	reader->ops = ops;
	reader->context = context;
	reader->messages = 0;
	ipfix_cache_init(&reader->cache, templates_max, fields_max);
}

void ipfix_reader_fini(struct ipfix_reader *reader)
{
	ipfix_cache_fini(&reader->cache);
}

void ipfix_problem(struct ipfix_reader *reader, uint16_t rule, uint32_t offset, const char *format,
		...)
{
	char sentence[IPFIX_SENTENCE_BYTES];
	va_list args;

	if (!reader->ops->problem)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	reader->ops->problem(reader->context, rule, offset, sentence);
}

static int read_head(struct ipfix_reader *reader, size_t length)
{
	struct ipfix_head *head = &reader->head;
	const uint8_t *octets = reader->octets;

	head->count = ipfix_read_u16(octets + 2);
	head->length = head->count;
	head->export_sec = ipfix_read_u32(octets + 4);
	head->sequence = ipfix_read_u32(octets + 8);
	head->domain = ipfix_read_u32(octets + 12);
	if (head->length < IPFIX_HEADER_BYTES) {
		ipfix_problem(reader, 102, 2,
				"the message says it has %u octets, its header has 16",
				head->length);
		return -EBADMSG;
	}
	if (head->length > length) {
		ipfix_problem(reader, 102, 2, "the message says it has %u octets, %zu are there",
				head->length, length);
		head->length = (uint32_t)length;
	} else if (head->length < length) {
		ipfix_problem(reader, 111, head->length, "%zu octets follow the end of the message",
				length - head->length);
	}
	return 0;
}

static int read_head9(struct ipfix_reader *reader, size_t length)
{
	struct ipfix_head *head = &reader->head;
	const uint8_t *octets = reader->octets;

	if (length < IPFIX_NETFLOW9_HEADER_BYTES) {
		ipfix_problem(reader, 102, 0, "%zu octets are no NetFlow version 9 header", length);
		return -EBADMSG;
	}
	head->count = ipfix_read_u16(octets + 2);
	head->length = (uint32_t)length;
	head->uptime_ms = ipfix_read_u32(octets + 4);
	head->export_sec = ipfix_read_u32(octets + 8);
	head->sequence = ipfix_read_u32(octets + 12);
	head->domain = ipfix_read_u32(octets + 16);
	return 0;
}

static int read_head5(struct ipfix_reader *reader, size_t length)
{
	struct ipfix_head *head = &reader->head;
	const uint8_t *octets = reader->octets;

	if (length < IPFIX_NETFLOW5_HEADER_BYTES) {
		ipfix_problem(reader, 102, 0, "%zu octets are no NetFlow version 5 header", length);
		return -EBADMSG;
	}
	head->count = ipfix_read_u16(octets + 2);
	head->length = (uint32_t)length;
	head->uptime_ms = ipfix_read_u32(octets + 4);
	head->export_sec = ipfix_read_u32(octets + 8);
	head->sequence = ipfix_read_u32(octets + 16);
	head->domain = ipfix_read_u16(octets + 20);
	head->sampling = ipfix_read_u16(octets + 22);
	if (head->count == 0 || head->count > IPFIX_NETFLOW5_RECORDS_MAX
			|| length
					!= IPFIX_NETFLOW5_HEADER_BYTES
							+ head->count * IPFIX_NETFLOW5_RECORD_BYTES) {
		ipfix_problem(reader, 905, 2, "%u records of version 5 do not make %zu octets",
				head->count, length);
	}
	return 0;
}

static int read_message(struct ipfix_reader *reader, size_t length)
{
	int rc;

	switch (reader->head.version) {
	case IPFIX_VERSION:
		rc = read_head(reader, length);
		break;
	case IPFIX_VERSION_NETFLOW9:
		rc = read_head9(reader, length);
		break;
	case IPFIX_VERSION_NETFLOW5:
		rc = read_head5(reader, length);
		break;
	default:
		ipfix_problem(reader, 101, 0, "version %u: not 10 (nor NetFlow 9 or 5)",
				reader->head.version);
		return -EBADMSG;
	}
	if (rc < 0)
		return rc;
	if (reader->ops->head)
		reader->ops->head(reader->context, &reader->head);
	if (reader->head.version == IPFIX_VERSION)
		ipfix_sets_read(reader, IPFIX_HEADER_BYTES);
	else if (reader->head.version == IPFIX_VERSION_NETFLOW9)
		ipfix_sets_read(reader, IPFIX_NETFLOW9_HEADER_BYTES);
	else
		ipfix_sets_read5(reader, IPFIX_NETFLOW5_HEADER_BYTES);
	if (reader->ops->end)
		reader->ops->end(reader->context, &reader->head, &reader->tally);
	return 0;
}

int ipfix_reader_message(struct ipfix_reader *reader, const uint8_t *octets, size_t length,
		int64_t received_ns)
{
	reader->octets = octets;
	reader->head = (struct ipfix_head){.index = reader->messages++, .received_ns = received_ns};
	reader->tally = (struct ipfix_tally){0};
	if (length < IPFIX_HEADER_BYTES) {
		ipfix_problem(reader, 102, 0, "%zu octets are no message: the header has 16",
				length);
		return -EBADMSG;
	}
	if (length > IPFIX_MESSAGE_MAX)
		length = IPFIX_MESSAGE_MAX;
	reader->head.version = ipfix_read_u16(octets);
	return read_message(reader, length);
}

int ipfix_reader_split(const uint8_t *octets, size_t length)
{
	if (length < 4)
		return 0;
	uint16_t message_bytes = ipfix_read_u16(octets + 2);
	if (ipfix_read_u16(octets) != IPFIX_VERSION || message_bytes < IPFIX_HEADER_BYTES)
		return -EBADMSG;
	return length < message_bytes ? 0 : message_bytes;
}

const struct ipfix_field_value *ipfix_record_field(
		const struct ipfix_record_seen *record, uint32_t enterprise, uint16_t id)
{
	for (unsigned int i = 0; i < record->known->field_count; i++) {
		const struct ipfix_spec *spec = record->fields[i].spec;
		if (spec->id == id && spec->enterprise == enterprise)
			return &record->fields[i];
	}
	return NULL;
}
