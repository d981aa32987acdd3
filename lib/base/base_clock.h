/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time. Everything that expires uses base_clock_mono_ns(); what a record says is
 * base_clock_wall_ns(), which is monotonic time plus an offset fixed at start, so that a step of
 * the wall clock makes no flow negative or immortal. Nanoseconds, signed 64 bits.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#define BASE_NS_PER_US INT64_C(1000)
#define BASE_NS_PER_MS INT64_C(1000000)
#define BASE_NS_PER_SEC INT64_C(1000000000)

/* Octets of "2026-01-02T03:04:05.123456789Z" with its NUL. */
#define BASE_CLOCK_ISO_BYTES 31

/* CLOCK_MONOTONIC. Any thread; no system call where the kernel has a vDSO. */
int64_t base_clock_mono_ns(void);

/*
 * Nanoseconds since 1970 UTC that never go back: monotonic time plus the offset of the first call.
 * Any thread.
 */
int64_t base_clock_wall_ns(void);

/*
 * How far the system's wall clock has stepped away from base_clock_wall_ns(), in ns (0: not at all;
 * slewing moves both). Any thread.
 */
int64_t base_clock_step_ns(void);

/*
 * Writes t_ns as ISO 8601 in UTC with nanoseconds and a NUL; `out` holds BASE_CLOCK_ISO_BYTES.
 * Every 64-bit time has a four-digit year (1677 to 2262). Returns the length without the NUL,
 * always BASE_CLOCK_ISO_BYTES - 1. Any thread, no locale, no allocation.
 */
size_t base_clock_format_iso(int64_t t_ns, char *out);

/*
 * A counter that runs at a fixed rate of the CPU's own, for the cost of code: the TSC, else
 * nanoseconds. Not ordered with the code around it beyond some tens of cycles.
 */
static inline uint64_t base_clock_cycles(void)
{
#ifdef __x86_64__
	return __rdtsc();
#else
	return (uint64_t)base_clock_mono_ns();
#endif
}

#endif
