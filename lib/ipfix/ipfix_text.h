/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of records: valid UTF-8 of bounded length (RFC 7011, section 6.1.6). */
#ifndef IPFIX_TEXT_H
#define IPFIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Copies at most `size` octets of `text` (NULL: none) to `out`, whole characters only; octets that
 * are not UTF-8 become U+FFFD. Returns the length; *cut is set when something did not fit.
 */
size_t ipfix_text_copy(uint8_t *out, size_t size, const char *text, bool *cut);

/* Length of the UTF-8 character at `text` with `len` octets left; 0 when it is none. */
size_t ipfix_text_character(const uint8_t *text, size_t len);

#endif
