/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* After the last value of a line: closing quote, brace, newline; a prefix is copied whole. */
#define LINE_END_BYTES (3 + EXPORT_PREFIX_BYTES)

/* An octet of a name becomes at most 6 (JSON) or 3 (CSV), and CSV adds two quotes. */
#define LABEL_GROWTH 6
#define LABEL_QUOTES 2

static int make_labels(struct export_encoder *encoder, const struct export_context *context)
{
	size_t bytes = 1;

	for (uint32_t i = 0; i < context->port_count; i++)
		bytes += strlen(context->port_names[i]) * LABEL_GROWTH + LABEL_QUOTES;
	encoder->labels = calloc((size_t)context->port_count + 1, sizeof(*encoder->labels));
	encoder->label_memory = malloc(bytes);
	if (!encoder->labels || !encoder->label_memory)
		return -ENOMEM;

	char *at = encoder->label_memory;
	for (uint32_t i = 0; i < context->port_count; i++) {
		char *end = encoder->format == CONFIG_OUTPUT_CSV
				? export_text_csv(at, context->port_names[i])
				: export_text_json(at, context->port_names[i]);
		encoder->labels[i] = (struct export_label){at, (uint32_t)(end - at)};
		at = end;
	}
	encoder->context.ports = encoder->labels;
	encoder->context.port_count = context->port_count;
	return 0;
}

static void add_column(struct export_encoder *encoder, const struct export_field *field)
{
	bool first = encoder->column_count == 0;
	struct export_column *column = &encoder->columns[encoder->column_count++];
	char *at = column->prefix;

	column->field = field;
	column->write = field->write;
	if (encoder->format == CONFIG_OUTPUT_CSV) {
		if (!first)
			*at++ = ',';
	} else {
		column->quoted = field->type == EXPORT_STRING;
		*at++ = first ? '{' : ',';
		*at++ = '"';
		at = stpcpy(at, field->name);
		*at++ = '"';
		*at++ = ':';
		if (column->quoted)
			*at++ = '"';
	}
	column->len = (uint32_t)(at - column->prefix);
}

/* Columns that are for some outputs or runs alone. */
static bool is_wanted(const struct export_encoder *encoder, const struct export_field *field)
{
	if (strcmp(field->name, "community_id") == 0)
		return encoder->context.community != NULL;
	if (strcmp(field->name, "sampling_rate") == 0)
		return encoder->context.sampling_rate > 1;
	return true;
}

static int make_columns(struct export_encoder *encoder)
{
	encoder->columns = calloc(export_field_count, sizeof(*encoder->columns));
	if (!encoder->columns)
		return -ENOMEM;
	for (unsigned int i = 0; i < export_field_count; i++) {
		if (is_wanted(encoder, &export_fields[i]))
			add_column(encoder, &export_fields[i]);
	}
	return 0;
}

static int make_header(struct export_encoder *encoder)
{
	encoder->header = malloc(encoder->column_count * (EXPORT_FIELD_NAME_BYTES + 1) + 1);
	if (!encoder->header)
		return -ENOMEM;

	char *at = encoder->header;
	for (unsigned int i = 0; encoder->format == CONFIG_OUTPUT_CSV && i < encoder->column_count;
			i++) {
		at = stpcpy(at, encoder->columns[i].field->name);
		*at++ = i + 1 < encoder->column_count ? ',' : '\n';
	}
	*at = '\0';
	encoder->header_len = (size_t)(at - encoder->header);
	return 0;
}

static size_t longest_line(const struct export_encoder *encoder)
{
	size_t bytes = LINE_END_BYTES, label = 0;

	for (unsigned int i = 0; i < encoder->column_count; i++)
		bytes += encoder->columns[i].len + EXPORT_TEXT_BYTES + 1;
	for (uint32_t i = 0; i < encoder->context.port_count; i++) {
		if (encoder->labels[i].len > label)
			label = encoder->labels[i].len;
	}
	return bytes + 2 * label; /* port and rev_port */
}

int export_encoder_init(struct export_encoder *encoder, enum config_output_format format,
		bool community_id, const struct export_context *context)
{
	int error = 0;

	*encoder = (struct export_encoder){.format = format};
	encoder->context.sampling_rate = context->sampling_rate;
	export_text_day_init(&encoder->context.day);
	if (community_id)
		error = export_community_create(&encoder->context.community);
	if (error == 0)
		error = make_labels(encoder, context);
	if (error == 0)
		error = make_columns(encoder);
	if (error == 0)
		error = make_header(encoder);
	if (error < 0) {
		export_encoder_fini(encoder);
		return error;
	}
	encoder->line_bytes = longest_line(encoder);
	return 0;
}

void export_encoder_fini(struct export_encoder *encoder)
{
	export_community_destroy(encoder->context.community);
	free(encoder->labels);
	free(encoder->label_memory);
	free(encoder->columns);
	free(encoder->header);
	*encoder = (struct export_encoder){0};
}

static char *write_json(struct export_encoder *encoder, char *out, const struct flow_record *record)
{
	for (unsigned int i = 0; i < encoder->column_count; i++) {
		const struct export_column *column = &encoder->columns[i];

		/* whole: three moves instead of a call; the value overwrites what is too much */
		memcpy(out, column->prefix, EXPORT_PREFIX_BYTES);
		char *end = column->write(out + column->len, record, &encoder->context);
		if (!end)
			continue;
		out = end;
		if (column->quoted)
			*out++ = '"';
	}
	*out++ = '}';
	*out++ = '\n';
	return out;
}

static char *write_csv(struct export_encoder *encoder, char *out, const struct flow_record *record)
{
	for (unsigned int i = 0; i < encoder->column_count; i++) {
		const struct export_column *column = &encoder->columns[i];

		*out = ',';
		out += column->len;
		char *end = column->write(out, record, &encoder->context);
		if (end)
			out = end;
	}
	*out++ = '\n';
	return out;
}

char *export_encoder_write(
		struct export_encoder *encoder, char *out, const struct flow_record *record)
{
	return encoder->format == CONFIG_OUTPUT_CSV ? write_csv(encoder, out, record)
						    : write_json(encoder, out, record);
}
