/* SPDX-License-Identifier: BSD-3-Clause */
/* The sets of a message: the inside of a reader. */
#ifndef IPFIX_SETS_H
#define IPFIX_SETS_H

#include "ipfix_reader.h"

/* The sets from `offset` to reader->head.length; counts them in reader->tally. */
void ipfix_sets_read(struct ipfix_reader *reader, uint32_t offset);

/* The records of NetFlow version 5, which has neither sets nor templates. */
void ipfix_sets_read5(struct ipfix_reader *reader, uint32_t offset);

#endif
