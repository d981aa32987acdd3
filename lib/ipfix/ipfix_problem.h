/* SPDX-License-Identifier: BSD-3-Clause */
/* What a reader found wrong. */
#ifndef IPFIX_PROBLEM_H
#define IPFIX_PROBLEM_H

#include "ipfix_reader.h"

#define IPFIX_SENTENCE_BYTES 160

/* Tells the reader's user: rule number (see ipfix_rule.h), offset in the message, one sentence. */
void ipfix_problem(struct ipfix_reader *reader, uint16_t rule, uint32_t offset, const char *format,
		...) __attribute__((format(printf, 4, 5)));

#endif
