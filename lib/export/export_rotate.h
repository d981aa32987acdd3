/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rotated files: "flows.jsonl" becomes "flows.jsonl.20261121T013000Z", named after the moment (UTC)
 * at which it ended; ".1", ".2" ... follow when that name is taken. Names sort by time.
 */
#ifndef EXPORT_ROTATE_H
#define EXPORT_ROTATE_H

#include "base_cacheline.h"
#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets of a rotated path with its NUL. */
#define EXPORT_ROTATE_PATH_BYTES (CONFIG_PATH_BYTES + 32)

/* Writes the name for `number` (0: without one) into `out`. */
void export_rotate_format(char out[EXPORT_ROTATE_PATH_BYTES], const char *path, int64_t ns,
		unsigned int number);
/*
 * When `name` is "<base>.<time>[.<number>]" writes a key that orders such names by time and number
 * and returns true.
 */
bool export_rotate_parse(const char *name, const char *base, uint64_t key[2]);

/*
 * Renames `path` to its rotated name, never over another file; `moved` gets the name. 0 or -errno.
 */
int export_rotate_rename(
		const char *path, int64_t ns, char moved[EXPORT_ROTATE_PATH_BYTES]) BASE_MUST_CHECK;
/* Deletes all but the `keep` newest rotated files of `path`; nothing when `keep` is 0. */
void export_rotate_prune(const char *path, uint32_t keep);

#endif
