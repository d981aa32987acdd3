/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIRCTL_CALL_H
#define WEIRCTL_CALL_H

#include "base_cacheline.h"

#include <jansson.h>

#include <stdbool.h>

/*
 * Connects, asks once, hangs up. `path` is a socket or the directory of
 * view.sock and admin.sock; NULL: the usual place.
 * `params` is taken over. 0 with *result, owned by the caller, or an exit code (sysexits.h) after
 * cause and cure were written to standard error.
 */
int weirctl_call(const char *path, bool admin, const char *method, json_t *params,
		json_t **result) BASE_MUST_CHECK;

#endif
