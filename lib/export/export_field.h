/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one table of what a flow record looks like outside: from it come the JSON Lines, the CSV
 * header and rows, and the reference page docs/records.md. To add a field, add a row at the end
 * and its writer (scripts read fields by name, but spreadsheets read them by column), then
 * renew the page as its test says.
 */
#ifndef EXPORT_FIELD_H
#define EXPORT_FIELD_H

#include "export_community.h"
#include "export_text.h"
#include "flow_record.h"

#include <stdint.h>

enum export_type {
	EXPORT_NUMBER, /* bare in JSON */
	EXPORT_STRING, /* quoted in JSON; needs no escape in any format, or is escaped before */
};

/* Text that was escaped for the format in advance. */
struct export_label {
	const char *text;
	uint32_t len;
};

/* What writers need besides the record. One thread. */
struct export_field_context {
	const struct export_label *ports; /* indexed by flow_record.port */
	uint32_t port_count;
	struct export_text_day day;
	struct export_community *community; /* NULL: community_id is not a field */
	uint32_t sampling_rate; /* 1: sampling_rate is not a field */
};

/*
 * Writes the value at `out`, which holds EXPORT_TEXT_BYTES (a port's label: its own length), and
 * returns its end; NULL when the field does not apply to the record.
 */
typedef char *(*export_field_fn)(
		char *out, const struct flow_record *record, struct export_field_context *context);

struct export_field {
	const char *name;
	enum export_type type;
	const char *form; /* type and unit as the reference page says them */
	const char *present; /* when: "always", "TCP", ... */
	const char *help;
	export_field_fn write;
};

extern const struct export_field export_fields[];
extern const unsigned int export_field_count;

/* The longest name; encoders copy names in pieces of fixed size. */
#define EXPORT_FIELD_NAME_BYTES 16

/* The index of the field `name`, or export_field_count. */
unsigned int export_field_lookup(const char *name);

#endif
