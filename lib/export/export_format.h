/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records to lines: JSON Lines and CSV, both from the table of fields. A record is one line in
 * either format and a newline ends it, whatever names hold; the queue and the file rely on it.
 */
#ifndef EXPORT_FORMAT_H
#define EXPORT_FORMAT_H

#include "config.h"
#include "export_field.h"
#include "export_output.h"

#include <stdbool.h>
#include <stddef.h>

/* What precedes a value: `,"name":"` or `,`; copied whole, then `len` octets count. */
#define EXPORT_PREFIX_BYTES 24

struct export_column {
	char prefix[EXPORT_PREFIX_BYTES];
	uint32_t len;
	bool quoted;
	export_field_fn write;
	const struct export_field *field;
};

/* One thread. */
struct export_encoder {
	enum config_output_format format;
	struct export_column *columns;
	unsigned int column_count;
	struct export_field_context context;
	struct export_label *labels;
	char *label_memory;
	size_t line_bytes; /* no line is longer */
	char *header; /* the line that begins a file, with its newline; "" when none */
	size_t header_len;
};

/* Copies what it needs of `context`. 0, or -ENOMEM, or -ENOSYS without SHA-1 (community_id). */
int export_encoder_init(struct export_encoder *encoder, enum config_output_format format,
		bool community_id, const struct export_context *context) BASE_MUST_CHECK;
void export_encoder_fini(struct export_encoder *encoder);

/* Writes one line at `out`, which holds encoder->line_bytes, and returns its end. */
char *export_encoder_write(
		struct export_encoder *encoder, char *out, const struct flow_record *record);

#endif
