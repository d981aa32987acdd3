/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EXPORT_REFERENCE_H
#define EXPORT_REFERENCE_H

#include "base_strbuf.h"

/* Appends the reference page of records (docs/records.md), made from the table of fields. */
void export_write_reference(struct base_strbuf *out);

#endif
