/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/information-elements.md, from the tables of fields, own elements and options. */
#ifndef IPFIX_REFERENCE_H
#define IPFIX_REFERENCE_H

#include "base_strbuf.h"

/* Appends the whole page (Markdown). */
void ipfix_write_reference(struct base_strbuf *out);

#endif
