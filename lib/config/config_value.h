/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One value, from the text of the file to its field in a struct.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base_strbuf.h"
#include "config_schema.h"

/*
 * Reads `text` (UTF-8 of `len` octets, then a NUL) as a value of `key` into its field of `base`.
 * Returns 0, or -EINVAL; then the field is as it was, and "what was found; what was expected" is
 * appended to `why` unless that is NULL.
 *
 * A list of CPUs is extended: one text may add several ("2-5,8"), and `base` is a struct config.
 */
int config_value_parse(const struct config_key *key, const char *text, size_t len, void *base,
		struct base_strbuf *why) BASE_MUST_CHECK;

/*
 * True for types whose value is a number; config_value_number() reads one in the type's own unit
 * (ns, octets) without looking at the range: 0, -EINVAL or -ERANGE.
 */
bool config_value_is_number(enum config_type type);
int config_value_number(enum config_type type, const char *text, uint64_t *value) BASE_MUST_CHECK;
/* The number in the field of `key`, which may be of 4 or 8 octets. */
uint64_t config_value_load(const struct config_key *key, const void *base);

#endif
