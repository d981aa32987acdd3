/* SPDX-License-Identifier: BSD-3-Clause */
#include "base_clock.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

static int64_t clock_read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * BASE_NS_PER_SEC + ts.tv_nsec;
}

int64_t base_clock_mono_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

/* Wall minus monotonic at the first call; 0 until then (no host boots in 1970). */
static _Atomic int64_t wall_offset_ns;

static int64_t offset_get(void)
{
	/* relaxed: the value is its own message, nothing else is published with it */
	int64_t offset = atomic_load_explicit(&wall_offset_ns, memory_order_relaxed);

	if (offset != 0)
		return offset;
	offset = clock_read_ns(CLOCK_REALTIME) - clock_read_ns(CLOCK_MONOTONIC);
	int64_t none = 0;
	if (!atomic_compare_exchange_strong(&wall_offset_ns, &none, offset))
		offset = none; /* another thread was first: there is one offset */
	return offset;
}

int64_t base_clock_wall_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC) + offset_get();
}

int64_t base_clock_step_ns(void)
{
	int64_t now = clock_read_ns(CLOCK_REALTIME) - clock_read_ns(CLOCK_MONOTONIC);
	int64_t step = now - offset_get();

	/* the two reads are not one: what they are apart is not a step */
	return step > -BASE_NS_PER_MS && step < BASE_NS_PER_MS ? 0 : step;
}

/* Days since 1970-01-01 to a civil date, proleptic Gregorian: 400-year eras that begin in March. */
static void civil_from_days(int64_t days, int *year, unsigned int *month, unsigned int *day)
{
	days += 719468; /* 0000-03-01 */
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned int of_era = (unsigned int)(days - era * 146097);
	unsigned int year_of_era =
			(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned int shifted = (5 * of_year + 2) / 153; /* 0: March */

	*day = of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = (int)(era * 400 + year_of_era) + (*month <= 2);
}

static char *put_digits(char *out, uint32_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + digits;
}

size_t base_clock_format_iso(int64_t t_ns, char *out)
{
	int64_t sec = t_ns / BASE_NS_PER_SEC;
	int64_t ns = t_ns % BASE_NS_PER_SEC;

	if (ns < 0) {
		ns += BASE_NS_PER_SEC;
		sec--;
	}
	int64_t days = sec / 86400;
	int64_t of_day = sec % 86400;
	if (of_day < 0) {
		of_day += 86400;
		days--;
	}
	int year;
	unsigned int month, day;
	civil_from_days(days, &year, &month, &day); /* 64-bit ns cover 1677 to 2262: four digits */
	char *p = put_digits(out, (uint32_t)year, 4);
	*p++ = '-';
	p = put_digits(p, month, 2);
	*p++ = '-';
	p = put_digits(p, day, 2);
	*p++ = 'T';
	p = put_digits(p, (uint32_t)(of_day / 3600), 2);
	*p++ = ':';
	p = put_digits(p, (uint32_t)(of_day / 60 % 60), 2);
	*p++ = ':';
	p = put_digits(p, (uint32_t)(of_day % 60), 2);
	*p++ = '.';
	p = put_digits(p, (uint32_t)ns, 9);
	*p++ = 'Z';
	*p = '\0';
	return (size_t)(p - out);
}
