/* SPDX-License-Identifier: BSD-3-Clause */
/* The ledger at the end: every identity that does not hold, or one line that all do. */
#ifndef WEIR_LEDGER_H
#define WEIR_LEDGER_H

#include "control.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints it to `out`; true when it closes. */
bool weir_ledger_print(const struct control_view *view, FILE *out);

#endif
