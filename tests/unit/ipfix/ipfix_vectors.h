/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages to read, as hexadecimal digits, and what a reader makes of them, as text. */
#ifndef IPFIX_VECTORS_H
#define IPFIX_VECTORS_H

#include "ipfix_check.h"
#include "ipfix_value.h"

#include <check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The examples of RFC 7011, appendix A, as sets. */
#define VECTOR_A21 "0002001c 01000005 00080004 000c0004 000f0004 00020004 00010004"
#define VECTOR_A22 "00020020 01010005 00080004 000c0004 800f0004 00002b67 00020004 00010004"
#define VECTOR_A3                                               \
	"01000040 c000020c c00002fe c0000201 00001391 00518c81" \
	"c000021b c0000217 c0000202 000002ec 0005ef46"          \
	"c0000238 c0000241 c0000203 00000005 00001986"
#define VECTOR_A41 "00030018 01020003 0001008d 00040029 0002002a 00020000"
#define VECTOR_A43 "0003001c 01040003 0001807b 00040000 2b670029 0002002a 00020000"
#define VECTOR_A44 "01020014 00000001 015927d9 00000002 02b24fb2"

/* Octets of hexadecimal digits; anything else is skipped. */
static inline size_t vector_octets(const char *hex, uint8_t *out)
{
	size_t digits = 0;

	for (; *hex; hex++) {
		const char *all = "0123456789abcdef", *at = strchr(all, *hex);
		if (!at)
			continue;
		if (digits % 2 == 0)
			out[digits / 2] = 0;
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | (at - all));
		digits++;
	}
	ck_assert_uint_eq(digits % 2, 0);
	return digits / 2;
}

/* An IPFIX message of these sets: of 2004-05-24, in domain 1. */
static inline size_t vector_message(const char *sets, uint32_t sequence, uint8_t *out)
{
	char head[64];
	size_t bytes = vector_octets(sets, out);

	snprintf(head, sizeof(head), "000a%04zx40b1fc28%08x00000001", bytes + 16, sequence);
	bytes = vector_octets(head, out);
	return bytes + vector_octets(sets, out + bytes);
}

/* What a reader told, one line each. */
struct vector_log {
	struct base_strbuf text;
	unsigned int problems;
	struct ipfix_tally tally;
};

static inline void vector_log_template(void *context, const struct ipfix_known *known,
		const struct ipfix_known *before, uint32_t offset)
{
	struct vector_log *log = context;

	base_strbuf_printf(&log->text,
			"%s %u%s at %u:", known->scope_count ? "options" : "template", known->id,
			before ? " again" : "", offset);
	for (unsigned int i = 0; i < known->field_count; i++)
		base_strbuf_printf(&log->text, " %u/%u:%u", known->specs[i].enterprise,
				known->specs[i].id, known->specs[i].length);
	base_strbuf_putc(&log->text, '\n');
}

static inline void vector_log_withdrawal(
		void *context, const struct ipfix_head *head, uint16_t id, uint32_t offset)
{
	struct vector_log *log = context;

	base_strbuf_printf(&log->text, "withdrawn %u of %u at %u\n", id, head->domain, offset);
}

static inline void vector_log_record(void *context, const struct ipfix_record_seen *record)
{
	struct vector_log *log = context;

	base_strbuf_printf(&log->text, "%u:", record->known->id);
	for (unsigned int i = 0; i < record->known->field_count; i++) {
		base_strbuf_putc(&log->text, ' ');
		ipfix_value_print(&record->fields[i], 0, &log->text);
	}
	base_strbuf_putc(&log->text, '\n');
}

static inline void vector_log_problem(
		void *context, uint16_t rule, uint32_t offset, const char *sentence)
{
	struct vector_log *log = context;

	log->problems++;
	base_strbuf_printf(&log->text, "%u at %u: %s\n", rule, offset, sentence);
}

static inline void vector_log_end(
		void *context, const struct ipfix_head *head, const struct ipfix_tally *tally)
{
	struct vector_log *log = context;

	log->tally = *tally;
}

static const struct ipfix_reader_ops vector_ops = {
		.announced = vector_log_template,
		.withdrawn = vector_log_withdrawal,
		.record = vector_log_record,
		.problem = vector_log_problem,
		.end = vector_log_end,
};

/* Reads a copy that ends where the message does, so that a read past it is seen. */
static inline int vector_read(struct ipfix_reader *reader, const uint8_t *octets, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, octets, length);
	int rc = ipfix_reader_message(reader, copy, length, 0);
	free(copy);
	return rc;
}

#endif
