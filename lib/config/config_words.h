/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The schema in words: what a key takes, for errors and for the reference page, and a value as a
 * user would write it.
 */
#ifndef CONFIG_WORDS_H
#define CONFIG_WORDS_H

#include "base_strbuf.h"
#include "config_schema.h"

/* What the type is called: "duration", "size". */
const char *config_words_type(const struct config_key *key);
/* Appends what the key takes: "auto, or 64 to 32768", "jsonl or csv". */
void config_words_range(const struct config_key *key, struct base_strbuf *out);
/* The same with an example where the form of the value may be what is wrong. */
void config_words_expect(const struct config_key *key, struct base_strbuf *out);
/* Appends the names of all keys below `parent`: "name, format or path". */
void config_words_keys(const char *parent, struct base_strbuf *out);

/* Fewest and most octets of a text, without the NUL. */
size_t config_words_text_low(const struct config_key *key);
size_t config_words_text_high(const struct config_key *key);

/*
 * Appends the value of `key` in `base` as YAML that config_value_parse() reads back to the same: in
 * the table's own words when it is the default, else in the largest unit that is exact.
 */
void config_words_value(const struct config_key *key, const void *base, struct base_strbuf *out);

#endif
