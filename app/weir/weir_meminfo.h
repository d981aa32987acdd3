/* SPDX-License-Identifier: BSD-3-Clause */
/* What memory this machine has, as Linux tells it. */
#ifndef WEIR_MEMINFO_H
#define WEIR_MEMINFO_H

#include <stdint.h>

#define WEIR_MEMINFO "/proc/meminfo"

/* The number in the line `name` of such a file, in that line's own unit: KiB, or pages. 0 when the
 * line is not there. */
uint64_t weir_meminfo_read(const char *path, const char *name);

#endif
