/* SPDX-License-Identifier: BSD-3-Clause */
#include "ipfix_text.h"

#include <string.h>

static bool is_tail(uint8_t octet)
{
	return (octet & 0xc0) == 0x80;
}

/* What the second octet may be after the first (Unicode, table 3-7: no surrogates, no detours). */
static bool starts_well(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return true;
	}
}

size_t ipfix_text_character(const uint8_t *text, size_t len)
{
	size_t need;

	if (len == 0)
		return 0;
	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	need = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (len < need || !starts_well(text[0], text[1]))
		return 0;
	for (size_t i = 1; i < need; i++) {
		if (!is_tail(text[i]))
			return 0;
	}
	return need;
}

size_t ipfix_text_copy(uint8_t *out, size_t size, const char *text, bool *cut)
{
	static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};
	const uint8_t *from = (const uint8_t *)text;
	size_t left = text ? strlen(text) : 0, len = 0;

	*cut = false;
	while (left > 0) {
		size_t octets = ipfix_text_character(from, left);
		const uint8_t *piece = octets ? from : replacement;
		size_t piece_bytes = octets ? octets : sizeof(replacement);
		if (len + piece_bytes > size) {
			*cut = true;
			break;
		}
		memcpy(out + len, piece, piece_bytes);
		len += piece_bytes;
		from += octets ? octets : 1;
		left -= octets ? octets : 1;
	}
	return len;
}
