/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as people read them: SI for counts and rates (1.21 M), IEC for memory (4.0 GiB),
 * durations (12 d 4 h). Also the parsers of the same in a config: "100k", "4GiB", "15s". No locale.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for any text that this file makes. */
#define BASE_UNITS_BYTES 40

/* Each writes at most BASE_UNITS_BYTES octets with the NUL into `out` and returns `out`. */
char *base_units_count(uint64_t value, char *out); /* 912, 88.4 k, 1.21 M */
char *base_units_exact(uint64_t value, char *out); /* 1,234,567 */
char *base_units_bytes_si(uint64_t bytes, char *out); /* 41 B, 1.20 GB: traffic */
char *base_units_bytes_iec(uint64_t bytes, char *out); /* 4.0 GiB: memory */
char *base_units_rate(double per_second, const char *unit, char *out); /* 8.42 Mpkt/s */
char *base_units_duration(int64_t ns, char *out); /* 61 ms, 7 min 0 s, 12 d 4 h */

/* 0, or -EINVAL when the text is not of the form, or -ERANGE when it does not fit. */
int base_units_parse_count(
		const char *text, uint64_t *value); /* 64, 100k, 4M, 1G (powers of 1000) */
int base_units_parse_bytes(const char *text, uint64_t *bytes); /* 512, 64KiB, 4GiB, 100MB */
int base_units_parse_duration(const char *text, int64_t *ns); /* 100ms, 15s, 2min, 1h, 1d */

#endif
