/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What somebody may have meant by a key that does not exist: a word that other programs use, a slip
 * of the fingers, or the right key in the wrong place.
 */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include "base_strbuf.h"

#include <stddef.h>

/*
 * Appends what was expected instead of the unknown key `name` (of `len` octets) below `parent`, in
 * the words of the schema: `did you mean "outputs"?` or `expected name or path`.
 */
void config_suggest(const char *parent, const char *name, size_t len, struct base_strbuf *out);

/*
 * How many letters two words differ by: letters left out, put in, replaced, or swapped with their
 * neighbour (optimal string alignment). Case and "-" for "_" count nothing. Words longer than
 * CONFIG_SUGGEST_LETTERS are CONFIG_SUGGEST_LETTERS apart from everything.
 */
size_t config_suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len);
#define CONFIG_SUGGEST_LETTERS 40

#endif
