/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of any exporter to templates and records: IPFIX (RFC 7011) with variable lengths,
 * enterprise elements, options and withdrawals, and NetFlow versions 9 and 5.
 *
 *     octets -> sets -> | template: kept     | -> ops->announced, ops->withdrawn
 *                       | data: by template  | -> ops->record (fields point into the message)
 *     what is wrong ------------------------------> ops->problem (rule, offset, sentence)
 *
 * Invariant: no octet outside the message is read, whatever it holds, and what it makes the reader
 * keep is bounded. What can still be read after a fault is read; a set whose end is not known ends
 * the message.
 *
 * A reader serves one transport session. One thread at a time; no output of its own.
 */
#ifndef IPFIX_READER_H
#define IPFIX_READER_H

#include "ipfix_cache.h"

enum {
	IPFIX_VERSION_NETFLOW5 = 5,
	IPFIX_VERSION_NETFLOW9 = 9,
};

/* The head of a message, in the words of IPFIX. */
struct ipfix_head {
	uint16_t version; /* 10, 9 or 5 */
	uint16_t count; /* what the message says it holds: octets, or records of NetFlow */
	uint32_t length; /* octets that were read as this message */
	uint32_t export_sec;
	uint32_t sequence;
	uint32_t domain; /* observation domain, source id, or engine type and id */
	uint32_t uptime_ms; /* NetFlow */
	uint16_t sampling; /* version 5: mode and interval */
	uint64_t index; /* of the message in its session, from 0 */
	int64_t received_ns;
};

struct ipfix_field_value {
	const struct ipfix_spec *spec;
	const uint8_t *octets; /* in the message */
	uint32_t length;
};

struct ipfix_record_seen {
	const struct ipfix_head *head;
	const struct ipfix_known *known;
	const struct ipfix_field_value *fields; /* known->field_count */
	uint32_t offset; /* in the message */
	uint32_t length;
};

/* How a message was gone through. */
struct ipfix_tally {
	uint32_t records; /* data records, options data included */
	uint32_t template_records;
	uint32_t unknown_sets; /* data sets without a template: their records are not counted */
	bool whole; /* it was read to its end */
};

/* Each may be NULL. What they get lives until they return. */
struct ipfix_reader_ops {
	void (*head)(void *context, const struct ipfix_head *head);
	/* before is NULL for a new id; both are of the same domain and id */
	void (*announced)(void *context, const struct ipfix_known *known,
			const struct ipfix_known *before, uint32_t offset);
	/* id 2 or 3: all templates, all options templates of the domain */
	void (*withdrawn)(
			void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset);
	void (*record)(void *context, const struct ipfix_record_seen *record);
	/* data whose template is not known; when NULL, it is a problem */
	void (*unknown)(void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset);
	void (*problem)(void *context, uint16_t rule, uint32_t offset, const char *sentence);
	void (*end)(void *context, const struct ipfix_head *head, const struct ipfix_tally *tally);
};

struct ipfix_reader {
	struct ipfix_cache cache;
	const struct ipfix_reader_ops *ops;
	void *context;
	uint64_t messages;
	struct ipfix_field_value fields[IPFIX_CACHE_FIELDS_MAX];
	/* of the message that is being read */
	struct ipfix_head head;
	struct ipfix_tally tally;
	const uint8_t *octets;
};

/* Memory for templates is taken as they come and never above about 64 KiB and 16 octets a field. */
void ipfix_reader_init(struct ipfix_reader *reader, const struct ipfix_reader_ops *ops,
		void *context, uint32_t templates_max, uint32_t fields_max);
void ipfix_reader_fini(struct ipfix_reader *reader);

/*
 * Reads one message (a datagram, or what ipfix_reader_split() cut off). received_ns is wall clock,
 * 0 when it is not known. 0, or -EBADMSG when its head could not be read.
 */
int ipfix_reader_message(struct ipfix_reader *reader, const uint8_t *octets, size_t length,
		int64_t received_ns);

/*
 * Length of the message at the start of a stream or file of IPFIX messages, of which `length`
 * octets are there: 0 when more octets are needed, -EBADMSG when no message can begin so.
 */
int ipfix_reader_split(const uint8_t *octets, size_t length);

/* The first field of a record with that element, or NULL. */
const struct ipfix_field_value *ipfix_record_field(
		const struct ipfix_record_seen *record, uint32_t enterprise, uint16_t id);

#endif
