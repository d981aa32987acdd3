/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_units.h"

#include "base_cacheline.h"
#include "base_clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char si_prefix[] = {' ', 'k', 'M', 'G', 'T', 'P', 'E'};

/*
 * Three significant digits or so: 912, 88.4, 1.21. Rounds up to the next prefix where the digits
 * would read 1000.
 */
static int scale(double value, double base, int *prefix)
{
	*prefix = 0;
	while (*prefix < 6 && value >= base * 0.9995) {
		value /= base;
		(*prefix)++;
	}
	if (*prefix == 0)
		return 0;
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

static double divided(double value, double base, int prefix)
{
	while (prefix-- > 0)
		value /= base;
	return value;
}

static char *scaled(double value, double base, const char *unit, const char *infix, char *out)
{
	int prefix;
	int digits = scale(value, base, &prefix);

	value = divided(value, base, prefix);
	if (prefix == 0 && unit[0] == '\0')
		snprintf(out, BASE_UNITS_BYTES, "%.0f", value);
	else if (prefix == 0)
		snprintf(out, BASE_UNITS_BYTES, "%.0f %s", value, unit);
	else
		snprintf(out, BASE_UNITS_BYTES, "%.*f %c%s%s", digits, value, si_prefix[prefix],
				infix, unit);
	return out;
}

char *base_units_count(uint64_t value, char *out)
{
	return scaled((double)value, 1000, "", "", out);
}

char *base_units_exact(uint64_t value, char *out)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

char *base_units_bytes_si(uint64_t bytes, char *out)
{
	return scaled((double)bytes, 1000, "B", "", out);
}

char *base_units_bytes_iec(uint64_t bytes, char *out)
{
	double value = (double)bytes;
	int prefix = 0;

	while (prefix < 6 && value >= 1023.95) {
		value /= 1024;
		prefix++;
	}
	if (prefix == 0)
		snprintf(out, BASE_UNITS_BYTES, "%.0f B", value);
	else
		snprintf(out, BASE_UNITS_BYTES, "%.1f %ciB", value, "BKMGTPE"[prefix]);
	return out;
}

char *base_units_rate(double per_second, const char *unit, char *out)
{
	char with_second[BASE_UNITS_BYTES];

	snprintf(with_second, sizeof(with_second), "%s/s", unit);
	return scaled(per_second < 0 ? 0 : per_second, 1000, with_second, "", out);
}

char *base_units_duration(int64_t ns, char *out)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t t = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	uint64_t sec = t / (uint64_t)BASE_NS_PER_SEC;

	if (t < 1000)
		snprintf(out, BASE_UNITS_BYTES, "%s%llu ns", sign, (unsigned long long)t);
	else if (t < 1000 * 1000)
		snprintf(out, BASE_UNITS_BYTES, "%s%llu us", sign, (unsigned long long)t / 1000);
	else if (sec == 0)
		snprintf(out, BASE_UNITS_BYTES, "%s%llu ms", sign, (unsigned long long)t / 1000000);
	else if (sec < 10)
		snprintf(out, BASE_UNITS_BYTES, "%s%.2f s", sign, (double)t / 1e9);
	else if (sec < 60)
		snprintf(out, BASE_UNITS_BYTES, "%s%.1f s", sign, (double)t / 1e9);
	else if (sec < 3600)
		snprintf(out, BASE_UNITS_BYTES, "%s%llu min %llu s", sign,
				(unsigned long long)sec / 60, (unsigned long long)sec % 60);
	else if (sec < 86400)
		snprintf(out, BASE_UNITS_BYTES, "%s%llu h %llu min", sign,
				(unsigned long long)sec / 3600, (unsigned long long)sec / 60 % 60);
	else
		snprintf(out, BASE_UNITS_BYTES, "%s%llu d %llu h", sign,
				(unsigned long long)sec / 86400,
				(unsigned long long)sec / 3600 % 24);
	return out;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* "<digits>[.<digits>]<unit>"; a fraction must come out whole. */
static int parse_scaled(const char *text, const struct unit *units, size_t count, uint64_t *value)
{
	uint64_t mantissa = 0, divisor = 1;
	const char *p = text;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (bool fraction = false; (*p >= '0' && *p <= '9') || (*p == '.' && !fraction); p++) {
		if (*p == '.') {
			if (p[1] < '0' || p[1] > '9')
				return -EINVAL;
			fraction = true;
			continue;
		}
		if (__builtin_mul_overflow(mantissa, UINT64_C(10), &mantissa)
				|| __builtin_add_overflow(mantissa, (uint64_t)(*p - '0'), &mantissa)
				|| (fraction
						&& __builtin_mul_overflow(
								divisor, UINT64_C(10), &divisor)))
			return -ERANGE;
	}
	while (*p == ' ')
		p++;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		unsigned __int128 product = (unsigned __int128)mantissa * units[i].factor;
		if (product % divisor != 0)
			return -EINVAL;
		product /= divisor;
		if (product > UINT64_MAX)
			return -ERANGE;
		*value = (uint64_t)product;
		return 0;
	}
	return -EINVAL;
}

int base_units_parse_count(const char *text, uint64_t *value)
{
	static const struct unit units[] = {
			{"", 1},
			{"k", 1000},
			{"K", 1000},
			{"M", 1000000},
			{"G", 1000000000},
	};

	return parse_scaled(text, units, BASE_COUNT_OF(units), value);
}

int base_units_parse_bytes(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
			{"", 1},
			{"B", 1},
			{"kB", 1000},
			{"KB", 1000},
			{"MB", 1000000},
			{"GB", 1000000000},
			{"TB", 1000000000000},
			{"KiB", UINT64_C(1) << 10},
			{"MiB", UINT64_C(1) << 20},
			{"GiB", UINT64_C(1) << 30},
			{"TiB", UINT64_C(1) << 40},
	};

	return parse_scaled(text, units, BASE_COUNT_OF(units), bytes);
}

int base_units_parse_duration(const char *text, int64_t *ns)
{
	static const struct unit units[] = {
			{"ns", 1},
			{"us", 1000},
			{"ms", 1000000},
			{"s", 1000000000},
			{"min", UINT64_C(60000000000)},
			{"h", UINT64_C(3600000000000)},
			{"d", UINT64_C(86400000000000)},
	};
	uint64_t value;
	int rc = parse_scaled(text, units, BASE_COUNT_OF(units), &value);

	if (rc < 0)
		return rc;
	if (value > INT64_MAX)
		return -ERANGE;
	*ns = (int64_t)value;
	return 0;
}
