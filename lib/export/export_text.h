/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Values as text, appended at full speed: no printf, no locale, no allocation, no NUL.
 *
 * Each writer puts its octets at `out`, which has room for the most that the function can write
 * (EXPORT_TEXT_BYTES covers every one of fixed bound), and returns the end of what it wrote. Any
 * thread.
 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include "packet_meta.h"

#include <stddef.h>
#include <stdint.h>

/* The most that one value of bounded length takes: an IPv6 address with an embedded IPv4 one. */
#define EXPORT_TEXT_BYTES 46

/* The date that was written last, so that the calendar is computed once a day of records. */
struct export_text_day {
	int64_t day; /* since 1970-01-01 */
	char date[11]; /* "2026-11-21T" */
};

void export_text_day_init(struct export_text_day *day);

/* Decimal, 1 to 20 octets. */
char *export_text_u64(char *out, uint64_t value);
/* Always 16 lower-case hexadecimal digits. */
char *export_text_hex64(char *out, uint64_t value);
/* "10.1.4.17" */
char *export_text_ipv4(char *out, const uint8_t octets[4]);
/* RFC 5952, and the mixed form for ::ffff:0:0/96 and ::/96, as inet_ntop(3) prints them. */
char *export_text_ipv6(char *out, const uint8_t octets[16]);
/* ISO 8601 in UTC: "2026-11-21T01:30:00.000000000Z", always 30 octets; ns since 1970. */
char *export_text_time(char *out, int64_t ns, struct export_text_day *day);
/* Seconds with nine decimals: "0.000125000". A negative duration is written as 0. */
char *export_text_seconds(char *out, int64_t ns);
/*
 * The flag bits as letters, highest bit first: XYZN CEUAPRSF, where X, Y and Z are the reserved
 * bits 0x800, 0x400, 0x200 and N is 0x100 (AE, once NS). Nothing for 0. RFC 9293, RFC 9768.
 */
char *export_text_tcp_flags(char *out, uint16_t flags);

/*
 * `text` as the inside of a JSON string (RFC 8259): quotes, backslashes and control characters are
 * escaped, octets that are not UTF-8 become U+FFFD. At most 6 octets for each of `text`.
 */
char *export_text_json(char *out, const char *text);
/*
 * `text` as a CSV field (RFC 4180): quoted when it has to be. A control character becomes a space,
 * so that a record is one line whatever a name holds; octets that are not UTF-8 become U+FFFD. At
 * most 3 octets for each of `text` and 2 for the quotes.
 */
char *export_text_csv(char *out, const char *text);

#endif
