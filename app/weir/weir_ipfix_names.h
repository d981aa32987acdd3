/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names and types of private elements, as exporters explain them in type records (RFC 5610): so
 * that a dump can show more than digits. Of all exporters together; the first explanation stays.
 */
#ifndef WEIR_IPFIX_NAMES_H
#define WEIR_IPFIX_NAMES_H

#include "ipfix_value.h"

#define WEIR_IPFIX_NAMES_MAX 512
#define WEIR_IPFIX_NAME_BYTES 64

struct weir_ipfix_name {
	struct ipfix_spec spec;
	struct ipfix_element element;
	char name[WEIR_IPFIX_NAME_BYTES];
};

struct weir_ipfix_names {
	struct weir_ipfix_name *list; /* from malloc() */
	unsigned int count;
};

/* Keeps what a record explains, if it is a type record. */
void weir_ipfix_names_learn(struct weir_ipfix_names *names, const struct ipfix_record_seen *record);
/* NULL when it was not explained. */
const struct ipfix_element *weir_ipfix_names_find(
		const struct weir_ipfix_names *names, const struct ipfix_spec *spec);
void weir_ipfix_names_fini(struct weir_ipfix_names *names);

#endif
