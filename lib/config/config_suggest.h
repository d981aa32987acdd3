/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include "base_strbuf.h"

#include <stddef.h>

/*
 * What to say of a key that does not exist below `parent`: the nearest one there by edit distance,
 * else where a key of that name stands, else the keys that there are. Appends it to `out`.
 */
void config_suggest(const char *parent, const char *name, size_t len, struct base_strbuf *out);

#endif
