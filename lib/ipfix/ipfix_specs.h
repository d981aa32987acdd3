/* SPDX-License-Identifier: BSD-3-Clause */
/* Template records, options template records and withdrawals: the inside of a reader. */
#ifndef IPFIX_SPECS_H
#define IPFIX_SPECS_H

#include "ipfix_reader.h"

/* The records of a template set, from offset to end. */
void ipfix_specs_read(struct ipfix_reader *reader, uint32_t offset, uint32_t end);
void ipfix_specs_read_options(struct ipfix_reader *reader, uint32_t offset, uint32_t end);

#endif
