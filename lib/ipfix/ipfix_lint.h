/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong with a template, before any record of it is seen. */
#ifndef IPFIX_LINT_H
#define IPFIX_LINT_H

#include "ipfix_cache.h"

/* Gets a rule's number and a sentence about the template. */
typedef void (*ipfix_lint_fn)(void *context, uint16_t rule, const char *sentence);

/* Elements under own_enterprise are weir's; of other enterprises only their form is judged. */
void ipfix_lint_template(const struct ipfix_known *known, uint32_t own_enterprise,
		ipfix_lint_fn report, void *context);

/* True when the template has a field of that element. */
bool ipfix_known_has(const struct ipfix_known *known, uint32_t enterprise, uint16_t id);

#endif
