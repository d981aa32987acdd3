/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What went wrong with a file, in words: cause and cure; and which counter it belongs to.
 */
#ifndef EXPORT_ERROR_H
#define EXPORT_ERROR_H

#include "stats_table.h"

#include <stddef.h>

/*
 * The counter of records that are lost while `error` (errno, 0: the reader is only slow) keeps an
 * output from writing.
 */
enum stats_output_index export_error_lost_row(int error);

/* One line, without newline: "cannot write PATH: cause; cure". Returns `out`. */
char *export_error_explain(const char *path, int error, char *out, size_t bytes);

#endif
