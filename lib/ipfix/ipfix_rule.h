/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules that an exporter is held to, by number: what a check of foreign messages can find, with
 * how much it matters. "IPX-104" is rule 104.
 */
#ifndef IPFIX_RULE_H
#define IPFIX_RULE_H

#include <stdint.h>

enum ipfix_severity {
	IPFIX_SEVERITY_ERROR, /* a collector may lose or misread data */
	IPFIX_SEVERITY_WARNING, /* some collectors will, or data may have been lost */
	IPFIX_SEVERITY_NOTE, /* allowed, and worth knowing */
	IPFIX_SEVERITY_COUNT,
};

struct ipfix_rule {
	uint16_t number;
	uint8_t severity; /* enum ipfix_severity */
	const char *source; /* where it is written */
	const char *text;
	const char *harm; /* what a collector makes of it when it is broken */
};

extern const struct ipfix_rule ipfix_rules[]; /* by number, rising */
extern const unsigned int ipfix_rule_count;

/* Index in ipfix_rules, or ipfix_rule_count. */
unsigned int ipfix_rule_find(uint16_t number);

/* "error", "warning", "note" */
const char *ipfix_severity_name(enum ipfix_severity severity);

#endif
