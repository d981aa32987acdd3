/* SPDX-License-Identifier: BSD-3-Clause */
#include "export_text.h"

#include "base_cacheline.h"
#include "base_clock.h"

#include <stdbool.h>
#include <string.h>

#define NS_PER_DAY (INT64_C(86400) * BASE_NS_PER_SEC)

static const char two_digits[200] =
		"00010203040506070809101112131415161718192021222324252627282930313"
		"23334353637383940414243444546474849505152535455565758596061626364"
		"65666768697071727374757677787980818283848586878889909192939495969"
		"79899";
static const char hex_digits[16] = "0123456789abcdef";

static BASE_ALWAYS_INLINE char *put_two(char *out, uint32_t value)
{
	memcpy(out, two_digits + 2 * value, 2);
	return out + 2;
}

static BASE_ALWAYS_INLINE unsigned int count_digits(uint64_t value)
{
	static const uint64_t powers[20] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
			100000000, 1000000000, UINT64_C(10000000000), UINT64_C(100000000000),
			UINT64_C(1000000000000), UINT64_C(10000000000000),
			UINT64_C(100000000000000), UINT64_C(1000000000000000),
			UINT64_C(10000000000000000), UINT64_C(100000000000000000),
			UINT64_C(1000000000000000000), UINT64_C(10000000000000000000)};
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(value);
	unsigned int log10 = bits * 1233 >> 12; /* log10(2) = 1233/4096: right or one too many */

	return log10 + 1 - (value < powers[log10]);
}

char *export_text_u64(char *out, uint64_t value)
{
	if (value < 10) {
		*out = (char)('0' + value);
		return out + 1;
	}
	char *end = out + count_digits(value);
	char *at = end;

	while (value >= 100) {
		at -= 2;
		memcpy(at, two_digits + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10)
		memcpy(at - 2, two_digits + 2 * value, 2);
	else
		at[-1] = (char)('0' + value);
	return end;
}

char *export_text_hex64(char *out, uint64_t value)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		*out++ = hex_digits[value >> shift & 15];
	return out;
}

static BASE_ALWAYS_INLINE char *put_octet(char *out, uint32_t value)
{
	if (value >= 100) {
		*out++ = (char)('0' + value / 100);
		return put_two(out, value % 100);
	}
	if (value >= 10)
		return put_two(out, value);
	*out = (char)('0' + value);
	return out + 1;
}

char *export_text_ipv4(char *out, const uint8_t octets[4])
{
	out = put_octet(out, octets[0]);
	*out++ = '.';
	out = put_octet(out, octets[1]);
	*out++ = '.';
	out = put_octet(out, octets[2]);
	*out++ = '.';
	return put_octet(out, octets[3]);
}

static char *put_word(char *out, uint32_t word)
{
	if (word >= 0x1000)
		*out++ = hex_digits[word >> 12];
	if (word >= 0x100)
		*out++ = hex_digits[word >> 8 & 15];
	if (word >= 0x10)
		*out++ = hex_digits[word >> 4 & 15];
	*out++ = hex_digits[word & 15];
	return out;
}

/* The longest run of zero words, the first of equals; a single one does not count (RFC 5952 4.2).
 */
static void find_zeros(const uint32_t words[8], unsigned int *start, unsigned int *len)
{
	unsigned int run = 0;

	*start = 8;
	*len = 1;
	for (unsigned int i = 0; i < 8; i++) {
		run = words[i] == 0 ? run + 1 : 0;
		if (run > *len) {
			*len = run;
			*start = i + 1 - run;
		}
	}
}

char *export_text_ipv6(char *out, const uint8_t octets[16])
{
	uint32_t words[8];
	unsigned int start, len;

	for (unsigned int i = 0; i < 8; i++)
		words[i] = (uint32_t)octets[2 * i] << 8 | octets[2 * i + 1];
	find_zeros(words, &start, &len);
	bool mixed = start == 0 && (len == 6 || (len == 5 && words[5] == 0xffff));
	unsigned int count = mixed ? 6 : 8;

	for (unsigned int i = 0; i < count; i++) {
		if (i == start) {
			*out++ = ':';
			i += len - 1;
			if (i == 7)
				*out++ = ':';
			continue;
		}
		if (i > 0)
			*out++ = ':';
		out = put_word(out, words[i]);
	}
	if (!mixed)
		return out;
	*out++ = ':';
	return export_text_ipv4(out, octets + 12);
}

/*
 * Day number to date in the proleptic Gregorian calendar. Counting years from March puts the leap
 * day last, so months follow the fixed pattern 31 30 31 30 31: (5 m + 2) / 153 of the day.
 */
static void set_day(struct export_text_day *cache, int64_t day)
{
	int64_t shifted = day + 719468; /* days since 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	uint32_t of_era = (uint32_t)(shifted - era * 146097);
	uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint32_t march = (5 * of_year + 2) / 153;
	uint32_t date = of_year - (153 * march + 2) / 5 + 1;
	uint32_t month = march < 10 ? march + 3 : march - 9;
	uint32_t full = (uint32_t)((int64_t)year + era * 400 + (month <= 2));
	char *out = cache->date;

	out = put_two(out, full / 100 % 100);
	out = put_two(out, full % 100);
	*out++ = '-';
	out = put_two(out, month);
	*out++ = '-';
	out = put_two(out, date);
	*out = 'T';
	cache->day = day;
}

void export_text_day_init(struct export_text_day *day)
{
	set_day(day, 0);
}

static char *put_nine(char *out, uint32_t value)
{
	*out++ = (char)('0' + value / 100000000);
	value %= 100000000;
	out = put_two(out, value / 1000000);
	value %= 1000000;
	out = put_two(out, value / 10000);
	value %= 10000;
	out = put_two(out, value / 100);
	return put_two(out, value % 100);
}

char *export_text_time(char *out, int64_t ns, struct export_text_day *day)
{
	int64_t number = ns / NS_PER_DAY;
	int64_t in_day = ns % NS_PER_DAY;

	if (in_day < 0) {
		in_day += NS_PER_DAY;
		number--;
	}
	if (number != day->day)
		set_day(day, number);
	uint32_t seconds = (uint32_t)(in_day / BASE_NS_PER_SEC);
	uint32_t fraction = (uint32_t)(in_day % BASE_NS_PER_SEC);

	memcpy(out, day->date, sizeof(day->date));
	out = put_two(out + sizeof(day->date), seconds / 3600);
	*out++ = ':';
	out = put_two(out, seconds / 60 % 60);
	*out++ = ':';
	out = put_two(out, seconds % 60);
	*out++ = '.';
	out = put_nine(out, fraction);
	*out++ = 'Z';
	return out;
}

char *export_text_seconds(char *out, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	out = export_text_u64(out, (uint64_t)ns / BASE_NS_PER_SEC);
	*out++ = '.';
	return put_nine(out, (uint32_t)(ns % BASE_NS_PER_SEC));
}

char *export_text_tcp_flags(char *out, uint16_t flags)
{
	static const char letters[12] = "FSRPAUECNZYX";
	uint32_t rest = flags & 0xfff;

	while (rest) {
		unsigned int bit = 31 - (unsigned int)__builtin_clz(rest);
		*out++ = letters[bit];
		rest ^= 1U << bit;
	}
	return out;
}

/* Octets of the UTF-8 character at `text` (RFC 3629), 0 when it is none. NUL-terminated text. */
static unsigned int utf8_length(const unsigned char *text)
{
	unsigned int len;
	uint32_t code, least;

	if (text[0] < 0x80)
		return 1;
	if ((text[0] & 0xe0) == 0xc0) {
		len = 2, code = text[0] & 0x1f, least = 0x80;
	} else if ((text[0] & 0xf0) == 0xe0) {
		len = 3, code = text[0] & 0x0f, least = 0x800;
	} else if ((text[0] & 0xf8) == 0xf0) {
		len = 4, code = text[0] & 0x07, least = 0x10000;
	} else {
		return 0;
	}
	for (unsigned int i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	bool surrogate = code >= 0xd800 && code <= 0xdfff;
	return code < least || code > 0x10ffff || surrogate ? 0 : len;
}

/* Copies the character at *text, or U+FFFD for an octet that is none, and moves on. */
static char *put_utf8(char *out, const unsigned char **text)
{
	unsigned int len = utf8_length(*text);

	if (len == 0) {
		*text += 1;
		memcpy(out, "\xef\xbf\xbd", 3);
		return out + 3;
	}
	memcpy(out, *text, len);
	*text += len;
	return out + len;
}

char *export_text_json(char *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		if (*at == '"' || *at == '\\') {
			*out++ = '\\';
			*out++ = (char)*at++;
		} else if (*at < 0x20) {
			memcpy(out, "\\u00", 4);
			out[4] = hex_digits[*at >> 4];
			out[5] = hex_digits[*at & 15];
			out += 6;
			at++;
		} else {
			out = put_utf8(out, &at);
		}
	}
	return out;
}

char *export_text_csv(char *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	bool quoted = strpbrk(text, "\",") != NULL;

	if (quoted)
		*out++ = '"';
	while (*at) {
		if (*at < 0x20 || *at == 0x7f) {
			*out++ = ' ';
			at++;
			continue;
		}
		if (*at == '"')
			*out++ = '"';
		out = put_utf8(out, &at);
	}
	if (quoted)
		*out++ = '"';
	return out;
}
